"""Calendars as files (RFC 5545): what Outlook, Apple and telephones subscribe to and take in.

What is written follows from what is given alone, so that an unchanged calendar is the same file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Timezone
from icalendar import Event as Component

from app.core import clock

PRODUCT = "-//Bihuan//Bihuan//ZH"
ZONE = "Asia/Shanghai"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)  # how long lasts what says no end
PUBLISH = "PUBLISH"
ZONE_SINCE, ZONE_UNTIL = date(2020, 1, 1), date(2038, 1, 1)  # no summer time in between


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `start` is a day (then `end` is the last one) or a moment, as `end` is.

    `uid` stays when anything else of it changes; `sequence` grows then. `at` is when it was last
    changed, as far as anybody knows.
    """

    uid: str
    summary: str
    start: date | datetime
    at: datetime
    end: date | datetime | None = None
    place: str = ""
    details: str = ""
    url: str = ""
    sequence: int = 0
    is_free: bool = True  # takes no time of the day


def written(
    entries: Sequence[Entry], *, name: str = "", domain: str, method: str = "", organizer: str = ""
) -> bytes:
    """Return the file, lines folded and ended as the standard asks for."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    if name:
        _name(calendar, name)
    if any(isinstance(entry.start, datetime) for entry in entries):
        calendar.add_component(
            Timezone.from_tzid(ZONE, first_date=ZONE_SINCE, last_date=ZONE_UNTIL)
        )
    for entry in entries:
        calendar.add_component(_component(entry, domain, organizer))
    return bytes(calendar.to_ical())


def _name(calendar: Calendar, name: str) -> None:
    """Say what a subscribed calendar is called, and how often to look again."""
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", ZONE)
    calendar.add("refresh-interval", HOUR, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")


def _component(entry: Entry, domain: str, organizer: str) -> Component:
    made = Component()
    made.add("uid", f"{entry.uid}@{domain}")
    made.add("dtstamp", entry.at)
    made.add("sequence", entry.sequence)
    made.add("summary", _plain(entry.summary))
    for label, value in zip(("dtstart", "dtend"), _when(entry), strict=True):
        made.add(label, value)
    for label, text in (("location", entry.place), ("description", entry.details)):
        if text:
            made.add(label, _plain(text))
    if entry.url:
        made.add("url", entry.url)
    if organizer:
        made.add("organizer", f"mailto:{organizer}")
    made.add("transp", "TRANSPARENT" if entry.is_free else "OPAQUE")
    made.add("status", "CONFIRMED")
    return made


def _when(entry: Entry) -> tuple[Any, Any]:
    """Return the first moment and the first that is past it; of days, the day after the last."""
    if isinstance(entry.start, datetime):
        last = entry.end if isinstance(entry.end, datetime) else entry.start + HOUR
        return clock.local(entry.start), clock.local(last)
    return entry.start, (entry.end or entry.start) + DAY


def _plain(text: str) -> str:
    """Return a text without characters that no line may hold."""
    return "".join(each for each in text if each == "\n" or each.isprintable())


def read_when(text: str) -> date | datetime:
    """Return the day or the moment that a message keeps as text in ISO form."""
    if "T" not in text:
        return date.fromisoformat(text)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else datetime.combine(found.date(), found.time(), clock.LOCAL)


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins: for what is known to be of that day only."""
    return clock.at(day, time(0))
