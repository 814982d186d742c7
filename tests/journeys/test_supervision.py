"""Nothing is let go: what a leader writes, and what the ladder raises, is answered and seen."""

from collections.abc import Callable

import pytest
import time_machine
from playwright.sync_api import expect

from app.tickets import jobs
from tests.journeys import town
from tests.journeys.town import TITLE, Town
from tests.journeys.walker import Walker
from tests.office import moment
from tests.pages import PHONE

pytestmark = pytest.mark.journey
DIRECTIVE = "请规划建设办公室牵头，两天内拿出办法，别让企业再绕行。"
ANSWER = "已同派出所商定预约开锁，明天上午到现场演示给企业看。"


def test_a_leaders_directive_is_answered_by_the_head_and_read_by_the_leader(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    chief = seat(town.CHIEF, viewport=PHONE, has_touch=True, is_mobile=True)
    chief.page.goto(f"/tickets/{township.ticket_id}")
    chief.follow("写批示").examine().sees("规划建设办公室最迟")
    chief.fill("批示", DIRECTIVE).submit("写批示").sees("写批示：已记下。")

    head = seat(town.HEAD)
    head.begin("答复", TITLE).examine().fill("答复", ANSWER).submit("答复批示")

    chief.page.reload()
    given = chief.examine().panel("领导批示")
    expect(given).to_contain_text(DIRECTIVE)
    expect(given).to_contain_text(ANSWER)
    firm = seat(town.FIRM_USER)
    firm.page.goto(f"/tickets/{township.ticket_id}")
    expect(firm.main).not_to_contain_text(DIRECTIVE)


def test_a_note_of_the_ladder_is_on_the_supervision_page_until_the_head_answers(
    seat: Callable[..., Walker], township: Town, frozen_clock: time_machine.Traveller
) -> None:
    township.begin()  # due on 29 September
    for day in ("28", "29", "30"):
        frozen_clock.move_to(moment(f"2026-09-{day}T10:00"))
        jobs.climb_ladder()
    frozen_clock.move_to(moment("2026-10-09T10:00"))
    jobs.climb_ladder()

    supervisor = seat(town.SUPERVISOR).menu("督办")
    supervisor.examine().sees(TITLE, "蓝色督办")
    head = seat(town.HEAD)
    head.begin("答复", TITLE).examine().fill("答复", ANSWER).submit("答复督办单")

    supervisor.click(supervisor.main.get_by_role("link", name="督办单待答复"))
    supervisor.sees("督办单都答复了")
    head.page.goto(f"/tickets/{township.ticket_id}")
    expect(head.panel("督办")).to_contain_text(ANSWER)
