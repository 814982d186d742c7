"""An enterprise tells its problem on a phone, without an account, and follows it there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Self

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale, gettext
from playwright.sync_api import FilePayload, Locator, Page, expect

from app.core.locale import LOCALES
from tests.journeys import town
from tests.journeys.town import FIRM, SHORT, STORY, TITLE, Town
from tests.journeys.walker import SIZES, Walker
from tests.pages import PHONE, assert_accessible, assert_fits, assert_own_marks
from tests.portal.visitor import photo

pytestmark = pytest.mark.journey
PHOTO = "限高架.png"
ADDED = "今天上午又有一台设备卡在那里，司机等了三个小时。"
UNKNOWN = "拾光机械"  # what they call themselves; on file they are called otherwise
ODD = f"{STORY}照片都在 https://pan.example/s/42 上。"
SEEN = {"zh": "收到了，正在看归谁办", "en": "Received; we are seeing whose it is"}


class Receipt(NamedTuple):
    """What somebody who told a problem writes down."""

    number: str
    code: str


@dataclass
class Teller:
    """Somebody of an enterprise at a phone; what they see is looked at as they go."""

    page: Page
    clock: time_machine.Traveller
    language: str = "zh"
    scripts: bool = True

    @property
    def main(self) -> Locator:
        """The page without its head."""
        return self.page.get_by_role("main")

    def called(self, text: str) -> str:
        """Return what a button or a field is called in the language of the page."""
        with force_locale(LOCALES[self.language]):
            return str(gettext(text))

    # ---- looking ----

    def look(self) -> Self:
        """Find what is shown accessible and no wider than the window, the phone's width last."""
        self.page.wait_for_load_state()
        for size in reversed(SIZES):
            self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert_fits(self.page)
            if self.scripts:  # axe is one
                assert_own_marks(self.page)
                assert_accessible(self.page)
        return self

    def sees(self, *texts: str) -> Self:
        """Find each text on the page."""
        for text in texts:
            expect(self.main.get_by_text(text).first).to_be_visible()
        return self

    def receipt(self) -> Receipt:
        """Read the number and the query code from the page that follows a telling."""
        expect(self.main).to_contain_text(self.called("请记下这两个号"))
        number, code = self.main.locator(".bh-code").all_inner_texts()
        return Receipt(number, code)

    # ---- doing ----

    def open(self, path: str) -> Self:
        """Type an address."""
        self.page.goto(path)
        return self.look()

    def press(self, name: str) -> Self:
        """Press a button after a while, and look at the page that it leads to."""
        self.clock.shift(timedelta(minutes=1))
        return self.tap(self.main.get_by_role("button", name=self.called(name), exact=True))

    def tap(self, what: Locator) -> Self:
        """Tap on what leads to another page, and look at that."""
        with self.page.expect_navigation():
            what.tap()
        return self.look()

    def fill(self, label: str, text: str) -> Self:
        """Write into a field."""
        self.main.get_by_role("textbox", name=self.called(label)).fill(text)
        return self

    def speak_english(self) -> Self:
        """Choose English in the head of the page."""
        self.tap(self.page.get_by_role("banner").get_by_role("button", name="English"))
        expect(self.page.locator("html")).to_have_attribute("lang", "en")
        self.language = "en"
        return self

    def tell(self, firm: str = SHORT, story: str = STORY) -> Receipt:
        """Write down the problem with a photo, and hand it in; return what is to be noted."""
        self.fill("一句话说清", TITLE).fill("具体情况", story).fill("企业名称", firm)
        drawn, _name = photo()
        picture = FilePayload(name=PHOTO, mimeType="image/png", buffer=drawn.getvalue())
        self.main.get_by_label(self.called("照片或文件")).set_input_files(picture)
        self.fill("怎么称呼您", "宋主任").fill("手机号或座机", "142 0000 1234")
        self.main.get_by_role("checkbox", name=self.called("以上内容不含涉密信息")).check()
        return self.press("提交").receipt()

    def follow(self, receipt: Receipt) -> Self:
        """Type the number and the query code where they are asked for."""
        expect(self.page).to_have_url("/follow")
        self.fill("工单编号", receipt.number).fill("查询码", receipt.code)
        return self.press("看办到哪一步")

    def add(self, words: str) -> Self:
        """Add something to what was told."""
        return self.fill("补充内容", words).press("补充给承办的同志")


@pytest.fixture
def teller(
    app: Flask,
    township: Town,
    new_page: Callable[..., Page],
    frozen_clock: time_machine.Traveller,
) -> Callable[..., Teller]:
    """Return a function that gives somebody without an account a phone of their own."""
    del app, township  # they must be there

    def hand_over(*, scripts: bool = True) -> Teller:
        page = new_page(viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=scripts)
        return Teller(page, frozen_clock, scripts=scripts)

    return hand_over


def told_followed_and_added_to(firm: Teller) -> Receipt:
    """Tell a problem, follow it from its receipt, and add to it."""
    receipt = firm.tell()
    firm.tap(firm.main.get_by_role("link", name=firm.called("查进度")))
    firm.follow(receipt).sees(SEEN[firm.language], receipt.number, TITLE)
    firm.add(ADDED).sees(firm.called("您补充了"), ADDED)
    return receipt


def office_reads(clerk: Walker, receipt: Receipt) -> None:
    """Find the ticket among what the office has to do, with the photo and what was added."""
    clerk.open(TITLE).sees(receipt.number, FIRM, STORY, PHOTO, ADDED)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_enterprise_tells_its_problem_on_a_phone_follows_it_and_the_office_reads_all_of_it(
    teller: Callable[..., Teller], seat: Callable[..., Walker], language: str
) -> None:
    firm = teller().open("/tell")
    if language == "en":
        firm.speak_english()

    receipt = told_followed_and_added_to(firm)

    office_reads(seat(town.DISPATCHER, careful=language == "zh"), receipt)


def test_without_scripts_it_is_told_followed_and_added_to_just_the_same(
    teller: Callable[..., Teller], seat: Callable[..., Walker]
) -> None:
    firm = teller(scripts=False).open("/tell")

    receipt = told_followed_and_added_to(firm)

    office_reads(seat(town.DISPATCHER, java_script_enabled=False), receipt)


def test_what_was_told_under_another_name_is_let_in_with_one_key_and_keeps_number_and_code(
    teller: Callable[..., Teller], seat: Callable[..., Walker]
) -> None:
    receipt = teller().open("/tell").tell(firm=UNKNOWN)
    elsewhere = teller().open("/follow").follow(receipt)
    elsewhere.sees("收到了，正在核实", receipt.number)

    clerk = seat(town.DISPATCHER, careful=True).menu("待核实来信")
    clerk.sees(UNKNOWN, "企业名称对不上").follow(TITLE).sees(STORY, PHOTO)
    clerk.page.wait_for_timeout(1000)  # a key pressed at once decides nothing
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("1")
    clerk.look().sees(f"{receipt.number} 已登记", "没有等核实的来信")
    clerk.follow("看企业问题").sees(receipt.number, FIRM, PHOTO)

    elsewhere.open("/follow").follow(receipt).sees(SEEN["zh"], receipt.number, TITLE)


def test_what_is_only_odd_is_let_in_with_one_click_in_the_list_and_followed(
    teller: Callable[..., Teller], seat: Callable[..., Walker]
) -> None:
    firm = teller().open("/tell")
    receipt = firm.tell(story=ODD)

    clerk = seat(town.DISPATCHER, careful=True).menu("待核实来信").sees("内容里有网址")
    clerk.click(clerk.main.get_by_role("button", name=re.compile(f"^放行登记 ?：{TITLE}$")))
    clerk.follow("看企业问题").sees(receipt.number, FIRM, ODD, PHOTO)

    firm.open("/follow").follow(receipt).sees(SEEN["zh"], receipt.number, TITLE)
