"""The invitation in a letter: a file that calendars take in, and nothing where there is none."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

from flask import Flask
from icalendar import Calendar

from app.notifications import channels
from app.notifications.calendar import Attachment
from tests.notifications.test_channels import CONTEXT, LETTER

EVENT = {
    "uid": "visit-task-7",
    "start": "2026-10-12",
    "summary": "走访：塑岭管业",
    "place": "霁川社区集镇北路 18 号",
    "sequence": 3,
}
DAY = {
    "uid": "service-day-2",
    "start": "2026-10-15T09:00:00+08:00",
    "end": "2026-10-15T11:30:00+08:00",
    "summary": "企业家接待日",
}
INVITING = replace(LETTER, context=CONTEXT | {"invitation": {"events": [EVENT, DAY]}})


def sent(app: Flask, letter: channels.Letter) -> EmailMessage:
    """Return a letter as it arrives: written, and read from its bytes."""
    del app
    content = channels.composed(letter).as_bytes(policy=email.policy.SMTP)
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_letter_without_an_invitation_is_as_before(app: Flask) -> None:
    message = sent(app, LETTER)

    assert message.get_content_type() == "multipart/alternative"
    assert list(message.iter_attachments()) == []


def test_an_invitation_goes_along_as_a_file_that_is_published(app: Flask) -> None:
    message = sent(app, INVITING)

    (file,) = message.iter_attachments()
    assert file.get_content_type() == "text/calendar"
    assert file.get_filename() == "invitation.ics"
    assert file.get_param("method") == "PUBLISH"
    assert file.get_content_charset() == "utf-8"
    assert message.get_body(("plain",))
    assert message.get_body(("html",))


def test_its_entries_are_read_back_with_names_that_stay(app: Flask) -> None:
    (file,) = sent(app, INVITING).iter_attachments()
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)

    read = Calendar.from_ical(content)

    visit, day = read.walk("VEVENT")
    assert b"\r\n" in content
    assert read["METHOD"] == "PUBLISH"
    assert visit["UID"] == "visit-task-7@127.0.0.1"
    assert int(visit["SEQUENCE"]) == 3
    assert visit["ORGANIZER"] == "mailto:noreply@127.0.0.1"
    assert day.decoded("DTSTART").isoformat() == "2026-10-15T09:00:00+08:00"
    assert day.decoded("DTEND").isoformat() == "2026-10-15T11:30:00+08:00"
    assert read.walk("VTIMEZONE")


def test_other_files_may_go_along_as_well(app: Flask) -> None:
    report = Attachment("说明.txt", "一行字")

    first, second = sent(app, replace(INVITING, attachments=(report,))).iter_attachments()

    assert (first.get_filename(), first.get_content().strip()) == ("说明.txt", "一行字")
    assert second.get_filename() == "invitation.ics"
