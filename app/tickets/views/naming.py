"""What the pages say of the named few of a confidential ticket, and carrying their forms out."""

from collections.abc import Callable, Sequence

from app.accounts.roles import Actor
from app.tickets import policy
from app.tickets import service as tickets
from app.tickets.forms.steps import StepForm
from app.tickets.models import Ticket
from app.tickets.queries import readers
from app.tickets.queries.readers import Reader
from app.tickets.workflow.states import Note


def panel(ticket: Ticket, viewer: Actor) -> Sequence[Reader]:
    """Return who may read a confidential ticket; the enterprise is not told."""
    return () if policy.is_outside(viewer) else readers.of(ticket)


def _make_confidential(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.make_confidential(ticket, form.given().comment, form["reader_id"].data, actor=actor)


def _make_open(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.make_open(ticket, form.given().comment, actor=actor)


def _add_reader(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.add_reader(ticket, form["reader_id"].data, form.given().comment, actor=actor)


def _end_reader(ticket: Ticket, form: StepForm, actor: Actor) -> None:
    tickets.end_reader(ticket, form["reader_id"].data, form.given().comment, actor=actor)


BESIDE: dict[str, Callable[[Ticket, StepForm, Actor], None]] = {
    Note.MADE_CONFIDENTIAL: _make_confidential,
    Note.MADE_OPEN: _make_open,
    Note.READER_ADDED: _add_reader,
    Note.READER_ENDED: _end_reader,
}
