"""Every clock of a ticket on its page: its light, how it ended, and how it was counted."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.workflow.states import Complexity, Event, Solved, Status, Urgency
from tests.office import Office, approve, moment, open_office, reply

Browse = Callable[[Actor], FlaskClient]
Clock = time_machine.Traveller


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


@pytest.fixture
def clocks(office: Office, client_for: Browse) -> Callable[..., dict[str, str]]:
    """Return a function that reads the clocks on the page of the walked ticket, by their word."""

    def read(role: Role = Role.DISPATCHER) -> dict[str, str]:
        page = client_for(office.actor(role)).get(f"/tickets/{office.ticket_id}").text
        found = re.findall(r'data-clock="([^"]+)">(.*?)</div>\s*(?=<div|</div>)', page, re.DOTALL)
        plain = {word: re.sub(r"<[^>]+>", " ", html.unescape(text)) for word, text in found}
        return {word: " ".join(text.split()) for word, text in plain.items()}

    return read


def test_each_clock_of_the_way_is_there_with_its_end(
    office: Office, clocks: Callable[..., dict[str, str]]
) -> None:
    office.walk_to(Status.CLOSED)

    told = clocks()
    assert {"受理", "交办", "签收", "首次联系", "办理", "审核", "回访"} == set(told)
    for word in set(told) - {"办理"}:
        assert "，按时" in told[word], told[word]


def test_what_runs_has_a_light_and_says_how_it_was_counted(
    office: Office, clocks: Callable[..., dict[str, str]]
) -> None:
    office.walk_to(Status.PENDING_SIGN)

    told = clocks()
    assert "签收 剩 1 个工作日 明天 17:30" in told["签收"]
    assert "从 今天 09:00 的次日起 1 个工作日。" in told["签收"]
    assert "剩 5 个工作日" in told["办理"]
    assert list(told)[-2:] == ["受理", "交办"]  # what has ended comes last


def test_what_was_late_says_by_how_much(
    office: Office, clocks: Callable[..., dict[str, str]], frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_SIGN)
    frozen_clock.move_to(moment("2026-09-24T10:00"))
    office.take(Event.SIGN, Role.HANDLER)

    assert "超期 2 个工作日" in clocks()["签收"]


def test_hours_are_told_as_hours(office: Office, clocks: Callable[..., dict[str, str]]) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, urgency=Urgency.URGENT)
    office.take(Event.DISPATCH, Role.DISPATCHER)

    told = clocks()
    assert "4 个工作小时" in told["签收"]
    assert "紧急件当天联系" in told["首次联系"]


def test_what_is_suspended_is_grey_and_waits_for_its_review(
    office: Office, clocks: Callable[..., dict[str, str]], frozen_clock: Clock
) -> None:
    office.walk_to(Status.SUSPENDED)
    frozen_clock.move_to(moment("2026-10-20T10:00"))  # the old deadline has passed

    told = clocks(Role.HANDLER)
    assert "超期" not in " ".join(told.values())
    assert told["办理"].startswith("办理 挂账")
    assert told["首次联系"].startswith("首次联系 挂账")
    assert "定下 11月20日（周五）复核" in told["挂账复核"]


def test_a_renewal_is_told_under_the_review(
    office: Office, clocks: Callable[..., dict[str, str]]
) -> None:
    office.walk_to(Status.SUSPENDED)
    with transaction():
        service.renew_suspension(
            office.ticket, date(2026, 12, 1), "还在等", actor=office.actor(Role.OFFICE_DIRECTOR)
        )

    assert "改为 12月1日（周二）17:30：挂账续期" in clocks()["挂账复核"]


def test_what_is_reviewed_is_grey(
    office: Office, clocks: Callable[..., dict[str, str]], frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVIEW)
    frozen_clock.move_to(moment("2026-10-20T10:00"))

    assert clocks(Role.HANDLER)["办理"].startswith("办理 待审核")


def test_a_rework_has_a_limit_of_its_own(
    office: Office, clocks: Callable[..., dict[str, str]]
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit(solved=Solved.NO, result_score=1)

    assert "剩 5 个工作日" in clocks()["重办"]


def test_each_co_unit_has_its_own_line(
    office: Office, clocks: Callable[..., dict[str, str]], frozen_clock: Clock
) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))
    assert "剩 3 个工作日" in clocks()["协办意见"]

    frozen_clock.shift(timedelta(days=1))
    with transaction():
        (task,) = office.ticket.co_tasks
        helper = office.more["other head"]
        service.answer_co_task(task, "同意主办单位的意见，没有补充。", actor=helper)

    assert "，按时" in clocks()["协办意见"]


def test_a_note_has_the_limit_of_its_answer(
    office: Office, clocks: Callable[..., dict[str, str]], frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    frozen_clock.move_to(moment("2026-10-08T09:00"))
    with transaction():
        service.climb(office.ticket_id)

    told = clocks()["督办答复"]
    assert "蓝色督办" in told
    assert "从 今天 09:00 的次日起 2 个工作日。" in told


def test_the_enterprise_is_told_of_its_own_clocks_only(
    office: Office, clocks: Callable[..., dict[str, str]]
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    assert set(clocks(Role.ENTERPRISE_USER)) == {"办理", "首次联系"}

    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    approve(office)
    assert set(clocks(Role.ENTERPRISE_USER)) == {"办理", "首次联系", "回访"}


def test_a_draft_has_no_clock(office: Office, clocks: Callable[..., dict[str, str]]) -> None:
    office.open()

    assert clocks(Role.LIAISON) == {}
    assert clock.today() == date(2026, 9, 21)


def test_what_a_leader_wrote_has_a_line_with_its_light_until_it_is_answered(
    office: Office, clocks: Callable[..., dict[str, str]], frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        leader = office.actor(Role.LEADER)
        service.give_directive(office.ticket, "请抓紧办。", actor=leader)
    assert "剩 2 个工作日" in clocks()["批示答复"]
    assert leader.name in clocks()["批示答复"]
    assert "从 今天 09:00 的次日起 2 个工作日。" in clocks()["批示答复"]
    assert "批示答复" not in clocks(Role.ENTERPRISE_USER)

    frozen_clock.move_to(moment("2026-09-24T09:00"))
    assert "超期 1 个工作日" in clocks()["批示答复"]
    with transaction():
        head = office.actor(Role.DEPT_HEAD)
        given = office.ticket.directives[0]
        service.answer_directive(given, "已经会同公路站看过现场。", actor=head)

    assert "今天 09:00，超期 1 个工作日" in clocks()["批示答复"]


def test_what_has_ended_still_says_how_it_was_counted_day_by_day(
    office: Office, clocks: Callable[..., dict[str, str]]
) -> None:
    office.walk_to(Status.CLOSED)

    for word in ("受理", "交办", "签收", "审核", "回访"):
        assert "当天不算" in clocks()[word], word


def test_a_rework_has_the_light_of_the_handling_of_which_it_is_a_part(
    office: Office, clocks: Callable[..., dict[str, str]], frozen_clock: Clock
) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.HARD)
    office.take(Event.DISPATCH, Role.OFFICE_DIRECTOR)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=1)  # five days, of a limit of thirty
    frozen_clock.move_to(moment("2026-09-23T09:00"))
    page = clocks()

    assert "剩 3 个工作日" in page["办理"]
    assert "剩 3 个工作日" in page["重办"]
