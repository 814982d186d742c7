"""What the letters of a working day about problems say, to whom, and what they keep back: R6–R9."""

from collections.abc import Callable
from datetime import date
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.private import without_figures
from app.core.transactions import transaction
from app.notifications import jobs as notifications
from app.notifications.models import Channel, Message
from app.tickets import jobs
from app.tickets.models import Ticket
from app.tickets.service.digests.letters import MOST
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import Office, moment, open_office

pytestmark = pytest.mark.usefixtures("app")
Clock = time_machine.Traveller
Sent = Callable[[], list[EmailMessage]]
D = date.fromisoformat
NAMES = {
    Role.HANDLER: "程望川",
    Role.DEPT_HEAD: "方砚耕",
    Role.LIAISON: "席沐阳",
    Role.LEADER: "宓采薇",
    Role.DISPATCHER: "沈知夏",
    Role.OFFICE_DIRECTOR: "蔺青禾",
}


@pytest.fixture
def office() -> Office:
    """Make a township whose people have names and addresses."""
    office = open_office()
    for role, called in NAMES.items():
        name(office.actor(role), called)
    return office


def name(who: Actor | User, called: str) -> int:
    user_id = who.user_id if isinstance(who, Actor) else who.id
    with transaction():
        person = db.session.get_one(User, user_id)
        person.name, person.email = called, f"p{person.id}@example.com"
    return user_id or 0


def put(office: Office, status: Status, due: str = "", **more: object) -> Ticket:
    """Make a problem of the office's enterprise with its unit, due at a moment."""
    given: dict[str, object] = {"lead_unit_id": office.unit_id}
    if due:
        given |= {"due_at": moment(due), "warn_on": D(due[:10])}
    firm = db.session.get_one(make.Enterprise, office.enterprise_id)
    return make.ticket(status, enterprise=firm, **(given | more))


def run(frozen_clock: Clock, day: str, hour: str = "08:35") -> None:
    """Let the morning's jobs of problems run, and the post go out."""
    frozen_clock.move_to(moment(f"2026-{day}T{hour}"))
    jobs.remind_week()
    jobs.remind_due()
    jobs.remind_calls()
    jobs.remind_reviews()
    notifications.deliver_due()


def promised(rule: str, channel: Channel = Channel.MAIL) -> dict[str, Message]:
    """Return the newest promise of a rule to each person, by name."""
    db.session.rollback()
    rows = db.session.scalars(
        select(Message).where(Message.rule == rule, Message.channel == channel).order_by(Message.id)
    )
    return {row.recipient.name: row for row in rows if row.recipient}


def text_of(sent: Sent, word: str, to: str) -> str:
    """Return subject and text of the newest letter to a person whose subject has a word."""
    letters = [one for one in sent() if to in str(one["To"]) and word in str(one["Subject"])]
    plain = letters[-1].get_body(("plain",))
    assert plain is not None
    return f"{letters[-1]['Subject']}\n{plain.get_content()}"


# ---- R6 ----


def test_a_head_reads_on_monday_what_lies_with_the_unit(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    put(
        office, Status.PENDING_SIGN, "2026-10-30T17:30", title="没有签收的", sign_due_at=clock.now()
    )
    put(office, Status.IN_PROGRESS, "2026-09-28T17:30", title="快到期的")
    put(office, Status.IN_PROGRESS, "2026-09-24T17:30", title="超期的 800 万元")
    put(office, Status.IN_PROGRESS, "2026-10-30T17:30", title="不急的")
    put(office, Status.SUSPENDED, title="要复核的", next_review_on=D("2026-10-13"))
    put(office, Status.SUSPENDED, title="以后复核的", next_review_on=D("2026-12-13"))
    put(office, Status.PENDING_SIGN, title="别的单位的", lead_unit_id=office.other_unit_id)

    run(frozen_clock, "09-28")

    text = text_of(sent, "本周", "方砚耕")
    assert "待签收 1 件，临期 1 件，超期 1 件，挂账待复核 1 件" in text.splitlines()[0]
    for word in ("没有签收的", "快到期的", "今天到期", "超期的 （金额从略）", "超期 1 个工作日"):
        assert word in text
    assert "10月13日复核" in text
    for word in ("不急的", "以后复核的", "别的单位的", "800 "):
        assert word not in text
    assert promised("R6", Channel.INBOX)["方砚耕"].context == {
        "sign": 1,
        "yellow": 1,
        "red": 1,
        "review": 1,
    }


def test_a_head_with_nothing_is_told_nothing_and_once_a_week_is_enough(
    office: Office, frozen_clock: Clock
) -> None:
    run(frozen_clock, "09-28")
    put(office, Status.PENDING_SIGN)
    run(frozen_clock, "09-29")  # not on Monday any more
    assert "方砚耕" not in promised("R6")

    run(frozen_clock, "10-08")  # the first workday of the next week

    assert promised("R6")["方砚耕"].period == "2026-10-08"


def test_a_summary_that_was_slept_through_comes_later_in_the_week(
    office: Office, frozen_clock: Clock
) -> None:
    put(office, Status.PENDING_SIGN)

    run(frozen_clock, "09-30")

    assert promised("R6")["方砚耕"].period == "2026-09-28"


def test_who_heads_two_units_reads_of_both_in_one_letter_and_so_does_a_deputy(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    head = db.session.get_one(User, office.actor(Role.DEPT_HEAD).user_id)
    other = db.session.get_one(OrgUnit, office.other_unit_id)
    make.holding(head, Role.DEPT_HEAD, unit=other)
    put(office, Status.PENDING_SIGN, title="第一件")
    put(office, Status.PENDING_SIGN, title="第二件", lead_unit_id=office.other_unit_id)

    run(frozen_clock, "09-28")

    text = text_of(sent, "本周", "方砚耕")
    assert "第一件" in text
    assert "第二件" in text
    assert other.name in text


# ---- R7 ----


def test_whoever_handles_reads_each_day_what_is_due_today_or_late(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    mine = {"handler_id": office.actor(Role.HANDLER).user_id}
    today = put(office, Status.IN_PROGRESS, "2026-09-28T17:30", title="今天到期的", **mine)
    put(office, Status.IN_PROGRESS, "2026-09-24T17:30", title="超期的", **mine)
    put(office, Status.IN_PROGRESS, "2026-09-29T17:30", title="明天的", **mine)
    put(office, Status.PENDING_REVIEW, title="交出去的", **mine)
    other = office.more["colleague"].user_id
    put(office, Status.IN_PROGRESS, "2026-09-28T17:30", title="同事的", handler_id=other)

    run(frozen_clock, "09-28")

    text = text_of(sent, "今天", "程望川")
    assert "企业问题今天到期 1 件，超期 1 件，请今天办理（程望川同志）" in text
    assert str(today.number) in text
    assert text.index("超期的") < text.index("今天到期的")
    for word in ("明天的", "交出去的", "同事的"):
        assert word not in text
    told = promised("R7", Channel.INBOX)["程望川"]
    assert told.context == {"today": 1, "late": 1}
    assert told.link == "/"
    assert clock.local(told.matters_until or clock.now()).date() == D("2026-09-29")


def test_what_nobody_was_named_for_is_the_units_and_its_heads_where_nobody_handles(
    office: Office, frozen_clock: Clock
) -> None:
    put(office, Status.IN_PROGRESS, "2026-09-28T17:30")
    far = office.more["vertical head"]
    name(far, "垂管负责人")
    put(office, Status.IN_PROGRESS, "2026-09-28T17:30", lead_unit_id=far.unit_id)

    run(frozen_clock, "09-28")

    told = promised("R7")
    assert {"程望川", "垂管负责人"} <= set(told)
    assert "方砚耕" not in told
    assert told["垂管负责人"].link.startswith("/tickets/")  # it is the only one


def test_what_waits_for_others_is_nobodys_to_hurry(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER)

    run(frozen_clock, "09-29")
    assert "程望川" not in promised("R7")
    office.decide(Role.DEPT_HEAD, approve=False, comment="再写清楚些")
    run(frozen_clock, "09-30")

    assert promised("R7")["程望川"].period == "2026-09-30"


def test_a_letter_lists_so_many_and_counts_the_rest(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    handler = office.actor(Role.HANDLER).user_id
    for _ in range(MOST + 2):
        put(office, Status.IN_PROGRESS, "2026-09-28T17:30", handler_id=handler)

    run(frozen_clock, "09-28")

    assert "还有 2 件没有列出" in text_of(sent, "今天", "程望川")


# ---- R8 ----


def test_the_liaison_officer_is_told_whom_to_call_and_how_often_nobody_answered(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    run(frozen_clock, "09-22")
    first = text_of(sent, "回访", "席沐阳")
    office.revisit(reached=False, solved=None, result_score=None, comment="没人接")
    run(frozen_clock, "09-23")

    assert "| 0\r\n" in first
    assert "| 1\r\n" in text_of(sent, "回访", "席沐阳")
    assert str(office.ticket.number) in first
    assert "14200000001" not in first
    assert set(promised("R8")) == {"席沐阳"}
    assert promised("R8")["席沐阳"].link == f"/tickets/{office.ticket_id}"


def test_once_the_enterprise_has_answered_nobody_is_told_to_call(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit()

    run(frozen_clock, "09-22")

    assert promised("R8") == {}


def test_without_a_liaison_officer_the_leader_calls_and_else_the_office(
    office: Office, frozen_clock: Clock
) -> None:
    leader = office.actor(Role.LEADER).user_id
    put(office, Status.PENDING_REVISIT, liaison_id=None, leader_id=leader)
    run(frozen_clock, "09-22")
    assert set(promised("R8")) == {"宓采薇"}

    put(office, Status.PENDING_REVISIT, liaison_id=None, leader_id=None)
    run(frozen_clock, "09-23")

    second = db.session.get_one(User, office.more["second dispatcher"].user_id)
    assert set(promised("R8")) == {"宓采薇", "沈知夏", second.name}


def test_who_handled_it_or_works_where_it_was_handled_calls_nobody(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    liaison = db.session.get_one(User, office.actor(Role.LIAISON).user_id)
    make.holding(liaison, Role.HANDLER, unit=db.session.get_one(OrgUnit, office.unit_id))

    run(frozen_clock, "09-22")

    assert "席沐阳" not in promised("R8")
    assert "沈知夏" in promised("R8")


def test_a_deputy_calls_for_the_liaison_officer_who_is_away(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    deputy = make.user(Role.LIAISON)
    name(deputy, "代办人")
    make.absence(db.session.get_one(User, office.actor(Role.LIAISON).user_id), deputy)

    run(frozen_clock, "09-22")

    assert set(promised("R8")) == {"席沐阳", "代办人"}


# ---- R9 ----


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("09-30", False),
        ("10-08", True),  # ten workdays before the 21st: 10-08 to 10-20, with the Saturday
        ("10-09", False),
        ("10-19", True),  # two before
        ("10-20", False),
        ("10-21", False),
    ],
)
def test_a_review_is_announced_ten_and_two_workdays_before(
    office: Office, frozen_clock: Clock, day: str, *, told: bool
) -> None:
    put(office, Status.SUSPENDED, next_review_on=D("2026-10-21"))
    before = {"10-08": "09-30", "10-19": "10-16", "10-21": "10-20"}.get(day)
    if before:
        run(frozen_clock, before)
        db.session.rollback()

    run(frozen_clock, day)

    assert bool(promised("R9")) is told


def test_the_unit_and_the_office_read_what_is_planned_and_what_it_waits_for(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    office.walk_to(Status.SUSPENDED)  # reviewed sixty days on, on 20 November
    assert office.ticket.next_review_on == D("2026-11-20")
    run(frozen_clock, "11-05")
    assert promised("R9") == {}
    run(frozen_clock, "11-06")

    assert {"方砚耕", "沈知夏", "蔺青禾"} <= set(promised("R9"))
    text = text_of(sent, "复核日", "方砚耕")
    assert "11月20日复核，还有 10 个工作日" in text
    assert "规划 | 等镇国土空间规划批复后再办" in text
    assert promised("R9")["沈知夏"].link == f"/tickets/{office.ticket_id}"


def test_two_reviews_of_one_day_are_one_letter(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    for on in ("2026-10-21", "2026-10-12"):  # the one in ten workdays, the other in two
        put(office, Status.SUSPENDED, next_review_on=D(on))
    run(frozen_clock, "09-30")

    run(frozen_clock, "10-09")  # the 8th was slept through

    assert "2件挂账" in text_of(sent, "复核日", "方砚耕")
    assert sum("复核日" in str(one["Subject"]) and "方砚耕" in one["To"] for one in sent()) == 1


# ---- for all ----


def test_on_a_day_off_and_outside_working_hours_nothing_goes_out(
    office: Office, frozen_clock: Clock
) -> None:
    put(office, Status.IN_PROGRESS, "2026-09-24T17:30")

    for day, hour in (("09-26", "08:35"), ("09-28", "08:34"), ("09-28", "19:00")):
        run(frozen_clock, day, hour)
        assert promised("R7") == {}


def test_a_second_run_sends_nothing_again(office: Office, frozen_clock: Clock, sent: Sent) -> None:
    put(office, Status.IN_PROGRESS, "2026-09-24T17:30")
    run(frozen_clock, "09-28")
    before = len(sent())

    run(frozen_clock, "09-28", "09:00")

    assert before > 0
    assert len(sent()) == before


def test_of_what_is_confidential_only_readers_are_told_and_only_that_there_is_one(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    handler = db.session.get_one(User, office.actor(Role.HANDLER).user_id)
    head = db.session.get_one(User, office.actor(Role.DEPT_HEAD).user_id)
    liaison = db.session.get_one(User, office.actor(Role.LIAISON).user_id)
    late = {"title": "反映某科室吃拿卡要", "handler_id": handler.id}
    mine = put(office, Status.IN_PROGRESS, "2026-09-24T17:30", **late)
    make.reader(mine, handler)  # but not the head
    call = put(office, Status.PENDING_REVISIT, title="反映某科室吃拿卡要", liaison_id=liaison.id)
    make.reader(call, liaison)
    rest = put(office, Status.SUSPENDED, title="反映某科室吃拿卡要", next_review_on=D("2026-10-16"))
    make.reader(rest, head)
    numbers = [str(one.number) for one in (mine, call, rest)]

    run(frozen_clock, "09-28")

    told = {rule: set(promised(rule)) for rule in ("R6", "R7", "R8", "R9")}
    assert told == {"R6": {"方砚耕"}, "R7": {"程望川"}, "R8": {"席沐阳"}, "R9": {"方砚耕"}}
    assert promised("R6", Channel.INBOX)["方砚耕"].context["red"] == 0
    assert len(sent()) == 4
    for letter in sent():
        for part in ("plain", "html"):
            body = letter.get_body((part,))
            assert body is not None
            text = str(letter["Subject"]) + body.get_content()
            assert "一件限知件" in text
            assert not [word for word in ("吃拿卡要", *numbers) if word in text]


def test_every_township_reads_of_its_own(office: Office, frozen_clock: Clock) -> None:
    elsewhere = make.tenant("别的镇")
    unit = make.unit(tenant=elsewhere)
    head = make.user(Role.DEPT_HEAD, unit=unit, email="x@example.com", name="别镇负责人")
    make.ticket(Status.PENDING_SIGN, tenant=elsewhere, lead_unit_id=unit.id)
    put(office, Status.PENDING_SIGN)

    run(frozen_clock, "09-28")

    found = promised("R6")
    assert found["别镇负责人"].context["n"] == 1
    assert found["方砚耕"].tenant_id != found["别镇负责人"].tenant_id
    assert head.id


def test_somebody_who_left_is_told_nothing(office: Office, frozen_clock: Clock) -> None:
    handler = office.actor(Role.HANDLER).user_id
    put(office, Status.IN_PROGRESS, "2026-09-28T17:30", handler_id=handler)
    with transaction():
        db.session.get_one(User, handler).is_active = False

    run(frozen_clock, "09-28")

    assert "程望川" not in promised("R7")


def test_a_morning_costs_the_same_however_many_problems_there_are(
    office: Office, frozen_clock: Clock, statements: list[str]
) -> None:
    handler = office.actor(Role.HANDLER).user_id

    def counted(day: str, problems: int) -> int:
        for _ in range(problems):
            put(office, Status.IN_PROGRESS, "2026-09-22T17:30", handler_id=handler)
            liaison = office.actor(Role.LIAISON).user_id
            put(office, Status.PENDING_REVISIT, liaison_id=liaison)
        frozen_clock.move_to(moment(f"2026-{day}T08:35"))
        statements.clear()
        jobs.remind_due()
        jobs.remind_calls()
        return len(statements)

    counted("09-22", 2)
    few, many = counted("09-23", 0), counted("09-24", 10)

    assert many == few


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("请打 13900001111", "请打 （号码从略）"),
        ("奖补 12.6 万元没到账", "奖补 （金额从略）没到账"),
        ("欠款1,200元", "欠款（金额从略）"),
        ("贷款800万，续贷", "贷款（金额从略），续贷"),
        ("限重 10 吨，缺 3 名技工，产能 2 万吨", "限重 10 吨，缺 3 名技工，产能 2 万吨"),
    ],
)
def test_numbers_of_telephones_and_money_stay_at_home(said: str, told: str) -> None:
    assert without_figures(said) == told
