"""The paragraph that goes into a work report (C6.3), and what must add up before it is written.

Pure. It is an official text, and Chinese whatever a reader's pages are in.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.core.errors import DomainError
from app.core.i18n import N_
from app.tickets.queries.figures import Rate

NOT_ADDING_UP = N_(
    "问题数对不上：已收集 {collected} 个，已解决、已解释说明、挂账推进、正在解决中合计 {sum} 个。"
    "没有生成文字，请营商办核对。"
)
WITHOUT_DAY = N_("没有截止日期，不能生成文字。")


@dataclass(frozen=True, slots=True)
class Told:
    """The numbers of the paragraph: all of one snapshot, at one cut-off.

    `visits` are those for which somebody went to the firm: neither by telephone nor online.
    `ongoing` is counted by the states of the problems, and is not what is left of the others.
    """

    until: date | None
    leaders: int
    enterprises: int
    projects: int
    liaisons: int
    visits: int
    coverage: Rate
    collected: int
    solved: int
    explained: int
    suspended: int
    ongoing: int
    satisfaction: Rate

    def as_json(self) -> dict[str, Any]:
        """Return the numbers as JSON can keep them."""
        return asdict(self) | {"until": self.until.isoformat() if self.until else None}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Told":
        """Return what `as_json` kept."""
        until = kept["until"]
        return cls(
            **{
                **kept,
                "until": date.fromisoformat(until) if until else None,
                "coverage": Rate(**kept["coverage"]),
                "satisfaction": Rate(**kept["satisfaction"]),
            }
        )


def fault(told: Told) -> DomainError | None:
    """Return why the paragraph is refused, or None where its numbers add up."""
    parts = told.solved + told.explained + told.suspended + told.ongoing
    if told.collected != parts:
        return DomainError(NOT_ADDING_UP, collected=told.collected, sum=parts)
    return DomainError(WITHOUT_DAY) if told.until is None else None


def written(told: Told, *, merge_suspended: bool = False) -> str:
    """Return the paragraph; raise DomainError where the numbers do not add up.

    A clause is left out where its number is 0, a rate where there was nothing to count.
    `merge_suspended` counts the suspended among those under way; what was explained stays apart.
    """
    refused = fault(told)
    if refused is not None:
        raise refused
    return f"{_linked(told)}{_visited(told)}。{_collected(told, merge=merge_suspended)}。"


def _linked(told: Told) -> str:
    projects = f"、重点项目{told.projects}个" if told.projects else ""
    return (
        f"{told.leaders}名党政班子成员共联系企业{told.enterprises}家{projects}，"
        f"并安排{told.liaisons}名联络员负责具体事项，每月开展上门走访和问题诉求收集，"
    )


def _visited(told: Told) -> str:
    covered = f"，走访覆盖率{told.coverage.in_words}" if told.coverage.d else ""
    return f"今年以来累计上门走访{told.visits}次{covered}"


def _collected(told: Told, *, merge: bool) -> str:
    day = told.until
    until = f"截至{day.year}年{day.month}月{day.day}日" if day else ""
    ongoing = told.ongoing + told.suspended if merge else told.ongoing
    parts = (
        ("已解释说明", told.explained),
        ("挂账推进", 0 if merge else told.suspended),
        ("正在解决中", ongoing),
    )
    counted = "".join(f"，{words}{number}个" for words, number in parts if number)
    satisfied = f"，企业满意率{told.satisfaction.in_words}" if told.satisfaction.d else ""
    return f"{until}，已收集各类问题{told.collected}个，已解决{told.solved}个{counted}{satisfied}"
