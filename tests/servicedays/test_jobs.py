"""R11: on its day, once to each, however often it runs; and what changes of it is told."""

from collections.abc import Callable
from datetime import date, time, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import schedule
from app.accounts.models import Absence
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, EnterpriseContact
from app.notifications import jobs as notifications
from app.notifications.models import Channel, MessageState
from app.servicedays import jobs, service
from app.servicedays.models import Invitation, ServiceDay
from app.servicedays.service import announcing
from app.servicedays.workflow import Inviting
from app.visits import jobs as visits
from tests import make
from tests.servicedays.test_calendar import TABLE
from tests.servicedays.town import CHOSEN, LINKED, Town, at_once, go_to, messages, open_town, people

pytestmark = pytest.mark.usefixtures("app")
Sent = Callable[[], list[EmailMessage]]
D = date.fromisoformat


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def run_at(traveller: time_machine.Traveller, day: str, hour: str = "08:35") -> None:
    go_to(traveller, day, hour)
    jobs.announce()


# ---- when ----


@pytest.mark.parametrize(("month", "day", "notice"), TABLE)
def test_over_the_twelve_months_r11_goes_out_on_the_day_of_the_table(
    frozen_clock: time_machine.Traveller, month: int, day: str, notice: str
) -> None:
    del month
    held_on = D(f"2026-{day}")
    go_to(frozen_clock, (held_on - timedelta(days=15)).isoformat())
    town = open_town(held_on=held_on)
    told: list[str] = []

    for n in range(15):
        today = (held_on - timedelta(days=15 - n - 1)).isoformat()
        go_to(frozen_clock, today, "08:34")
        before = len(messages("R11"))
        jobs.announce()
        early = len(messages("R11")) - before
        run_at(frozen_clock, today)
        told += [today] * (len(messages("R11")) - before)
        assert early == 0 or today != f"2026-{notice}"

    assert told == [f"2026-{notice}"] * 3
    assert people("R11") == town.told


@pytest.mark.parametrize(
    ("day", "hour", "goes"),
    [
        ("2026-10-09", "08:35", False),
        ("2026-10-10", "08:35", False),  # a Saturday that is worked
        ("2026-10-12", "08:34", False),
        ("2026-10-12", "08:35", True),
        ("2026-10-13", "03:00", True),  # the scheduler slept
        ("2026-10-15", "08:59", True),
        ("2026-10-15", "09:00", False),  # it has begun
        ("2026-10-16", "08:35", False),  # never after the day
    ],
)
def test_r11_is_made_good_until_the_day_begins_and_never_after(
    town: Town, frozen_clock: time_machine.Traveller, day: str, hour: str, *, goes: bool
) -> None:
    run_at(frozen_clock, day, hour)

    assert people("R11") == (town.told if goes else [])


def test_nobody_is_told_on_a_day_off(frozen_clock: time_machine.Traveller) -> None:
    open_town(held_on=D("2026-10-08"))  # announced on 28 September

    run_at(frozen_clock, "2026-10-02")
    assert people("R11") == []

    run_at(frozen_clock, "2026-09-29")  # the clock was wrong, and set back
    assert len(people("R11")) == 3


def test_it_stands_in_the_timetable_at_0835() -> None:
    (job,) = [one for one in schedule.TIMETABLE if one.name == "announce-service-days"]

    assert (job.when, job.slot) == ("35 8 * * *", schedule.DAILY)


def test_a_day_planned_at_short_notice_is_announced_at_once(
    frozen_clock: time_machine.Traveller,
) -> None:
    go_to(frozen_clock, "2026-10-14")
    town = open_town()

    assert people("R11") == town.told
    assert people("service-day-new", Channel.INBOX) == []
    run_at(frozen_clock, "2026-10-15", "08:35")
    assert people("R11") == town.told


def test_a_day_planned_early_tells_host_and_units_in_the_inbox(town: Town) -> None:
    assert people("service-day-new", Channel.INBOX) == town.told
    assert people("R11") == []


# ---- once ----


def test_each_is_told_once_however_often_it_runs(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    for day in ("2026-10-12", "2026-10-12", "2026-10-13", "2026-10-14"):
        run_at(frozen_clock, day)
        notifications.deliver_due()

    assert people("R11") == town.told
    assert people("R11", Channel.INBOX) == town.told
    assert len([one for one in sent() if "预告" in str(one["Subject"])]) == 3


def test_two_schedulers_at_once_tell_nobody_twice(
    app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    town = open_town(inviting=LINKED)
    go_to(frozen_clock, "2026-10-12", "08:35")
    day_id = town.day_id

    at_once(app, lambda _n: service.announce(day_id), times=4)

    assert people("R11") == town.told
    assert len(messages("R11-enterprise")) == 1


def test_a_run_that_is_killed_leaves_nothing_and_the_next_one_tells_all(
    frozen_clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = open_town(inviting=LINKED)

    def die(*_words: object, **_more: object) -> bool:
        raise ConnectionError("no line")

    with monkeypatch.context() as broken:
        broken.setattr(announcing.outbox, "tell_enterprise", die)
        run_at(frozen_clock, "2026-10-12")
    assert messages("R11", None) == []

    jobs.announce()

    assert people("R11") == town.told
    assert len(messages("R11-enterprise")) == 1


def test_a_day_that_fails_stops_no_other(
    frozen_clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = open_town()
    bad = town.day_id
    town.plan(begins_at=time(14), ends_at=time(17))
    rows = announcing.letters.rows

    def fragile(day: object) -> object:
        if getattr(day, "id", None) == bad:
            raise RuntimeError("broken")
        return rows(day)  # type: ignore[arg-type]

    monkeypatch.setattr(announcing.letters, "rows", fragile)
    run_at(frozen_clock, "2026-10-12")

    assert {one.period.split("/")[0] for one in messages("R11")} == {str(town.day_id)}


def test_a_deputy_is_told_as_well(town: Town, frozen_clock: time_machine.Traveller) -> None:
    deputy = make.user()
    away = Absence(
        tenant_id=town.tenant_id,
        user_id=town.host_id,
        deputy_id=deputy.id,
        from_on=D("2026-10-01"),
        to_on=D("2026-10-31"),
        begun_at=clock.now(),
        noted_at=clock.now(),
    )
    with transaction():
        db.session.add(away)

    run_at(frozen_clock, "2026-10-12")

    assert people("R11") == sorted([*town.told, deputy.id])


# ---- what ----


def test_the_letter_says_when_where_who_and_who_has_booked(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    town.book(topic="进厂小桥限重，请打 13900001111")

    run_at(frozen_clock, "2026-10-12")
    notifications.deliver_due()

    letter = next(one for one in sent() if "栾亦辰" in str(one["To"]))
    assert letter["Subject"] == "【霁川镇营商办】10月15日（周四）企业家接待日预告（已约1家）"
    text = text_of(letter)
    for word in (
        "栾亦辰同志：",
        "时间：09:00–11:30",
        "地点：镇政府二楼会议室",
        "到场单位：规划建设办公室",
        "主题：工矿企业物流",
        "塑岭管业",
        "进厂小桥限重，请打 （号码从略）",
        f"/service-days/{town.day_id}",
    ):
        assert word in text, word
    for kept_out in ("13900001111", "14200001234", "宋主任"):
        assert kept_out not in text, kept_out


# ---- enterprises ----


def test_linked_enterprises_get_a_link_of_their_own(
    frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    town = open_town(inviting=LINKED)

    run_at(frozen_clock, "2026-10-12")
    notifications.deliver_due()

    (told,) = messages("R11-enterprise")
    assert told.recipient_key.startswith("contact:")
    letter = next(one for one in sent() if "firm@example.com" in str(one["To"]))
    assert "/b/" in text_of(letter)
    assert "速岭物流" not in text_of(letter)  # who else has booked is none of theirs
    assert "宋主任：" in text_of(letter)
    (invited,) = db.session.scalars(select(Invitation)).all()
    assert invited.enterprise_id == town.firm_id


def test_only_the_chosen_enterprises_are_told(frozen_clock: time_machine.Traveller) -> None:
    town = open_town(plan=False)
    make.contact(
        enterprise=db.session.get_one(Enterprise, town.other_firm_id), email="other@example.com"
    )
    town.plan(inviting=CHOSEN, enterprise_ids=(town.other_firm_id,))

    run_at(frozen_clock, "2026-10-12")

    assert [one.outsider_address for one in messages("R11-enterprise")] == ["other@example.com"]


def test_no_enterprise_is_told_unless_the_office_says_so(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    assert town.day.inviting is Inviting.NONE

    run_at(frozen_clock, "2026-10-12")

    assert messages("R11-enterprise", None) == []


def test_an_enterprise_without_mail_is_told_by_text_message_and_without_contact_later(
    frozen_clock: time_machine.Traveller,
) -> None:
    town = open_town(plan=False)
    town.plan(inviting=CHOSEN, enterprise_ids=(town.other_firm_id,))
    run_at(frozen_clock, "2026-10-12")
    assert messages("R11-enterprise", None) == []

    with transaction():
        db.session.add(
            EnterpriseContact(enterprise_id=town.other_firm_id, name="司经理", phone="14200009999")
        )
    run_at(frozen_clock, "2026-10-13")
    run_at(frozen_clock, "2026-10-14")

    (told,) = messages("R11-enterprise", None)
    assert told.channel is Channel.SMS
    assert told.outsider_address == "14200009999"


# ---- changes ----


def test_whoever_was_told_is_told_of_a_change_and_what_changed(
    town: Town, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    run_at(frozen_clock, "2026-10-12")
    notifications.deliver_due()

    town.change(place="企业服务中心")
    notifications.deliver_due()

    assert people("R11-changed") == town.told
    text = text_of(next(one for one in sent() if "有改动" in str(one["Subject"])))
    assert "地点：镇政府二楼会议室 → 企业服务中心" in text
    run_at(frozen_clock, "2026-10-13")
    assert people("R11") == town.told


def test_a_change_before_the_notice_is_told_to_those_who_heard_of_the_plan(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.change(place="企业服务中心")
    assert people("R11-changed") == town.told

    run_at(frozen_clock, "2026-10-12")

    assert people("R11") == town.told


def test_what_concerns_nobody_else_is_told_to_nobody(town: Town) -> None:
    town.change(capacity=5, notes="请带上材料。")

    assert messages("R11-changed", None) == []


def test_a_day_that_is_moved_is_announced_anew_three_working_days_before(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    run_at(frozen_clock, "2026-10-12")
    town.change(held_on=D("2026-10-28"))

    run_at(frozen_clock, "2026-10-14")
    assert len(people("R11")) == 3
    run_at(frozen_clock, "2026-10-23")

    assert people("R11") == sorted(town.told * 2)


def firms_told(rule: str) -> list[str]:
    return [one.period for one in messages(rule) if one.recipient_id is None]


def test_enterprises_hear_of_a_day_that_is_moved_once_more_three_working_days_before(
    frozen_clock: time_machine.Traveller,
) -> None:
    town = open_town(inviting=LINKED)
    run_at(frozen_clock, "2026-10-12")
    town.change(held_on=D("2026-10-28"))

    run_at(frozen_clock, "2026-10-14")
    before = firms_told("R11-enterprise")
    run_at(frozen_clock, "2026-10-23")
    run_at(frozen_clock, "2026-10-26")

    assert before == [f"{town.day_id}/2026-10-15"]
    assert firms_told("R11-changed-enterprise") == [f"{town.day_id}/2026-10-28/2"]
    assert firms_told("R11-enterprise") == [f"{town.day_id}/2026-10-{day}" for day in (15, 28)]


def test_enterprises_that_just_heard_of_a_move_are_not_told_again_on_the_next_morning(
    frozen_clock: time_machine.Traveller,
) -> None:
    town = open_town(inviting=LINKED)
    run_at(frozen_clock, "2026-10-12")
    town.change(held_on=D("2026-10-16"))

    run_at(frozen_clock, "2026-10-13")

    assert len(firms_told("R11-enterprise")) == len(firms_told("R11-changed-enterprise")) == 1


def test_who_was_just_told_of_a_move_is_not_told_again_on_the_next_morning(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    run_at(frozen_clock, "2026-10-12")
    town.change(held_on=D("2026-10-16"))

    run_at(frozen_clock, "2026-10-13")

    assert people("R11-changed") == town.told
    assert len(people("R11")) == 3


def test_a_unit_that_joins_later_is_announced_to_alone(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    run_at(frozen_clock, "2026-10-12")
    unit = make.unit("供电所")
    head = make.user(Role.DEPT_HEAD, unit=unit)

    town.change(unit_ids=(town.unit_id, unit.id))

    assert people("R11") == sorted([*town.told, head.id])


def test_a_letter_that_still_waits_is_not_sent_after_a_change(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    run_at(frozen_clock, "2026-10-12")

    town.change(place="企业服务中心")

    assert {one.state for one in messages("R11")} == {MessageState.SKIPPED}
    assert {one.state for one in messages("R11-changed")} == {MessageState.QUEUED}


def test_a_cancelled_day_is_told_to_everybody_who_was_told_and_who_booked(
    frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    town = open_town(inviting=LINKED)
    town.book(town.other_firm_id)
    with transaction():
        db.session.add(
            EnterpriseContact(
                enterprise_id=town.other_firm_id, name="司经理", email="other@example.com"
            )
        )
    town.book(enterprise_id=None, firm_name="路边新店", contact_phone="14200007777")
    run_at(frozen_clock, "2026-10-12")

    town.cancel()
    notifications.deliver_due()

    assert people("R11-changed") == town.told
    told = messages("R11-changed-enterprise", None)
    assert sorted(one.outsider_address or "" for one in told) == [
        "14200007777",
        "firm@example.com",
        "other@example.com",
    ]
    letter = next(one for one in sent() if "取消" in str(one["Subject"]))
    assert "领导到县里开会" in text_of(letter)
    run_at(frozen_clock, "2026-10-13")
    assert len(people("R11")) == 3


def test_a_cancelled_day_is_never_announced(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.cancel()

    run_at(frozen_clock, "2026-10-12")

    assert messages("R11", None) == []
    assert people("R11-changed") == town.told


def test_announcing_costs_the_same_however_many_have_booked(
    town: Town, frozen_clock: time_machine.Traveller, statements: list[str]
) -> None:
    def cost(bookings: int) -> int:
        for _ in range(bookings):
            make.appointment(day=town.day)
        statements.clear()
        jobs.announce()
        return len(statements)

    go_to(frozen_clock, "2026-10-12", "08:35")
    few = cost(0)
    go_to(frozen_clock, "2026-10-12", "08:00")
    town.plan(held_on=D("2026-10-16"))
    with transaction():
        service.cancel_day(
            db.session.get_one(ServiceDay, town.day_id - 1), "没有", actor=town.clerk
        )
    go_to(frozen_clock, "2026-10-13", "08:35")

    assert cost(8) <= few


# ---- in the letter of the month ----


def test_the_letter_of_the_month_names_its_service_day(
    frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    go_to(frozen_clock, "2026-09-28")
    town = open_town()
    town.plan(held_on=D("2026-10-16"), focus="")
    town.cancel()
    go_to(frozen_clock, "2026-10-08", "08:35")
    visits.generate_tasks()

    jobs.remind_r1()
    notifications.deliver_due()

    letter = text_of(next(one for one in sent() if "任务提醒（栾亦辰同志" in one["Subject"]))
    told = "企业家接待日：10月15日（周四）09:00–11:30，镇政府二楼会议室，栾亦辰接待（工矿企业物流）"
    assert told in letter
    assert "10月16日" not in letter


def test_the_letter_of_a_month_without_a_service_day_says_nothing_of_one(
    frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    go_to(frozen_clock, "2026-09-28")
    open_town(plan=False)
    go_to(frozen_clock, "2026-10-08", "08:35")
    visits.generate_tasks()

    jobs.remind_r1()
    notifications.deliver_due()

    assert sent()
    assert "服务日" not in text_of(sent()[0])
