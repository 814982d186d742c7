"""Editing the working calendar."""

from datetime import date

import pytest
from sqlalchemy import select

from app.accounts.models import Tenant
from app.accounts.roles import Actor, Permission, Role
from app.core import audit
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, Stale
from app.core.transactions import transaction
from app.workdays import queries, service
from app.workdays.calendar import NoticeDay, read_notice
from app.workdays.models import CalendarYear, DayKind, SpecialDay
from tests import make

pytestmark = pytest.mark.usefixtures("app")

NEW_YEAR = date(2027, 1, 1)
SATURDAY = date(2027, 1, 9)
NOTICE = "元旦：2026年12月31日（周四）至2027年1月1日（周五）放假。1月9日（周六）上班。"


@pytest.fixture
def admin() -> Actor:
    return make.actor(Role.SYS_ADMIN)


def seed(admin: Actor, *years: int) -> tuple[int, ...]:
    with transaction():
        return service.seed(db.session.get_one(Tenant, admin.tenant_id), years, actor=admin)


def set_day(admin: Actor, day: date = NEW_YEAR, **more: object) -> None:
    given = {"kind": DayKind.HOLIDAY, "name": "元旦", "reason": "通知", "version": None}
    with transaction():
        service.set_day(day, actor=admin, **(given | more))  # type: ignore[arg-type]


def rows() -> list[tuple[str, str, str]]:
    found = db.session.scalars(select(SpecialDay).order_by(SpecialDay.day))
    return [(row.day.isoformat(), row.kind.value, row.name) for row in found]


def stamp(admin: Actor) -> str:
    return db.session.get_one(Tenant, admin.tenant_id).calendar_stamp


def log_entries() -> list[audit.AuditRow]:
    return list(db.session.scalars(select(audit.AuditRow).order_by(audit.AuditRow.id)))


def test_the_years_that_the_library_knows_are_entered_and_confirmed(admin: Actor) -> None:
    entered = seed(admin, 2025, 2026, 2027)

    assert entered == (2025, 2026)
    assert ("2026-10-03", "holiday", "国庆节") in rows()
    assert ("2026-09-20", "makeup", "国庆节") in rows()
    assert set(db.session.scalars(select(CalendarYear.year))) == {2025, 2026}
    assert stamp(admin)
    assert log_entries()[0].after == {"years": [2025, 2026]}


def test_seeding_again_changes_nothing_that_the_office_has_edited(admin: Actor) -> None:
    seed(admin, 2026)
    set_day(admin, date(2026, 10, 8), name="本镇放假")
    before, mark = rows(), stamp(admin)

    assert seed(admin, 2026) == ()
    assert rows() == before
    assert stamp(admin) == mark


def test_each_edit_changes_the_stamp_and_is_logged_with_its_reason(admin: Actor) -> None:
    seed(admin, 2026)
    marks = {stamp(admin)}
    set_day(admin)
    marks.add(stamp(admin))
    with transaction():
        service.clear_day(NEW_YEAR, reason="录错了", version=None, actor=admin)
    marks.add(stamp(admin))

    assert len(marks) == 3
    set_, cleared = log_entries()[-2:]
    assert (set_.before, set_.after, set_.reason) == (
        None,
        {"day": "2027-01-01", "kind": "放假", "name": "元旦"},
        "通知",
    )
    assert (cleared.before, cleared.reason) == (set_.after, "录错了")
    assert (set_.subject, set_.subject_id, set_.user_id) == ("calendar", 2027, admin.user_id)


def test_a_day_may_be_set_anew(admin: Actor) -> None:
    set_day(admin, SATURDAY)
    set_day(admin, SATURDAY, kind=DayKind.MAKEUP, name="春节")

    assert rows() == [("2027-01-09", "makeup", "春节")]


def test_an_edit_without_a_reason_is_refused(admin: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        set_day(admin, reason="  ")

    assert refused.value.field == "reason"
    assert rows() == []


def test_a_weekday_is_no_make_up_day(admin: Actor) -> None:
    with pytest.raises(Invalid):
        set_day(admin, kind=DayKind.MAKEUP)


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2101, 1, 1)])
def test_years_out_of_reach_are_refused(admin: Actor, day: date) -> None:
    with pytest.raises(Invalid):
        set_day(admin, day)


def test_an_ordinary_day_cannot_be_cleared(admin: Actor) -> None:
    with pytest.raises(Invalid), transaction():
        service.clear_day(NEW_YEAR, reason="通知", version=None, actor=admin)


def test_the_second_of_two_editors_is_told(admin: Actor) -> None:
    seen = queries.version(viewer=admin)
    set_day(admin, version=seen)

    with pytest.raises(Stale):
        set_day(admin, SATURDAY, version=seen)
    assert len(rows()) == 1


def test_only_roles_that_manage_the_calendar_may_edit_it() -> None:
    for role in Role:
        actor = Actor(tenant_id=make.the_tenant().id, user_id=None, role=role)
        allowed = actor.may(Permission.CALENDAR_MANAGE) or role is Role.SYSTEM
        try:
            set_day(actor, name=role.label)
        except NotAllowed:
            assert not allowed
        else:
            assert allowed


def test_a_year_is_confirmed_once_with_its_source(admin: Actor) -> None:
    set_day(admin)
    with transaction():
        service.confirm_year(2027, source="国办发明电〔2026〕7号", version=None, actor=admin)

    confirmed = db.session.get_one(CalendarYear, (admin.tenant_id, 2027))
    assert confirmed.source == "国办发明电〔2026〕7号"
    assert confirmed.confirmed_by_id == admin.user_id
    assert queries.calendar_of(admin.tenant_id).is_confirmed(NEW_YEAR)
    with pytest.raises(Invalid), transaction():
        service.confirm_year(2027, source="又一次", version=None, actor=admin)


def test_a_notice_replaces_its_year_and_adds_the_days_around_new_year(admin: Actor) -> None:
    set_day(admin, date(2027, 5, 1), name="录错的")
    set_day(admin, date(2026, 12, 25), name="上一年的")

    with transaction():
        service.enter_year(
            2027, read_notice(NOTICE, 2027).days, source="通知", version=None, actor=admin
        )

    assert rows() == [
        ("2026-12-25", "holiday", "上一年的"),
        ("2026-12-31", "holiday", "元旦"),
        ("2027-01-01", "holiday", "元旦"),
        ("2027-01-09", "makeup", "元旦"),
    ]
    calendar = queries.calendar_of(admin.tenant_id)
    assert (2026 in calendar.confirmed_years, 2027 in calendar.confirmed_years) == (False, True)
    assert log_entries()[-1].before == {"days": ["2027-05-01 放假 录错的"]}


@pytest.mark.parametrize(
    "days",
    [
        [],
        [NoticeDay(SATURDAY, works=True)],
        [NoticeDay(date(2026, 1, 1), works=False)],
        [NoticeDay(NEW_YEAR, works=False), NoticeDay(date(2029, 1, 1), works=False)],
        [NoticeDay(NEW_YEAR, works=False), NoticeDay(date(2027, 1, 4), works=True)],
    ],
)
def test_a_notice_that_cannot_be_of_that_year_is_refused(
    admin: Actor, days: list[NoticeDay]
) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        service.enter_year(2027, days, source="通知", version=None, actor=admin)

    assert refused.value.field == "text"
    assert rows() == []


def test_tenants_keep_calendars_of_their_own(admin: Actor) -> None:
    other = make.actor(Role.SYS_ADMIN, tenant=make.tenant())
    set_day(other)
    set_day(admin, name="本镇")

    with transaction():
        service.clear_day(NEW_YEAR, reason="通知", version=None, actor=other)

    assert rows() == [("2027-01-01", "holiday", "本镇")]
