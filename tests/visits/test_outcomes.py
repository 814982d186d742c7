"""What came of going there: only a visit that took place completes a task, by the tenant's rule."""

from collections.abc import Callable
from datetime import date
from html import unescape
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Tenant, User
from app.accounts.parameters import Parameters, described
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.visits import queries
from app.visits.calendar import Month
from app.visits.models import COUNTING, ExemptGround, Mode, Running, TaskState, VisitOutcome
from tests import make
from tests.visits.test_views import PNG
from tests.visits.town import Town, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
D = date.fromisoformat
FAILED = [one for one in VisitOutcome if one is not VisitOutcome.VISITED]


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def count_only(town: Town, *modes: str) -> None:
    with transaction():
        db.session.get_one(Tenant, town.tenant_id).settings = {"counting_modes": list(modes)}


def told(rule: str) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.rule == rule)))


# ---- which visits count ----


def test_the_list_of_the_parameters_is_the_modes_and_says_their_words() -> None:
    (one,) = [f for f in described() if f.name == "counting_modes"]

    assert list(one.metadata["choices"]) == [(mode.value, mode.label) for mode in Mode]
    assert {Mode(code) for code in Parameters().counting_modes} == COUNTING


@pytest.mark.parametrize("outcome", FAILED)
@pytest.mark.parametrize("mode", list(Mode))
def test_what_came_to_nothing_completes_nothing_in_any_mode(
    town: Town, outcome: VisitOutcome, mode: Mode
) -> None:
    count_only(town, *(one.value for one in Mode))
    town.generate()

    visit = town.record(mode=mode, outcome=outcome)

    assert not visit.counts
    assert town.task().is_owed
    assert visit.number


@pytest.mark.parametrize("mode", list(Mode))
def test_the_tenant_says_which_modes_count(town: Town, mode: Mode) -> None:
    count_only(town, "phone", "online")
    town.generate()

    visit = town.record(mode=mode)

    assert visit.counts == (mode in {Mode.PHONE, Mode.ONLINE})
    assert town.task().is_done == visit.counts


def test_a_visit_counts_by_the_rule_of_the_day_it_was_recorded(town: Town) -> None:
    count_only(town, "phone")
    called = town.record(visited_on=D("2026-09-02"), mode=Mode.PHONE)
    count_only(town, "on_site")

    town.generate()

    assert town.task().visit_id == called.id
    assert queries.last_visit_to(town.linkage.enterprise_id or 0) == D("2026-09-02")


def test_the_form_says_which_modes_count(town: Town, client_for: ClientFor) -> None:
    count_only(town, "on_site", "phone")

    page = client_for(town.liaison).get("/visits/new").text

    assert "算完成本月走访的：上门走访、电话联系。" in page


# ---- what follows from an attempt ----


@pytest.mark.parametrize(
    ("outcome", "ground"),
    [
        (VisitOutcome.DECLINED, ExemptGround.ASKED),
        (VisitOutcome.STOPPED, ExemptGround.STOPPED),
        (VisitOutcome.NOT_FOUND, ExemptGround.MOVED),
        (VisitOutcome.CLOSED_DOWN, ExemptGround.CLOSED),
    ],
)
def test_a_waiver_is_offered_at_once_with_its_ground_chosen(
    town: Town, client_for: ClientFor, outcome: VisitOutcome, ground: ExemptGround
) -> None:
    town.generate()
    browser = client_for(town.liaison)

    answer = browser.post("/visits/new", data=town.form(outcome=outcome.value, opinions="大门锁着"))
    page = browser.get(answer.location).text
    link = f"/visits/tasks/{town.task().id}/exemption?visit=1"
    form = unescape(browser.get(link).text)

    assert f"没有走访到：{outcome.label}" in page
    assert link in unescape(page)
    (chosen,) = [
        one for one in form.split("<input") if " checked" in one and 'name="ground"' in one
    ]
    assert f'value="{ground.value}"' in chosen
    assert f"9月21日上门：{outcome.label}。大门锁着" in form


@pytest.mark.parametrize("outcome", [VisitOutcome.BY_PHONE, VisitOutcome.VISITED])
def test_what_is_no_ground_for_a_waiver_offers_none(
    town: Town, client_for: ClientFor, outcome: VisitOutcome
) -> None:
    town.generate()
    browser = client_for(town.liaison)

    answer = browser.post("/visits/new", data=town.form(outcome=outcome.value))

    assert "申请本月免访" not in browser.get(answer.location).text


def test_a_waiver_that_was_asked_for_or_is_done_with_is_not_offered_again(
    town: Town, client_for: ClientFor
) -> None:
    make.task(linkage=town.linkage, state=TaskState.EXEMPT)
    visit = town.record(outcome=VisitOutcome.STOPPED)

    assert "申请本月免访" not in client_for(town.liaison).get(f"/visits/{visit.id}").text


@pytest.mark.parametrize("outcome", list(VisitOutcome))
def test_the_office_is_told_of_a_firm_that_stands_still_or_is_gone(
    town: Town, outcome: VisitOutcome
) -> None:
    visit = town.record(outcome=outcome)

    found = told("visit-found-still")
    stands = outcome in {VisitOutcome.STOPPED, VisitOutcome.CLOSED_DOWN}
    assert [m.recipient_id for m in found] == ([town.clerk.user_id] if stands else [])
    assert (visit.running is Running.STOPPED) == stands
    if stands:
        assert found[0].link == f"/enterprises/{visit.enterprise_id}/edit"


def test_attempts_are_shown_where_somebody_is_still_missing(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    town.record(visited_on=D("2026-09-03"), outcome=VisitOutcome.NOT_FOUND)
    town.record(visited_on=D("2026-09-17"), outcome=VisitOutcome.DECLINED)

    (one,) = queries.missing(Month(2026, 9), viewer=town.clerk)
    assert one.since is None
    assert [v.outcome for v in one.attempts] == [VisitOutcome.NOT_FOUND, VisitOutcome.DECLINED]
    office, visitor = client_for(town.clerk), client_for(town.liaison)
    for page in (
        office.get("/visits/quotas").text,
        office.get("/visits").text,
        office.get(f"/enterprises/{town.linkage.enterprise_id}").text,
        visitor.get("/visits/mine").text,
        visitor.get(f"/visits/new?task={town.task().id}").text,
    ):
        assert "企业谢绝" in page
        assert "找不到企业" in page
    assert office.get("/visits?failed=y").text.count('scope="row"') == 2


def test_an_attempt_is_not_the_last_visit(town: Town) -> None:
    town.record(visited_on=D("2026-09-02"))
    town.record(outcome=VisitOutcome.NOT_FOUND)

    assert queries.last_visit_to(town.linkage.enterprise_id or 0) == D("2026-09-02")


# ---- files that come later ----


@pytest.mark.parametrize(
    ("who", "status"),
    [("recorder", 303), ("office", 303), ("leader", 403), ("stranger", 404), ("chief", 403)],
)
def test_files_are_added_later_by_the_recorder_and_the_office(
    town: Town, client_for: ClientFor, who: str, status: int
) -> None:
    visit_id = town.record().id
    db.session.rollback()
    actors = {
        "recorder": town.liaison,
        "office": town.clerk,
        "leader": town.leader,
        "stranger": make.actor(Role.LIAISON),
        "chief": make.actor(Role.CHIEF),
    }
    browser = client_for(actors[who])

    answer = browser.post(
        f"/visits/{visit_id}/files",
        data={"idempotency_key": "a" * 32, "files": (BytesIO(PNG), "补拍.png")},
        content_type="multipart/form-data",
    )

    assert answer.status_code == status
    assert ("补拍.png" in client_for(town.clerk).get(f"/visits/{visit_id}").text) == (status == 303)


def test_no_file_is_no_addition(town: Town, client_for: ClientFor) -> None:
    visit = town.record()

    answer = client_for(town.liaison).post(
        f"/visits/{visit.id}/files", data={"idempotency_key": "a" * 32}
    )

    assert answer.status_code == 422
    assert "请选要补充的文件" in answer.text
