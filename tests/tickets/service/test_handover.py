"""Handing a ticket over inside the unit: by who has it, or the head; both are told."""

import pytest
from sqlalchemy import select

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import service
from app.tickets.workflow.states import Note, Status
from tests.office import Office, open_office
from tests.tickets.refusals import LET_IN, refused_at

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def office() -> Office:
    made = open_office()
    made.walk_to(Status.IN_PROGRESS)
    return made


def hand(office: Office, to: int | None, actor: Actor, why: str = "下周去党校") -> str:
    def run() -> None:
        with transaction():
            service.hand_over(office.ticket, to, why, actor=actor)

    return refused_at(run)


def test_who_has_it_and_the_head_hand_it_over_and_nobody_else(office: Office) -> None:
    colleague, handler = office.more["colleague"], office.actor(Role.HANDLER)
    others = [office.actor(r) for r in PEOPLE if r not in {Role.HANDLER, Role.DEPT_HEAD}]
    others += [colleague, office.more["other head"], office.more["other handler"]]

    assert {hand(office, colleague.user_id, one) for one in others} == {""}
    assert hand(office, colleague.user_id, handler, " ") == "comment"
    assert hand(office, None, handler) == "handler_id"
    assert hand(office, office.more["other handler"].user_id, handler) == "handler_id"
    assert hand(office, handler.user_id, handler) == "handler_id"
    assert hand(office, colleague.user_id, handler) == LET_IN
    assert office.ticket.handler_id == colleague.user_id
    assert hand(office, handler.user_id, handler) == ""  # it is not theirs any more
    assert hand(office, handler.user_id, office.actor(Role.DEPT_HEAD)) == LET_IN


def test_both_are_told_and_the_history_says_why(office: Office) -> None:
    colleague, head = office.more["colleague"], office.actor(Role.DEPT_HEAD)

    hand(office, colleague.user_id, head)

    event = office.ticket.events[-1]
    assert (event.kind, event.comment) == (Note.HANDED_OVER, "下周去党校")
    told = select(Message.recipient_id).where(Message.period == str(event.id))
    people = {colleague.user_id, office.actor(Role.HANDLER).user_id}
    assert set(db.session.scalars(told)) == people


def test_what_nobody_handles_or_what_waits_elsewhere_is_not_handed_over(office: Office) -> None:
    colleague = office.more["colleague"]
    office.walk_to(Status.PENDING_REVIEW)
    assert hand(office, colleague.user_id, office.actor(Role.HANDLER)) == ""

    office.walk_to(Status.PENDING_SIGN)
    assert hand(office, colleague.user_id, office.actor(Role.DEPT_HEAD)) == ""
