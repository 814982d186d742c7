"""A visit as it was told, before it is a row."""

from dataclasses import dataclass
from datetime import date, time

from app.attachments.service import Prepared
from app.tickets.workflow.states import Urgency
from app.visits.models import Mode, Running


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that was heard on a visit; it becomes a ticket."""

    title: str
    description: str
    wish: str = ""
    category_id: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    urgency: Urgency = Urgency.NORMAL
    complained_unit_id: int | None = None
    no_secrets: bool = False
    files: tuple[Prepared, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitDraft:
    """One call on one enterprise or project, as somebody tells it."""

    visited_on: date
    mode: Mode
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
    financing_need_wan: float | None = None
    labor_need: int | None = None
    opinions: str = ""
    solved_on_site: str = ""
    suggestions: str = ""
    promises: str = ""
    confirmed_by_firm: bool = False
    campaign: str = ""
    problems: tuple[Problem, ...] = ()
    files: tuple[Prepared, ...] = ()
