"""The invented township as it lies in `app/demo/data`, one dataclass for each file."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TypeVar

FOLDER = Path(__file__).resolve().parent.parent / "data"
PREFIX = "明岫霁川"
LEGAL = re.compile(r"(?:有限责任公司|有限公司)$")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the township."""

    name: str
    kind: str
    control: str


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A person with one role, in a unit or, for an enterprise, without."""

    username: str
    name: str
    post: str
    role: str
    unit: str


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """A linked leader, with all roles and the units in their charge."""

    id: str
    username: str
    name: str
    post: str
    roles: str
    in_charge: str


@dataclass(frozen=True, slots=True)
class LiaisonRow:
    """A liaison officer, in a village: no unit that ever handles a problem."""

    id: str
    username: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class FirmRow:
    """An enterprise, who looks after it, and whom one calls there."""

    name: str
    uscc: str
    industry_code: str
    industry: str
    scale: str
    tier: str
    village: str
    employees: str
    revenue_wan: str
    tax_wan: str
    leader_id: str
    liaison_id: str
    contact: str
    contact_post: str

    @property
    def short_name(self) -> str:
        """The name without the place and the legal form."""
        return LEGAL.sub("", self.name.removeprefix(PREFIX))


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A key project."""

    name: str
    investment_yi: str
    stage: str
    leader_id: str
    liaison_id: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A problem: when and how it was heard, and which way it went.

    `path` names the way in `stories`; `asides` are what else happened on it, written
    `kind|value|words` and parted by semicolons.
    """

    day: str
    firm: str
    category: str
    complexity: str
    lead: str
    co: str
    source: str
    path: str
    score: str
    title: str
    description: str
    wish: str
    reply: str
    asides: str

    @property
    def on(self) -> date:
        """The day on which it was heard."""
        return date.fromisoformat(self.day)

    def aside(self, kind: str) -> tuple[str, str] | None:
        """Return the value and the words of one aside, or None."""
        for item in filter(None, self.asides.split(";")):
            name, value, words = item.split("|")
            if name == kind:
                return value, words
        return None

    def aside_day(self, kind: str) -> date | None:
        """Return the day that an aside names, or None."""
        found = self.aside(kind)
        return date.fromisoformat(found[0]) if found else None


@dataclass(frozen=True, slots=True)
class Files:
    """All of it."""

    units: tuple[UnitRow, ...]
    staff: tuple[StaffRow, ...]
    leaders: tuple[LeaderRow, ...]
    liaisons: tuple[LiaisonRow, ...]
    firms: tuple[FirmRow, ...]
    projects: tuple[ProjectRow, ...]
    tickets: tuple[TicketRow, ...]


def read() -> Files:
    """Return what the files say."""
    return Files(
        units=tuple(_rows("units", UnitRow)),
        staff=tuple(_rows("staff", StaffRow)),
        leaders=tuple(_rows("leaders", LeaderRow)),
        liaisons=tuple(_rows("liaisons", LiaisonRow)),
        firms=tuple(_rows("enterprises", FirmRow)),
        projects=tuple(_rows("projects", ProjectRow)),
        tickets=tuple(_rows("tickets", TicketRow)),
    )


def _rows(name: str, kind: type[Row]) -> Iterable[Row]:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield kind(**{field: row[field] for field in names})
