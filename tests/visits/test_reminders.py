"""What the letters about visits say, to whom, and what they keep to themselves: R1 to R5, R12."""

from collections.abc import Callable
from datetime import date, time
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Tenant, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, Linkage, Tier
from app.notifications import jobs as notifications
from app.notifications import service as outbox
from app.notifications.models import Channel, Message, MessageState
from app.reports.queries import months
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.tickets.workflow.states import Status
from app.visits import jobs, queries, service
from app.visits.calendar import Month
from app.visits.models import TaskState
from app.visits.queries import Visitor
from app.visits.service.reminders.unfinished import _announce_r4
from app.workdays.models import CalendarYear, DayKind, SpecialDay
from tests import make
from tests.core.test_transactions import at_once
from tests.office import open_office
from tests.visits.town import LONG_AGO, Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
Clock = time_machine.Traveller
Sent = Callable[[], list[EmailMessage]]
D = date.fromisoformat
ALWAYS = {"created_at": LONG_AGO, "valid_from": D("2026-01-01")}


@pytest.fixture
def town(app: object) -> Town:
    """Make a township whose people have names and addresses."""
    del app
    made = open_town(tier=Tier.KEY)
    name(made.leader, "宓采薇")
    name(made.liaison, "席沐阳")
    name(made.clerk, "沈知夏")
    return made


def name(who: Actor | User, called: str) -> int:
    """Give a person a name and an address; return their id."""
    user_id = who.user_id if isinstance(who, Actor) else who.id
    with transaction():
        person = db.session.get_one(User, user_id)
        person.name, person.email = called, f"p{person.id}@example.com"
    return user_id or 0


def person(town: Town, which: str = "leader") -> User:
    return db.session.get_one(User, getattr(town, which).user_id)


def run(frozen_clock: Clock, day: str, hour: str = "08:35") -> None:
    """Let the morning's jobs of visits run, and the post go out."""
    go_to(frozen_clock, day, hour)
    jobs.generate_tasks()
    jobs.close_overdue_tasks()
    jobs.remind_r1()
    jobs.remind_unfinished()
    jobs.remind_integrity()
    notifications.deliver_due()


def promised(rule: str, channel: Channel = Channel.MAIL) -> dict[str, Message]:
    """Return what a rule has promised to whom, by name."""
    db.session.rollback()
    rows = db.session.scalars(
        select(Message).where(Message.rule == rule, Message.channel == channel)
    )
    return {row.recipient.name: row for row in rows if row.recipient}


def text_of(sent: Sent, rule_word: str, to: str) -> str:
    """Return subject and text of the only letter to a person whose subject has a word."""
    (letter,) = [one for one in sent() if to in str(one["To"]) and rule_word in str(one["Subject"])]
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    for word in ("一件限知件", "临期", "逾期"):  # both parts say the same
        assert (word in plain.get_content()) == (word in html.get_content())
    return f"{letter['Subject']}\n{plain.get_content()}"


# ---- R2, R3, R4 ----


def test_the_middle_of_the_month_reminds_of_what_is_not_done_and_only_that(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    make.linkage(
        enterprise=make.enterprise("明岫县拾光精密机械有限公司", short_name="拾光精密"),
        leader=person(town),
        **ALWAYS,
    )
    run(frozen_clock, "2026-10-08")
    go_to(frozen_clock, "2026-10-12", "10:00")
    town.record()  # of the first firm
    run(frozen_clock, "2026-10-15")

    text = text_of(sent, "还有", "宓采薇")
    assert "10月您还有1家没有走访，还剩 11 个工作日（宓采薇同志）" in text
    assert "拾光精密" in text
    assert "速岭物流" not in text
    assert "临期" not in text
    assert "全镇" not in text
    assert "席沐阳" not in promised("R2")  # theirs is done
    assert "沈知夏" not in promised("R2")  # the office has no copy of R2


def test_nobody_is_counted_down_for_what_is_done_waived_or_over(
    town: Town, frozen_clock: Clock
) -> None:
    run(frozen_clock, "2026-10-08")
    go_to(frozen_clock, "2026-10-09", "10:00")
    town.record()

    for day in ("2026-10-15", "2026-10-23", "2026-10-29"):
        run(frozen_clock, day)

    for rule in ("R2", "R3", "R4"):
        assert promised(rule) == {}


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("rule", "day", "left"),
    [("R3", "2026-10-23", "还剩 5 个工作日"), ("R4", "2026-10-29", "还剩 1 个工作日")],
)
def test_the_countdown_is_yellow_and_the_office_has_one_copy_of_everybodys(
    frozen_clock: Clock, sent: Sent, rule: str, day: str, left: str
) -> None:
    name(make.actor(Role.OFFICE_DIRECTOR), "蔺青禾")
    make.linkage(project=make.project("冷链仓储中心"), **ALWAYS)
    run(frozen_clock, "2026-10-08")
    run(frozen_clock, day)

    own = text_of(sent, "还有", "宓采薇")
    assert left in own
    assert "速岭物流" in own
    assert "临期" in own
    assert "冷链仓储中心" not in own  # somebody else's
    copy = text_of(sent, "还有", "蔺青禾")
    assert f"10月全镇还有2家没有走访，{left}" in copy
    assert "宓采薇（1家） | 速岭物流（联络员 席沐阳）" in copy
    assert "冷链仓储中心（项目）" in copy
    assert promised(rule)["蔺青禾"].link == "/visits?period=2026-10"
    assert promised(rule)["宓采薇"].link == "/visits/mine"
    assert len(promised(rule)) == 6  # four who visit, and the two of the office


def test_who_visits_and_is_of_the_office_gets_both_in_one_letter(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    make.linkage(liaison=person(town, "clerk"), **ALWAYS)
    run(frozen_clock, "2026-10-08")
    run(frozen_clock, "2026-10-23")

    text = text_of(sent, "还有", "沈知夏")
    assert "您还有1家" in text
    assert "您还没有走访的" in text
    assert "全镇还没有走访的，共 2 家" in text


def test_on_the_last_day_it_is_said_so(town: Town, frozen_clock: Clock, sent: Sent) -> None:
    del town
    run(frozen_clock, "2026-10-08")
    run(frozen_clock, "2026-10-30")  # R4 was slept through, and still matters

    assert "今天是最后一天" in text_of(sent, "还有", "席沐阳")


def test_a_deputy_is_reminded_of_what_the_one_who_is_away_has_not_done(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    go_to(frozen_clock, "2026-10-08", "08:00")
    deputy = make.user(Role.LIAISON)
    name(deputy, "代办人")
    make.absence(person(town, "liaison"), deputy)

    run(frozen_clock, "2026-10-08")
    run(frozen_clock, "2026-10-23")

    assert "速岭物流" in text_of(sent, "任务提醒", "代办人")
    assert "速岭物流" in text_of(sent, "还有", "代办人")


def test_a_letter_that_could_not_be_sent_in_time_is_not_sent_late(
    town: Town, frozen_clock: Clock, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    del town
    run(frozen_clock, "2026-10-08")
    go_to(frozen_clock, "2026-10-15", "08:35")
    jobs.remind_unfinished()  # and the mail server is down for eight days
    before = len(sent())

    go_to(frozen_clock, "2026-10-23", "08:36")
    notifications.deliver_due()

    assert len(sent()) == before
    assert {mail.state for mail in promised("R2").values()} == {MessageState.SKIPPED}
    del monkeypatch


def test_a_chat_group_is_told_how_many_and_no_name(town: Town, frozen_clock: Clock) -> None:
    run(frozen_clock, "2026-10-08")
    go_to(frozen_clock, "2026-10-29", "08:35")

    said = _announce_r4(service.begin_countdown(town.tenant_id, "2026-10", "R4"))

    assert (said["rule"], said["period"], said["link"]) == ("R4", "2026-10", "/visits/mine")
    assert said["context"] == {"month": 10, "n": 1, "due_on": "2026-10-30"}
    assert said["subject"].format(**said["context"]).startswith("10月还有 1 家企业和项目没有走访")


# ---- R5, with R1 ----


def test_what_is_overdue_stands_on_top_of_the_new_month_in_one_letter(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    del town
    run(frozen_clock, "2026-10-08")
    run(frozen_clock, "2026-11-02")

    letters = [
        one for one in sent() if "宓采薇" in str(one["To"]) and "11月" in str(one["Subject"])
    ]
    assert len(letters) == 1
    text = text_of(sent, "11月", "宓采薇")
    assert text.index("10月逾期没有走访的") < text.index("本月走访对象")
    assert "请在11月6日前补录" in text
    assert text.count("速岭物流") == 2
    assert "宓采薇" not in promised("R5")
    inbox = promised("R5", Channel.INBOX)["宓采薇"]
    assert (inbox.period, inbox.link) == ("2026-10", "/visits/mine?period=2026-10")
    assert inbox.context == {"past": 10, "n": 1}


def test_who_has_nobody_to_visit_any_more_gets_a_letter_about_what_is_overdue(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    run(frozen_clock, "2026-10-08")
    go_to(frozen_clock, "2026-10-31")
    jobs.close_overdue_tasks()
    with transaction():
        town.linkage.valid_to = D("2026-10-31")
    run(frozen_clock, "2026-11-02")

    assert "2026年10月走访情况：您有 1 家没有走访（宓采薇同志）" in text_of(
        sent, "10月走访", "宓采薇"
    )
    assert "宓采薇" not in {who for who, mail in promised("R1").items() if mail.period == "2026-11"}


def test_the_director_reads_all_that_is_overdue_and_the_chief_one_table(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    name(make.actor(Role.OFFICE_DIRECTOR), "蔺青禾")
    name(make.actor(Role.CHIEF), "书记甲")
    make.linkage(project=make.project("冷链仓储中心"), **ALWAYS)
    make.linkage(enterprise=make.enterprise("停产的企业"), **ALWAYS)
    run(frozen_clock, "2026-10-08")
    waived = next(one for one in town.tasks("2026-10") if one.target_name == "停产的企业")
    with transaction():
        db.session.get_one(type(waived), waived.id).state = TaskState.EXEMPT
    go_to(frozen_clock, "2026-10-12", "10:00")
    town.record()
    run(frozen_clock, "2026-11-02")

    for_chief = text_of(sent, "10月走访", "书记甲")
    assert "走访任务完成 | 1 / 2（50.0%）" in for_chief
    assert "走访覆盖 | 1 / 2（50.0%）" in for_chief
    assert "逾期没有走访 | 冷链仓储中心（项目）" in for_chief
    assert "收集问题 | 0 件" in for_chief
    assert "其中已解决 | 0 件" in for_chief
    for_director = text_of(sent, "10月走访", "蔺青禾")
    assert "10月全镇逾期没有走访的" in for_director
    assert "冷链仓储中心（项目）" in for_director
    assert "收集问题" not in for_director
    assert promised("R5")["书记甲"].link == "/visits?period=2026-10"


def test_the_problems_of_the_look_back_are_those_of_the_month_s_report() -> None:
    office = open_office()
    for status in (Status.IN_PROGRESS, Status.CLOSED, Status.PENDING_ACCEPTANCE):
        office.walk_to(status)
    month = Month.of(clock.today())
    reported = months.content_of(office.tenant_id, month)

    found = queries.summary(office.tenant_id, month)

    assert (found.collected, found.solved) == (2, 1)
    assert reported["told"]["collected"] == found.collected
    assert reported["told"]["solved"] == found.solved


def test_the_director_hears_that_all_went_well_too(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    name(make.actor(Role.OFFICE_DIRECTOR), "蔺青禾")
    run(frozen_clock, "2026-10-08")
    go_to(frozen_clock, "2026-10-12", "10:00")
    town.record()
    run(frozen_clock, "2026-11-02")

    assert "10月的走访都完成了，没有逾期的。" in text_of(sent, "10月走访", "蔺青禾")


def test_a_month_in_which_nobody_had_anybody_to_visit_is_not_looked_back_on(
    town: Town, frozen_clock: Clock
) -> None:
    name(make.actor(Role.CHIEF), "书记甲")
    del town
    run(frozen_clock, "2026-10-08")

    assert promised("R5") == {}


def test_the_look_back_is_promised_once_whatever_happens_later_in_the_month(
    town: Town, frozen_clock: Clock
) -> None:
    del town
    run(frozen_clock, "2026-10-08")
    run(frozen_clock, "2026-11-02")
    name(make.actor(Role.CHIEF), "后来的书记")

    run(frozen_clock, "2026-11-03")

    assert promised("R5") == {}


# ---- R12 ----


def test_everybody_who_visits_is_reminded_of_integrity_two_workdays_before_a_holiday(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    for number, role in enumerate((Role.CHIEF, Role.OFFICE_DIRECTOR, Role.HANDLER)):
        name(make.actor(role), f"第{number}位")
    run(frozen_clock, "2026-09-29")

    assert set(promised("R12")) == {"宓采薇", "席沐阳", "沈知夏", "第0位", "第1位"}
    text = text_of(sent, "国庆节前廉政提醒", "宓采薇")
    assert "国庆节快到了（10月1日起放假）" in text
    assert "不接受企业宴请" in text
    assert "http://127.0.0.1:8000/visits/rules" in text
    assert promised("R12")["宓采薇"].matters_until == clock.at(D("2026-10-01"), time())
    assert {mail.tenant_id for mail in promised("R12").values()} == {town.tenant_id}


def test_before_a_holiday_of_a_year_without_an_official_calendar_it_is_said_so(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    del town
    run(frozen_clock, "2026-12-30")

    text = text_of(sent, "元旦前廉政提醒", "宓采薇")
    assert "1月1日，放假安排以正式通知为准" in text


def test_a_notice_that_comes_after_the_reminder_sends_no_second_one(
    town: Town, frozen_clock: Clock
) -> None:
    run(frozen_clock, "2026-12-30")
    before = {who: mail.id for who, mail in promised("R12").items()}
    with transaction():
        make_official(town.tenant_id, "2027-01-01", "元旦")

    run(frozen_clock, "2026-12-31")

    assert {who: mail.id for who, mail in promised("R12").items()} == before


def make_official(tenant_id: int, day: str, called: str) -> None:
    db.session.add(SpecialDay(tenant_id=tenant_id, day=D(day), kind=DayKind.HOLIDAY, name=called))
    db.session.add(CalendarYear(tenant_id=tenant_id, year=2027, confirmed_at=clock.now()))
    db.session.get_one(Tenant, tenant_id).calendar_stamp = "new"


# ---- what is kept to itself ----


def test_of_a_confidential_problem_only_its_readers_are_told_and_only_that_there_is_one(
    town: Town, frozen_clock: Clock, sent: Sent
) -> None:
    go_to(frozen_clock, "2026-10-08", "08:00")
    firm = town.linkage.enterprise
    secret = make.ticket(enterprise=firm, title="反映某科室吃拿卡要")
    make.reader(secret, person(town))
    number = secret.number or "?"
    make.ticket(enterprise=firm, title="门口路灯坏了 13900001111")

    run(frozen_clock, "2026-10-08")

    read, unread = text_of(sent, "任务提醒", "宓采薇"), text_of(sent, "任务提醒", "席沐阳")
    assert "一件限知件" in read
    assert "限知" not in unread
    for text in (read, unread):
        assert "门口路灯坏了 （号码从略）" in text
        for hidden in ("吃拿卡要", number, "13900001111", "宋主任", "14200001234"):
            assert hidden not in text


def many_problems(leader: User, liaison: User, deputy: User, *firms: Enterprise) -> None:
    """Make problems of each of these firms, one for each reason for which somebody knows them."""
    led = make.unit(in_charge_id=leader.id)
    for firm in firms:
        make.ticket(enterprise=firm)
        make.ticket(enterprise=firm, leader_id=leader.id)
        make.ticket(enterprise=firm, liaison_id=liaison.id)
        make.ticket(enterprise=firm, created_by_id=deputy.id)
        make.ticket(enterprise=firm, escalation_owner_id=leader.id)
        make.ticket(enterprise=firm, lead_unit_id=led.id)
        make.reader(make.ticket(enterprise=firm, leader_id=leader.id), liaison)
        make.reader(make.ticket(enterprise=firm, liaison_id=liaison.id), leader)


def one_by_one(visitor: Visitor, linkage: Linkage, firm_id: int) -> set[int]:
    """Return the open problems of a firm that a person may know in whose target it is."""
    role = Role.LEADER if visitor.leads(linkage) else Role.LIAISON
    acting = visitor.leads_for if role is Role.LEADER else visitor.goes_for
    me = visitor.person
    viewer = Actor(me.tenant_id, me.id, role, stands_in_for=tuple(acting - {me.id}))
    told = select(Ticket.id).where(tickets_policy.visible_to(viewer), Ticket.is_open)
    return set(db.session.scalars(told.where(Ticket.enterprise_id == firm_id)))


def test_what_many_are_told_is_what_each_may_know(town: Town, frozen_clock: Clock) -> None:
    go_to(frozen_clock, "2026-10-08", "08:00")
    leader, liaison = person(town), person(town, "liaison")
    away, deputy = make.user(Role.LEADER), make.user(Role.LEADER)
    builder = make.enterprise("建设方")
    building = make.project(enterprise_id=builder.id)
    make.linkage(project=building, leader=leader, liaison=liaison, **ALWAYS)
    third = make.linkage(leader=away, liaison=liaison, **ALWAYS)
    make.absence(away, deputy)
    many_problems(leader, liaison, deputy, town.linkage.enterprise, builder, third.enterprise)
    jobs.generate_tasks()

    visitors = queries.visitors([leader.id, liaison.id, deputy.id])
    tasks = queries.tasks_of(visitors, "2026-10", {TaskState.PLANNED})
    found = queries.outings(visitors, tasks, before=D("2026-10-01"), today=clock.today())

    seen = []
    for visitor in visitors:
        for outing in found[visitor.person.id]:
            firm_id = outing.linkage.enterprise_id or builder.id
            wanted = one_by_one(visitor, outing.linkage, firm_id)
            assert {one.id for one in outing.tickets} == wanted
            seen.append(len(wanted))
    assert len(seen) == 6
    assert sum(seen) > 30


# ---- when something fails ----


def test_schedulers_that_plan_at_the_same_moment_promise_everybody_once(
    app: Flask, town: Town, frozen_clock: Clock
) -> None:
    for _ in range(6):
        make.linkage(**ALWAYS)
    run(frozen_clock, "2026-10-08")
    go_to(frozen_clock, "2026-10-23", "08:35")

    at_once(app, lambda _number: jobs.remind_unfinished(), writers=4)

    people = 2 * 7 + 1  # leaders and liaison officers, and the clerk's copy
    assert len(promised("R3")) == people
    assert town.tenant_id


def test_one_person_who_cannot_be_told_keeps_nobody_else_from_it_and_is_told_the_next_day(
    town: Town, frozen_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    remind = outbox.remind

    def fail_for_leader(recipient_id: int, **given: object) -> bool:
        if recipient_id == town.leader_id:
            raise ConnectionError("no")
        return remind(recipient_id, **given)  # type: ignore[arg-type]

    run(frozen_clock, "2026-10-08")
    monkeypatch.setattr(outbox, "remind", fail_for_leader)
    run(frozen_clock, "2026-10-23")
    assert set(promised("R3")) == {"席沐阳", "沈知夏"}
    monkeypatch.setattr(outbox, "remind", remind)

    run(frozen_clock, "2026-10-26")

    assert set(promised("R3")) == {"宓采薇", "席沐阳", "沈知夏"}


def test_who_has_no_address_is_told_in_the_inbox_and_stands_on_the_list(
    town: Town, frozen_clock: Clock
) -> None:
    with transaction():
        person(town).email = ""
    run(frozen_clock, "2026-10-08")
    run(frozen_clock, "2026-10-23")

    assert promised("R3")["宓采薇"].state is MessageState.SKIPPED
    assert promised("R3", Channel.INBOX)["宓采薇"].state is MessageState.SENT
