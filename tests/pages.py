"""What is looked at in every page that Chromium shows: faults, and what axe finds."""

from dataclasses import dataclass, field

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, Request, Response

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
LOOK = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
REFUSED = "Failed to load resource"  # Chromium's word for a status; `_note_response` judges it
# Bootstrap's arrows and ticks, which our sheets replace. Whoever looks at a page before all of
# its sheets are there, as only a test does, has Chromium ask for them; see `assert_own_marks`.
MARKS = "Loading the image 'data:image/svg+xml"
OWN_MARKS = """[...document.querySelectorAll("*")]
    .filter((each) => getComputedStyle(each).backgroundImage.includes("data:"))
    .map((each) => each.outerHTML.slice(0, 200))"""
TWICE = """[...document.querySelectorAll("[id]")].map((each) => each.id)
    .filter((id, at, all) => all.indexOf(id) !== at)"""


@dataclass
class Watch:
    """What was wrong in the pages of one journey."""

    origin: str
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Notice errors, refused assets and requests to elsewhere in `page`."""
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("request", self._note_request)
        page.on("response", self._note_response)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith((REFUSED, MARKS)):
            self.faults.append(f"console {message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.faults.append(f"request to elsewhere: {request.url}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.faults.append(f"{response.status} for {response.url}")


def assert_fits(page: Page) -> None:
    """Fail if `page` is wider than its window: nobody should have to scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def assert_own_marks(page: Page) -> None:
    """Fail if a mark of Bootstrap's is left in `page`: our policy forbids `data:` images."""
    found = page.evaluate(OWN_MARKS)
    assert not found, f"{page.url}: {found}"


def assert_accessible(page: Page) -> None:
    """Fail with each violation that axe finds in what `page` shows now, and each id there twice."""
    twice = page.evaluate(TWICE)
    assert not twice, f"{page.url}: ids that are not unique: {twice}"
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(LOOK)
    assert not found, f"{page.url}\n" + "\n".join(
        f"{violation['id']}: {violation['help']}: {node['target']} {node['html'][:200]}"
        for violation in found
        for node in violation["nodes"]
    )
