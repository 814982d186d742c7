"""Calendars as files: read back as they were meant, and shaped as the standard asks."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from app.core import ics
from app.core.ics import Entry

AT = datetime(2026, 9, 21, 1, tzinfo=UTC)
VISIT = Entry("visit-task-7", "走访：塑岭管业", date(2026, 10, 12), AT, place="集镇北路 18 号")
DUE = Entry(
    "ticket-3",
    "企业问题到期（办理中）：塑岭管业",
    datetime(2026, 10, 9, 9, tzinfo=UTC),
    AT,
    end=datetime(2026, 10, 9, 9, 30, tzinfo=UTC),
    details="编号 QS20260921-0003。\n登录后看，逗号,分号;反斜杠\\。",
    url="https://bihuan.example/tickets/3",
    sequence=4,
    is_free=False,
)


def written(*entries: Entry, **more: str) -> bytes:
    return ics.written(entries, domain="bihuan.example", **more)


def test_what_is_written_is_read_back_as_it_was_meant() -> None:
    read = Calendar.from_ical(written(VISIT, DUE, name="闭环 · 鹿鸣谦", method=ics.PUBLISH))

    visit, due = read.walk("VEVENT")
    assert (read["METHOD"], read["VERSION"], read["CALSCALE"]) == ("PUBLISH", "2.0", "GREGORIAN")
    assert read["X-WR-CALNAME"] == "闭环 · 鹿鸣谦"
    assert (visit["SUMMARY"], visit["LOCATION"]) == (VISIT.summary, VISIT.place)
    assert (visit.decoded("DTSTART"), visit.decoded("DTEND")) == (
        date(2026, 10, 12),
        date(2026, 10, 13),  # the first day that is past it
    )
    assert due["DESCRIPTION"] == DUE.details
    assert due["URL"] == DUE.url
    assert int(due["SEQUENCE"]) == 4
    assert (due.decoded("DTSTART"), due.decoded("DTEND")) == (DUE.start, DUE.end)
    assert [one["UID"] for one in (visit, due)] == [
        "visit-task-7@bihuan.example",
        "ticket-3@bihuan.example",
    ]


@pytest.mark.parametrize("entry", [VISIT, DUE])
def test_lines_end_in_crlf_and_are_folded_at_75_octets_between_characters(entry: Entry) -> None:
    long = Entry(entry.uid, "走访：明岫霁川塑岭管业股份有限公司第二分厂，" * 20, entry.start, AT)

    content = written(long, name="闭环")

    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert event["SUMMARY"] == long.summary


def test_moments_name_a_time_zone_that_the_file_describes() -> None:
    content = written(DUE).decode()

    assert "DTSTART;TZID=Asia/Shanghai:20261009T170000" in content
    (zone,) = Calendar.from_ical(content).walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    (rule,) = zone.walk("STANDARD")
    assert rule["TZOFFSETTO"].td == timedelta(hours=8)
    assert content.index("BEGIN:VTIMEZONE") < content.index("BEGIN:VEVENT")


def test_days_need_no_time_zone_and_stamps_are_utc() -> None:
    content = written(VISIT).decode()

    assert "VTIMEZONE" not in content
    assert "DTSTART;VALUE=DATE:20261012" in content
    assert re.search(r"DTSTAMP:20260921T010000Z", content)


def test_the_same_entries_are_the_same_file() -> None:
    assert written(VISIT, DUE) == written(VISIT, DUE)


def test_what_could_end_a_line_ends_none() -> None:
    tricky = Entry("x-1", "走访\r\nBEGIN:VEVENT\x0b\u2028：甲", date(2026, 10, 12), AT)

    content = written(tricky)

    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert "甲" in event["SUMMARY"]


def test_an_empty_calendar_is_a_calendar() -> None:
    assert Calendar.from_ical(written(name="闭环")).walk("VEVENT") == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-10-12", date(2026, 10, 12)),
        ("2026-10-12T09:00:00+08:00", datetime(2026, 10, 12, 1, tzinfo=UTC)),
        ("2026-10-12T09:00", datetime(2026, 10, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_day_or_a_moment_is_read_from_text(text: str, meant: date) -> None:
    assert ics.read_when(text) == meant
