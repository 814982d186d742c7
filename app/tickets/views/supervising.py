"""Directives, meetings and suggested escalations on the pages of a ticket."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts.roles import Actor
from app.core import clock, locale
from app.core.locale import spoken as _
from app.core.pieces import Light
from app.tickets import clocks, policy
from app.tickets import service as tickets
from app.tickets.forms.steps import StepForm
from app.tickets.forms.steps.supervising import MeetingForm
from app.tickets.models import LeaderDirective, SupervisionNote, Ticket
from app.tickets.queries import Reading, supervision
from app.tickets.service.guards import meeting
from app.tickets.views import beginnings
from app.tickets.views.now import word
from app.tickets.views.stages import shown
from app.tickets.workflow.codes import EscalationLevel, EscalationReason
from app.tickets.workflow.states import OPEN, Event, Note, NoteLevel, Status

SHORT = 2  # working days that a directive has; yellow as a short limit


def _direct(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.give_directive(ticket, form.given().comment, actor=actor)


def _answer(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    found = supervision.directive(ticket, form["directive_id"].data)
    tickets.answer_directive(found, form.given().comment, actor=actor)


def _meet(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    assert isinstance(form, MeetingForm)  # noqa: S101 - it is the form of this name
    tickets.hold_meeting(ticket, form.meeting(), actor=actor)


#: What is carried out beside the steps.
BESIDE: dict[str, Callable[[Ticket, StepForm, Actor], None]] = {
    Note.DIRECTED: _direct,
    Note.DIRECTIVE_ANSWERED: _answer,
    Note.MEETING: _meet,
}


def dispatching(ticket: Ticket) -> dict[str, Any]:
    """Return what a dispatch starts from: after a meeting, the unit that it named."""
    start = beginnings.dispatching(ticket)
    settled = meeting.held(ticket)
    if settled is None:
        return start
    lead = settled.lead_unit_id
    others = [one for one in start.get("co_unit_ids", []) if one != lead]
    return start | {"lead_unit_id": lead, "co_unit_ids": others}


def reassigning(ticket: Ticket) -> dict[str, Any]:
    """Return what a reassignment starts from: after another meeting, the unit that it named."""
    settled = meeting.held(ticket)
    return {} if settled is None else {"lead_unit_id": settled.lead_unit_id}


def escalating(ticket: Ticket) -> dict[str, Any]:
    """Return the proposal that an unanswered red note suggests, for the director to judge."""
    red = unanswered_red(ticket)
    if red is None:
        return {}
    unit = ticket.lead_unit
    words = _("红色督办单%(at)s发出，至今没有答复，建议提级办理。", at=locale.moment(red.raised_at))
    return {
        "reason": EscalationReason.RED_UNANSWERED,
        "level": EscalationLevel(str(min(ticket.escalation_level + 1, supervision.HIGHEST))),
        "owner_id": unit.in_charge_id if unit else None,
        "comment": words,
    }


def _meeting_on(_ticket: Ticket) -> dict[str, Any]:
    return {"held_on": clock.today()}


#: What forms start from.
STARTS: dict[str, Callable[[Ticket], dict[str, Any]]] = {
    Event.DISPATCH: dispatching,
    Event.REASSIGN: reassigning,
    Event.ESCALATE: escalating,
    Note.MEETING: _meeting_on,
}


def unanswered_red(ticket: Ticket) -> SupervisionNote | None:
    """Return the red note of the present deadline while nobody answered it."""
    if ticket.status is not Status.IN_PROGRESS:
        return None
    for note in ticket.supervision_notes:
        current = note.of_due_at == ticket.due_at and note.answered_at is None
        if current and note.level is NoteLevel.RED:
            return note
    return None


def settled(ticket: Ticket, _reading: Reading) -> list[str]:
    """Return the sentence of the dispatch form about the meeting that settled whose it is."""
    found = meeting.held(ticket)
    if found is None:
        return []
    return [
        _(
            "会商定责（%(day)s）：由%(unit)s主办，不能再退。",
            day=locale.day(clock.local(found.held_at).date()),
            unit=found.lead_unit.name,
        )
    ]


def directing(ticket: Ticket, reading: Reading) -> list[str]:
    """Return until when a directive that is given now must be answered, and by whom."""
    due = clocks.after(
        reading.calendar, reading.now, reading.parameters.note_answer_workdays
    ).due_at
    who = ticket.lead_unit.name if ticket.lead_unit else _("营商办")
    return [_("%(who)s最迟%(due)s答复。", who=who, due=locale.moment(due))]


def returned(ticket: Ticket, reading: Reading) -> list[str]:
    """Return why a meeting is due, or what the last one settled."""
    told = [_("这件已经退过 %(n)s 次。", n=ticket.return_count)]
    return [*told, *settled(ticket, reading)]


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive and its answer, as the page of a ticket shows it."""

    who: str
    text: str
    given_at: datetime
    due_at: datetime
    light: Light | None
    answer: str
    answered_by: str
    answered_at: datetime | None
    was_late: bool


def directives(ticket: Ticket, reading: Reading, viewer: Actor) -> list[Directive]:
    """Return the directives on a ticket, the newest first; to the enterprise, none."""
    if not ticket.leader_directive or policy.is_outside(viewer):
        return []
    return [_directive(one, ticket.status, reading) for one in supervision.directives_of(ticket.id)]


def _directive(one: LeaderDirective, status: Status, reading: Reading) -> Directive:
    light = clocks.beside_light(
        status,
        one.due_at,
        SHORT,
        calendar=reading.calendar,
        parameters=reading.parameters,
        now=reading.now,
    )
    return Directive(
        who=f"{one.by.name} {one.by.post}".strip(),
        text=one.text,
        given_at=one.given_at,
        due_at=one.due_at,
        light=None if one.answered_at else shown(light),
        answer=one.answer,
        answered_by=one.answered_by.name if one.answered_by else "",
        answered_at=one.answered_at,
        was_late=one.answered_at is not None and one.answered_at > one.due_at,
    )


def late(note: SupervisionNote, reading: Reading) -> str:
    """Return how late the answer to a note is, or was; nothing while it is in time."""
    until = note.answered_at or reading.now
    rests = note.answered_at is None and not note.ticket.is_running
    if rests or until <= note.answer_due_at:
        return ""
    light = clocks.running_light(
        note.answer_due_at,
        clock.local(note.answer_due_at).date(),
        calendar=reading.calendar,
        now=until,
    )
    return word(light)


@dataclass(frozen=True, slots=True)
class Waited:
    """How long the enterprise has waited, and how often its problem was passed back."""

    days: str
    returns: str


def waited(ticket: Ticket, viewer: Actor) -> Waited | None:
    """Return the days since the enterprise first spoke, while the ticket is open."""
    if ticket.status not in OPEN:
        return None
    n = (clock.today() - ticket.first_heard_on).days
    days = _("企业第一次反映至今 %(n)s 天", n=n) if n else _("企业今天第一次反映")
    returned = ticket.return_count and not policy.is_outside(viewer)
    return Waited(days, _("退单 %(n)s 次", n=ticket.return_count) if returned else "")
