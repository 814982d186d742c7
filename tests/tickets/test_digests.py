"""The mail that goes with the urges of a day: one for each person, once, and what it says."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import jobs as notifications
from app.notifications.models import Channel, Message, MessageState
from app.tickets import jobs, service
from app.tickets.queries.digests import RULE
from app.tickets.workflow.states import Event, Status
from tests.office import Office, moment, open_office, reply

pytestmark = pytest.mark.usefixtures("app")
Clock = time_machine.Traveller
Sent = Callable[[], list[EmailMessage]]


@pytest.fixture
def office() -> Office:
    """Walk a ticket that is due on Tuesday 29 September, yellow on the 28th."""
    office = open_office()
    with transaction():
        for place, role in enumerate((Role.HANDLER, Role.DEPT_HEAD)):
            person = db.session.get_one(User, office.actor(role).user_id)
            person.email, person.name = f"u{place}@example.com", ("程望川", "方砚耕")[place]
    office.walk_to(Status.IN_PROGRESS)
    return office


def run(frozen_clock: Clock, *moments: str) -> None:
    """Let the ladder climb, and the mail follow five minutes later."""
    for when in moments:
        frozen_clock.move_to(moment(f"2026-{when}"))
        jobs.climb_ladder()
        frozen_clock.shift(300)
        jobs.mail_urges()
        notifications.deliver_due()


def mails() -> list[tuple[str, str]]:
    db.session.rollback()
    found = db.session.scalars(select(Message).where(Message.rule == RULE).order_by(Message.id))
    return [(one.recipient.name, one.period) for one in found if one.channel is Channel.MAIL]


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_who_is_urged_because_something_is_near_has_one_mail_of_all_of_it(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    second = office.walk_to(Status.IN_PROGRESS).number
    run(frozen_clock, "09-28T08:45", "09-28T09:45", "09-28T16:45")

    assert sorted(mails()) == [("方砚耕", "2026-09-28"), ("程望川", "2026-09-28")]
    letters = {str(letter["To"]): letter for letter in sent()}
    assert len(sent()) == 2
    (mine,) = [letter for to, letter in letters.items() if "u0@example.com" in to]
    assert "2件企业问题临期" in str(mine["Subject"])
    assert "程望川同志" in str(mine["Subject"])
    text = text_of(mine)
    assert second is not None
    assert second in text
    assert text.count("园区东路限高架挡住大件运输") == 2
    assert "9月29日 17:30" in text
    assert "14200000001" not in text


def test_no_urge_is_mailed_twice_and_the_notice_is_none_of_it(
    office: Office, frozen_clock: Clock
) -> None:
    run(frozen_clock, "09-28T08:45", "09-29T08:45", "09-30T08:45", "10-08T08:45")

    assert {period for _name, period in mails()} == {"2026-09-28"}
    assert office.ticket.supervision_notes  # it went on climbing


def test_what_was_urged_later_in_a_day_comes_with_the_next_mail(
    office: Office, frozen_clock: Clock
) -> None:
    first = office.ticket.number
    frozen_clock.move_to(moment("2026-09-22T09:00"))
    office.walk_to(Status.IN_PROGRESS)  # due on the 30th, yellow on the 29th
    run(frozen_clock, "09-28T08:45")
    with transaction():  # by hand, with words, on the day on which it would be urged itself
        service.urge(office.ticket, "请抓紧", actor=office.actor(Role.SUPERVISOR))

    run(frozen_clock, "09-29T08:45")

    told = [
        [row["number"] for row in one.context["rows"]]
        for one in db.session.scalars(
            select(Message)
            .where(Message.rule == RULE, Message.recipient_id == office.actor(Role.HANDLER).user_id)
            .order_by(Message.id)
        )
    ]
    assert told == [[first], [office.ticket.number]]


@pytest.mark.parametrize("ended", ["suspended", "replied", "cancelled"])
def test_what_stands_still_meanwhile_is_in_no_mail(
    office: Office, frozen_clock: Clock, ended: str
) -> None:
    frozen_clock.move_to(moment("2026-09-28T08:45"))
    jobs.climb_ladder()
    if ended == "suspended":
        office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
        office.decide(Role.OFFICE_DIRECTOR)
        office.decide(Role.CHIEF)
    elif ended == "replied":
        office.take(Event.FIRST_CONTACT, Role.HANDLER)
        reply(office)
    else:
        office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    run(frozen_clock, "09-28T08:50")

    assert mails() == []


def test_of_a_confidential_ticket_the_mail_names_nothing_and_only_readers_get_it(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    with transaction():
        director: Actor = office.actor(Role.OFFICE_DIRECTOR)
        desk = office.actor(Role.DISPATCHER).user_id
        service.make_confidential(office.ticket, "涉及干部", desk, actor=director)
    number = office.ticket.number
    run(frozen_clock, "09-28T08:45")

    assert mails()
    for letter in sent():
        html = letter.get_body(("html",))
        assert html is not None
        both = text_of(letter) + str(html.get_content())
        assert "一件限知件" in both
        for hidden in ("园区东路", str(number), "限高架"):
            assert hidden not in both


def test_on_a_day_off_nobody_is_mailed_and_who_has_no_address_is_listed(
    office: Office, frozen_clock: Clock
) -> None:
    with transaction():
        db.session.get_one(User, office.actor(Role.HANDLER).user_id).email = ""
    frozen_clock.move_to(moment("2026-09-27T08:50"))  # Mid-Autumn
    jobs.mail_urges()
    assert mails() == []

    run(frozen_clock, "09-28T08:45")

    states = db.session.execute(
        select(Message.recipient_id, Message.state).where(Message.rule == RULE)
    ).all()
    assert dict(states)[office.actor(Role.HANDLER).user_id] is MessageState.SKIPPED
    assert dict(states)[office.actor(Role.DEPT_HEAD).user_id] is MessageState.SENT
