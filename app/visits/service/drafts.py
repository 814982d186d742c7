"""A visit as it was told, before it is a row."""

from dataclasses import dataclass
from datetime import date, time

from app.attachments.service import Prepared
from app.tickets.workflow.states import Urgency
from app.visits.models import Mode, PromiseState, Running, StillFine, Theme, VisitOutcome


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that was heard on a visit; it becomes a ticket.

    `done_on_site` says what was done where it was solved there and then.
    """

    title: str
    description: str
    wish: str = ""
    category_id: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    urgency: Urgency = Urgency.NORMAL
    complained_unit_id: int | None = None
    no_secrets: bool = False
    done_on_site: str = ""
    files: tuple[Prepared, ...] = ()


@dataclass(frozen=True, slots=True)
class FinancingDraft:
    """Money that the enterprise looks for."""

    amount_wan: float
    term: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class LaborDraft:
    """People that the enterprise wants to hire."""

    headcount: int
    posts: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """How an earlier promise stands; `place` is where it was asked on the form."""

    promise_id: int
    state: PromiseState
    note: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the enterprise says of a problem that was closed; `place` as above."""

    ticket_id: int
    answer: StillFine
    note: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class VisitDraft:
    """One call on one enterprise or project, as somebody tells it.

    Each line of `promises` is one, and `promises_due_on` is the day for all of them.
    """

    visited_on: date
    mode: Mode
    outcome: VisitOutcome = VisitOutcome.VISITED
    theme: Theme | None = None
    enterprise_id: int | None = None
    project_id: int | None = None
    visitor_ids: tuple[int, ...] = ()
    began_at: time | None = None
    ended_at: time | None = None
    persons_met: str = ""
    running: Running = Running.NORMAL
    orders: str = ""
    output_wan: float | None = None
    revenue_wan: float | None = None
    employees: int | None = None
    policies: str = ""
    opinions: str = ""
    solved_on_site: str = ""
    suggestions: str = ""
    promises: str = ""
    promises_due_on: date | None = None
    confirmed_by_firm: bool = False
    campaign_id: int | None = None
    document_ids: tuple[int, ...] = ()
    financing: tuple[FinancingDraft, ...] = ()
    labor: tuple[LaborDraft, ...] = ()
    ticks: tuple[Tick, ...] = ()
    asked: tuple[Asked, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[Prepared, ...] = ()
