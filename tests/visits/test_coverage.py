"""The figures V1 to V6: against a slow count of the same, and on the board of a month."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.accounts.models import UnitKind, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, Linkage, Tier
from app.tickets.models import Ticket
from app.tickets.workflow.states import Source, Status
from app.visits import queries, service
from app.visits.calendar import Month
from app.visits.models import (
    AT_THE_FIRM,
    COUNTING,
    ExemptGround,
    Mode,
    TaskState,
    Visit,
    VisitOutcome,
    VisitTask,
)
from app.visits.queries import Coverage, PerTen, Share
from app.workdays.queries import calendar_of
from tests import make
from tests.visits.town import LONG_AGO, Town, go_to, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
D = date.fromisoformat
P = "2026-09"


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def board_page(browser: FlaskClient, **asked: str) -> str:
    answer = browser.get("/visits/coverage", query_string=asked)
    assert answer.status_code == 200
    return answer.text


# ---- how a rate is shown ----


@pytest.mark.parametrize(
    ("n", "d", "shown"),
    [(1, 16, "6.3%"), (1, 8, "12.5%"), (0, 3, "0.0%"), (34, 35, "97.1%"), (0, 0, "—")],
)
def test_a_rate_has_one_decimal_rounded_half_up_and_is_a_dash_over_nothing(
    n: int, d: int, shown: str
) -> None:
    assert Share(n, d).percent == shown


def test_a_rate_over_nothing_is_nothing_and_no_zero() -> None:
    assert Share(0, 0).value is None
    assert PerTen(0, 0).value is None
    assert PerTen(0, 0).shown == "—"


def test_problems_are_told_for_ten_visits() -> None:
    assert (PerTen(7, 34).value, PerTen(7, 34).shown) == (Decimal("2.1"), "2.1")


@pytest.mark.parametrize(("d", "thin"), [(0, False), (1, True), (4, True), (5, False)])
def test_fewer_than_five_are_too_small_a_sample(d: int, *, thin: bool) -> None:
    assert Share(0, d).is_thin is thin
    assert PerTen(0, d).is_thin is thin


# ---- against a slow count ----


@dataclass
class Slow:
    """V1 to V6, counted one thing after the other, as the rules read."""

    viewer: Actor
    bound: datetime
    links: list[Linkage]

    @property
    def everything(self) -> bool:
        return self.viewer.role not in {Role.LEADER, Role.LIAISON}

    def tasks(self) -> tuple[Share, int, set[int | None]]:
        done = counted = overdue = 0
        waived: dict[int | None, list[bool]] = {}
        for task in db.session.scalars(select(VisitTask).where(VisitTask.period == P)):
            if task.linkage not in self.links or task.state is TaskState.CANCELLED:
                continue
            decided = task.exempt_decided_at
            is_waived = task.state is TaskState.EXEMPT and (not decided or decided < self.bound)
            waived.setdefault(task.linkage.enterprise_id, []).append(is_waived)
            if not is_waived:
                visit = task.visit
                is_done = task.state is TaskState.DONE and (
                    visit is None or visit.recorded_at < self.bound
                )
                counted += 1
                done += is_done
                overdue += not is_done and task.due_on < clock.local(self.bound).date()
        return Share(done, counted), overdue, {key for key, all_ in waived.items() if all(all_)}

    def made(self) -> list[Visit]:
        found = db.session.scalars(select(Visit).where(Visit.tenant_id == self.viewer.tenant_id))
        month = Month.read(P)
        return [
            visit
            for visit in found
            if month.first <= visit.visited_on <= month.last and visit.recorded_at < self.bound
        ]

    def is_mine(self, visit: Visit) -> bool:
        held = [link for link in self.links if link.is_active_on(visit.visited_on)]
        return self.everything or visit.enterprise_id in {link.enterprise_id for link in held}

    def is_timely(self, visit: Visit) -> bool:
        day, calendar = visit.visited_on, calendar_of(self.viewer.tenant_id)
        for _ in range(3):
            day = calendar.following(day)
        return clock.local(visit.recorded_at).date() <= day

    def problems(self, visit: Visit) -> int:
        return sum(
            ticket.source is Source.VISIT
            and ticket.status
            not in {Status.DRAFT, Status.REJECTED, Status.MERGED, Status.CANCELLED}
            and ticket.submitted_at is not None
            and ticket.submitted_at < self.bound
            for ticket in db.session.scalars(select(Ticket).where(Ticket.visit_id == visit.id))
        )


def slow(viewer: Actor, known_at: datetime | None = None) -> Coverage:
    links = list(db.session.scalars(select(Linkage).where(Linkage.tenant_id == viewer.tenant_id)))
    if viewer.role is Role.LEADER:
        links = [link for link in links if link.leader_id == viewer.user_id]
    count = Slow(viewer, known_at or clock.now() + timedelta(microseconds=1), links)
    completed, overdue, waived = count.tasks()
    made = count.made()
    reached = {visit.enterprise_id for visit in made if visit.mode in COUNTING}
    mine = [visit for visit in made if count.is_mine(visit)]
    counting = [visit for visit in mine if visit.mode in COUNTING]
    last = Month.read(P).last
    targets = {link.enterprise_id for link in links if link.is_active_on(last)} - waived
    return Coverage(
        completed=completed,
        covered=Share(len(targets & reached), len(targets)),
        led=Share(sum(visit.leader_present for visit in counting), len(counting)),
        timely=Share(sum(count.is_timely(visit) for visit in mine), len(mine)),
        problems=PerTen(sum(count.problems(visit) for visit in mine), len(mine)),
        overdue=overdue,
        in_person=sum(
            visit.mode in AT_THE_FIRM and visit.outcome is VisitOutcome.VISITED for visit in mine
        ),
    )


LINKS = st.lists(
    st.tuples(
        st.integers(0, 2),  # the leader
        st.integers(0, 3),  # the enterprise
        st.sampled_from(["2026-01-01", "2026-09-10", "2026-10-02"]),
        st.sampled_from([None, "2026-09-12", "2026-09-01", "2026-08-31"]),
    ),
    max_size=5,
)
TASKS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(list(TaskState)), st.integers(1, 3)), max_size=6
)
VISITS = st.lists(
    st.tuples(
        st.integers(0, 3),  # the enterprise
        st.integers(-3, 33),  # the day, from the first of the month
        st.integers(0, 9),  # days until it was recorded
        st.sampled_from(list(Mode)),
        st.booleans(),  # whether the leader came
        st.sampled_from([None, Status.PENDING_ACCEPTANCE, Status.REJECTED, Status.CLOSED]),
    ),
    max_size=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(links=LINKS, tasks=TASKS, visits=VISITS)
def test_the_figures_are_what_a_slow_count_gives_for_everybody_and_add_up(
    town: Town, links: list, tasks: list, visits: list
) -> None:
    leaders, firms = fresh_world(town)
    viewers = [town.clerk, *leaders[:2]]
    liaison = db.session.get_one(User, town.liaison_id)
    made = [
        make.linkage(
            enterprise=firms[firm],
            leader=db.session.get_one(User, leaders[leader].user_id),
            liaison=liaison,
            valid_from=D(since),
            valid_to=D(until) if until else None,
        )
        for leader, firm, since, until in links
    ]
    with time_machine.travel(clock.at(D("2026-10-14"), datetime.min.time()), tick=False):
        for place, (firm, offset, late, mode, with_leader, status) in enumerate(visits):
            fill_in(firms[firm], made, offset, late, mode, with_leader=with_leader, status=status)
            del place
        for place, (link, state, seq) in enumerate(tasks):
            holding = [one for one in made if overlaps(one)]
            if link < len(holding):
                make.task(
                    linkage=holding[link],
                    period=P,
                    state=state,
                    seq=10 * place + seq,
                    due_on=D("2026-09-30"),
                )

        for viewer in viewers:
            for known_at in (None, Month.read(P).ends_at):
                found = queries.coverage(P, viewer=viewer, known_at=known_at)

                assert found == slow(viewer, known_at)
        adds_up(queries.coverage(P, viewer=town.clerk), town.clerk)


def fresh_world(town: Town) -> tuple[list[Actor], list]:
    """Empty what an example before has made; return three leaders and four enterprises."""
    db.session.rollback()
    db.session.execute(db.text("DELETE FROM search_index"))
    for model in (Ticket, VisitTask):
        db.session.execute(delete(model))
    db.session.execute(db.text("DELETE FROM visit_visitors"))
    db.session.execute(delete(Visit))
    db.session.execute(delete(Linkage))
    db.session.commit()
    leaders = [town.leader]
    people = db.session.scalars(select(User).where(User.name.like("领导%")).order_by(User.id))
    leaders += [Actor(town.tenant_id, one.id, Role.LEADER, one.name) for one in people]
    while len(leaders) < 3:
        leaders.append(make.actor(Role.LEADER, name=f"领导{len(leaders)}"))
    firms = list(db.session.scalars(select(Enterprise).order_by(Enterprise.id)))
    while len(firms) < 4:
        firms.append(make.enterprise())
    return leaders, firms


def overlaps(link: Linkage) -> bool:
    return link.valid_from <= D("2026-09-30") and (link.valid_to or D("2026-09-01")) >= D(
        "2026-09-01"
    )


def fill_in(
    firm: Enterprise,
    links: list[Linkage],
    offset: int,
    late: int,
    mode: Mode,
    *,
    with_leader: bool,
    status: Status | None,
) -> None:
    day = D("2026-09-01") + timedelta(days=offset)
    link = next((one for one in links if one.enterprise_id == firm.id), None)
    if link is None:
        link = links[0] if links else make.linkage(valid_from=D("2030-01-01"))
    went = [link.leader if with_leader else link.liaison]
    visit = make.visit(linkage=link, on=day, mode=mode, visitors=went)
    visit.enterprise_id = firm.id
    visit.recorded_at = clock.at(day + timedelta(days=late), datetime.min.time())
    db.session.commit()
    if status is not None:
        make.ticket(
            status,
            enterprise=firm,
            visit_id=visit.id,
            source=Source.VISIT,
            submitted_at=visit.recorded_at,
        )


def adds_up(whole: Coverage, viewer: Actor) -> None:
    """Hold the rows of every breakdown against the whole."""
    for by in queries.KEYS:
        groups = [group.figures for group in queries.coverage_by(by, P, viewer=viewer)]
        for name in ("completed", "led", "timely", "problems"):
            for part in ("n", "d"):
                total = sum(getattr(getattr(one, name), part) for one in groups)
                assert total == getattr(getattr(whole, name), part), (by, name)
        assert sum(one.overdue for one in groups) == whole.overdue


def test_a_visit_is_counted_for_who_had_the_target_on_its_day(town: Town) -> None:
    firm = town.linkage.enterprise
    with transaction():
        town.linkage.valid_to = D("2026-09-10")
    later = make.linkage(enterprise=firm, valid_from=D("2026-09-11"))
    successor = Actor(town.tenant_id, later.leader_id, Role.LEADER)
    make.visit(linkage=town.linkage, on=D("2026-09-10"))

    before = queries.coverage(P, viewer=town.leader)
    after = queries.coverage(P, viewer=successor)

    assert (before.timely.d, after.timely.d) == (1, 0)
    assert (before.covered, after.covered) == (Share(0, 0), Share(1, 1))
    groups = queries.coverage_by("leader", P, viewer=town.clerk)
    assert [(one.key, one.figures.timely.d) for one in groups] == [
        (town.leader_id, 1),
        (later.leader_id, 0),
    ]


@pytest.mark.parametrize(("until", "counted"), [("2026-08-31", 0), ("2026-09-01", 1)])
def test_a_linkage_that_held_for_a_day_of_the_month_is_counted(
    town: Town, until: str, counted: int
) -> None:
    make.task(linkage=town.linkage, period=P)
    with transaction():
        town.linkage.valid_to = D(until)

    assert queries.coverage(P, viewer=town.clerk).completed == Share(0, counted)


# ---- the cut-off ----


def test_a_report_of_a_month_counts_what_was_recorded_by_its_end(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.generate()
    go_to(frozen_clock, "2026-10-09")
    town.record(visited_on=D("2026-09-29"))

    now = queries.coverage(P, viewer=town.clerk)
    then = queries.coverage(P, viewer=town.clerk, known_at=queries.cut_off(P))

    assert (now.completed, now.covered, now.overdue) == (Share(1, 1), Share(1, 1), 0)
    assert (then.completed, then.covered, then.overdue) == (Share(0, 1), Share(0, 1), 1)
    assert (then.timely, then.led) == (Share(0, 0), Share(0, 0))


def test_a_report_of_the_running_month_counts_up_to_now(town: Town) -> None:
    town.generate()
    town.record()

    now = queries.coverage(P, viewer=town.clerk)

    assert now == queries.coverage(P, viewer=town.clerk, known_at=queries.cut_off(P))
    assert now.completed == Share(1, 1)


@pytest.mark.parametrize(("recorded", "timely"), [("2026-09-24", 1), ("2026-09-25", 0)])
def test_a_visit_is_recorded_in_time_within_three_workdays(
    town: Town, frozen_clock: time_machine.Traveller, recorded: str, timely: int
) -> None:
    go_to(frozen_clock, recorded)

    town.record(visited_on=D("2026-09-21"))

    assert queries.coverage(P, viewer=town.clerk).timely == Share(timely, 1)


def test_problems_are_counted_as_far_as_the_viewer_may_know_of_them(town: Town) -> None:
    town.record(problems=(town.problem(), town.problem(title="司机招不到")))

    assert queries.coverage(P, viewer=town.clerk).problems == PerTen(2, 1)
    with transaction():
        for ticket in db.session.scalars(select(Ticket)):
            ticket.confidential = True
    assert queries.coverage(P, viewer=make.actor(Role.SUPERVISOR)).problems == PerTen(0, 1)


def test_the_year_so_far_reaches_whom_one_of_its_months_reached(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    make.visit(linkage=town.linkage, on=D("2026-03-02"))
    make.task(linkage=town.linkage, period=P, state=TaskState.EXEMPT)
    make.task(linkage=town.linkage, period="2026-03", state=TaskState.DONE)
    go_to(frozen_clock, "2026-09-30")

    assert queries.coverage(P, viewer=town.clerk).covered == Share(0, 0)
    assert queries.coverage(P, viewer=town.clerk, since="2026-01").covered == Share(1, 1)


def test_the_share_of_done_tasks_has_one_home(town: Town) -> None:
    town.generate()
    make.task(linkage=make.linkage(), period=P, state=TaskState.DONE)

    share = queries.completion(P, viewer=town.clerk)

    assert share == queries.coverage(P, viewer=town.clerk).completed == Share(1, 2)


# ---- the board ----


def test_the_board_says_who_is_missing_and_since_when(town: Town) -> None:
    town.generate()
    make.visit(linkage=town.linkage, on=D("2026-08-12"))
    make.visit(linkage=town.linkage, on=D("2026-09-10"), mode=Mode.PHONE)
    with transaction():
        task = db.session.scalars(select(VisitTask)).one()
        service.plan(task, D("2026-09-28"), version=None, actor=town.liaison)

    (line,) = queries.board(P, viewer=town.clerk).missing

    assert (line.days, line.quiet_days) == (40, 11)
    assert line.last
    assert line.last.visited_on == D("2026-08-12")
    assert line.contact
    assert line.contact.mode is Mode.PHONE
    assert line.task
    assert line.task.planned_on == D("2026-09-28")


def test_who_was_never_visited_is_missing_since_the_linkage_began(town: Town) -> None:
    town.generate()

    (line,) = queries.board(P, viewer=town.clerk).missing

    assert line.last is None
    assert line.contact is None
    assert line.days == (D("2026-09-21") - D("2026-01-01")).days


def test_of_a_month_that_is_over_days_are_counted_at_its_end(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.generate()
    make.visit(linkage=town.linkage, on=D("2026-08-31"))
    go_to(frozen_clock, "2026-10-20")
    make.visit(linkage=town.linkage, on=D("2026-10-12"))

    (line,) = queries.board(P, viewer=town.clerk).missing

    assert line.days == 30


def test_the_page_shows_figures_rows_and_where_to_go_on(town: Town, client_for: ClientFor) -> None:
    town.generate()
    make.visit(linkage=town.linkage, on=D("2026-08-12"))
    task_id = town.task().id

    page = board_page(client_for(town.clerk))

    for words in ("走访任务完成率", "0 / 1", "样本不足", "速岭物流", "40 天前", "还没有排", "未访"):
        assert words in page
    assert f"/visits/new?task={task_id}" in page
    assert f"/visits/tasks/{task_id}/plan" in page
    assert "data-bh-print" in page


def test_an_empty_month_shows_dashes_and_what_to_do(app: object, client_for: ClientFor) -> None:
    del app
    page = board_page(client_for(make.actor(Role.CHIEF)))

    assert "—" in page
    assert "没有走访任务" in page
    assert "0.0%" not in page


def test_the_rows_are_narrowed_by_leader_liaison_village_and_tier(
    town: Town, client_for: ClientFor
) -> None:
    village = make.unit("茶亭坪村", kind=UnitKind.VILLAGE)
    firm = make.enterprise("明岫霁川岚坞茶厂", short_name="岚坞茶厂", village_id=village.id)
    link = make.linkage(enterprise=firm, tier=Tier.KEY, created_at=LONG_AGO)
    town.generate()
    browser = client_for(town.clerk)

    for asked in (
        {"leader": str(link.leader_id)},
        {"liaison": str(link.liaison_id)},
        {"village": str(village.id)},
        {"tier": "key"},
    ):
        page = board_page(browser, **asked)

        assert "岚坞茶厂" in page
        assert "速岭物流" not in page
        assert "0 / 1" in page


def test_the_list_shows_the_missing_first_and_all_where_that_is_asked(
    town: Town, client_for: ClientFor
) -> None:
    other = make.enterprise("明岫霁川岚坞茶厂", short_name="岚坞茶厂")
    make.linkage(enterprise=other, created_at=LONG_AGO)
    town.generate()
    town.record()
    browser = client_for(town.clerk)

    def listed(**asked: str) -> str:
        return board_page(browser, **asked).split('id="missing"')[1]

    assert "速岭物流" not in listed()
    assert "速岭物流" in listed(show="all")
    assert "岚坞茶厂" not in listed(show="done")
    assert "岚坞茶厂" in listed(show="nonsense")


def test_a_waiver_that_was_asked_for_and_one_that_was_agreed_to_are_told(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    task_id = town.task().id
    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        service.ask_exemption(task, ExemptGround.MOVED, "已搬走", version=None, actor=town.liaison)
    browser = client_for(town.clerk)
    assert "申请免访，等批准" in board_page(browser)
    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        service.decide_exemption(task, approve=True, answer="", version=None, actor=town.clerk)

    page = board_page(browser, show="exempt")

    assert "企业搬迁" in page
    assert "，今天 批准" in page


def test_a_visitor_sees_what_is_theirs_and_no_more(town: Town, client_for: ClientFor) -> None:
    make.linkage(
        enterprise=make.enterprise("明岫霁川岚坞茶厂", short_name="岚坞茶厂"), created_at=LONG_AGO
    )
    town.generate()

    for viewer in (town.leader, town.liaison):
        page = board_page(client_for(viewer), show="all")

        assert "速岭物流" in page
        assert "岚坞茶厂" not in page
    for role in (Role.OFFICE_DIRECTOR, Role.CHIEF, Role.SUPERVISOR):
        assert "岚坞茶厂" in board_page(client_for(make.actor(role)), show="all")


@pytest.mark.parametrize("role", [Role.HANDLER, Role.SYS_ADMIN, Role.ENTERPRISE_USER])
def test_it_is_not_for_those_whom_it_does_not_concern(
    town: Town, client_for: ClientFor, role: Role
) -> None:
    del town
    assert client_for(make.actor(role)).get("/visits/coverage").status_code == 403


def test_another_township_is_counted_nowhere(town: Town) -> None:
    far = make.linkage(enterprise=make.enterprise(tenant=make.tenant("别处镇")))
    make.task(linkage=far, period=P)
    make.visit(linkage=far)

    found = queries.board(P, viewer=town.clerk)

    assert [line.linkage.id for line in found.lines] == [town.linkage_id]
    assert found.figures.timely == Share(0, 0)


def test_what_was_recorded_late_is_told_beside_what_was_known_at_the_end(
    town: Town, client_for: ClientFor, frozen_clock: time_machine.Traveller
) -> None:
    town.generate()
    go_to(frozen_clock, "2026-10-09")
    town.record(visited_on=D("2026-09-29"))

    assert "月底时 0 / 1" in board_page(client_for(town.clerk), period=P)


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "nonsense"},
        {"by": "nonsense", "sort": "nonsense", "tier": "nonsense", "leader": "x"},
        {"page": "99", "_external": "1", "endpoint": "x", "_anchor": "y"},
        {"period": "2031-01"},
    ],
)
def test_nonsense_in_the_address_asks_nothing(
    town: Town, client_for: ClientFor, asked: dict[str, str]
) -> None:
    town.generate()

    assert "速岭物流" in board_page(client_for(town.clerk), **asked)


@pytest.mark.parametrize("by", sorted(queries.KEYS))
@pytest.mark.parametrize("sort", [order.value for order in queries.Order])
def test_every_breakdown_and_every_order_is_shown(
    town: Town, client_for: ClientFor, by: str, sort: str
) -> None:
    make.linkage(project=make.project("冷链仓储中心"), created_at=LONG_AGO)
    town.generate()
    make.visit(linkage=make.linkage(valid_from=D("2030-01-01")))  # nobody looks after it

    page = board_page(client_for(town.clerk), by=by, sort=sort, show="all")

    assert "冷链仓储中心" in page
    assert "没有包联的" in page


def test_it_takes_as_many_statements_however_many_rows_there_are(
    town: Town, client_for: ClientFor, statements: list[str]
) -> None:
    browser = client_for(town.clerk)

    def asked() -> int:
        board_page(browser, show="all")
        statements.clear()
        board_page(browser, show="all")
        return len(statements)

    def grow(by: int) -> None:
        for _ in range(by):
            link = make.linkage(created_at=LONG_AGO)
            make.visit(linkage=link, on=D("2026-09-03"), mode=Mode.PHONE)
            make.visit(linkage=link, on=D("2026-08-03"))

    grow(2)
    make.linkage(project=make.project(), created_at=LONG_AGO)
    town.generate()
    few = asked()
    grow(6)
    town.generate()

    assert asked() == few
