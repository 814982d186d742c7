"""The figures V1 to V6: against a slow count of the same, and on the board of a month."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed
from app.enterprises.models import Enterprise, Linkage, Tier
from app.tickets.models import Ticket
from app.tickets.workflow.states import UNCOUNTED, Source, Status
from app.visits import policy, queries
from app.visits.calendar import Month
from app.visits.models import COUNTING, ExemptGround, Mode, TaskState, Visit, VisitTask
from app.visits.queries import Coverage, CoverageFilter, PerTen, Share, Standing
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


def slow(period: str, viewer: Actor, known_at: datetime | None = None) -> Coverage:
    """Count V1 to V6 one thing after the other, as the rules read."""
    month = Month.read(period)
    calendar = calendar_of(viewer.tenant_id)
    bound = known_at or clock.now() + timedelta(microseconds=1)
    everything = viewer.role not in {Role.LEADER, Role.LIAISON}
    links = [
        link
        for link in db.session.scalars(select(Linkage).where(Linkage.tenant_id == viewer.tenant_id))
        if everything or viewer.user_id in {link.leader_id, link.liaison_id}
    ]
    v1n = v1d = v6 = 0
    waived: dict[int, list[bool]] = {}
    for task in db.session.scalars(select(VisitTask).where(VisitTask.period == period)):
        if task.linkage not in links or task.state is TaskState.CANCELLED:
            continue
        is_waived = task.state is TaskState.EXEMPT and (
            task.exempt_decided_at is None or task.exempt_decided_at < bound
        )
        waived.setdefault(task.linkage.enterprise_id or 0, []).append(is_waived)
        if is_waived:
            continue
        done = task.state is TaskState.DONE and (
            task.visit is None or task.visit.recorded_at < bound
        )
        v1d += 1
        v1n += done
        v6 += not done and task.due_on < clock.local(bound).date()
    counting = led = made = timely = problems = 0
    reached = set()
    for visit in db.session.scalars(select(Visit).where(Visit.tenant_id == viewer.tenant_id)):
        inside = month.first <= visit.visited_on <= month.last and visit.recorded_at < bound
        if not inside:
            continue
        reached |= {visit.enterprise_id} if visit.mode in COUNTING else set()
        held = [
            link
            for link in links
            if link.enterprise_id == visit.enterprise_id and link.is_active_on(visit.visited_on)
        ]
        if not (held or everything):
            continue
        made += 1
        counting += visit.mode in COUNTING
        led += visit.mode in COUNTING and visit.leader_present
        day = visit.visited_on
        for _ in range(3):
            day = calendar.following(day)
        timely += clock.local(visit.recorded_at).date() <= day
        problems += sum(
            ticket.source is Source.VISIT
            and ticket.status not in UNCOUNTED
            and ticket.submitted_at is not None
            and ticket.submitted_at < bound
            for ticket in db.session.scalars(select(Ticket).where(Ticket.visit_id == visit.id))
        )
    targets = {link.enterprise_id for link in links if link.is_active_on(month.last)}
    targets -= {target for target, flags in waived.items() if all(flags)}
    return Coverage(
        completed=Share(v1n, v1d),
        covered=Share(len(targets & reached), len(targets)),
        led=Share(led, counting),
        timely=Share(timely, made),
        problems=PerTen(problems, made),
        overdue=v6,
    )


LINKS = st.lists(
    st.tuples(
        st.integers(0, 2),  # the leader
        st.integers(0, 3),  # the enterprise
        st.sampled_from(["2026-01-01", "2026-09-10", "2026-10-02"]),
        st.sampled_from([None, "2026-09-12", "2026-08-31"]),
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
        st.sampled_from([None, Status.IN_PROGRESS, Status.REJECTED, Status.CLOSED]),
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

                assert found == slow(P, viewer, known_at)
        adds_up(queries.coverage(P, viewer=town.clerk), town.clerk)


def fresh_world(town: Town) -> tuple[list[Actor], list]:
    """Empty what an example before has made; return three leaders and four enterprises."""
    db.session.rollback()
    for model in (Ticket, VisitTask):
        db.session.execute(delete(model))
    db.session.execute(db.text("DELETE FROM visit_visitors"))
    db.session.execute(delete(Visit))
    db.session.execute(delete(Linkage))
    db.session.commit()
    leaders = [town.leader]
    for person in db.session.scalars(select(User).where(User.name.like("领导%")).order_by(User.id)):
        leaders.append(Actor(town.tenant_id, person.id, Role.LEADER, person.name))
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
    firm, links, offset: int, late: int, mode: Mode, *, with_leader: bool, status: Status | None
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
    """The rows of every breakdown make up the whole, whatever it is broken down by."""
    for by in queries.KEYS:
        groups = [group.figures for group in queries.coverage_by(by, P, viewer=viewer)]
        for name in ("completed", "led", "timely", "problems"):
            for part in ("n", "d"):
                total = sum(getattr(getattr(one, name), part) for one in groups)
                assert total == getattr(getattr(whole, name), part), (by, name)
        assert sum(one.overdue for one in groups) == whole.overdue
