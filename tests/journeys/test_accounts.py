"""The door and the administration, as a browser shows them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.accounts.models import UnitKind
from app.accounts.roles import Role
from tests import make
from tests.pages import DESK, PHONE, assert_accessible

pytestmark = pytest.mark.journey
SIZES = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])


def look(page: Page, address: str) -> None:
    """Open a page, and find it accessible and no wider than the window."""
    page.goto(address)
    assert_accessible(page)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{address} is {wide} px too wide"


@SIZES
def test_a_newcomer_signs_in_and_chooses_a_password(
    new_page: Callable[..., Page], viewport: dict[str, int]
) -> None:
    user = make.user(username="shen", password=make.PASSWORD, must_change_password=True)
    held = make.holding(user, Role.SYS_ADMIN)
    page = new_page(viewport=viewport)

    look(page, "/admin/users")
    page.get_by_label("账号").fill("shen")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert").first).to_contain_text("还可以试 4 次")
    assert_accessible(page)
    page.get_by_label("密码").fill(make.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="先换成您自己的密码")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("现在的密码").fill(make.PASSWORD)
    page.get_by_label("新密码", exact=True).fill("Xi-2026-an")
    page.get_by_label("再输一次新密码").fill("Xi-2026-an")
    page.get_by_role("button", name="改密码").click()

    expect(page.get_by_text("密码已改好")).to_be_visible()
    assert held.is_active


@SIZES
def test_an_administrator_finds_every_page_usable(
    page_for: Callable[..., Page], viewport: dict[str, int]
) -> None:
    admin = make.user(Role.SYS_ADMIN, name="沈知夏", username="shenzhixia", post="科员")
    office = make.unit("营商办", kind=UnitKind.OFFICE)
    unit = make.unit("国土空间规划和自然资源管理办公室", kind=UnitKind.DEPT)
    make.unit("霁川社区", kind=UnitKind.VILLAGE)
    person = make.user(Role.DISPATCHER, unit=office, name="欧阳晏清和", username="ouyangyanqinghe")
    make.holding(person, Role.HANDLER, unit=unit)
    make.user(None, name="鹿鸣谦")
    page = page_for(admin, viewport=viewport)

    for address in (
        "/admin/users",
        "/admin/users?q=none",
        "/admin/users/new",
        f"/admin/users/{person.id}",
        f"/admin/users/{person.id}/state",
        "/admin/units",
        "/admin/units/new",
        f"/admin/units/{unit.id}",
        "/admin/parameters",
        "/password",
    ):
        look(page, address)


@SIZES
def test_an_auditor_reads_the_log(page_for: Callable[..., Page], viewport: dict[str, int]) -> None:
    admin = page_for(make.user(Role.SYS_ADMIN, name="沈知夏"))
    admin.goto("/admin/parameters")
    admin.get_by_label("办理期限，一般（C类）").fill("7")
    admin.get_by_label("为什么改").fill("县里的新规定")
    admin.get_by_role("button", name="保存参数").click()
    expect(admin.get_by_text("参数已保存")).to_be_visible()

    page = page_for(make.user(Role.AUDIT_ADMIN), viewport=viewport)
    look(page, "/admin/audit")

    expect(page.get_by_text("县里的新规定")).to_be_visible()
