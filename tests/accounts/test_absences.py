"""Being away with a deputy: who may enter it, who may stand in, and what they hold meanwhile."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts import jobs, queries, service
from app.accounts.models import Absence, OrgUnit, RoleHolding, SignIn, User
from app.accounts.queries import absences
from app.accounts.roles import Actor, Role
from app.accounts.service import AbsenceDraft
from app.core import clock
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound
from app.core.transactions import transaction
from tests import make
from tests.conftest import begin_session

pytestmark = pytest.mark.usefixtures("app")
TODAY = date(2026, 9, 21)


def note(
    user: User, deputy: User, first: date = TODAY, days: int = 3, actor: Actor | None = None
) -> int:
    """Write an absence of `days` days down, by the person if nobody else is named."""
    draft = AbsenceDraft(user.id, deputy.id, first, first + timedelta(days=days - 1), "学习")
    by = actor or queries.actor_for(user.id)
    with transaction():
        return service.note_absence(draft, actor=by).id


def back(absence_id: int, user: User, reason: str = "提前回来") -> None:
    """End an absence, as one of the people."""
    with transaction():
        found = db.session.get_one(Absence, absence_id)
        actor = queries.actor_for(user.id)
        service.end_absence_now(found, reason=reason, version=None, actor=actor)


def refused(user: User, deputy: User, *more: object, actor: Actor | None = None) -> str:
    """Return at which field an absence is refused."""
    with pytest.raises(DomainError) as error:
        note(user, deputy, *more, actor=actor)  # type: ignore[arg-type]
    return error.value.field


def held(user: User) -> set[tuple[Role, int | None]]:
    return {(one.role, one.unit_id) for one in queries.holdings_of(user.id)}


def pair(role: Role = Role.DISPATCHER) -> tuple[User, User]:
    """Return two people of the office: who goes, and who stays."""
    return make.user(role), make.user(Role.LEADER)


def test_the_deputy_holds_the_roles_from_the_first_day_to_the_last(
    frozen_clock: time_machine.Traveller,
) -> None:
    goes, stays = pair()
    note(goes, stays, TODAY + timedelta(days=1), days=2)
    assert held(stays) == {(Role.LEADER, None)}

    seen = []
    for _day in range(4):
        frozen_clock.shift(86400)
        jobs.turn_absences()
        jobs.turn_absences()
        seen.append((Role.DISPATCHER, None) in held(stays))

    assert seen == [True, True, False, False]
    assert held(goes) == {(Role.DISPATCHER, None)}


def test_what_is_for_today_begins_at_once_and_ends_at_once() -> None:
    goes, stays = pair()

    absence_id = note(goes, stays)
    assert (Role.DISPATCHER, None) in held(stays)

    back(absence_id, goes)
    assert held(stays) == {(Role.LEADER, None)}


def test_a_role_that_the_deputy_holds_anyway_is_held_once_and_stays() -> None:
    goes, stays = make.user(Role.DISPATCHER), make.user(Role.DISPATCHER)

    absence_id = note(goes, stays)
    assert len(queries.holdings_of(stays.id)) == 1

    back(absence_id, goes)
    assert held(stays) == {(Role.DISPATCHER, None)}


def test_who_stands_in_for_two_keeps_the_role_until_the_second_is_back(
    frozen_clock: time_machine.Traveller,
) -> None:
    stays = make.user(Role.LEADER)
    note(make.user(Role.DISPATCHER), stays, days=1)
    note(make.user(Role.DISPATCHER), stays, days=2)

    frozen_clock.shift(86400)
    jobs.turn_absences()
    assert (Role.DISPATCHER, None) in held(stays)

    frozen_clock.shift(86400)
    jobs.turn_absences()
    assert held(stays) == {(Role.LEADER, None)}


def test_nobody_administers_or_audits_for_another() -> None:
    goes, stays = pair()
    make.holding(goes, Role.SYS_ADMIN)
    make.holding(goes, Role.AUDIT_ADMIN)

    note(goes, stays)

    assert held(stays) == {(Role.LEADER, None), (Role.DISPATCHER, None)}


def test_a_role_given_for_good_meanwhile_outlasts_the_absence(
    frozen_clock: time_machine.Traveller,
) -> None:
    goes, stays = pair()
    admin = make.actor(Role.SYS_ADMIN)
    note(goes, stays, days=1)

    with transaction():
        service.give_role(stays, Role.DISPATCHER, reason="正式担任交办员", actor=admin)
    frozen_clock.shift(86400)
    jobs.turn_absences()

    assert (Role.DISPATCHER, None) in held(stays)


def test_a_session_in_a_role_held_for_another_ends_with_it() -> None:
    goes, stays = pair()
    absence_id = note(goes, stays)
    lent = select(RoleHolding.id).where(RoleHolding.absence_id == absence_id)
    begin_session(stays)
    begin_session(stays)
    acting = db.session.scalars(select(SignIn).order_by(SignIn.id)).all()[0]
    acting.holding_id = db.session.scalars(lent).one()
    db.session.commit()

    back(absence_id, goes)

    sessions = db.session.scalars(select(SignIn).order_by(SignIn.id))
    assert [one.ended_at is not None for one in sessions] == [True, False]


def test_what_was_slept_through_is_caught_up(frozen_clock: time_machine.Traveller) -> None:
    goes, stays = pair()
    missed = note(goes, stays, TODAY + timedelta(days=1), days=1)
    late = note(goes, stays, TODAY + timedelta(days=4), days=5)

    frozen_clock.shift(6 * 86400)
    jobs.turn_absences()

    assert db.session.get_one(Absence, missed).begun_at is None
    assert db.session.get_one(Absence, missed).ended_at is not None
    assert db.session.get_one(Absence, late).begun_at is not None
    assert (Role.DISPATCHER, None) in held(stays)


# ---- who may stand in ----


def test_the_deputy_is_another_person_who_works_here() -> None:
    goes, stays = pair()
    left = make.user(Role.LEADER, is_active=False)
    foreign = make.user(Role.LEADER, tenant=make.tenant())
    firm = make.user(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id)

    assert refused(goes, goes) == "deputy_id"
    assert refused(goes, left) == "deputy_id"
    assert refused(goes, foreign) == "deputy_id"
    assert refused(goes, firm) == "deputy_id"
    assert refused(goes, make.user(Role.SYS_ADMIN)) == "deputy_id"
    assert note(goes, stays)


def test_somebody_of_the_same_unit_stands_in_where_anybody_is_there() -> None:
    unit = make.unit()
    goes, near, far = (
        make.user(Role.HANDLER, unit=unit),
        make.user(Role.DEPT_HEAD, unit=unit),
        make.user(Role.HANDLER),
    )

    assert refused(goes, far) == "deputy_id"
    note(near, goes, TODAY + timedelta(days=10), days=1)  # then nobody else is there
    assert refused(goes, near, TODAY + timedelta(days=10)) == "deputy_id"
    assert note(goes, near, days=2)


def test_alone_in_the_unit_one_may_choose_anybody() -> None:
    unit, far = make.unit(), make.user(Role.HANDLER)
    goes = make.user(Role.HANDLER, unit=unit)

    note(goes, far)

    assert (Role.HANDLER, unit.id) in held(far)


def test_days_do_not_overlap_and_deputies_are_there() -> None:
    goes, stays = pair()
    third = make.user(Role.LEADER)
    note(goes, stays, TODAY + timedelta(days=5), days=3)

    assert refused(goes, third, TODAY + timedelta(days=7)) == "from_on"
    assert refused(third, goes, TODAY + timedelta(days=6)) == "deputy_id"
    assert refused(stays, third, TODAY + timedelta(days=3)) == "user_id"
    assert refused(stays, goes, TODAY + timedelta(days=5)) in {"deputy_id", "user_id"}
    assert note(stays, third, TODAY, days=5)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (None, TODAY, "from_on"),
        (TODAY, None, "to_on"),
        (TODAY - timedelta(days=1), TODAY, "from_on"),
        (TODAY, TODAY - timedelta(days=1), "from_on"),
        (TODAY + timedelta(days=2), TODAY + timedelta(days=1), "to_on"),
        (TODAY, TODAY + timedelta(days=400), "to_on"),
    ],
)
def test_days_that_make_no_sense_are_refused(
    first: date | None, last: date | None, field: str
) -> None:
    goes, stays = pair()

    with pytest.raises(Invalid) as error, transaction():
        service.note_absence(
            AbsenceDraft(goes.id, stays.id, first, last), actor=queries.actor_for(goes.id)
        )

    assert error.value.field in {field, "to_on"}


# ---- who may enter it ----


def test_one_enters_ones_own_and_those_one_answers_for() -> None:
    unit: OrgUnit = make.unit()
    head = make.actor(Role.DEPT_HEAD, unit=unit)
    member, second = make.user(Role.HANDLER, unit=unit), make.user(Role.HANDLER, unit=unit)
    dispatcher, other = make.user(Role.DISPATCHER), make.user(Role.DISPATCHER)
    director, admin = make.actor(Role.OFFICE_DIRECTOR), make.actor(Role.SYS_ADMIN)

    assert note(member, second, days=1, actor=head)
    assert note(dispatcher, other, days=1, actor=director)
    assert note(member, second, TODAY + timedelta(days=9), days=1, actor=admin)
    for actor, user, deputy in ((head, dispatcher, other), (director, member, second)):
        with pytest.raises(NotAllowed):
            note(user, deputy, TODAY + timedelta(days=20), actor=actor)


def test_an_absence_is_seen_by_whom_it_concerns_only() -> None:
    goes, stays = pair()
    absence_id = note(goes, stays)

    for user in (goes, stays):
        viewer = queries.actor_for(user.id)
        assert [one.id for one in absences.absences(viewer=viewer)] == [absence_id]
    stranger = make.actor(Role.LIAISON)
    assert absences.absences(viewer=stranger) == []
    with pytest.raises(NotFound):
        absences.absence(absence_id, viewer=stranger)


def test_the_deputy_cannot_end_it_and_nobody_ends_it_twice() -> None:
    goes, stays = pair()
    absence_id = note(goes, stays)

    with pytest.raises(NotAllowed):
        back(absence_id, stays)
    back(absence_id, goes)
    with pytest.raises(DomainError):
        back(absence_id, goes)
    assert clock.today() == TODAY


def test_the_log_says_who_was_away_and_which_roles_were_held() -> None:
    goes, stays = pair()
    absence_id = note(goes, stays)
    back(absence_id, goes)

    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    lent = {
        "of": stays.name,
        "role": Role.DISPATCHER.label,
        "unit": "",
        "stands_in_for": goes.name,
    }
    away = {
        "of": goes.name,
        "from_on": "2026-09-21",
        "to_on": "2026-09-23",
        "deputy": stays.name,
    }
    assert [(row.action, row.before, row.after, row.reason) for row in rows] == [
        ("登记外出", None, away, "学习"),
        ("给予代理岗位", None, lent, "学习"),
        ("收回代理岗位", None, lent, "学习"),
        ("结束外出", away, None, "提前回来"),
    ]


@pytest.mark.parametrize("reason", ["", " ", "学", "学" * 201])
def test_an_absence_begins_and_ends_with_a_reason(reason: str) -> None:
    goes, stays = pair()
    draft = AbsenceDraft(goes.id, stays.id, TODAY, TODAY, reason)

    with pytest.raises(Invalid) as begun, transaction():
        service.note_absence(draft, actor=queries.actor_for(goes.id))
    absence_id = note(goes, stays)
    with pytest.raises(Invalid) as ended:
        back(absence_id, goes, reason)

    assert (begun.value.field, ended.value.field) == ("reason", "reason")
    assert db.session.get_one(Absence, absence_id).ended_at is None


def test_an_absence_that_runs_out_says_so(frozen_clock: time_machine.Traveller) -> None:
    goes, stays = pair()
    note(goes, stays, days=1)

    frozen_clock.shift(86400)
    jobs.turn_absences()

    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1))
    assert [(row.action, row.reason, row.user_id) for row in rows] == [
        ("结束外出", "外出期满", None)
    ]


def test_a_role_that_ends_meanwhile_ends_for_the_deputy_too() -> None:
    goes, stays = pair()
    second = make.holding(goes, Role.LIAISON)
    note(goes, stays)
    assert (Role.LIAISON, None) in held(stays)

    with transaction():
        service.end_role(
            db.session.get_one(RoleHolding, second.id),
            reason="不再联络",
            actor=make.actor(Role.SYS_ADMIN),
        )

    assert held(stays) == {(Role.LEADER, None), (Role.DISPATCHER, None)}


def test_the_account_of_a_deputy_is_not_closed() -> None:
    goes, stays = pair()
    absence_id = note(goes, stays, TODAY + timedelta(days=3))
    admin = make.actor(Role.SYS_ADMIN)

    def close() -> None:
        with transaction():
            user = db.session.get_one(User, stays.id)
            service.deactivate(user, reason="调离", version=None, actor=admin)

    with pytest.raises(NotAllowed):
        close()
    back(absence_id, goes)
    close()
    assert not db.session.get_one(User, stays.id).is_active


def test_with_several_roles_away_one_deputy_of_one_of_the_units_holds_all_of_them() -> None:
    one, two = make.unit(), make.unit()
    goes = make.user(Role.HANDLER, unit=one)
    make.holding(goes, Role.DEPT_HEAD, unit=two)
    make.holding(goes, Role.LIAISON)
    near = make.user(Role.HANDLER, unit=two)

    assert refused(goes, make.user(Role.HANDLER, unit=make.unit())) == "deputy_id"
    note(goes, near)

    assert held(near) == {
        (Role.HANDLER, two.id),
        (Role.HANDLER, one.id),
        (Role.DEPT_HEAD, two.id),
        (Role.LIAISON, None),
    }


def test_a_longer_absence_with_the_same_deputy_goes_on_without_a_break(
    frozen_clock: time_machine.Traveller,
) -> None:
    goes, stays = pair()
    first = note(goes, stays, days=2)
    note(goes, stays, TODAY + timedelta(days=2), days=2)

    for _day in range(2):
        frozen_clock.shift(86400)
        jobs.turn_absences()

    assert db.session.get_one(Absence, first).ended_at is not None
    assert (Role.DISPATCHER, None) in held(stays)


def test_another_deputy_takes_over_once_the_first_absence_is_ended() -> None:
    goes, stays = pair()
    third = make.user(Role.LEADER)
    first = note(goes, stays, days=5)
    assert refused(goes, third, TODAY, 5) == "from_on"

    back(first, goes, "换代理人")
    note(goes, third, days=5)

    assert held(stays) == {(Role.LEADER, None)}
    assert (Role.DISPATCHER, None) in held(third)
