"""The dispatch catalogue: the one to begin with, keeping it, and its pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.accounts.models import OrgUnit, UnitKind, User
from app.accounts.roles import Actor, Permission, Role
from app.core import audit
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.tickets.models import Category
from app.tickets.queries import catalogue as queries
from app.tickets.service import catalogue as service
from app.tickets.service.catalogue import CategoryDraft
from app.tickets.workflow.catalogue import STANDARD
from app.tickets.workflow.states import Complexity, Urgency
from tests import make

pytestmark = pytest.mark.usefixtures("app")

Browse = Callable[[User], FlaskClient]
WHY = "职责调整"
NAMES = (
    "营商办",
    "党政办公室",
    "经济发展办公室（统计站）",
    "农业农村办公室",
    "财政所",
    "便民服务中心(人社所)",
    "供电所",
    "水务站",
    "司法所",
    "纪委",
)


@pytest.fixture
def keeper() -> Actor:
    return make.actor(Role.SYS_ADMIN)


@pytest.fixture
def units() -> dict[str, OrgUnit]:
    return {name: make.unit(name) for name in NAMES}


@pytest.fixture
def seeded(keeper: Actor, units: dict[str, OrgUnit]) -> int:
    with transaction():
        return service.seed(keeper.tenant_id, units, actor=keeper)


def by_code(code: str) -> Category:
    return db.session.scalars(select(Category).where(Category.code == code)).one()


def add(keeper: Actor, parent: Category | None = None, **given: Any) -> Category:
    with transaction():
        draft = CategoryDraft(**({"code": "30", "name": "其他要素"} | given))
        return service.add_category(draft, parent=parent, actor=keeper)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Category)) or 0


# ---- the catalogue to begin with ----


def test_a_township_begins_with_the_21_categories_of_the_rules(keeper: Actor, seeded: int) -> None:
    branches = queries.tree(viewer=keeper)

    assert [branch.category.code for branch in branches] == [
        *[f"{n:02}" for n in range(1, 21)],
        "99",
    ]
    assert seeded == count()
    assert len(STANDARD) == 21


def test_each_category_to_begin_with_has_an_english_name_of_its_own(seeded: int) -> None:
    assert seeded
    kinds = db.session.scalars(select(Category)).all()

    assert all(one.name_en and one.name_en.isascii() for one in kinds)
    assert len({(one.parent_id, one.name_en) for one in kinds}) == len(kinds)
    assert len({one.name_en for one in kinds if one.parent_id is None}) == len(STANDARD)


def test_units_are_found_by_any_of_their_names(seeded: int) -> None:
    assert seeded
    lead = {code: by_code(code).lead_unit for code in ("01", "02", "08", "10", "12", "19")}

    assert {code: unit.name if unit else "" for code, unit in lead.items()} == {
        "01": "经济发展办公室（统计站）",
        "02": "便民服务中心(人社所)",
        "08": "财政所",
        "10": "经济发展办公室（统计站）",
        "12": "经济发展办公室（统计站）",
        "19": "营商办",
    }
    assert [unit.name for unit in by_code("01").co_units] == ["财政所"]


def test_a_unit_that_the_township_does_not_have_is_left_open(seeded: int) -> None:
    assert seeded
    assert by_code("03").lead_unit is None
    assert by_code("06.3").lead_unit is None


def test_water_power_gas_and_network_go_to_units_of_their_own(keeper: Actor, seeded: int) -> None:
    assert seeded
    supply = next(b for b in queries.tree(viewer=keeper) if b.category.code == "06")

    shown = {child.name[:2]: child.lead_unit and child.lead_unit.name for child in supply.children}
    assert shown == {"供电": "供电所", "供水": "水务站", "供气": None, "宽带": None}
    assert {child.urgency for child in supply.children} == {Urgency.URGENT}


def test_levels_quantities_and_guidance_are_those_of_the_rules(seeded: int) -> None:
    assert seeded
    assert by_code("03").complexity is Complexity.HARD
    assert by_code("04").complexity is Complexity.COMPLEX
    assert by_code("06").urgency is Urgency.URGENT
    assert by_code("17").quantity == "清欠（万元）"
    assert by_code("20").rejects
    assert "法院" in by_code("20").guidance
    assert by_code("20.1").rejects


def test_a_catalogue_that_is_there_is_left_alone(
    keeper: Actor, units: dict[str, OrgUnit], seeded: int
) -> None:
    by_code("01").name = "改过的"
    db.session.commit()

    with transaction():
        assert service.seed(keeper.tenant_id, units, actor=keeper) == 0
    assert by_code("01").name == "改过的"
    assert count() == seeded


# ---- what it proposes ----


def test_a_subcategory_without_units_goes_where_its_category_goes(seeded: int) -> None:
    assert seeded
    proposed = queries.proposed(by_code("01"), by_code("01.2"))

    assert proposed.lead_unit is by_code("01").lead_unit
    assert [unit.name for unit in proposed.co_units] == ["财政所"]
    assert (proposed.complexity, proposed.urgency) == (Complexity.COMPLEX, Urgency.NORMAL)
    assert proposed.quantity == "贷款金额（万元）"


def test_a_subcategory_with_a_unit_goes_there(seeded: int) -> None:
    assert seeded
    proposed = queries.proposed(by_code("06"), by_code("06.2"))

    assert proposed.lead_unit
    assert proposed.lead_unit.name == "水务站"
    assert proposed.urgency is Urgency.URGENT


def test_lists_offer_only_what_is_in_use(keeper: Actor, seeded: int) -> None:
    assert seeded
    with transaction():
        service.put_into_use(by_code("12"), in_use=False, reason=WHY, version=None, actor=keeper)

    offered = [label for _, label in queries.choices(viewer=keeper)]
    assert "01 融资金融" in offered
    assert "12 科技创新与数字化" not in offered
    supply = [name for _, name in queries.subcategory_choices(by_code("06").id, viewer=keeper)]
    assert supply == ["供电（增容、停电）", "供水（水压、停水）", "供气（停气）", "宽带网络"]
    assert "12" not in [b.category.code for b in queries.tree(viewer=keeper)]
    assert "12" in [b.category.code for b in queries.managed(viewer=keeper)]


def test_the_catalogue_costs_the_same_however_long_it_is(keeper: Actor, seeded: int) -> None:
    assert seeded
    db.session.rollback()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    for branch in queries.tree(viewer=keeper):
        for category in (branch.category, *branch.children):
            assert category.lead_unit is None or category.lead_unit.name
            assert all(unit.name for unit in category.co_units)

    assert len(asked) <= 3


# ---- keeping it ----


def test_a_category_is_added_at_the_end_and_logged(keeper: Actor, seeded: int) -> None:
    assert seeded
    unit = make.unit("宽带公司")

    made = add(keeper, lead_unit_id=unit.id)

    assert queries.tree(viewer=keeper)[-1].category.id == made.id
    entry = db.session.scalars(select(audit.AuditRow).order_by(audit.AuditRow.id.desc())).first()
    assert entry
    assert (entry.subject, entry.subject_id, entry.user_id) == (
        "category",
        made.id,
        keeper.user_id,
    )
    assert entry.after
    assert entry.after["lead_unit"] == "宽带公司"


def test_a_subcategory_stands_below_its_category(keeper: Actor, seeded: int) -> None:
    assert seeded
    made = add(keeper, by_code("06"), code="06.5", name="热力")

    assert made.parent_id == by_code("06").id
    assert "热力" in [
        name for _, name in queries.subcategory_choices(by_code("06").id, viewer=keeper)
    ]


@pytest.mark.parametrize("code", ["1", "100", "6a", "01", "06.1", ""])
def test_a_code_of_the_first_level_is_two_figures_that_are_free(
    keeper: Actor, seeded: int, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(keeper, code=code)

    assert refused.value.field == "code"
    assert count() == seeded


@pytest.mark.parametrize("code", ["06", "07.9", "06.1", "06.", "06.123"])
def test_a_code_of_the_second_level_begins_with_the_one_above(
    keeper: Actor, seeded: int, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(keeper, by_code("06"), code=code)

    assert refused.value.field == "code"
    assert count() == seeded


def test_there_is_no_third_level(keeper: Actor, seeded: int) -> None:
    with pytest.raises(Invalid):
        add(keeper, by_code("06.1"), code="06.9")
    assert count() == seeded


def test_the_lead_unit_is_no_co_unit(keeper: Actor) -> None:
    unit = make.unit()

    with pytest.raises(Invalid) as refused:
        add(keeper, lead_unit_id=unit.id, co_unit_ids=(unit.id,))
    assert refused.value.field == "co_unit_ids"


def test_what_is_not_handled_says_where_to_go(keeper: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        add(keeper, rejects=True)
    assert refused.value.field == "guidance"


def test_units_of_another_tenant_and_units_that_ended_are_not_taken(keeper: Actor) -> None:
    foreign = make.unit(tenant=make.tenant())
    ended = make.unit(is_active=False)

    for unit_id in (foreign.id, ended.id, 0, 99999):
        for given in ({"lead_unit_id": unit_id or 99999}, {"co_unit_ids": (unit_id,)}):
            with pytest.raises(Invalid):
                add(keeper, **given)
    assert count() == 0


def test_a_unit_that_ended_may_stay_where_it_was(keeper: Actor) -> None:
    unit = make.unit()
    category = add(keeper, lead_unit_id=unit.id)
    unit.is_active = False
    db.session.commit()

    with transaction():
        draft = CategoryDraft(code="30", name="新名", lead_unit_id=unit.id)
        service.edit_category(category, draft, reason=WHY, version=None, actor=keeper)

    assert (category.name, category.lead_unit_id) == ("新名", unit.id)


def test_the_second_of_two_editors_is_told(keeper: Actor) -> None:
    category = add(keeper)
    seen = category.version
    with transaction():
        draft = CategoryDraft(code="30", name="先来的")
        service.edit_category(category, draft, reason=WHY, version=seen, actor=keeper)

    draft = CategoryDraft(code="30", name="后来的")
    with pytest.raises(Stale), transaction():
        service.edit_category(category, draft, reason=WHY, version=seen, actor=keeper)
    assert by_code("30").name == "先来的"


def test_only_roles_that_manage_the_catalogue_may_change_it(keeper: Actor) -> None:
    category = add(keeper)
    for role in Role:
        actor = Actor(tenant_id=keeper.tenant_id, user_id=None, role=role)
        if actor.may(Permission.CATALOGUE_MANAGE) or role is Role.SYSTEM:
            assert queries.category(category.id, viewer=actor)
            continue
        with pytest.raises(NotAllowed):
            queries.managed(viewer=actor)
        with pytest.raises(NotAllowed):
            add(actor, code="31")
        with pytest.raises(NotAllowed), transaction():
            service.put_into_use(category, in_use=False, reason=WHY, version=None, actor=actor)


def test_another_tenants_category_is_not_there(keeper: Actor) -> None:
    category = add(keeper)
    stranger = make.actor(Role.SYS_ADMIN, tenant=make.tenant())

    with pytest.raises(NotFound):
        queries.category(category.id, viewer=stranger)
    draft = CategoryDraft(code="30", name="别人的")
    with pytest.raises(NotFound), transaction():
        service.edit_category(category, draft, reason=WHY, version=None, actor=stranger)
    with pytest.raises(NotFound):
        add(stranger, category, code="30.1")
    assert queries.tree(viewer=stranger) == ()


# ---- its pages ----


@pytest.fixture
def office(seeded: int, client_for: Browse) -> FlaskClient:
    assert seeded
    return client_for(make.user(Role.OFFICE_DIRECTOR))


def text_of(shown: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", shown))


def send(client: FlaskClient, url: str, **given: object) -> tuple[int, str]:
    usual = {"idempotency_key": "0" * 32, "complexity": "simple", "urgency": "normal"}
    answer = client.post(url, data=usual | given)
    db.session.rollback()
    return answer.status_code, answer.text


def test_the_catalogue_is_shown_with_units_and_defaults(office: FlaskClient) -> None:
    shown = text_of(office.get("/catalogue").text)

    assert "21 个类别在用" in shown
    assert "01 融资金融" in shown
    assert "协办：财政所" in shown
    assert "一般（C类），紧急" in shown
    assert "个类别还有事项没有默认的主办单位" in shown


def test_an_empty_catalogue_says_what_to_do(client_for: Browse) -> None:
    shown = client_for(make.user(Role.SYS_ADMIN)).get("/catalogue").text

    assert "目录还是空的" in shown
    assert "/catalogue/new" in shown


def test_a_category_is_added_and_changed_through_its_form(office: FlaskClient) -> None:
    unit = make.unit("宽带公司", kind=UnitKind.VERTICAL)
    assert 'value="21"' in office.get("/catalogue/new").text

    status, _ = send(office, "/catalogue/new", code="21", name="网络", lead_unit_id=str(unit.id))
    assert status == 303
    category = by_code("21")
    form = office.get(f"/catalogue/{category.id}").text
    assert f'<option selected value="{unit.id}">宽带公司' in form

    answer = office.post(
        f"/catalogue/{category.id}",
        data={
            "idempotency_key": "1" * 32,
            "version": str(category.version),
            "reason": WHY,
            "code": "21",
            "name": "网络与通信",
            "name_en": "Internet",
            "lead_unit_id": "",
            "co_unit_ids": [str(unit.id)],
            "complexity": "complex",
            "urgency": "urgent",
        },
    )
    db.session.rollback()
    assert answer.status_code == 303
    changed = by_code("21")
    assert (changed.name, changed.lead_unit, changed.co_units) == ("网络与通信", None, [unit])
    assert changed.name_en == "Internet"
    trail = office.get("/admin/trail/catalogue").text
    assert "英文名称" in trail
    assert "Internet" in trail


def test_a_subcategory_is_added_below_its_category(office: FlaskClient) -> None:
    parent = by_code("06")
    assert 'value="06.5"' in office.get(f"/catalogue/new?parent={parent.id}").text

    status, _ = send(office, f"/catalogue/new?parent={parent.id}", code="06.5", name="热力")

    assert status == 303
    assert by_code("06.5").parent_id == parent.id


@pytest.mark.parametrize(
    "given",
    [
        {"code": "21", "name": ""},
        {"code": "", "name": "网络"},
        {"code": "01", "name": "网络"},
        {"code": "21", "name": "长" * 41},
        {"code": "21", "name": "网络", "complexity": "none"},
        {"code": "21", "name": "网络", "urgency": ""},
        {"code": "21", "name": "网络", "lead_unit_id": "99999"},
        {"code": "21", "name": "网络", "lead_unit_id": "x"},
        {"code": "21", "name": "网络", "co_unit_ids": ["99999"]},
        {"code": "21", "name": "网络", "co_unit_ids": ["x"]},
        {"code": "21", "name": "网络", "rejects": "y"},
    ],
)
def test_a_bad_category_is_explained_and_what_was_typed_is_kept(
    office: FlaskClient, given: dict[str, object]
) -> None:
    before = count()

    status, shown = send(office, "/catalogue/new", **{"items": "我写的事项"} | given)

    assert status == 422
    assert "bh-errors" in shown
    assert "我写的事项" in shown
    assert count() == before


def test_a_category_is_taken_out_of_use_and_back(office: FlaskClient) -> None:
    category = by_code("12")
    url = f"/catalogue/{category.id}/use"

    first = office.post(
        url,
        data={
            "use-idempotency_key": "1" * 32,
            "use-version": category.version,
            "in_use": "0",
            "use-reason": WHY,
        },
    )
    db.session.rollback()
    assert (first.status_code, by_code("12").is_active) == (303, False)
    assert "20 个类别在用" in text_of(office.get("/catalogue").text)

    stale = office.post(
        url,
        data={
            "use-idempotency_key": "2" * 32,
            "use-version": category.version - 1,
            "in_use": "1",
            "use-reason": WHY,
        },
    )
    assert stale.status_code == 409
    again = {"use-idempotency_key": "3" * 32, "use-reason": WHY}
    send(office, url, in_use="1", **again)
    assert by_code("12").is_active


def test_no_two_fields_of_a_category_page_share_an_id(office: FlaskClient) -> None:
    page = office.get(f"/catalogue/{by_code('12').id}").text
    ids = re.findall(r'\sid="([^"]+)"', page)

    assert len(ids) > 20
    assert sorted(ids) == sorted(set(ids))


def test_a_category_that_is_not_ours_is_not_found(
    office: FlaskClient, keeper: Actor, client_for: Browse
) -> None:
    assert keeper
    stranger = client_for(make.user(Role.SYS_ADMIN, tenant=make.tenant()))
    url = f"/catalogue/{by_code('01').id}"

    assert office.get(url).status_code == 200
    assert stranger.get(url).status_code == 404
    assert send(stranger, url, code="01", name="别人的")[0] == 404
    assert send(stranger, f"{url}/use", in_use="0")[0] == 404
    assert office.get("/catalogue/99999").status_code == 404
    assert office.get("/catalogue/new?parent=99999").status_code == 404
    assert office.get(f"/catalogue/new?parent={by_code('01.1').id}").status_code == 404


def test_who_does_not_keep_the_catalogue_does_not_see_its_pages(
    office: FlaskClient, client_for: Browse
) -> None:
    assert office
    handler = client_for(make.user(Role.HANDLER))

    for url in ("/catalogue", "/catalogue/new", f"/catalogue/{by_code('01').id}"):
        assert handler.get(url).status_code == 403
    assert send(handler, "/catalogue/new", code="21", name="网络")[0] == 403
