"""The pages of visits: what they show, what they keep, and whom they refuse."""

from collections.abc import Callable
from datetime import date
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import Ticket
from app.visits.models import Mode, TaskState, Visit, VisitTask
from tests import make
from tests.visits.town import LONG_AGO, Town, go_to, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
D = date.fromisoformat
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def the_visit() -> Visit:
    db.session.rollback()
    return db.session.scalars(select(Visit)).one()


def post(browser: FlaskClient, data: dict[str, Any]) -> Any:
    return browser.post("/visits/new", data=data, content_type="multipart/form-data")


# ---- recording ----


def test_a_visit_without_problems_takes_one_page(town: Town, client_for: ClientFor) -> None:
    town.generate()

    answer = post(client_for(town.liaison), town.form(opinions="冷链订单增加"))

    assert answer.status_code == 303
    visit = the_visit()
    assert answer.location == f"/visits/{visit.id}"
    assert [person.id for person in visit.visitors] == [town.liaison_id]
    assert town.task().is_done


def test_the_leader_who_went_along_is_ticked_and_counts(town: Town, client_for: ClientFor) -> None:
    post(client_for(town.liaison), town.form(who=["leader", "liaison"]))

    visit = the_visit()
    assert visit.leader_present
    assert len(visit.visitors) == 2


def test_two_problems_become_two_tickets(town: Town, client_for: ClientFor) -> None:
    data = town.form(has_problems="yes") | town.written(0) | town.written(1, title="司机招不到")

    assert post(client_for(town.liaison), data).status_code == 303

    assert count(Ticket) == 2


def test_of_two_problems_one_is_bad_and_nothing_is_saved_but_what_was_typed_is_kept(
    town: Town, client_for: ClientFor
) -> None:
    data = (
        town.form(has_problems="yes", opinions="冷链订单增加")
        | town.written(0)
        | town.written(1, title="司机招不到", description="太短")
    )

    answer = post(client_for(town.liaison), data)

    assert answer.status_code == 422
    assert (count(Visit), count(Ticket)) == (0, 0)
    page = unescape(answer.text)
    for typed in ("冷链订单增加", "场站门口路灯坏了三盏", "司机招不到", "太短", "宋主任"):
        assert typed in page
    assert 'href="#problems-1-description"' in page


def test_a_refusal_of_the_office_s_rules_stands_by_its_field(
    town: Town, client_for: ClientFor, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-14")

    answer = post(client_for(town.liaison), town.form(visited_on="2026-09-30", opinions="聊得很好"))

    assert answer.status_code == 422
    page = unescape(answer.text)
    assert 'href="#visited_on"' in page
    assert "10月13日" in page
    assert "聊得很好" in page
    assert count(Visit) == 0


def test_a_problem_written_under_the_wrong_answer_is_not_lost(
    town: Town, client_for: ClientFor
) -> None:
    data = town.form(has_problems="no") | town.written(0)

    answer = post(client_for(town.liaison), data)

    assert answer.status_code == 422
    assert "场站门口路灯坏了三盏" in answer.text
    assert count(Visit) == 0


def test_without_scripts_a_button_gives_one_more_problem_and_another_takes_one_away(
    town: Town, client_for: ClientFor
) -> None:
    browser = client_for(town.liaison)
    data = town.form(has_problems="yes", opinions="冷链订单增加") | town.written(0)

    more = post(browser, data | {"add-problems": "1"})
    assert more.status_code == 200
    assert "problems-1-title" in more.text
    assert "场站门口路灯坏了三盏" in more.text
    fewer = post(browser, data | town.written(1, title="司机招不到") | {"remove-problems": "0"})

    assert "problems-1-title" not in fewer.text
    assert "司机招不到" in fewer.text
    assert "场站门口路灯坏了三盏" not in fewer.text
    assert "冷链订单增加" in fewer.text
    assert count(Visit) == 0


def test_a_form_sent_twice_is_one_visit(town: Town, client_for: ClientFor) -> None:
    browser = client_for(town.liaison)
    data = town.form(has_problems="yes") | town.written(0)

    first, second = post(browser, data), post(browser, data)

    assert first.location == second.location
    assert (count(Visit), count(Ticket)) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": ""},
        {"target": "e999999"},
        {"target": "x1"},
        {"visited_on": "gestern"},
        {"visited_on": "2026-09-22"},
        {"mode": "teleport"},
        {"has_problems": ""},
        {"who": []},
        {"who": ["pope"]},
        {"visitor_ids": ["999999"]},
        {"employees": "many"},
        {"employees": "-1"},
        {"output_wan": "999999999999"},
        {"persons_met": "长" * 201},
        {"opinions": "长" * 4001},
        {"began_at": "10:00", "ended_at": "09:00"},
        {"idempotency_key": "short"},
    ],
)
def test_bad_input_is_explained_and_nothing_is_written(
    town: Town, client_for: ClientFor, wrong: dict[str, Any]
) -> None:
    answer = post(client_for(town.liaison), town.form(promises="送政策上门") | wrong)

    assert answer.status_code == 422
    assert "送政策上门" in answer.text
    assert "bh-errors" in answer.text
    assert count(Visit) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "长" * 51},
        {"description": ""},
        {"category_id": ""},
        {"category_id": "999999"},
        {"category_id": "abc"},
        {"urgency": "now"},
        {"no_secrets": ""},
        {"complained_unit_id": "999999"},
    ],
)
def test_a_bad_problem_is_explained_and_nothing_is_written(
    town: Town, client_for: ClientFor, wrong: dict[str, Any]
) -> None:
    data = town.form(has_problems="yes") | town.written(0, **wrong)

    answer = post(client_for(town.liaison), data)

    assert answer.status_code == 422
    assert count(Visit) == 0


def test_a_photograph_belongs_to_the_visit_and_another_to_the_problem(
    town: Town, client_for: ClientFor
) -> None:
    browser = client_for(town.liaison)
    data = town.form(has_problems="yes") | town.written(0)
    data["files"] = (BytesIO(PNG), "厂区.png")
    data["problems-0-files"] = (BytesIO(PNG), "路灯.png")

    answer = post(browser, data)

    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "厂区.png" in page
    assert "路灯.png" not in page
    visit = the_visit()
    address = f"/visits/{visit.id}/files/1"
    with browser.get(address) as shown:
        assert shown.status_code == 200
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert client_for(make.actor(Role.LIAISON)).get(address).status_code == 404


def test_a_file_that_is_not_what_it_says_keeps_the_text_and_saves_nothing(
    town: Town, client_for: ClientFor
) -> None:
    data = town.form(promises="送政策上门") | {"files": (BytesIO(b"MZ"), "照片.png")}

    answer = post(client_for(town.liaison), data)

    assert answer.status_code == 422
    assert "送政策上门" in answer.text
    assert count(Visit) == 0


def test_the_form_shows_what_was_promised_and_what_is_open(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    town.record(
        visited_on=D("2026-09-02"),
        mode="phone",
        promises="把资金进度告诉企业",
        problems=(town.problem(),),
    )

    page = client_for(town.liaison).get(f"/visits/new?task={town.task().id}").text

    assert "把资金进度告诉企业" in page
    assert "场站门口路灯坏了三盏" in page
    assert "速岭物流（本月未访）" in page
    assert "不开展行政检查" in page


def test_a_promise_is_remembered_until_somebody_settles_it(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    browser = client_for(town.liaison)

    def shown(on: str, mode: Mode, promises: str) -> str:
        make.visit(linkage=town.linkage, on=D(on), mode=mode, promises=promises)
        return browser.get("/visits/mine").text

    first = shown("2026-07-09", Mode.ON_SITE, "送政策上门")
    assert "送政策上门" in first
    assert "7月9日" in first
    second = shown("2026-07-20", Mode.PHONE, "月底前回电话")
    assert "月底前回电话" in second
    assert "7月9日" in second
    third = shown("2026-08-19", Mode.ON_SITE, "")

    assert "月底前回电话" in third
    assert "送政策上门" in third
    kept = {"idempotency_key": "a" * 32, "answer": "kept"}
    assert browser.post("/visits/promises/1", data=kept).status_code == 303
    assert "送政策上门" not in browser.get("/visits/mine").text


@pytest.mark.parametrize("role", [Role.CHIEF, Role.SUPERVISOR, Role.HANDLER, Role.SYS_ADMIN])
def test_who_records_no_visits_gets_no_form(town: Town, client_for: ClientFor, role: Role) -> None:
    browser = client_for(make.actor(role))

    assert browser.get("/visits/new").status_code == 403
    assert post(browser, town.form()).status_code == 403


# ---- my month ----


def test_my_month_says_first_whom_to_visit(town: Town, client_for: ClientFor) -> None:
    town.generate()

    page = client_for(town.liaison).get("/visits/mine").text

    assert "还差 1 家：速岭物流" in page
    assert "已访 0 / 1 家" in page
    assert "运营经理" in page
    assert "7 天内没有别的走访" in page


def test_my_month_says_when_it_is_done(town: Town, client_for: ClientFor) -> None:
    town.generate()
    town.record(visitor_ids=(town.liaison_id, town.leader_id))

    page = client_for(town.liaison).get("/visits/mine").text

    assert "9月的 1 家都去过了" in page
    assert "已访 1 / 1 家" in page
    assert "同去" in page


def test_a_telephone_number_is_shown_when_it_is_asked_for_and_the_log_knows(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    browser = client_for(town.liaison)
    assert "14200001234" not in browser.get("/visits/mine").text

    answer = browser.post(f"/visits/tasks/{town.task().id}/phone")

    assert 'href="tel:14200001234"' in answer.text
    db.session.rollback()
    logged = db.session.scalars(select(AuditRow).where(AuditRow.subject == "contact")).all()
    assert [row.user_id for row in logged] == [town.liaison_id]
    assert (
        client_for(make.actor(Role.LIAISON))
        .post(f"/visits/tasks/{town.task().id}/phone")
        .status_code
        == 404
    )


def test_last_month_may_be_made_up_in_the_first_days_of_this_one(
    town: Town, client_for: ClientFor, frozen_clock: time_machine.Traveller
) -> None:
    make.task(linkage=town.linkage, period="2026-09", state=TaskState.OVERDUE)

    go_to(frozen_clock, "2026-10-13")
    assert "9月还有 1 家没有登记" in client_for(town.liaison).get("/visits/mine").text
    go_to(frozen_clock, "2026-10-14")

    assert "9月还有 1 家没有登记" not in client_for(town.liaison).get("/visits/mine").text


@pytest.mark.parametrize("period", ["2026-08", "2027-01", "nonsense", ""])
def test_any_month_may_be_looked_at(town: Town, client_for: ClientFor, period: str) -> None:
    assert client_for(town.liaison).get(f"/visits/mine?period={period}").status_code == 200


def test_my_month_costs_the_same_however_many_targets_it_has(
    town: Town, client_for: ClientFor
) -> None:
    liaison = db.session.get_one(User, town.liaison.user_id)
    browser = client_for(town.liaison)
    statements: list[str] = []

    def counted() -> int:
        town.generate()
        browser.get("/visits/mine")
        statements.clear()
        assert browser.get("/visits/mine").status_code == 200
        return len(statements)

    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    few = counted()
    for _ in range(6):
        link = make.linkage(liaison=liaison, created_at=LONG_AGO)
        make.contact(enterprise=link.enterprise)
        make.visit(linkage=link, on=D("2026-08-19"), promises="再来")
    many = counted()

    assert many <= few + 2


# ---- the list and the page ----


def test_the_list_is_narrowed_by_month_person_mode_and_words(
    town: Town, client_for: ClientFor
) -> None:
    make.visit(linkage=town.linkage, on=D("2026-08-19"), opinions="冷链订单")
    other = make.linkage()
    make.visit(linkage=other, on=D("2026-09-02"), mode="phone")
    browser = client_for(town.clerk)

    def found(query: str) -> int:
        return browser.get(f"/visits{query}").text.count('scope="row"')

    assert found("") == 2
    assert found("?period=2026-08") == 1
    assert found("?mode=phone") == 1
    assert found(f"?person={town.liaison_id}") == 1
    assert found("?q=速岭") == 1
    assert found("?q=冷链") == 1
    assert found(f"?enterprise={town.linkage.enterprise_id}") == 1
    assert found("?q=没有的") == 0
    for nonsense in ("?mode=x", "?period=x", "?person=x", "?page=-1", "?page=999", "?enterprise=x"):
        assert browser.get(f"/visits{nonsense}").status_code == 200


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.CHIEF, True),
        (Role.OFFICE_DIRECTOR, True),
        (Role.DISPATCHER, True),
        (Role.SUPERVISOR, True),
        (Role.LEADER, False),
        (Role.LIAISON, False),
        (Role.DEPT_HEAD, False),
        (Role.HANDLER, False),
        (Role.VILLAGE_OFFICER, False),
        (Role.SYS_ADMIN, False),
        (Role.AUDIT_ADMIN, False),
    ],
)
def test_a_visit_is_seen_by_those_who_see_all_and_by_its_own_people(
    town: Town, client_for: ClientFor, role: Role, *, seen: bool
) -> None:
    visit = make.visit(linkage=town.linkage)

    status = client_for(make.actor(role)).get(f"/visits/{visit.id}").status_code
    assert status == (200 if seen else 404)
    for own in (town.leader, town.liaison):
        assert client_for(own).get(f"/visits/{visit.id}").status_code == 200


def test_who_went_along_sees_the_visit(town: Town, client_for: ClientFor) -> None:
    companion = make.actor(Role.LEADER)
    person = db.session.get_one(User, companion.user_id)
    visit = make.visit(linkage=town.linkage, visitors=[person])

    assert client_for(companion).get(f"/visits/{visit.id}").status_code == 200


def test_another_township_sees_nothing(town: Town, client_for: ClientFor) -> None:
    visit = make.visit(linkage=town.linkage)
    town.generate()
    stranger = client_for(make.actor(Role.OFFICE_DIRECTOR, tenant=make.tenant("别的镇")))

    for address in (f"/visits/{visit.id}", f"/visits/tasks/{town.task().id}/plan"):
        assert stranger.get(address).status_code == 404


# ---- planning and waivers ----


def test_a_crowded_day_is_asked_about_once_more(town: Town, client_for: ClientFor) -> None:
    town.generate()
    make.visit(linkage=town.linkage, visitors=[make.user(Role.LEADER, name="虞景澜")])
    browser = client_for(town.liaison)
    address = f"/visits/tasks/{town.task().id}/plan"
    page = browser.get(address).text
    assert "虞景澜" in page
    data = {"idempotency_key": "a" * 32, "version": "1", "planned_on": "2026-09-24"}

    first = browser.post(address, data=data)
    assert first.status_code == 422
    assert "2026-09-24" in first.text
    second = browser.post(
        address, data=data | {"reason": "企业约在这一天", "idempotency_key": "b" * 32}
    )

    assert second.status_code == 303
    assert town.task().planned_on == D("2026-09-24")


def test_a_stale_plan_is_refused_and_kept(town: Town, client_for: ClientFor) -> None:
    town.generate()
    with transaction():
        db.session.scalars(select(VisitTask)).one().planned_on = D("2026-09-28")

    answer = client_for(town.liaison).post(
        f"/visits/tasks/{town.task().id}/plan",
        data={"idempotency_key": "a" * 32, "version": "1", "planned_on": "2026-09-24"},
    )

    assert answer.status_code == 409
    assert "2026-09-24" in answer.text
    assert town.task().planned_on == D("2026-09-28")


def test_a_waiver_goes_from_the_visitor_to_the_office_and_back(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    address = f"/visits/tasks/{town.task().id}/exemption"
    visitor, office = client_for(town.liaison), client_for(town.clerk)
    assert visitor.get(address).status_code == 200

    asked = visitor.post(
        address,
        data={"idempotency_key": "a" * 32, "ground": "stopped", "reason": "停产检修到十月"},
    )
    assert asked.status_code == 303
    assert "停产检修到十月" in office.get("/visits/exemptions").text
    assert "停产检修到十月" in office.get(address).text
    assert visitor.get("/visits/exemptions").text.count("停产检修到十月") == 0
    bad = office.post(f"{address}/decision", data={"idempotency_key": "b" * 32, "decision": "no"})
    assert bad.status_code == 422
    good = office.post(f"{address}/decision", data={"idempotency_key": "c" * 32, "decision": "yes"})

    assert good.status_code == 303
    assert town.task().is_waived
    assert "同意免访" in unescape(visitor.get("/inbox").text)


def test_the_rules_of_conduct_are_one_page(town: Town, client_for: ClientFor) -> None:
    assert client_for(town.liaison).get("/visits/rules").text.count("<li>不准") == 8
