"""The lists that the forms of a ticket offer a choice from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import UnitKind
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.locale import translated
from app.tickets import policy
from app.tickets.models import CoTask, CoTaskState, SupervisionNote, Ticket
from app.tickets.queries import catalogue
from app.tickets.workflow.states import UNCOUNTED, Status

Option = tuple[int, str]
HANDLING_UNITS = (UnitKind.OFFICE, UnitKind.DEPT, UnitKind.VERTICAL, UnitKind.COUNTY_DEPT, UnitKind.VILLAGE)
MOST_TWINS = 30  # tickets of one enterprise, the newest


class Need(StrEnum):
    """A list that a form offers a choice from."""

    CATEGORIES = "categories"
    SUBCATEGORIES = "subcategories"
    UNITS = "units"
    PEOPLE = "people"  # of the lead unit
    LEADERS = "leaders"
    TWINS = "twins"  # other tickets of the same enterprise
    CO_TASKS = "co_tasks"  # that wait for an opinion
    NOTES = "notes"  # supervision notes that wait for an answer


Options = Mapping[Need, Sequence[Option]]


def options(needs: Iterable[Need], ticket: Ticket, *, viewer: Actor) -> Options:
    """Return the lists that a form about `ticket` needs; one statement for each."""
    return {need: _LISTS[need](ticket, viewer) for need in needs}
