"""Finding enterprises, projects and those who look after them."""

from datetime import date

import pytest

from app.accounts.models import UnitKind
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.paging import paged
from app.enterprises import queries
from app.enterprises.models import Operation, Scale, Tier
from app.enterprises.queries import EnterpriseFilter, ProjectFilter
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def names(asked: EnterpriseFilter) -> list[str]:
    return [one.name for one in db.session.scalars(queries.search(asked, viewer=make.actor()))]


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("恒屿", True),
        ("包装", True),
        ("恒屿包装有限", True),
        ("恒 屿", True),
        ("hybz", True),
        ("HYBZ", True),
        ("mxjc", True),
        ("0011QH6", True),
        ("0011qh6", True),
        ("3d", True),
        ("茶厂", False),
        ("xyz", False),
        ("100%", False),
        ("_", False),
        ("'; DROP TABLE enterprises; --", False),
        ("字" * 500, False),
    ],
)
def test_an_enterprise_is_found_by_name_initials_and_code(asked: str, *, is_found: bool) -> None:
    make.enterprise(
        "明岫霁川恒屿包装有限公司3D",
        short_name="恒屿包装",
        pinyin="hybz mxjchybzyxgs3d",
        uscc="913499019D0011QH61",
    )

    assert bool(names(EnterpriseFilter(text=asked))) is is_found


def test_filters_narrow_the_list() -> None:
    village = make.unit(kind=UnitKind.VILLAGE)
    leader, liaison = make.user(Role.LEADER), make.user(Role.LIAISON)
    wanted = make.enterprise(
        tier=Tier.KEY,
        village_id=village.id,
        scale=Scale.INDUSTRY,
        near_scale=True,
        operation=Operation.STOPPED,
    )
    make.linkage(enterprise=wanted, leader=leader, liaison=liaison)
    other = make.enterprise()

    for asked in (
        EnterpriseFilter(tier=Tier.KEY),
        EnterpriseFilter(village_id=village.id),
        EnterpriseFilter(scale=Scale.INDUSTRY),
        EnterpriseFilter(above_scale=True),
        EnterpriseFilter(near_scale=True),
        EnterpriseFilter(operation=Operation.STOPPED),
        EnterpriseFilter(not_running=True),
        EnterpriseFilter(leader_id=leader.id),
        EnterpriseFilter(liaison_id=liaison.id),
    ):
        assert names(asked) == [wanted.name], asked
    assert names(EnterpriseFilter(unlinked=True)) == [other.name]


def test_who_looked_after_it_before_finds_nothing() -> None:
    leader = make.user(Role.LEADER)
    make.linkage(leader=leader, valid_from=date(2026, 1, 1), valid_to=date(2026, 8, 31))

    assert names(EnterpriseFilter(leader_id=leader.id)) == []


def test_the_list_is_sorted_by_initials_tier_and_village() -> None:
    first = make.unit(kind=UnitKind.VILLAGE, sort_order=1)
    second = make.unit(kind=UnitKind.VILLAGE, sort_order=2)
    make.enterprise("丙", pinyin="b", village_id=second.id, tier=Tier.KEY)
    make.enterprise("安", pinyin="a", village_id=second.id)
    make.enterprise("长", pinyin="c", village_id=first.id)

    assert names(EnterpriseFilter()) == ["安", "丙", "长"]
    assert names(EnterpriseFilter(downwards=True)) == ["长", "丙", "安"]
    assert names(EnterpriseFilter(sort="tier")) == ["丙", "安", "长"]
    assert names(EnterpriseFilter(sort="village")) == ["长", "安", "丙"]
    assert names(EnterpriseFilter(sort="no such thing")) == ["安", "丙", "长"]


def test_pages_count_and_do_not_run_over() -> None:
    for number in range(5):
        make.enterprise(pinyin=f"{number}")
    found = queries.search(EnterpriseFilter(), viewer=make.actor())

    page = paged(found, 2, size=2)

    assert (page.total, page.pages, len(page.items)) == (5, 3, 2)
    assert paged(found, 99, size=2).number == 3


def test_the_tally_counts_what_the_viewer_may_see() -> None:
    leader = make.actor(Role.LEADER)
    key = make.enterprise(tier=Tier.KEY, scale=Scale.TRADE)
    make.linkage(enterprise=key, leader=db.session.get_one(make.User, leader.user_id))
    make.enterprise(near_scale=True, operation=Operation.DORMANT)

    whole, own = queries.tally(viewer=make.actor()), queries.tally(viewer=leader)

    assert (whole.all, whole.key, whole.above_scale) == (2, 1, 1)
    assert (whole.near_scale, whole.not_running, whole.unlinked) == (1, 1, 1)
    assert (own.all, own.unlinked) == (1, 0)
    assert queries.tally(viewer=make.actor(Role.HANDLER)).all == 0


def test_only_what_a_person_may_see_is_offered_for_choice() -> None:
    leader = make.actor(Role.LEADER)
    me = db.session.get_one(make.User, leader.user_id)
    mine = make.enterprise("明岫霁川云亭服饰有限公司", short_name="云亭服饰")
    make.linkage(enterprise=mine, leader=me)
    gone = make.enterprise(operation=Operation.DEREGISTERED)
    make.linkage(enterprise=gone, leader=me)
    make.enterprise()
    project = make.linkage(project=make.project("冷链仓储中心"), leader=me)
    make.project()

    assert queries.choices(viewer=leader) == [(mine.id, "云亭服饰")]
    assert queries.project_choices(viewer=leader) == [(project.project_id, "冷链仓储中心")]


def test_what_does_not_exist_and_what_is_hidden_look_the_same() -> None:
    hidden = make.linkage(project=make.project())
    contact = make.contact()
    viewer = make.actor(Role.LIAISON)

    for ask in (
        lambda: queries.get(contact.enterprise_id, viewer=viewer),
        lambda: queries.get(999, viewer=viewer),
        lambda: queries.contact(contact.id, enterprise_id=contact.enterprise_id, viewer=viewer),
        lambda: queries.project(hidden.project_id or 0, viewer=viewer),
        lambda: queries.project(999, viewer=viewer),
        lambda: queries.linkage(hidden.id, viewer=viewer),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_contact_is_found_only_in_its_own_enterprise() -> None:
    contact, other = make.contact(), make.enterprise()
    viewer = make.actor()

    assert (
        queries.contact(contact.id, enterprise_id=contact.enterprise_id, viewer=viewer) is contact
    )
    with pytest.raises(NotFound):
        queries.contact(contact.id, enterprise_id=other.id, viewer=viewer)


def test_the_first_to_call_is_the_primary_contact_else_the_oldest() -> None:
    enterprise, other = make.enterprise(), make.enterprise()
    make.contact(enterprise=enterprise)
    chosen = make.contact(enterprise=enterprise, is_primary=True)
    oldest = make.contact(enterprise=other)
    make.contact(enterprise=other)

    assert queries.primary_contact(enterprise.id) is chosen
    found = queries.primary_contacts([enterprise.id, other.id])
    assert dict(found) == {enterprise.id: chosen, other.id: oldest}
    assert queries.primary_contact(make.enterprise().id) is None


def test_linkages_are_found_by_day_person_and_target() -> None:
    leader, liaison = make.user(Role.LEADER), make.user(Role.LIAISON)
    today = clock.today()
    firm = make.linkage(leader=leader, liaison=liaison)
    site = make.linkage(project=make.project(), leader=leader)
    make.linkage(leader=leader, valid_to=date(2026, 3, 1))
    stranger = make.linkage(enterprise=make.enterprise(tenant=make.tenant()))

    assert queries.linkages_on(firm.tenant_id, today) == [firm, site]
    assert queries.linkages_of_person(leader.id, today) == [firm, site]
    assert queries.linkages_of_person(liaison.id, today) == [firm]
    assert queries.linkage_of_project(site.project_id or 0, today) is site
    assert stranger not in queries.linkages_on(firm.tenant_id, today)
    targets = queries.targets_of(leader.id, today)
    assert [one.id for one in targets.enterprises] == [firm.enterprise_id]
    assert [one.id for one in targets.projects] == [site.project_id]
    assert queries.linkages_by_enterprise([firm.enterprise_id or 0], today) == {
        firm.enterprise_id: firm
    }
    assert queries.linkages_by_project([site.project_id or 0], today) == {site.project_id: site}
    assert queries.history() == []


def test_projects_are_listed_by_size_and_narrowed() -> None:
    small, large = make.project(investment_yi=0.42), make.project(investment_yi=12.6)
    ended = make.project("污水管网", is_active=False)
    unknown = make.project()
    led = make.linkage(project=small)

    def found(asked: ProjectFilter) -> list[int]:
        statement = queries.search_projects(asked, viewer=make.actor())
        return [one.id for one in db.session.scalars(statement)]

    assert found(ProjectFilter()) == [large.id, small.id, unknown.id]
    assert found(ProjectFilter(ended=True)) == [ended.id]
    assert found(ProjectFilter(ended=True, text="污水")) == [ended.id]
    assert found(ProjectFilter(text="没有的")) == []
    assert found(ProjectFilter(leader_id=led.leader_id)) == [small.id]


def test_the_projects_of_an_enterprise_are_scoped_too() -> None:
    enterprise = make.enterprise()
    project = make.project(enterprise_id=enterprise.id)

    assert queries.projects_of(enterprise.id, viewer=make.actor()) == [project]
    assert queries.projects_of(enterprise.id, viewer=make.actor(Role.LEADER)) == []
