"""The pages of a handover: who has what, what would move, and the word that moves it."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.desk.queries import worklist
from app.enterprises.models import Linkage
from app.tickets.workflow.states import Event, Status
from app.visits.models import Handover
from tests import make
from tests.office import open_office
from tests.visits.town import Town, go_to, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
KEY = "0" * 32


@pytest.fixture
def town(app: object) -> Town:
    del app
    made = open_town()
    made.generate()
    return made


@pytest.fixture
def successor(town: Town) -> Actor:
    del town
    return make.actor(Role.LIAISON, name="鹿鸣谦")


def asked(town: Town, successor: Actor, **more: Any) -> str:
    given = {
        "giver": town.liaison_id,
        "seat": "liaison",
        "successor": successor.user_id,
        "from_on": "2026-09-21",
        "reason": "退休",
        "target": town.target,
    }
    return urlencode(given | more)


def text_of(browser: FlaskClient, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def confirm(browser: FlaskClient, query: str, page: str, key: str = KEY) -> Any:
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', page)
    assert seen
    form = {"seen": seen[1], "idempotency_key": key}
    return browser.post(f"/handovers?{query}", data=form)


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_list_of_who_has_what_leads_to_the_form(town: Town, client_for: ClientFor) -> None:
    page = text_of(client_for(town.clerk), "/handovers/new")

    assert town.liaison.name in page
    assert f"/handovers/new?giver={town.liaison_id}&seat=liaison" in page


def test_the_preview_lists_what_moves_and_writes_nothing(
    town: Town, successor: Actor, client_for: ClientFor
) -> None:
    town.record(promises="月底前把路灯修好", visitor_ids=(town.leader_id,))
    browser = client_for(town.clerk)

    page = text_of(browser, f"/handovers/preview?{asked(town, successor)}")

    assert "速岭物流" in page
    assert "月底前把路灯修好" in page
    assert "不能撤销" in page
    assert 'class="btn btn-grave"' in page
    assert count(Handover) == 0


def test_what_is_confirmed_is_done_once_however_often_it_is_clicked(
    town: Town, successor: Actor, client_for: ClientFor
) -> None:
    browser, query = client_for(town.clerk), asked(town, successor)
    page = text_of(browser, f"/handovers/preview?{query}")

    first = confirm(browser, query, page)
    again = confirm(browser, query, page)

    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert count(Handover) == 1
    assert count(Linkage) == 2
    assert "已移交给鹿鸣谦" in text_of(browser, first.location)


def test_a_list_that_changed_is_shown_again_and_moves_nothing(
    town: Town, successor: Actor, client_for: ClientFor
) -> None:
    browser, query = client_for(town.clerk), asked(town, successor)
    page = text_of(browser, f"/handovers/preview?{query}")
    with transaction():
        town.linkage.doc_no = "霁营商办〔2026〕9号"

    answer = confirm(browser, query, page)

    assert answer.status_code == 409
    assert "最新的清单" in answer.text
    assert count(Handover) == 0


def test_what_stands_against_it_is_said_and_there_is_no_button(
    town: Town, client_for: ClientFor
) -> None:
    successor, other = make.actor(Role.LIAISON), make.actor(Role.LIAISON)
    make.handover(town.liaison, other, on=date(2026, 10, 8))

    page = text_of(client_for(town.clerk), f"/handovers/preview?{asked(town, successor)}")

    assert "还不能移交" in page
    assert "请先撤销那一次" in page
    assert "btn-grave" not in page


def test_what_is_missing_is_asked_for_and_what_was_typed_is_kept(
    town: Town, successor: Actor, client_for: ClientFor
) -> None:
    query = asked(town, successor, reason="", office_phone="请打总机")

    page = text_of(client_for(town.clerk), f"/handovers/preview?{query}", 422)

    assert "请打总机" in page
    assert "电话只能有数字" in page
    assert "请填写" in page


def test_an_arranged_handover_is_undone_on_a_page_of_its_own(
    town: Town,
    successor: Actor,
    client_for: ClientFor,
    frozen_clock: time_machine.Traveller,
) -> None:
    browser, query = client_for(town.clerk), asked(town, successor, from_on="2026-09-24")
    made = confirm(browser, query, text_of(browser, f"/handovers/preview?{query}")).location
    assert "0 点自动移交" in text_of(browser, made)

    form = {"reason": "不调动了", "version": 1, "idempotency_key": KEY[:-1] + "1"}
    answer = browser.post(f"{made}/undo", data=form)

    assert answer.status_code == 303
    page = text_of(browser, "/handovers")
    assert "已撤销" in page
    go_to(frozen_clock, "2026-09-21", "09:05")
    again = browser.post(f"{made}/undo", data=form | {"idempotency_key": KEY[:-1] + "2"})
    assert again.status_code == 409


def test_a_draft_that_nobody_has_seen_is_counted_and_not_shown(
    client_for: ClientFor, app: object
) -> None:
    del app
    office = open_office()
    giver, successor = office.people[Role.LIAISON], make.actor(Role.LIAISON)
    office.open(title="还没有登记的一件事")
    office.open(title="登记了的另一件事")
    office.take(Event.SUBMIT, Role.LIAISON)
    query = urlencode(
        {
            "giver": giver.user_id,
            "seat": "liaison",
            "successor": successor.user_id,
            "from_on": "2026-09-21",
            "reason": "退休",
            "target": f"e{office.enterprise_id}",
        }
    )

    page = text_of(client_for(office.people[Role.DISPATCHER]), f"/handovers/preview?{query}")

    assert "登记了的另一件事" in page
    assert "还没有登记的一件事" not in page
    assert re.search(r"没登记的草稿</dt><dd>1 件", page)


def test_the_list_of_handovers_takes_as_many_statements_for_many_as_for_one(
    town: Town, client_for: ClientFor, statements: list[str]
) -> None:
    def taken() -> int:
        browser = client_for(town.clerk)
        text_of(browser, "/handovers")
        statements.clear()
        text_of(browser, "/handovers")
        return len(statements)

    def more(n: int) -> None:
        for _ in range(n):
            giver, to = make.actor(Role.LIAISON), make.actor(Role.LIAISON)
            make.linkage(liaison=db.session.get_one(User, giver.user_id))
            make.handover(giver, to, on=date(2026, 10, 8))
            left = make.user(Role.LIAISON)
            make.linkage(liaison=left)
            with transaction():
                db.session.get_one(User, left.id).is_active = False

    more(1)
    few = taken()
    more(6)

    assert taken() == few


# ---- nobody's ----


def test_the_office_s_worklist_names_whose_enterprises_nobody_looks_after(
    town: Town, client_for: ClientFor
) -> None:
    with transaction():
        db.session.get_one(User, town.liaison_id).is_active = False

    desk = worklist.of(town.clerk)
    page = text_of(client_for(town.clerk), "/")

    part = next(one for one in desk.parts if one.key == "left")
    assert (part.count, part.is_mine) == (1, True)
    assert "没有人接手的包联" in page
    assert "名下 1 家没有人走访" in page
    assert f"/handovers/new?giver={town.liaison_id}&seat=liaison" in page


def test_whoever_closes_an_account_is_warned_and_may_ask_the_office(
    town: Town, client_for: ClientFor
) -> None:
    admin = client_for(make.actor(Role.SYS_ADMIN))
    url = f"/admin/users/{town.liaison_id}/state"

    page = text_of(admin, url)
    answer = admin.post(
        f"/handovers/ask/{town.liaison_id}", headers={"Referer": f"http://localhost{url}"}
    )

    assert "还是 1 家的联络员" in page
    assert "请营商办先移交" in page
    assert answer.status_code == 303
    assert answer.location == url
    inbox = text_of(client_for(town.clerk), "/inbox")
    assert f"移交{town.liaison.name}名下的 1 家" in inbox


def test_whoever_ends_a_role_is_warned_of_what_lies_in_that_role_alone(
    town: Town, client_for: ClientFor
) -> None:
    admin = client_for(make.actor(Role.SYS_ADMIN))
    person = db.session.get_one(User, town.liaison_id)
    other = make.holding(person, Role.HANDLER)
    here = f"/admin/users/{person.id}/roles"

    assert "还是 1 家的联络员" in text_of(admin, f"{here}/{person.roles[0].id}/end")
    assert "还是 1 家的联络员" not in text_of(admin, f"{here}/{other.id}/end")


def test_an_account_without_linkages_is_closed_without_a_word_about_them(
    town: Town, client_for: ClientFor
) -> None:
    admin = client_for(make.actor(Role.SYS_ADMIN))

    assert "先移交" not in text_of(admin, f"/admin/users/{town.clerk.user_id}/state")


def test_a_ticket_s_history_says_who_took_over(client_for: ClientFor, app: object) -> None:
    del app
    office = open_office()
    successor = make.actor(Role.LIAISON, name="鹿鸣谦")
    office.walk_to(Status.IN_PROGRESS)
    make.handover(office.people[Role.LIAISON], successor)

    page = text_of(client_for(office.people[Role.DISPATCHER]), f"/tickets/{office.ticket_id}")

    assert "更换联系人" in page
    assert "由鹿鸣谦接手" in page


def test_a_handover_of_today_is_given_back_on_its_page(
    town: Town, successor: Actor, client_for: ClientFor
) -> None:
    browser, query = client_for(town.clerk), asked(town, successor)
    made = confirm(browser, query, text_of(browser, f"/handovers/preview?{query}")).location
    assert "今天之内可以整批交回" in text_of(browser, made)
    assert "为什么交回" in text_of(browser, f"{made}/undo")

    form = {"reason": "人选错了", "idempotency_key": KEY[:-1] + "7"}
    answer = browser.post(f"{made}/undo", data=form)

    assert answer.status_code == 303
    page = text_of(browser, made)
    assert "当天交回" in page
    assert "今天之内可以整批交回" not in page
