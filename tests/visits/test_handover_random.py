"""Whatever is handed to whomever in whatever order: every target has one linkage every day.

And every month owes what it owed, once, and counts what was done.
"""

import random
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.enterprises.models import Linkage, Seat
from app.visits import jobs, service
from app.visits.models import Handover, Mode, TaskState, VisitTask
from app.visits.queries import completion
from app.visits.queries import handover as handovers
from app.visits.service import VisitDraft
from tests import make
from tests.visits.town import LONG_AGO, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
FIRST, LAST = date(2026, 9, 21), date(2026, 12, 1)
FIRMS = 3
EACH = 2  # visits a month


def people(role: Role) -> list[Actor]:
    return [make.actor(role) for _ in range(3)]


def links() -> list[Linkage]:
    db.session.rollback()
    return list(db.session.scalars(select(Linkage).order_by(Linkage.id)))


def assert_one_each_day() -> None:
    found = links()
    for firm_id in {one.enterprise_id for one in found}:
        day = date(2026, 1, 1)
        while day <= LAST + timedelta(days=60):
            holding = [x for x in found if x.enterprise_id == firm_id and x.is_active_on(day)]
            assert len(holding) == 1, (firm_id, day)
            day += timedelta(days=1)


def assert_owed_once(period: str) -> None:
    tasks = db.session.scalars(select(VisitTask).where(VisitTask.period == period)).all()
    counted = [task for task in tasks if task.state is not TaskState.CANCELLED]
    if not counted:
        return  # not made yet
    of_firm: dict[int | None, list[int]] = {}
    for task in counted:
        of_firm.setdefault(task.linkage.enterprise_id, []).append(task.seq)
    assert {firm: sorted(seqs) for firm, seqs in of_firm.items()} == {
        firm: list(range(1, EACH + 1)) for firm in of_firm
    }
    assert len(of_firm) == FIRMS + 1


def assert_owed_by_who_is_there() -> None:
    """Fail where what is still to be done is not owed under the linkage that holds."""
    today = clock.today()
    planned = select(VisitTask).where(
        VisitTask.state == TaskState.PLANNED, VisitTask.due_on >= today
    )
    for task in db.session.scalars(planned):
        assert task.linkage.is_active_on(today), (task.id, today)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_sequence_of_handovers_every_target_has_one_linkage_every_day(
    frozen_clock: time_machine.Traveller, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same in every run
    town = open_town(per_month=EACH)
    clerk = town.clerk
    leaders = [town.leader, *people(Role.LEADER)]
    liaisons = [town.liaison, *people(Role.LIAISON)]
    for _ in range(FIRMS):
        make.linkage(
            leader=db.session.get_one(User, chance.choice(leaders).user_id),
            liaison=db.session.get_one(User, chance.choice(liaisons).user_id),
            per_month=EACH,
            created_at=LONG_AGO,
        )
    done: dict[str, int] = {}
    day = FIRST
    while day <= LAST:
        go_to(frozen_clock, day.isoformat(), "00:00")
        if chance.random() < 0.8:  # sometimes the scheduler is down
            jobs.carry_out_handovers()
            go_to(frozen_clock, day.isoformat(), "06:10")
            jobs.generate_tasks()
            jobs.close_overdue_tasks()
            assert_owed_by_who_is_there()
        go_to(frozen_clock, day.isoformat())
        for _ in range(chance.randrange(3)):
            arrange(chance, clerk, leaders, liaisons)
        if chance.random() < 0.4:
            record(chance, clerk)
        if chance.random() < 0.1:
            call_off(clerk)
        assert_one_each_day()
        for period in ("2026-10", "2026-11"):
            assert_owed_once(period)
            share = completion(period, viewer=clerk)
            assert share.n >= done.get(period, 0)
            done[period] = share.n
        day += timedelta(days=chance.choice((1, 1, 2, 3, 5)))
    assert len(links()) > FIRMS + 4, "something was handed on"


def arrange(
    chance: random.Random, clerk: Actor, leaders: list[Actor], liaisons: list[Actor]
) -> None:
    seat = chance.choice(list(Seat))
    giver, successor = chance.sample(leaders if seat is Seat.LEADER else liaisons, 2)
    on = clock.today() + timedelta(days=chance.choice((0, 0, 1, 2, 7, 30)))
    held = handovers.chosen(
        handovers.HandoverDraft(giver.user_id or 0, seat, successor.user_id or 0, on)
    )
    some = frozenset(handovers.key_of(one) for one in held if chance.random() < 0.6)
    db.session.rollback()
    try:
        make.handover(
            giver, successor, seat, on=on, actor=clerk, targets=chance.choice((None, some))
        )
    except DomainError:
        db.session.rollback()  # refused: nothing has changed


def record(chance: random.Random, clerk: Actor) -> None:
    """Let a firm be visited, today or some days ago."""
    on = clock.today() - timedelta(days=chance.choice((0, 0, 1, 3)))
    link = chance.choice([one for one in links() if one.is_active_on(on)])
    went = chance.choice([one for one in (link.leader_id, link.liaison_id) if one])
    draft = VisitDraft(
        visited_on=on,
        mode=Mode.ON_SITE,
        enterprise_id=link.enterprise_id,
        visitor_ids=(went,),
    )
    db.session.rollback()
    with transaction():
        service.record_visit(draft, actor=clerk)


def call_off(clerk: Actor) -> None:
    waiting = handovers.waiting_handovers(clerk.tenant_id)
    later = [one.id for one in waiting if one.from_on > clock.today()]
    if later:
        with transaction():
            found = db.session.get_one(Handover, later[0])
            service.call_off_handover(found, reason="不调了", version=None, actor=clerk)
