"""The trail: who changed the rules, when, from what to what, and why."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import queries, service
from app.accounts.models import OrgUnit, Tenant, User
from app.accounts.queries.trail import KEPT, Area
from app.accounts.roles import PEOPLE, Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed
from app.core.transactions import transaction
from app.tickets.service import catalogue
from app.tickets.service.catalogue import CategoryDraft
from tests import make

pytestmark = pytest.mark.usefixtures("app")
Browse = Callable[[Actor], FlaskClient]
WHY = "按县营商办〔2026〕3号文件"
Change = Callable[[Actor, str], object]


@pytest.fixture
def admin() -> Actor:
    return make.actor(Role.SYS_ADMIN)


def _unit(actor: Actor, reason: str) -> None:
    unit = make.unit("财政所")
    draft = service.UnitDraft("财政办", unit.kind)
    service.edit_unit(unit, draft, reason=reason, version=None, actor=actor)


def _person(actor: Actor, reason: str) -> None:
    person = make.user(name="沈知夏", username="shenzhixia")
    draft = service.UserDraft("shenzhixia", "沈知夏", post="副主任")
    service.edit_user(person, draft, reason=reason, version=None, actor=actor)


def _closed(actor: Actor, reason: str) -> None:
    service.deactivate(make.user(name="沈知夏"), reason=reason, version=None, actor=actor)


def _opened(actor: Actor, reason: str) -> None:
    person = make.user(name="沈知夏", is_active=False)
    service.activate(person, reason=reason, version=None, actor=actor)


def _given(actor: Actor, reason: str) -> None:
    service.give_role(make.user(), Role.SUPERVISOR, reason=reason, actor=actor)


def _ended(actor: Actor, reason: str) -> None:
    service.end_role(make.user().roles[0], reason=reason, actor=actor)


def _parameters(actor: Actor, reason: str) -> None:
    tenant = db.session.get_one(Tenant, actor.tenant_id)
    service.set_parameters(tenant, {"limit_simple": 7}, reason=reason, version=None, actor=actor)


def _category(actor: Actor, reason: str) -> None:
    kind = make.category("交通物流", code="07")
    draft = CategoryDraft(code="07", name="交通")
    catalogue.edit_category(kind, draft, reason=reason, version=None, actor=actor)


def _unused(actor: Actor, reason: str) -> None:
    kind = make.category("交通物流", code="07")
    catalogue.put_into_use(kind, in_use=False, reason=reason, version=None, actor=actor)


CHANGES: tuple[Change, ...] = (
    _unit,
    _person,
    _closed,
    _opened,
    _given,
    _ended,
    _parameters,
    _category,
    _unused,
)


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditRow)) or 0


def newest() -> AuditRow:
    return db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_kept_with_who_and_why(admin: Actor, change: Change) -> None:
    with transaction():
        change(admin, f" {WHY} ")

    row = newest()
    assert (row.user_id, row.role, row.reason) == (admin.user_id, "sys_admin", WHY)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("reason", ["", " 改 ", "改" * 201])
def test_a_change_without_a_good_reason_is_refused(
    admin: Actor, change: Change, reason: str
) -> None:
    before = rows()

    with pytest.raises(Invalid) as refused, transaction():
        change(admin, reason)

    db.session.rollback()
    assert refused.value.field == "reason"
    assert rows() == before


def test_only_what_changed_is_kept_before_and_after(admin: Actor) -> None:
    with transaction():
        _category(admin, WHY)

    row = newest()
    assert row.before == {"name": "交通物流"}
    assert row.after == {"of": "07 交通物流", "name": "交通"}


def test_what_changes_nothing_is_not_logged_and_needs_no_reason(admin: Actor) -> None:
    unit, person = make.unit("财政所"), make.user(name="沈知夏", username="shen")
    kind = make.category("交通物流", code="07")
    before = rows()

    with transaction():
        service.edit_unit(
            db.session.get_one(OrgUnit, unit.id),
            service.UnitDraft("财政所", unit.kind),
            reason="",
            version=None,
            actor=admin,
        )
        draft = service.UserDraft("SHEN", "沈知夏")
        service.edit_user(
            db.session.get_one(User, person.id), draft, reason="", version=None, actor=admin
        )
        catalogue.edit_category(
            kind,
            CategoryDraft(code="07", name="交通物流"),
            reason="",
            version=None,
            actor=admin,
        )
        service.activate(person, reason="", version=None, actor=admin)

    assert rows() == before


def test_the_first_role_of_a_person_needs_no_reason(admin: Actor) -> None:
    person = make.user(None)

    with transaction():
        service.give_role(person, Role.LIAISON, actor=admin)
    with pytest.raises(Invalid), transaction():
        service.give_role(person, Role.SUPERVISOR, actor=admin)


@pytest.mark.parametrize("area", list(Area))
def test_whoever_keeps_an_area_reads_its_trail_and_nobody_else(area: Area) -> None:
    for role in PEOPLE:
        actor = make.actor(role)
        if actor.may(KEPT[area][1]):
            queries.trail(area, viewer=actor)
            continue
        with pytest.raises(NotAllowed):
            queries.trail(area, viewer=actor)


@pytest.mark.parametrize(
    ("change", "area", "said"),
    [
        (_unit, "units", ("财政所", "财政办", "名称")),
        (_person, "people", ("沈知夏", "副主任", "职务")),
        (_ended, "people", ("结束岗位", "交办员")),
        (_parameters, "parameters", ("7",)),
        (_category, "catalogue", ("07 交通物流", "类别", "交通")),
    ],
)
def test_the_page_of_an_area_tells_its_changes_in_words(
    admin: Actor, client_for: Browse, change: Change, area: str, said: tuple[str, ...]
) -> None:
    with transaction():
        change(admin, WHY)

    page = client_for(admin).get(f"/admin/trail/{area}")

    assert page.status_code == 200
    for words in (*said, WHY, admin.name):
        assert words in page.text


def test_the_trail_is_read_page_by_page_the_newest_first_and_no_other_tenants(
    admin: Actor, client_for: Browse
) -> None:
    stranger = make.actor(Role.SYS_ADMIN, tenant=make.tenant())
    for number in range(60):
        with transaction():
            tenant = db.session.get_one(Tenant, admin.tenant_id)
            service.set_parameters(
                tenant,
                {"limit_simple": 5 + number % 2 + 1},
                reason=f"第{number:02}次调整",
                version=None,
                actor=admin,
            )

    first = client_for(admin).get("/admin/trail/parameters").text
    last = client_for(admin).get("/admin/trail/parameters?page=99").text
    theirs = client_for(stranger).get("/admin/trail/parameters").text

    assert first.index("第59次调整") < first.index("第58次调整")
    assert "第00次调整" not in first
    assert "第00次调整" in last
    assert "次调整" not in theirs


def test_an_area_that_is_none_is_no_page(admin: Actor, client_for: Browse) -> None:
    assert client_for(admin).get("/admin/trail/secrets").status_code == 404
