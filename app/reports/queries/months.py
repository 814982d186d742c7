"""A month as it is reported: counted once when it is frozen, then read from its snapshot."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.accounts.models import Control, OrgUnit
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.i18n import N_
from app.core.spans import Span
from app.reports import policy
from app.reports.calendar import span_of, year_to
from app.reports.models import ReportSnapshot
from app.reports.queries import coverage, ratings
from app.reports.queries.paragraph import Told
from app.tickets.queries import figures
from app.tickets.queries.figures import Facts, Mean, Rate
from app.visits.calendar import Month
from app.workdays import queries as workdays

NO_REPORT = N_("没有这个月的月报。月报在次月第 3 个工作日生成。")
BROKEN = N_("{period}的月报数据和冻结时不一样，不能使用。请告诉系统管理员。")
#: The rates of a month, by the id of their definition; each is kept as its n and d.
RATES = {
    "K07": figures.response_rate,
    "K11": figures.resolution_rate,
    "K13": figures.satisfaction_rate,
    "K14": figures.double_satisfaction_rate,
    "K16": figures.revisit_rate,
}
#: Of them, what enterprises say.
SAID = ("K11", "K13", "K14")
NOTHING = Rate(0, 0)
COUNTS = {
    "accepted": figures.collected,
    "carried_over": figures.carried_over,
    "dispatched": figures.dispatched,
    "closed": figures.closed,
}


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What one unit did in a month."""

    name: str
    control: Control
    dispatched: int
    in_time: int
    late: int
    unanswered: int
    resolution: Rate
    satisfaction: Rate
    returned: int
    extended: int
    reworked: int

    @property
    def on_time(self) -> Rate:
        """K09 of the unit."""
        return Rate(self.in_time, self.in_time + self.late + self.unanswered)


@dataclass(frozen=True, slots=True)
class Reported:
    """A month as its snapshot tells it."""

    month: Month
    snapshot: ReportSnapshot
    counts: Mapping[str, int]
    rates: Mapping[str, Rate]
    late: int
    unanswered: int
    mean_days: Mean
    visits: Mapping[str, Rate]
    overdue_tasks: int
    visit_count: int
    on_site_count: int
    year_visits: int
    year_on_site: int
    units: Sequence[UnitLine]
    told: Told
    is_partial: bool = False  # without what enterprises say: they say it of the reader as well

    @property
    def until(self) -> date:
        """The cut-off day."""
        return self.month.last


# ---- counting it ----


def content_of(tenant_id: int, month: Month) -> dict[str, Any]:
    """Return all that the report of a month prints, counted at its cut-off, as JSON keeps it."""
    calendar = workdays.calendar_of(tenant_id)
    of_month, of_year = span_of(month), year_to(month)
    year = figures.read(tenant_id, of_year, calendar)
    answered = figures.on_time(year, of_month)
    mean = figures.mean_days(year, of_month)
    visits, so_far = coverage.read(tenant_id, of_month), coverage.read(tenant_id, of_year)
    return {
        "counts": {name: counted(year, of_month) for name, counted in COUNTS.items()},
        "rates": {name: _kept(rated(year, of_month)) for name, rated in RATES.items()}
        | {"K09": _kept(answered.rate)},
        "late": answered.late,
        "unanswered": answered.unanswered,
        "K22": {"total": mean.total, "n": mean.n},
        "visits": {
            "V1": _kept(visits.completion),
            "V2": _kept(visits.coverage),
            "V3": _kept(visits.led),
        },
        "V6": visits.overdue,
        "visit_count": visits.visits,
        "on_site_count": visits.on_site,
        "year_visits": so_far.visits,
        "year_on_site": so_far.on_site,
        "units": _units(tenant_id, year, of_month),
        "told": _told(tenant_id, month, year, so_far).as_json(),
    }


def _told(tenant_id: int, month: Month, year: Facts, so_far: coverage.Coverage) -> Told:
    span = year_to(month)
    links = coverage.links(tenant_id, span)
    return Told(
        until=month.last,
        leaders=links.leaders,
        enterprises=links.enterprises,
        projects=links.projects,
        liaisons=links.liaisons,
        visits=so_far.in_person,
        coverage=so_far.coverage,
        collected=figures.collected(year, span),
        solved=figures.solved(year, span),
        explained=figures.explained(year, span),
        suspended=figures.suspended(year, span),
        ongoing=figures.still_open(year, span),
        satisfaction=figures.satisfaction_rate(year, span),
    )


def _units(tenant_id: int, year: Facts, span: Span) -> list[dict[str, Any]]:
    """Return a line for each unit that had anything in the month, in the order of the office.

    What is confidential is counted in the sums alone: a line by unit would tell whose it is.
    """
    open_to_all = figures.only(year, lambda case: not case.for_few)
    found = []
    units = db.session.scalars(
        select(OrgUnit)
        .where(OrgUnit.tenant_id == tenant_id)
        .order_by(OrgUnit.control, OrgUnit.sort_order, OrgUnit.id)
    )
    for unit in units:
        line = _unit_line(unit.id, open_to_all, span)
        if any(line["numbers"].values()) or line["K13"]["d"] or line["K11"]["d"]:
            found.append({"name": unit.name, "control": unit.control.value, **line})
    return found


def _unit_line(unit_id: int, facts: Facts, span: Span) -> dict[str, Any]:
    """Count for one unit: what it was handed is its own, the rest is of whose it was last."""
    led = figures.only(facts, lambda case: case.unit_id == unit_id)
    handed = [one for case in facts.cases for one in case.handed if one.unit_id == unit_id]
    answered = figures.on_time(led, span)
    return {
        "numbers": {
            "dispatched": sum(span.holds(one.at) for one in handed),
            "in_time": answered.in_time,
            "late": answered.late,
            "unanswered": answered.unanswered,
            "returned": sum(span.holds(one.returned_at) for one in handed),
            "extended": sum(span.holds(at) for case in led.cases for at in case.extended_ats),
            "reworked": sum(span.holds(at) for case in led.cases for at in case.reworked_ats),
        },
        "K11": _kept(figures.resolution_rate(led, span)),
        "K13": _kept(figures.satisfaction_rate(led, span)),
    }


def tells_anything(content: Mapping[str, Any]) -> bool:
    """Tell whether anything was heard or anybody looked after an enterprise by the month's end."""
    told = content["told"]
    return bool(any(content["counts"].values()) or told["leaders"] or content["visit_count"])


def _kept(rate: Rate) -> dict[str, int]:
    return {"n": rate.n, "d": rate.d}


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a month's content, as anyone can compute it again."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


# ---- reading it ----


def listed(viewer: Actor) -> Select[ReportSnapshot]:
    """Return the frozen months that the viewer may read, the newest first; the caller paginates."""
    return (
        select(ReportSnapshot)
        .where(policy.reported_to(viewer))
        .order_by(ReportSnapshot.period.desc())
    )


def find(tenant_id: int, month: Month) -> ReportSnapshot | None:
    """Return the snapshot of a month, or None where it was not frozen."""
    found = select(ReportSnapshot).where(ReportSnapshot.tenant_id == tenant_id)
    return db.session.scalar(found.where(ReportSnapshot.period == month.period))


def get(period: str, *, viewer: Actor) -> Reported:
    """Return a month as it was frozen; raise NotFound where there is none for this viewer.

    Raises DomainError where what lies in the database is not what was frozen.
    """
    found = db.session.scalar(listed(viewer).where(ReportSnapshot.period == period))
    if found is None:
        raise NotFound(NO_REPORT)
    return for_reader(read(found), viewer)


def for_reader(reported: Reported, viewer: Actor) -> Reported:
    """Return a month as somebody reads it whom enterprises rated in it, or in its year.

    No sum of what enterprises say is told then: `ratings` tells them the sums of all others, and
    the difference would be what was said of their own unit.
    """
    if not ratings.rates_in(viewer, year_to(reported.month)):
        return reported
    told = replace(reported.told, satisfaction=NOTHING)
    if not ratings.rates_in(viewer, span_of(reported.month)):
        return replace(reported, told=told, is_partial=True)
    units = [replace(line, resolution=NOTHING, satisfaction=NOTHING) for line in reported.units]
    rates = {**reported.rates, **dict.fromkeys(SAID, NOTHING)}
    return replace(reported, units=units, rates=rates, told=told, is_partial=True)


def before(reported: Reported, *, viewer: Actor) -> Reported | None:
    """Return the month before, where it was frozen: what a month is compared with (环比)."""
    period = reported.month.preceding.period
    found = db.session.scalar(listed(viewer).where(ReportSnapshot.period == period))
    return for_reader(read(found), viewer) if found else None


def read(snapshot: ReportSnapshot) -> Reported:
    """Return a month as its snapshot tells it; raise DomainError where it was tampered with."""
    kept = snapshot.content
    if digest(kept) != snapshot.sha256:
        raise DomainError(BROKEN, period=snapshot.period)
    return Reported(
        month=Month.read(snapshot.period),
        snapshot=snapshot,
        counts=kept["counts"],
        rates={name: Rate(**rate) for name, rate in kept["rates"].items()},
        late=kept["late"],
        unanswered=kept["unanswered"],
        mean_days=Mean(**kept["K22"]),
        visits={name: Rate(**rate) for name, rate in kept["visits"].items()},
        overdue_tasks=kept["V6"],
        visit_count=kept["visit_count"],
        on_site_count=kept["on_site_count"],
        year_visits=kept["year_visits"],
        year_on_site=kept["year_on_site"],
        units=[_line(each) for each in kept["units"]],
        told=Told.from_json(kept["told"]),
    )


def _line(kept: Mapping[str, Any]) -> UnitLine:
    return UnitLine(
        name=kept["name"],
        control=Control(kept["control"]),
        resolution=Rate(**kept["K11"]),
        satisfaction=Rate(**kept["K13"]),
        **kept["numbers"],
    )
