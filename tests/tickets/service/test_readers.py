"""The named few of a confidential ticket: who they are, who says so, and what they are told."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import OrgUnit, User
from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import service
from app.tickets.models import Category, Ticket, TicketReader
from app.tickets.service import StepInput
from app.tickets.service.splitting import Part, split
from app.tickets.workflow.states import Event, Note, Status
from tests import make
from tests.office import Office, open_office
from tests.tickets.refusals import LET_IN, refused_at

pytestmark = pytest.mark.usefixtures("app")
WHY = "反映的是工作人员的作风"


@pytest.fixture
def office() -> Office:
    return open_office()


def about_conduct(office: Office) -> None:
    """Let the category of the office's tickets be for the named few."""
    with transaction():
        db.session.get_one(Category, office.category_id).confidential = True


def readers(office: Office) -> set[int]:
    db.session.rollback()
    found = select(TicketReader.user_id).where(
        TicketReader.ticket_id == office.ticket_id, TicketReader.ended_at.is_(None)
    )
    return set(db.session.scalars(found))


def ids(office: Office, *roles: Role) -> set[int | None]:
    return {office.people[role].user_id for role in roles}


def name(office: Office, who: Actor, *, by: Role = Role.OFFICE_DIRECTOR, why: str = WHY) -> str:
    def act() -> None:
        with transaction():
            service.add_reader(office.ticket, who.user_id, why, actor=office.actor(by))

    return refused_at(act)


def drop(office: Office, who: Actor, *, by: Role = Role.OFFICE_DIRECTOR, why: str = WHY) -> str:
    def act() -> None:
        with transaction():
            service.end_reader(office.ticket, who.user_id, why, actor=office.actor(by))

    return refused_at(act)


def mark(
    office: Office, *, by: Role = Role.OFFICE_DIRECTOR, to: Actor | None = None, why: str = WHY
) -> str:
    dispatcher = to or office.people[Role.DISPATCHER]

    def act() -> None:
        with transaction():
            service.make_confidential(
                office.ticket, why, dispatcher.user_id, actor=office.actor(by)
            )

    return refused_at(act)


def subjects(office: Office) -> set[str]:
    return {
        message.subject + str(message.context)
        for message in db.session.scalars(
            select(Message).where(Message.link == f"/tickets/{office.ticket_id}")
        )
    }


def told(office: Office) -> set[int]:
    found = select(Message.recipient_id).where(Message.link == f"/tickets/{office.ticket_id}")
    return set(db.session.scalars(found))


def test_a_confidential_category_makes_it_so_from_the_first_day(office: Office) -> None:
    about_conduct(office)

    office.walk_to(Status.PENDING_ACCEPTANCE)

    first = ids(office, Role.LIAISON, Role.OFFICE_DIRECTOR, Role.CHIEF)
    assert office.ticket.confidential
    assert readers(office) == first


@pytest.mark.parametrize(("code", "kept"), [("18", True), ("19", True), ("07", False)])
def test_a_complaint_about_a_unit_is_for_the_named_few(
    office: Office, code: str, *, kept: bool
) -> None:
    with transaction():
        db.session.get_one(Category, office.category_id).code = code
    office.open(complained_unit_id=office.other_unit_id)

    office.take(Event.SUBMIT, Role.LIAISON)

    assert office.ticket.confidential is kept


def test_the_second_level_is_as_confidential_as_the_first(office: Office) -> None:
    about_conduct(office)
    below = make.category(parent_id=office.category_id)
    office.open(subcategory_id=below.id)

    office.take(Event.SUBMIT, Role.LIAISON)

    assert office.ticket.confidential


def test_acceptance_into_a_confidential_category_makes_it_so(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    kind = make.category(code="19", confidential=True)

    office.take(Event.ACCEPT, Role.DISPATCHER, category_id=kind.id)

    assert office.ticket.confidential
    assert office.people[Role.DISPATCHER].user_id in readers(office)
    assert office.more["second dispatcher"].user_id not in readers(office)


def test_nobody_but_a_named_dispatcher_accepts_it(office: Office) -> None:
    about_conduct(office)
    office.walk_to(Status.PENDING_ACCEPTANCE)
    with pytest.raises(DomainError):
        office.take(Event.ACCEPT, Role.DISPATCHER)

    assert name(office, office.people[Role.DISPATCHER]) == LET_IN

    office.take(Event.ACCEPT, Role.DISPATCHER)
    assert office.ticket.status is Status.PENDING_DISPATCH


def test_it_can_be_walked_to_its_end_by_the_named_few(office: Office) -> None:
    about_conduct(office)
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    name(office, office.people[Role.DISPATCHER])
    office.take(Event.ACCEPT, Role.DISPATCHER)
    handler = office.people[Role.HANDLER]
    office.take(Event.DISPATCH, Role.DISPATCHER, handler_id=handler.user_id)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
    office.decide(Role.DEPT_HEAD)
    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)

    office.revisit()

    assert office.ticket.status is Status.CLOSED
    part = ids(office, Role.HANDLER, Role.DEPT_HEAD, Role.DISPATCHER, Role.LIAISON)
    assert part <= readers(office)
    assert not readers(office) & ids(office, Role.SUPERVISOR, Role.LEADER)


def test_the_head_of_each_unit_that_helps_joins_and_whoever_is_named(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    mark(office)

    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))

    heads = {office.people[Role.DEPT_HEAD].user_id, office.more["other head"].user_id}
    assert heads <= readers(office)
    assert office.people[Role.HANDLER].user_id not in readers(office)
    with transaction():
        service.assign_handler(
            office.ticket,
            office.people[Role.HANDLER].user_id,
            actor=office.people[Role.DEPT_HEAD],
        )
    assert office.people[Role.HANDLER].user_id in readers(office)


def test_nobody_of_the_unit_complained_about_ever_reads_it(office: Office) -> None:
    about_conduct(office)
    office.open(complained_unit_id=office.other_unit_id)
    office.take(Event.SUBMIT, Role.LIAISON)
    both = make.actor(Role.DISPATCHER)
    make.holding(
        db.session.get_one(User, both.user_id),
        Role.HANDLER,
        unit=db.session.get_one(OrgUnit, office.other_unit_id),
    )

    assert name(office, office.more["other head"]) == "reader_id"
    assert name(office, both) == "reader_id"
    assert name(office, office.people[Role.DISPATCHER]) == LET_IN


def test_only_the_director_and_the_chief_say_who_reads_it(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    makers = {role for role in PEOPLE if mark(office, by=role) == LET_IN}
    watcher = office.people[Role.SUPERVISOR]

    namers = set()
    for role in PEOPLE:
        if name(office, watcher, by=role) == LET_IN:
            namers.add(role)
            drop(office, watcher, by=role)

    assert makers == {Role.OFFICE_DIRECTOR}
    assert namers == {Role.OFFICE_DIRECTOR, Role.CHIEF}


def test_every_change_of_the_few_needs_a_reason(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)

    assert mark(office, why=" 一 ") == "comment"
    assert mark(office) == LET_IN
    assert name(office, office.people[Role.SUPERVISOR], why="") == "comment"
    assert drop(office, office.people[Role.DISPATCHER], why="") == "comment"


def test_a_reader_is_there_active_and_within_reach(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    mark(office)
    gone = make.actor(Role.SUPERVISOR, is_active=False)
    stranger = make.actor(Role.SUPERVISOR, tenant=make.tenant())

    assert name(office, gone) == "reader_id"
    assert name(office, stranger) == "reader_id"
    assert name(office, office.people[Role.DISPATCHER]) == "reader_id"  # is one already
    assert name(office, office.people[Role.ENTERPRISE_USER]) == "reader_id"
    assert name(office, office.more["other head"]) == "reader_id"  # none of theirs
    assert name(office, office.people[Role.LEADER]) == LET_IN


def test_whoever_has_it_in_hand_is_not_taken_out_nor_oneself(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    mark(office)

    assert drop(office, office.people[Role.HANDLER]) == "reader_id"
    assert drop(office, office.people[Role.OFFICE_DIRECTOR]) == "reader_id"
    assert drop(office, office.people[Role.SUPERVISOR]) == "reader_id"  # is none
    assert drop(office, office.people[Role.DISPATCHER]) == LET_IN
    assert office.people[Role.DISPATCHER].user_id not in readers(office)


def test_lifting_it_forgets_the_few_and_lets_everybody_in_again(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    mark(office)

    with transaction():
        service.make_open(office.ticket, WHY, actor=office.actor(Role.OFFICE_DIRECTOR))

    assert readers(office) == set()
    office.take(Event.ACCEPT, Role.DISPATCHER)
    kinds = [event.kind for event in office.ticket.events]
    assert kinds[-3:] == [Note.MADE_CONFIDENTIAL, Note.MADE_OPEN, Event.ACCEPT]


def test_messages_tell_only_the_few_and_neither_title_nor_number(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    title, number = office.ticket.title, office.ticket.number or "none"
    assert any(title in subject for subject in subjects(office))

    mark(office)
    with transaction():
        head = office.people[Role.DEPT_HEAD]
        service.take(
            office.ticket,
            Event.SIGN,
            StepInput(handler_id=office.people[Role.HANDLER].user_id),
            actor=head,
        )

    db.session.rollback()
    assert not any(title in subject or number in subject for subject in subjects(office))


def test_a_confidential_problem_is_told_to_the_director_and_not_to_the_office(
    office: Office,
) -> None:
    about_conduct(office)

    office.walk_to(Status.PENDING_ACCEPTANCE)

    firm = office.people[Role.ENTERPRISE_USER].user_id
    assert told(office) == {office.people[Role.OFFICE_DIRECTOR].user_id, firm}


def test_who_may_not_know_of_it_is_told_that_there_is_no_such_ticket(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    mark(office)

    with pytest.raises(NotFound), transaction():
        service.note_attachment(office.ticket, ["照片"], actor=office.people[Role.SUPERVISOR])


def test_the_timetable_works_on_what_is_confidential(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.PENDING_SIGN)
    mark(office)
    frozen_clock.shift(timedelta(days=7))

    office.take(Event.AUTO_SIGN, Role.SYSTEM)

    assert office.ticket.status is Status.IN_PROGRESS


def test_a_confidential_ticket_is_merged_with_a_confidential_one_only(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    master = office.merge_master()
    mark(office)

    given = {"master_id": master, "same_matter": True}

    def merge() -> None:
        office.take(Event.MERGE, Role.DISPATCHER, **given)

    assert refused_at(merge) == "master_id"


def test_the_words_of_a_draft_about_officials_stay_out_of_the_audit_log(office: Office) -> None:
    about_conduct(office)
    office.open(title="某某同志推诿")

    with transaction():
        service.edit_draft(
            office.ticket, office.draft(title="某某同志态度不好"), actor=office.actor(Role.LIAISON)
        )

    assert "某某" not in str([event.payload for event in office.ticket.events])
    assert db.session.get_one(Ticket, office.ticket_id).title == "某某同志态度不好"


def test_a_part_is_as_confidential_as_the_whole(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    mark(office)
    whole = readers(office)
    part = Part("态度生硬那一部分", "窗口人员态度生硬，企业三次上门。", office.unit_id)

    with transaction():
        actor = office.people[Role.DISPATCHER]
        child = split(office.ticket, [part], actor=actor)[0]
        office.ticket_id = child.id

    assert office.ticket.confidential
    assert whole <= readers(office)
    assert not any("态度生硬" in subject for subject in subjects(office))
