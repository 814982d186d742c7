"""One page for each step: what it asks, and carrying it out."""

from collections.abc import Callable
from typing import Any, cast

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.roles import Actor
from app.attachments import service as attachments
from app.core import clock
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.http import done_before, reader, submitted
from app.core.i18n import N_
from app.core.locale import spoken as _
from app.core.locale import translated
from app.tickets import policy, queries
from app.tickets import service as tickets
from app.tickets.forms.steps import FORMS, AttachForm, LiftForm, StepForm
from app.tickets.models import Ticket
from app.tickets.service import Kind, StepInput
from app.tickets.views import (
    alike,
    answering,
    beginnings,
    hints,
    joint,
    naming,
    presence,
    script,
    stages,
    supervising,
    timeline,
    words,
)
from app.tickets.views.actions import REVISITS
from app.tickets.views.blueprint import bp, reading
from app.tickets.workflow import table
from app.tickets.workflow.states import Event, Note

#: What may be asked for, by some or in some rounds.
ASKED = frozenset(row.event.value for row in table.TABLE if row.two_person or row.lifts)
#: Where one must have read the answer.
#: The steps that begin from what an enterprise said, or end with it.
OF_THE_RATING = frozenset(
    {*REVISITS, Event.CLOSE_UNSATISFIED, Event.CLOSE_UNREACHABLE, Event.REOPEN}
)
OF_THE_REPLY = frozenset({Event.APPROVE_REPLY, Event.RETURN_REPLY, *REVISITS})


@bp.get("/<int:ticket_id>/steps/<name>")
def step(ticket_id: int, name: str) -> ResponseReturnValue:
    """Show the form of one step, where the viewer may take it now."""
    return fresh(queries.get(ticket_id, viewer=current_user), name)


def fresh(ticket: Ticket, name: str, *, reveal: bool = False) -> str:
    """Return the page of a step with an empty form; raise what stands against the step.

    With `reveal`, the telephone number beside it is whole: whoever asks for that is written down.
    """
    asks = _asks(ticket, name)
    shape = _class(name, asks=asks)
    _check_offered(ticket, name)
    form = shape(formdata=None, version=ticket.version, **_begun(ticket, name))
    return _page(ticket, name, form, asks=asks, reveal=reveal)


@bp.post("/<int:ticket_id>/steps/<name>")
def take_step(ticket_id: int, name: str) -> ResponseReturnValue:
    """Carry out a step as its form says."""
    again = done_before() if name in joint.GIVE_AWAY else None
    if again is not None:
        return again
    ticket = queries.to_act_on(ticket_id, viewer=current_user)
    if name in OF_THE_RATING and not _reads_rating(ticket):
        _check_offered(ticket, name)  # a form that is wrong is shown again, beside what was said
    asks = _asks(ticket, name)
    form = _filled(_class(name, asks=asks), ticket)
    if not form.judges:
        form.offer(queries.options(form.needs, ticket, viewer=current_user))

    def work() -> str:
        tickets.check_version(ticket, form.version.data)
        _carry_out(ticket, name, form, asks=asks)
        return joint.leads_to(ticket, name, current_user)

    def page() -> str:
        now = queries.get(ticket_id, viewer=current_user)
        return _page(now, name, form, asks=asks)

    done = _("已提出，等待决定。") if asks else _("%(what)s：已记下。", what=_verb(name, asks=asks))
    return submitted(form, work, page=page, flash=done)


def _reads_rating(ticket: Ticket) -> bool:
    """Tell whether the viewer may read what revisitors wrote down: nobody outside, nor rated."""
    return not policy.is_outside(current_user) and policy.sees_rating(current_user, ticket.id)


def _class(name: str, *, asks: bool) -> type[StepForm]:
    """Return the form of a step; a name that is no step is no page."""
    if name == Event.REVISIT_REWORK and asks:
        return LiftForm
    if name not in FORMS:
        raise NotFound(N_("没有这个操作。"))
    return FORMS[name]


def _filled(shape: type[StepForm], ticket: Ticket) -> StepForm:
    """Return the form as it was sent; files go with it for this person and ticket alone."""
    if issubclass(shape, AttachForm):
        return shape(whose=current_user.user_id, bound_to=f"ticket {ticket.id}")
    return shape()


def _check_offered(ticket: Ticket, name: str) -> None:
    """Raise what stands against the step: no such page, the wrong moment, or not this person's."""
    if name == Note.ATTACHED:
        policy.check_may_attach(current_user, ticket)
        return
    names = REVISITS if name in REVISITS else (name,)
    found = [
        offer
        for offer in tickets.offers(ticket, actor=current_user)
        if offer.name in names and offer.kind is not Kind.DECIDE
    ]
    if any(offer.refusal is None for offer in found):
        return
    for offer in found:
        if offer.refusal:
            raise offer.refusal
    if name in set(Event):
        table.step(ticket.status, Event(name))
    raise NotAllowed(N_("您现在不能对这件企业问题这样做。"))


def _asks(ticket: Ticket, name: str) -> bool:
    """Tell whether the step is only asked for here, for another person to decide on."""
    if name not in ASKED:
        return False
    kinds = {o.kind for o in tickets.offers(ticket, actor=current_user) if o.name == name}
    if kinds & {Kind.ASK, Kind.TAKE}:
        return Kind.TAKE not in kinds
    rows = [row for row in table.TABLE if row.event == name]
    return any(row.two_person or _lifts(row) for row in rows)


def _lifts(row: table.Step) -> bool:
    return row.lifts is not None and current_user.role in row.lifts[0]


def _begun(ticket: Ticket, name: str) -> dict[str, Any]:
    """Return what a form starts from: what is known, or what the catalogue proposes."""
    starts = _STARTS.get(name)
    return starts(ticket) if starts else {}


def _contacting(ticket: Ticket) -> dict[str, Any]:
    here = clock.local(clock.now()).replace(second=0, microsecond=0, tzinfo=None)
    return {"at": here, "person": ticket.contact_name}


_STARTS: dict[str, Callable[[Ticket], dict[str, Any]]] = {
    Event.ACCEPT: beginnings.accepting,
    Event.CLOSE_ON_SITE: beginnings.closing_on_site,
    Event.MERGE: alike.merging,
    Event.SUBMIT_REPLY: answering.begin,
    Event.FIRST_CONTACT: _contacting,
    Event.SIGN: lambda ticket: {"handler_id": ticket.handler_id},
    Note.ASSIGNED: lambda ticket: {"handler_id": ticket.handler_id},
    **supervising.STARTS,
}


def _carry_out(ticket: Ticket, name: str, form: StepForm, *, asks: bool) -> None:
    """Do what the form says, as the person at the screen."""
    beside = _BESIDE.get(name)
    if beside:
        beside(ticket, form, cast("Actor", current_user))
    elif asks:
        tickets.propose(ticket, Event(name), form.given(), actor=current_user)
    elif name in REVISITS:
        tickets.revisit(ticket, form.given(), actor=current_user)
    else:
        tickets.take(ticket, Event(name), form.given(), actor=current_user)


def _urge(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.urge(ticket, form.given().comment, actor=actor)


def _assign(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.assign_handler(ticket, form.given().handler_id, actor=actor)


def _answer_co_task(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    task = queries.co_task(ticket, form["co_task_id"].data)
    tickets.answer_co_task(task, form.given().comment, actor=actor)


def _waive_co_task(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    task = queries.co_task(ticket, form["co_task_id"].data)
    tickets.waive_co_task(task, form.given().comment, actor=actor)


def _answer_supervision(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    note = queries.supervision_note(ticket, form["note_id"].data)
    tickets.answer_supervision(note, form.given().comment, actor=actor)


def _renew(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    given: StepInput = form.given()
    tickets.renew_suspension(ticket, given.next_review_on, given.comment, actor=actor)


def _attach(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    assert isinstance(form, AttachForm)  # noqa: S101 - it is the form of this name
    policy.check_may_attach(actor, ticket)
    if not form.chosen():
        raise Invalid(N_("请选要添加的文件。"), field="files")
    for prepared in form.chosen():
        attachments.attach(
            prepared,
            ticket_id=ticket.id,
            actor=actor,
            hidden=tickets.is_for_few(ticket),
            for_enterprise=form.for_enterprise.data,
        )
    tickets.note_attachment(ticket, [one.name for one in form.chosen()], actor=actor)


def _comment(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    mentions = [id_ for id_ in form["mentions"].data or () if id_]
    tickets.comment(ticket, form.given().comment, mentions, actor=actor)


_BESIDE: dict[str, Callable[[Ticket, StepForm, Actor], None]] = {
    Note.COMMENTED: _comment,
    Note.URGED: _urge,
    Note.ASSIGNED: _assign,
    Note.CO_SUBMITTED: _answer_co_task,
    Note.CO_WAIVED: _waive_co_task,
    **joint.BESIDE,
    Note.SUPERVISION_ANSWERED: _answer_supervision,
    Note.RENEWED: _renew,
    Note.ATTACHED: _attach,
    **naming.BESIDE,
    **supervising.BESIDE,
}


def _verb(name: str, *, asks: bool) -> str:
    return translated(words.ASKS[name] if asks else words.VERBS[name])


def _page(ticket: Ticket, name: str, form: StepForm, *, asks: bool, reveal: bool = False) -> str:
    """Render the form; where the ticket moved on meanwhile, with what happened."""
    moved = form.version.data is not None and form.version.data != ticket.version
    if moved:
        form.renew(ticket.version)
    if isinstance(form, AttachForm):
        form.carry_files()
    form.offer(queries.options(form.needs, ticket, viewer=current_user))
    by = reading()
    return render_template(
        "tickets/step.html",
        ticket=ticket,
        name=name,
        form=form,
        title=_verb(name, asks=asks),
        verb=str(form.verb) or _verb(name, asks=asks),
        hints=hints.hints(ticket, name, by),
        light=stages.light(ticket, by),
        **alike.beside(ticket, name, form),
        **answering.beside(ticket, name, form),
        reply=ticket.replies[-1] if name in OF_THE_REPLY and ticket.replies else None,
        newest=timeline.newest(ticket, reader()) if moved else "",
        **(script.beside(ticket, reader(), reveal=reveal) if name in REVISITS and not asks else {}),
        presence_said=presence.sentences,
    )
