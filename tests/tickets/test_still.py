"""A suspended or reviewed ticket is late on no page, in no list, count, filter, note or mail."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.desk.queries import worklist
from app.notifications.models import Message
from app.tickets import jobs, service
from app.tickets.models import Ticket
from app.tickets.queries import View
from app.tickets.queries.watched import Watch
from app.tickets.workflow.states import Clock, DueReason, Event, Solved, Status
from tests.office import Office, approve, moment, open_office, reply

Browse = Callable[[Actor], FlaskClient]
Traveller = time_machine.Traveller
#: The office's own clock of these states runs, and is told as late to whoever owes it.
OWN = {Status.PENDING_REVIEW: Clock.REVIEW.label, Status.PENDING_REVISIT: Clock.REVISIT.label}
RED = re.compile("bh-light-red|bh-now-red|过了期限|过了答复期限|超期 [1-9]|刚超期|已经超期")
MOVERS = {
    Status.PENDING_REVIEW: {Role.DISPATCHER, Role.OFFICE_DIRECTOR},
    Status.PENDING_REVISIT: {Role.DISPATCHER, Role.LIAISON, Role.LEADER},
}


@pytest.fixture
def office(app: Flask) -> Office:
    """Walk a ticket with a co-unit, a leader's directive and its blue note, still unanswered."""
    del app
    return open_office()


def owing(office: Office, *, co_units: bool) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    others = (office.other_unit_id,) if co_units else ()
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=others)
    office.take(Event.SIGN, Role.HANDLER)
    with transaction():
        leader = office.actor(Role.LEADER)
        service.give_directive(office.ticket, "请抓紧办。", actor=leader)


def stand_still(office: Office, status: Status) -> None:
    owing(office, co_units=status is Status.SUSPENDED)
    if status is Status.SUSPENDED:
        office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
        office.decide(Role.OFFICE_DIRECTOR)
        office.decide(Role.CHIEF)
        return
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    if status is Status.PENDING_REVISIT:
        approve(office)


def told(page: str) -> str:
    """Return what a page says, without what only scripts and styles read."""
    inside = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inside)).split())


STILL = [Status.SUSPENDED, Status.PENDING_REVIEW, Status.PENDING_REVISIT]


@pytest.mark.parametrize("status", STILL)
def test_no_page_calls_it_late(
    status: Status, office: Office, client_for: Browse, frozen_clock: Traveller
) -> None:
    stand_still(office, status)
    frozen_clock.move_to(moment("2026-10-20T10:00"))  # every deadline of the unit has passed
    pages = [f"/tickets/{office.ticket_id}", "/"]
    pages += [f"/tickets/supervision?show={watch.value}" for watch in Watch]
    pages += [f"/tickets?view={view.value}" for view in View]
    pages += [f"/enterprises/{office.enterprise_id}", f"/tickets/{office.ticket_id}/note"]

    seen = 0
    for role in PEOPLE:
        browser = client_for(office.actor(role))
        for address in pages:
            answer = browser.get(address)
            if answer.status_code == 200 and office.ticket.title in answer.text:
                seen += 1
                assert not late(answer.text, role, status), (role, address)
    assert seen > 50


def late(page: str, role: Role, status: Status) -> list[str]:
    """Return what a page shows as late, but for the clock that the office itself is measured by."""
    if status in OWN:
        own = rf'<div class="bh-stack-tight" data-clock="{OWN[status]}">.*?</p>'
        page = re.sub(own, "", page, flags=re.DOTALL)
        if role in MOVERS[status]:
            return []  # to whoever owes it, it is late
    return RED.findall(page)


@pytest.mark.parametrize("status", STILL)
def test_no_count_filter_job_message_or_mail_takes_it_for_late(
    status: Status, office: Office, client_for: Browse, frozen_clock: Traveller
) -> None:
    stand_still(office, status)
    frozen_clock.move_to(moment("2026-10-20T08:45"))
    before = db.session.scalars(select(Message.id)).all()
    for job in (jobs.climb_ladder, jobs.mail_urges, jobs.remind_co_tasks):
        job()

    assert db.session.scalars(select(Message.id)).all() == before
    page = told(client_for(office.actor(Role.SUPERVISOR)).get("/tickets/supervision").text)
    counts = dict(re.findall(r"(超期|临期|督办单待答复|批示待答复|建议提级) (\d+)", page))
    assert counts == {
        "超期": "0",
        "临期": "0",
        "督办单待答复": "1",  # it waits, and is not late
        "批示待答复": "1",
        "建议提级": "0",
    }
    for role in (Role.DEPT_HEAD, Role.HANDLER, Role.CHIEF, Role.LEADER):
        for part in worklist.of(office.actor(role)).parts:
            for row in part.rows:
                assert row.light is None or row.light.colour != "red" or row.light.icon == "bell"


def limits(ticket: Ticket) -> tuple[str, str]:
    (note,), (given,) = ticket.supervision_notes, ticket.directives
    here = [clock.local(at) for at in (note.answer_due_at, given.due_at)]
    return f"{here[0]:%m-%d %H:%M}", f"{here[1]:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (Status.SUSPENDED, Event.RESUME),
        (Status.PENDING_REVIEW, Event.RETURN_REPLY),
        (Status.PENDING_REVISIT, Event.REVISIT_REWORK),
    ],
)
def test_when_it_goes_on_the_answers_owed_have_the_days_that_were_left(
    status: Status, event: Event, office: Office, frozen_clock: Traveller
) -> None:
    stand_still(office, status)  # two days were left
    assert limits(office.ticket) == ("09-23 17:30", "09-23 17:30")
    frozen_clock.move_to(moment("2026-10-20T10:00"))

    if event is Event.RESUME:
        office.take(event, Role.OFFICE_DIRECTOR)
    elif event is Event.RETURN_REPLY:
        office.take(event, Role.DISPATCHER)
    else:
        office.revisit(solved=Solved.NO, result_score=1)

    assert limits(office.ticket) == ("10-22 17:30", "10-22 17:30")
    moved = [row for row in office.ticket.due_history if row.clock is Clock.DIRECTIVE]
    assert [row.before for row in moved][1:] == [moment("2026-09-23T17:30")]
    frozen_clock.move_to(moment("2026-10-22T10:45"))
    with transaction():
        service.climb(office.ticket_id)
    assert len(office.ticket.supervision_notes) == 1  # nothing orange yet


def test_what_was_late_before_the_pause_stays_late(office: Office, frozen_clock: Traveller) -> None:
    owing(office, co_units=False)
    frozen_clock.move_to(moment("2026-09-24T10:00"))
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    frozen_clock.move_to(moment("2026-10-20T10:00"))
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)

    assert limits(office.ticket) == ("09-23 17:30", "09-23 17:30")


@pytest.mark.parametrize("status", STILL)
def test_an_answer_that_comes_while_it_stands_still_is_in_time(
    status: Status, office: Office, client_for: Browse, frozen_clock: Traveller
) -> None:
    stand_still(office, status)
    frozen_clock.move_to(moment("2026-10-20T10:00"))
    with transaction():
        head = office.actor(Role.DEPT_HEAD)
        service.answer_directive(office.ticket.directives[0], "已经看过现场，在等。", actor=head)

    line = office.ticket.events[-1]
    assert line.payload["late"] is False
    assert DueReason.PAUSED in {row.reason for row in office.ticket.due_history}
    page = told(client_for(office.actor(Role.LEADER)).get(f"/tickets/{office.ticket_id}").text)
    assert "过了答复期限" not in page
    assert "答复超期" not in page


def test_a_directive_given_while_it_stands_still_begins_when_it_goes_on(
    office: Office, frozen_clock: Traveller
) -> None:
    office.walk_to(Status.SUSPENDED)
    frozen_clock.shift(timedelta(days=7))  # Monday 28 September
    with transaction():
        chief = office.actor(Role.CHIEF)
        service.give_directive(office.ticket, "条件具备就重启。", actor=chief)
    frozen_clock.move_to(moment("2026-10-20T10:00"))
    office.take(Event.RESUME, Role.OFFICE_DIRECTOR)

    (given,) = office.ticket.directives
    assert given.due_at == moment("2026-10-22T17:30")  # its own two days, and no more


def test_once_it_is_closed_no_note_waits_and_none_is_late(
    office: Office, client_for: Browse, frozen_clock: Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    frozen_clock.move_to(moment("2026-10-08T08:45"))
    jobs.climb_ladder()
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    approve(office)
    office.revisit()
    frozen_clock.move_to(moment("2026-10-20T10:00"))

    head = office.actor(Role.DEPT_HEAD)
    assert "答复督办单" not in told(client_for(head).get(f"/tickets/{office.ticket_id}").text)
    for role in (Role.DEPT_HEAD, Role.SUPERVISOR, Role.CHIEF):
        parts = worklist.of(office.actor(role)).parts
        assert [row.title for part in parts for row in part.rows if "notes" in part.key] == []
    page = told(client_for(office.actor(Role.SUPERVISOR)).get("/tickets/supervision").text)
    assert "督办单待答复 0" in page
