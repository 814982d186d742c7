"""One's calendar: given out once, revocable, and never more than one's own roles see now."""

import re
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.accounts.service import AbsenceDraft
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.desk import service
from app.notifications import jobs as notifications
from app.tickets.workflow.states import Event, Status
from app.visits import jobs
from app.visits import service as visits
from tests import make
from tests.office import Office, open_office
from tests.visits.town import Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User | Actor], FlaskClient]


@pytest.fixture
def town() -> Town:
    made = open_town()
    made.generate()
    return made


@pytest.fixture
def office() -> Office:
    return open_office()


def give(actor: Actor) -> str:
    with transaction():
        return service.give_calendar(actor=actor)


def ask(app: Flask, token: str, **headers: str) -> TestResponse:
    return app.test_client().get(f"/calendar/{token}.ics", headers=headers)


def events(app: Flask, actor: Actor) -> dict[str, Any]:
    """Return the entries of a person's calendar by the first part of their name."""
    answer = ask(app, give(actor))
    assert answer.status_code == 200, answer.text
    found = Calendar.from_ical(answer.get_data()).walk("VEVENT")
    return {str(one["UID"]).partition("@")[0]: one for one in found}


def plan(town: Town, day: str, *, actor: Actor | None = None) -> None:
    with transaction():
        visits.plan(
            town.task(),
            date.fromisoformat(day),
            reason="约好的",
            version=None,
            actor=actor or town.liaison,
        )


# ---- what stands in it ----


def test_a_visitor_finds_planned_visits_and_the_last_day_of_the_month(
    app: Flask, town: Town
) -> None:
    plan(town, "2026-09-25")

    found = events(app, town.liaison)

    visit = found[f"visit-task-{town.task().id}"]
    assert visit["SUMMARY"] == "走访：速岭物流"
    assert visit.decoded("DTSTART") == date(2026, 9, 25)
    (due,) = [one for uid, one in found.items() if uid.startswith("visits-2026-09")]
    assert due["SUMMARY"] == "9月走访截止，还差 1 家"
    assert due.decoded("DTSTART") == date(2026, 9, 30)
    assert set(events(app, town.leader)) >= {f"visit-task-{town.task().id}"}


def test_a_day_that_is_moved_keeps_its_name_and_counts_up(app: Flask, town: Town) -> None:
    plan(town, "2026-09-25")
    uid = f"visit-task-{town.task().id}"
    first = events(app, town.liaison)[uid]

    plan(town, "2026-09-28")

    second = events(app, town.liaison)[uid]
    assert second.decoded("DTSTART") == date(2026, 9, 28)
    assert int(second["SEQUENCE"]) > int(first["SEQUENCE"])


@pytest.mark.parametrize(
    ("status", "role"),
    [
        (Status.PENDING_ACCEPTANCE, Role.DISPATCHER),
        (Status.PENDING_SIGN, Role.DEPT_HEAD),
        (Status.IN_PROGRESS, Role.HANDLER),
        (Status.PENDING_REVIEW, Role.DISPATCHER),
        (Status.PENDING_REVISIT, Role.LIAISON),
    ],
)
def test_who_has_the_move_finds_until_when(
    app: Flask, office: Office, status: Status, role: Role
) -> None:
    ticket = office.walk_to(status)
    due_at = ticket.move_due_at

    found = events(app, office.people[role])

    event = found[f"ticket-{office.ticket_id}"]
    assert due_at
    assert event.decoded("DTEND").astimezone(UTC) == due_at
    assert office.ticket.enterprise.called in event["SUMMARY"]
    assert office.ticket.number in event["DESCRIPTION"]
    assert event["URL"].endswith(f"/tickets/{office.ticket_id}")


def test_no_title_no_words_and_no_number_of_a_firm_stand_in_it(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    content = ask(app, give(office.people[Role.HANDLER])).text

    assert "VEVENT" in content
    assert office.ticket.title not in content
    assert "14200000001" not in content
    assert "宋主任" not in content


def test_a_confidential_ticket_is_not_named(app: Flask, office: Office) -> None:
    with transaction():
        db.session.execute(text("UPDATE categories SET confidential = true"))
    office.open(Role.DISPATCHER)
    office.take(Event.SUBMIT, Role.DISPATCHER)  # becomes one of its named few
    assert office.ticket.confidential

    event = events(app, office.people[Role.DISPATCHER])[f"ticket-{office.ticket_id}"]
    stranger = events(app, office.more["second dispatcher"])

    assert event["SUMMARY"] == "一件限知件到期"
    assert "DESCRIPTION" not in event
    assert not str(event["URL"]).endswith(f"/{office.ticket_id}")
    assert stranger == {}


def test_a_unit_finds_until_when_it_owes_an_opinion(app: Flask, office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))

    found = events(app, office.more["other head"])

    (event,) = [one for uid, one in found.items() if uid.startswith("co-task-")]
    assert event["SUMMARY"].startswith("协办意见到期：")


# ---- whose it is ----


def test_it_shows_what_all_of_the_person_s_roles_see_now(
    app: Flask, town: Town, frozen_clock: time_machine.Traveller
) -> None:
    plan(town, "2026-09-25")
    uid = f"visit-task-{town.task().id}"
    successor = make.actor(Role.LIAISON)
    person = db.session.get_one(User, successor.user_id)
    make.holding(person, Role.HANDLER)
    assert uid not in events(app, successor)

    make.handover(town.liaison, successor)

    assert uid in events(app, successor)
    assert uid not in events(app, town.liaison)
    with transaction():
        for held in db.session.get_one(User, successor.user_id).roles:
            held.is_active = False
    assert events(app, successor) == {}
    go_to(frozen_clock, "2026-09-22")
    jobs.generate_tasks()


def test_a_deputy_finds_what_is_theirs_meanwhile(app: Flask, town: Town) -> None:
    plan(town, "2026-09-25")
    deputy = make.actor(Role.LIAISON)
    until = clock.today() + timedelta(days=5)
    draft = AbsenceDraft(town.liaison_id, deputy.user_id, clock.today(), until, "学习")
    with transaction():
        service.note_absence(draft, actor=town.liaison)

    assert f"visit-task-{town.task().id}" in events(app, deputy)


def test_it_ends_when_the_account_is_closed(app: Flask, town: Town) -> None:
    token = give(town.liaison)
    assert ask(app, token).status_code == 200

    with transaction():
        db.session.get_one(User, town.liaison_id).is_active = False

    assert ask(app, token).status_code == 410


# ---- the address ----


def test_a_stranger_s_token_opens_nothing(app: Flask, town: Town) -> None:
    token = give(town.liaison)
    head, _dash, _tail = token.rpartition("-")

    for wrong in ("none", f"{head}-x", token[:-1], "1-1-1", f"9{token}"):
        assert ask(app, wrong).status_code == 404, wrong


def test_another_address_makes_the_one_before_void(app: Flask, town: Town) -> None:
    first = give(town.liaison)

    second = give(town.liaison)

    assert first != second
    assert ask(app, first).status_code == 410
    assert ask(app, second).status_code == 200


def test_an_address_that_was_ended_shows_nothing_until_another_is_given_out(
    app: Flask, town: Town
) -> None:
    first = give(town.liaison)
    with transaction():
        service.take_calendar(actor=town.liaison)
    assert ask(app, first).status_code == 410

    second = give(town.liaison)

    assert ask(app, first).status_code == 410
    assert ask(app, second).status_code == 200


def test_an_address_ends_by_itself_after_years(
    app: Flask, town: Town, frozen_clock: time_machine.Traveller
) -> None:
    token = give(town.liaison)

    go_to(frozen_clock, "2029-09-25")

    assert ask(app, token).status_code == 410


def test_the_address_is_shown_once_on_the_settings_page(
    app: Flask, town: Town, client_for: ClientFor
) -> None:
    browser = client_for(town.liaison)
    form = {"idempotency_key": "0" * 32}

    answer = browser.post("/settings/calendar", data=form)
    shown = browser.get(answer.location).text
    again = browser.get(answer.location).text

    found = re.search(r'value="http://127\.0\.0\.1:8000(/calendar/[^"]+\.ics)"', shown)
    assert found
    assert app.test_client().get(found[1]).status_code == 200
    assert "/calendar/" not in again.replace("/settings/calendar", "")
    ended = browser.post("/settings/calendar/end", data={"idempotency_key": "1" * 32})
    assert ended.status_code == 303
    assert app.test_client().get(found[1]).status_code == 410


# ---- how it is asked for ----


def test_nothing_new_is_answered_with_nothing(app: Flask, town: Town) -> None:
    token = give(town.liaison)
    first = ask(app, token)
    tag = first.headers["ETag"]

    same = ask(app, token, **{"If-None-Match": tag})
    plan(town, "2026-09-25")
    changed = ask(app, token, **{"If-None-Match": tag})

    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Last-Modified" in first.headers
    assert (same.status_code, same.get_data()) == (304, b"")
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_reading_it_changes_nothing(app: Flask, town: Town, statements: list[str]) -> None:
    token = give(town.liaison)
    statements.clear()

    ask(app, token)

    assert not [one for one in statements if not one.lstrip().startswith(("SELECT", "WITH"))]


def test_it_takes_as_many_statements_for_many_as_for_one(
    app: Flask, town: Town, statements: list[str]
) -> None:
    token = give(town.liaison)
    person = db.session.get_one(User, town.liaison_id)

    def taken() -> int:
        ask(app, token)
        statements.clear()
        ask(app, token)
        return len(statements)

    plan(town, "2026-09-25")
    few = taken()
    for _ in range(6):
        link = make.linkage(liaison=person)
        make.task(linkage=link, planned_on=date(2026, 9, 28))
        make.ticket(Status.PENDING_REVISIT, enterprise=link.enterprise, liaison_id=person.id)

    assert taken() == few


# ---- the mail of a planned visit ----


def test_who_goes_along_is_sent_the_day_and_an_entry_for_the_calendar(
    town: Town, sent: Callable[[], list[Any]]
) -> None:
    with transaction():
        for person_id in (town.leader_id, town.liaison_id):
            db.session.get_one(User, person_id).email = f"p{person_id}@example.com"

    plan(town, "2026-09-25")
    plan(town, "2026-09-25")  # the same day again: nobody is told
    notifications.deliver_due()

    (letter,) = sent()
    assert f"p{town.leader_id}@example.com" in letter["To"]
    (file,) = letter.iter_attachments()
    (event,) = Calendar.from_ical(file.get_payload(decode=True)).walk("VEVENT")
    assert event["UID"] == f"visit-task-{town.task().id}@127.0.0.1"
    assert event.decoded("DTSTART") == date(2026, 9, 25)


def test_the_successor_s_letter_brings_the_visits_that_are_planned(
    town: Town, sent: Callable[[], list[Any]]
) -> None:
    plan(town, "2026-09-25")
    successor = make.actor(Role.LIAISON, email="lu@example.com")

    make.handover(town.liaison, successor)
    notifications.deliver_due()

    (letter,) = [one for one in sent() if "lu@example.com" in str(one["To"])]
    (file,) = letter.iter_attachments()
    (event,) = Calendar.from_ical(file.get_payload(decode=True)).walk("VEVENT")
    assert event["UID"] == f"visit-task-{town.task().id}@127.0.0.1"
    text_part = letter.get_body(("plain",)).get_content()
    assert "速岭物流" in text_part
    assert "约在9月25日" in text_part
