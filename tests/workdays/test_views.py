"""The pages of the working calendar."""

import re
from collections.abc import Callable

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.workdays import service
from app.workdays.models import CalendarYear, SpecialDay
from tests import make

Browse = Callable[[User], FlaskClient]
NOTICE = """元旦：1月1日（周五）放假，与周末连休。
国庆节：10月1日（周五）至7日（周四）放假。10月9日（周六）上班。"""
KEY = "0" * 32


@pytest.fixture
def admin(client_for: Browse) -> FlaskClient:
    user = make.user(Role.SYS_ADMIN)
    actor = Actor(tenant_id=user.tenant_id, user_id=user.id, role=Role.SYS_ADMIN)
    with transaction():
        service.seed(make.the_tenant(), [2026], actor=actor)
    return client_for(user)


@pytest.fixture
def reader(admin: FlaskClient, client_for: Browse) -> FlaskClient:
    del admin
    return client_for(make.user(Role.HANDLER))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def send(client: FlaskClient, url: str, **given: str) -> tuple[int, str]:
    answer = client.post(url, data={"idempotency_key": KEY, **given})
    db.session.rollback()
    return answer.status_code, text_of(answer.text)


def test_a_year_is_shown_by_months_with_its_festivals(admin: FlaskClient) -> None:
    shown = text_of(admin.get("/calendar").text)

    assert "2026年共 248 个工作日" in shown
    assert "国庆节 10月1日至7日 9月20日（周日）、10月10日（周六） 9月29日（周二）" in shown
    assert "2026年12月" in shown
    assert "2026年8月" not in shown
    assert "2026年1月" in text_of(admin.get("/calendar?year=2026&all=1").text)


@pytest.mark.parametrize("query", ["year=1", "year=x", "year=99999", "since=&amount=", "page=-1"])
def test_what_cannot_be_asked_shows_the_calendar_anyway(admin: FlaskClient, query: str) -> None:
    assert admin.get(f"/calendar?{query}").status_code == 200


def test_the_simulator_tells_a_deadline_day_by_day(reader: FlaskClient) -> None:
    shown = text_of(reader.get("/calendar?since=2026-09-30T09:00&amount=5&unit=workdays").text)

    assert "10月13日（周二）17:30" in shown
    assert (
        "9月30日（周三）当天不算；10月1日至7日国庆节放假；"
        "10月10日（周六）调休上班，算第 3 个；10月13日（周二）是第 5 个工作日。"
    ) in shown


def test_the_simulator_counts_working_hours_too(reader: FlaskClient) -> None:
    shown = text_of(reader.get("/calendar?since=2026-09-30T17:00&amount=4&unit=hours").text)

    assert "试算：10月8日（周四）12:00" in shown
    assert "3 小时 30 分" in shown


def test_the_simulator_says_what_rests_on_an_unconfirmed_year(reader: FlaskClient) -> None:
    shown = text_of(reader.get("/calendar?since=2026-12-28T09:00&amount=5&unit=workdays").text)

    assert "2027年1月4日（周一）17:30" in shown
    assert "2027年日历待确认，按周一至周五推算" in shown


@pytest.mark.parametrize(
    "query",
    [
        "since=x&amount=5&unit=workdays",
        "since=2026-09-30T09:00&amount=0&unit=workdays",
        "since=2026-09-30T09:00&amount=5000&unit=workdays",
        "since=2026-09-30T09:00&amount=5&unit=years",
        "since=9999-12-31T09:00&amount=5&unit=workdays",
        "since=0001-01-01T00:00&amount=5&unit=hours",
    ],
)
def test_a_question_that_cannot_be_counted_is_answered_with_a_sentence(
    reader: FlaskClient, query: str
) -> None:
    page = reader.get(f"/calendar?{query}")

    assert page.status_code == 200
    assert "bh-errors" in page.text
    assert "试算：" not in page.text


def test_who_can_mend_it_is_told_of_an_unconfirmed_year(
    admin: FlaskClient, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    sentence = "2027年节假日未配置，按周一至周五推算"
    assert sentence not in admin.get("/calendar").text

    frozen_clock.shift(45 * 86400)
    administrator, reader = (
        client_for(make.user(role)).get("/calendar").text for role in (Role.SYS_ADMIN, Role.HANDLER)
    )

    assert sentence in administrator
    assert "/calendar/2027/enter" in administrator
    assert sentence in reader
    assert "/calendar/2027/enter" not in reader


def test_who_may_not_see_the_calendar_is_refused(client_for: Browse) -> None:
    auditor = client_for(make.user(Role.AUDIT_ADMIN))

    for url in ("", "/days/2026-10-01", "/2027/confirm", "/2027/enter"):
        assert auditor.get(f"/calendar{url}").status_code == 403


@pytest.mark.parametrize("url", ["/days/x", "/days/1999-01-01", "/2101/enter", "/3/confirm"])
def test_days_and_years_that_are_not_kept_are_not_found(admin: FlaskClient, url: str) -> None:
    assert admin.get(f"/calendar{url}").status_code == 404


def test_a_day_is_changed_with_a_reason(admin: FlaskClient) -> None:
    assert "按平常的星期" in admin.get("/calendar/days/2026-10-08").text

    status, _ = send(
        admin, "/calendar/days/2026-10-08", kind="holiday", name="镇庆", reason="镇政府通知"
    )

    assert status == 303
    assert "镇庆放假" in text_of(admin.get("/calendar/days/2026-10-08").text)


def test_a_day_becomes_ordinary_again(admin: FlaskClient) -> None:
    before = count(SpecialDay)

    status, _ = send(admin, "/calendar/days/2026-10-10", kind="ordinary", reason="通知更正")

    assert status == 303
    assert count(SpecialDay) == before - 1


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "holiday"},
        {"kind": "party", "reason": "通知"},
        {"kind": "makeup", "reason": "通知"},  # a Monday
        {"kind": "ordinary", "reason": "通知"},
        {"kind": "holiday", "name": "长" * 41, "reason": "通知"},
        {"kind": "holiday", "reason": "长" * 201},
    ],
)
def test_a_bad_change_is_explained_and_nothing_is_written(
    admin: FlaskClient, given: dict[str, str]
) -> None:
    before = count(SpecialDay)

    status, shown = send(admin, "/calendar/days/2026-10-12", **given)

    assert status == 422
    assert "还有" in shown
    assert count(SpecialDay) == before


def test_readers_may_not_change_anything(reader: FlaskClient) -> None:
    before = count(SpecialDay), count(CalendarYear)

    assert "<textarea" not in reader.get("/calendar/2027/enter").text
    for url, given in (
        ("/calendar/days/2026-10-08", {"kind": "holiday", "reason": "通知"}),
        ("/calendar/2027/confirm", {"source": "通知"}),
        ("/calendar/2027/enter", {"source": "通知", "text": NOTICE, "step": "enter"}),
    ):
        assert send(reader, url, **given)[0] == 403
    assert (count(SpecialDay), count(CalendarYear)) == before


def test_a_notice_is_read_to_the_administrator_before_it_is_entered(admin: FlaskClient) -> None:
    before = count(SpecialDay)

    status, shown = send(admin, "/calendar/2027/enter", text=NOTICE, source="国办通知")

    assert status == 200
    assert "读出 8 天放假、1 天调休上班，请核对" in shown
    assert count(SpecialDay) == before

    status, _ = send(admin, "/calendar/2027/enter", text=NOTICE, source="国办通知", step="enter")
    assert status == 303
    assert count(SpecialDay) == before + 9
    assert "来源：国办通知" in text_of(admin.get("/calendar?year=2027").text)


@pytest.mark.parametrize("step", ["read", "enter"])
@pytest.mark.parametrize("given", [{}, {"text": NOTICE}, {"text": "长" * 5001, "source": "x"}])
def test_a_notice_without_text_or_source_is_not_taken(
    admin: FlaskClient, given: dict[str, str], step: str
) -> None:
    assert send(admin, "/calendar/2027/enter", step=step, **given)[0] == 422


def test_a_notice_without_dates_is_not_entered(admin: FlaskClient) -> None:
    given = {"text": "各部门：节假日安排另行通知。", "source": "国办通知"}

    status, shown = send(admin, "/calendar/2027/enter", **given)
    assert (status, "没有读出日期" in shown) == (200, True)

    status, shown = send(admin, "/calendar/2027/enter", step="enter", **given)
    assert (status, "没有读出2027年的放假日期" in shown) == (422, True)


def test_a_year_that_was_entered_day_by_day_is_confirmed(admin: FlaskClient) -> None:
    send(admin, "/calendar/days/2027-01-01", kind="holiday", name="元旦", reason="通知")
    assert "/calendar/2027/confirm" in admin.get("/calendar?year=2027").text

    answer = admin.post(
        "/calendar/2027/confirm", data={"idempotency_key": "1" * 32, "source": "国办通知"}
    )

    assert answer.status_code == 303
    assert "2027年已经确认过了" in admin.get("/calendar/2027/confirm").text


def test_the_second_of_two_administrators_is_told_and_keeps_what_was_typed(
    admin: FlaskClient,
) -> None:
    page = admin.get("/calendar/days/2026-10-10").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    send(admin, "/calendar/days/2026-10-08", kind="holiday", reason="通知", version=version[1])

    answer = admin.post(
        "/calendar/days/2026-10-10",
        data={
            "idempotency_key": "2" * 32,
            "kind": "ordinary",
            "reason": "我写的依据",
            "version": version[1],
        },
    )

    assert answer.status_code == 409
    assert "我写的依据" in answer.text


def test_a_double_submit_changes_a_day_once(admin: FlaskClient) -> None:
    given = {"kind": "holiday", "reason": "通知"}

    first = send(admin, "/calendar/days/2026-10-08", **given)
    second = send(admin, "/calendar/days/2026-10-08", **given)

    assert (first[0], second[0]) == (303, 303)
