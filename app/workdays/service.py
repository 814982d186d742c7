"""Editing the working calendar. Every edit is logged, and changes the tenant's stamp."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import version as installed

import chinese_calendar
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import Tenant
from app.accounts.policy import require
from app.accounts.roles import Actor, Permission
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.workdays.calendar import FIRST_YEAR, LAST_YEAR, SATURDAY, NoticeDay
from app.workdays.models import CalendarYear, DayKind, SpecialDay

SUBJECT = "calendar"


def seed(tenant: Tenant, years: Iterable[int], *, actor: Actor) -> tuple[int, ...]:
    """Enter the years that the library knows and the tenant does not; return them.

    Years that the library does not know stay unconfirmed.
    """
    require(actor, Permission.CALENDAR_MANAGE)
    known = {day.year for day in chinese_calendar.holidays}
    have = _confirmed_years(tenant.id)
    entered = tuple(year for year in sorted(set(years)) if year in known and year not in have)
    source = f"国务院办公厅通知（chinesecalendar {installed('chinesecalendar')}）"
    for year in entered:
        _replace(tenant.id, year, _known_days(year))
        _confirm(tenant.id, year, source=source, actor=actor)
    if entered:
        _stamp(tenant)
        accounts.log(
            actor, N_("预置日历"), SUBJECT, None, after={"years": list(entered)}, reason=source
        )
    return entered


def set_day(
    day: date, kind: DayKind, name: str, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Make `day` a holiday or a make-up workday, and say why."""
    tenant = _editable(actor, reason=reason, version=version)
    _must_be_in_range(day.year)
    _must_fit(NoticeDay(day, works=kind is DayKind.MAKEUP))
    row = db.session.get(SpecialDay, (tenant.id, day))
    before = _told(row) if row else None
    if row is not None and (row.kind, row.name) == (kind, name):
        raise Invalid(N_("这一天本来就是这样，没有改动。"), field="kind")
    if row is None:
        row = SpecialDay(tenant_id=tenant.id, day=day)
        db.session.add(row)
    row.kind, row.name = kind, name
    _stamp(tenant)
    accounts.log(
        actor, N_("改日历"), SUBJECT, day.year, before=before, after=_told(row), reason=reason
    )


def clear_day(day: date, *, reason: str, version: int | None, actor: Actor) -> None:
    """Make `day` an ordinary day of the week again, and say why."""
    tenant = _editable(actor, reason=reason, version=version)
    row = db.session.get(SpecialDay, (tenant.id, day))
    if row is None:
        raise Invalid(N_("这一天本来就按平常的星期算，没有改动。"), field="kind")
    before = _told(row)
    db.session.delete(row)
    _stamp(tenant)
    accounts.log(actor, N_("改日历"), SUBJECT, day.year, before=before, reason=reason)


def confirm_year(year: int, *, source: str, version: int | None, actor: Actor) -> None:
    """Say that the days of `year` are those of the official calendar, and where that stands."""
    tenant = _editable(actor, reason=source, version=version, field="source")
    _must_be_in_range(year)
    if year in _confirmed_years(tenant.id):
        raise Invalid(N_("{year}年已经确认过了。"), year=year)
    _confirm(tenant.id, year, source=source, actor=actor)
    _stamp(tenant)
    accounts.log(actor, N_("确认年度日历"), SUBJECT, year, reason=source)


def enter_year(
    year: int, days: Sequence[NoticeDay], *, source: str, version: int | None, actor: Actor
) -> None:
    """Enter the official calendar of `year` in place of what was there, and confirm it.

    A notice may also arrange days around New Year; those of the years beside are added.
    """
    tenant = _editable(actor, reason=source, version=version, field="source")
    _must_be_in_range(year)
    _must_be_a_year(year, days)
    before = _replace(tenant.id, year, days)
    _confirm(tenant.id, year, source=source, actor=actor)
    _stamp(tenant)
    after = [_noted(day) for day in days]
    accounts.log(
        actor,
        N_("录入年度日历"),
        SUBJECT,
        year,
        before={"days": before},
        after={"days": after},
        reason=source,
    )


def _editable(actor: Actor, *, reason: str, version: int | None, field: str = "reason") -> Tenant:
    """Return the actor's tenant, if they may edit its calendar and say why."""
    require(actor, Permission.CALENDAR_MANAGE)
    accounts.why(reason, field=field)
    # Locked, so that two who edit the same day wait for each other instead of colliding.
    tenant = db.session.get_one(Tenant, actor.tenant_id, with_for_update=True)
    check_version(tenant.version, version)
    return tenant


def _must_be_in_range(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(N_("年份要在 {first} 到 {last} 之间。"), first=FIRST_YEAR, last=LAST_YEAR)


def _must_fit(day: NoticeDay, *, field: str = "kind") -> None:
    if day.works and day.day.weekday() < SATURDAY:
        raise Invalid(
            N_("{day} 是周一至周五，本来就上班，不用标调休。"),
            field=field,
            day=day.day.isoformat(),
        )


def _must_be_a_year(year: int, days: Sequence[NoticeDay]) -> None:
    if not any(day.day.year == year and not day.works for day in days):
        raise Invalid(N_("没有读出{year}年的放假日期，请对照通知检查。"), field="text", year=year)
    for day in days:
        _must_fit(day, field="text")
        if abs(day.day.year - year) > 1:
            raise Invalid(
                N_("{day} 离{year}年太远，请核对年份。"),
                field="text",
                day=day.day.isoformat(),
                year=year,
            )


def _replace(tenant_id: int, year: int, days: Iterable[NoticeDay]) -> list[str]:
    """Put `days` in place of those of `year`; return what was there."""
    in_year = SpecialDay.day.between(date(year, 1, 1), date(year, 12, 31))
    there = db.session.scalars(
        select(SpecialDay)
        .where(SpecialDay.tenant_id == tenant_id, in_year)
        .order_by(SpecialDay.day)
    ).all()
    given = {day.day: day for day in days}
    beyond = db.session.scalars(  # a notice for one year may name days of the next
        select(SpecialDay).where(
            SpecialDay.tenant_id == tenant_id, SpecialDay.day.in_(given), ~in_year
        )
    )
    rows = {row.day: row for row in (*there, *beyond)}
    before = [_noted(NoticeDay(row.day, row.kind is DayKind.MAKEUP, row.name)) for row in there]
    for row in there:
        if row.day not in given:
            db.session.delete(row)
    for noted in given.values():
        row = rows.get(noted.day) or SpecialDay(tenant_id=tenant_id, day=noted.day)
        row.kind, row.name = DayKind.MAKEUP if noted.works else DayKind.HOLIDAY, noted.name
        db.session.add(row)
    return before


def _confirm(tenant_id: int, year: int, *, source: str, actor: Actor) -> None:
    db.session.merge(
        CalendarYear(
            tenant_id=tenant_id,
            year=year,
            source=source,
            confirmed_at=clock.now(),
            confirmed_by_id=actor.user_id,
        )
    )


def _confirmed_years(tenant_id: int) -> set[int]:
    asked = select(CalendarYear.year).where(CalendarYear.tenant_id == tenant_id)
    return set(db.session.scalars(asked))


def _stamp(tenant: Tenant) -> None:
    tenant.calendar_stamp = secrets.token_hex(16)


def _told(row: SpecialDay) -> dict[str, str]:
    return {"day": row.day.isoformat(), "kind": row.kind.label, "name": row.name}


def _noted(day: NoticeDay) -> str:
    kind = DayKind.MAKEUP if day.works else DayKind.HOLIDAY
    return f"{day.day.isoformat()} {kind.label} {day.name}".strip()


def _known_days(year: int) -> list[NoticeDay]:
    """Return what the library knows of `year`, with the names in Chinese."""
    chinese = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
    off, worked = chinese_calendar.holidays, chinese_calendar.workdays
    return [
        NoticeDay(day, works=works, name=chinese[name])
        for works, days in ((False, off), (True, worked))
        for day, name in days.items()
        if day.year == year
    ]
