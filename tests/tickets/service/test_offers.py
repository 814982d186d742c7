"""What a page offers is exactly what the services let: for each role in each state."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.tickets import policy, service
from app.tickets.models import ProposalState
from app.tickets.service import Kind, Offer, StepInput
from app.tickets.workflow import table
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import OPEN, Complexity, Event, Solved, Status
from app.tickets.workflow.table import TABLE, Step
from tests.office import ROADS, Office, approve, open_office, reply

pytestmark = pytest.mark.usefixtures("app")

Clock = time_machine.Traveller
Found = set[tuple[Kind, str]]


class Undone(Exception):
    """Thrown to take back what was only tried."""


@pytest.fixture
def office() -> Office:
    return open_office()


def everybody(office: Office) -> dict[str, Actor]:
    people = {role.value: office.actor(role) for role in (*PEOPLE, Role.SYSTEM)}
    return people | office.more


def undo() -> None:
    raise Undone


def is_let(act: Callable[[], object]) -> bool:
    """Try something, and take it back."""
    try:
        with transaction():
            act()
            undo()
    except Undone:
        return True
    except DomainError:
        return False


def offered(office: Office, actor: Actor, kinds: Iterable[Kind]) -> Found:
    found = service.offers(office.ticket, actor=actor)
    return {(o.kind, o.name) for o in found if o.refusal is None and o.kind in kinds}


def possible(office: Office, actor: Actor, more: dict[Event, dict[str, Any]]) -> Found:
    """Return what can be taken or asked for when everything is given well."""
    found: Found = set()
    for step in table.steps_from(office.ticket.status):
        given = office.given(step.event, **more.get(step.event, {}))
        for kind, act in ((Kind.TAKE, service.take), (Kind.ASK, service.propose)):
            if is_let(lambda a=act, e=step.event, g=given: a(office.ticket, e, g, actor=actor)):
                found.add((kind, step.event.value))
    return found


def agree(office: Office, more: dict[Event, dict[str, Any]] | None = None) -> None:
    for name, actor in everybody(office).items():
        shown = offered(office, actor, {Kind.TAKE, Kind.ASK})
        assert shown == possible(office, actor, more or {}), name


def give(office: Office) -> dict[Event, dict[str, Any]]:
    master = office.merge_master()
    return {Event.MERGE: {"master_id": master, "same_matter": True}}


@pytest.mark.parametrize("status", ROADS)
def test_what_is_offered_is_what_is_let(status: Status, office: Office) -> None:
    office.walk_to(status)

    agree(office, give(office))


@pytest.mark.parametrize("days", [1, 2, 8, 12, 18, 31])
@pytest.mark.parametrize("status", [Status.PENDING_SIGN, Status.IN_PROGRESS, Status.CLOSED])
def test_it_is_so_as_time_passes(
    status: Status, days: int, office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(status)
    frozen_clock.shift(timedelta(days=days))
    later = office.workday_after(office.ticket.due_at.date()) if office.ticket.due_at else None

    agree(office, {Event.APPROVE_EXTENSION: {"new_due_on": later}})


def test_it_is_so_for_a_question_and_once_the_firm_was_called(office: Office) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.CONSULT)
    agree(office, give(office))

    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    agree(office)


def test_it_is_so_after_the_last_round(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    twice_no(office)
    agreed = {(Kind.ASK, Event.CLOSE_UNSATISFIED.value), (Kind.ASK, Event.REVISIT_REWORK.value)}

    assert offered(office, office.actor(Role.OFFICE_DIRECTOR), {Kind.ASK}) == agreed
    lift = {"level": 2, "owner_id": office.actor(Role.LEADER).user_id}
    found = possible(office, office.actor(Role.OFFICE_DIRECTOR), {Event.REVISIT_REWORK: lift})
    assert found == agreed

    office.walk_to(Status.PENDING_REVISIT)
    for channel in (ContactChannel.PHONE, ContactChannel.PHONE, ContactChannel.LINK):
        office.revisit(reached=False, channel=channel, solved=None, result_score=None)
        frozen_clock.shift(timedelta(days=1))
    agree(office)


def twice_no(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1)
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=1)


TWO_PERSON = [step for step in TABLE if step.two_person]
PREPARED: dict[Event, Callable[[Office], object]] = {
    Event.SUBMIT_REPLY: lambda office: office.take(Event.FIRST_CONTACT, Role.HANDLER),
    Event.CLOSE_UNSATISFIED: twice_no,
}


def _may_decide(office: Office, actor: Actor) -> bool:
    words = StepInput(comment="同意")
    return is_let(lambda: service.decide(office.proposal, words, approve=True, actor=actor))


@pytest.mark.parametrize("step", TWO_PERSON, ids=lambda step: f"{step.id}-{step.source}")
def test_who_is_offered_a_decision_is_who_may_decide(step: Step, office: Office) -> None:
    office.walk_to(step.source)
    PREPARED.get(step.event, lambda _office: None)(office)
    (asker,) = step.asks
    office.propose(step.event, asker)
    while any(p.is_open for p in office.ticket.proposals):
        deciders = {n for n, a in everybody(office).items() if _may_decide(office, a)}
        shown = {n for n, a in everybody(office).items() if offered(office, a, {Kind.DECIDE})}
        assert shown == deciders
        assert (Kind.ASK, step.event.value) not in offered(office, office.actor(asker), {Kind.ASK})
        checking = step.checks and office.proposal.state is ProposalState.PENDING
        assert len(deciders) == 1
        office.decide(Role(deciders.pop()))
        assert bool(checking) == any(p.is_open for p in office.ticket.proposals)


def test_what_has_become_impossible_is_shown_with_the_reason(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    frozen_clock.shift(timedelta(days=9))
    found: dict[str, Offer] = {
        o.name: o for o in service.offers(office.ticket, actor=office.actor(Role.DEPT_HEAD))
    }

    for event in (Event.APPROVE_RETURN, Event.APPROVE_EXTENSION, Event.APPROVE_SUSPENSION):
        assert str(found[event.value].refusal)


def beside(office: Office) -> dict[str, str]:
    """Return what each person who sees the ticket may do beside the steps, in its order."""
    return {
        name: " ".join(sorted(what for _, what in offered(office, actor, {Kind.BESIDE})))
        for name, actor in everybody(office).items()
        if policy.may_see(actor, office.ticket)
    }


OFFICE = ("dispatcher", "second dispatcher")
LEADERS = ("chief", "leader")
ONLOOKERS = ("liaison", "supervisor")
UNIT = ("dept_head", "handler")
SPEAKING = dict.fromkeys((*OFFICE, *ONLOOKERS), "commented")
DIRECTING = dict.fromkeys(LEADERS, "commented directed")
URGING = dict.fromkeys((*OFFICE, "supervisor"), "commented urged")
PRESSING = dict.fromkeys(LEADERS, "commented directed urged")
NOTHING = {"enterprise_user": ""}
AT_REST = SPEAKING | DIRECTING | NOTHING | {"office_director": "commented made_confidential"}
IN_UNIT = dict.fromkeys(UNIT, "commented")
RUNNING = (
    SPEAKING
    | URGING
    | PRESSING
    | NOTHING
    | {"office_director": "co_opened commented made_confidential urged"}
)
BESIDE: dict[Status, dict[str, str]] = {
    Status.DRAFT: {"liaison": ""},
    Status.PENDING_ACCEPTANCE: AT_REST,
    Status.PENDING_DISPATCH: AT_REST
    | dict.fromkeys(OFFICE, "commented split")
    | {"office_director": "commented made_confidential split"},
    Status.PENDING_SIGN: RUNNING
    | {"dept_head": "assigned co_opened commented"}
    | dict.fromkeys(("handler", "colleague"), "commented"),
    Status.IN_PROGRESS: RUNNING
    | {"dept_head": "assigned co_opened commented handed_over"}
    | {"handler": "commented handed_over"},
    Status.PENDING_REVIEW: AT_REST | IN_UNIT,
    Status.PENDING_REVISIT: AT_REST | IN_UNIT,
    Status.SUSPENDED: AT_REST
    | IN_UNIT
    | {"office_director": "commented made_confidential renewed"},
    Status.CLOSED: AT_REST | IN_UNIT | dict.fromkeys(LEADERS, "commented"),
}


@pytest.mark.parametrize("status", BESIDE)
def test_what_may_be_done_beside_the_steps(status: Status, office: Office) -> None:
    office.walk_to(status)

    assert beside(office) == BESIDE[status]


def test_every_open_state_says_what_may_be_done_beside_it() -> None:
    assert set(BESIDE) == OPEN | {Status.DRAFT, Status.CLOSED}


def test_beside_what_is_over_nothing_may_be_done(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.CANCEL, Role.DISPATCHER, reason="withdrawn", comment="企业撤回")

    assert set(beside(office).values()) == {""}


def test_one_urge_by_hand_is_enough_for_the_day(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    with transaction():
        service.urge(office.ticket, "请抓紧", actor=office.actor(Role.SUPERVISOR))

    calm = {name: what.replace(" urged", "") for name, what in RUNNING.items()}
    assert beside(office) == BESIDE[Status.IN_PROGRESS] | calm


def test_a_unit_that_helps_answers_and_the_lead_unit_may_waive_it(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR, co_unit_ids=(office.unit_id,))

    assert beside(office) == RUNNING | {
        "dept_head": "co_assigned co_submitted commented",
        "handler": "co_submitted commented",
        "colleague": "co_submitted commented",
        "other head": "assigned co_opened co_waived commented",
        "other handler": "commented",
    }


def test_of_what_is_confidential_the_director_and_the_chief_say_who_reads_it(
    office: Office,
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        service.make_confidential(
            office.ticket,
            "反映的是工作人员的作风",
            office.people[Role.DISPATCHER].user_id,
            actor=office.actor(Role.OFFICE_DIRECTOR),
        )

    assert beside(office) == NOTHING | {
        "chief": "commented directed reader_added reader_ended urged",
        "office_director": "co_opened commented made_open reader_added reader_ended urged",
        "dispatcher": "commented urged",
        "liaison": "commented",
        "dept_head": BESIDE[Status.IN_PROGRESS]["dept_head"],
        "handler": BESIDE[Status.IN_PROGRESS]["handler"],
    }
