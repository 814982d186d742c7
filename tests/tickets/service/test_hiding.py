"""What goes along when a ticket becomes confidential, and that none is ever left to nobody."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import OrgUnit, RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import jobs, policy, service
from app.tickets.models import Ticket, TicketEvent, TicketReader
from app.tickets.service import confidential
from app.tickets.service.hiding import ALONG, HUSHED
from app.tickets.service.splitting import Part
from app.tickets.workflow.states import Event, Note, Status
from tests import make
from tests.office import Office, approve, open_office, reply

pytestmark = pytest.mark.usefixtures("app")
WHY = "反映的是工作人员的作风"


@pytest.fixture
def office() -> Office:
    return open_office()


def mark(office: Office) -> None:
    with transaction():
        service.make_confidential(
            office.ticket,
            WHY,
            office.people[Role.DISPATCHER].user_id,
            actor=office.actor(Role.OFFICE_DIRECTOR),
        )


def readers(ticket_id: int) -> set[int]:
    db.session.rollback()
    found = select(TicketReader.user_id).where(
        TicketReader.ticket_id == ticket_id, TicketReader.ended_at.is_(None)
    )
    return set(db.session.scalars(found))


def said_of(ticket_id: int) -> set[str]:
    found = select(Message).where(Message.link == f"/tickets/{ticket_id}")
    return {message.subject + str(message.context) for message in db.session.scalars(found)}


def newest(ticket_id: int) -> TicketEvent:
    found = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id)
    return db.session.scalars(found.order_by(TicketEvent.id.desc())).first()


def gone(*people: Actor) -> None:
    """Let everybody of `people` have left their posts."""
    ids = [one.user_id for one in people]
    held = db.session.scalars(select(RoleHolding).where(RoleHolding.user_id.in_(ids)))
    with transaction():
        for one in held:
            one.is_active = False


# ---- what goes along ----


def test_messages_from_before_the_acceptance_that_hid_it_fall_silent(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    title = office.ticket.title
    assert any(title in said for said in said_of(office.ticket_id))
    kind = make.category(code="19", confidential=True)

    office.take(Event.ACCEPT, Role.DISPATCHER, category_id=kind.id)

    assert not any(title in said for said in said_of(office.ticket_id))
    assert any(said.startswith(HUSHED) for said in said_of(office.ticket_id))


def test_what_was_merged_into_it_is_hidden_with_it(office: Office) -> None:
    child = office.walk_to(Status.PENDING_DISPATCH)
    master = office.merge_master()
    office.take(Event.MERGE, Role.DISPATCHER, master_id=master, same_matter=True)
    office.ticket_id = master

    mark(office)

    assert child.confidential
    assert not policy.may_see(office.people[Role.SUPERVISOR], child)
    assert policy.may_see(office.people[Role.OFFICE_DIRECTOR], child)
    assert (newest(child.id).kind, newest(child.id).comment) == (Note.MADE_CONFIDENTIAL, ALONG)
    assert not any(child.title in said for said in said_of(child.id))


def test_what_was_split_off_it_is_hidden_with_it_and_its_unit_goes_on(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    part = Part("分出来的一件", "另外一件事，由另一个单位来办。", office.other_unit_id)
    with transaction():
        (made,) = service.split(office.ticket, [part], actor=office.actor(Role.DISPATCHER))

    mark(office)

    db.session.rollback()
    assert made.confidential
    assert policy.may_see(office.more["other head"], made)
    assert not policy.may_see(office.more["second dispatcher"], made)


def test_what_is_archived_keeps_its_sealed_history_and_is_hidden_all_the_same(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    parent = office.ticket_id
    part = Part("分出来的一件", "另外一件事，由同一个单位来办。", office.unit_id)
    with transaction():
        (made,) = service.split(office.ticket, [part], actor=office.actor(Role.DISPATCHER))
    office.ticket_id = made.id
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    approve(office)
    office.revisit(Role.DISPATCHER)
    frozen_clock.shift(timedelta(days=31))
    jobs.archive_old()
    before = newest(made.id).id

    office.ticket_id = parent
    mark(office)

    db.session.rollback()
    assert (made.status, made.confidential) == (Status.ARCHIVED, True)
    assert newest(made.id).id == before
    assert office.people[Role.CHIEF].user_id in readers(made.id)


# ---- none is left to nobody ----


def test_when_all_who_may_name_have_changed_those_who_came_after_read_it(
    office: Office,
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    mark(office)
    gone(office.people[Role.OFFICE_DIRECTOR], office.people[Role.CHIEF])
    director, chief = make.actor(Role.OFFICE_DIRECTOR), make.actor(Role.CHIEF)
    assert not policy.may_see(director, office.ticket)

    jobs.hand_on_readers()
    jobs.hand_on_readers()

    assert {director.user_id, chief.user_id} <= readers(office.ticket_id)
    event = newest(office.ticket_id)
    assert (event.kind, event.actor_role) == (Note.READER_ADDED, Role.SYSTEM)
    assert director.name in event.payload["reader"]
    assert "换了岗" in event.comment
    told = select(Message.recipient_id).where(Message.period == str(event.id))
    assert set(db.session.scalars(told)) == {director.user_id, chief.user_id}
    with transaction():
        service.add_reader(
            office.ticket, office.people[Role.SUPERVISOR].user_id, WHY, actor=director
        )
    logged = select(AuditRow).where(AuditRow.action == Note.READER_ADDED.label)
    assert len(db.session.scalars(logged).all()) == 2


def test_while_one_who_may_name_is_left_nobody_joins_by_themselves(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    mark(office)
    gone(office.people[Role.OFFICE_DIRECTOR])
    late = make.actor(Role.OFFICE_DIRECTOR)

    jobs.hand_on_readers()
    with transaction():
        confidential.hand_on(office.ticket)  # somebody was named between the list and the work

    assert late.user_id not in readers(office.ticket_id)


def test_whose_account_was_closed_names_nobody_any_more(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    mark(office)
    with transaction():
        for role in (Role.OFFICE_DIRECTOR, Role.CHIEF):
            db.session.get_one(User, office.people[role].user_id).is_active = False
    late = make.actor(Role.CHIEF)

    jobs.hand_on_readers()

    assert late.user_id in readers(office.ticket_id)


def test_nobody_of_the_unit_complained_about_comes_after(office: Office) -> None:
    office.open(complained_unit_id=office.other_unit_id)
    office.take(Event.SUBMIT, Role.LIAISON)
    mark(office)
    gone(office.people[Role.OFFICE_DIRECTOR], office.people[Role.CHIEF])
    chief = make.actor(Role.CHIEF)
    both = make.actor(Role.OFFICE_DIRECTOR)
    make.holding(
        db.session.get_one(User, both.user_id),
        Role.HANDLER,
        unit=db.session.get_one(OrgUnit, office.other_unit_id),
    )

    jobs.hand_on_readers()

    assert chief.user_id in readers(office.ticket_id)
    assert both.user_id not in readers(office.ticket_id)


def test_what_is_archived_is_handed_on_too_and_its_history_stays_sealed(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    mark(office)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    approve(office)
    office.revisit(Role.LIAISON)
    frozen_clock.shift(timedelta(days=31))
    jobs.archive_old()
    before = newest(office.ticket_id).id
    gone(office.people[Role.OFFICE_DIRECTOR], office.people[Role.CHIEF])
    chief = make.actor(Role.CHIEF)

    jobs.hand_on_readers()

    assert db.session.get_one(Ticket, office.ticket_id).status is Status.ARCHIVED
    assert chief.user_id in readers(office.ticket_id)
    assert newest(office.ticket_id).id == before
