"""Each transition × each role: what is listed works, what is not is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from app.accounts.roles import PEOPLE, Role
from app.core.errors import DomainError, NotAllowed, Stale
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.service import StepInput
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Solved, Status
from app.tickets.workflow.table import TABLE, Step
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")
ROLES = (*PEOPLE, Role.SYSTEM)


@pytest.fixture
def office() -> Office:
    return open_office()


Clock = time_machine.Traveller


def stand(office: Office, step: Step, clock: Clock) -> dict[str, object]:
    """Bring a ticket to where `step` may begin; return what must be given besides."""
    office.walk_to(step.source)
    prepare = PREPARED.get(step.event)
    return prepare(office, clock) or {} if prepare else {}


def find_master(office: Office, _clock: Clock) -> dict[str, object]:
    return {"master_id": office.merge_master(), "same_matter": True}


def pass_sign_deadline(_office: Office, clock: Clock) -> None:
    clock.shift(timedelta(days=2))


def call_the_enterprise(office: Office, _clock: Clock) -> None:
    office.take(Event.FIRST_CONTACT, Role.HANDLER)


def try_in_vain(office: Office, clock: Clock) -> None:
    for channel in (ContactChannel.PHONE, ContactChannel.PHONE, ContactChannel.LINK):
        office.revisit(reached=False, channel=channel, solved=None, result_score=None)
        clock.shift(timedelta(days=1))


def wait_a_month(_office: Office, clock: Clock) -> None:
    clock.shift(timedelta(days=31))


def hear_no_twice(office: Office, _clock: Clock) -> None:
    another_round(office)
    office.revisit(solved=Solved.NO, result_score=1)


def ask_a_question(office: Office, _clock: Clock) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.CONSULT)


PREPARED = {
    Event.MERGE: find_master,
    Event.AUTO_SIGN: pass_sign_deadline,
    Event.SUBMIT_REPLY: call_the_enterprise,
    Event.CLOSE_UNREACHABLE: try_in_vain,
    Event.ARCHIVE: wait_a_month,
    Event.CLOSE_UNSATISFIED: hear_no_twice,
    Event.CLOSE_ON_SITE: ask_a_question,
}


def another_round(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1)
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
    office.decide(Role.DEPT_HEAD)
    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)


def name(step: Step) -> str:
    return f"{step.id}-{step.source}-{step.event}"


def acts_directly(step: Step, role: Role) -> bool:
    """Tell whether the table lets `role` take the step alone; a draft is its creator's."""
    creators_own = step.event in {Event.SUBMIT, Event.DISCARD} and role is not Role.LIAISON
    return role in step.who and not step.two_person and not creators_own


DIRECT = [(step, role) for step in TABLE for role in ROLES if acts_directly(step, role)]
TWO_PERSON = [step for step in TABLE if step.two_person]
#: The second extension is the chief's; here it is the first.
DECIDERS = {
    step: step.who - ({Role.CHIEF} if step.event is Event.APPROVE_EXTENSION else frozenset())
    for step in TWO_PERSON
}
DECIDED = [(step, role) for step in TWO_PERSON for role in sorted(DECIDERS[step])]


def refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except NotAllowed:
        return True
    return False


def pair(given: object) -> str:
    return name(given) if isinstance(given, Step) else str(given)


@pytest.mark.parametrize(("step", "role"), DIRECT, ids=pair)
def test_whom_the_table_lists_may_take_the_step(
    step: Step, role: Role, office: Office, frozen_clock: Clock
) -> None:
    more = stand(office, step, frozen_clock)

    event = office.take(step.event, role, **more)

    assert (event.source, event.target) == (step.source, step.target)
    assert office.ticket.status is step.target


@pytest.mark.parametrize("step", TABLE, ids=name)
def test_whom_the_table_does_not_list_is_refused_and_changes_nothing(
    step: Step, office: Office, frozen_clock: Clock
) -> None:
    more = stand(office, step, frozen_clock)
    others = [role for role in ROLES if not acts_directly(step, role)]
    before = len(office.ticket.events)

    let_in = [r for r in others if not refused(lambda r=r: office.take(step.event, r, **more))]

    assert let_in == []
    assert office.ticket.status is step.source
    assert len(office.ticket.events) == before


@pytest.mark.parametrize("step", TWO_PERSON, ids=name)
def test_only_the_roles_that_ask_may_propose(
    step: Step, office: Office, frozen_clock: Clock
) -> None:
    more = stand(office, step, frozen_clock)
    others = [role for role in ROLES if role not in step.asks]

    let_in = [r for r in others if not refused(lambda r=r: office.propose(step.event, r, **more))]
    (asker,) = step.asks
    office.propose(step.event, asker, **more)

    assert let_in == []
    assert office.proposal.event is step.event
    assert office.ticket.status is step.source


def propose(office: Office, step: Step, clock: Clock) -> None:
    """Propose the step and pass all that stand between."""
    more = stand(office, step, clock)
    (asker,) = step.asks
    office.propose(step.event, asker, **more)
    for checker in step.checks:
        office.decide(checker)


@pytest.mark.parametrize(("step", "role"), DECIDED, ids=pair)
def test_whom_the_table_lists_may_approve(
    step: Step, role: Role, office: Office, frozen_clock: Clock
) -> None:
    propose(office, step, frozen_clock)

    office.decide(role)

    assert office.ticket.status is step.target


@pytest.mark.parametrize("step", TWO_PERSON, ids=name)
def test_nobody_else_may_approve(step: Step, office: Office, frozen_clock: Clock) -> None:
    propose(office, step, frozen_clock)
    others = [role for role in ROLES if role not in DECIDERS[step]]

    let_in = [role for role in others if not refused(lambda role=role: office.decide(role))]

    assert let_in == []
    assert office.ticket.status is step.source


@pytest.mark.parametrize("step", TWO_PERSON, ids=name)
def test_a_refusal_needs_a_reason_and_changes_no_state(
    step: Step, office: Office, frozen_clock: Clock
) -> None:
    more = stand(office, step, frozen_clock)
    (asker,) = step.asks
    office.propose(step.event, asker, **more)
    due = office.ticket.due_at
    (first,) = (step.checks or step.who) - {Role.CHIEF} or step.who

    with pytest.raises(DomainError):
        office.decide(first, approve=False, comment="")
    office.decide(first, approve=False, comment="理由不充分")

    assert office.ticket.status is step.source
    assert office.ticket.due_at == due
    assert not [p for p in office.ticket.proposals if p.is_open]


def test_who_is_of_another_unit_may_not_touch_the_ticket(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)

    for stranger in ("other head", "other handler", "vertical head"):
        with pytest.raises(NotAllowed), transaction():
            service.take(office.ticket, Event.SIGN, StepInput(), actor=office.more[stranger])


def test_a_colleague_may_not_touch_what_another_handles(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    with pytest.raises(NotAllowed), transaction():
        service.take(
            office.ticket,
            Event.PROGRESS_NOTE,
            office.given(Event.PROGRESS_NOTE),
            actor=office.more["colleague"],
        )


def test_a_form_that_was_read_before_somebody_acted_is_refused(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    read_at = office.ticket.version
    office.take(Event.ACCEPT, Role.DISPATCHER)

    with pytest.raises(Stale):
        service.check_version(office.ticket, read_at)
