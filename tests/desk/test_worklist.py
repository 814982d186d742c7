"""What each role has to do now: whose move it is (C2.1), by what is most late."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.accounts.models import Control, UnitKind
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.desk.queries import worklist
from app.desk.queries.parts import SHOWN
from app.notifications import service as outbox
from app.tickets.models import (
    Category,
    CoTask,
    Dispatch,
    ProposalState,
    Revisit,
    SupervisionNote,
    Ticket,
)
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, NoteLevel, Status
from app.visits.models import TaskState, VisitTask
from tests import make
from tests.desk import rows

pytestmark = pytest.mark.usefixtures("app")

DAY = timedelta(days=1)
OFFICE = (
    Status.PENDING_ACCEPTANCE,
    Status.PENDING_DISPATCH,
    Status.PENDING_REVIEW,
    Status.PENDING_REVISIT,
)


def heard(ticket: Ticket, *, reached: bool) -> None:
    db.session.add(
        Revisit(
            ticket_id=ticket.id,
            round=ticket.round,
            at=clock.now(),
            channel=ContactChannel.PHONE,
            reached=reached,
        )
    )
    if reached:
        ticket.heard_in = ticket.round
    db.session.commit()


def noted(ticket: Ticket, level: NoteLevel = NoteLevel.BLUE) -> SupervisionNote:
    note = SupervisionNote(
        ticket_id=ticket.id,
        level=level,
        of_due_at=rows.NEXT_EVENING,
        raised_at=clock.now(),
        answer_due_at=rows.NEXT_EVENING + DAY,
    )
    db.session.add(note)
    ticket.note_waits = True
    db.session.commit()
    return note


def co_task(ticket: Ticket, unit_id: int | None) -> CoTask:
    dispatch = Dispatch(
        ticket_id=ticket.id,
        lead_unit_id=ticket.lead_unit_id,
        dispatched_at=clock.now(),
        limit_workdays=5,
    )
    db.session.add(dispatch)
    db.session.flush()
    made = CoTask(
        ticket_id=ticket.id, dispatch_id=dispatch.id, unit_id=unit_id, due_at=rows.NEXT_EVENING
    )
    db.session.add(made)
    db.session.commit()
    return made


@pytest.mark.parametrize("status", list(Status))
def test_a_dispatcher_is_shown_what_the_office_accepts_hands_out_reviews_and_asks(
    status: Status,
) -> None:
    rows.ticket(status, title="路灯", unit=make.unit())

    found = rows.mine(make.actor(Role.DISPATCHER))

    assert found == ({"路灯"} if status in OFFICE else set())


def test_what_somebody_else_decides_on_is_not_the_dispatchers_move() -> None:
    dispatcher = make.actor(Role.DISPATCHER)
    ticket = rows.ticket(Status.PENDING_ACCEPTANCE, title="不归这里")
    rows.proposal(ticket, Event.REJECT, by=dispatcher)

    assert rows.mine(dispatcher) == set()
    assert rows.shown(dispatcher, "asked") == ["不归这里"]
    assert rows.shown(make.actor(Role.OFFICE_DIRECTOR), "decide") == ["不归这里"]


def test_a_hard_ticket_is_handed_out_by_the_director() -> None:
    rows.ticket(Status.PENDING_DISPATCH, title="历史遗留", complexity=Complexity.HARD)
    rows.ticket(Status.PENDING_DISPATCH, title="一般的", complexity=Complexity.SIMPLE)

    assert rows.mine(make.actor(Role.DISPATCHER)) == {"一般的"}
    assert rows.shown(make.actor(Role.OFFICE_DIRECTOR)) == ["历史遗留"]


def test_a_ticket_for_a_vertical_unit_is_on_the_directors_list() -> None:
    land = make.unit("自然资源所", kind=UnitKind.VERTICAL, control=Control.VERTICAL)
    category = Category(tenant_id=land.tenant_id, code="03", name="用地", lead_unit_id=land.id)
    db.session.add(category)
    db.session.commit()
    rows.ticket(Status.PENDING_DISPATCH, title="确权", category_id=category.id)

    assert rows.shown(make.actor(Role.OFFICE_DIRECTOR)) == ["确权"]


def test_what_was_answered_on_the_spot_and_not_solved_waits_for_the_director_to_name_a_unit() -> (
    None
):
    rows.ticket(Status.IN_PROGRESS, title="当场答过，没有解决", round=2)
    rows.ticket(Status.IN_PROGRESS, title="单位在办", unit=make.unit("规划建设办"), round=2)

    assert rows.mine(make.actor(Role.OFFICE_DIRECTOR)) == {"当场答过，没有解决"}


def test_after_the_last_no_the_director_asks_for_what_comes_next() -> None:
    ticket = rows.ticket(Status.PENDING_REVISIT, title="没有解决", round=2)
    heard(ticket, reached=True)

    assert rows.shown(make.actor(Role.OFFICE_DIRECTOR)) == ["没有解决"]
    assert rows.mine(make.actor(Role.DISPATCHER)) == set()


def test_an_attempt_that_reached_nobody_leaves_the_revisit_to_do() -> None:
    ticket = rows.ticket(Status.PENDING_REVISIT, title="没接电话")
    heard(ticket, reached=False)

    desk = worklist.of(make.actor(Role.DISPATCHER))

    (row,) = rows.part(desk, "mine").rows
    assert row.why.values["n"] == 2


def test_the_office_keeps_an_eye_on_yellow_and_red_at_units() -> None:
    unit = make.unit()
    rows.ticket(Status.IN_PROGRESS, title="超期", unit=unit, due=-5 * DAY)
    rows.ticket(Status.IN_PROGRESS, title="临期", unit=unit, warn_on=date(2026, 9, 21))
    rows.ticket(Status.IN_PROGRESS, title="还早", unit=unit, due=9 * DAY)

    desk = worklist.of(make.actor(Role.DISPATCHER))

    watch = rows.part(desk, "watch")
    assert [(row.title, row.light.colour) for row in watch.rows if row.light] == [
        ("超期", "red"),
        ("临期", "yellow"),
    ]
    assert not watch.is_mine


def test_a_suspended_ticket_comes_up_for_review_before_its_day() -> None:
    rows.ticket(Status.SUSPENDED, title="快到", next_review_on=date(2026, 9, 30))
    rows.ticket(Status.SUSPENDED, title="还早", next_review_on=date(2026, 11, 30))

    assert rows.shown(make.actor(Role.OFFICE_DIRECTOR)) == ["快到"]
    assert rows.shown(make.actor(Role.DISPATCHER), "review") == ["快到"]


DECIDES = {
    Event.REJECT: Role.OFFICE_DIRECTOR,
    Event.APPROVE_RETURN: Role.OFFICE_DIRECTOR,
    Event.APPROVE_EXTENSION: Role.OFFICE_DIRECTOR,
    Event.APPROVE_SUSPENSION: Role.OFFICE_DIRECTOR,  # checks first
    Event.REOPEN: Role.OFFICE_DIRECTOR,
    Event.ESCALATE: Role.CHIEF,
    Event.CLOSE_UNSATISFIED: Role.CHIEF,
    Event.REVISIT_REWORK: Role.CHIEF,  # lifted
    Event.SUBMIT_REPLY: Role.DEPT_HEAD,
}


@pytest.mark.parametrize("event", DECIDES)
@pytest.mark.parametrize(
    "role", [Role.OFFICE_DIRECTOR, Role.CHIEF, Role.DEPT_HEAD, Role.DISPATCHER]
)
def test_a_proposal_waits_for_whom_the_table_names(event: Event, role: Role) -> None:
    unit = make.unit()
    ticket = rows.ticket(Status.IN_PROGRESS, title="等决定", unit=unit)
    rows.proposal(ticket, event, by=make.user(Role.HANDLER, unit=unit))
    viewer = make.actor(role, unit=unit if role is Role.DEPT_HEAD else None)

    desk = worklist.of(viewer)

    decide = [row.title for part in desk.parts if part.key == "decide" for row in part.rows]
    assert decide == (["等决定"] if DECIDES[event] is role else [])


def test_a_second_extension_waits_for_the_chief() -> None:
    ticket = rows.ticket(Status.IN_PROGRESS, unit=make.unit(), title="又延", extension_count=1)
    rows.proposal(ticket, Event.APPROVE_EXTENSION, by=make.user(Role.DEPT_HEAD))

    assert rows.shown(make.actor(Role.CHIEF), "decide") == ["又延"]
    assert rows.shown(make.actor(Role.OFFICE_DIRECTOR), "decide") == []


def test_a_checked_suspension_waits_for_the_chief() -> None:
    ticket = rows.ticket(Status.IN_PROGRESS, unit=make.unit(), title="等规划")
    asker = make.user(Role.DEPT_HEAD)
    rows.proposal(ticket, Event.APPROVE_SUSPENSION, by=asker, state=ProposalState.CHECKED)

    assert rows.shown(make.actor(Role.CHIEF), "decide") == ["等规划"]
    assert rows.shown(make.actor(Role.OFFICE_DIRECTOR), "decide") == []


def test_nobody_is_asked_to_decide_on_their_own_proposal() -> None:
    director = make.actor(Role.OFFICE_DIRECTOR)
    ticket = rows.ticket(Status.PENDING_ACCEPTANCE)
    rows.proposal(ticket, Event.REJECT, by=director)

    assert rows.shown(director, "decide") == []


def test_a_head_signs_only_for_their_own_unit() -> None:
    own, other = make.unit(), make.unit()
    rows.ticket(Status.PENDING_SIGN, title="本单位", unit=own)
    rows.ticket(Status.PENDING_SIGN, title="别的单位", unit=other)

    assert rows.mine(make.actor(Role.DEPT_HEAD, unit=own)) == {"本单位"}


def test_a_head_answers_supervision_notes_and_gives_opinions() -> None:
    own, other = make.unit(), make.unit()
    noted(rows.ticket(Status.IN_PROGRESS, title="督办", unit=own))
    co_task(rows.ticket(Status.IN_PROGRESS, title="协办", unit=other), own.id)

    head = make.actor(Role.DEPT_HEAD, unit=own)

    assert rows.mine(head) == {"督办", "协办"}


def test_a_handler_sees_today_what_is_yellow_or_red_and_the_rest_as_not_urgent() -> None:
    unit = make.unit()
    handler = make.actor(Role.HANDLER, unit=unit)
    soon = {"unit": unit, "handler_id": handler.user_id}
    rows.ticket(Status.IN_PROGRESS, title="急", **soon)
    rows.ticket(Status.PENDING_SIGN, title="没人签收", unit=unit, due=-DAY)
    rows.ticket(Status.IN_PROGRESS, title="不急", due=15 * DAY, **soon)
    rows.ticket(Status.PENDING_REVIEW, title="在审核", **soon)
    rows.ticket(Status.IN_PROGRESS, title="同事的", unit=unit, handler_id=make.user().id)

    assert rows.shown(handler, "today") == ["没人签收", "急"]
    assert rows.shown(handler, "later") == ["不急"]
    assert rows.shown(handler, "waits") == ["在审核"]


def test_an_answer_waiting_for_the_heads_signature_is_no_longer_the_handlers_move() -> None:
    unit = make.unit()
    handler = make.actor(Role.HANDLER, unit=unit)
    ticket = rows.ticket(Status.IN_PROGRESS, title="待签发", unit=unit, handler_id=handler.user_id)
    rows.proposal(ticket, Event.SUBMIT_REPLY, by=handler)

    assert rows.mine(handler) == set()
    assert rows.shown(handler, "waits") == ["待签发"]
    assert rows.shown(make.actor(Role.DEPT_HEAD, unit=unit), "decide") == ["待签发"]


def test_a_liaison_asks_the_enterprises_of_their_own_but_not_where_their_unit_handled() -> None:
    unit = make.unit()
    liaison = make.actor(Role.LIAISON, unit=unit)
    rows.ticket(Status.PENDING_REVISIT, title="我联系的", liaison_id=liaison.user_id)
    rows.ticket(Status.PENDING_REVISIT, title="本单位办的", liaison_id=liaison.user_id, unit=unit)
    rows.ticket(Status.PENDING_REVISIT, title="别人的", liaison_id=make.user().id)

    assert rows.mine(liaison) == {"我联系的"}


def test_a_draft_sent_back_is_its_creators_to_complete() -> None:
    liaison = make.actor(Role.LIAISON)
    rows.ticket(Status.DRAFT, title="退回的", created_by_id=liaison.user_id)
    rows.ticket(Status.DRAFT, title="草稿", created_by_id=liaison.user_id, number=None)
    rows.ticket(Status.DRAFT, title="别人的", created_by_id=make.user().id)

    assert rows.shown(liaison, "mine") == ["退回的"]
    assert rows.shown(liaison, "drafts") == ["草稿"]


def test_a_visitor_is_shown_whom_to_visit_this_month() -> None:
    liaison = make.user(Role.LIAISON)
    owed, done = make.linkage(liaison=liaison), make.linkage(liaison=liaison)
    for linkage, state in ((owed, TaskState.PLANNED), (done, TaskState.DONE)):
        db.session.add(
            VisitTask(
                tenant_id=linkage.tenant_id,
                linkage_id=linkage.id,
                period="2026-09",
                due_on=date(2026, 9, 30),
                state=state,
            )
        )
    db.session.commit()
    viewer = Actor(liaison.tenant_id, liaison.id, Role.LIAISON)

    desk = worklist.of(viewer)

    assert owed.enterprise
    assert [row.title for row in rows.part(desk, "visits").rows] == [owed.enterprise.called]
    assert desk.progress
    assert (desk.progress.n, desk.progress.d) == (1, 2)
    assert desk.now.title.values["n"] == 1


def test_the_office_keeps_an_eye_on_an_open_note_though_the_clock_is_green_again() -> None:
    unit = make.unit()
    for title, status in (("延期后", Status.IN_PROGRESS), ("挂账的", Status.SUSPENDED)):
        noted(rows.ticket(status, title=title, unit=unit, due=9 * DAY))
    noted(rows.ticket(Status.CLOSED, title="办结了", unit=unit))
    noted(rows.ticket(Status.IN_PROGRESS, title="超期，只算一次", unit=unit, due=-5 * DAY))
    rows.ticket(Status.IN_PROGRESS, title="没有督办", unit=unit, due=9 * DAY)

    watch = rows.part(worklist.of(make.actor(Role.DISPATCHER)), "watch")

    assert sorted(row.title for row in watch.rows) == ["延期后", "挂账的", "超期，只算一次"]


def test_a_leader_watches_the_units_in_charge() -> None:
    leader = make.actor(Role.LEADER)
    near = {"warn_on": date(2026, 9, 21)}
    charge = make.unit(in_charge_id=leader.user_id)
    rows.ticket(Status.IN_PROGRESS, title="分管的", unit=charge, **near)
    rows.ticket(Status.IN_PROGRESS, title="不分管", unit=make.unit(), **near)

    assert rows.shown(leader, "watch") == ["分管的"]
    assert rows.mine(leader) == set()


def test_a_supervisor_watches_what_is_red_and_notes_without_an_answer() -> None:
    ticket = rows.ticket(Status.IN_PROGRESS, title="超期", unit=make.unit(), due=-5 * DAY)
    noted(ticket, NoteLevel.RED)
    viewer = make.actor(Role.SUPERVISOR)

    assert rows.shown(viewer, "overdue") == ["超期"]
    assert rows.shown(viewer, "notes") == ["超期"]
    assert rows.shown(make.actor(Role.CHIEF), "red") == ["超期"]


def test_an_enterprise_sees_its_own_tickets_alone() -> None:
    firm = make.enterprise()
    rows.ticket(Status.IN_PROGRESS, title="自己的", enterprise=firm, unit=make.unit())
    rows.ticket(Status.IN_PROGRESS, title="别家的", unit=make.unit())

    viewer = make.actor(Role.ENTERPRISE_USER, enterprise_id=firm.id)

    assert rows.shown(viewer, "open") == ["自己的"]


@pytest.mark.parametrize("role", PEOPLE)
def test_another_township_is_never_shown(role: Role) -> None:
    viewer = make.actor(role)
    elsewhere = make.tenant()
    firm = make.enterprise(tenant=elsewhere)
    for status in Status:
        ticket = rows.ticket(
            status, enterprise=firm, unit=make.unit(tenant=elsewhere), due=-9 * DAY
        )
        rows.proposal(ticket, Event.REJECT, by=make.user(Role.DISPATCHER, tenant=elsewhere))
        noted(ticket)

    desk = worklist.of(viewer)

    assert [row for part in desk.parts for row in part.rows] == []


def test_what_is_most_late_comes_first() -> None:
    for days, title in ((2, "后"), (-3, "先"), (0, "中")):
        rows.ticket(title=title, due=days * DAY)

    assert rows.shown(make.actor(Role.DISPATCHER)) == ["先", "中", "后"]


def test_the_card_names_the_move_that_is_due_first() -> None:
    rows.ticket(Status.PENDING_REVIEW, title="明天的", due=DAY)
    late = rows.ticket(title="厂区东门夜间照明不足，员工下夜班不安全", due=-3 * DAY)

    now = worklist.of(make.actor(Role.DISPATCHER)).now

    assert now.title.values["title"] == "厂区东门夜间照明不足"
    assert now.tone == "red"
    assert now.link
    assert now.link.values == {"ticket_id": late.id, "name": "accept"}


@pytest.mark.parametrize("role", PEOPLE)
def test_with_nothing_to_do_the_card_says_so_and_names_the_next_day(role: Role) -> None:
    desk = worklist.of(make.actor(role))

    administers = role in {Role.SYS_ADMIN, Role.AUDIT_ADMIN}
    assert administers or desk.now.tone == "done"
    assert administers or desk.now.text
    assert not any(part.count for part in desk.parts)


@pytest.mark.parametrize("role", PEOPLE)
def test_the_number_of_statements_does_not_grow_with_the_rows(app: Flask, role: Role) -> None:
    unit = make.unit()
    firm = make.enterprise()
    viewer = make.actor(
        role,
        unit=unit if role in {Role.DEPT_HEAD, Role.HANDLER} else None,
        enterprise_id=firm.id if role is Role.ENTERPRISE_USER else None,
    )
    who = {"liaison_id": viewer.user_id, "leader_id": viewer.user_id}

    def fill(each: int) -> None:
        for status in Status:
            for _ in range(each):
                ticket = rows.ticket(status, unit=unit, enterprise=firm, due=-5 * DAY, **who)
                rows.proposal(ticket, Event.REJECT, by=make.user())
                noted(ticket)
        for _ in range(each):
            linkage = make.linkage(leader=db.session.get_one(type(make.user()), viewer.user_id))
            db.session.add(
                VisitTask(
                    tenant_id=viewer.tenant_id,
                    linkage_id=linkage.id,
                    period="2026-09",
                    due_on=date(2026, 9, 30),
                )
            )
        db.session.commit()

    def read() -> int:
        with app.app_context(), rows.Statements() as counted:  # a session of its own
            worklist.of(viewer)
        return len(counted.said)

    fill(1)
    few = read()
    fill(4)

    assert read() == few


@pytest.mark.parametrize("role", PEOPLE)
def test_the_menu_counts_exactly_the_moves_of_the_page_in_one_statement(role: Role) -> None:
    unit = make.unit()
    viewer = make.actor(role, unit=unit if role in {Role.DEPT_HEAD, Role.HANDLER} else None)
    for status in Status:
        for days in (-5, 20):
            rows.ticket(
                status,
                unit=unit,
                due=days * DAY,
                liaison_id=viewer.user_id,
                created_by_id=viewer.user_id,
            )
    outbox.tell([viewer.user_id], tenant_id=viewer.tenant_id, rule="t", period="1", subject="x")
    db.session.commit()

    with rows.Statements() as counted:
        waits = worklist.waiting(viewer)

    desk = worklist.of(viewer)
    assert waits.moves == sum(part.count for part in desk.parts if part.is_mine)
    assert waits.unread == 1
    assert len(counted.said) <= 2  # BEGIN is one where the driver says it


def test_a_long_list_shows_twenty_and_leads_to_the_register() -> None:
    firm = make.enterprise()
    for _ in range(SHOWN + 3):
        rows.ticket(enterprise=firm)

    mine = rows.part(worklist.of(make.actor(Role.DISPATCHER)), "mine")

    assert (len(mine.rows), mine.count) == (SHOWN, SHOWN + 3)
    assert mine.more
    assert mine.more.endpoint == "tickets.index"


def test_a_year_without_a_calendar_is_named_to_who_counts_on_it() -> None:
    assert worklist.of(make.actor(Role.DISPATCHER)).unconfirmed == (2026,)
    assert worklist.of(make.actor(Role.AUDIT_ADMIN)).unconfirmed == ()


def test_an_administrator_is_told_what_is_missing() -> None:
    viewer = make.actor(Role.SYS_ADMIN, email="admin@example.com")
    make.user(Role.CHIEF, email="")

    said = [gap.text for gap in worklist.of(viewer).gaps]

    assert [words.values.get("role") for words in said if "role" in words.values] == [
        Role.OFFICE_DIRECTOR,
        Role.DISPATCHER,
    ]
    assert any(words.values.get("year") == 2026 for words in said)
    assert any("邮箱" in words.text and words.values["n"] == 1 for words in said)


def test_before_a_holiday_the_page_names_the_next_working_day() -> None:
    with clock.held(datetime(2026, 9, 25, 1, tzinfo=UTC)):  # a Friday
        desk = worklist.of(make.actor(Role.DISPATCHER))

    assert desk.next_workday == date(2026, 9, 28)
