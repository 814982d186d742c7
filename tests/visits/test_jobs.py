"""R1: once for each person and month, and what it says."""

from collections.abc import Callable
from datetime import date, datetime
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.enterprises.models import Tier
from app.notifications import jobs as notifications
from app.notifications.models import Channel, Message, MessageState
from app.visits import jobs
from app.visits.models import TaskState
from tests import make
from tests.visits.town import LONG_AGO, Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
Sent = Callable[[], list[EmailMessage]]
D = date.fromisoformat


@pytest.fixture
def town(app: object) -> Town:
    del app
    made = open_town(tier=Tier.KEY, doc_no="霁营商办〔2026〕2号")
    with transaction():
        for number, actor in enumerate((made.leader, made.liaison)):
            person = db.session.get_one(User, actor.user_id)
            person.email, person.name = f"p{number}@example.com", ("宓采薇", "席沐阳")[number]
    return made


def promised() -> list[tuple[str, str, Channel]]:
    db.session.rollback()
    rows = db.session.scalars(
        select(Message).where(Message.rule == "R1").order_by(Message.recipient_id, Message.id)
    )
    return [(row.recipient.name, row.period, row.channel) for row in rows]


def run_month(frozen_clock: time_machine.Traveller, day: str = "2026-10-08") -> None:
    go_to(frozen_clock, day, "08:35")
    jobs.generate_tasks()
    jobs.remind_r1()


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        ("2026-10-01T08:35", False),  # a holiday
        ("2026-10-08T08:34", False),
        ("2026-10-08T08:35", True),
        ("2026-10-11T09:00", False),  # the scheduler slept, and today is a Sunday
        ("2026-10-12T03:00", False),  # nobody is woken up
        ("2026-10-12T08:35", True),
        ("2026-10-14T17:30", True),
        ("2026-10-14T23:00", False),
        ("2026-10-15T00:00", False),  # the next reminder's turn
        ("2026-10-31T08:35", False),
        ("2026-11-02T08:35", True),
        ("2026-05-06T08:35", True),
        ("2026-05-05T08:35", False),
        ("2026-02-02T08:35", True),
    ],
)
def test_the_reminder_goes_out_on_the_first_working_day_at_0835(
    town: Town, frozen_clock: time_machine.Traveller, now: str, *, goes: bool
) -> None:
    del town
    frozen_clock.move_to(datetime.fromisoformat(now).replace(tzinfo=clock.LOCAL), tick=False)

    jobs.generate_tasks()
    jobs.remind_r1()

    assert bool(promised()) is goes


def test_each_person_is_told_once_a_month_however_often_it_runs(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    del town
    for day in ("2026-10-08", "2026-10-08", "2026-10-09", "2026-10-20"):
        run_month(frozen_clock, day)
        notifications.deliver_due()

    assert promised() == [
        ("宓采薇", "2026-10", Channel.INBOX),
        ("宓采薇", "2026-10", Channel.MAIL),
        ("席沐阳", "2026-10", Channel.INBOX),
        ("席沐阳", "2026-10", Channel.MAIL),
    ]
    assert sorted(str(letter["To"]) for letter in sent()) == [
        "宓采薇 <p0@example.com>",
        "席沐阳 <p1@example.com>",
    ]
    run_month(frozen_clock, "2026-11-02")
    assert len(promised()) == 8


def test_a_person_without_a_target_is_told_nothing(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    make.user(Role.LEADER, name="没有包联的领导", email="x@example.com")
    with transaction():
        town.linkage.valid_to = D("2026-09-30")

    run_month(frozen_clock)

    assert promised() == []


def test_a_waived_target_needs_no_reminder(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-08")
    make.task(linkage=town.linkage, period="2026-10", state=TaskState.EXEMPT)

    run_month(frozen_clock)

    assert promised() == []


def test_somebody_who_left_is_told_nothing(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    with transaction():
        db.session.get_one(User, town.liaison.user_id).is_active = False

    run_month(frozen_clock)

    assert {name for name, _period, _channel in promised()} == {"宓采薇"}


def test_a_person_without_an_address_is_told_in_the_inbox_alone(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    with transaction():
        db.session.get_one(User, town.liaison.user_id).email = ""

    run_month(frozen_clock)
    notifications.deliver_due()

    assert len(sent()) == 1
    mail = select(Message).where(
        Message.recipient_id == town.liaison_id, Message.channel == Channel.MAIL
    )
    assert db.session.scalars(mail).one().state is MessageState.SKIPPED


def test_the_letter_says_whom_to_visit_and_what_to_take_along(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    building = make.project("冷链仓储中心")
    leader = db.session.get_one(User, town.leader.user_id)
    make.linkage(project=building, leader=leader, created_at=LONG_AGO, valid_from=D("2026-01-01"))
    town.record(
        promises="把县级资金的进度告诉企业，电话 14200005678",
        visited_on=D("2026-09-16"),
        problems=(town.problem(title="进厂小桥限重 13900001111"),),
    )
    go_to(frozen_clock, "2026-10-09")
    town.record(visited_on=D("2026-10-02"), mode="phone", promises="国庆后再去")

    run_month(frozen_clock, "2026-10-09")
    notifications.deliver_due()

    letter = next(one for one in sent() if "宓采薇" in one["To"])
    assert letter["Subject"] == (
        "【霁川镇营商办】2026年10月联系走访企业任务提醒（宓采薇同志，2家）"
    )
    text = text_of(letter)
    for word in (
        "宓采薇同志：",
        "《霁川镇领导包联企业工作机制》（霁营商办〔2026〕2号）",
        "共2家（企业1家、重点项目1个）",
        "请于2026年10月30日前",
        "速岭物流 | 重点 | 9月16日 | QS20260921-0001 进厂小桥限重 （号码从略）（待受理）",
        "把县级资金的进度告诉企业，电话 （号码从略）",
        "冷链仓储中心（项目）",
        "还没有走访过",
        "联络员：席沐阳",
        "见：运营经理",
        "不接受宴请、礼品礼金",
        "http://127.0.0.1:8000/visits/mine",
    ):
        assert word in text, word
    for kept_out in ("14200005678", "13900001111", "14200001234", "宋主任", "国庆后再去"):
        assert kept_out not in text, kept_out


def test_the_liaison_officer_reads_whose_target_it_is(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    del town
    run_month(frozen_clock)
    notifications.deliver_due()

    letter = next(one for one in sent() if "席沐阳" in one["To"])
    assert "包联领导：宓采薇" in text_of(letter)


def test_who_is_leader_here_and_liaison_officer_there_gets_one_letter(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    leader = db.session.get_one(User, town.leader.user_id)
    make.linkage(liaison=leader, created_at=LONG_AGO, valid_from=D("2026-01-01"))

    run_month(frozen_clock)
    notifications.deliver_due()

    (letter,) = [one for one in sent() if "宓采薇" in one["To"]]
    assert "2家" in letter["Subject"]


def test_every_township_keeps_its_own_calendar_and_people(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    del town
    elsewhere = make.tenant("别的镇")
    firm = make.enterprise(tenant=elsewhere)
    make.linkage(enterprise=firm, created_at=LONG_AGO, valid_from=D("2026-01-01"))

    run_month(frozen_clock, "2026-10-01")  # a Thursday, for who knows no holidays
    assert len(promised()) == 4
    assert {name for name, _p, _c in promised()}.isdisjoint({"宓采薇", "席沐阳"})
    run_month(frozen_clock, "2026-10-08")

    assert len(promised()) == 8


def test_reminders_cost_the_same_however_many_targets_there_are_and_little_for_each_person(
    town: Town, frozen_clock: time_machine.Traveller, statements: list[str]
) -> None:
    begun = {"created_at": LONG_AGO, "valid_from": D("2026-01-01")}

    def counted(day: str) -> int:
        go_to(frozen_clock, day, "08:35")
        jobs.close_overdue_tasks()
        jobs.generate_tasks()
        db.session.remove()
        statements.clear()
        jobs.remind_r1()
        return len(statements)

    counted("2026-10-08")
    few = counted("2026-11-02")
    leader = db.session.get_one(User, town.leader.user_id)
    liaison = db.session.get_one(User, town.liaison.user_id)
    for _ in range(8):
        make.linkage(leader=leader, liaison=liaison, **begun)
    many = counted("2026-12-01")
    for _ in range(10):
        make.linkage(**begun)  # of people of its own
    crowd = counted("2027-01-04")

    assert many == few
    assert crowd <= many + 20 * 4  # what each chose, their inbox and mail, and what R5 says there
