"""Reading the working calendar."""

from datetime import date, time

import pytest
from sqlalchemy import event

from app.accounts.models import Tenant
from app.accounts.parameters import Parameters
from app.accounts.roles import Actor, Permission, Role
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.transactions import transaction
from app.workdays import queries, service
from app.workdays.calendar import Windows
from app.workdays.models import DayKind
from tests import make

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def admin() -> Actor:
    made = make.actor(Role.SYS_ADMIN)
    with transaction():
        service.seed(make.the_tenant(), [2025, 2026], actor=made)
    return made


def test_the_calendar_is_the_one_of_the_table(admin: Actor) -> None:
    calendar = queries.calendar_of(admin.tenant_id)

    assert calendar.is_workday(date(2026, 9, 20))
    assert not calendar.is_workday(date(2026, 10, 7))
    assert calendar.name_of(date(2026, 10, 7)) == "国庆节"
    assert calendar.confirmed_years == {2025, 2026}
    assert calendar.windows == Windows()


def test_the_calendar_is_read_once_and_again_after_an_edit(admin: Actor) -> None:
    first = queries.calendar_of(admin.tenant_id)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    assert queries.calendar_of(admin.tenant_id) is first
    assert not [statement for statement in asked if "special_days" in statement]

    with transaction():
        service.set_day(
            date(2026, 9, 22), DayKind.HOLIDAY, "", reason="停电", version=None, actor=admin
        )
    assert not queries.calendar_of(admin.tenant_id).is_workday(date(2026, 9, 22))


def test_an_edit_that_was_taken_back_leaves_no_trace_in_the_process(admin: Actor) -> None:
    day = date(2026, 9, 22)

    def edit_and_fail() -> None:
        with transaction():
            service.set_day(day, DayKind.HOLIDAY, "", reason="停电", version=None, actor=admin)
            db.session.flush()
            assert not queries.calendar_of(admin.tenant_id).is_workday(day)
            raise LookupError

    with pytest.raises(LookupError):
        edit_and_fail()

    assert queries.calendar_of(admin.tenant_id).is_workday(day)


def test_a_change_of_the_working_hours_is_seen_at_once(admin: Actor) -> None:
    queries.calendar_of(admin.tenant_id)

    db.session.get_one(Tenant, admin.tenant_id).settings = {"afternoon_to": 1800}
    db.session.commit()

    assert queries.calendar_of(admin.tenant_id).windows.afternoon_to == time(18)


@pytest.mark.parametrize("settings", [{"morning_to": 1475}, {"morning_to": 830}])
def test_working_hours_that_cannot_be_fall_back_to_the_usual_ones(
    settings: dict[str, int],
) -> None:
    assert queries.windows_of(Parameters.of(settings)) == Windows()


def test_a_tenant_without_a_calendar_works_from_monday_to_friday() -> None:
    tenant = make.tenant()

    calendar = queries.calendar_of(tenant.id)

    assert calendar.is_workday(date(2026, 10, 1))
    assert queries.unconfirmed_years(queries.calendar_of(tenant.id), date(2026, 9, 21)) == (2026,)


@pytest.mark.parametrize(
    ("today", "unconfirmed"),
    [(date(2026, 9, 21), ()), (date(2026, 11, 2), (2027,)), (date(2027, 1, 4), (2027,))],
)
def test_a_year_that_is_not_known_is_told_of_as_soon_as_deadlines_reach_it(
    admin: Actor, today: date, unconfirmed: tuple[int, ...]
) -> None:
    assert queries.unconfirmed_years(queries.calendar_of(admin.tenant_id), today) == unconfirmed


def test_the_years_are_those_of_which_something_is_known_and_those_around_today(
    admin: Actor,
) -> None:
    years = queries.years(date(2026, 9, 21), viewer=admin)

    assert [(known.year, known.special_days > 0, bool(known.confirmed)) for known in years] == [
        (2025, True, True),
        (2026, True, True),
        (2027, False, False),
    ]


def test_only_roles_that_may_see_the_calendar_see_it(admin: Actor) -> None:
    for role in Role:
        viewer = Actor(tenant_id=admin.tenant_id, user_id=None, role=role)
        if viewer.may(Permission.CALENDAR_SEE) or role is Role.SYSTEM:
            assert queries.special_day(date(2026, 10, 1), viewer=viewer)
            assert queries.calendar_seen_by(viewer)
        else:
            with pytest.raises(NotAllowed):
                queries.special_day(date(2026, 10, 1), viewer=viewer)
            with pytest.raises(NotAllowed):
                queries.calendar_seen_by(viewer)
            with pytest.raises(NotAllowed):
                queries.years(date(2026, 9, 21), viewer=viewer)


def test_a_special_day_of_another_tenant_is_not_seen(admin: Actor) -> None:
    stranger = make.actor(Role.SYS_ADMIN, tenant=make.tenant())

    assert queries.special_day(date(2026, 10, 1), viewer=admin)
    assert queries.special_day(date(2026, 10, 1), viewer=stranger) is None
