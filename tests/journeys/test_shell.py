"""What every page has around it: keys, languages, large type, the way out; and a phone's width."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import town
from tests.journeys.town import TITLE, Person, Town
from tests.journeys.walker import Walker
from tests.pages import DESK, PHONE, assert_accessible, assert_fits, assert_own_marks

pytestmark = pytest.mark.journey
ONE_OF_EACH = tuple({person.role: person for person in reversed(town.EVERYBODY)}.values())


def test_a_register_is_found_and_opened_by_keys_alone(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.report()
    page = seat(town.DISPATCHER).page

    page.keyboard.press("/")
    expect(page.get_by_role("banner").get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("限高")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=TITLE)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    page.wait_for_load_state()
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")


def test_keys_are_listed_and_do_nothing_in_a_field(
    seat: Callable[..., Walker], township: Town
) -> None:
    del township
    page = seat(town.DISPATCHER).page

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("gd?jk")

    expect(page.get_by_role("banner").get_by_role("searchbox")).to_have_value("gd?jk")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_first_tab_leads_past_the_menu(seat: Callable[..., Walker]) -> None:
    page = seat(town.DISPATCHER).page

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()


def choose(page: Page, name: str) -> None:
    """Choose something in the person's menu."""
    page.get_by_role("banner").locator("summary").click()
    with page.expect_navigation():
        page.get_by_role("banner").get_by_role("button", name=name).click()
    page.wait_for_load_state()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_language_changes_to_english_and_back(
    seat: Callable[..., Walker], township: Town, viewport: dict[str, int]
) -> None:
    township.report()
    page = seat(town.DISPATCHER, viewport=viewport).page

    choose(page, "English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("待办")
    expect(page.locator("main")).to_contain_text(TITLE)
    assert_fits(page)
    assert_accessible(page)
    choose(page, "中文")

    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")


def test_large_type_is_larger_and_still_fits_a_phone(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    handler = seat(town.HANDLER, viewport=PHONE)

    choose(handler.page, "关怀版（大字）")

    size = "getComputedStyle(document.body).fontSize"
    assert handler.page.evaluate(size) == "20px"
    for _page in (handler.home(), handler.open(TITLE), handler.follow("写进展")):
        assert_fits(handler.page)
        assert_accessible(handler.page)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_of_every_component_keeps_the_promises(
    seat: Callable[..., Walker], viewport: dict[str, int]
) -> None:
    page = seat(town.DISPATCHER, viewport=viewport).page

    page.goto("/components")

    assert_fits(page)
    assert_own_marks(page)
    assert_accessible(page)


def test_after_signing_out_the_back_button_shows_nothing(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    handler = seat(town.HANDLER).open(TITLE)

    with handler.page.expect_navigation():
        handler.page.get_by_role("button", name="退出").click()
    expect(handler.page.get_by_role("heading", name="登录")).to_be_visible()
    handler.page.go_back()

    expect(handler.page.get_by_role("heading", name="登录")).to_be_visible()
    expect(handler.page.locator("body")).not_to_contain_text(TITLE)


@pytest.mark.parametrize("person", ONE_OF_EACH, ids=lambda person: person.role.value)
def test_no_page_of_the_menu_is_wider_than_a_phone(
    seat: Callable[..., Walker], township: Town, person: Person
) -> None:
    township.begin()
    page = seat(person, viewport=PHONE).page
    pages = page.locator("nav.bh-side a").evaluate_all("links => links.map((link) => link.href)")
    assert pages

    for address in dict.fromkeys(pages):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_fits(page)
        assert_own_marks(page)
        assert_accessible(page)
