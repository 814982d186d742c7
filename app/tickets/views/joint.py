"""Handling together: what the forms of co-units, handing over and splitting do; and the family."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for

from app.accounts.roles import Actor
from app.core import locale
from app.core.locale import translated
from app.core.pieces import Light
from app.tickets import policy, queries
from app.tickets import service as tickets
from app.tickets.forms.steps import StepForm
from app.tickets.forms.steps.joint import SplitForm
from app.tickets.models import CoTask, Ticket
from app.tickets.queries import Reading, TicketPage
from app.tickets.queries.family import family
from app.tickets.views.stages import shown
from app.tickets.workflow.states import Note


def _task(ticket: Ticket, form: StepForm) -> CoTask:
    return queries.co_task(ticket, form["co_task_id"].data)


def _accept(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.accept_co_task(_task(ticket, form), form.given().comment, actor=actor)


def _return(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.return_co_task(_task(ticket, form), form.given().comment, actor=actor)


def _assign(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    given = form.given()
    task = _task(ticket, form)
    tickets.assign_co_handler(task, given.handler_id, given.comment, actor=actor)


def _add(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.add_co_unit(ticket, form["unit_id"].data, form.given().comment, actor=actor)


def _hand_over(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    given = form.given()
    tickets.hand_over(ticket, given.handler_id, given.comment, actor=actor)


def _split(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    assert isinstance(form, SplitForm)  # noqa: S101 - it is the form of this name
    tickets.split(ticket, form.parts(), actor=actor)


BESIDE: dict[str, Callable[[Ticket, StepForm, Actor], None]] = {
    Note.CO_ACCEPTED: _accept,
    Note.CO_RETURNED: _return,
    Note.CO_ASSIGNED: _assign,
    Note.CO_OPENED: _add,
    Note.HANDED_OVER: _hand_over,
    Note.SPLIT: _split,
}

#: After these, the ticket may be none of the actor's any more.
GIVE_AWAY = frozenset({Note.HANDED_OVER})


def leads_to(ticket: Ticket, name: str, actor: Actor) -> str:
    """Return the page after a step: the ticket, or the worklist of who gave it away."""
    if name in GIVE_AWAY and not policy.may_see(actor, ticket):
        return url_for("desk.index")
    return url_for("tickets.detail", ticket_id=ticket.id)


@dataclass(frozen=True, slots=True)
class Relative:
    """A ticket of the same family, as `ui.row` prints it."""

    url: str
    number: str
    title: str
    unit: str
    status: str
    ring: int
    is_paused: bool
    is_parent: bool
    light: Light | None
    due: str


def relatives(page: TicketPage, viewer: Actor, reading: Reading) -> list[Relative]:
    """Return the ticket that it was split from, and the other parts."""
    kinds = frozenset(event.kind for event in page.events)
    return [
        Relative(
            url=url_for("tickets.detail", ticket_id=one.id),
            number=one.number,
            title=one.title,
            unit=one.unit,
            status=translated(one.status_label),
            ring=one.ring,
            is_paused=one.is_paused,
            is_parent=one.is_parent,
            light=shown(one.light),
            due=locale.moment(one.due_at) if one.due_at else "",
        )
        for one in family(page.ticket, kinds, viewer=viewer, reading=reading)
    ]
