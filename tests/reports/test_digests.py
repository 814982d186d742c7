"""Digests: promised once, confirmed by a click, reminded of once; and what their mail says."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from threading import Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import schedule
from app.accounts.models import Absence, User
from app.accounts.roles import Actor, Role
from app.accounts.service import AbsenceDraft
from app.core import clock
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.core.transactions import transaction
from app.desk import service as desk
from app.notifications import channels
from app.notifications import jobs as notifications
from app.notifications import service as outbox
from app.notifications.models import Message, MessageState
from app.notifications.wordings import WORDINGS
from app.reports import jobs, service
from app.reports.models import Digest, DigestMark
from app.reports.workflow import Rule
from app.tickets.models import LeaderDirective
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import Office, moment
from tests.reports.house import (
    SECRET,
    WEEKLY,
    digests,
    go_to,
    inbox_of,
    open_house,
    send,
    sent_to,
    text_of,
    walk_in_confidence,
)

pytestmark = pytest.mark.usefixtures("app")
Clock = time_machine.Traveller
Sent = Callable[[], list[EmailMessage]]
NEWEST = 2**31 - 1
WORDS = "请本周内给企业一个说法"


@pytest.fixture
def office() -> Office:
    """Let one proposal wait for the chief, on a ticket that is long not due."""
    made = open_house()
    made.walk_to(Status.IN_PROGRESS)
    made.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    with transaction():
        made.ticket.due_at, made.ticket.warn_on = moment("2028-01-10T17:30"), None
    return made


def confirm(actor: Actor, upto: int = NEWEST) -> int:
    with transaction():
        return service.confirm(upto, actor=actor)


def marks() -> list[tuple[str, str, bool]]:
    """Return who confirmed whose digest, and whether as a deputy."""
    db.session.rollback()
    found = db.session.scalars(select(DigestMark).order_by(DigestMark.id))
    of = {digest.id: digest.user.name for digest in digests()}
    return [(of[mark.digest_id], mark.by.name, mark.is_deputy) for mark in found]


# ---- promising ----


def test_who_has_something_to_decide_is_written_and_nobody_else(
    office: Office, frozen_clock: Clock
) -> None:
    send(frozen_clock)

    assert sent_to() == [("阮怀青", "2026-W40")]
    counts = {digest.user.name: (digest.item_count, digest.why_not) for digest in digests()}
    assert counts["阮怀青"] == (1, "")
    assert counts["栾亦辰"] == (0, "没有要定的事")
    assert len(inbox_of(office.actor(Role.CHIEF), "weekly")) == 1
    assert office.actor(Role.DISPATCHER).name not in counts


@pytest.mark.parametrize(
    ("when", "goes"),
    [
        ("2026-09-28T08:34", False),
        ("2026-09-28T08:35", True),
        ("2026-09-29T07:00", False),  # nobody is written to in the early morning
        ("2026-09-30T08:35", True),  # the scheduler slept
        ("2026-10-01T08:35", False),  # a holiday
        ("2026-10-04T12:00", False),
        ("2026-10-08T08:35", True),  # the first workday of the next week
    ],
)
def test_it_goes_out_at_0835_of_the_first_workday_and_never_on_a_holiday(
    office: Office, frozen_clock: Clock, when: str, *, goes: bool
) -> None:
    del office

    send(frozen_clock, when)

    assert bool(sent_to()) is goes


def test_each_person_is_written_once_a_week_however_often_it_runs(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    del office
    for when in (WEEKLY, WEEKLY, "2026-09-29T08:35", "2026-09-30T17:00"):
        send(frozen_clock, when)
        notifications.deliver_due()
    assert sent_to() == [("阮怀青", "2026-W40")]

    send(frozen_clock, "2026-10-08T08:35")
    notifications.deliver_due()

    assert sent_to() == [("阮怀青", "2026-W40"), ("阮怀青", "2026-W41")]
    assert len(sent()) == 2


def test_who_gets_something_to_decide_later_in_the_week_waits_for_the_next(
    office: Office, frozen_clock: Clock
) -> None:
    send(frozen_clock)
    office.decide(Role.CHIEF)
    send(frozen_clock, "2026-09-29T09:00")

    assert sent_to() == [("阮怀青", "2026-W40")]  # not the leader, to whom it was lifted


def test_a_scheduler_that_slept_three_days_makes_it_good_once(
    office: Office, frozen_clock: Clock
) -> None:
    del office
    go_to(frozen_clock, "2026-09-27T20:00")
    schedule.run_due()

    go_to(frozen_clock, "2026-09-30T20:00")
    schedule.run_due()
    schedule.run_due()

    assert sent_to() == [("阮怀青", "2026-W40")]


def test_two_schedulers_at_once_write_once(app: Flask, office: Office, frozen_clock: Clock) -> None:
    del office
    go_to(frozen_clock, WEEKLY)
    db.session.rollback()

    def run() -> None:
        with app.app_context():
            jobs.send_weekly()

    both = [Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sent_to() == [("阮怀青", "2026-W40")]
    people = [digest.user_id for digest in digests()]
    assert len(people) == len(set(people)) == 3


def test_a_run_that_was_killed_in_the_middle_leaves_nobody_out_and_nobody_twice(
    office: Office, frozen_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.decide(Role.CHIEF)  # so the leader is asked too
    make.holding(db.session.get_one(User, office.actor(Role.CHIEF).user_id), Role.LEADER)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    kept = outbox.remind
    calls: list[int] = []

    def dies(recipient_id: int, **more: object) -> bool:
        calls.append(recipient_id)
        if len(calls) > 1:
            raise KeyboardInterrupt  # as a killed process: nothing catches it
        return kept(recipient_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "remind", dies)
    with pytest.raises(KeyboardInterrupt):
        send(frozen_clock)
    first = sent_to()
    monkeypatch.setattr(outbox, "remind", kept)
    jobs.send_weekly()

    assert len(first) == 1
    assert len(sent_to()) == len({name for name, _period in sent_to()}) == 2


def test_the_month_is_written_on_its_third_workday_about_what_still_waits(
    office: Office, frozen_clock: Clock
) -> None:
    del office
    for when in ("2026-10-09T08:35", "2026-10-10T08:34"):
        go_to(frozen_clock, when)
        jobs.send_monthly()
        assert sent_to("monthly-leaders") == []
    for when in ("2026-10-10T08:35", "2026-10-12T08:35"):
        go_to(frozen_clock, when)
        jobs.send_monthly()

    assert sent_to("monthly-leaders") == [("阮怀青", "2026-09")]


def test_who_is_written_for_the_week_on_that_day_is_not_written_for_the_month_as_well(
    office: Office, frozen_clock: Clock
) -> None:
    """The third workday of July 2027 is a Monday: the 5th."""
    del office
    send(frozen_clock, "2027-07-05T08:35")
    jobs.send_monthly()

    assert sent_to() == [("阮怀青", "2027-W27")]
    assert sent_to("monthly-leaders") == []
    reasons = {one.why_not for one in digests() if one.rule is Rule.MONTHLY and one.user.email}
    assert "当天已送每周要定的，不再另送" in reasons


def test_a_leader_without_an_address_is_told_in_the_inbox(
    office: Office, frozen_clock: Clock
) -> None:
    with transaction():
        db.session.get_one(User, office.actor(Role.CHIEF).user_id).email = ""

    send(frozen_clock)

    mail = db.session.scalars(select(Message).where(Message.rule == "weekly")).all()
    assert {(one.channel.value, one.state) for one in mail} == {
        ("inbox", MessageState.SENT),
        ("mail", MessageState.SKIPPED),
    }


# ---- what the mail says ----


def test_the_letter_says_what_waits_and_keeps_numbers_and_sums_out(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    with transaction():
        office.ticket.title = "奖补 12.6 万元没有到账，找 14200005678"

    send(frozen_clock)
    notifications.deliver_due()

    (letter,) = sent()
    assert letter["Subject"] == "【霁川镇营商办】本周有1件事要您定（阮怀青同志）"
    text = text_of(letter)
    number = office.ticket.number or "none"
    for word in ("等您决定", "提出提级办理", "（金额从略）", "（号码从略）", number, "/digest"):
        assert word in text, word
    for kept_out in ("12.6", "14200005678", "14200000001", "宋主任"):
        assert kept_out not in text, kept_out


def test_the_letter_names_nothing_of_what_is_confidential(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    office.decide(Role.CHIEF, approve=False, comment="先由单位办")
    walk_in_confidence(office)
    office.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)

    send(frozen_clock)
    notifications.deliver_due()

    letters = [letter for letter in sent() if "本周" in letter["Subject"]]
    assert [str(letter["To"]) for letter in letters] == ["阮怀青 <u0@example.com>"]
    (letter,) = letters
    html = letter.get_body(("html",))
    assert html
    said = text_of(letter) + str(html.get_content())
    assert "一件限知件" in said
    for kept_out in (SECRET, office.ticket.number or "none", "推诿"):
        assert kept_out not in said, kept_out


def test_the_letter_loads_nothing_that_could_tell_that_it_was_opened(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    del office
    send(frozen_clock)
    notifications.deliver_due()

    (letter,) = sent()
    html = letter.get_body(("html",))
    assert html
    source = str(html.get_content())
    assert not re.search(r"<img|<link|<script|url\(|<iframe", source)
    assert re.findall(r'href="([^"]+)"', source) == ["http://127.0.0.1:8000/digest"]


@pytest.mark.parametrize("rule", ["weekly", "monthly-leaders", "R10"])
def test_each_wording_can_be_filled_in_with_its_sample(rule: str) -> None:
    wording = WORDINGS[rule]

    filled = channels.filled_in(wording, {"tenant": "霁川镇", "name": "阮怀青", **wording.sample})

    for text in (filled.subject, filled.heading, filled.opening, filled.button, filled.closing):
        assert "{" not in text
    assert "阮怀青" in filled.subject


# ---- confirming ----


def test_a_click_confirms_once_with_time_and_person(office: Office, frozen_clock: Clock) -> None:
    chief = office.actor(Role.CHIEF)
    send(frozen_clock)
    go_to(frozen_clock, "2026-09-28T09:12")

    assert confirm(chief) == 1
    assert confirm(chief) == 0

    assert marks() == [("阮怀青", "阮怀青", False)]
    (mark,) = db.session.scalars(select(DigestMark))
    assert f"{clock.local(mark.at):%m-%d %H:%M}" == "09-28 09:12"
    row = db.session.scalars(select(AuditRow).where(AuditRow.subject == "digest")).one()
    assert (row.action, row.user_id) == ("确认已阅", chief.user_id)


def test_what_came_after_the_page_was_opened_is_not_confirmed_with_it(
    office: Office, frozen_clock: Clock
) -> None:
    send(frozen_clock)
    (seen,) = [digest.id for digest in digests() if digest.item_count]
    send(frozen_clock, "2026-10-08T08:35")

    assert confirm(office.actor(Role.CHIEF), upto=seen) == 1
    assert confirm(office.actor(Role.CHIEF)) == 1


def test_a_deputy_confirms_for_who_is_away_and_is_named_as_the_deputy(
    office: Office, frozen_clock: Clock
) -> None:
    chief, deputy = office.actor(Role.CHIEF), make.actor(Role.LEADER, name="荀立骁")
    send(frozen_clock)
    draft = AbsenceDraft(chief.user_id, deputy.user_id, clock.today(), clock.today(), "去区里开会")
    with transaction():
        desk.note_absence(draft, actor=chief)

    assert confirm(deputy) == 1
    assert marks() == [("阮怀青", "荀立骁", True)]
    with transaction():
        found = db.session.scalars(select(Absence)).one()
        desk.end_absence(found, reason="回来了", version=None, actor=chief)
    send(frozen_clock, "2026-10-08T08:35")

    assert confirm(deputy) == 0  # it is over
    assert confirm(chief) == 2  # one's own confirmation counts beside the deputy's


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.HANDLER, Role.LIAISON, Role.SUPERVISOR])
def test_whoever_is_written_no_digest_confirms_none(office: Office, role: Role) -> None:
    with pytest.raises(NotAllowed):
        confirm(office.actor(role))


# ---- directing ----


def test_a_directive_from_the_page_is_a_real_one_and_counted_with_the_digest(
    office: Office, frozen_clock: Clock
) -> None:
    chief = office.actor(Role.CHIEF)
    send(frozen_clock)

    with transaction():
        service.direct(office.ticket_id, WORDS, office.ticket.version, actor=chief)

    given = db.session.scalars(select(LeaderDirective)).one()
    assert (given.text, given.by_id, given.by_role) == (WORDS, chief.user_id, Role.CHIEF)
    assert sum(digest.directive_count for digest in digests()) == 1
    assert [digest.readings for digest in digests() if digest.item_count] == [[]]


def test_nobody_directs_what_is_none_of_theirs(office: Office) -> None:
    stranger, director = make.actor(Role.LEADER), office.actor(Role.OFFICE_DIRECTOR)

    for actor in (stranger, director):
        with pytest.raises(NotFound), transaction():
            service.direct(office.ticket_id, WORDS, None, actor=actor)

    assert db.session.scalars(select(LeaderDirective)).all() == []


# ---- reminding ----


def test_who_has_not_confirmed_after_two_workdays_is_reminded_once_in_the_inbox(
    office: Office, frozen_clock: Clock
) -> None:
    chief = office.actor(Role.CHIEF)
    send(frozen_clock)
    for when in ("2026-09-29T08:40", "2026-09-30T08:39"):
        go_to(frozen_clock, when)
        jobs.remind_unread()
        assert inbox_of(chief, "digest-unread") == []
    for when in ("2026-09-30T08:40", "2026-09-30T12:00"):
        go_to(frozen_clock, when)
        jobs.remind_unread()

    (told,) = inbox_of(chief, "digest-unread")
    assert channels.worded(told.subject, told.context) == (
        "9月28日（周一）送您的“每周要定的”还没有点“我已阅”，共 1 件"
    )
    assert sent_to("digest-unread") == []
    assert [digest.user.name for digest in digests() if digest.reminded_at] == ["阮怀青"]


def test_who_confirmed_is_not_reminded_nor_is_anybody_of_a_week_that_is_over(
    office: Office, frozen_clock: Clock
) -> None:
    chief = office.actor(Role.CHIEF)
    send(frozen_clock)
    confirm(chief)
    go_to(frozen_clock, "2026-09-30T08:40")
    jobs.remind_unread()
    send(frozen_clock, "2026-10-08T08:35")
    go_to(frozen_clock, "2026-10-12T08:40")
    jobs.remind_unread()

    assert inbox_of(chief, "digest-unread") == []
    assert len(db.session.scalars(select(Digest).where(Digest.item_count > 0)).all()) == 2
