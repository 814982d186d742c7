"""What people give with a draft and with a step, as values that a proposal can keep."""

import types
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, get_args, get_type_hints

from app.tickets.workflow.codes import ContactChannel, Missed
from app.tickets.workflow.states import Complexity, Outcome, Solved, Source, Urgency


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A problem as it was heard."""

    enterprise_id: int
    title: str
    description: str
    wish: str = ""
    category_id: int | None = None
    subcategory_id: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    source: Source = Source.VISIT
    campaign: str = ""
    visit_id: int | None = None
    heard_on: date | None = None  # the day of the visit
    urgency: Urgency = Urgency.NORMAL
    complained_unit_id: int | None = None
    external_system: str = ""
    external_no: str = ""
    external_due_at: datetime | None = None
    leader_directive: bool = False
    no_secrets: bool = False
    done_on_site: str = ""  # what was done on the visit, where that solved it


@dataclass(frozen=True, slots=True)
class Told:
    """What an enterprise was given when it told a problem by itself, and when that was.

    Its waiting is counted from then, however late somebody looked at it. `by_card` names the
    officer whose card it used.
    """

    number: str
    query_code: str
    at: datetime
    by_card: str = ""


@dataclass(frozen=True, slots=True)
class StepInput:
    """What may be given with a step; which of it is needed, the guards of the step say."""

    comment: str = ""  # reason, summary, text: the words that go into the history
    reason: str = ""  # a code of `workflow.codes`
    # acceptance
    category_id: int | None = None
    subcategory_id: int | None = None
    urgency: Urgency | None = None
    complexity: Complexity | None = None
    duplicates_checked: bool = False
    guidance: str = ""  # the right channel, on rejection
    items: str = ""  # what is missing, on supplement
    master_id: int | None = None
    same_matter: bool = False
    # dispatch
    lead_unit_id: int | None = None
    co_unit_ids: tuple[int, ...] = ()
    handler_id: int | None = None
    # handling
    channel: ContactChannel | None = None
    person: str = ""
    at: datetime | None = None
    for_enterprise: bool = False
    suggested_unit_id: int | None = None
    new_due_on: date | None = None
    told_enterprise: bool = False
    opinion: str = ""  # what the enterprise says to a suspension
    plan: str = ""
    next_review_on: date | None = None
    level: int | None = None
    owner_id: int | None = None
    # reply
    outcome: Outcome | None = None
    reply: str = ""
    basis: str = ""
    citation_ids: tuple[int, ...] = ()  # policy documents
    # revisit
    reached: bool = True
    contacted: bool | None = None
    solved: Solved | None = None
    attitude_score: int | None = None
    result_score: int | None = None
    words: str = ""
    missed: Missed | None = None
    said_by: str = ""  # who of the enterprise answered
    said_by_post: str = ""
    reasons: tuple[str, ...] = ()  # codes of Discontent
    statement: str = ""  # the enterprise's, on reopening
    evidence: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what was given, and only that, as JSON can keep it."""
        kept = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                kept[field.name] = _plain(value)
        return kept

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "StepInput":
        """Return what `as_json` kept."""
        hints = get_type_hints(cls)
        return cls(**{name: _typed(value, hints[name]) for name, value in kept.items()})


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _typed(value: Any, hint: Any) -> Any:  # noqa: ANN401 - it turns JSON into what a field holds
    options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    wanted = options[0]
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is date:
        return date.fromisoformat(value)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted(value)
    return tuple(value) if isinstance(value, list) else value
