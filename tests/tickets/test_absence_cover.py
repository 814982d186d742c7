"""Nothing lies with somebody who is away: the deputy has it, and gives it back."""

from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts import jobs as account_jobs
from app.accounts import queries as accounts
from app.accounts.models import Absence, User
from app.accounts.queries.absences import runs_on
from app.accounts.roles import Role
from app.accounts.service import AbsenceDraft
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.desk import service as desk
from app.notifications.models import Message
from app.tickets import jobs, service
from app.tickets.models import CoTask, CoTaskState, Ticket
from app.tickets.service import StepInput
from app.tickets.workflow.states import OPEN, Event, Note, Status
from tests import make
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")
TODAY = date(2026, 9, 21)


@pytest.fixture
def office() -> Office:
    return open_office()


def user(office: Office, name: Role | str) -> User:
    actor = office.people[name] if isinstance(name, Role) else office.more[name]
    return db.session.get_one(User, actor.user_id)


def goes(office: Office, first: date = TODAY, days: int = 2) -> int:
    """Let the handler be away, with the colleague as deputy."""
    away, deputy = user(office, Role.HANDLER), user(office, "colleague")
    draft = AbsenceDraft(away.id, deputy.id, first, first + timedelta(days=days - 1), "学习")
    with transaction():
        desk.note_absence(draft, actor=accounts.actor_for(away.id))
    return db.session.scalars(select(Absence.id).order_by(Absence.id.desc())).first() or 0


def comes_back(office: Office, absence_id: int) -> None:
    with transaction():
        found = db.session.get_one(Absence, absence_id)
        actor = accounts.actor_for(user(office, Role.HANDLER).id)
        desk.end_absence(found, reason="回来了", version=None, actor=actor)


def morning() -> None:
    account_jobs.turn_absences()
    jobs.cover_absences()


def history(ticket: Ticket) -> list[str]:
    return [event.kind for event in ticket.events if event.kind in set(Note)]


def test_a_ticket_goes_to_the_deputy_in_the_morning_and_comes_back(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    goes(office, TODAY + timedelta(days=1))
    assert office.ticket.handler_id == user(office, Role.HANDLER).id

    frozen_clock.shift(86400)
    morning()
    morning()
    assert office.ticket.handler_id == user(office, "colleague").id
    assert office.ticket.covered_for_id == user(office, Role.HANDLER).id

    frozen_clock.shift(2 * 86400)
    morning()
    morning()
    assert office.ticket.handler_id == user(office, Role.HANDLER).id
    assert office.ticket.covered_for_id is None
    assert history(office.ticket)[-2:] == [Note.COVERED, Note.UNCOVERED]


def test_entered_for_today_the_deputy_has_it_at_once_and_both_are_told(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    absence_id = goes(office)
    assert office.ticket.handler_id == user(office, "colleague").id

    comes_back(office, absence_id)
    assert office.ticket.handler_id == user(office, Role.HANDLER).id
    told = select(Message.context).where(
        Message.recipient_id == user(office, "colleague").id, Message.rule == "ticket-event"
    )
    labels = [context["what_label"] for context in db.session.scalars(told)]
    assert {Note.COVERED.label, Note.UNCOVERED.label} <= set(labels)


@pytest.mark.parametrize(
    "status", [Status.SUSPENDED, Status.PENDING_REVIEW, Status.PENDING_REVISIT]
)
def test_what_waits_goes_too(office: Office, status: Status) -> None:
    office.walk_to(status)

    goes(office)

    assert office.ticket.handler_id == user(office, "colleague").id


def test_what_is_closed_stays_and_goes_to_the_deputy_when_it_is_reopened(office: Office) -> None:
    office.walk_to(Status.CLOSED)
    goes(office)
    assert office.ticket.handler_id == user(office, Role.HANDLER).id

    office.propose(Event.REOPEN, Role.DISPATCHER)
    office.decide(Role.OFFICE_DIRECTOR)

    assert office.ticket.handler_id == user(office, "colleague").id


def test_who_is_away_is_named_in_vain(office: Office) -> None:
    away, deputy = user(office, Role.HANDLER), user(office, "colleague")
    goes(office)

    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, handler_id=away.id)
    assert office.ticket.handler_id == deputy.id

    office.walk_to(Status.PENDING_SIGN)
    office.take(Event.SIGN, Role.HANDLER)  # from where they are
    assert office.ticket.handler_id == deputy.id
    assert office.ticket.covered_for_id == away.id


def test_assigning_somebody_who_is_away_assigns_the_deputy(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    goes(office)

    with transaction():
        service.assign_handler(
            office.ticket, user(office, Role.HANDLER).id, actor=office.actor(Role.DEPT_HEAD)
        )

    assert office.ticket.handler_id == user(office, "colleague").id
    assert history(office.ticket)[-2:] == [Note.ASSIGNED, Note.COVERED]


def test_what_was_handed_on_meanwhile_does_not_come_back(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    absence_id = goes(office)
    head = user(office, Role.DEPT_HEAD)

    with transaction():
        service.hand_over(office.ticket, head.id, "由我来办", actor=office.actor(Role.DEPT_HEAD))
    comes_back(office, absence_id)

    assert office.ticket.handler_id == head.id


def test_what_a_deputy_from_elsewhere_signed_goes_to_who_was_away(office: Office) -> None:
    unit = make.unit()
    alone, far = make.actor(Role.HANDLER, unit=unit), make.user(Role.LEADER)
    draft = AbsenceDraft(alone.user_id, far.id, TODAY, TODAY + timedelta(days=1), "学习")
    with transaction():
        desk.note_absence(draft, actor=alone)
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=unit.id)
    deputy = accounts.actor_for(far.id, Role.HANDLER, unit_id=unit.id)
    with transaction():
        service.take(office.ticket, Event.SIGN, office.given(Event.SIGN), actor=deputy)
    assert office.ticket.handler_id == far.id

    with transaction():
        found = db.session.scalars(select(Absence)).one()
        desk.end_absence(found, reason="回来了", version=None, actor=alone)

    assert office.ticket.handler_id == alone.user_id


def test_a_deputy_answers_alone_where_the_unit_has_one_person(office: Office) -> None:
    unit = make.unit()
    alone, far = make.actor(Role.DEPT_HEAD, unit=unit), make.user(Role.LEADER)
    draft = AbsenceDraft(alone.user_id, far.id, TODAY, TODAY, "学习")
    with transaction():
        desk.note_absence(draft, actor=alone)
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=unit.id)
    deputy = accounts.actor_for(far.id, Role.DEPT_HEAD, unit_id=unit.id)
    with transaction():
        service.take(office.ticket, Event.SIGN, office.given(Event.SIGN), actor=deputy)
        office.ticket.first_contact_at = clock.now()

    with transaction():
        service.take(
            office.ticket, Event.SUBMIT_REPLY, office.given(Event.SUBMIT_REPLY), actor=deputy
        )

    assert office.ticket.status is Status.PENDING_REVIEW


def test_while_the_head_is_away_the_only_other_person_answers_alone(office: Office) -> None:
    unit = make.unit()
    head, handler = (make.actor(role, unit=unit) for role in (Role.DEPT_HEAD, Role.HANDLER))
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=unit.id)
    with transaction():
        service.take(office.ticket, Event.SIGN, office.given(Event.SIGN), actor=handler)
        office.ticket.first_contact_at = clock.now()
    answer = office.given(Event.SUBMIT_REPLY)
    with pytest.raises(DomainError), transaction():
        service.take(office.ticket, Event.SUBMIT_REPLY, answer, actor=handler)  # two eyes

    draft = AbsenceDraft(head.user_id, handler.user_id, TODAY, TODAY, "学习")
    with transaction():
        desk.note_absence(draft, actor=head)
    with transaction():
        service.take(office.ticket, Event.SUBMIT_REPLY, answer, actor=handler)

    assert office.ticket.status is Status.PENDING_REVIEW


def test_with_a_third_person_there_the_deputy_of_the_head_signs_off_anothers(
    office: Office,
) -> None:
    deputy = office.more["colleague"]
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    draft = AbsenceDraft(office.actor(Role.DEPT_HEAD).user_id, deputy.user_id, TODAY, TODAY, "学习")
    with transaction():
        desk.note_absence(draft, actor=office.actor(Role.DEPT_HEAD))

    with pytest.raises(DomainError):
        office.take(Event.SUBMIT_REPLY, Role.HANDLER)
    db.session.rollback()
    asked = office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
    head = accounts.actor_for(deputy.user_id or 0, Role.DEPT_HEAD)
    with transaction():
        service.decide(asked, StepInput(comment="同意"), approve=True, actor=head)

    assert office.ticket.status is Status.PENDING_REVIEW


def test_a_deputy_of_the_unit_that_is_complained_about_gets_nothing(office: Office) -> None:
    unit = make.unit()
    alone, far = make.actor(Role.HANDLER, unit=unit), user(office, "other handler")
    office.open(complained_unit_id=office.other_unit_id)
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=unit.id, handler_id=alone.user_id)
    draft = AbsenceDraft(alone.user_id, far.id, TODAY, TODAY, "学习")

    with transaction():
        desk.note_absence(draft, actor=alone)

    assert office.ticket.handler_id is None
    assert office.ticket.events[-1].kind == Note.COVERED


def test_an_opinion_that_is_owed_goes_to_the_deputy_too(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(
        Event.DISPATCH,
        Role.DISPATCHER,
        lead_unit_id=office.other_unit_id,
        co_unit_ids=(office.unit_id,),
    )
    away, deputy = user(office, Role.HANDLER), user(office, "colleague")
    task = office.ticket.co_tasks[0]
    with transaction():
        service.assign_co_handler(
            office.ticket.co_tasks[0], away.id, "", actor=office.actor(Role.DEPT_HEAD)
        )

    absence_id = goes(office)
    assert db.session.get_one(CoTask, task.id).handler_id == deputy.id

    comes_back(office, absence_id)
    assert db.session.get_one(CoTask, task.id).handler_id == away.id
    assert history(office.ticket)[-2:] == [Note.COVERED, Note.UNCOVERED]


def test_an_opinion_goes_to_no_deputy_of_the_unit_that_is_complained_about(
    office: Office,
) -> None:
    unit = make.unit()
    alone, far = make.actor(Role.DEPT_HEAD, unit=unit), user(office, "other handler")
    office.open(complained_unit_id=office.other_unit_id)
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(unit.id,))
    with transaction():
        service.assign_co_handler(office.ticket.co_tasks[0], alone.user_id, "", actor=alone)
    draft = AbsenceDraft(alone.user_id, far.id, TODAY, TODAY, "学习")

    with transaction():
        desk.note_absence(draft, actor=alone)

    assert office.ticket.co_tasks[0].handler_id is None


# ---- the promise ----

PLANS = st.lists(
    st.tuples(
        st.integers(0, 3),  # who goes
        st.integers(0, 3),  # who stays
        st.integers(0, 6),  # from which day
        st.integers(1, 4),  # for how many days
        st.integers(0, 6),  # entered on which day
    ),
    max_size=6,
)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(plans=PLANS, names=st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_no_open_ticket_lies_with_a_person_who_is_away(
    plans: list[tuple[int, int, int, int, int]], names: list[int]
) -> None:
    start = clock.now()
    unit = make.unit()
    people = [make.actor(Role.HANDLER, unit=unit) for _ in range(4)]
    head = make.actor(Role.DEPT_HEAD, unit=unit)
    tickets = [
        make.ticket(lead_unit_id=unit.id, handler_id=one.user_id, due_at=start + timedelta(days=30))
        for one in people
    ]
    for day in range(8):
        with clock.held(start + timedelta(days=day)):
            morning()
            _nobody_is_away()
            for who, deputy, first, days, entered in plans:
                if entered == day:
                    _try(people[who].user_id, people[deputy].user_id, day + first, days, head)
                    _nobody_is_away()
            with transaction():
                service.assign_handler(
                    db.session.get_one(Ticket, tickets[day % 4].id),
                    people[names[day]].user_id,
                    actor=head,
                )
            _nobody_is_away()
    with clock.held(start + timedelta(days=40)):
        morning()
        left = select(Ticket.id).where(Ticket.covered_for_id.is_not(None))
        assert db.session.scalars(left).all() == []


def _try(who: int | None, deputy: int | None, first: int, days: int, head: object) -> None:
    from_on = TODAY + timedelta(days=first)
    draft = AbsenceDraft(who, deputy, from_on, from_on + timedelta(days=days - 1), "学习")
    try:
        with transaction():
            desk.note_absence(draft, actor=head)  # type: ignore[arg-type]
    except DomainError:
        return


def _nobody_is_away() -> None:
    away = select(Absence.user_id).where(runs_on(clock.today()))
    lying = select(Ticket.id).where(Ticket.status.in_(sorted(OPEN)), Ticket.handler_id.in_(away))
    assert db.session.scalars(lying).all() == []
    owed = select(CoTask.id).where(CoTask.state == CoTaskState.OPEN, CoTask.handler_id.in_(away))
    assert db.session.scalars(owed).all() == []
