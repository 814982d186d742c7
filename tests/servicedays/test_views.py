"""The pages: for the office, on the day, on paper, and for an enterprise with its link."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import links
from app.core.audit import AuditRow
from app.core.db import db
from app.core.links import PublicLink
from app.core.transactions import transaction
from app.enterprises.models import Linkage
from app.servicedays import jobs
from app.servicedays.models import Appointment, ServiceDay
from app.servicedays.service import appointments
from app.servicedays.workflow import Origin, State
from app.tickets.models import Ticket
from app.visits.models import VisitTask
from tests import make
from tests.servicedays.town import LINKED, Town, go_to, messages, open_town, people, standing

ClientFor = Callable[[User | Actor], FlaskClient]


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town(slot_minutes=30, capacity=1, inviting=LINKED)


def key() -> str:
    return uuid4().hex


def planned(town: Town, **more: Any) -> dict[str, Any]:
    """Return what a browser would send for a day."""
    sent: dict[str, Any] = {
        "idempotency_key": key(),
        "kind": "service",
        "held_on": "2026-11-10",
        "begins_at": "09:00",
        "ends_at": "11:30",
        "place": "企业服务中心",
        "host_id": str(town.host_id),
        "unit_ids": [str(town.unit_id)],
        "inviting": "none",
    }
    return sent | more


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# ---- the office ----


def test_a_day_is_planned_on_one_page(town: Town, client_for: ClientFor) -> None:
    answer = client_for(town.clerk).post("/service-days/new", data=planned(town))

    assert answer.status_code == 303
    day = db.session.scalars(select(ServiceDay).order_by(ServiceDay.id.desc())).first()
    assert day
    assert answer.location == f"/service-days/{day.id}"
    assert (day.place, [unit.id for unit in day.units]) == ("企业服务中心", [town.unit_id])


def test_a_double_click_plans_one_day(town: Town, client_for: ClientFor) -> None:
    browser, form = client_for(town.clerk), planned(town)

    places = [browser.post("/service-days/new", data=form).location for _ in range(2)]

    assert places[0] == places[1]
    assert count(ServiceDay) == 2  # with the town's own


def test_what_was_typed_stays_when_a_day_is_refused(town: Town, client_for: ClientFor) -> None:
    answer = client_for(town.clerk).post(
        "/service-days/new", data=planned(town, held_on="2026-11-07", focus="冷链")
    )

    assert answer.status_code == 422
    page = unescape(answer.text)
    assert 'href="#held_on"' in page
    assert "11月7日不是工作日" in page
    assert "冷链" in page
    assert 'name="exception_reason"' in page  # and here is how to hold it all the same


def test_the_button_of_the_rule_fills_the_date_in(town: Town, client_for: ClientFor) -> None:
    browser = client_for(town.clerk)

    index = browser.get("/service-days").text

    assert "/service-days/new?day=2026-11-10" in index
    assert 'value="2026-11-10"' in browser.get("/service-days/new?day=2026-11-10").text


def test_the_calendar_shows_days_to_come_and_days_past_with_their_results(
    town: Town, client_for: ClientFor, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-15", "09:30")
    town.receive()
    town.hold()
    town.plan(held_on=date(2026, 11, 10))

    page = unescape(client_for(town.clerk).get("/service-days?month=2026-11").text)

    assert "2026年11月" in page
    assert f'href="/service-days/{town.day_id}"' in page
    assert f'href="/service-days/{town.day_id - 1}/results"' in page
    assert "办结 0 / 1" in page
    assert client_for(town.clerk).get("/service-days?month=0001-01").status_code == 200


def test_the_list_costs_the_same_however_many_days_there_are(
    town: Town, client_for: ClientFor, statements: list[str]
) -> None:
    browser = client_for(town.clerk)

    def cost() -> int:
        browser.get("/service-days")
        statements.clear()
        assert browser.get("/service-days").status_code == 200
        return len(statements)

    few = cost()
    for n in range(8):
        held = State.HELD if n % 2 else State.ANNOUNCED
        day = make.service_day(on=date(2026, 10, 19) + timedelta(days=n), state=held)
        make.appointment(day=day)

    assert cost() <= few + 2  # units and counts of the days past


def test_two_who_edit_the_second_keeps_what_they_typed(town: Town, client_for: ClientFor) -> None:
    browser, url = client_for(town.clerk), f"/service-days/{town.day_id}/edit"
    version = town.day.version
    first = planned(town, held_on="2026-10-15", version=str(version), place="甲处")
    second = planned(town, held_on="2026-10-15", version=str(version), place="乙处")
    assert browser.post(url, data=first).status_code == 303

    answer = browser.post(url, data=second)

    assert answer.status_code == 409
    assert "乙处" in answer.text
    again = re.search(r'name="version" value="(\d+)"', answer.text)
    assert again
    assert int(again[1]) == version + 1


def test_the_page_of_a_day_hides_numbers_until_they_are_asked_for(
    town: Town, client_for: ClientFor
) -> None:
    mine = town.book(slot=time(9))
    browser, url = client_for(town.clerk), f"/service-days/{town.day_id}"
    assert "14200001234" not in browser.get(url).text

    answer = browser.post(f"{url}/appointments/{mine}/phone")

    assert "tel:14200001234" in answer.text
    assert client_for(town.host).post(f"{url}/appointments/{mine}/phone").status_code == 403


def test_an_appointment_is_made_moved_and_called_off(town: Town, client_for: ClientFor) -> None:
    browser, url = client_for(town.liaison), f"/service-days/{town.day_id}/appointments"
    form = {"idempotency_key": key(), "enterprise_id": str(town.firm_id), "slot": "09:00"}
    assert browser.post(f"{url}/new", data=form).status_code == 303
    (mine,) = standing(town.day_id)

    moved = {"idempotency_key": key(), "slot": "10:30", "version": str(mine.version)}
    assert browser.post(f"{url}/{mine.id}", data=moved).status_code == 303
    assert town.appointment(mine.id).slot == time(10, 30)
    gone = {"idempotency_key": key(), "version": str(town.appointment(mine.id).version)}
    assert browser.post(f"{url}/{mine.id}/release", data=gone).status_code == 303

    assert standing(town.day_id) == []


def test_a_slot_that_was_taken_meanwhile_is_said_by_its_field(
    town: Town, client_for: ClientFor
) -> None:
    browser, url = client_for(town.clerk), f"/service-days/{town.day_id}/appointments/new"
    town.book(town.other_firm_id, slot=time(9))

    form = {"idempotency_key": key(), "enterprise_id": str(town.firm_id), "slot": "09:00"}
    answer = browser.post(url, data=form | {"topic": "小桥限重"})

    assert answer.status_code == 422
    assert 'href="#slot"' in answer.text
    assert "小桥限重" in answer.text


def test_who_books_hears_who_visits_the_same_enterprise_that_week(
    town: Town, client_for: ClientFor
) -> None:
    link = db.session.scalars(select(Linkage).where(Linkage.enterprise_id == town.firm_id)).one()
    task = make.task(linkage=link, period="2026-10")
    with transaction():
        db.session.get_one(VisitTask, task.id).planned_on = date(2026, 10, 13)
    browser, url = client_for(town.clerk), f"/service-days/{town.day_id}/appointments/new"

    near = {"enterprise_id": str(town.firm_id), "slot": "09:00", "idempotency_key": key()}
    far = {"enterprise_id": str(town.other_firm_id), "slot": "09:30", "idempotency_key": key()}
    told = browser.post(url, data=near, follow_redirects=True).text
    silent = browser.post(url, data=far, follow_redirects=True).text

    assert "栾亦辰、鹿鸣谦打算10月13日" in unescape(told)
    assert "可以商量只见一次" in told
    assert "可以商量只见一次" not in silent


def test_a_day_is_called_off_on_a_page_of_its_own(town: Town, client_for: ClientFor) -> None:
    browser, url = client_for(town.clerk), f"/service-days/{town.day_id}/cancel"
    page = unescape(browser.get(url).text)
    assert "取消以后不能恢复" in page

    form = {"idempotency_key": key(), "reason": "领导到县里开会"}
    assert browser.post(url, data=form).status_code == 303

    assert town.day.state is State.CANCELLED
    assert people("R11-changed") == town.told
    assert "现在是“取消”" in unescape(browser.get(url).text)


# ---- on the day ----


def heard(place: int = 0, **more: str) -> dict[str, str]:
    words = {
        "title": "进厂小桥限重货车绕行",
        "description": "桥头立了限重 5 吨的牌子，货车每趟多绕 11 公里。",
    }
    return {f"problems-{place}-{name}": value for name, value in (words | more).items()}


@pytest.fixture
def today(town: Town, frozen_clock: time_machine.Traveller) -> Town:
    go_to(frozen_clock, "2026-10-15", "09:10")
    return town


def receive(browser: FlaskClient, town: Town, **more: str) -> TestResponse:
    form = {
        "idempotency_key": key(),
        "firm": f"e{town.firm_id}",
        "contact_name": "宋主任",
        "no_secrets": "y",
    }
    url = f"/service-days/{town.day_id}/problems/new"
    return browser.post(url, data=form | heard() | more)


def test_several_enterprises_are_entered_one_after_another(
    today: Town, client_for: ClientFor
) -> None:
    browser = client_for(today.clerk)

    first = receive(browser, today, **heard(1, title="司机招不到"))
    assert first.location == f"/service-days/{today.day_id}/problems/new"
    following = unescape(browser.get(first.location).text)
    assert "已登记 2 个问题：QS20261015-0001、QS20261015-0002" in following
    assert "塑岭管业（已到）" in following
    second = receive(browser, today, firm=f"e{today.other_firm_id}")

    assert second.status_code == 303
    assert count(Ticket) == 3


def test_a_double_click_hands_in_one_problem(today: Town, client_for: ClientFor) -> None:
    browser, once = client_for(today.clerk), key()

    for _ in range(2):
        assert receive(browser, today, idempotency_key=once).status_code == 303

    assert count(Ticket) == 1


def test_a_double_click_books_once_and_adds_one_who_walked_in(
    today: Town, client_for: ClientFor
) -> None:
    browser, url = client_for(today.clerk), f"/service-days/{today.day_id}"
    booking = {"idempotency_key": key(), "enterprise_id": str(today.firm_id), "slot": "10:00"}
    walking = {"idempotency_key": key(), "enterprise_id": str(today.other_firm_id)}

    for _ in range(2):
        assert browser.post(f"{url}/appointments/new", data=booking).status_code == 303
        assert browser.post(f"{url}/walk-in", data=walking).status_code == 303

    assert len(standing(today.day_id)) == 2


def test_what_was_typed_stays_when_one_problem_is_refused(
    today: Town, client_for: ClientFor
) -> None:
    answer = receive(
        client_for(today.clerk), today, **heard(1, title="司机招不到", description="太短")
    )

    assert answer.status_code == 422
    page = unescape(answer.text)
    assert 'href="#problems-1-description"' in page
    for typed in ("进厂小桥限重货车绕行", "司机招不到", "太短", "宋主任"):
        assert typed in page
    assert count(Ticket) == 0


def test_one_more_problem_is_offered_without_a_script(today: Town, client_for: ClientFor) -> None:
    browser, url = client_for(today.clerk), f"/service-days/{today.day_id}/problems/new"

    page = browser.post(url, data=heard() | {"add-problems": "1"}).text
    assert 'name="problems-1-title"' in page
    assert "进厂小桥限重货车绕行" in page
    less = browser.post(url, data=heard() | heard(1, title="多的") | {"remove-problems": "1"}).text

    assert "多的" not in less


def test_ticks_and_walk_ins_are_one_tap_each(today: Town, client_for: ClientFor) -> None:
    browser, url = client_for(today.clerk), f"/service-days/{today.day_id}"
    mine = today.book(slot=time(9))

    answer = browser.post(f"{url}/appointments/{mine}/came")
    assert answer.location == f"{url}/reception#a{mine}"
    assert today.appointment(mine).has_come
    form = {"idempotency_key": key(), "firm_name": "路边新店", "contact_name": "老板"}
    assert browser.post(f"{url}/walk-in", data=form).status_code == 303
    browser.post(f"{url}/appointments/{mine}/came", data={"undo": "1"})

    page = unescape(browser.get(f"{url}/reception").text)
    assert "到了 1 家，还有 1 家没到" in page
    assert "路边新店" in page


def test_marking_it_as_held_leads_to_the_results(today: Town, client_for: ClientFor) -> None:
    browser, url = client_for(today.clerk), f"/service-days/{today.day_id}"
    receive(browser, today, **{"problems-0-answer": "申报时间和材料清单当场给了。"})
    assert "到场 1 家，收到 1 个问题" in unescape(browser.get(f"{url}/hold").text)

    answer = browser.post(f"{url}/hold", data={"idempotency_key": key()})

    assert answer.location == f"{url}/results"
    page = unescape(browser.get(f"{url}/results").text)
    for word in ("进厂小桥限重货车绕行", "待受理", "剩 5 个工作日答复", "当场答复："):
        assert word in page, word


# ---- on paper ----


def test_the_notice_and_the_sheet_say_what_is_needed_and_no_number(
    town: Town, client_for: ClientFor
) -> None:
    town.book(slot=time(9))
    browser, url = client_for(town.host), f"/service-days/{town.day_id}"

    notice, sheet = (unescape(browser.get(f"{url}/{name}").text) for name in ("notice", "sheet"))

    for word in ("企业家接待日公告", "2026年10月15日（周四）", "栾亦辰", "规划建设办公室"):
        assert word in notice, word
    for word in ("签到和受理登记表", "明岫霁川塑岭管业有限公司", "进厂小桥限重", "09:00"):
        assert word in sheet, word
    assert "14200001234" not in notice + sheet


# ---- the enterprise ----


@pytest.fixture
def address(town: Town, frozen_clock: time_machine.Traveller) -> str:
    """Return the address in the letter of the linked enterprise."""
    del town
    go_to(frozen_clock, "2026-10-12", "08:35")
    jobs.announce()
    (told,) = messages("R11-enterprise", None)
    assert told.public_link
    return f"/b/{links.token_of(told.public_link)}"


def answered(page: str, *, last: bool = False) -> str:
    """Return the sum that a person would do."""
    asked = re.findall(r"(\d) 加 (\d) 等于几", page)
    one, other = asked[-1 if last else 0]
    return str(int(one) + int(other))


def form_of(page: str, number: int = 0) -> dict[str, str]:
    """Return the hidden fields of the n-th form for the enterprise."""
    forms = re.findall(r'<form class="bh-stack" method="post".*?</form>', page, re.DOTALL)
    return dict(re.findall(r'name="(idempotency_key|version)" value="([^"]*)"', forms[number]))


def test_an_enterprise_books_moves_and_calls_off_with_its_link(
    app: Flask, town: Town, address: str
) -> None:
    browser = app.test_client()
    page = browser.get(address).text
    typed = {"contact_name": "范经理", "contact_phone": "14200005555", "topic": "小桥限重"}

    booked = browser.post(
        address, data=form_of(page) | typed | {"slot": "09:30", "total": answered(page)}
    )
    assert (booked.status_code, booked.location) == (303, address)
    (mine,) = standing(town.day_id)
    assert (mine.origin, mine.enterprise_id, mine.slot) == (
        Origin.ENTERPRISE,
        town.firm_id,
        time(9, 30),
    )
    page = unescape(browser.get(address).text)
    assert "已为您约好 09:30" in page
    assert "142****5555" in page
    assert "14200005555" not in page

    moved = form_of(page) | typed | {"contact_phone": "", "slot": "10:00", "total": answered(page)}
    assert browser.post(address, data=moved).status_code == 303
    assert town.appointment(mine.id).slot == time(10)
    assert town.appointment(mine.id).contact_phone == "14200005555"
    page = browser.get(address).text
    gone = form_of(page, 1) | {"total": answered(page, last=True)}
    assert browser.post(f"{address}/release", data=gone).status_code == 303

    assert standing(town.day_id) == []
    rows = db.session.scalars(
        select(AuditRow).where(AuditRow.subject == "appointment").order_by(AuditRow.id)
    ).all()
    assert [row.action for row in rows] == ["预约服务日", "改约", "取消预约"]
    assert {row.user_id for row in rows} == {None}


def test_a_link_that_changes_far_too_much_is_told_to_ring_up_and_loses_no_text(
    app: Flask, town: Town, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appointments, "MOST_BY_LINK", 2)
    browser = app.test_client()
    typed = {"contact_name": "范经理", "contact_phone": "14200005555", "topic": "小桥限重"}

    def send(slot: str, topic: str) -> TestResponse:
        page = browser.get(address).text
        filled = typed | {"topic": topic, "slot": slot, "total": answered(page)}
        return browser.post(address, data=form_of(page) | filled)

    assert send("09:30", "小桥限重").status_code == 303
    assert send("10:00", "小桥限重").status_code == 303

    refused = send("09:30", "还是小桥")

    assert refused.status_code == 429
    assert "改的次数太多了" in refused.text
    assert "还是小桥" in refused.text
    assert [one.slot for one in standing(town.day_id)] == [time(10)]


def test_looking_at_it_changes_nothing(app: Flask, town: Town, address: str) -> None:
    before = db.session.execute(select(PublicLink.used_at, PublicLink.serial)).all()

    for _ in range(3):
        assert app.test_client().get(address).status_code == 200
        assert app.test_client().head(address).status_code == 200

    assert standing(town.day_id) == []
    assert db.session.execute(select(PublicLink.used_at, PublicLink.serial)).all() == before


@pytest.mark.parametrize("total", ["", "0", "一"])
def test_what_does_no_sums_books_and_calls_off_nothing(
    app: Flask, town: Town, address: str, total: str
) -> None:
    browser = app.test_client()
    page = browser.get(address).text
    typed = {
        "contact_name": "机器",
        "contact_phone": "14200005555",
        "topic": "机器",
        "slot": "09:00",
    }

    answer = browser.post(address, data=form_of(page) | typed | {"total": total})
    assert answer.status_code == 422
    assert 'value="机器"' in answer.text  # a person who miscalculated keeps what they typed
    assert standing(town.day_id) == []
    town.book(slot=time(9))
    page = browser.get(address).text
    answer = browser.post(f"{address}/release", data=form_of(page, 1) | {"total": total})

    assert answer.status_code == 422
    assert len(standing(town.day_id)) == 1


def test_a_form_without_its_csrf_token_is_refused(app: Flask, town: Town, address: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    page = browser.get(address).text
    typed = {"contact_name": "范经理", "contact_phone": "14200005555", "topic": "小桥限重"}
    form = form_of(page) | typed | {"slot": "09:30", "total": answered(page)}

    assert browser.post(address, data=form).status_code in {302, 400, 401}
    assert standing(town.day_id) == []
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    assert browser.post(address, data=form | {"csrf_token": token[1]}).status_code == 303


def test_a_link_that_is_not_ours_opens_nothing(app: Flask, address: str) -> None:
    browser = app.test_client()

    for place, bad in enumerate(("/b/none", address[:-2] + "xx", "/b/1-1-")):
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{place}"  # who guesses is locked out
        assert browser.get(bad).status_code == 404
        assert browser.post(bad).status_code == 404


def test_a_link_of_one_purpose_opens_no_other(app: Flask, town: Town) -> None:
    with transaction():
        other = links.make(
            "rate", "invitation:1", tenant_id=town.tenant_id, lasts=timedelta(days=3)
        )
        token = links.token_of(other)

    assert app.test_client().get(f"/b/{token}").status_code == 404


def test_after_the_day_the_link_says_that_it_is_over(
    app: Flask, address: str, frozen_clock: time_machine.Traveller
) -> None:
    browser = app.test_client()
    go_to(frozen_clock, "2026-10-15", "10:00")
    page = unescape(browser.get(address).text)
    assert "不能再网上预约" in page
    assert 'name="topic"' not in page

    go_to(frozen_clock, "2026-10-15", "11:31")

    assert browser.get(address).status_code == 410


def test_a_change_makes_the_old_link_void_and_brings_a_new_one(
    app: Flask, town: Town, address: str
) -> None:
    town.change(slot_minutes=30, capacity=1, inviting=LINKED, place="企业服务中心")

    (told,) = messages("R11-changed-enterprise", None)
    assert told.public_link
    assert app.test_client().get(address).status_code == 410
    fresh = app.test_client().get(f"/b/{links.token_of(told.public_link)}")
    assert "企业服务中心" in fresh.text


def test_a_cancelled_day_takes_no_bookings(app: Flask, town: Town, address: str) -> None:
    town.cancel()

    assert app.test_client().get(address).status_code == 410


def test_a_full_day_says_so_instead_of_a_form(app: Flask, town: Town, address: str) -> None:
    for at in town.day.slots:
        town.book(make.enterprise().id, slot=at)

    page = unescape(app.test_client().get(address).text)

    assert "时段都约满了" in page
    assert 'name="topic"' not in page


# ---- the worklist ----


@pytest.mark.parametrize("who", ["clerk", "director", "host", "in_charge", "head"])
def test_the_worklist_speaks_of_a_day_that_is_near(
    town: Town, client_for: ClientFor, frozen_clock: time_machine.Traveller, who: str
) -> None:
    go_to(frozen_clock, "2026-10-12", "09:00")

    page = unescape(client_for(getattr(town, who)).get("/").text)

    assert "快到的服务企业家日" in page
    assert "还有 3 个工作日" in page
    assert f'href="/service-days/{town.day_id}"' in page


def test_it_is_silent_about_what_is_far_off_and_to_whom_it_is_none_of_theirs(
    town: Town, client_for: ClientFor, frozen_clock: time_machine.Traveller
) -> None:
    assert "快到的服务企业家日" not in client_for(town.host).get("/").text
    go_to(frozen_clock, "2026-10-12", "09:00")
    other = make.actor(Role.LEADER)
    make.appointment(day=town.day)

    assert "快到的服务企业家日" not in client_for(other).get("/").text
    assert count(Appointment) == 1
