"""The working calendar of a tenant, and what is known of its years."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.accounts.models import Tenant
from app.accounts.parameters import Parameters, clock_time
from app.accounts.policy import require
from app.accounts.roles import Actor, Permission
from app.core.db import db, fresh
from app.workdays.calendar import Windows, WorkCalendar
from app.workdays.models import CalendarYear, DayKind, SpecialDay

REACH = 60  # workdays ahead that deadlines commonly fall into

_kept: dict[int, tuple[tuple[str, Windows], WorkCalendar]] = {}


@dataclass(frozen=True, slots=True)
class YearKnown:
    """A year of the calendar: how many special days it has, and who confirmed it."""

    year: int
    special_days: int
    confirmed: CalendarYear | None


def calendar_of(tenant_id: int) -> WorkCalendar:
    """Return the working calendar of a tenant.

    It is kept in the process and read again when the tenant's stamp or working hours
    changed. A tenant without a stamp has no calendar yet, and nothing is kept for it.
    """
    tenant = fresh(Tenant, tenant_id)
    key = (tenant.calendar_stamp, windows_of(tenant.parameters))
    kept = _kept.get(tenant_id)
    if kept and kept[0] == key:
        return kept[1]
    calendar = _read(tenant_id, key[1])
    if tenant.calendar_stamp:
        _kept[tenant_id] = (key, calendar)
    return calendar


def windows_of(parameters: Parameters) -> Windows:
    """Return the working hours that the parameters set; the usual ones where they cross."""
    try:
        return Windows(
            morning_from=clock_time(parameters.morning_from),
            morning_to=clock_time(parameters.morning_to),
            afternoon_from=clock_time(parameters.afternoon_from),
            afternoon_to=clock_time(parameters.afternoon_to),
        )
    except ValueError:
        return Windows()


def unconfirmed_years(calendar: WorkCalendar, today: date) -> tuple[int, ...]:
    """Return the years that deadlines reach from `today` and whose calendar is not known."""
    last = calendar.add(today, REACH).year
    return tuple(
        year for year in range(today.year, last + 1) if year not in calendar.confirmed_years
    )


def may_edit(viewer: Actor) -> bool:
    """Tell whether `viewer` may change the calendar."""
    return viewer.may(Permission.CALENDAR_MANAGE)


def years(today: date, *, viewer: Actor) -> tuple[YearKnown, ...]:
    """Return every year of which something is known, and last, this and next year."""
    require(viewer, Permission.CALENDAR_SEE)
    confirmed = {
        row.year: row
        for row in db.session.scalars(
            select(CalendarYear).where(CalendarYear.tenant_id == viewer.tenant_id)
        )
    }
    counts: dict[int, int] = {}
    days = select(SpecialDay.day).where(SpecialDay.tenant_id == viewer.tenant_id)
    for day in db.session.scalars(days):
        counts[day.year] = counts.get(day.year, 0) + 1
    known = {*confirmed, *counts, today.year - 1, today.year, today.year + 1}
    return tuple(
        YearKnown(year, counts.get(year, 0), confirmed.get(year)) for year in sorted(known)
    )


def special_day(day: date, *, viewer: Actor) -> SpecialDay | None:
    """Return how `day` departs from the week, or None for an ordinary day."""
    require(viewer, Permission.CALENDAR_SEE)
    return db.session.get(SpecialDay, (viewer.tenant_id, day))


def version(*, viewer: Actor) -> int:
    """Return the version that every edit of the calendar counts up; forms carry it."""
    return db.session.get_one(Tenant, viewer.tenant_id).version


def calendar_seen_by(viewer: Actor) -> WorkCalendar:
    """Return the calendar of the viewer's tenant; raise NotAllowed for who may not see it."""
    require(viewer, Permission.CALENDAR_SEE)
    return calendar_of(viewer.tenant_id)


def _read(tenant_id: int, windows: Windows) -> WorkCalendar:
    rows = db.session.scalars(select(SpecialDay).where(SpecialDay.tenant_id == tenant_id)).all()
    years_known = select(CalendarYear.year).where(CalendarYear.tenant_id == tenant_id)
    return WorkCalendar(
        holidays=frozenset(row.day for row in rows if row.kind is DayKind.HOLIDAY),
        makeup_days=frozenset(row.day for row in rows if row.kind is DayKind.MAKEUP),
        confirmed_years=frozenset(db.session.scalars(years_known)),
        names={row.day: row.name for row in rows if row.name},
        windows=windows,
    )
