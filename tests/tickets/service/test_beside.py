"""What happens beside the steps: co-units, the handler, urging, supervision, renewal."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import CoTaskState, SupervisionNote
from app.tickets.workflow.states import Event, Note, NoteLevel, Status
from tests import make
from tests.office import Office, moment, open_office
from tests.tickets.refusals import LET_IN, refused_at, set_rules

pytestmark = pytest.mark.usefixtures("app")
OPINION = "我们同意主办单位的办法。"

Clock = time_machine.Traveller


@pytest.fixture
def office() -> Office:
    return open_office()


def doing(act: Any, *given: Any, **more: Any) -> str:
    """Do something in a transaction of its own; return where it was refused."""

    def run() -> None:
        with transaction():
            act(*[g() if callable(g) else g for g in given], **more)

    return refused_at(run)


def helped(office: Office) -> Actor:
    """Dispatch with a co-unit; return its handler."""
    unit = make.unit()
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(unit.id,))
    return make.actor(Role.HANDLER, unit=unit)


def test_a_co_unit_gives_its_opinion_once_and_nobody_for_it(office: Office) -> None:
    member = helped(office)
    task = lambda: office.ticket.co_tasks[0]  # noqa: E731 - read afresh each time

    def answer(actor: Actor, opinion: str = OPINION) -> str:
        return doing(service.answer_co_task, task, opinion, actor=actor)

    assert {answer(office.actor(role)) for role in PEOPLE} == {""}
    assert answer(office.more["other handler"]) == ""
    assert answer(member, "九个字说不清楚的事") == "comment"
    assert answer(member) == LET_IN
    assert (task().state, task().opinion) == (CoTaskState.SUBMITTED, OPINION)
    assert task().answered_by_id == member.user_id
    assert answer(member) == ""  # once
    assert office.ticket.events[-1].kind == Note.CO_SUBMITTED


def test_the_head_of_the_lead_unit_goes_on_without_an_opinion_and_says_why(
    office: Office,
) -> None:
    helped(office)
    task = lambda: office.ticket.co_tasks[0]  # noqa: E731 - read afresh each time

    def waive(actor: Actor, reason: str = "与它无关") -> str:
        return doing(service.waive_co_task, task, reason, actor=actor)

    head = office.actor(Role.DEPT_HEAD)
    others = [office.actor(role) for role in PEOPLE if role is not Role.DEPT_HEAD]
    assert {waive(actor) for actor in [*others, office.more["other head"]]} == {""}
    assert waive(head, " ") == "comment"
    assert waive(head) == LET_IN
    assert task().state is CoTaskState.WAIVED
    assert waive(head) == ""


def test_what_is_no_longer_handled_needs_no_opinion(office: Office) -> None:
    member = helped(office)
    with transaction():
        ticket = office.ticket
        ticket.status = Status.PENDING_REVIEW

    refused = doing(
        service.answer_co_task, lambda: office.ticket.co_tasks[0], OPINION, actor=member
    )

    assert refused == ""
    assert office.ticket.co_tasks[0].state is CoTaskState.OPEN


def test_the_head_names_the_handler_among_the_units_own_people(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    colleague = office.more["colleague"].user_id
    ticket = lambda: office.ticket  # noqa: E731 - read afresh each time

    def name(user_id: int | None, actor: Actor) -> str:
        return doing(service.assign_handler, ticket, user_id, actor=actor)

    head = office.actor(Role.DEPT_HEAD)
    others = [office.actor(role) for role in PEOPLE if role is not Role.DEPT_HEAD]
    assert {name(colleague, a) for a in [*others, office.more["other head"]]} == {""}
    assert name(None, head) == "handler_id"
    assert name(office.more["other handler"].user_id, head) == "handler_id"
    assert name(office.actor(Role.DISPATCHER).user_id, head) == "handler_id"
    assert name(colleague, head) == LET_IN
    assert office.ticket.handler_id == colleague
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)
    assert name(colleague, head) == ""  # while it stands nobody changes


def test_a_ticket_is_urged_once_a_working_day(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.PENDING_SIGN)
    urges = {Role.CHIEF, Role.LEADER, Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.SUPERVISOR}

    def urge(role: Role) -> str:
        return doing(service.urge, lambda: office.ticket, "请抓紧", actor=office.actor(role))

    let_in = set()
    for hours, role in enumerate(PEOPLE):
        frozen_clock.move_to(moment("2026-09-21T09:00") + timedelta(days=hours * 14))
        let_in |= {role} if urge(role) == LET_IN else set()
    assert let_in == urges

    office.walk_to(Status.IN_PROGRESS)
    frozen_clock.move_to(moment("2026-09-24T09:00"))
    assert urge(Role.LEADER) == LET_IN
    frozen_clock.move_to(moment("2026-09-24T17:29"))
    assert urge(Role.SUPERVISOR) == ""
    frozen_clock.move_to(moment("2026-09-25T10:00"))  # a holiday counts for the 28th
    assert urge(Role.SUPERVISOR) == LET_IN
    frozen_clock.move_to(moment("2026-09-28T10:00"))
    assert urge(Role.CHIEF) == ""
    frozen_clock.move_to(moment("2026-09-29T10:00"))
    assert urge(Role.CHIEF) == LET_IN
    with pytest.raises(NotAllowed), transaction():
        service.urge(office.ticket, "请抓紧", actor=make.actor(Role.LEADER))  # it is not theirs


def test_what_nobody_handles_is_not_urged(office: Office) -> None:
    for status in (Status.PENDING_ACCEPTANCE, Status.PENDING_REVIEW, Status.SUSPENDED):
        office.walk_to(status)
        refused = doing(
            service.urge, lambda: office.ticket, "", actor=office.actor(Role.DISPATCHER)
        )
        assert refused == "", status


def test_the_head_answers_a_supervision_note_once(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    now = clock.now()
    with transaction():
        ticket = office.ticket
        note = SupervisionNote(
            level=NoteLevel.BLUE, of_due_at=now, raised_at=now, answer_due_at=now
        )
        ticket.supervision_notes.append(note)

    def answer(actor: Actor, words: str = "已经排好日程，本周内办完。") -> str:
        one = lambda: office.ticket.supervision_notes[0]  # noqa: E731 - read afresh
        return doing(service.answer_supervision, one, words, actor=actor)

    head = office.actor(Role.DEPT_HEAD)
    others = [office.actor(role) for role in PEOPLE if role is not Role.DEPT_HEAD]
    assert {answer(actor) for actor in [*others, office.more["other head"]]} == {""}
    assert answer(head, "九个字说不清楚的事") == "comment"
    assert answer(head) == LET_IN
    assert office.ticket.supervision_notes[0].answered_by_id == head.user_id
    assert answer(head) == ""


def test_a_suspension_is_renewed_three_times_by_the_director_and_then_no_more(
    office: Office,
) -> None:
    office.walk_to(Status.SUSPENDED)

    def renew(role: Role = Role.OFFICE_DIRECTOR, days: int = 90, reason: str = "还在等") -> str:
        day: date = clock.today() + timedelta(days=days)
        actor = office.actor(role)
        ticket = lambda: office.ticket  # noqa: E731 - read afresh
        return doing(service.renew_suspension, ticket, day, reason, actor=actor)

    assert {renew(role) for role in PEOPLE if role is not Role.OFFICE_DIRECTOR} == {""}
    assert renew(days=0) == renew(days=91) == "next_review_on"
    assert renew(reason=" ") == "comment"
    assert [renew(), renew(days=1), renew(), renew()] == [LET_IN, LET_IN, LET_IN, ""]
    assert office.ticket.renewal_count == 3
    assert office.ticket.next_review_on == clock.today() + timedelta(days=90)
    set_rules(office, suspension_renewals=4)
    assert renew() == LET_IN
    office.take(Event.RESUME, Role.OFFICE_DIRECTOR)
    assert renew() == ""


def test_files_are_noted_in_the_history(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    with transaction():
        actor = office.actor(Role.HANDLER)
        service.note_attachment(office.ticket, ["现场照片.jpg"], actor=actor)

    db.session.expire_all()
    assert office.ticket.events[-1].payload == {"names": ["现场照片.jpg"]}
