"""What becomes of a common problem, and of its members, when one of them moves on its own way."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.roles import Role
from app.core import clock
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, Invalid
from app.core.transactions import transaction
from app.library import service as library
from app.library.models import PolicyDocument
from app.library.service import DocumentDraft
from app.tickets import jobs
from app.tickets import service as tickets
from app.tickets.models import CommonProblem, CommonState, Ticket
from app.tickets.queries import common as queries
from app.tickets.service import StepInput
from app.tickets.service import common as service
from app.tickets.service.common import Answer
from app.tickets.workflow.states import Event, Note, Outcome, Solved, Status
from tests import make
from tests.office import Office, approve
from tests.tickets.service.test_common import (
    ANSWER,
    common,
    contacted,
    draft,
    join,
    member,
    newest,
    office,
    publish,
)

__all__ = ["common", "office"]  # the fixtures of the common problems

WHY = "反映的是工作人员的作风"


def document(office: Office, title: str = "供水保障办法", **more: object) -> PolicyDocument:
    with transaction():
        return library.add(
            DocumentDraft(**({"title": title} | more)),  # type: ignore[arg-type]
            actor=office.actor(Role.DISPATCHER),
        )


def write(office: Office, common: CommonProblem, answer: Answer) -> None:
    with transaction():
        service.draft_answer(common, answer, version=None, actor=office.actor(Role.HANDLER))


def closed(office: Office, ticket: Ticket) -> None:
    office.ticket_id = ticket.id
    approve(office)
    office.revisit(Role.DISPATCHER)


def reopened(office: Office, ticket: Ticket) -> None:
    office.ticket_id = ticket.id
    office.propose(Event.REOPEN, Role.DISPATCHER, statement="又停水了，还是老样子")
    office.decide(Role.OFFICE_DIRECTOR)


def end(office: Office, common: CommonProblem) -> None:
    with transaction():
        service.end(common, actor=office.actor(Role.DISPATCHER))


# ---- the answer cites policies ----


def test_what_the_answer_for_all_cites_every_member_is_told(
    office: Office, common: CommonProblem
) -> None:
    members, cited = [contacted(office, common) for _ in range(2)], document(office)
    explained = replace(ANSWER, outcome=Outcome.EXPLAINED, citation_ids=(cited.id,))

    write(office, common, explained)  # a policy is a basis
    publish(office, common)

    for ticket in members:
        assert [one.id for one in ticket.replies[-1].citations] == [cited.id]
    assert [one.id for one in common.citations] == [cited.id]


def test_only_what_holds_and_is_the_townships_is_cited(
    office: Office, common: CommonProblem
) -> None:
    ended = document(office, valid_to=clock.today() - timedelta(days=1))
    many = tuple(document(office, f"第 {n} 份").id for n in range(6))

    for ids in ((ended.id,), (99999,), many):
        with pytest.raises(Invalid) as refused:
            write(office, common, replace(ANSWER, citation_ids=ids))
        assert refused.value.field == "citation_ids"


def test_what_was_withdrawn_since_it_was_drafted_is_named_and_may_be_written_anew(
    office: Office, common: CommonProblem
) -> None:
    contacted(office, common)
    first, cited = contacted(office, common), document(office)
    write(office, common, replace(ANSWER, citation_ids=(cited.id,)))
    publish(office, common)
    later = contacted(office, common)
    with transaction():
        library.withdraw(cited, reason="过时", version=None, actor=office.actor(Role.DISPATCHER))

    done = publish(office, common)
    assert [one.ticket_id for one in done.refused] == [later.id]
    assert "失效" in str(done.refused[0].why)
    draft(office, common)
    assert publish(office, common).count == 1

    assert later.replies[-1].citations == []
    assert [one.id for one in first.replies[-1].citations] == [cited.id]


# ---- the review sends it back ----


def test_an_answer_that_the_review_sent_back_is_written_anew_for_those_whom_it_concerns(
    office: Office, common: CommonProblem, frozen_clock: time_machine.Traveller
) -> None:
    good, bad = contacted(office, common), contacted(office, common)
    draft(office, common)
    publish(office, common)
    closed(office, good)
    office.ticket_id = bad.id
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)
    frozen_clock.shift(60)

    again = replace(ANSWER, text="加压泵站改到 9 月 28 日投用，每天两次送水车到厂。")
    write(office, common, again)
    assert (common.state, common.published_at) == (CommonState.OPEN, None)
    done = publish(office, common)

    assert (done.count, done.refused) == (1, ())
    assert [one.text for one in bad.replies] == [ANSWER.text, again.text]
    assert [one.text for one in good.replies] == [ANSWER.text]
    assert common.state is CommonState.PUBLISHED


def test_without_anything_sent_back_a_published_answer_is_not_changed(
    office: Office, common: CommonProblem
) -> None:
    contacted(office, common)
    draft(office, common)
    publish(office, common)

    with pytest.raises(DomainError):
        draft(office, common)


def test_whoever_said_no_in_the_revisit_is_answered_for_themselves(
    office: Office, common: CommonProblem, frozen_clock: time_machine.Traveller
) -> None:
    ticket, other = contacted(office, common), contacted(office, common)
    draft(office, common)
    publish(office, common)
    office.ticket_id = ticket.id
    approve(office)
    office.revisit(Role.DISPATCHER, solved=Solved.NO, result_score=1)
    office.ticket_id = other.id
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)
    frozen_clock.shift(60)
    draft(office, common)

    done = publish(office, common)

    assert done.count == 1
    assert [one.ticket_id for one in done.refused] == [ticket.id]
    assert ticket.round == 2


# ---- moved to another unit ----


def test_what_another_unit_handles_is_no_more_counted_as_waiting_for_the_answer(
    office: Office, common: CommonProblem
) -> None:
    stays, moved = contacted(office, common), contacted(office, common)
    office.ticket_id = moved.id
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)
    with transaction():
        tickets.take(moved, Event.SIGN, StepInput(), actor=office.more["other head"])
    draft(office, common)
    head = office.actor(Role.DEPT_HEAD)

    (counted,) = queries.with_members([common], viewer=office.actor(Role.CHIEF))
    assert (counted.members, counted.handled) == (2, 1)
    assert publish(office, common, head).count == 1
    assert (stays.status, moved.status) == (Status.PENDING_REVIEW, Status.IN_PROGRESS)
    assert moved.common_id == common.id


# ---- merged ----


def test_what_is_merged_passes_its_place_to_the_master(
    office: Office, common: CommonProblem
) -> None:
    child = office.walk_to(Status.PENDING_DISPATCH)
    join(office, common, child)
    master = db.session.get_one(Ticket, office.merge_master())

    office.take(Event.MERGE, Role.DISPATCHER, master_id=master.id, same_matter=True)

    assert (child.common_id, master.common_id) == (None, common.id)
    assert newest(master).kind == Note.GROUPED
    kinds = [event.kind for event in child.events]
    assert kinds[-2:] == [Event.MERGE, Note.UNGROUPED]


def test_a_master_that_has_a_common_problem_keeps_it(office: Office, common: CommonProblem) -> None:
    child = office.walk_to(Status.PENDING_DISPATCH)
    join(office, common, child)
    master = db.session.get_one(Ticket, office.merge_master())
    with transaction():
        other = service.begin(service.CommonDraft("另一类事"), actor=office.actor(Role.DISPATCHER))
    join(office, other, master)

    office.take(Event.MERGE, Role.DISPATCHER, master_id=master.id, same_matter=True)

    assert (child.common_id, master.common_id) == (common.id, other.id)


def test_an_enterprise_whose_problem_came_to_nothing_may_come_in_again(
    office: Office, common: CommonProblem
) -> None:
    first = office.walk_to(Status.PENDING_DISPATCH)
    join(office, common, first)
    office.take(Event.CANCEL, Role.DISPATCHER, reason="withdrawn", comment="企业撤回")

    join(office, common, office.walk_to(Status.PENDING_DISPATCH))

    assert office.ticket.common_id == common.id


# ---- confidential ----


@pytest.mark.parametrize("by", ["director", "acceptance"])
def test_what_becomes_confidential_leaves_it(
    office: Office, common: CommonProblem, by: str
) -> None:
    ticket = office.walk_to(Status.PENDING_ACCEPTANCE)
    join(office, common, ticket)

    if by == "director":
        with transaction():
            tickets.make_confidential(
                ticket,
                WHY,
                office.people[Role.DISPATCHER].user_id,
                actor=office.actor(Role.OFFICE_DIRECTOR),
            )
    else:
        kind = make.category(code="19", confidential=True)
        office.take(Event.ACCEPT, Role.DISPATCHER, category_id=kind.id)

    assert ticket.confidential
    assert ticket.common_id is None
    assert newest(ticket).kind == Note.UNGROUPED


# ---- it ends, and wakes ----


def test_it_ends_by_itself_when_no_member_can_be_opened_again(
    office: Office, common: CommonProblem, frozen_clock: time_machine.Traveller
) -> None:
    ticket = contacted(office, common)
    draft(office, common)
    publish(office, common)
    closed(office, ticket)
    with transaction():
        empty = service.begin(
            service.CommonDraft("还没有人归入"), actor=office.actor(Role.DISPATCHER)
        )

    jobs.end_common()
    assert states(common, empty) == [CommonState.PUBLISHED, CommonState.OPEN]
    frozen_clock.shift(timedelta(days=31))
    jobs.archive_old()
    jobs.end_common()
    jobs.end_common()

    assert states(common, empty) == [CommonState.ENDED, CommonState.OPEN]
    ended = select(AuditRow).where(AuditRow.action == "结束共性问题")
    assert [row.role for row in db.session.scalars(ended)] == [Role.SYSTEM]


def test_it_does_not_end_by_itself_while_one_is_open(
    office: Office, common: CommonProblem, frozen_clock: time_machine.Traveller
) -> None:
    ticket = contacted(office, common)
    member(office, common)
    draft(office, common)
    publish(office, common)
    closed(office, ticket)
    frozen_clock.shift(timedelta(days=31))
    jobs.archive_old()

    jobs.end_common()

    assert states(common) == [CommonState.PUBLISHED]


def test_it_goes_on_when_a_closed_member_is_opened_again(
    office: Office, common: CommonProblem
) -> None:
    ticket = contacted(office, common)
    draft(office, common)
    publish(office, common)
    closed(office, ticket)
    end(office, common)

    reopened(office, ticket)

    assert states(common) == [CommonState.PUBLISHED]
    with pytest.raises(DomainError, match="1 件"):
        end(office, common)


def test_an_empty_one_may_be_ended_by_hand(office: Office, common: CommonProblem) -> None:
    end(office, common)

    assert states(common) == [CommonState.ENDED]


def states(*found: CommonProblem) -> list[CommonState]:
    db.session.rollback()
    return [one.state for one in found]
