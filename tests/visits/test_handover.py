"""A portfolio changes hands on a day: nothing is lost, doubled, rewritten or left between."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Role
from app.accounts.service import AbsenceDraft
from app.core import clock
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, Stale
from app.core.transactions import transaction
from app.desk import service as desk
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage, Seat, Tier
from app.notifications.models import Channel, Message, MessageState
from app.tickets import service as tickets
from app.tickets.models import Ticket
from app.tickets.workflow.states import Event, Note, Status
from app.visits import jobs, queries, service
from app.visits.models import ExemptGround, Handover, HandoverState, TaskState, VisitTask
from app.visits.queries import cautions
from app.visits.queries import handover as handovers
from app.visits.queries.handover import HandoverDraft
from tests import make
from tests.core.test_transactions import at_once
from tests.office import Office, open_office
from tests.visits.town import LONG_AGO, Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
D = date.fromisoformat
TODAY = D("2026-09-21")


@pytest.fixture
def town(app: object) -> Town:
    del app
    made = open_town(tier=Tier.KEY, doc_no="霁营商办〔2026〕2号", per_month=2)
    made.generate()
    return made


@pytest.fixture
def successor(town: Town) -> Actor:
    del town
    return make.actor(Role.LIAISON, name="鹿鸣谦", post="干事", email="lu@example.com")


def stretches() -> list[tuple[date, date | None, int | None]]:
    db.session.rollback()
    found = db.session.scalars(select(Linkage).order_by(Linkage.id))
    return [(one.valid_from, one.valid_to, one.liaison_id) for one in found]


def carried(handover_id: int) -> Handover:
    db.session.rollback()
    return db.session.get_one(Handover, handover_id)


def told(rule: str) -> list[Message]:
    db.session.rollback()
    found = select(Message).where(Message.rule == rule).order_by(Message.id)
    return list(db.session.scalars(found))


def doing(town: Town, person: Actor, period: str = "2026-09") -> int:
    """Return how many tasks of a month are a person's to do."""
    del town
    db.session.rollback()
    return sum(task.is_owed for task in queries.month_of(person, period))


# ---- linkages ----


def test_the_old_linkage_ends_the_day_before_and_the_new_one_keeps_all_but_the_person(
    town: Town, successor: Actor
) -> None:
    make.handover(town.liaison, successor)

    old, new = db.session.scalars(select(Linkage).order_by(Linkage.id))
    assert (old.valid_to, old.liaison_id) == (TODAY - timedelta(days=1), town.liaison_id)
    assert (new.valid_from, new.valid_to) == (TODAY, None)
    assert (new.leader_id, new.liaison_id) == (town.leader_id, successor.user_id)
    kept = ("tier", "per_month", "doc_no", "enterprise_id", "project_id")
    assert all(getattr(old, name) == getattr(new, name) for name in kept)
    assert new.origin_id == old.id


def test_a_leader_hands_on_what_the_liaison_officer_keeps(town: Town) -> None:
    leader = make.actor(Role.LEADER)

    make.handover(town.leader, leader, Seat.LEADER)

    found = enterprises.linkage_of(town.linkage.enterprise_id or 0, clock.today())
    assert found
    assert (found.leader_id, found.liaison_id) == (leader.user_id, town.liaison_id)


def test_only_the_targets_chosen_go_along(town: Town, successor: Actor) -> None:
    person = db.session.get_one(User, town.liaison_id)
    stays = make.linkage(liaison=person)

    make.handover(town.liaison, successor, targets=frozenset({town.target}))

    assert [one.id for one in enterprises.portfolio(town.liaison_id, Seat.LIAISON, TODAY)] == [
        stays.id
    ]
    assert len(enterprises.portfolio(successor.user_id or 0, Seat.LIAISON, TODAY)) == 1


def test_a_project_goes_along_like_an_enterprise(successor: Actor) -> None:
    person = make.actor(Role.LIAISON)
    link = make.linkage(project=make.project(), liaison=db.session.get_one(User, person.user_id))

    make.handover(person, successor)

    found = enterprises.linkage_of_project(link.project_id or 0, TODAY)
    assert found
    assert found.liaison_id == successor.user_id


def test_what_begins_only_later_begins_under_the_successor_and_never_held_before(
    town: Town, successor: Actor
) -> None:
    person = db.session.get_one(User, town.liaison_id)
    later = make.linkage(liaison=person, valid_from=D("2026-12-01"))

    make.handover(town.liaison, successor)

    firm = later.enterprise_id or 0
    (found,) = enterprises.history(enterprise_id=firm)
    assert (found.valid_from, found.liaison_id) == (D("2026-12-01"), successor.user_id)
    assert enterprises.linkage_of(firm, D("2026-11-30")) is None


def test_what_has_a_last_day_keeps_it_and_what_is_over_before_stays(
    town: Town, successor: Actor
) -> None:
    person = db.session.get_one(User, town.liaison_id)
    ends = make.linkage(liaison=person, valid_to=D("2026-10-31"))
    over = make.linkage(liaison=person, valid_to=D("2026-09-25"))

    make.handover(town.liaison, successor, on=D("2026-10-01"))
    with time_machine.travel(clock.at(D("2026-10-01"), clock.local(clock.now()).time())):
        jobs.carry_out_handovers()

    db.session.rollback()
    followed = enterprises.linkage_of(ends.enterprise_id or 0, D("2026-10-15"))
    assert followed
    assert (followed.valid_to, followed.liaison_id) == (D("2026-10-31"), successor.user_id)
    assert len(enterprises.history(enterprise_id=over.enterprise_id)) == 1


# ---- the day ----


def test_nothing_moves_before_the_day_and_all_of_it_at_midnight(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    made = make.handover(town.liaison, successor, on=D("2026-09-24"))

    go_to(frozen_clock, "2026-09-23", "23:59")
    jobs.carry_out_handovers()
    assert len(stretches()) == 1
    go_to(frozen_clock, "2026-09-24", "00:00")
    jobs.carry_out_handovers()
    jobs.carry_out_handovers()

    assert stretches() == [
        (D("2026-01-01"), D("2026-09-23"), town.liaison_id),
        (D("2026-09-24"), None, successor.user_id),
    ]
    assert carried(made).carried_out_at is not None


def test_a_scheduler_that_was_down_on_the_day_leaves_no_day_between(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    make.handover(town.liaison, successor, on=D("2026-09-24"))

    go_to(frozen_clock, "2026-09-28", "11:00")
    jobs.carry_out_handovers()

    assert [one[:2] for one in stretches()] == [
        (D("2026-01-01"), D("2026-09-23")),
        (D("2026-09-24"), None),
    ]


def test_until_the_day_it_may_be_undone_and_then_not(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    undone = make.handover(town.liaison, successor, on=D("2026-09-24"))
    with transaction():
        service.call_off_handover(carried(undone), reason="不调了", version=1, actor=town.clerk)
    go_to(frozen_clock, "2026-09-24", "00:00")
    jobs.carry_out_handovers()
    assert len(stretches()) == 1

    done = make.handover(town.liaison, successor)
    with pytest.raises(Invalid), transaction():
        service.call_off_handover(carried(done), reason="晚了", version=None, actor=town.clerk)


def give_back(handover_id: int, actor: Actor, reason: str = "人选错了") -> int:
    with transaction():
        found = db.session.get_one(Handover, handover_id)
        return service.give_back_handover(found, reason=reason, version=None, actor=actor).id


def test_what_was_handed_over_today_can_be_given_back_today(town: Town, successor: Actor) -> None:
    before = (doing(town, town.liaison), doing(town, successor))
    made = make.handover(town.liaison, successor)
    assert (doing(town, town.liaison), doing(town, successor)) == before[::-1]

    back = give_back(made, town.clerk)

    assert (doing(town, town.liaison), doing(town, successor)) == before
    held = enterprises.linkage_of(town.linkage.enterprise_id or 0, TODAY)
    assert held
    assert held.liaison_id == town.liaison_id
    assert carried(made).state is HandoverState.CANCELLED
    assert carried(back).state is HandoverState.DONE
    mine = {one.period for one in told("handover-in") if one.recipient_id == town.liaison_id}
    assert mine == {str(back)}
    assert not any(
        one.state is MessageState.QUEUED and one.period == str(made) for one in told("handover-in")
    )


def test_a_handover_of_another_day_and_one_given_back_are_not_given_back(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    made = make.handover(town.liaison, successor)
    with pytest.raises(NotAllowed):
        give_back(made, town.liaison)
    back = give_back(made, town.clerk)
    with pytest.raises(Invalid):
        give_back(made, town.clerk)

    go_to(frozen_clock, "2026-09-22", "00:00")

    with pytest.raises(Invalid):
        give_back(back, town.clerk)


def test_what_was_handed_on_meanwhile_is_not_given_back(town: Town, successor: Actor) -> None:
    made = make.handover(town.liaison, successor)
    make.handover(successor, make.actor(Role.LIAISON))

    with pytest.raises(Invalid):
        give_back(made, town.clerk)

    assert carried(made).state is HandoverState.DONE


@pytest.mark.parametrize("writers", [2, 8])
def test_schedulers_at_once_carry_it_out_once(
    app: Flask,
    town: Town,
    successor: Actor,
    frozen_clock: time_machine.Traveller,
    writers: int,
) -> None:
    make.handover(town.liaison, successor, on=D("2026-09-24"))
    go_to(frozen_clock, "2026-09-24", "00:00")

    at_once(app, lambda _n: jobs.carry_out_handovers(), writers)

    assert len(stretches()) == 2
    assert len(told("handover-in")) == 2  # in the inbox, and by mail


def test_a_portfolio_that_breaks_half_way_moves_nothing_and_stops_no_other(
    town: Town,
    successor: Actor,
    frozen_clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    firms = [make.enterprise() for _ in range(2)]
    person = db.session.get_one(User, town.liaison_id)
    links = [make.linkage(enterprise=firm, liaison=person) for firm in firms]
    other = make.actor(Role.LIAISON)
    make.linkage(liaison=db.session.get_one(User, other.user_id))
    broken = make.handover(town.liaison, successor, on=D("2026-09-24"))
    whole = make.handover(other, successor, on=D("2026-09-24"))
    go_to(frozen_clock, "2026-09-24", "00:00")
    done: list[int] = []
    moving = service.handover.enterprises.hand_on

    def half_way(link: Linkage, *given: object, **more: object) -> Linkage:
        if link.id == links[1].id:
            raise ConnectionError("killed")
        done.append(link.id)
        return moving(link, *given, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(service.handover.enterprises, "hand_on", half_way)
        jobs.carry_out_handovers()

    assert len(done) >= 2
    assert carried(broken).carried_out_at is None
    assert len(enterprises.portfolio(town.liaison_id, Seat.LIAISON, D("2026-09-24"))) == 3
    assert carried(whole).carried_out_at is not None
    jobs.carry_out_handovers()
    assert enterprises.portfolio(town.liaison_id, Seat.LIAISON, D("2026-09-24")) == []


# ---- the tasks of a month ----


def test_what_is_done_stays_with_who_did_it_and_the_rest_follows(
    town: Town, successor: Actor
) -> None:
    town.record(visited_on=D("2026-09-10"))
    before = queries.completion("2026-09", viewer=town.clerk)

    make.handover(town.liaison, successor)
    town.generate()

    tasks = town.tasks()
    old, new = [one.id for one in db.session.scalars(select(Linkage).order_by(Linkage.id))]
    assert [(task.state, task.linkage_id) for task in tasks] == [
        (TaskState.DONE, old),
        (TaskState.PLANNED, new),
    ]
    assert queries.completion("2026-09", viewer=town.clerk) == before
    assert (doing(town, town.liaison), doing(town, successor)) == (0, 1)


@pytest.mark.parametrize("day", ["2026-10-01", "2026-10-08", "2026-10-15", "2026-10-16"])
def test_the_fifteenth_neither_doubles_nor_loses_what_a_month_owes(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller, day: str
) -> None:
    go_to(frozen_clock, day, "00:00")
    make.handover(town.liaison, successor)
    go_to(frozen_clock, day, "06:00")

    jobs.generate_tasks()
    go_to(frozen_clock, "2026-10-20", "06:00")
    jobs.generate_tasks()
    jobs.generate_tasks()

    tasks = town.tasks("2026-10")
    assert [(task.seq, task.state) for task in tasks] == [
        (1, TaskState.PLANNED),
        (2, TaskState.PLANNED),
    ]
    assert (doing(town, town.liaison, "2026-10"), doing(town, successor, "2026-10")) == (0, 2)


@pytest.mark.parametrize(
    ("day", "owes"),
    [
        ("2026-10-30", (0, 2)),  # the due day: still to be done, by the successor
        ("2026-10-31", (2, 0)),  # a Saturday after it: the giver's, and overdue
        ("2026-11-01", (2, 0)),  # the next month
    ],
)
def test_at_the_edge_of_a_month_what_was_due_before_stays_and_is_overdue(
    town: Town,
    successor: Actor,
    frozen_clock: time_machine.Traveller,
    day: str,
    owes: tuple[int, int],
) -> None:
    go_to(frozen_clock, "2026-10-08", "06:00")
    jobs.generate_tasks()
    make.handover(town.liaison, successor, on=D(day))

    go_to(frozen_clock, day, "00:00")
    jobs.carry_out_handovers()
    go_to(frozen_clock, day, "06:00")
    jobs.generate_tasks()
    go_to(frozen_clock, "2026-11-02", "06:10")
    jobs.generate_tasks()
    jobs.close_overdue_tasks()

    assert (doing(town, town.liaison, "2026-10"), doing(town, successor, "2026-10")) == owes
    assert {task.state for task in town.tasks("2026-10")} == {TaskState.OVERDUE}
    assert queries.completion("2026-10", viewer=town.clerk).d == 2
    assert doing(town, successor, "2026-11") == 2
    assert doing(town, town.liaison, "2026-11") == 0


def test_a_visit_made_before_the_day_and_recorded_after_it_is_the_giver_s(
    town: Town, successor: Actor
) -> None:
    make.handover(town.liaison, successor)

    town.record(actor=town.clerk, visited_on=D("2026-09-18"))
    town.record(actor=successor, visitor_ids=(successor.user_id or 0,))

    old, new = [one.id for one in db.session.scalars(select(Linkage).order_by(Linkage.id))]
    assert [(task.state, task.linkage_id) for task in town.tasks()] == [
        (TaskState.DONE, old),
        (TaskState.DONE, new),
    ]


def test_a_visit_of_last_month_is_recorded_late_for_the_giver(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-01", "00:00")
    make.handover(town.liaison, successor)
    go_to(frozen_clock, "2026-10-09")

    town.record(actor=successor, visited_on=D("2026-09-29"))

    old = db.session.scalars(select(Linkage).order_by(Linkage.id)).first()
    assert old
    done = [task for task in town.tasks() if task.is_done]
    assert [task.linkage_id for task in done] == [old.id]


def test_a_day_that_was_planned_and_a_waiver_that_was_asked_for_go_along(
    town: Town, successor: Actor
) -> None:
    first, second = town.tasks()
    with transaction():
        service.plan(first, D("2026-09-25"), version=None, actor=town.liaison)
    with transaction():
        service.ask_exemption(
            second, ExemptGround.STOPPED, "停产检修", version=None, actor=town.liaison
        )

    make.handover(town.liaison, successor)

    db.session.rollback()
    mine = queries.month_of(successor, "2026-09")
    assert [task.planned_on for task in mine] == [D("2026-09-25"), None]
    assert [task.awaits_decision for task in mine] == [False, True]


def test_r1_goes_to_whoever_has_it_now(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    make.handover(town.liaison, successor, on=D("2026-10-01"))
    for day, hour in (("2026-10-01", "00:00"), ("2026-10-08", "06:00")):
        go_to(frozen_clock, day, hour)
        jobs.carry_out_handovers()
        jobs.generate_tasks()
    go_to(frozen_clock, "2026-10-08", "08:35")
    jobs.remind_r1()

    people = {message.recipient_id for message in told("R1")}
    assert people == {town.leader_id, successor.user_id}


# ---- tickets ----


@pytest.fixture
def office() -> Office:
    return open_office()


def liaison(office: Office) -> Actor:
    return office.people[Role.LIAISON]


def test_open_tickets_revisits_and_drafts_go_along_and_what_was_stays_written(
    office: Office,
) -> None:
    giver, successor = liaison(office), make.actor(Role.LIAISON)
    revisit = office.walk_to(Status.PENDING_REVISIT).id
    draft = office.open(title="还没有登记的一件事")
    returned = office.open(title="退回来补充的一件事")
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER)

    make.handover(giver, successor)

    db.session.rollback()
    kept, mine, back = (db.session.get_one(Ticket, id_) for id_ in (revisit, draft, returned))
    assert (kept.liaison_id, kept.created_by_id) == (successor.user_id, giver.user_id)
    assert kept.submitted_by_id == giver.user_id
    assert mine.created_by_id == successor.user_id
    assert (back.created_by_id, back.liaison_id) == (successor.user_id, successor.user_id)
    event = kept.events[-1]
    assert (event.kind, event.actor_id) == (Note.PASSED_ON, None)
    assert event.payload["was"] == db.session.get_one(User, giver.user_id).name
    assert kept.events[0].actor_id == giver.user_id


def test_giving_back_returns_just_the_tickets_that_had_gone(office: Office) -> None:
    giver, successor = liaison(office), make.actor(Role.LIAISON)
    went = office.walk_to(Status.PENDING_REVISIT).id
    made = make.handover(giver, successor)
    firm = db.session.get_one(Ticket, went).enterprise
    own = make.ticket(Status.IN_PROGRESS, enterprise=firm, liaison_id=successor.user_id).id

    give_back(made, office.people[Role.DISPATCHER])

    db.session.rollback()
    assert db.session.get_one(Ticket, went).liaison_id == giver.user_id
    assert db.session.get_one(Ticket, own).liaison_id == successor.user_id


def test_the_page_says_that_instructions_stay_with_who_gave_them(office: Office) -> None:
    leader, other = office.people[Role.LEADER], make.actor(Role.LEADER)
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        tickets.give_directive(office.ticket, "请本周内答复", actor=leader)
    draft = HandoverDraft(leader.user_id or 0, Seat.LEADER, other.user_id or 0, TODAY)
    viewer = office.people[Role.DISPATCHER]

    warned = cautions.before(handovers.portfolio(draft, viewer=viewer), viewer=viewer)

    assert cautions.DIRECTED in {one.text for one in warned}


def test_the_successor_revisits_and_hands_in_what_was_sent_back(office: Office) -> None:
    giver, successor = liaison(office), make.actor(Role.LIAISON)
    returned = office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER)
    office.ticket_id = 0
    revisit = office.walk_to(Status.PENDING_REVISIT).id
    make.handover(giver, successor)
    office.people[Role.LIAISON] = successor

    office.ticket_id = returned
    office.take(Event.SUBMIT, Role.LIAISON)
    office.ticket_id = revisit
    office.revisit()

    assert office.ticket.status is Status.CLOSED


def test_what_is_sent_back_later_comes_to_the_successor(office: Office) -> None:
    giver, successor = liaison(office), make.actor(Role.LIAISON)
    office.walk_to(Status.PENDING_ACCEPTANCE)
    make.handover(giver, successor)

    office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER)

    db.session.rollback()
    assert office.ticket.created_by_id == successor.user_id
    supplement = [
        one for one in told("ticket-event") if one.context.get("what_label") == "退回补充"
    ]
    assert successor.user_id in {one.recipient_id for one in supplement}


def test_a_ticket_that_comes_back_after_its_closing_comes_to_who_is_there_now(
    office: Office,
) -> None:
    giver, successor = liaison(office), make.actor(Role.LIAISON)
    office.walk_to(Status.CLOSED)
    make.handover(giver, successor)
    assert office.ticket.liaison_id == giver.user_id  # closed: whose it was stays written

    office.propose(Event.REOPEN, Role.DISPATCHER)
    office.decide(Role.OFFICE_DIRECTOR)

    assert office.ticket.liaison_id == successor.user_id


def test_what_complains_about_the_successor_s_unit_never_goes_to_them(office: Office) -> None:
    giver = liaison(office)
    unit = db.session.get_one(OrgUnit, office.other_unit_id)
    successor = make.actor(Role.LIAISON, unit=unit)
    office.open(complained_unit_id=unit.id)
    office.take(Event.SUBMIT, Role.LIAISON)

    made = make.handover(giver, successor)

    db.session.rollback()
    ticket = office.ticket
    assert ticket.liaison_id is None  # the office asks the enterprise
    assert ticket.created_by_id == office.people[Role.DISPATCHER].user_id
    assert carried(made).result["targets"] == 1


def test_a_confidential_ticket_goes_along_and_the_named_few_stay_who_they_were(
    office: Office,
) -> None:
    giver, successor = liaison(office), make.actor(Role.LIAISON)
    with transaction():
        db.session.execute(text("UPDATE categories SET confidential = true"))
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    assert office.ticket.confidential

    made = make.handover(giver, successor)

    db.session.rollback()
    assert office.ticket.liaison_id == successor.user_id
    readers = db.session.scalars(
        text("SELECT user_id FROM ticket_readers WHERE ended_at IS NULL").columns()
    ).all()
    assert successor.user_id not in readers
    assert carried(made).result["tickets"] == 0  # nobody is told that there is one
    director = office.people[Role.OFFICE_DIRECTOR].user_id
    asked = [one for one in told("ticket-event") if one.recipient_id == director]
    assert "换了联系人" in str(asked[-1].context)
    assert office.ticket.title not in str(asked[-1].context)


def test_a_lifted_ticket_is_led_by_the_leader_who_takes_over(office: Office) -> None:
    leader = make.actor(Role.LEADER)
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        office.ticket.escalation_owner_id = office.people[Role.LEADER].user_id

    make.handover(office.people[Role.LEADER], leader, Seat.LEADER)

    db.session.rollback()
    assert office.ticket.escalation_owner_id == leader.user_id
    assert office.ticket.leader_id == leader.user_id


def test_a_giver_who_stays_as_a_dispatcher_keeps_the_drafts_about_others(office: Office) -> None:
    giver, successor = liaison(office), make.actor(Role.LIAISON)
    make.holding(db.session.get_one(User, giver.user_id), Role.DISPATCHER)
    elsewhere = make.enterprise()
    other = office.open(enterprise_id=elsewhere.id)

    make.handover(giver, successor)

    db.session.rollback()
    assert db.session.get_one(Ticket, other).created_by_id == giver.user_id


# ---- absence ----


def goes(away: Actor, deputy: Actor, days: int = 5) -> None:
    until = clock.today() + timedelta(days=days)
    draft = AbsenceDraft(away.user_id, deputy.user_id, clock.today(), until, "学习")
    with transaction():
        desk.note_absence(draft, actor=away)


def test_the_deputy_of_a_successor_who_is_away_has_it_and_the_giver_s_has_it_no_more(
    town: Town, successor: Actor
) -> None:
    theirs, his = make.actor(Role.LIAISON), make.actor(Role.LIAISON)
    goes(town.liaison, his)
    goes(successor, theirs)

    make.handover(town.liaison, successor)

    db.session.rollback()
    standing_in = Actor(
        town.tenant_id, theirs.user_id, Role.LIAISON, stands_in_for=(successor.user_id or 0,)
    )
    before = Actor(town.tenant_id, his.user_id, Role.LIAISON, stands_in_for=(town.liaison_id,))
    assert len(queries.month_of(standing_in, "2026-09")) == 2
    assert queries.month_of(before, "2026-09") == []


# ---- what stands against it, and what should be known ----


def draft(town: Town, successor: Actor, **more: object) -> HandoverDraft:
    given = {
        "giver_id": town.liaison_id,
        "seat": Seat.LIAISON,
        "successor_id": successor.user_id,
        "from_on": TODAY,
        "reason": "调离",
    }
    return HandoverDraft(**(given | more))  # type: ignore[arg-type]


def warned(town: Town, asked: HandoverDraft) -> list[str]:
    found = handovers.portfolio(asked, viewer=town.clerk)
    return [one.text for one in cautions.before(found, viewer=town.clerk)]


def arrange(town: Town, asked: HandoverDraft, *, actor: Actor | None = None) -> None:
    who = actor or town.clerk
    with transaction():
        seen = handovers.portfolio(asked, viewer=who).print_of_it
        service.arrange_handover(asked, seen=seen, actor=who)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"from_on": TODAY - timedelta(days=1)}, cautions.PAST),
        ({"from_on": TODAY + timedelta(days=400)}, cautions.TOO_FAR),
        ({"targets": frozenset({"e999"})}, cautions.NOTHING),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    town: Town, successor: Actor, wrong: dict[str, object], why: str
) -> None:
    asked = draft(town, successor, **wrong)

    assert why in warned(town, asked)
    with pytest.raises(Invalid) as refused:
        arrange(town, asked)

    assert refused.value.message == why
    assert len(stretches()) == 1


def test_who_has_not_the_role_or_only_lends_it_may_not_take_over(town: Town) -> None:
    handler, deputy = make.actor(Role.HANDLER), make.actor(Role.LEADER)
    goes(make.actor(Role.LIAISON), deputy)  # holds the role for somebody else meanwhile

    for person in (handler, deputy, town.liaison):
        with pytest.raises(Invalid):
            arrange(town, draft(town, person))

    assert len(stretches()) == 1


def test_the_same_target_is_not_handed_over_twice(town: Town, successor: Actor) -> None:
    other = make.actor(Role.LIAISON)
    make.handover(town.liaison, successor, on=D("2026-10-08"))
    asked = draft(town, other, from_on=D("2026-10-15"))

    with pytest.raises(Invalid) as refused:
        arrange(town, asked)

    assert refused.value.message == cautions.TAKEN


def test_both_seats_of_a_target_may_change_on_one_day(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    leader = make.actor(Role.LEADER)
    make.handover(town.liaison, successor, on=D("2026-10-08"))
    make.handover(town.leader, leader, Seat.LEADER, on=D("2026-10-08"))
    go_to(frozen_clock, "2026-10-08", "00:00")

    jobs.carry_out_handovers()

    db.session.rollback()
    found = enterprises.linkage_of(town.linkage.enterprise_id or 0, D("2026-10-08"))
    assert found
    assert (found.leader_id, found.liaison_id) == (leader.user_id, successor.user_id)
    assert len(enterprises.history(enterprise_id=found.enterprise_id)) == 2


def test_only_the_office_arranges_it(town: Town, successor: Actor) -> None:
    for role in (Role.SYS_ADMIN, Role.LEADER, Role.LIAISON, Role.CHIEF):
        with pytest.raises(NotAllowed):
            arrange(town, draft(town, successor), actor=make.actor(role))


def test_a_list_that_changed_since_it_was_read_is_read_again(town: Town, successor: Actor) -> None:
    asked = draft(town, successor)
    seen = handovers.portfolio(asked, viewer=town.clerk).print_of_it
    make.linkage(liaison=db.session.get_one(User, town.liaison_id))

    with pytest.raises(Stale), transaction():
        service.arrange_handover(asked, seen=seen, actor=town.clerk)

    assert len(stretches()) == 2


def test_everything_that_should_be_known_is_said_before(office: Office) -> None:
    giver, clerk = liaison(office), office.people[Role.DISPATCHER]
    unit = db.session.get_one(OrgUnit, office.unit_id)
    successor = make.actor(Role.LIAISON)
    person = db.session.get_one(User, successor.user_id)
    make.holding(person, Role.HANDLER, unit=unit)
    make.holding(person, Role.LEADER)
    goes(successor, office.more["colleague"])
    firm, leaving = make.enterprise(), db.session.get_one(User, giver.user_id)
    make.linkage(enterprise=firm, liaison=leaving, leader=person)
    make.linkage(liaison=leaving, valid_to=D("2026-09-22"))
    make.ticket(enterprise=firm, complained_unit_id=unit.id, liaison_id=giver.user_id)
    office.walk_to(Status.PENDING_REVISIT)
    leader = make.actor(Role.LEADER)
    make.handover(office.people[Role.LEADER], leader, Seat.LEADER, on=D("2026-10-08"))

    asked = HandoverDraft(giver.user_id or 0, Seat.LIAISON, successor.user_id or 0, D("2026-09-23"))
    found = handovers.portfolio(asked, viewer=clerk)

    assert {one.text for one in cautions.before(found, viewer=clerk)} == {
        cautions.AWAY,
        cautions.COMPLAINT,
        cautions.BOTH,
        cautions.OTHER_SEAT,
        cautions.HANDLED,
        cautions.ENDING,
    }


def test_what_nobody_does_if_it_is_not_chosen_is_said(town: Town, successor: Actor) -> None:
    person = db.session.get_one(User, town.liaison_id)
    make.linkage(liaison=person)
    with transaction():
        db.session.get_one(User, town.liaison_id).is_active = False

    assert warned(town, draft(town, successor, targets=frozenset({town.target}))) == [cautions.REST]
    assert warned(town, draft(town, successor)) == []


def test_a_leader_s_units_and_duties_are_named(town: Town) -> None:
    leader = make.actor(Role.LEADER)
    make.unit("经济发展办公室", in_charge_id=town.leader_id)
    goes(make.actor(Role.LEADER), town.leader)

    asked = draft(town, leader, giver_id=town.leader_id, seat=Seat.LEADER)

    assert set(warned(town, asked)) == {cautions.IN_CHARGE, cautions.STANDS_IN}


def test_the_preview_takes_as_many_statements_for_many_as_for_one(
    town: Town, successor: Actor, statements: list[str]
) -> None:
    asked = draft(town, successor)

    def taken() -> int:
        db.session.rollback()
        db.session.expire_all()
        statements.clear()
        warned(town, asked)
        return len(statements)

    few = taken()
    person = db.session.get_one(User, town.liaison_id)
    for _ in range(8):
        link = make.linkage(liaison=person)
        firm = link.enterprise
        make.task(linkage=link)
        make.ticket(Status.PENDING_REVISIT, enterprise=firm, liaison_id=person.id)
        make.ticket(Status.PENDING_REVISIT, enterprise=firm, liaison_id=person.id)

    assert taken() <= few + 2  # whether there is a complaint, and who handled, is asked for any


# ---- a successor who leaves before ----


def test_where_the_successor_left_before_the_day_nothing_moves_and_the_office_is_told_once(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    made = make.handover(town.liaison, successor, on=D("2026-09-24"))
    with transaction():
        db.session.get_one(User, successor.user_id).is_active = False
    go_to(frozen_clock, "2026-09-24", "00:00")

    jobs.carry_out_handovers()
    jobs.carry_out_handovers()

    assert len(stretches()) == 1
    assert carried(made).problem
    office = [one.recipient_id for one in told("handover-stuck")]
    assert town.clerk.user_id in office
    assert len(office) == len(set(office))
    with transaction():
        service.call_off_handover(carried(made), reason="换人", version=None, actor=town.clerk)
    assert carried(made).cancelled_at is not None


# ---- who is told ----


def test_both_people_the_partner_and_the_enterprise_are_told(town: Town, successor: Actor) -> None:
    firm = town.linkage.enterprise
    assert firm
    with transaction():
        firm.contacts[0].email = "song@example.com"
        db.session.get_one(User, town.liaison_id).email = "old@example.com"

    make.handover(town.liaison, successor)

    assert {one.recipient_id for one in told("handover-in")} == {successor.user_id}
    assert {one.recipient_id for one in told("handover-out")} == {town.liaison_id}
    assert {one.recipient_id for one in told("handover-partner")} == {town.leader_id}
    (letter,) = told("handover")
    assert (letter.channel, letter.outsider_address) == (Channel.MAIL, "song@example.com")
    assert letter.context["successor"] == "鹿鸣谦"
    assert letter.context["post"] == "干事"
    assert letter.context["phone"] == ""


def test_the_enterprise_learns_a_number_only_where_the_office_gave_one(
    town: Town, successor: Actor
) -> None:
    with transaction():
        firm = town.linkage.enterprise
        assert firm
        firm.contacts[0].email = "song@example.com"

    make.handover(town.liaison, successor, office_phone="0570-1234567")

    (letter,) = told("handover")
    assert letter.context["phone"] == "0570-1234567"
    assert "14200001234" not in str(letter.context)


def test_what_is_arranged_and_what_is_undone_is_told_to_both(town: Town, successor: Actor) -> None:
    made = make.handover(town.liaison, successor, on=D("2026-10-08"))
    both = {town.liaison_id, successor.user_id}
    assert {one.recipient_id for one in told("handover-arranged")} == both
    assert told("handover") == []

    with transaction():
        service.call_off_handover(carried(made), reason="不调了", version=1, actor=town.clerk)

    assert {one.recipient_id for one in told("handover-called-off")} == both


def test_everything_is_in_the_audit_log(town: Town, successor: Actor) -> None:
    make.handover(town.liaison, successor, reason="退休")

    actions = {row.action: row.reason for row in db.session.scalars(select(AuditRow))}
    assert actions["排定移交"] == actions["移交生效"] == actions["移交包联"] == "退休"


# ---- nobody's ----


def test_what_lies_with_somebody_who_left_is_listed_until_it_is_handed_on(
    town: Town, successor: Actor
) -> None:
    assert handovers.left_behind(tenant_id=town.tenant_id) == []
    with transaction():
        db.session.get_one(User, town.liaison_id).is_active = False

    (left,) = handovers.left_behind(tenant_id=town.tenant_id)
    assert (left.user_id, left.seat, left.count) == (town.liaison_id, Seat.LIAISON, 1)
    make.handover(town.liaison, successor, on=D("2026-10-08"))

    assert handovers.left_behind(tenant_id=town.tenant_id) == []


def test_who_keeps_the_account_but_not_the_role_left_it_behind_too(town: Town) -> None:
    with transaction():
        db.session.get_one(User, town.leader_id).roles[0].is_active = False

    (left,) = handovers.left_behind(tenant_id=town.tenant_id)

    assert (left.seat, left.is_active) == (Seat.LEADER, True)


def test_a_linkage_made_by_hand_afterwards_owes_its_own_visits(
    town: Town, successor: Actor, frozen_clock: time_machine.Traveller
) -> None:
    make.handover(town.liaison, successor)
    go_to(frozen_clock, "2026-10-08", "06:00")
    make.linkage(created_at=LONG_AGO, valid_from=D("2026-10-01"))

    jobs.generate_tasks()

    found = db.session.scalars(select(VisitTask).where(VisitTask.period == "2026-10")).all()
    assert len(found) == 3
