"""The random call-back 抽查回访: by lot, once, by somebody else, and the difference is a figure."""

import re
from datetime import timedelta
from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.models import Tenant
from app.accounts.roles import PEOPLE, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.transactions import transaction
from app.tickets import jobs, service
from app.tickets.models import ProposalState, SpotCheck, SpotDraw
from app.tickets.queries import spot_checks as queries
from app.tickets.queries.spot_checks import Compared, compared
from app.tickets.service import StepInput, spot_checks
from app.tickets.workflow import ratings
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.ratings import Said
from app.tickets.workflow.states import Event, Outcome, Solved, Status
from tests import make
from tests.guarded import unguarded
from tests.office import Office, approve, open_office, reply
from tests.tickets.refusals import set_rules

SEED = "5eed" * 16
SAID = st.builds(Said, st.sampled_from([*Solved]), st.none() | st.integers(1, 5))


@pytest.fixture
def office(app: Any) -> Office:
    del app
    office = open_office()
    office.walk_to(Status.PENDING_REVISIT)
    set_rules(office, spot_check_percent=100)
    return office


def draw(office: Office) -> SpotDraw | None:
    with transaction():
        return spot_checks.draw(office.tenant_id)


def drawn(office: Office) -> SpotCheck:
    office.revisit(Role.LIAISON)
    draw(office)
    return db.session.query(SpotCheck).one()


def answers(**more: Any) -> StepInput:
    said: dict[str, Any] = {"channel": ContactChannel.PHONE, "solved": Solved.YES}
    return StepInput(**(said | {"result_score": 5} | more))


def record(check: SpotCheck, office: Office, role: Role = Role.DISPATCHER, **more: Any) -> Any:
    with transaction():
        return spot_checks.record(check, answers(**more), actor=office.actor(role))


# ---- the lot ----


def test_no_lot_is_drawn_at_nought_and_every_lot_at_a_hundred() -> None:
    assert not any(ratings.is_chosen(SEED, id_, 0) for id_ in range(2000))
    assert all(ratings.is_chosen(SEED, id_, 100) for id_ in range(2000))


@pytest.mark.parametrize("percent", [1, 10, 50, 99])
def test_the_share_lies_within_the_bounds_of_chance(percent: int) -> None:
    n, p = 20_000, percent / 100

    share = sum(ratings.is_chosen(SEED, id_, percent) for id_ in range(n)) / n

    assert abs(share - p) < 4 * sqrt(p * (1 - p) / n)


@given(st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(1, 10**9))
def test_a_greater_share_takes_whom_a_smaller_one_took(seed: str, id_: int) -> None:
    taken = [ratings.is_chosen(seed, id_, percent) for percent in range(101)]

    assert taken == sorted(taken)
    assert (taken[0], taken[100]) == (False, True)


def test_another_seed_draws_others() -> None:
    one, two = ({i for i in range(999) if ratings.is_chosen(s, i, 10)} for s in ("a", "b"))

    assert one != two
    assert len(one & two) < 30  # a tenth of a tenth, and some


# ---- drawing ----


def test_every_rating_that_closed_is_decided_exactly_once(office: Office) -> None:
    office.revisit()
    first = draw(office)

    assert draw(office) is None
    jobs.draw_spot_checks()
    (check,) = db.session.query(SpotCheck).all()
    assert first is not None
    assert (check.revisit_id, check.chosen) == (office.ticket.revisits[-1].id, True)


def test_what_nobody_closed_with_is_not_decided(office: Office) -> None:
    office.revisit(reached=False, solved=None, result_score=None)
    office.revisit(solved=Solved.NO, result_score=1, comment="没办好")

    assert draw(office) is None


def test_after_a_rework_the_rating_that_closes_is_decided(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1, comment="没办好")
    reply(office)
    approve(office)
    office.revisit()
    draw(office)

    (check,) = db.session.query(SpotCheck).all()
    assert check.revisit_id == office.ticket.revisits[-1].id


def test_the_seed_is_new_for_each_draw_and_the_draw_can_be_computed_again(office: Office) -> None:
    office.revisit()
    made = draw(office)

    assert made is not None
    assert re.fullmatch("[0-9a-f]{64}", made.seed)
    assert queries.holds(made)
    with unguarded("spot_draws"), transaction():
        db.session.get_one(SpotDraw, made.id).seed = SEED
    assert not queries.holds(made)


def test_a_row_that_was_changed_afterwards_is_found_out(office: Office) -> None:
    check = drawn(office)
    with unguarded("spot_checks"), transaction():
        db.session.get_one(SpotCheck, check.id).chosen = False

    assert not queries.holds(db.session.query(SpotDraw).one())


def test_at_nought_a_rating_is_decided_and_not_called(office: Office) -> None:
    set_rules(office, spot_check_percent=0)

    check = drawn(office)

    assert not check.chosen
    with pytest.raises(DomainError):
        record(check, office)


def test_a_township_draws_none_of_another(office: Office) -> None:
    office.revisit()
    other = make.tenant("别的镇")

    with transaction():
        assert spot_checks.draw(other.id) is None
    assert db.session.query(Tenant).count() > 1


# ---- calling ----


def test_only_the_office_calls_and_never_who_called_first(office: Office) -> None:
    office.revisit(Role.DISPATCHER)
    draw(office)
    check = db.session.query(SpotCheck).one()
    let_in = []
    for role in PEOPLE:
        try:
            spot_checks.check_may_call(check, office.actor(role))
        except DomainError:
            continue
        let_in.append(role)

    assert let_in == [Role.OFFICE_DIRECTOR]
    spot_checks.check_may_call(check, office.more["second dispatcher"])
    with pytest.raises(NotAllowed):
        spot_checks.check_may_call(check, office.actor(Role.DISPATCHER))


def test_a_second_call_leaves_the_first_rating_as_it_was(office: Office) -> None:
    check = drawn(office)
    record(check, office, solved=Solved.PARTIAL, result_score=2, said_by="李会计")

    first = office.ticket.revisits[-1]
    assert (first.solved, first.result_score) == (Solved.YES, 5)
    assert (check.answer.said_by, check.answer.result_score) == ("李会计", 2)  # type: ignore[union-attr]
    with pytest.raises(DomainError):
        record(check, office)


def test_whom_nobody_reached_waits_on(office: Office) -> None:
    check = drawn(office)
    record(check, office, reached=False, solved=None, result_score=None)

    assert (len(check.calls), check.answer) == (1, None)


def test_not_solved_after_all_proposes_the_reopening(office: Office) -> None:
    check = drawn(office)

    came = record(check, office, solved=Solved.NO, result_score=1, words="又坏了")

    assert (came.differs, came.proposed) == (True, True)
    (asked,) = [p for p in office.ticket.proposals if p.event is Event.REOPEN]
    assert asked.state is ProposalState.PENDING
    assert "又坏了" not in asked.payload["statement"]  # the units read it too
    office.decide(Role.OFFICE_DIRECTOR)
    assert office.ticket.status is Status.IN_PROGRESS


def test_the_director_cannot_both_propose_and_decide(office: Office) -> None:
    check = drawn(office)

    came = record(check, office, Role.OFFICE_DIRECTOR, solved=Solved.NO, result_score=1)

    assert (came.differs, came.proposed) == (True, False)
    assert [p for p in office.ticket.proposals if p.event is Event.REOPEN] == []


def test_the_same_answer_proposes_nothing(office: Office) -> None:
    check = drawn(office)

    assert record(check, office) == spot_checks.Recorded()
    assert [p for p in office.ticket.proposals if p.event is Event.REOPEN] == []


# ---- the difference ----


@given(st.lists(st.tuples(st.sampled_from([*ContactChannel]), SAID, SAID), max_size=30))
def test_the_sums_of_the_channels_are_the_total(
    rows: list[tuple[ContactChannel, Said, Said]],
) -> None:
    found = [Compared(channel, one, two, Outcome.RESOLVED) for channel, one, two in rows]

    sums = compared(found, [channel for channel, _one, _two in rows])

    for name in ("chosen", "checked", "same", "different", "turned"):
        by = [getattr(each, name) for each in sums.by_channel.values()]
        assert sum(by) == getattr(sums.total, name)
    assert sums.total.same + sums.total.different == sums.total.checked == len(rows)
    assert sums.total.turned <= sums.total.different


def test_a_star_less_is_no_difference_and_turning_is_one() -> None:
    five, four, two = Said(Solved.YES, 5), Said(Solved.YES, 4), Said(Solved.YES, 2)

    assert not ratings.differs(five, four)
    assert ratings.differs(five, two)
    assert ratings.has_turned(five, two, Outcome.RESOLVED)
    assert not ratings.has_turned(two, five, Outcome.RESOLVED)


def test_the_figures_of_a_time_count_what_was_drawn_in_it(office: Office) -> None:
    record(drawn(office), office, solved=Solved.NO, result_score=1)
    now = clock.now()

    day, viewer = timedelta(days=1), office.actor(Role.DISPATCHER)
    sums = queries.figures(now - day, now + day, viewer=viewer)
    before = queries.figures(now - 9 * day, now - day, viewer=viewer)

    assert (sums.total.chosen, sums.total.checked, sums.total.turned) == (1, 1, 1)
    assert [*sums.by_channel] == [ContactChannel.PHONE]
    assert before.total.chosen == 0


# ---- the pages ----


def test_the_pages_lead_through_a_second_call(office: Office, client_for: Any) -> None:
    check = drawn(office)
    client = client_for(office.actor(Role.DISPATCHER))
    page = f"/tickets/spot-checks/{check.id}"

    listed = client.get("/tickets/spot-checks").get_data(as_text=True)
    asked = client.get(page).get_data(as_text=True)
    assert page in listed
    assert "14200000001" not in listed + asked
    assert "第一次怎么说" not in asked
    assert "已经问过您一次" in asked
    assert asked.index("打给谁") < asked.index("照着念")
    assert "14200000001" in client.post(page + "/phone", data={}).get_data(as_text=True)
    bare = client.post(page, data={"reached": "yes", "idempotency_key": "a" * 32})
    assert bare.status_code == 422
    done = client.post(
        page,
        data={
            "reached": "yes",
            "channel": "phone",
            "solved": "no",
            "result_score": "1",
            "idempotency_key": "b" * 32,
        },
    )
    assert done.status_code == 303
    shown = client.get(page).get_data(as_text=True)
    assert "两次说的不一样" in shown
    assert "第一次怎么说" in shown
    made = db.session.query(SpotDraw).one()
    assert made.seed in client.get(f"/tickets/spot-checks/draws/{made.id}").get_data(as_text=True)


def test_units_and_liaisons_do_not_see_what_was_drawn(office: Office, client_for: Any) -> None:
    check = drawn(office)
    for role in (Role.HANDLER, Role.DEPT_HEAD, Role.LIAISON, Role.LEADER):
        client = client_for(office.actor(role))
        for path in ("/tickets/spot-checks", f"/tickets/spot-checks/{check.id}"):
            assert client.get(path).status_code == 403, (role, path)


def test_a_rating_by_link_is_decided_too(office: Office) -> None:
    with transaction():
        service.revisit(
            office.ticket,
            answers(channel=ContactChannel.LINK),
            actor=office.actor(Role.DISPATCHER),
        )
    draw(office)

    assert db.session.query(SpotCheck).one().revisit.channel is ContactChannel.LINK
