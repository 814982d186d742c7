"""A mail scanner: opens every link of a letter and of its calendars, and sends every form there."""

import hashlib
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from app.core.db import Base, db

LINK = re.compile(r"""https?://[^\s"'<>（）)\\]+""")
CALENDAR = "text/calendar"


@dataclass
class Form:
    """A form as a page shows it: where it goes, and what a browser would send untouched."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects the forms of a page, with what is filled in and chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._text: tuple[Form, str] | None = None
        self._select: tuple[Form, str] | None = None
        self._said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(said.get("action", ""), said.get("method", "get").lower())
            self.forms.append(self._open)
            self.by_id[said.get("id", "")] = self._open
        form = self.by_id.get(said["form"]) if "form" in said else self._open
        if form is None:
            return
        name, value = said.get("name", ""), said.get("value", "")
        if tag == "input":
            self._input(form, said, name, value)
        elif tag == "button" and said.get("type", "submit") == "submit":
            form.buttons.append((name, value))
        elif tag == "textarea":
            self._text, self._said = (form, name), ""
        elif tag == "select":
            self._select = (form, name)
        elif tag == "option" and self._select and "selected" in said:
            self._select[0].fields.append((self._select[1], value))

    def _input(self, form: Form, said: dict[str, str], name: str, value: str) -> None:
        kind = said.get("type", "text")
        if kind == "submit":
            form.buttons.append((name, value))
        elif (kind not in {"radio", "checkbox"} or "checked" in said) and kind != "file":
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._text:
            self._text[0].fields.append((self._text[1], self._said))
            self._text = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        self._said += data


def forms(page: str) -> list[Form]:
    """Return the forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def links(letter: EmailMessage) -> set[str]:
    """Return every address of ours in a letter and in its calendars, as paths with questions."""
    parts = [part for part in letter.walk() if part.get_content_maintype() == "text"]
    found = in_calendars(letter)
    for part in parts:
        if part.get_content_type() != CALENDAR:
            found |= addresses(part.get_content())
    return found


def in_calendars(letter: EmailMessage) -> set[str]:
    """Return every address of ours in the calendars that a letter brings along."""
    return set().union(*(of_calendar(content) for content in calendars(letter)))


def calendars(letter: EmailMessage) -> list[bytes]:
    """Return the calendars that a letter brings along, under whatever type they come."""
    return [
        part.get_payload(decode=True)
        for part in letter.walk()
        if part.get_content_type() == CALENDAR
        or (part.get_filename() or "").lower().endswith(".ics")
    ]


def of_calendar(content: bytes) -> set[str]:
    """Return every address of ours in a calendar: of each property of each entry, as it is meant.

    Its lines are put together and its signs written plainly first, as any calendar does.
    """
    found: set[str] = set()
    for entry in Calendar.from_ical(content).walk():
        for value in entry.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):  # a text or an address; moments lead nowhere
                    found |= addresses(one)
    return found


def addresses(text: str) -> set[str]:
    """Return every address of ours in a text: of a page or of a mail."""
    found = set()
    for address in LINK.findall(text.replace("&amp;", "&")):
        split = urlsplit(address)
        found.add(f"{split.path}?{split.query}" if split.query else split.path)
    return found


def scan(client: FlaskClient, path: str) -> list[int]:
    """Open `path` as a scanner does, twice, and send each of its forms with each of its buttons.

    Return the statuses of the answers to what was sent. Whatever the answers show is sent too:
    a page that asks "really?" is no help against what sends every form. What leads to a calendar
    leads to all that stands in it.
    """
    client.head(path)
    page = client.get(path, follow_redirects=True)
    assert page.status_code < 500, path
    if page.mimetype == CALENDAR:
        return [one for led in sorted(of_calendar(page.data)) for one in scan(client, led)]
    said = []
    seen: set[str] = set()
    waiting = [(page.request.path, page.text)]
    while waiting:
        at, text = waiting.pop()
        for form in forms(text):
            key = repr((form.action, sorted(name for name, _value in form.fields)))
            if key in seen:
                continue
            seen.add(key)
            for name, value in form.buttons or [("", "")]:
                answer = _send(client, form, at, (name, value) if name else None)
                assert answer.status_code < 500, (path, form)
                said.append(answer.status_code)
                waiting.append((answer.request.path, answer.text))
    return said


def _send(client: FlaskClient, form: Form, at: str, button: tuple[str, str] | None):  # noqa: ANN202 - werkzeug's
    sent: dict[str, list[str]] = {}
    for name, value in [*form.fields, *([button] if button else [])]:
        if name:
            sent.setdefault(name, []).append(value)
    target = form.action or at
    if form.method == "post":
        return client.post(target, data=sent, follow_redirects=True)
    return client.get(target, query_string=sent, follow_redirects=True)


def holdings(but: frozenset[str] = frozenset()) -> dict[str, tuple[int, str]]:
    """Return how many rows each table holds, and a mark of all that stands in them."""
    db.session.rollback()
    db.session.expire_all()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in but:
            continue
        rows = sorted(repr(tuple(row)) for row in db.session.execute(select(table)))
        found[table.name] = len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()
    db.session.rollback()
    return found
