"""Co-tasks while the ticket moves: a new lead unit, a return, a rework, an answer that waits."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import policy, queries, service
from app.tickets.models import CoTask, CoTaskState
from app.tickets.queries.choices import Need
from app.tickets.workflow.states import Event, Note, Solved, Status
from tests import make
from tests.office import Office, approve, open_office, reply
from tests.tickets.refusals import LET_IN, refused_at
from tests.tickets.returning import ask_back

pytestmark = pytest.mark.usefixtures("app")
OPINION = "我们同意主办单位的办法，没有别的意见。"


@pytest.fixture
def office() -> Office:
    """Let a ticket be handled with a co-unit that has a head and a handler."""
    made = open_office()
    unit = make.unit()
    made.more["helper"] = make.actor(Role.HANDLER, unit=unit)
    made.more["helping head"] = make.actor(Role.DEPT_HEAD, unit=unit)
    made.walk_to(Status.PENDING_DISPATCH)
    made.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(unit.id,))
    return made


def task(office: Office) -> CoTask:
    return office.ticket.co_tasks[-1]


def tried(run: Callable[[], object]) -> str:
    def carried_out() -> None:
        with transaction():
            run()

    return refused_at(carried_out)


def give(office: Office) -> str:
    helper = office.more["helper"]
    return tried(lambda: service.answer_co_task(task(office), OPINION, actor=helper))


def told(office: Office, event: Event | Note) -> set[int]:
    """Return who heard of something about the ticket."""
    heard = select(Message.recipient_id).where(
        Message.link == f"/tickets/{office.ticket_id}",
        Message.context["what_label"].as_string() == event.label,
    )
    return set(db.session.scalars(heard))


def ids(office: Office, *names: str | Role) -> set[int | None]:
    return {(office.people | office.more)[name].user_id for name in names}  # type: ignore[operator,index]


def offered(office: Office, actor: Actor) -> set[str]:
    return {offer.name for offer in service.offers(office.ticket, actor=actor)}


OF_CO_TASKS = {Note.CO_SUBMITTED, Note.CO_ACCEPTED, Note.CO_RETURNED, Note.CO_WAIVED}


def test_with_a_new_lead_unit_an_open_co_task_falls_away_and_its_unit_is_told(
    office: Office,
) -> None:
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)

    assert task(office).state is CoTaskState.WAIVED
    assert give(office) == ""
    assert not offered(office, office.more["helping head"]) & OF_CO_TASKS
    both = ids(office, Role.DEPT_HEAD, Role.HANDLER, "other head", "other handler")
    assert told(office, Event.REASSIGN) >= both | ids(office, "helper", "helping head")


def test_what_was_given_to_the_former_lead_unit_is_not_the_new_ones_to_send_back(
    office: Office,
) -> None:
    assert give(office) == LET_IN
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)
    new = office.more["other head"]

    for act in (service.return_co_task, service.accept_co_task):
        assert tried(lambda act=act: act(task(office), "请写明依据", actor=new)) == ""
    assert not offered(office, new) & OF_CO_TASKS
    assert queries.options([Need.CO_GIVEN], office.ticket, viewer=new) == {Need.CO_GIVEN: []}
    assert (task(office).state, task(office).opinion) == (CoTaskState.SUBMITTED, OPINION)


def test_a_former_co_unit_writes_no_more_progress(office: Office) -> None:
    office.take(Event.SIGN, Role.HANDLER)
    helper = office.more["helper"]
    assert policy.is_concerned(helper, office.ticket, Event.PROGRESS_NOTE)

    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)

    assert not policy.is_concerned(helper, office.ticket, Event.PROGRESS_NOTE)


def test_a_return_is_told_to_the_unit_that_asked_and_to_its_co_units(office: Office) -> None:
    ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id)
    office.decide(Role.OFFICE_DIRECTOR)

    unit = ids(office, Role.DEPT_HEAD, Role.HANDLER, "colleague")
    helping, clerks = ids(office, "helper", "helping head"), ids(office, Role.DISPATCHER)
    assert told(office, Event.APPROVE_RETURN) >= unit | helping | clerks
    assert not told(office, Event.APPROVE_RETURN) & ids(office, "other head", Role.LEADER)
    assert task(office).state is CoTaskState.WAIVED


def test_dispatched_to_the_same_unit_again_only_the_new_co_tasks_count(office: Office) -> None:
    ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id)
    office.decide(Role.OFFICE_DIRECTOR)
    helping = office.more["helper"].unit_id
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(helping,))
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)

    assert refused_at(lambda: office.propose(Event.SUBMIT_REPLY, Role.HANDLER)) == ""
    assert [one.state for one in office.ticket.co_tasks] == [CoTaskState.WAIVED, CoTaskState.OPEN]
    assert give(office) == LET_IN
    reply(office)
    assert task(office).state is CoTaskState.ACCEPTED


def test_a_co_unit_that_is_asked_while_the_answer_waits_for_its_head_stops_it(
    office: Office,
) -> None:
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    give(office)
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
    director = office.actor(Role.OFFICE_DIRECTOR)
    added = tried(
        lambda: service.add_co_unit(office.ticket, office.other_unit_id, "核对产权", actor=director)
    )

    assert added == LET_IN
    assert refused_at(lambda: office.decide(Role.DEPT_HEAD)) == ""
    assert office.ticket.status is Status.IN_PROGRESS


def test_in_a_rework_a_unit_that_gave_its_opinion_can_be_asked_anew(office: Office) -> None:
    give(office)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=1)
    head, helping = office.actor(Role.DEPT_HEAD), office.more["helper"].unit_id

    def ask() -> str:
        return tried(lambda: service.add_co_unit(office.ticket, helping, "再看一次", actor=head))

    assert (office.ticket.round, ask(), ask()) == (2, LET_IN, "unit_id")
    assert refused_at(lambda: office.propose(Event.SUBMIT_REPLY, Role.HANDLER)) == ""
    give(office)
    reply(office)
    assert [one.state for one in office.ticket.co_tasks] == [CoTaskState.ACCEPTED] * 2


def test_a_cancelled_ticket_owes_nothing_and_the_co_unit_is_told(office: Office) -> None:
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    assert task(office).state is CoTaskState.WAIVED
    assert told(office, Event.CANCEL) >= ids(office, "helper", "helping head", Role.DEPT_HEAD)
    assert give(office) == ""


def test_a_co_unit_that_thinks_it_is_not_its_matter_says_so_and_the_lead_decides(
    office: Office,
) -> None:
    no = "这件事不在我单位职责内，应由村里办。"
    helper, head = office.more["helper"], office.actor(Role.DEPT_HEAD)
    assert tried(lambda: service.answer_co_task(task(office), no, actor=helper)) == LET_IN

    assert tried(lambda: service.accept_co_task(task(office), "同意", actor=head)) == LET_IN
    assert (task(office).state, task(office).opinion) == (CoTaskState.ACCEPTED, no)
