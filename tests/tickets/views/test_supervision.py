"""The supervision page: what each role sees of it, and that it tells how far each ticket is."""

import html
from collections.abc import Callable

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.transactions import transaction
from app.tickets import jobs, service
from app.tickets.queries.watched import Watch
from app.tickets.workflow.states import Status
from tests import make
from tests.office import Office, moment, open_office
from tests.tickets.returning import returned_twice

pytestmark = pytest.mark.usefixtures("app")

Browse = Callable[[Actor], FlaskClient]
Clock = time_machine.Traveller
SEES_ALL = {Role.CHIEF, Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.SUPERVISOR}
LADDER = ("09-28", "09-30", "10-08", "10-10", "10-13")


@pytest.fixture
def office() -> Office:
    return open_office()


def late(office: Office, frozen_clock: Clock, until: str = "10-13") -> None:
    """Walk a ticket and let it climb the whole ladder."""
    office.walk_to(Status.IN_PROGRESS)
    for day in LADDER[: LADDER.index(until) + 1]:
        frozen_clock.move_to(moment(f"2026-{day}T08:45"))
        jobs.climb_ladder()


def page(browser: FlaskClient, show: str = "") -> str:
    answer = browser.get(f"/tickets/supervision?show={show}" if show else "/tickets/supervision")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def title(office: Office) -> str:
    return f'href="/tickets/{office.ticket_id}"'


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_sees_what_it_may(
    role: Role, office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    late(office, frozen_clock)

    answer = client_for(office.actor(role)).get("/tickets/supervision")

    if role in SEES_ALL | {Role.LEADER}:
        assert answer.status_code == 200
        assert title(office) in answer.text
    else:
        assert answer.status_code == 403
        assert title(office) not in answer.text


def test_a_leader_sees_only_their_own(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    late(office, frozen_clock)
    stranger = client_for(make.actor(Role.LEADER))

    for watch in Watch:
        text = page(stranger, watch.value)
        assert title(office) not in text
        assert "<b>0</b>" in text
    assert "现在没有要督办的" in page(stranger)


def test_another_township_sees_nothing(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    late(office, frozen_clock)
    elsewhere = make.tenant()
    stranger = client_for(make.actor(Role.DISPATCHER, tenant=elsewhere))

    for watch in Watch:
        assert title(office) not in page(stranger, watch.value)


def test_each_filter_shows_its_own(office: Office, client_for: Browse, frozen_clock: Clock) -> None:
    returned_twice(office)
    passed = title(office)
    late(office, frozen_clock)
    with transaction():
        service.give_directive(office.ticket, "请抓紧办。", actor=office.actor(Role.LEADER))
        service.urge(office.ticket, "今天给个准话", actor=office.actor(Role.SUPERVISOR))
    slow = title(office)
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))

    shown = {watch: page(browser, watch.value) for watch in Watch}

    assert {watch for watch, text in shown.items() if slow in text} == {
        Watch.OVERDUE,
        Watch.NOTES,
        Watch.DIRECTIVES,
        Watch.LIFT,
        Watch.URGED,
    }
    assert {watch for watch, text in shown.items() if passed in text} == {Watch.MEETING}
    assert "超期 6 个工作日" in shown[Watch.OVERDUE]
    assert "红色督办" in shown[Watch.OVERDUE]
    assert "督办单待答复 <b>3</b>" in shown[Watch.NOTES]
    assert "过了期限" in shown[Watch.NOTES]
    assert "请抓紧办。" in shown[Watch.DIRECTIVES]
    assert f"/tickets/{office.ticket_id}/steps/escalate" in shown[Watch.LIFT]
    assert "今天给个准话" in shown[Watch.URGED]
    assert "退单 2 次" in shown[Watch.MEETING]
    assert "有 1 件建议提请提级办理" in shown[Watch.OVERDUE]


def test_only_the_director_is_offered_to_propose(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    late(office, frozen_clock)

    text = page(client_for(office.actor(Role.CHIEF)), Watch.LIFT.value)

    assert title(office) in text
    assert "/steps/escalate" not in text


def test_the_proposal_is_filled_in_for_the_director(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    late(office, frozen_clock)
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))

    answer = browser.get(f"/tickets/{office.ticket_id}/steps/escalate")

    assert "至今没有答复，建议提级办理。" in answer.text
    assert 'selected value="red_unanswered"' in answer.text or (
        "checked" in answer.text and 'value="red_unanswered"' in answer.text
    )


def test_nonsense_asks_for_what_is_overdue_and_an_empty_page_is_good_news(
    office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.SUPERVISOR))

    for asked in ("nonsense", "", "overdue&page=99", "overdue&page=-1"):
        assert "没有超期的企业问题" in page(browser, asked)


def test_the_page_costs_the_same_for_one_row_and_for_many(
    office: Office, client_for: Browse, frozen_clock: Clock, statements: list[str]
) -> None:
    late(office, frozen_clock, "10-08")
    browser = client_for(office.actor(Role.DISPATCHER))
    page(browser)

    def cost(watch: Watch) -> int:
        statements.clear()
        page(browser, watch.value)
        return len(statements)

    one = {watch: cost(watch) for watch in Watch}
    for _ in range(3):
        make.ticket(Status.IN_PROGRESS, due_at=moment("2026-09-29T17:30"))
    assert {watch: cost(watch) for watch in Watch} == one
    assert len(set(one.values())) == 1


def test_the_ticket_says_how_long_the_enterprise_waits_and_how_often_it_was_returned(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    returned_twice(office)
    frozen_clock.move_to(moment("2026-10-01T10:00"))
    address = f"/tickets/{office.ticket_id}"

    inside = client_for(office.actor(Role.DISPATCHER)).get(address).text
    outside = client_for(office.actor(Role.ENTERPRISE_USER)).get(address).text

    assert "企业第一次反映至今 10 天" in inside
    assert "退单 2 次" in inside
    assert "企业第一次反映至今 10 天" in outside
    assert "退单 2 次" not in outside


def test_after_a_meeting_the_dispatch_form_says_whose_it_is(
    office: Office, client_for: Browse
) -> None:
    returned_twice(office)
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))
    address = f"/tickets/{office.ticket_id}/steps/dispatch"
    assert browser.get(address).status_code != 200

    answer = browser.post(
        f"/tickets/{office.ticket_id}/steps/meeting",
        data={
            "held_on": "2026-09-21",
            "unit_ids": [office.unit_id, office.other_unit_id],
            "lead_unit_id": office.unit_id,
            "comment": "由经办单位牵头，另一家配合办理。",
            "idempotency_key": "0123456789abcdef0123456789abcdef",
            "version": office.ticket.version,
        },
    )

    assert answer.status_code == 303
    text = browser.get(address).text
    assert "会商定责（" in text
    assert f'selected value="{office.unit_id}"' in text


def test_what_a_leader_wrote_is_on_the_page_but_not_for_the_enterprise(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        service.give_directive(office.ticket, "请抓紧办。", actor=office.actor(Role.CHIEF))
    address = f"/tickets/{office.ticket_id}"

    assert "请抓紧办。" in client_for(office.actor(Role.DEPT_HEAD)).get(address).text
    assert "请抓紧办。" not in client_for(office.actor(Role.ENTERPRISE_USER)).get(address).text
