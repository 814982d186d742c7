"""What leaders write on a ticket: a task with its own limit and answer, and the blue note."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import service
from app.tickets.models import LeaderDirective
from app.tickets.service import Kind
from app.tickets.workflow.states import Event, Note, NoteLevel, Status
from tests import make
from tests.office import Office, moment, open_office
from tests.tickets.refusals import LET_IN, refused_at, set_rules

pytestmark = pytest.mark.usefixtures("app")

Clock = time_machine.Traveller
WORDS = "请抓紧办，本周内给企业一个说法。"
ANSWER = "已经会同公路站看过现场，周五前拆除。"


@pytest.fixture
def office() -> Office:
    return open_office()


def give(office: Office, actor: Actor | None = None, words: str = WORDS) -> str:
    def run() -> None:
        with transaction():
            by = actor or office.actor(Role.LEADER)
            service.give_directive(office.ticket, words, actor=by)

    return refused_at(run)


def answer(office: Office, actor: Actor, words: str = ANSWER) -> str:
    def run() -> None:
        with transaction():
            service.answer_directive(newest(office), words, actor=actor)

    return refused_at(run)


def newest(office: Office) -> LeaderDirective:
    found = select(LeaderDirective).where(LeaderDirective.ticket_id == office.ticket_id)
    given = db.session.scalar(found.order_by(LeaderDirective.id.desc()).limit(1))
    assert given is not None
    return given


def heard(office: Office) -> set[int]:
    line = str(office.ticket.events[-1].id)
    return set(db.session.scalars(select(Message.recipient_id).where(Message.period == line)))


def ids(office: Office, *of: Role) -> set[int | None]:
    return {office.actor(role).user_id for role in of}


def test_only_the_chief_and_leaders_who_may_see_the_ticket_write_on_it(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    let_in = {role for role in PEOPLE if give(office, office.actor(role)) == LET_IN}

    assert let_in == {Role.CHIEF, Role.LEADER}
    assert give(office, make.actor(Role.LEADER)) == ""  # it is not theirs
    assert give(office, words=" ") == "comment"


def test_a_directive_is_answered_within_its_limit_by_the_head_of_the_lead_unit(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    assert give(office) == LET_IN

    given = newest(office)
    assert given.due_at == moment("2026-09-23T17:30")
    assert office.ticket.leader_directive
    assert heard(office) == ids(office, Role.HANDLER, Role.DEPT_HEAD)
    others = [office.actor(role) for role in PEOPLE if role is not Role.DEPT_HEAD]
    assert {answer(office, actor) for actor in [*others, office.more["other head"]]} == {""}
    head = office.actor(Role.DEPT_HEAD)
    assert answer(office, head, "九个字说不清楚的事") == "comment"
    frozen_clock.move_to(moment("2026-09-24T09:00"))
    assert answer(office, head) == LET_IN
    line = office.ticket.events[-1]
    assert (line.kind, line.payload["late"]) == (Note.DIRECTIVE_ANSWERED, True)
    assert heard(office) == ids(office, Role.LEADER)
    assert answer(office, head) == ""  # once


def test_before_it_is_dispatched_the_office_answers(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    assert give(office, office.actor(Role.CHIEF)) == LET_IN

    assert heard(office) >= ids(office, Role.OFFICE_DIRECTOR, Role.DISPATCHER)
    assert office.ticket.supervision_notes == []
    assert answer(office, office.actor(Role.DEPT_HEAD)) == ""
    assert answer(office, office.actor(Role.DISPATCHER)) == LET_IN


def test_after_a_reassignment_the_present_lead_unit_answers(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    give(office)
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)

    assert answer(office, office.actor(Role.DEPT_HEAD)) == ""
    assert answer(office, office.more["other head"]) == LET_IN


def test_a_directive_raises_the_blue_note_once_and_its_answer_answers_both(
    office: Office,
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    give(office)
    give(office, office.actor(Role.CHIEF), "再请加快。")

    (note,) = office.ticket.supervision_notes
    assert (note.level, note.of_due_at) == (NoteLevel.BLUE, office.ticket.due_at)
    assert note.raised_by_id == office.actor(Role.LEADER).user_id
    assert office.ticket.note_waits
    head = office.actor(Role.DEPT_HEAD)

    def answer_note() -> None:
        with transaction():
            service.answer_supervision(office.ticket.supervision_notes[0], ANSWER, actor=head)

    assert refused_at(answer_note) == ""  # it is answered with its directive
    first = db.session.get_one(LeaderDirective, note.directive_id)
    with transaction():
        service.answer_directive(first, ANSWER, actor=head)
    (note,) = office.ticket.supervision_notes
    assert (note.answer, note.answered_by_id) == (ANSWER, head.user_id)
    assert not office.ticket.note_waits
    assert newest(office).answered_at is None  # the second still waits


def test_where_the_handling_clock_stands_a_directive_raises_no_note(office: Office) -> None:
    for status in (Status.PENDING_DISPATCH, Status.PENDING_REVIEW, Status.SUSPENDED):
        office.walk_to(status)
        assert give(office) == LET_IN
        assert office.ticket.supervision_notes == [], status


def test_what_is_over_gets_no_directive_and_owes_no_answer(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    give(office)
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    assert give(office) == ""
    assert answer(office, office.actor(Role.DEPT_HEAD)) == ""


def climb(office: Office) -> list[str]:
    before = len(office.ticket.events)
    with transaction():
        service.climb(office.ticket_id)
    return [event.payload.get("level", "") for event in office.ticket.events[before:]]


def test_a_blue_note_by_directive_that_nobody_answers_is_followed_by_orange_and_not_by_blue(
    office: Office, frozen_clock: Clock
) -> None:
    set_rules(office, limit_simple=30)
    office.walk_to(Status.IN_PROGRESS)
    give(office)

    climbed = {}
    for day in ("2026-09-23", "2026-09-24", "2026-09-28", "2026-09-29", "2026-09-30"):
        frozen_clock.move_to(moment(f"{day}T08:45"))
        climbed[day] = climb(office)

    assert climbed == {
        "2026-09-23": [],  # until the end of this day
        "2026-09-24": ["orange"],
        "2026-09-28": [],
        "2026-09-29": [],  # until the end of this day: Mid-Autumn lies between
        "2026-09-30": ["red"],
    }


def test_it_is_offered_to_those_who_may(office: Office) -> None:
    def offered(role: Role) -> set[str]:
        found = service.offers(office.ticket, actor=office.actor(role))
        return {offer.name for offer in found if offer.kind is Kind.BESIDE}

    office.walk_to(Status.IN_PROGRESS)
    assert Note.DIRECTED in offered(Role.CHIEF) & offered(Role.LEADER)
    assert Note.DIRECTIVE_ANSWERED not in offered(Role.DEPT_HEAD)
    give(office)
    answering = {role for role in PEOPLE if Note.DIRECTIVE_ANSWERED in offered(role)}
    assert answering == {Role.DEPT_HEAD}
    assert Note.SUPERVISION_ANSWERED not in offered(Role.DEPT_HEAD)


def test_the_deadline_of_a_directive_stands_in_the_history(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    give(office)

    kept = {change.clock.value: change.due_at for change in office.ticket.due_history}
    assert kept["directive"] == kept["supervision"] == newest(office).due_at
    assert newest(office).due_at - clock.now() > timedelta(days=2)
