"""Two persons for one step: who proposes, who decides, and what becomes of a proposal."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.accounts.models import OrgUnit, RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import ProposalState
from app.tickets.service import StepInput
from app.tickets.workflow.states import Event, Note, Solved, Status
from tests import make
from tests.office import Office, approve, moment, open_office, reply
from tests.tickets.refusals import set_rules

pytestmark = pytest.mark.usefixtures("app")

Clock = time_machine.Traveller
LIFT: dict[str, Any] = {"level": 2, "comment": "请领导小组牵头"}


@pytest.fixture
def office() -> Office:
    return open_office()


def also(office: Office, actor: Actor, role: Role, unit_id: int | None = None) -> Actor:
    """Let a person hold another role as well, and return them acting in it."""
    user = db.session.get_one(User, actor.user_id)
    make.holding(user, role, unit=db.session.get(OrgUnit, unit_id) if unit_id else None)
    return Actor(office.tenant_id, actor.user_id, role, actor.name, unit_id)


def states(office: Office) -> list[ProposalState]:
    return [proposal.state for proposal in office.ticket.proposals]


def message(call: Any, kind: type[DomainError] = DomainError) -> str:
    with pytest.raises(kind) as refused:
        call()
    return str(refused.value)


def test_nobody_decides_in_another_role_what_they_proposed(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    head = office.actor(Role.DEPT_HEAD)
    office.people[Role.OFFICE_DIRECTOR] = also(office, head, Role.OFFICE_DIRECTOR)

    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)

    said = message(lambda: office.decide(Role.OFFICE_DIRECTOR), NotAllowed)
    assert "要由别人决定" in said
    assert message(lambda: office.decide(Role.OFFICE_DIRECTOR, approve=False), NotAllowed) == said
    assert office.ticket.status is Status.PENDING_SIGN


def test_who_drafts_an_answer_does_not_sign_it_off_as_the_head(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    handler = office.actor(Role.HANDLER)
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
    head = office.people[Role.DEPT_HEAD]
    office.people[Role.DEPT_HEAD] = also(office, handler, Role.DEPT_HEAD, office.unit_id)

    with pytest.raises(NotAllowed):
        office.decide(Role.DEPT_HEAD)
    office.people[Role.DEPT_HEAD] = head
    office.decide(Role.DEPT_HEAD)

    assert office.ticket.status is Status.PENDING_REVIEW


def test_a_suspension_takes_three_persons(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    director, chief = office.actor(Role.OFFICE_DIRECTOR), office.actor(Role.CHIEF)
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    with pytest.raises(NotAllowed):
        office.decide(Role.CHIEF)  # not before the director looked at it
    office.decide(Role.OFFICE_DIRECTOR)
    assert states(office) == [ProposalState.CHECKED]
    assert office.ticket.status is Status.IN_PROGRESS

    office.people[Role.CHIEF] = also(office, director, Role.CHIEF)
    assert "要由别人决定" in message(lambda: office.decide(Role.CHIEF), NotAllowed)
    office.people[Role.CHIEF] = chief
    office.decide(Role.CHIEF)

    (done,) = office.ticket.proposals
    people = {done.asked_by_id, done.checked_by_id, done.decided_by_id}
    assert len(people) == 3
    assert office.ticket.status is Status.SUSPENDED


def test_a_suspension_is_refused_by_either_of_the_two(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    for checked in (False, True):
        office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
        if checked:
            office.decide(Role.OFFICE_DIRECTOR)
        office.decide(
            Role.CHIEF if checked else Role.OFFICE_DIRECTOR, approve=False, comment="再想办法"
        )

    assert states(office) == [ProposalState.REFUSED, ProposalState.REFUSED]
    assert office.ticket.status is Status.IN_PROGRESS


def test_a_refused_return_locks_the_ticket_to_the_unit(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    due = office.ticket.due_at
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)

    office.decide(Role.OFFICE_DIRECTOR, approve=False, comment="就归你们办")

    assert office.ticket.dispatches[-1].return_locked
    assert office.ticket.due_at == due
    again = message(lambda: office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD))
    assert "不能再退" in again


def test_another_refusal_locks_nothing(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)

    office.decide(Role.OFFICE_DIRECTOR, approve=False, comment="来得及")

    assert not office.ticket.dispatches[-1].return_locked


def test_the_same_is_not_asked_for_twice_while_it_is_open(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)

    said = message(lambda: office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD))
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)  # something else is

    assert "正等决定" in said
    assert states(office) == [ProposalState.PENDING, ProposalState.PENDING]


def test_only_who_asked_takes_it_back_and_only_while_it_is_open(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    proposal_id = office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD).id

    def withdraw(role: Role) -> None:
        with transaction():
            proposal = next(p for p in office.ticket.proposals if p.id == proposal_id)
            service.withdraw(proposal, actor=office.actor(role))

    with pytest.raises(NotAllowed):
        withdraw(Role.OFFICE_DIRECTOR)
    withdraw(Role.DEPT_HEAD)
    assert "这条申请已经是" in message(lambda: withdraw(Role.DEPT_HEAD))
    assert office.ticket.events[-1].kind == Note.WITHDRAWN
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)

    assert states(office) == [ProposalState.WITHDRAWN, ProposalState.PENDING]


def test_what_was_decided_is_not_decided_again(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    (done,) = office.ticket.proposals

    def again() -> None:
        service.decide(
            done, StepInput(comment="同意"), approve=True, actor=office.actor(Role.OFFICE_DIRECTOR)
        )

    assert "这条申请已经是" in message(again)


def test_a_proposal_lapses_when_the_ticket_moves_on(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    reply(office)

    assert states(office) == [ProposalState.LAPSED, ProposalState.APPROVED]
    assert office.ticket.events[-1].kind == Note.LAPSED
    assert office.ticket.events[-1].about == Event.APPROVE_EXTENSION


def test_a_return_asked_for_before_signing_stays_open_after_it(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    office.take(Event.SIGN, Role.HANDLER)
    office.decide(Role.OFFICE_DIRECTOR)

    assert office.ticket.status is Status.PENDING_DISPATCH


def test_what_a_unit_asked_for_ends_when_the_ticket_goes_to_another(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)

    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)

    assert states(office) == [ProposalState.LAPSED]
    assert office.ticket.lead_unit_id == office.other_unit_id


def test_conditions_are_asked_again_when_it_is_decided(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(
        Event.APPROVE_SUSPENSION,
        Role.DEPT_HEAD,
        next_review_on=moment("2026-09-24T00:00").date(),
    )
    office.decide(Role.OFFICE_DIRECTOR)
    frozen_clock.move_to(moment("2026-09-24T10:00"))  # the review day has passed meanwhile

    assert "复核日" in message(lambda: office.decide(Role.CHIEF))
    assert states(office) == [ProposalState.CHECKED]


def test_a_return_is_to_be_decided_the_same_day_others_the_next(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    asked = office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    assert asked.decide_due_at == moment("2026-09-21T17:30")
    asked = office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    assert asked.decide_due_at == moment("2026-09-22T17:30")


# ---- 提级重办 ----


def test_a_rework_is_lifted_only_after_the_last_round_and_its_no(office: Office) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    lift = LIFT | {"owner_id": office.actor(Role.LEADER).user_id}

    def ask() -> None:
        office.propose(Event.REVISIT_REWORK, Role.OFFICE_DIRECTOR, **lift)

    assert "先登记" in message(ask)
    office.revisit(solved=Solved.NO, result_score=1)
    reply(office)
    approve(office)
    assert "先登记" in message(ask)
    office.revisit(solved=Solved.NO, result_score=1)
    with pytest.raises(NotAllowed):
        office.propose(Event.REVISIT_REWORK, Role.LIAISON, **lift)
    ask()
    with pytest.raises(NotAllowed):
        office.decide(Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)

    ticket = office.ticket
    assert (ticket.status, ticket.round, ticket.escalation_level) == (Status.IN_PROGRESS, 3, 2)


def test_before_the_last_round_a_rework_is_not_lifted(office: Office) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    lift = LIFT | {"owner_id": office.actor(Role.LEADER).user_id}
    set_rules(office, max_round=1)
    office.revisit(solved=Solved.NO, result_score=1)  # recorded: it was the last round
    set_rules(office, max_round=2)

    said = message(lambda: office.propose(Event.REVISIT_REWORK, Role.OFFICE_DIRECTOR, **lift))

    assert "还没有办满 2 轮" in said


def test_who_is_chief_does_not_lift_what_the_firm_has_meanwhile_confirmed(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    for _ in range(2):
        office.revisit(solved=Solved.NO, result_score=1)
        if office.ticket.status is Status.IN_PROGRESS:
            reply(office)
            approve(office)
    lift = LIFT | {"owner_id": office.actor(Role.LEADER).user_id}
    office.propose(Event.REVISIT_REWORK, Role.OFFICE_DIRECTOR, **lift)
    office.propose(Event.CLOSE_UNSATISFIED, Role.OFFICE_DIRECTOR)
    frozen_clock.shift(timedelta(hours=1))

    office.revisit()

    assert office.ticket.status is Status.CLOSED
    assert states(office)[-2:] == [ProposalState.LAPSED, ProposalState.LAPSED]


# ---- a unit of one person ----


def test_a_unit_of_one_person_signs_off_alone(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    alone = "要两个人"
    assert alone in message(lambda: office.take(Event.SUBMIT_REPLY, Role.DEPT_HEAD), NotAllowed)

    with transaction():
        others = {office.actor(Role.DEPT_HEAD).user_id, office.more["colleague"].user_id}
        for holding in db.session.query(RoleHolding).filter(RoleHolding.user_id.in_(others)):
            holding.is_active = False
    office.take(Event.SUBMIT_REPLY, Role.HANDLER)

    assert office.ticket.status is Status.PENDING_REVIEW
    written = office.ticket.replies[-1]
    handler = office.actor(Role.HANDLER).user_id
    assert written.drafted_by_id == written.signed_off_by_id == handler
