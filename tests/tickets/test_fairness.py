"""Whoever is rated neither rates, nor reads a rating, nor escapes one."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import OrgUnit, RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.transactions import transaction
from app.notifications.models import Message
from app.reports.queries import ratings as rated
from app.reports.queries.suppression import LEAST, Group, blocks, merged
from app.tickets import policy, queries, service
from app.tickets.models import CoTask, Revisit
from app.tickets.queries import spot_checks as drawn
from app.tickets.service import StepInput, guards, moving, spot_checks
from app.tickets.views import timeline
from app.tickets.workflow import codes, table
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import TERMINAL, Event, Solved, Status
from tests import make
from tests.office import Office, approve, open_office, reply
from tests.tickets.refusals import set_rules

pytestmark = pytest.mark.usefixtures("app")
VERBATIM = "老宋说限高架还在那里，气死人"
GROUPS = st.lists(st.lists(st.integers(0, 20), max_size=12), max_size=8)  # of firms that answered


@pytest.fixture
def office() -> Office:
    office = open_office()
    office.walk_to(Status.PENDING_REVISIT)
    return office


def in_unit(role: Role, unit_id: int, **more: Any) -> Actor:
    return make.actor(role, unit=db.session.get_one(OrgUnit, unit_id), **more)


def also(actor: Actor, role: Role, unit_id: int | None) -> Actor:
    """Give the person a second role; they still act in the first."""
    with transaction():
        db.session.add(
            RoleHolding(
                tenant_id=actor.tenant_id, user_id=actor.user_id, role=role, unit_id=unit_id
            )
        )
    return actor


def person(actor: Actor) -> Any:
    return db.session.get_one(User, actor.user_id)


def relations(office: Office) -> dict[str, Actor]:
    """Return one person for each way to have a part in the handling, in a role that may rate."""
    deputy = make.actor(Role.DISPATCHER)
    make.absence(person(office.actor(Role.HANDLER)), person(deputy))
    of_head = make.actor(Role.DISPATCHER)
    make.absence(person(office.actor(Role.DEPT_HEAD)), person(of_head))
    lead, co = office.unit_id, office.other_unit_id
    return {
        "the handler, as a dispatcher": also_acting(office.actor(Role.HANDLER), Role.DISPATCHER),
        "the head, as a dispatcher": also_acting(office.actor(Role.DEPT_HEAD), Role.DISPATCHER),
        "a dispatcher with a second seat in the lead unit": also(
            make.actor(Role.DISPATCHER), Role.HANDLER, lead
        ),
        "a dispatcher with a second seat as the lead unit's liaison": also(
            make.actor(Role.DISPATCHER), Role.LIAISON, lead
        ),
        "a dispatcher with a second seat in a co-unit": also(
            make.actor(Role.DISPATCHER), Role.DEPT_HEAD, co
        ),
        "a liaison officer of the lead unit": in_unit(Role.LIAISON, lead),
        "the deputy of the handler": deputy,
        "the deputy of the head": of_head,
    }


def also_acting(actor: Actor, role: Role) -> Actor:
    also(actor, role, None)
    return Actor(tenant_id=actor.tenant_id, user_id=actor.user_id, role=role, name=actor.name)


def let_a_co_unit_help(office: Office) -> None:
    with transaction():
        db.session.add(
            CoTask(
                ticket_id=office.ticket_id,
                dispatch_id=office.ticket.dispatches[-1].id,
                unit_id=office.other_unit_id,
                due_at=office.ticket.submitted_at,
            )
        )


def test_nobody_who_had_a_part_may_take_any_road_to_a_rating(office: Office) -> None:
    let_a_co_unit_help(office)
    roads = {
        "close": lambda actor: service.revisit(office.ticket, heard(Solved.YES, 5), actor=actor),
        "rework": lambda actor: service.revisit(office.ticket, heard(Solved.NO, 1), actor=actor),
        "attempt": lambda actor: service.revisit(office.ticket, missed(), actor=actor),
        "unreachable": lambda actor: service.take(
            office.ticket, Event.CLOSE_UNREACHABLE, StepInput(), actor=actor
        ),
    }

    let_in = []
    for relation, actor in relations(office).items():
        assert policy.is_rated(actor, office.ticket_id), relation
        for road, take in roads.items():
            try:
                with transaction():
                    take(actor)
            except NotAllowed:
                continue
            let_in.append((relation, road))

    assert let_in == []
    assert office.ticket.revisits == []


@pytest.mark.parametrize("id_", ["T20", "T21", "T22", "T23", "T24", "T25"])
def test_whoever_is_rated_takes_no_step_from_the_review_to_the_reopening(
    id_: str, office: Office
) -> None:
    let_a_co_unit_help(office)
    (row,) = (row for row in table.TABLE if row.id == id_)
    roles = {*row.who, *row.asks, *(row.lifts[0] | row.lifts[1] if row.lifts else ())}
    roles -= {Role.SYSTEM}

    let_in = []
    for relation, person_ in relations(office).items():
        for role in sorted(roles):
            actor = replace(person_, role=role)
            move = moving.begin(office.ticket, StepInput(), actor=actor)
            try:
                guards.OPENERS[row.event](move)
            except NotAllowed:
                continue
            let_in.append((relation, role))

    assert roles
    assert let_in == []


def heard(solved: Solved, score: int) -> StepInput:
    return StepInput(
        channel=ContactChannel.PHONE, solved=solved, result_score=score, comment="还没办好"
    )


def missed() -> StepInput:
    return StepInput(channel=ContactChannel.PHONE, reached=False, words="没人接")


def test_who_handled_before_and_was_replaced_is_still_rated(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    first, colleague = office.actor(Role.HANDLER), office.more["colleague"]
    with transaction():
        service.assign_handler(office.ticket, colleague.user_id, actor=office.actor(Role.DEPT_HEAD))
    gone = also_acting(first, Role.DISPATCHER)
    with transaction():
        for held in db.session.query(RoleHolding).filter_by(user_id=first.user_id):
            held.is_active = held.role is Role.DISPATCHER

    assert policy.is_rated(gone, office.ticket_id)


def test_who_had_no_part_may_rate_and_read(office: Office) -> None:
    free = [office.actor(Role.DISPATCHER), office.actor(Role.LIAISON), office.actor(Role.CHIEF)]

    assert [policy.is_rated(actor, office.ticket_id) for actor in free] == [False] * 3


def test_a_unit_without_a_part_is_not_rated(office: Office) -> None:
    assert not policy.is_rated(office.more["other head"], office.ticket_id)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.DEPT_HEAD])
def test_the_unit_reads_why_it_handles_again_and_nothing_else(role: Role, office: Office) -> None:
    office.revisit(
        solved=Solved.NO,
        result_score=1,
        attitude_score=2,
        comment="限高架还没有拆",
        words=VERBATIM,
        said_by="宋主任",
        reasons=("not_solved",),
    )

    page = queries.page(office.ticket_id, viewer=office.actor(role))
    told = str(timeline.lines(page))

    assert page.ticket.revisits == []
    assert "限高架还没有拆" in told
    assert VERBATIM not in told
    assert not any("score" in key for event in page.events for key in event.payload)
    assert "宋主任" not in str([e.payload for e in page.events if e.kind in policy.HEARD])


def test_words_that_stand_for_a_reason_stay_with_the_office(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1, comment=VERBATIM, words=VERBATIM)

    unit = queries.page(office.ticket_id, viewer=office.actor(Role.HANDLER))
    ours = queries.page(office.ticket_id, viewer=office.actor(Role.DISPATCHER))

    assert VERBATIM not in str(timeline.lines(unit))
    assert VERBATIM in str(timeline.lines(ours))
    assert [one.result_score for one in ours.ticket.revisits] == [1]


def test_the_message_of_a_rework_tells_the_units_no_word_of_the_enterprise(office: Office) -> None:
    office.revisit(
        solved=Solved.NO, result_score=1, comment=VERBATIM, words=VERBATIM, reasons=("not_solved",)
    )

    rework = [one for one in told_to(office, Role.HANDLER) if "why" in one.context]

    assert [one.context["why"] for one in rework] == [codes.Discontent.NOT_SOLVED.label]


def test_a_reason_that_quotes_the_enterprise_is_told_to_no_unit(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1, comment=f"企业说：{VERBATIM}", words=VERBATIM)

    page = queries.page(office.ticket_id, viewer=office.actor(Role.HANDLER))

    assert VERBATIM not in str(timeline.lines(page))
    assert VERBATIM not in str([one.context for one in told_to(office, Role.HANDLER)])


def test_of_one_ticket_that_was_closed_the_unit_reads_no_reason(office: Office) -> None:
    office.revisit(result_score=4, attitude_score=1, reasons=("manner",), comment="说话难听")

    unit = queries.page(office.ticket_id, viewer=office.actor(Role.DEPT_HEAD))
    ours = queries.page(office.ticket_id, viewer=office.actor(Role.DISPATCHER))

    label = codes.Discontent.MANNER.label
    assert label in str(timeline.lines(ours))
    assert label not in str(timeline.lines(unit))
    assert "说话难听" not in str(timeline.lines(unit))


def test_a_lifted_rework_that_is_asked_for_tells_the_unit_no_answer(
    office: Office, client_for: Any
) -> None:
    office.revisit(solved=Solved.NO, result_score=1, comment="没拆")
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=1, comment="没拆")
    asked = office.propose(
        Event.REVISIT_REWORK,
        Role.OFFICE_DIRECTOR,
        comment="请领导牵头",
        level=1,
        owner_id=office.actor(Role.LEADER).user_id,
    )
    address = f"/tickets/{office.ticket_id}/proposals/{asked.id}"
    db.session.rollback()
    said = codes.Score.VERY_BAD.label

    for path in (address, f"/tickets/{office.ticket_id}"):
        unit = client_for(office.actor(Role.DEPT_HEAD)).get(path).text
        assert "请领导牵头" in unit
        assert said not in unit
    assert said in client_for(office.actor(Role.CHIEF)).get(address).text


def test_the_audit_log_keeps_a_seal_of_a_rating_and_not_what_it_says(office: Office) -> None:
    office.revisit(
        solved=Solved.NO, result_score=1, attitude_score=2, comment="没拆", words=VERBATIM
    )
    db.session.rollback()

    row = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()

    assert row is not None
    assert row.action == Event.REVISIT_REWORK.label
    assert row.reason == ""
    assert row.after is not None
    assert set(row.after) == {
        "status",
        "due_at",
        "event",
        "seal",
        "revisit",
        "revisit_seal",
    }


def told_to(office: Office, role: Role) -> list[Message]:
    db.session.rollback()
    found = select(Message).where(Message.recipient_id == office.actor(role).user_id)
    return list(db.session.scalars(found.order_by(Message.id)))


def test_the_page_shows_the_unit_no_rating(office: Office, client_for: Any) -> None:
    office.revisit(solved=Solved.NO, result_score=1, comment="没拆", words=VERBATIM)
    client = client_for(office.actor(Role.HANDLER))

    page = client.get(f"/tickets/{office.ticket_id}").get_data(as_text=True)

    assert "没拆" in page
    for hidden in (VERBATIM, "结果 1 分", "非常不满意", "代录"):
        assert hidden not in page


@pytest.mark.parametrize("role", [Role.HANDLER, Role.DEPT_HEAD, Role.ENTERPRISE_USER])
@pytest.mark.parametrize("name", [Event.REVISIT_CLOSE, Event.REVISIT_REWORK])
def test_a_form_that_is_wrong_is_not_shown_again_to_who_may_not_read_what_stands_beside_it(
    office: Office, client_for: Any, role: Role, name: Event
) -> None:
    office.revisit(reached=False, solved=None, result_score=None, words=VERBATIM)
    address = f"/tickets/{office.ticket_id}/steps/{name}"
    db.session.rollback()

    answer = client_for(office.actor(role)).post(address, data={})

    assert answer.status_code == 403
    assert VERBATIM not in answer.text


def test_a_rating_is_never_changed(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1, comment="没拆")
    first = vars_of(office.ticket.revisits[0])
    reply(office)
    approve(office)
    office.revisit(solved=Solved.YES, result_score=5)

    assert vars_of(office.ticket.revisits[0]) == first
    assert [one.result_score for one in office.ticket.revisits] == [1, 5]


def vars_of(row: Revisit) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in Revisit.__table__.columns}


# ---- nobody leaves the loop ----


def test_no_road_to_closed_but_from_the_revisit() -> None:
    into = {row.source for row in table.TABLE if row.target is Status.CLOSED}

    assert into == {Status.PENDING_REVISIT}
    assert Status.CLOSED not in TERMINAL


def test_an_unsatisfied_finding_still_counts_as_unsatisfied(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1, comment="没拆")
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=2, comment="没拆")
    office.propose(Event.CLOSE_UNSATISFIED, Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)

    overall = rated.overall(office.actor(Role.DISPATCHER))

    for name in ("K11", "K13", "K14"):
        assert (overall.rates[name].n, overall.rates[name].d) == (0, 1), name
    (unit,) = rated.by_unit(office.actor(Role.DISPATCHER))
    assert (unit.asked, unit.answered, unit.satisfaction.n, unit.satisfaction.d) == (1, 1, 0, 1)


# ---- sums that lead to nobody ----


@given(GROUPS)
def test_no_group_of_fewer_than_five_firms_can_be_taken_off_what_is_shown(
    answers: list[list[int]],
) -> None:
    groups = [Group(f"第{i}类", len(own), frozenset(own)) for i, own in enumerate(answers)]

    shown = merged(groups)

    if len({firm for own in answers for firm in own}) < LEAST:
        assert shown == ()
        return
    assert sum(one.n for one in shown) == sum(map(len, answers))
    for count in range(1, len(shown) + 1):
        for some in combinations(shown, count):
            assert len(frozenset().union(*(one.firms for one in some))) >= LEAST


@given(st.lists(st.lists(st.integers(0, 20), max_size=7), max_size=14))
def test_months_fold_into_blocks_of_five_firms_that_later_months_never_change(
    months: list[list[int]],
) -> None:
    def held(since: int, until: int) -> list[int]:
        return [firm for month in months[since : until + 1] for firm in month]

    def folded(known: int) -> list[tuple[int, int, list[int]]]:
        return blocks(known, held, lambda firm: firm)

    whole = folded(len(months))

    assert all(len(set(answers)) >= LEAST for _since, _until, answers in whole)
    assert [since for since, _until, _held in whole][1:] == [u + 1 for _s, u, _h in whole][:-1]
    for known in range(len(months)):
        assert folded(known) == whole[: len(folded(known))]


def test_a_unit_with_fewer_than_five_answers_reads_no_sum(office: Office) -> None:
    office.revisit()

    assert rated.of_unit(office.actor(Role.DEPT_HEAD)) == []


def test_the_office_alone_reads_all_units(office: Office) -> None:
    for role in (Role.HANDLER, Role.DEPT_HEAD, Role.LIAISON, Role.ENTERPRISE_USER):
        with pytest.raises(DomainError):
            rated.by_unit(office.actor(role))


def test_who_was_drawn_is_hidden_from_who_is_rated(office: Office) -> None:
    set_rules(office, spot_check_percent=100)
    office.revisit()
    with transaction():
        spot_checks.draw(office.tenant_id)
    rated_one = also(make.actor(Role.DISPATCHER), Role.HANDLER, office.unit_id)
    assert db.session.scalars(drawn.listed(rated_one, done=False)).all() == []
    assert len(db.session.scalars(drawn.listed(office.more["second dispatcher"], done=False)).all())
