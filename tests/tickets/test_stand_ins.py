"""Whoever stands in for a leader or a liaison officer sees and does what is theirs meanwhile."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import jobs as account_jobs
from app.accounts import queries as accounts
from app.accounts.models import Absence, OrgUnit, SignIn, User
from app.accounts.parameters import Parameters
from app.accounts.roles import Actor, Role
from app.accounts.service import AbsenceDraft
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.transactions import transaction
from app.desk import service as desk
from app.desk.queries import worklist
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage
from app.notifications.models import Channel, Message
from app.tickets import policy, service
from app.tickets.models import Ticket
from app.tickets.queries import Reading
from app.tickets.queries.colleagues import who_may_see
from app.tickets.queries.register import counts
from app.tickets.service import StepInput
from app.tickets.workflow.states import Event, Solved, Status
from app.visits import jobs as visit_jobs
from app.visits import service as visits
from app.visits.models import ExemptGround, Mode, VisitTask
from app.visits.service import VisitDraft
from app.workdays.queries import calendar_of
from tests import make
from tests.conftest import begin_session
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")
TODAY = date(2026, 9, 21)
VISITORS = (Role.LEADER, Role.LIAISON)
Clients = Callable[[User | Actor], FlaskClient]


@pytest.fixture
def office() -> Office:
    return open_office()


def person(actor: Actor) -> User:
    return db.session.get_one(User, actor.user_id)


def linkage_of(office: Office) -> Linkage:
    return db.session.scalars(
        select(Linkage).where(Linkage.enterprise_id == office.enterprise_id)
    ).one()


def goes(away: Actor, deputy: Actor, days: int = 2) -> int:
    """Let somebody be away from today on."""
    until = clock.today() + timedelta(days=days - 1)
    draft = AbsenceDraft(away.user_id, deputy.user_id, clock.today(), until, "学习")
    with transaction():
        desk.note_absence(draft, actor=away)
    return db.session.scalars(select(Absence.id).order_by(Absence.id.desc())).first() or 0


def comes_back(absence_id: int, actor: Actor) -> None:
    with transaction():
        found = db.session.get_one(Absence, absence_id)
        desk.end_absence(found, reason="回来了", version=None, actor=actor)


def standing_in(deputy: Actor, role: Role) -> Actor:
    """Return the deputy as they act in a role that they hold for another."""
    return accounts.actor_for(deputy.user_id or 0, role)


def sees(viewer: Actor, ticket: Ticket) -> bool:
    return policy.may_see(viewer, ticket)


def waits(viewer: Actor) -> int:
    return sum(part.count for part in worklist.of(viewer).parts if part.is_mine)


@pytest.mark.parametrize("role", VISITORS)
def test_the_deputy_sees_the_enterprise_its_tickets_and_its_visits_while_it_lasts(
    office: Office, role: Role
) -> None:
    deputy, ticket = make.actor(Role.SUPERVISOR), office.walk_to(Status.IN_PROGRESS)
    make.task(linkage=linkage_of(office))
    away = office.actor(role)

    absence_id = goes(away, deputy)
    acting = standing_in(deputy, role)
    assert acting.stands_in_for == (away.user_id,)
    assert sees(acting, ticket)
    assert enterprises.get(office.enterprise_id, viewer=acting)
    assert waits(acting) == waits(away) == 1  # the visit

    comes_back(absence_id, away)
    gone = Actor(acting.tenant_id, acting.user_id, role)
    assert not sees(gone, ticket)
    with pytest.raises(NotFound):
        enterprises.get(office.enterprise_id, viewer=gone)


@pytest.mark.parametrize("role", VISITORS)
def test_who_holds_the_role_anyway_has_the_others_beside_their_own(
    office: Office, role: Role
) -> None:
    ticket = office.walk_to(Status.IN_PROGRESS)
    own = make.enterprise()
    deputy = make.actor(role)
    which = "leader" if role is Role.LEADER else "liaison"
    make.linkage(enterprise=own, **{which: person(deputy)})
    assert not sees(deputy, ticket)

    absence_id = goes(office.actor(role), deputy)
    acting = standing_in(deputy, role)
    assert sees(acting, ticket)
    assert enterprises.get(own.id, viewer=acting)

    comes_back(absence_id, office.actor(role))
    assert not sees(standing_in(deputy, role), ticket)


def test_one_stands_in_only_in_the_role_that_the_other_holds(office: Office) -> None:
    ticket = office.walk_to(Status.IN_PROGRESS)
    deputy = make.actor(Role.LEADER)

    goes(office.actor(Role.LIAISON), deputy)

    assert accounts.actor_for(deputy.user_id or 0, Role.LEADER).stands_in_for == ()
    assert not sees(accounts.actor_for(deputy.user_id or 0, Role.LEADER), ticket)
    assert sees(standing_in(deputy, Role.LIAISON), ticket)


def test_the_deputy_revisits_and_hears_of_it(office: Office) -> None:
    deputy = make.actor(Role.SUPERVISOR)
    office.walk_to(Status.PENDING_REVIEW)
    goes(office.actor(Role.LIAISON), deputy)
    acting = standing_in(deputy, Role.LIAISON)

    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)
    assert waits(acting) == 1
    heard = select(Message.recipient_id).where(
        Message.rule == "ticket-event", Message.context["what_label"].as_string() == "审核通过"
    )
    assert {acting.user_id, office.actor(Role.LIAISON).user_id} <= set(db.session.scalars(heard))
    given = office.given(Event.REVISIT_CLOSE, solved=Solved.YES)
    with transaction():
        service.revisit(office.ticket, given, actor=acting)

    assert office.ticket.status is Status.CLOSED


def test_the_quick_filter_and_the_own_list_count_what_waits_for_the_deputy(office: Office) -> None:
    deputy = make.actor(Role.SUPERVISOR)
    office.walk_to(Status.PENDING_REVISIT)
    goes(office.actor(Role.LIAISON), deputy)
    acting = standing_in(deputy, Role.LIAISON)
    by = Reading(calendar_of(office.tenant_id), Parameters(), clock.now())

    found = counts(viewer=acting, reading=by)
    before = counts(viewer=office.actor(Role.LIAISON), reading=by)

    assert found == before
    assert 1 in found.values()


def test_what_was_sent_back_to_somebody_away_is_the_deputys_to_complete(office: Office) -> None:
    deputy = make.actor(Role.SUPERVISOR)
    draft = office.open(title="还没有登记的草稿")
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER)
    goes(office.actor(Role.LIAISON), deputy)
    acting = standing_in(deputy, Role.LIAISON)

    assert not sees(acting, db.session.get_one(Ticket, draft))  # never handed in: its writer's
    assert waits(acting) == 1
    with transaction():
        service.take(office.ticket, Event.SUBMIT, StepInput(), actor=acting)

    assert office.ticket.status is Status.PENDING_ACCEPTANCE


def test_the_deputy_of_a_leader_has_the_units_and_the_lifted_tickets_too(office: Office) -> None:
    deputy, leader = make.actor(Role.SUPERVISOR), make.actor(Role.LEADER)
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        db.session.get_one(OrgUnit, office.unit_id).in_charge_id = leader.user_id
    assert sees(leader, office.ticket)

    goes(leader, deputy)
    assert sees(standing_in(deputy, Role.LEADER), office.ticket)
    office.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR, owner_id=leader.user_id)
    office.decide(Role.CHIEF)

    parts = {part.key: part.count for part in worklist.of(standing_in(deputy, Role.LEADER)).parts}
    assert parts["lifted"] == 1


def test_a_deputy_plans_waives_and_makes_the_visits(office: Office) -> None:
    deputy, liaison = make.actor(Role.SUPERVISOR), office.actor(Role.LIAISON)
    linkage = linkage_of(office)
    task = make.task(linkage=linkage, planned_on=TODAY + timedelta(days=1))
    goes(liaison, deputy)
    acting = standing_in(deputy, Role.LIAISON)

    with transaction():  # nobody else goes there: the plan is of this very linkage
        visits.plan(task, TODAY + timedelta(days=2), version=None, actor=acting)
    with transaction():
        visits.ask_exemption(
            task, next(iter(ExemptGround)), "企业停产检修", version=None, actor=acting
        )
    with transaction():
        made = VisitDraft(
            visited_on=TODAY,
            mode=Mode.ON_SITE,
            enterprise_id=office.enterprise_id,
            visitor_ids=(acting.user_id or 0,),
        )
        visits.record_visit(made, actor=acting)

    assert db.session.get_one(VisitTask, task.id).visit_id is not None


def test_the_monthly_reminder_reaches_the_deputy(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    deputy, liaison = make.actor(Role.SUPERVISOR), office.actor(Role.LIAISON)
    frozen_clock.shift(9 * 86400)  # the last day of September
    goes(liaison, deputy, days=30)

    frozen_clock.move_to(clock.at(date(2026, 10, 9), clock.local(clock.now()).time()))
    account_jobs.turn_absences()
    visit_jobs.generate_tasks()
    visit_jobs.remind_r1()

    told = select(Message.recipient_id).where(
        Message.rule == "R1", Message.channel == Channel.INBOX, Message.period == "2026-10"
    )
    reached = set(db.session.scalars(told))
    assert {deputy.user_id, liaison.user_id, office.actor(Role.LEADER).user_id} == reached


def test_a_session_in_a_role_knows_for_whom_its_person_stands_in(office: Office) -> None:
    deputy, liaison = make.actor(Role.SUPERVISOR), office.actor(Role.LIAISON)
    other = make.actor(Role.LIAISON)
    for away in (liaison, other):
        goes(away, deputy)
    tokens = [begin_session(deputy), begin_session(standing_in(deputy, Role.LIAISON))]

    seen = [accounts.signed_in(token) for token in tokens]

    assert [one and one.stands_in_for for one in seen] == [(), (liaison.user_id, other.user_id)]
    assert [one and len(one.holdings) for one in seen] == [2, 2]  # each role once
    assert len(set(db.session.scalars(select(SignIn.id)))) == 2


def test_the_page_of_a_ticket_opens_for_the_deputy(office: Office, client_for: Clients) -> None:
    deputy = make.actor(Role.SUPERVISOR)
    office.walk_to(Status.PENDING_REVISIT)
    goes(office.actor(Role.LIAISON), deputy)
    browser = client_for(standing_in(deputy, Role.LIAISON))

    assert "登记回访" in browser.get(f"/tickets/{office.ticket_id}").text
    assert office.ticket.number in browser.get("/").text
    assert browser.get(f"/enterprises/{office.enterprise_id}").status_code == 200


def test_a_deputy_may_be_mentioned(office: Office) -> None:
    outsider = make.actor(Role.VILLAGE_OFFICER, unit=make.unit())
    office.walk_to(Status.IN_PROGRESS)
    assert outsider.user_id not in {one.id for one in who_may_see(office.ticket)}

    goes(office.actor(Role.LIAISON), outsider)

    assert outsider.user_id in {one.id for one in who_may_see(office.ticket)}


def test_of_what_is_for_few_a_deputy_is_neither_told_nor_shown(office: Office) -> None:
    outsider = make.actor(Role.VILLAGE_OFFICER, unit=make.unit())
    office.walk_to(Status.PENDING_REVIEW)
    with transaction():
        service.make_confidential(
            office.ticket,
            "涉及个人",
            office.actor(Role.DISPATCHER).user_id,
            actor=office.actor(Role.OFFICE_DIRECTOR),
        )
    goes(office.actor(Role.LIAISON), outsider)

    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)

    heard = select(Message.recipient_id).where(Message.link == f"/tickets/{office.ticket_id}")
    assert outsider.user_id not in set(db.session.scalars(heard))
    assert not sees(standing_in(outsider, Role.LIAISON), office.ticket)


@pytest.mark.parametrize(
    ("role", "column"),
    [
        (Role.LIAISON, "liaison_id"),
        (Role.LIAISON, "created_by_id"),
        (Role.LEADER, "leader_id"),
        (Role.LEADER, "created_by_id"),
        (Role.LEADER, "escalation_owner_id"),
    ],
)
def test_each_tie_to_a_ticket_is_the_deputys_too(office: Office, role: Role, column: str) -> None:
    away, deputy = make.actor(role), make.actor(Role.SUPERVISOR)
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        setattr(office.ticket, column, away.user_id)
    goes(away, deputy)

    assert sees(standing_in(deputy, role), office.ticket)
    assert not sees(standing_in(deputy, role), make.ticket())


@pytest.mark.parametrize("role", VISITORS)
def test_the_enterprise_alone_is_tie_enough(office: Office, role: Role) -> None:
    deputy = make.actor(Role.SUPERVISOR)
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        office.ticket.leader_id = office.ticket.liaison_id = None
        office.ticket.created_by_id = None
    goes(office.actor(role), deputy)

    assert sees(standing_in(deputy, role), office.ticket)


def test_a_draft_that_was_never_handed_in_is_not_the_deputys_to_hand_in(office: Office) -> None:
    deputy = make.actor(Role.SUPERVISOR)
    office.open()
    goes(office.actor(Role.LIAISON), deputy)
    acting = standing_in(deputy, Role.LIAISON)

    for event in (Event.SUBMIT, Event.DISCARD):
        assert not policy.is_concerned(acting, office.ticket, event)
        assert policy.is_concerned(office.actor(Role.LIAISON), office.ticket, event)
