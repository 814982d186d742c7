"""Somebody at a browser, who does only what the page offers: signs in, looks, clicks, types."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from playwright.sync_api import Locator, Page, expect

from tests import make
from tests.journeys.town import Person
from tests.pages import DESK, PHONE, assert_accessible, assert_fits, assert_own_marks

START = "/"
SIZES = (PHONE, DESK)


@dataclass
class Walker:
    """A person with a browser of their own; what they see is looked at as they go."""

    page: Page
    person: Person
    pause: Callable[[], None]  # lets some time pass
    careful: bool = True  # have axe look at every page, at both widths

    def __post_init__(self) -> None:
        self.usual = self.page.viewport_size or DESK

    # ---- looking ----

    def look(self) -> Self:
        """Wait for the page; find it accessible and no wider than the window, at both widths."""
        self.page.wait_for_load_state()
        return self.examine() if self.careful else self

    def examine(self) -> Self:
        """Find what is shown accessible and no wider than the window, at both widths."""
        for size in SIZES:
            self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert_fits(self.page)
            assert_own_marks(self.page)
            assert_accessible(self.page)
        self.page.set_viewport_size(self.usual)
        return self

    @property
    def main(self) -> Locator:
        """The page without its shell."""
        return self.page.get_by_role("main")

    @property
    def now(self) -> Locator:
        """The card that says what to do first."""
        return self.main.locator(".bh-now")

    def sees(self, *texts: str) -> Self:
        """Find each text on the page."""
        for text in texts:
            expect(self.main.get_by_text(text).first).to_be_visible()
        return self

    def row(self, title: str) -> Locator:
        """Return the row of the worklist about a ticket."""
        return self.main.locator(".bh-row").filter(has_text=title)

    def panel(self, title: str) -> Locator:
        """Return the part of the page below a heading."""
        return self.main.get_by_role("region", name=title)

    def history(self) -> list[str]:
        """Return the lines of a ticket's history, the oldest first."""
        lines = self.panel("经过").locator(".bh-line > li").all_inner_texts()
        return [re.sub(r"\s+", " ", line) for line in reversed(lines)]

    # ---- going ----

    def sign_in(self, password: str = make.PASSWORD) -> Self:
        """Begin at the start page, as everybody does, and fill in the form it leads to."""
        self.page.goto(START)
        self.look()
        self.page.get_by_label("账号").fill(self.person.username)
        self.page.get_by_label("密码").fill(password)
        self.click(self.page.get_by_role("button", name="登录"))
        return self

    def home(self) -> Self:
        """Go to the worklist by the mark that leads there."""
        self.click(self.page.get_by_role("link", name="闭环").filter(visible=True).first)
        expect(self.main.get_by_role("heading", level=1)).to_have_text("待办")
        return self

    def begin(self, verb: str, title: str) -> Self:
        """Take what the worklist offers to do about a ticket."""
        self.home()
        self.click(self.row(title).get_by_role("link", name=re.compile(f"^{verb} ?：{title}$")))
        return self

    def open(self, title: str) -> Self:
        """Open a ticket from the worklist."""
        self.home()
        self.click(self.row(title).get_by_role("link", name=title, exact=True))
        return self

    def menu(self, name: str) -> Self:
        """Go to a page of the menu."""
        self.click(self.page.get_by_role("navigation").get_by_role("link", name=name).first)
        return self

    def search(self, words: str) -> Self:
        """Look for something in the search field of every page."""
        field = self.page.get_by_role("banner").get_by_role("searchbox")
        field.fill(words)
        with self.page.expect_navigation():
            field.press("Enter")
        return self.look()

    def follow(self, name: str) -> Self:
        """Follow a link or a button of the page that leads on."""
        self.click(self.main.get_by_role("link", name=name, exact=True).first)
        return self

    def submit(self, name: str) -> Self:
        """Press the button of the form, after the time that filling it in takes."""
        self.pause()
        self.click(self.main.get_by_role("button", name=name, exact=True))
        return self

    def click(self, what: Locator) -> None:
        """Click on what leads to another page, and look at that."""
        with self.page.expect_navigation():
            what.click()
        self.look()

    # ---- filling in ----

    def fill(self, label: str, text: str) -> Self:
        """Write into a field."""
        self.main.get_by_role("textbox", name=label).fill(text)
        return self

    def choose(self, label: str, option: str) -> Self:
        """Choose from a list."""
        self.main.get_by_role("combobox", name=label).select_option(label=option)
        return self

    def pick(self, question: str, answer: str) -> Self:
        """Give one of the answers that stand side by side."""
        group = self.main.get_by_role("group", name=question)
        group.get_by_role("radio", name=answer, exact=True).check()
        return self

    def tick(self, label: str) -> Self:
        """Tick a box."""
        self.main.get_by_role("checkbox", name=label).check()
        return self
