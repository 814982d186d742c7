"""Who may know of which enterprise: every role, once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import UnitKind
from app.accounts.roles import PEOPLE, Actor, Permission, Role, system
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.enterprises import policy, queries
from app.enterprises.models import Enterprise, KeyProject
from tests import make

pytestmark = pytest.mark.usefixtures("app")

SEE_ALL = {Role.CHIEF, Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.SUPERVISOR}
EDIT = {Role.OFFICE_DIRECTOR, Role.DISPATCHER}
SCOPED = {Role.LEADER, Role.LIAISON, Role.VILLAGE_OFFICER, Role.ENTERPRISE_USER}
NOTHING = set(PEOPLE) - SEE_ALL - SCOPED


def seen(viewer: Actor) -> set[int]:
    return set(db.session.scalars(select(Enterprise.id).where(policy.visible_to(viewer))))


def seen_projects(viewer: Actor) -> set[int]:
    condition = policy.project_visible_to(viewer)
    return set(db.session.scalars(select(KeyProject.id).where(condition)))


def acting(viewer: Actor) -> "make.User":
    return db.session.get_one(make.User, viewer.user_id)


def test_the_twelve_roles_are_all_spoken_of() -> None:
    assert set(PEOPLE) == SEE_ALL | SCOPED | NOTHING
    assert len(PEOPLE) == 12


@pytest.mark.parametrize("role", sorted(SEE_ALL))
def test_the_office_the_chief_and_the_supervisor_see_the_whole_township(role: Role) -> None:
    first, second, project = make.enterprise(), make.enterprise(), make.project()
    elsewhere = make.tenant()
    make.enterprise(tenant=elsewhere)
    make.project(tenant=elsewhere)

    viewer = make.actor(role)

    assert seen(viewer) == {first.id, second.id}
    assert seen_projects(viewer) == {project.id}


@pytest.mark.parametrize("role", sorted(NOTHING))
def test_administrators_and_departments_see_no_file(role: Role) -> None:
    unit = make.unit()
    make.enterprise(village_id=unit.id)
    make.linkage(project=make.project())

    viewer = make.actor(role, unit=unit)

    assert seen(viewer) == set()
    assert seen_projects(viewer) == set()


def test_the_timetable_sees_no_file() -> None:
    make.linkage()

    assert seen(system(make.the_tenant().id)) == set()


@pytest.mark.parametrize("role", [Role.LEADER, Role.LIAISON])
def test_leaders_and_liaisons_see_what_they_look_after_today(role: Role) -> None:
    viewer = make.actor(role)
    me = {role.value: acting(viewer)}
    mine = make.linkage(**me)
    until_today = make.linkage(**me, valid_to=clock.today())
    ended = make.linkage(**me, valid_to=clock.today() - timedelta(days=1))
    to_come = make.linkage(**me, valid_from=clock.today() + timedelta(days=1))
    somebody_elses = make.linkage()
    my_project = make.linkage(project=make.project(), **me)
    make.linkage(project=make.project())

    assert seen(viewer) == {mine.enterprise_id, until_today.enterprise_id}
    assert not {ended.enterprise_id, to_come.enterprise_id} & seen(viewer)
    assert somebody_elses.enterprise_id not in seen(viewer)
    assert seen_projects(viewer) == {my_project.project_id}


def test_a_leader_who_acts_as_liaison_sees_what_liaisons_see() -> None:
    leader = make.actor(Role.LEADER)
    make.linkage(leader=acting(leader))
    as_liaison = Actor(tenant_id=leader.tenant_id, user_id=leader.user_id, role=Role.LIAISON)

    assert seen(as_liaison) == set()


def test_a_village_sees_the_enterprises_in_it() -> None:
    village, other = make.unit(kind=UnitKind.VILLAGE), make.unit(kind=UnitKind.VILLAGE)
    inside = make.enterprise(village_id=village.id)
    make.enterprise(village_id=other.id)
    make.enterprise(village_id=None)

    assert seen(make.actor(Role.VILLAGE_OFFICER, unit=village)) == {inside.id}
    assert seen_projects(make.actor(Role.VILLAGE_OFFICER, unit=village)) == set()


def test_an_enterprise_sees_itself_and_its_projects() -> None:
    own = make.enterprise()
    make.enterprise()
    project = make.project(enterprise_id=own.id)
    make.project()

    viewer = make.actor(Role.ENTERPRISE_USER, enterprise_id=own.id)

    assert seen(viewer) == {own.id}
    assert seen_projects(viewer) == {project.id}


@pytest.mark.parametrize("role", sorted(SCOPED))
def test_a_missing_scope_sees_nothing(role: Role) -> None:
    make.enterprise(village_id=None)
    make.linkage()
    make.project(enterprise_id=None)

    nobody = Actor(tenant_id=make.the_tenant().id, user_id=None, role=role)

    assert seen(nobody) == set()
    assert seen_projects(nobody) == set()


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_only_the_office_changes_files_and_linkages(role: Role) -> None:
    enterprise = make.enterprise()
    viewer = make.actor(role)

    assert policy.may_edit(viewer, enterprise) == (role in EDIT)
    assert policy.may_link(viewer, enterprise) == (role in EDIT)
    if role not in EDIT:
        with pytest.raises(NotAllowed):
            policy.require_edit(viewer, enterprise)
        with pytest.raises(NotAllowed):
            policy.require_link(viewer, enterprise)


def test_the_office_of_another_township_changes_nothing_here() -> None:
    here = make.enterprise()
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant())

    assert not policy.may_edit(stranger, here)
    assert not policy.may_link(stranger, here)
    with pytest.raises(NotFound):
        queries.get(here.id, viewer=stranger)


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_confidential_figures_are_for_the_office_and_the_chief(role: Role) -> None:
    closed, open_ = make.enterprise(figures_confidential=True), make.enterprise()
    viewer = make.actor(role)

    assert policy.may_see_figures(viewer, closed) == (role in EDIT | {Role.CHIEF})
    assert policy.may_see_figures(viewer, open_)


def test_an_enterprise_sees_its_own_confidential_figures() -> None:
    own = make.enterprise(figures_confidential=True)
    other = make.enterprise(figures_confidential=True)
    viewer = make.actor(Role.ENTERPRISE_USER, enterprise_id=own.id)

    assert policy.may_see_figures(viewer, own)
    assert not policy.may_see_figures(viewer, other)


def test_rights_that_see_all_are_those_of_the_table() -> None:
    granted = {
        role
        for role in PEOPLE
        if Actor(tenant_id=1, user_id=1, role=role).may(Permission.ENTERPRISE_SEE_ALL)
    }

    assert granted == SEE_ALL


def test_a_linkage_holds_on_its_first_and_its_last_day() -> None:
    linkage = make.linkage(valid_from=date(2026, 9, 1), valid_to=date(2026, 9, 30))

    for day, holds in (
        (date(2026, 8, 31), False),
        (date(2026, 9, 1), True),
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
    ):
        assert linkage.is_active_on(day) is holds
        assert (queries.linkage_of(linkage.enterprise_id or 0, day) is not None) is holds
