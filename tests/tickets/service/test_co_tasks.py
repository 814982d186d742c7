"""Co-units: asked, answered, accepted, asked again, waived, and reminded of what they owe."""

from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import Tenant
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import jobs, queries, service
from app.tickets.models import CoTask, CoTaskState
from app.tickets.queries import Reading, TicketFilter
from app.tickets.workflow.states import Clock, DueReason, Event, Note, Status
from app.workdays.queries import calendar_of
from tests import make
from tests.office import Office, moment, open_office
from tests.tickets.refusals import LET_IN, refused_at

pytestmark = pytest.mark.usefixtures("app")
OPINION = "我们同意主办单位的办法，没有别的意见。"


@pytest.fixture
def office() -> Office:
    return open_office()


@pytest.fixture
def member(office: Office) -> Actor:
    """Let a ticket be handled with a co-unit; return who handles there."""
    unit = make.unit()
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(unit.id,))
    office.take(Event.SIGN, Role.HANDLER)
    return make.actor(Role.HANDLER, unit=unit)


def task(office: Office) -> CoTask:
    return office.ticket.co_tasks[-1]


def doing(act: Any, office: Office, *given: Any, actor: Actor) -> str:
    """Do something with the co-task in a transaction; return where it was refused."""

    def run() -> None:
        with transaction():
            act(task(office), *given, actor=actor)

    return refused_at(run)


def submitted(office: Office, member: Actor) -> None:
    assert doing(service.answer_co_task, office, OPINION, actor=member) == LET_IN


def dues(office: Office) -> list[tuple[Any, Any, DueReason]]:
    return [
        (change.before, change.due_at, change.reason)
        for change in office.ticket.due_history
        if change.clock is Clock.CO_TASK
    ]


def test_the_clock_of_a_co_unit_is_written_down_when_it_starts(office: Office) -> None:
    make_two = (make.unit().id, make.unit().id)
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=make_two)

    assert dues(office) == [(None, moment("2026-09-24T17:30"), DueReason.STARTED)]
    assert {one.due_at for one in office.ticket.co_tasks} == {moment("2026-09-24T17:30")}


def test_the_lead_unit_accepts_an_opinion_by_its_handler_or_head(
    office: Office, member: Actor
) -> None:
    assert doing(service.accept_co_task, office, "", actor=office.actor(Role.HANDLER)) == ""
    submitted(office, member)
    others = [office.actor(r) for r in PEOPLE if r not in {Role.HANDLER, Role.DEPT_HEAD}]
    others += [member, office.more["other head"], office.more["colleague"]]

    assert {doing(service.accept_co_task, office, "", actor=one) for one in others} == {""}
    assert task(office).state is CoTaskState.SUBMITTED
    assert doing(service.accept_co_task, office, "照办", actor=office.actor(Role.HANDLER)) == LET_IN

    assert task(office).state is CoTaskState.ACCEPTED
    assert task(office).settled_by_id == office.actor(Role.HANDLER).user_id
    assert (task(office).settled_words, task(office).opinion) == ("照办", OPINION)
    assert office.ticket.events[-1].kind == Note.CO_ACCEPTED


def test_an_opinion_that_is_sent_back_is_owed_again_for_the_whole_time(
    office: Office, member: Actor, frozen_clock: time_machine.Traveller
) -> None:
    submitted(office, member)
    head = office.actor(Role.DEPT_HEAD)
    frozen_clock.shift(86400)

    assert doing(service.return_co_task, office, " ", actor=head) == "comment"
    assert doing(service.return_co_task, office, "请写明依据", actor=head) == LET_IN

    assert (task(office).state, task(office).round) == (CoTaskState.OPEN, 2)
    assert task(office).due_at == moment("2026-09-28T17:30")
    assert dues(office)[-1] == (
        moment("2026-09-24T17:30"),
        moment("2026-09-28T17:30"),
        DueReason.CO_RETURNED,
    )
    submitted(office, member)
    assert task(office).state is CoTaskState.SUBMITTED


def test_the_answer_waits_for_open_opinions_and_takes_over_given_ones(
    office: Office, member: Actor
) -> None:
    office.take(Event.FIRST_CONTACT, Role.HANDLER)

    def answers() -> None:
        office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
        office.decide(Role.DEPT_HEAD)

    assert refused_at(answers) == ""
    submitted(office, member)
    answers()

    assert office.ticket.status is Status.PENDING_REVIEW
    assert task(office).state is CoTaskState.ACCEPTED
    assert task(office).settled_by_id == office.actor(Role.DEPT_HEAD).user_id
    assert office.ticket.events[-1].payload["accepted"] == [task(office).unit.name]


def test_waived_with_a_reason_the_lead_goes_on_and_an_earlier_opinion_is_kept(
    office: Office, member: Actor
) -> None:
    head = office.actor(Role.DEPT_HEAD)
    submitted(office, member)
    doing(service.return_co_task, office, "请写明依据", actor=head)

    assert doing(service.waive_co_task, office, "等不及了", actor=head) == LET_IN

    assert task(office).state is CoTaskState.WAIVED
    assert (task(office).opinion, task(office).settled_words) == (OPINION, "等不及了")


def test_the_head_of_the_co_unit_names_who_answers_and_that_one_hands_it_on(
    office: Office, member: Actor
) -> None:
    unit = task(office).unit
    head, third = make.actor(Role.DEPT_HEAD, unit=unit), make.actor(Role.HANDLER, unit=unit)
    act = service.assign_co_handler

    assert doing(act, office, member.user_id, "", actor=office.actor(Role.DEPT_HEAD)) == ""
    assert doing(act, office, member.user_id, "", actor=member) == ""
    assert doing(act, office, 4711, "", actor=head) == "handler_id"
    stranger = office.actor(Role.HANDLER).user_id
    assert doing(act, office, stranger, "", actor=head) == "handler_id"
    assert doing(act, office, member.user_id, "", actor=head) == LET_IN
    assert doing(act, office, member.user_id, "", actor=head) == "handler_id"
    assert doing(act, office, third.user_id, "", actor=member) == "comment"
    assert doing(act, office, third.user_id, "下乡驻村", actor=member) == LET_IN

    assert task(office).handler_id == third.user_id
    kinds = [event.kind for event in office.ticket.events][-2:]
    assert kinds == [Note.CO_ASSIGNED, Note.HANDED_OVER]


def test_whoever_answers_has_it_where_nobody_was_named(office: Office, member: Actor) -> None:
    submitted(office, member)

    assert task(office).handler_id == member.user_id


def test_a_co_unit_is_added_later_by_the_lead_or_the_director(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    new = make.unit()

    def add(actor: Actor, unit_id: int | None = new.id, words: str = "核对产权") -> str:
        def run() -> None:
            with transaction():
                service.add_co_unit(office.ticket, unit_id, words, actor=actor)

        return refused_at(run)

    others = [r for r in PEOPLE if r not in {Role.DEPT_HEAD, Role.OFFICE_DIRECTOR}]
    assert {add(office.actor(role)) for role in others} == {""}
    head = office.actor(Role.DEPT_HEAD)
    assert add(head, None) == "unit_id"
    assert add(head, 4711) == "unit_id"
    assert add(head, office.unit_id) == "unit_id"
    assert add(head, words=" ") == "comment"
    assert add(head) == LET_IN
    assert add(head) == "unit_id"
    assert add(office.actor(Role.OFFICE_DIRECTOR), office.other_unit_id) == LET_IN

    assert [one.unit_id for one in office.ticket.co_tasks] == [new.id, office.other_unit_id]
    assert len(dues(office)) == 2
    assert office.ticket.events[-1].kind == Note.CO_OPENED


def test_who_owes_an_opinion_is_told_once_when_it_is_near_and_once_when_it_is_late(
    office: Office, member: Actor, frozen_clock: time_machine.Traveller
) -> None:
    head = make.actor(Role.DEPT_HEAD, unit=task(office).unit)
    heard = select(Message.recipient_id, Message.context).where(Message.rule == "co-task-due")
    days = []

    for _day in range(7):
        jobs.remind_co_tasks()
        jobs.remind_co_tasks()
        days.append(len(db.session.execute(heard).all()))
        frozen_clock.shift(86400)

    # Near on Wednesday the 23rd, due on Thursday, late on the next working day: Monday.
    assert days == [0, 0, 2, 2, 2, 2, 2]
    jobs.remind_co_tasks()
    found = db.session.execute(heard).all()
    assert len(found) == 4
    assert {one.recipient_id for one in found} == {member.user_id, head.user_id}


def test_nobody_is_told_of_what_was_given(
    office: Office, member: Actor, frozen_clock: time_machine.Traveller
) -> None:
    submitted(office, member)
    frozen_clock.shift(9 * 86400)

    jobs.remind_co_tasks()

    told = select(Message.id).where(Message.rule == "co-task-due")
    assert db.session.scalars(told).all() == []


def test_the_register_of_a_co_unit_shows_the_light_of_its_own_task(
    office: Office, member: Actor, frozen_clock: time_machine.Traveller
) -> None:
    def light(viewer: Actor) -> str | None:
        reading = Reading(calendar_of(office.tenant_id), _parameters(office), clock.now())
        row = queries.search_page(TicketFilter(), viewer=viewer, reading=reading).items[0]
        return row.light.colour if row.light else None

    frozen_clock.move_to(moment("2026-09-25T09:00"))
    assert (light(member), light(office.actor(Role.DISPATCHER))) == ("red", "green")

    submitted(office, member)
    assert light(member) == "green"


def _parameters(office: Office) -> Any:
    return db.session.get_one(Tenant, office.tenant_id).parameters
