"""What a part of a worklist is asked for as: whose rows, under which words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam

from app.core.db import UtcDateTime
from app.desk.queries.parts import SHOWN, SHOWN_BESIDE
from app.tickets.workflow.states import Status

EDIT = "edit"  # not a step: going on with one's draft
Verbs = Mapping[Status, tuple[str, str]]


class Kind(StrEnum):
    """What the rows of a part are rows of."""

    TICKETS = "tickets"
    DECISIONS = "decisions"
    CO_TASKS = "co_tasks"
    NOTES = "notes"
    DIRECTIVES = "directives"
    VISITS = "visits"
    EXEMPTIONS = "exemptions"
    SERVICE_DAYS = "service_days"
    HANDOVERS = "handovers"
    LETTERS = "letters"
    SPOT_CHECKS = "spot_checks"


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """One part of a worklist: what belongs in it and what one does with its rows.

    `where` are conditions of which no ticket meets two, so that each is read by an index of
    its own. `verbs` names, per status, the word on the button and the page of the step; without
    it one only looks. `watched`: the light and the order are those of the handling clock, not of
    one's own move. Where the rows are not tickets, `about` is what their ticket has to meet.
    """

    key: str
    title: str
    kind: Kind
    where: tuple[ColumnElement[bool], ...] = ()
    about: ColumnElement[bool] | None = None
    is_mine: bool = True
    watched: bool = False
    hot: bool = False
    sub: str = ""
    nothing: str = ""
    verbs: Verbs = field(default_factory=dict)
    verb: str = ""
    register: Mapping[str, str] | None = None  # the filter that shows all of them

    @property
    def shown(self) -> int:
        """How many rows are shown; the card that opens the page is about one's own work."""
        return SHOWN if self.is_mine else SHOWN_BESIDE


@dataclass(frozen=True, slots=True)
class Moment:
    """The day, and the moments that a statement is given when it runs.

    `soon` ends the day until which a short clock is yellow; an answer after `lately` is news.
    """

    today: date
    now: ColumnElement[datetime] = field(default_factory=lambda: _given("now"))
    soon: ColumnElement[datetime] = field(default_factory=lambda: _given("soon"))
    lately: ColumnElement[datetime] = field(default_factory=lambda: _given("lately"))


def _given(name: str) -> ColumnElement[datetime]:
    return bindparam(name, type_=UtcDateTime)
