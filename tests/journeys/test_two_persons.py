"""What one person asks, another decides; who asked is offered no decision."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys import town
from tests.journeys.town import TITLE, Town
from tests.journeys.walker import Walker

pytestmark = pytest.mark.journey
WHY = "这条路是公路站管的，不归我们单位。"


@pytest.fixture
def head(township: Town, seat: Callable[..., Walker]) -> Walker:
    """Return the head of a unit, who has asked that the ticket be taken back."""
    township.hand_over()
    head = seat(town.HEAD, careful=True).open(TITLE).follow("申请退单")
    head.fill("退单的理由", WHY).choose("该由哪个单位办", town.CO_UNIT).submit("申请退单")
    return head


def test_who_asked_for_a_return_cannot_decide_on_it(head: Walker) -> None:
    asked = head.panel("待决定：退单")

    expect(asked).to_contain_text(WHY)
    expect(asked.get_by_role("link", name="同意或不同意")).to_have_count(0)
    head.click(asked.get_by_role("link", name="撤回"))
    expect(head.main.get_by_role("button", name="撤回申请")).to_be_visible()
    expect(head.main.get_by_role("button", name="记下决定")).to_have_count(0)


def test_the_director_refuses_a_return_and_the_unit_goes_on(
    head: Walker, seat: Callable[..., Walker], township: Town
) -> None:
    director = seat(town.DIRECTOR, careful=True)

    director.begin("去决定", TITLE).sees(WHY).pick("您的决定", "不同意")
    director.fill("意见", "去年就是你们办的，请接着办。").submit("记下决定")

    director.sees("决定已记下")
    assert township.ticket.lead_unit_id == township.unit_id
    head.open(TITLE).sees("去年就是你们办的，请接着办。")
    expect(head.main.get_by_role("link", name="申请退单")).to_have_count(0)


def test_the_director_approves_a_return_and_the_office_dispatches_again(
    head: Walker, seat: Callable[..., Walker]
) -> None:
    director = seat(town.DIRECTOR)

    director.begin("去决定", TITLE).pick("您的决定", "同意").submit("记下决定")

    seat(town.DISPATCHER).begin("交办", TITLE).sees("派单目录")
    head.home()
    expect(head.row(TITLE)).to_have_count(0)
