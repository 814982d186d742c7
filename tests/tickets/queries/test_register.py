"""The register: what it shows to whom, in which order, and at what cost."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import or_, select

from app.accounts.models import OrgUnit, Tenant, UnitKind, User
from app.accounts.parameters import Parameters
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.tickets import clocks, queries
from app.tickets.models import CoTask, Dispatch, Ticket
from app.tickets.queries import Colour, Reading, Sort, TicketFilter, View
from app.tickets.queries import register as subject
from app.tickets.queries.quick import shown_to
from app.tickets.workflow.states import RUNNING, Source, Status
from app.workdays.calendar import WorkCalendar
from tests import make

pytestmark = pytest.mark.usefixtures("app")

CHARACTERS = "道路用工贷款土地停水电税费证照环评消防"
LATER, SOON = timedelta(days=9), timedelta(hours=3)


def reading() -> Reading:
    return Reading(WorkCalendar(), Parameters(), clock.now())


def found(asked: TicketFilter | None = None, *, viewer: Actor | None = None, **more: Any) -> Any:
    return subject.search_page(
        asked or TicketFilter(),
        viewer=viewer or make.actor(Role.DISPATCHER),
        reading=reading(),
        **more,
    )


def ids(asked: TicketFilter | None = None, *, viewer: Actor | None = None) -> list[int]:
    return [row.id for row in found(asked, viewer=viewer, size=100).items]


# ---- what is shown at first, and in which order ----


def test_at_first_it_shows_open_tickets_by_whose_move_is_due_first() -> None:
    late = make.ticket(move_due_at=clock.now() + LATER)
    soon = make.ticket(Status.PENDING_REVIEW, move_due_at=clock.now() + SOON)
    make.ticket(Status.CLOSED)

    assert ids() == [soon.id, late.id]


def test_everything_is_read_newest_first() -> None:
    old = make.ticket(Status.CLOSED, number="QS20260901-0009")
    new = make.ticket(Status.REJECTED, number="QS20260902-0001")

    assert ids(TicketFilter(view=View.ALL)) == [new.id, old.id]
    assert ids(TicketFilter(view=View.ALL, sort=Sort.DUE)) == [new.id, old.id]
    assert ids(TicketFilter(view=View.ALL, sort=Sort.NUMBER)) == [old.id, new.id]


def test_a_search_for_words_looks_everywhere_newest_first() -> None:
    old = make.ticket(Status.CLOSED, title="园区东路限高架")
    new = make.ticket(title="限高架挡住大件", move_due_at=clock.now() + LATER)
    make.ticket(title="用电增容")

    assert ids(TicketFilter(text="限高")) == [new.id, old.id]


def test_a_search_without_anything_to_look_up_finds_nothing() -> None:
    make.ticket()

    assert ids(TicketFilter(text="，。！")) == []


# ---- filters ----


def test_each_filter_shows_only_what_it_names() -> None:
    village = make.unit(kind=UnitKind.VILLAGE)
    firm = make.enterprise(village_id=village.id)
    category, unit = make.category(), make.unit()
    wanted = make.ticket(
        enterprise=firm,
        category_id=category.id,
        lead_unit_id=unit.id,
        source=Source.HOTLINE,
        submitted_at=clock.at(date(2026, 9, 3), clock.local(clock.now()).time()),
    )
    make.ticket(source=Source.VISIT, submitted_at=clock.now())

    for asked in (
        TicketFilter(category_id=category.id),
        TicketFilter(unit_id=unit.id),
        TicketFilter(enterprise_id=firm.id),
        TicketFilter(village_id=village.id),
        TicketFilter(source=Source.HOTLINE),
        TicketFilter(received_from=date(2026, 9, 3), received_to=date(2026, 9, 3)),
        TicketFilter(received_to=date(2026, 9, 20)),
    ):
        assert ids(asked) == [wanted.id], asked


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DRAFT])
def test_a_state_is_found_whether_it_is_open_or_over(status: Status) -> None:
    wanted = make.ticket(status)
    make.ticket(Status.CLOSED if status is not Status.CLOSED else Status.ARCHIVED)

    assert ids(TicketFilter(status=status)) == [wanted.id]


def test_a_persons_own_are_those_they_wrote_handle_or_look_after() -> None:
    me = make.actor(Role.DISPATCHER)
    mine = [
        make.ticket(**{column: me.user_id})
        for column in ("handler_id", "created_by_id", "submitted_by_id", "liaison_id", "leader_id")
    ]
    make.ticket()

    assert set(ids(TicketFilter(mine=True), viewer=me)) == {ticket.id for ticket in mine}


def test_every_quick_filter_counts_what_it_shows() -> None:
    viewer = make.actor(Role.DISPATCHER)
    now = clock.now()
    for status in Status:
        make.ticket(status)
    make.ticket(due_at=now - LATER, warn_on=clock.today() - LATER)
    make.ticket(due_at=now + SOON, warn_on=clock.today(), round=2)
    make.ticket(due_at=now + LATER, warn_on=clock.today() + timedelta(days=7))
    make.ticket(Status.PENDING_DISPATCH, return_count=1)

    counts = queries.counts(viewer=viewer, reading=reading())

    assert tuple(counts) == shown_to(viewer.role)
    assert len(counts) <= 9
    for view, count in counts.items():
        assert count == len(ids(TicketFilter(view=view), viewer=viewer)) > 0, view


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from(sorted(Status)),
    hours=st.integers(-300, 300),
    warned=st.integers(-8, 8),
)
def test_a_light_that_is_asked_for_is_the_light_that_is_shown(
    status: Status, hours: int, warned: int
) -> None:
    viewer = make.actor(Role.DISPATCHER)
    due_at = clock.now() + timedelta(hours=hours)
    day = min(clock.local(due_at).date(), clock.today() + timedelta(days=warned))
    ticket = make.ticket(status, due_at=due_at, **_running(status, day))

    light = clocks.handling_light(
        status, ticket.due_at, ticket.warn_on, calendar=WorkCalendar(), now=clock.now()
    )

    asked = [TicketFilter(view=View.ALL, light=colour) for colour in Colour]
    shown = {a.light for a in asked if ticket.id in ids(a, viewer=viewer)}
    assert shown == ({Colour(light.colour)} if light and status is not Status.DRAFT else set())


def _running(status: Status, day: date) -> dict[str, Any]:
    return {"warn_on": day} if status in RUNNING else {}


# ---- words, on both databases ----


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(st.text(CHARACTERS, min_size=1, max_size=8), min_size=1, max_size=5),
    asked=st.text(CHARACTERS, min_size=2, max_size=2),
)
def test_two_characters_find_what_a_scan_of_the_text_finds(titles: list[str], asked: str) -> None:
    viewer = make.actor(Role.DISPATCHER, tenant=make.tenant())
    house = db.session.get_one(Tenant, viewer.tenant_id)
    firm = make.enterprise("Ltd", tenant=house)
    for title in titles:
        make.ticket(enterprise=firm, title=title)

    scanned = db.session.scalars(
        select(Ticket.id)
        .where(Ticket.tenant_id == viewer.tenant_id)
        .where(or_(Ticket.title.contains(asked), Ticket.description.contains(asked)))
        .order_by(Ticket.id.desc())
    )
    assert ids(TicketFilter(text=asked), viewer=viewer) == list(scanned)


def test_a_number_a_firm_and_a_word_of_the_text_are_found() -> None:
    firm = make.enterprise("拾光精密机械")
    ticket = make.ticket(enterprise=firm, number="QS20260910-0003", wish="希望换成可升降的")
    make.ticket()

    for words in ("QS20260910-0003", "0003", "精密", "升降", "精密 升降"):
        assert ids(TicketFilter(text=words)) == [ticket.id], words


# ---- pages ----


def test_a_long_list_comes_in_pages_and_says_how_much_there_is() -> None:
    tickets = [make.ticket(move_due_at=clock.now() + timedelta(hours=n)) for n in range(5)]

    first, second = found(size=3), found(size=3, number=2)

    assert [row.id for row in first.items] == [t.id for t in tickets[:3]]
    assert [row.id for row in second.items] == [t.id for t in tickets[3:]]
    assert (first.total, first.pages, first.has_next, first.has_prev) == (5, 2, True, False)
    assert (second.has_next, second.has_prev) == (False, True)


def test_beyond_the_end_the_last_page_is_shown() -> None:
    tickets = [make.ticket(move_due_at=clock.now() + timedelta(hours=n)) for n in range(3)]

    page = found(number=10**9, size=2)

    assert (page.number, page.total, [row.id for row in page.items]) == (2, 3, [tickets[2].id])
    assert found(TicketFilter(text="没有")).number == 1


def test_nothing_is_counted_past_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MOST_SHOWN", 3)
    for _ in range(5):
        make.ticket()

    page = found(size=2)

    assert (page.total, page.total_capped, page.pages) == (3, True, 0)


# ---- whose it is ----


def test_a_line_says_whose_move_it_is_and_until_when() -> None:
    unit, liaison = make.unit("规划建设办公室"), make.user(Role.LIAISON, name="卞以安")
    now = clock.now()
    make.ticket(Status.PENDING_ACCEPTANCE, move_due_at=now)
    make.ticket(Status.PENDING_SIGN, lead_unit_id=unit.id, move_due_at=now + SOON)
    make.ticket(lead_unit_id=unit.id, contact_due_at=now + 2 * SOON, move_due_at=now + 2 * SOON)
    make.ticket(Status.SUSPENDED, next_review_on=date(2026, 10, 15), move_due_at=now + 3 * SOON)
    make.ticket(Status.PENDING_REVISIT, liaison_id=liaison.id, move_due_at=now + 4 * SOON)

    rows = found().items

    assert [(r.mover_label, r.mover, r.due_label) for r in rows] == [
        ("营商办", "", ""),
        ("", "规划建设办公室", "签收"),
        ("", "规划建设办公室", "首次联系"),
        ("营商办", "", ""),
        ("联络员", "卞以安", ""),
    ]
    assert rows[3].review_on == date(2026, 10, 15)
    assert [r.light.colour for r in rows if r.light] == ["yellow", "green", "green", "grey", "grey"]


def test_a_second_round_is_called_so() -> None:
    make.ticket(round=2)

    assert found().items[0].status_label == "重办中"


# ---- who sees what ----

EVERYBODYS = frozenset(
    {"nobody's", "led", "a colleague's", "helped", "over", "sent back", "linked"}
)
SEEN: dict[Role, frozenset[str]] = {
    Role.SYS_ADMIN: frozenset(),
    Role.AUDIT_ADMIN: frozenset(),
    Role.CHIEF: EVERYBODYS,
    Role.LEADER: frozenset({"linked", "led", "a colleague's"}),
    Role.OFFICE_DIRECTOR: EVERYBODYS,
    Role.DISPATCHER: EVERYBODYS,
    Role.DEPT_HEAD: frozenset({"led", "a colleague's"}),
    Role.HANDLER: frozenset({"helped"}),
    Role.LIAISON: frozenset({"linked"}),
    Role.SUPERVISOR: EVERYBODYS,
    Role.VILLAGE_OFFICER: frozenset(),
    Role.ENTERPRISE_USER: frozenset({"linked"}),
}


@pytest.fixture
def township() -> tuple[dict[int, str], dict[Role, Actor]]:
    """Return tickets that each are somebody else's, and a person in each role."""
    lead, helper = make.unit("主办"), make.unit("协办")
    firm = make.enterprise()
    seats = {Role.DEPT_HEAD: lead, Role.HANDLER: helper}
    people = {
        role: make.actor(
            role,
            unit=seats.get(role),
            enterprise_id=firm.id if role is Role.ENTERPRISE_USER else None,
        )
        for role in PEOPLE
    }
    leader, liaison = (db.session.get_one(User, people[r].user_id) for r in LINKED)
    make.linkage(enterprise=firm, leader=leader, liaison=liaison)
    lead.in_charge_id = leader.id
    colleague = make.user(Role.HANDLER, unit=lead)
    tickets = {
        "nobody's": make.ticket(),
        "led": make.ticket(lead_unit_id=lead.id),
        "a colleague's": make.ticket(lead_unit_id=lead.id, handler_id=colleague.id),
        "helped": make.ticket(),
        "over": make.ticket(Status.CLOSED),
        "linked": make.ticket(enterprise=firm),
        "sent back": make.ticket(
            Status.DRAFT, number="QS20260921-9999", created_by_id=colleague.id
        ),
        "somebody's draft": make.ticket(Status.DRAFT, created_by_id=colleague.id),
        "another township's": make.ticket(tenant=make.tenant()),
    }
    _help(tickets["helped"], helper)
    return {ticket.id: name for name, ticket in tickets.items()}, people


LINKED = (Role.LEADER, Role.LIAISON)


def _help(ticket: Ticket, helper: OrgUnit) -> None:
    now = clock.now()
    dispatch = Dispatch(
        ticket_id=ticket.id, lead_unit_id=make.unit().id, dispatched_at=now, limit_workdays=5
    )
    db.session.add(dispatch)
    db.session.flush()
    db.session.add(
        CoTask(ticket_id=ticket.id, dispatch_id=dispatch.id, unit_id=helper.id, due_at=now)
    )
    db.session.commit()


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_sees_exactly_what_it_may(
    role: Role, township: tuple[dict[int, str], dict[Role, Actor]]
) -> None:
    tickets, people = township
    viewer = people[role]

    listed = ids(TicketFilter(view=View.ALL), viewer=viewer)
    drafts = ids(TicketFilter(status=Status.DRAFT), viewer=viewer)
    searched = ids(TicketFilter(text="企业反映"), viewer=viewer)
    opened = {id_ for id_ in tickets if _opens(id_, viewer)}

    seen = {id_ for id_, name in tickets.items() if name in SEEN[role]}
    assert set(listed) == set(searched) == opened == seen
    assert set(drafts) == {id_ for id_ in seen if tickets[id_] == "sent back"}


def _opens(ticket_id: int, viewer: Actor) -> bool:
    try:
        queries.get(ticket_id, viewer=viewer)
    except NotFound:
        return False
    return True


def test_a_draft_is_its_writers_alone() -> None:
    me = make.actor(Role.DISPATCHER)
    mine = make.ticket(Status.DRAFT, created_by_id=me.user_id)

    assert ids(TicketFilter(status=Status.DRAFT), viewer=me) == [mine.id]
    assert ids(TicketFilter(status=Status.DRAFT)) == []


# ---- at what cost ----


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.HANDLER, Role.LEADER, Role.LIAISON])
@pytest.mark.parametrize("asked", [TicketFilter(), TicketFilter(text="问题")])
def test_a_page_takes_as_many_statements_for_fifty_rows_as_for_five(
    role: Role, asked: TicketFilter, statements: list[str]
) -> None:
    unit = make.unit()
    viewer = make.actor(role, unit=unit)
    theirs = {
        "lead_unit_id": unit.id,
        "leader_id": viewer.user_id,
        "liaison_id": viewer.user_id,
        "handler_id": viewer.user_id,
    }
    taken = []
    for _ in range(2):
        for _ in range(5 if not taken else 45):
            make.ticket(**theirs)
        db.session.rollback()
        statements.clear()
        page = found(asked, viewer=viewer, size=50)
        queries.counts(viewer=viewer, reading=reading())
        queries.filter_lists(viewer=viewer)
        taken.append((len(page.items), len(statements)))

    assert [rows for rows, _ in taken] == [5, 50]
    assert taken[0][1] == taken[1][1] == 3


def test_a_count_that_is_known_is_not_asked_for_again(statements: list[str]) -> None:
    viewer = make.actor(Role.DISPATCHER)
    make.ticket()
    statements.clear()

    page = found(viewer=viewer, total=1)

    assert page.total == 1
    assert "count(" not in "".join(statements)
