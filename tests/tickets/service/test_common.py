"""One class of matters: one lead unit, one answer, and each problem still walked on its own."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.tickets.models import CommonProblem, CommonState, Ticket, TicketEvent
from app.tickets.queries import common as queries
from app.tickets.service import common as service
from app.tickets.service.common import Answer, CommonDraft, Done
from app.tickets.workflow.states import Complexity, Event, Note, Outcome, Status
from tests import make
from tests.office import REPLY, Office, approve, open_office

ANSWER = Answer("东区加压泵站 9 月 25 日投用，届时各家水压恢复到正常。", Outcome.RESOLVED)


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


@pytest.fixture
def common(office: Office) -> CommonProblem:
    with transaction():
        return service.begin(
            CommonDraft("东区水压不足", "几家企业都在反映。", office.category_id, office.unit_id),
            actor=office.actor(Role.DISPATCHER),
        )


def member(office: Office, common: CommonProblem, status: Status = Status.IN_PROGRESS) -> Ticket:
    """Walk a ticket of an enterprise of its own to `status`, and put it into `common`."""
    firm = make.enterprise()
    before = office.enterprise_id
    office.enterprise_id = firm.id
    ticket = office.walk_to(status)
    office.enterprise_id = before
    join(office, common, ticket)
    return ticket


def contacted(office: Office, common: CommonProblem) -> Ticket:
    ticket = member(office, common)
    office.ticket_id = ticket.id
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    return ticket


def join(
    office: Office, common: CommonProblem, ticket: Ticket, role: Role = Role.DISPATCHER
) -> None:
    with transaction():
        service.group(ticket, common, actor=office.actor(role))


def draft(office: Office, common: CommonProblem, role: Role = Role.HANDLER) -> None:
    with transaction():
        service.draft_answer(common, ANSWER, version=None, actor=office.actor(role))


def publish(office: Office, common: CommonProblem, actor: Actor | None = None) -> Done:
    with transaction():
        return service.publish(common, version=None, actor=actor or office.actor(Role.DEPT_HEAD))


def newest(ticket: Ticket) -> TicketEvent:
    found = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
    return db.session.scalars(found.order_by(TicketEvent.id.desc())).first()


# ---- its file ----


def test_a_common_problem_has_a_number_of_its_day_counted_by_township(
    office: Office, common: CommonProblem
) -> None:
    clerk = office.actor(Role.OFFICE_DIRECTOR)
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant())
    with transaction():
        second = service.begin(CommonDraft("第二个"), actor=clerk)
        theirs = service.begin(CommonDraft("别镇的"), actor=stranger)

    assert common.number == "GX20260921-001"
    assert second.number == "GX20260921-002"
    assert theirs.number == "GX20260921-001"


@pytest.mark.parametrize("role", [role for role in PEOPLE if role not in service.OFFICE])
def test_only_the_office_begins_groups_dispatches_and_ends(
    office: Office, common: CommonProblem, role: Role
) -> None:
    actor = office.actor(role)
    ticket = office.walk_to(Status.PENDING_DISPATCH)
    attempts = [
        lambda: service.begin(CommonDraft("又一个"), actor=actor),
        lambda: service.edit(common, CommonDraft("改"), version=None, actor=actor),
        lambda: service.group(ticket, common, actor=actor),
        lambda: service.ungroup(ticket, common, "不是一类", actor=actor),
        lambda: service.dispatch_all(common, version=None, actor=actor),
        lambda: service.end(common, actor=actor),
    ]

    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (CommonDraft(" "), "title"),
        (CommonDraft("字" * 51), "title"),
        (CommonDraft("题", category_id=99999), "category_id"),
        (CommonDraft("题", lead_unit_id=99999), "lead_unit_id"),
        (CommonDraft("题", "字" * 2001), "description"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    office: Office, draft: CommonDraft, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        service.begin(draft, actor=office.actor(Role.DISPATCHER))

    assert refused.value.field == field


def test_the_second_of_two_writers_is_told(office: Office, common: CommonProblem) -> None:
    clerk, seen = office.actor(Role.DISPATCHER), common.version
    with transaction():
        service.edit(common, CommonDraft("先改的"), version=seen, actor=clerk)

    with pytest.raises(Stale):
        service.edit(common, CommonDraft("后改的"), version=seen, actor=clerk)


def test_another_lead_unit_answers_for_itself(office: Office, common: CommonProblem) -> None:
    draft(office, common)

    with transaction():
        service.edit(
            common,
            CommonDraft("东区水压不足", lead_unit_id=office.other_unit_id),
            version=None,
            actor=office.actor(Role.DISPATCHER),
        )

    assert (common.answer, common.drafted_by_id) == ("", None)


# ---- its members ----


def test_a_member_stays_where_it_is_and_its_history_says_so(
    office: Office, common: CommonProblem
) -> None:
    ticket = member(office, common, Status.PENDING_SIGN)

    assert ticket.common_id == common.id
    assert ticket.status is Status.PENDING_SIGN
    event = newest(ticket)
    assert (event.kind, event.payload["common"]) == (Note.GROUPED, common.number)
    assert not event.for_enterprise


def test_it_is_taken_out_again_with_a_reason(office: Office, common: CommonProblem) -> None:
    ticket, clerk = member(office, common), office.actor(Role.DISPATCHER)

    with pytest.raises(Invalid):
        service.ungroup(ticket, common, " ", actor=clerk)
    with transaction():
        service.ungroup(ticket, common, "原因不一样", actor=clerk)

    assert ticket.common_id is None
    assert (newest(ticket).kind, newest(ticket).comment) == (Note.UNGROUPED, "原因不一样")
    with pytest.raises(DomainError):
        service.ungroup(ticket, common, "再移一次", actor=clerk)


def test_of_one_enterprise_only_one_problem_is_a_member(
    office: Office, common: CommonProblem
) -> None:
    join(office, common, office.walk_to(Status.PENDING_DISPATCH))
    second = office.walk_to(Status.PENDING_DISPATCH)

    with pytest.raises(DomainError, match="并单"):
        join(office, common, second)


def test_a_ticket_has_one_common_problem_and_must_be_open_and_not_confidential(
    office: Office, common: CommonProblem
) -> None:
    clerk = office.actor(Role.DISPATCHER)
    inside = member(office, common)
    over = make.ticket(Status.CLOSED)
    secret = make.ticket(Status.IN_PROGRESS, confidential=True)
    strange = make.ticket(Status.IN_PROGRESS, tenant=make.tenant())

    for ticket in (inside, over, secret, strange):
        with pytest.raises(DomainError):
            service.group(ticket, common, actor=clerk)
    assert (over.common_id, secret.common_id, strange.common_id) == (None, None, None)


# ---- one lead unit ----


def test_every_member_that_waits_is_handed_to_the_lead_unit_by_the_real_step(
    office: Office, common: CommonProblem
) -> None:
    waiting = [member(office, common, Status.PENDING_DISPATCH) for _ in range(2)]
    early = member(office, common, Status.PENDING_ACCEPTANCE)

    with transaction():
        done = service.dispatch_all(common, version=None, actor=office.actor(Role.DISPATCHER))

    assert (done.count, done.refused) == (2, ())
    for ticket in waiting:
        assert ticket.status is Status.PENDING_SIGN
        assert ticket.lead_unit_id == common.lead_unit_id
        assert ticket.due_at is not None
        assert newest(ticket).kind == Event.DISPATCH
    assert early.status is Status.PENDING_ACCEPTANCE


def test_what_a_rule_refuses_is_named_and_stays_as_it_was(
    office: Office, common: CommonProblem
) -> None:
    plain = member(office, common, Status.PENDING_DISPATCH)
    hard = member(office, common, Status.PENDING_DISPATCH)
    hard.complexity = Complexity.HARD
    db.session.commit()
    before = len(hard.events)

    with transaction():
        done = service.dispatch_all(common, version=None, actor=office.actor(Role.DISPATCHER))

    assert done.count == 1
    assert [one.number for one in done.refused] == [hard.number]
    assert "主任" in str(done.refused[0].why)
    assert plain.status is Status.PENDING_SIGN
    assert hard.status is Status.PENDING_DISPATCH
    assert len(hard.events) == before


def test_without_a_lead_unit_nothing_is_handed_over(office: Office) -> None:
    clerk = office.actor(Role.DISPATCHER)
    with transaction():
        made = service.begin(CommonDraft("还没有牵头单位"), actor=clerk)

    with pytest.raises(DomainError):
        service.dispatch_all(made, version=None, actor=clerk)


# ---- one answer ----


def test_one_published_answer_is_the_reply_of_every_member_and_each_is_reviewed_and_revisited(
    office: Office, common: CommonProblem
) -> None:
    members = [contacted(office, common) for _ in range(2)]
    draft(office, common)

    done = publish(office, common)

    assert (done.count, done.refused) == (2, ())
    assert common.state is CommonState.PUBLISHED
    for ticket in members:
        assert ticket.status is Status.PENDING_REVIEW
        reply = ticket.replies[-1]
        assert (reply.text, reply.outcome) == (ANSWER.text, Outcome.RESOLVED)
        assert reply.drafted_by_id == office.actor(Role.HANDLER).user_id
        assert reply.signed_off_by_id == office.actor(Role.DEPT_HEAD).user_id
    office.ticket_id = members[0].id
    approve(office)
    office.revisit(Role.DISPATCHER)
    assert members[0].status is Status.CLOSED
    assert members[1].status is Status.PENDING_REVIEW


def test_whoever_drafted_the_answer_does_not_publish_it(
    office: Office, common: CommonProblem
) -> None:
    contacted(office, common)
    draft(office, common, Role.DEPT_HEAD)

    with pytest.raises(NotAllowed):
        publish(office, common)
    with pytest.raises(NotAllowed):
        publish(office, common, office.actor(Role.HANDLER))


def test_in_a_unit_of_one_person_that_person_does_both(office: Office) -> None:
    unit = make.unit()
    alone = make.actor(Role.DEPT_HEAD, unit=unit)
    clerk = office.actor(Role.DISPATCHER)
    with transaction():
        made = service.begin(CommonDraft("一个人的单位", lead_unit_id=unit.id), actor=clerk)
    ticket = member(office, made, Status.PENDING_DISPATCH)
    office.ticket_id = ticket.id
    office.people[Role.DEPT_HEAD], office.people[Role.HANDLER] = (
        alone,
        replace(alone, role=Role.HANDLER),
    )
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=unit.id)
    office.take(Event.SIGN, Role.DEPT_HEAD)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    with transaction():
        service.draft_answer(made, ANSWER, version=None, actor=alone)

    done = publish(office, made, alone)

    assert done.count == 1
    assert ticket.status is Status.PENDING_REVIEW


@pytest.mark.parametrize(
    "who", [Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.CHIEF, Role.LIAISON, Role.SUPERVISOR]
)
def test_only_the_lead_unit_drafts_and_publishes(
    office: Office, common: CommonProblem, who: Role
) -> None:
    draft(office, common)

    for actor in (office.actor(who), office.more["other head"], office.more["other handler"]):
        with pytest.raises(NotAllowed):
            service.draft_answer(common, ANSWER, version=None, actor=actor)
        with pytest.raises(NotAllowed):
            publish(office, common, actor)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer("太短", Outcome.RESOLVED), "answer"),
        (Answer(ANSWER.text), "outcome"),
        (Answer(ANSWER.text, Outcome.EXPLAINED), "basis"),
    ],
)
def test_the_answer_meets_the_rules_of_an_answer(
    office: Office, common: CommonProblem, answer: Answer, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        service.draft_answer(common, answer, version=None, actor=office.actor(Role.HANDLER))

    assert refused.value.field == field


def test_who_was_not_contacted_or_was_answered_before_is_named_and_left(
    office: Office, common: CommonProblem
) -> None:
    good = contacted(office, common)
    silent = member(office, common)
    waiting = member(office, common, Status.PENDING_SIGN)
    again = contacted(office, common)
    office.ticket_id = again.id
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER, reply=REPLY)
    office.decide(Role.DEPT_HEAD)
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)
    draft(office, common)

    done = publish(office, common)

    assert done.count == 1
    assert good.status is Status.PENDING_REVIEW
    assert [one.ticket_id for one in done.refused] == [silent.id, waiting.id, again.id]
    assert silent.status is Status.IN_PROGRESS
    assert silent.replies == []
    assert waiting.status is Status.PENDING_SIGN
    assert len(again.replies) == 1


def test_where_no_member_could_be_answered_the_answer_is_not_published(
    office: Office, common: CommonProblem
) -> None:
    silent = member(office, common)
    draft(office, common)

    done = publish(office, common)

    assert done.count == 0
    assert [one.ticket_id for one in done.refused] == [silent.id]
    assert (common.state, common.published_at) == (CommonState.OPEN, None)


def test_who_comes_later_is_answered_by_publishing_once_more(
    office: Office, common: CommonProblem
) -> None:
    contacted(office, common)
    draft(office, common)
    publish(office, common)
    later = contacted(office, common)

    with pytest.raises(DomainError):
        draft(office, common)
    done = publish(office, common)

    assert done.count == 1
    assert later.replies[-1].text == ANSWER.text


def test_it_ends_when_nothing_can_be_done_for_any_member(
    office: Office, common: CommonProblem
) -> None:
    clerk = office.actor(Role.DISPATCHER)
    ticket = contacted(office, common)
    draft(office, common)
    publish(office, common)
    with pytest.raises(DomainError, match="1 件"):
        service.end(common, actor=clerk)
    office.ticket_id = ticket.id
    approve(office)
    office.revisit(Role.DISPATCHER)

    with transaction():
        service.end(common, actor=clerk)

    assert common.state is CommonState.ENDED
    with pytest.raises(DomainError):
        service.end(common, actor=clerk)


# ---- who knows of it ----


def test_members_are_listed_as_far_as_the_viewer_may_see_them_and_the_enterprise_sees_nothing(
    office: Office, common: CommonProblem
) -> None:
    own = office.walk_to(Status.IN_PROGRESS)
    join(office, common, own)
    foreign = make.ticket(Status.IN_PROGRESS, common_id=common.id)
    hidden = make.ticket(Status.IN_PROGRESS, common_id=common.id, confidential=True)
    seen: dict[Role, set[int]] = {}

    for role in PEOPLE:
        viewer = office.actor(role)
        try:
            found = queries.get(common.id, viewer=viewer)
        except NotFound:
            seen[role] = set()
            continue
        (counted,) = queries.with_members([found], viewer=viewer)
        seen[role] = {one.id for one in queries.to_act_on(found, viewer=viewer)}
        assert counted.members == len(seen[role])

    everything = {own.id, foreign.id}
    assert hidden.id not in set().union(*seen.values())
    assert all(seen[role] == everything for role in (Role.DISPATCHER, Role.CHIEF, Role.SUPERVISOR))
    assert all(seen[role] == {own.id} for role in (Role.HANDLER, Role.DEPT_HEAD, Role.LIAISON))
    assert seen[Role.ENTERPRISE_USER] == seen[Role.SYS_ADMIN] == seen[Role.VILLAGE_OFFICER] == set()


def test_another_township_knows_nothing_of_it(office: Office, common: CommonProblem) -> None:
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant())

    with pytest.raises(NotFound):
        queries.get(common.id, viewer=stranger)
    with pytest.raises(NotFound):
        service.end(common, actor=stranger)
    assert queries.to_join(make.ticket(tenant=make.tenant()), viewer=stranger) == []
    assert office.tenant_id == common.tenant_id
