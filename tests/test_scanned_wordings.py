"""A mail scanner at the letters of every wording, and at every calendar: it changes nothing."""

from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.core import clock, links
from app.core.db import db
from app.core.links import PublicLink
from app.core.transactions import transaction
from app.desk import service as desk
from app.enterprises.models import Linkage
from app.notifications import channels
from app.notifications.calendar import KEY
from app.notifications.channels import Letter
from app.notifications.wordings import WORDINGS, Wording
from app.servicedays.models import Invitation
from app.servicedays.service import telling
from app.tickets.service import inviting
from app.visits import service as visits
from tests import make, scanner
from tests.tickets.asking import asked_office

#: Where the letter of each wording leads. Names in braces are of `Leads`; a link is as it is sent.
CASES: dict[str, str] = {
    "R1": "/visits/mine",
    "R2": "/visits/mine",
    "R3": "/visits/mine",
    "R4": "/visits/mine",
    "R5": "/visits/mine",
    "R12": "/visits/rules",
    "urge-digest": "/",
    "R6": "/",
    "R7": "/",
    "R8": "/tickets?view=revisit",
    "R9": "/tickets/{ticket}",
    "weekly": "/digest",
    "monthly-leaders": "/digest",
    "R10": "/reports/2026-08",
    "visit-planned": "/v/{visit}",
    "visit-called-off": "",
    "visit-answered": "/visits/mine",
    "test": "/admin/letters/R1",
    "R11": "/service-days/{day}",
    "R11-enterprise": "/b/{book}",
    "R11-changed": "/service-days/{day}",
    "R11-changed-enterprise": "/b/{book}",
    "service-day-results": "/service-days/{day}/results",
    "service-day-finished": "/service-days/{day}/results",
    "handover": "",
    "handover-in": "/visits/mine",
    "handover-out": "/visits/mine",
    "visit-day": "/visits/mine",
    "firm-received": "/follow/{follow}",
    "firm-accepted": "/follow/{follow}",
    "firm-rejected": "/follow/{follow}",
    "firm-supplement": "/follow/{follow}",
    "firm-answered": "/follow/{follow}",
    "firm-closed": "/follow/{follow}",
    "firm-news": "/follow/{follow}",
    "firm-link": "/follow/{follow}",
    "rating": "/rate/{rate}",
    "R13": "/rate/{rate}",
}
ANSWERED = {"/v/{visit}", "/b/{book}", "/follow/{follow}", "/rate/{rate}"}  # by a form on the page
#: What a visit of a page leaves although nothing of the office changed: that a sign-in was tried.
TRACES = frozenset({"sign_in_attempts"})
FIRST, LAST = date(2026, 9, 24), date(2026, 9, 30)


@dataclass(frozen=True)
class Leads:
    """What the letters are about, and the tokens of links that open something."""

    ticket: int
    day: int
    visit: str
    book: str
    follow: str
    rate: str
    feed: str


@pytest.fixture
def leads(app: Flask) -> Leads:
    app.config["WTF_CSRF_ENABLED"] = True
    office = asked_office()
    liaison = office.actor(Role.LIAISON)
    task = make.task(linkage=db.session.scalars(select(Linkage)).one())
    day = make.service_day()
    with transaction():
        visits.plan(db.session.merge(task), FIRST, version=None, actor=liaison)
        inviting.ask(office.ticket_id)
        invitation = Invitation(
            day_id=day.id, enterprise_id=office.enterprise_id, told_at=clock.now()
        )
        db.session.add(invitation)
        links.make(
            "follow",
            f"ticket:{office.ticket_id}",
            tenant_id=office.tenant_id,
            lasts=timedelta(days=30),
        )
        db.session.flush()  # gives the invitation the id that its link names
        telling.invitation_link(invitation, day)
        feed = desk.give_calendar(actor=liaison)
    db.session.rollback()
    found = {one.purpose: links.token_of(one) for one in db.session.scalars(select(PublicLink))}
    return Leads(
        ticket=office.ticket_id,
        day=day.id,
        visit=found["visit"],
        book=found["service-day"],
        follow=found["follow"],
        rate=found["rate"],
        feed=feed,
    )


def written(wording: Wording, link: str) -> EmailMessage:
    """Return a letter of the wording, with the calendar that it brings."""
    event = {"uid": "a", "start": str(FIRST), "end": str(LAST), "summary": "走访"}
    details = f"请点 http://127.0.0.1:8000{link} 回复，或者打电话。" * 3
    invitation = {KEY: {"events": [event | {"details": details}]}} if link else {}
    letter = Letter(
        id=1,
        attempt=1,
        message_id="1",
        name="宓采薇",
        address="mi@example.com",
        rule=wording.rule,
        subject="",
        context={"tenant": "霁川镇", "is_demo": True, **wording.sample, **invitation},
        link=link,
        written_at=clock.now(),
    )
    return channels.composed(letter)


def test_every_wording_has_a_case() -> None:
    assert set(CASES) == set(WORDINGS)


def test_every_letter_leads_where_its_case_says(leads: Leads) -> None:
    astray = {}
    for rule, case in CASES.items():
        link = case.format(**vars(leads))
        if link and (found := scanner.links(written(WORDINGS[rule], link))) != {link}:
            astray[rule] = found

    assert astray == {}


def test_a_calendar_that_a_letter_brings_is_read_by_itself(leads: Leads) -> None:
    astray = {}
    for rule, case in CASES.items():
        link = case.format(**vars(leads))
        if link and (found := scanner.in_calendars(written(WORDINGS[rule], link))) != {link}:
            astray[rule] = found

    assert astray == {}


def test_a_scanner_reads_a_calendar_under_whatever_type_it_comes() -> None:
    letter = EmailMessage()
    letter.set_content("请看附件。")
    entry = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION:请点 http://127.0.0.1:8000/v/1\\,2-\r\n"
    content = f"{entry} 3 回复\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    letter.add_attachment(
        content, maintype="application", subtype="octet-stream", filename="走访.ICS"
    )

    assert scanner.links(letter) == {"/v/1,2-3"}


def test_a_scanner_of_every_letter_and_calendar_changes_nothing(app: Flask, leads: Leads) -> None:
    feed = f"/calendar/{leads.feed}.ics"
    paths = {case.format(**vars(leads)) for case in CASES.values()} - {""}
    inside = scanner.of_calendar(app.test_client().get(feed).data)
    assert inside
    paths |= {feed} | inside
    before = scanner.holdings(TRACES)

    answers = {path: scanner.scan(app.test_client(), path) for path in sorted(paths)}

    after = scanner.holdings(TRACES)
    assert {name for name in before if before[name] != after[name]} == set()
    for case in ANSWERED:
        assert 422 in answers[case.format(**vars(leads))], case  # its form asked for a person
