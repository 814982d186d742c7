"""What waits for a leader's word: all of it, for whom it is, and nothing else."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event as database_event

from app.accounts.models import User
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.reports.queries import asks, seats
from app.tickets import service as tickets
from app.tickets.models import Ticket
from app.tickets.workflow.states import Complexity, Event, NoteLevel, Solved, Status
from app.visits.models import TaskState
from tests import make
from tests.office import Office, approve, reply
from tests.reports.house import (
    asked_of,
    go_to,
    open_house,
    put_in_charge,
    raise_note,
    told,
    walk_in_confidence,
)

pytestmark = pytest.mark.usefixtures("app")
Clock = time_machine.Traveller
WORDS = "请财政所周五前把到账日子告诉企业"
LATE = "2026-09-30T09:00"  # the ticket that is walked is due on the 29th


@pytest.fixture
def office() -> Office:
    return open_house()


# ---- proposals, by whom they wait for ----


@pytest.mark.parametrize(
    ("status", "event", "asks_first", "waits_for"),
    [
        (Status.PENDING_ACCEPTANCE, Event.REJECT, Role.DISPATCHER, Role.OFFICE_DIRECTOR),
        (Status.PENDING_SIGN, Event.APPROVE_RETURN, Role.DEPT_HEAD, Role.OFFICE_DIRECTOR),
        (Status.IN_PROGRESS, Event.APPROVE_EXTENSION, Role.DEPT_HEAD, Role.OFFICE_DIRECTOR),
        (Status.IN_PROGRESS, Event.ESCALATE, Role.OFFICE_DIRECTOR, Role.CHIEF),
        (Status.IN_PROGRESS, Event.APPROVE_SUSPENSION, Role.DEPT_HEAD, Role.OFFICE_DIRECTOR),
        (Status.CLOSED, Event.REOPEN, Role.DISPATCHER, Role.OFFICE_DIRECTOR),
    ],
)
def test_a_proposal_waits_for_whoever_decides_on_it_and_nobody_else(
    office: Office, status: Status, event: Event, asks_first: Role, waits_for: Role
) -> None:
    office.walk_to(status)
    office.propose(event, asks_first)

    assert told(office) == {
        role: ["decide"] if role is waits_for else []
        for role in (Role.CHIEF, Role.OFFICE_DIRECTOR, Role.LEADER)
    }


def test_a_suspension_that_was_checked_waits_for_the_chief(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)

    assert told(office)[Role.CHIEF] == ["decide"]
    assert told(office)[Role.OFFICE_DIRECTOR] == []


def test_a_second_extension_waits_for_the_chief(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        office.ticket.extension_count = 1
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)

    assert told(office)[Role.CHIEF] == ["decide"]
    assert told(office)[Role.OFFICE_DIRECTOR] == []


def test_a_finding_is_first_the_directors_move_and_then_the_chiefs_decision(
    office: Office,
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    for _round in range(2):
        office.revisit(solved=Solved.NO, result_score=1)
        if office.ticket.status is Status.IN_PROGRESS:
            reply(office)
            approve(office)

    assert told(office)[Role.OFFICE_DIRECTOR] == ["move"]
    office.propose(Event.CLOSE_UNSATISFIED, Role.OFFICE_DIRECTOR)

    assert told(office)[Role.OFFICE_DIRECTOR] == []
    assert told(office)[Role.CHIEF] == ["decide"]


# ---- the director's own moves ----


def test_a_hard_ticket_is_the_directors_to_dispatch(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    assert told(office)[Role.OFFICE_DIRECTOR] == []
    with transaction():
        office.ticket.complexity = Complexity.HARD

    (item,) = asked_of(office.actor(Role.OFFICE_DIRECTOR))
    assert (item.ask, item.step) == (asks.Ask.MOVE, Event.DISPATCH)
    assert not item.may_direct


def test_a_suspension_near_its_review_is_the_directors_to_review(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.SUSPENDED)
    assert told(office)[Role.OFFICE_DIRECTOR] == []
    frozen_clock.shift(timedelta(days=50))

    assert told(office)[Role.OFFICE_DIRECTOR] == ["move"]


# ---- what is late ----


def test_an_overdue_ticket_waits_for_the_leader_of_its_firm_and_no_other(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    stranger = make.actor(Role.LEADER)
    assert told(office)[Role.LEADER] == []

    go_to(frozen_clock, LATE)

    (item,) = asked_of(office.actor(Role.LEADER))
    assert item.ask is asks.Ask.OVERDUE
    assert item.may_direct
    assert asked_of(stranger) == []
    assert told(office)[Role.CHIEF] == []


def test_an_orange_note_is_for_who_is_in_charge_and_the_director_a_red_one_for_the_chief(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    in_charge = make.actor(Role.LEADER)
    put_in_charge(office, in_charge)
    go_to(frozen_clock, LATE)

    raise_note(office, NoteLevel.ORANGE)
    assert [item.ask.value for item in asked_of(in_charge)] == ["note"]
    assert told(office)[Role.OFFICE_DIRECTOR] == ["note"]
    assert told(office)[Role.LEADER] == ["overdue"]  # of the firm, not of the unit
    assert told(office)[Role.CHIEF] == []
    raise_note(office, NoteLevel.RED)

    assert told(office)[Role.CHIEF] == ["note"]
    assert told(office)[Role.OFFICE_DIRECTOR] == ["note"]


def test_a_ticket_asked_about_for_several_reasons_is_one_item(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    in_charge = make.actor(Role.LEADER)
    put_in_charge(office, in_charge)
    go_to(frozen_clock, LATE)
    raise_note(office, NoteLevel.ORANGE)
    raise_note(office, NoteLevel.RED)

    (theirs,) = asked_of(in_charge)
    (directors,) = asked_of(office.actor(Role.OFFICE_DIRECTOR))

    assert [words.values.get("level_label") for words in theirs.why] == [
        "红色督办",
        "橙色督办",
        None,
    ]
    assert directors.step == Event.ESCALATE  # the red one suggests it


def test_a_ticket_lifted_to_a_leader_waits_for_them(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)

    assert told(office)[Role.LEADER] == ["lifted"]


def test_whoever_gave_their_word_is_not_asked_again_before_its_answer_is_due(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    go_to(frozen_clock, LATE)
    with transaction():
        tickets.give_directive(office.ticket, WORDS, actor=office.actor(Role.LEADER))
    assert told(office)[Role.LEADER] == []

    go_to(frozen_clock, "2026-10-10T18:00")  # two working days: until the 9th

    (item,) = asked_of(office.actor(Role.LEADER))
    assert item.ask is asks.Ask.UNANSWERED
    assert item.why[0].values["words"] == WORDS
    assert len(item.why) == 2  # and that the ticket is late


def test_a_directive_that_waits_for_the_office_is_the_directors_to_answer(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    with transaction():
        tickets.give_directive(office.ticket, WORDS, actor=office.actor(Role.CHIEF))
    frozen_clock.shift(timedelta(days=4))

    assert told(office)[Role.CHIEF] == ["unanswered"]
    (item,) = asked_of(office.actor(Role.OFFICE_DIRECTOR))
    assert item.step == "directive_answered"


def test_a_visit_that_was_missed_waits_for_the_leader(office: Office, frozen_clock: Clock) -> None:
    leader = db.session.get_one(User, office.actor(Role.LEADER).user_id)
    link = make.linkage(leader=leader)
    make.task(linkage=link, period="2026-08", state=TaskState.OVERDUE)
    make.task(linkage=link, period="2026-07", state=TaskState.OVERDUE)  # long closed
    make.task(linkage=link)

    (item,) = asked_of(office.actor(Role.LEADER))
    assert item.ask is asks.Ask.VISIT
    assert not item.may_direct
    go_to(frozen_clock, "2026-10-01T09:00")
    assert [one.ask for one in asked_of(office.actor(Role.LEADER))] == [asks.Ask.VISIT]


# ---- the few, and the many ----


def test_what_is_confidential_waits_for_its_readers_alone(
    office: Office, frozen_clock: Clock
) -> None:
    walk_in_confidence(office)
    strangers = [make.actor(Role.CHIEF), make.actor(Role.OFFICE_DIRECTOR)]
    put_in_charge(office, office.actor(Role.LEADER))
    go_to(frozen_clock, LATE)
    raise_note(office, NoteLevel.ORANGE)
    raise_note(office, NoteLevel.RED)

    for actor in (office.actor(Role.CHIEF), office.actor(Role.OFFICE_DIRECTOR)):
        (item,) = asked_of(actor)
        assert item.is_for_few
    assert [asked_of(one) for one in (*strangers, office.actor(Role.LEADER))] == [[], [], []]


def test_whoever_is_chief_and_leader_is_asked_as_both_at_once(
    office: Office, frozen_clock: Clock
) -> None:
    leader = db.session.get_one(User, office.actor(Role.LEADER).user_id)
    make.holding(leader, Role.CHIEF)
    office.walk_to(Status.IN_PROGRESS)
    go_to(frozen_clock, LATE)
    other = make.ticket(Status.IN_PROGRESS, lead_unit_id=office.unit_id)
    walked, office.ticket_id = office.ticket_id, other.id
    office.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    office.ticket_id = walked

    found = asked_of(office.actor(Role.LEADER))

    assert [(item.ask.value, item.seat.actor.role) for item in found] == [
        ("decide", Role.CHIEF),
        ("overdue", Role.LEADER),
    ]


def test_asking_costs_the_same_however_much_waits(office: Office) -> None:
    leader = office.actor(Role.LEADER)
    person = db.session.get_one(User, leader.user_id)
    statements: list[str] = []
    database_event.listen(
        db.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )

    def counted(more: int) -> int:
        for _ in range(more):
            firm = make.enterprise()
            make.linkage(enterprise=firm, leader=person)
            make.ticket(enterprise=firm, due_at=clock.now() - timedelta(days=1))
            make.task(linkage=make.linkage(leader=person), period="2026-08", state="overdue")
        db.session.expire_all()
        held = seats.of(leader.user_id or 0)
        statements.clear()
        assert len(asks.of(held)) >= more
        return len(statements)

    asks.of(seats.of(leader.user_id or 0))  # a process holds the calendar from the first time on
    assert counted(12) <= counted(1) + 1
    assert db.session.query(Ticket).count() == 13
