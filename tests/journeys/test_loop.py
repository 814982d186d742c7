"""The whole loop, walked by the people whose steps they are, each at a browser of their own."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from tests.journeys import town
from tests.journeys.town import Person
from tests.journeys.walker import Walker
from tests.pages import PHONE

pytestmark = pytest.mark.journey
TITLE = "园区东路限高架挡住大件运输"
STORY = "园区东路北口的限高架只有 3.2 米，大件设备运不出去，每趟要绕行四十公里。"
NOT_YET = "限高架还在，今天又绕了一趟。"
AT_LAST = "限高架换成可以升降的了，大件能走了。"
FIRST_REPLY = "已经会同派出所到现场量过，定了预约开锁通行的办法，从本周起可以预约。"
SECOND_REPLY = "已经把固定限高架换成可以升降的，当面演示给企业看过，从今天起随到随过。"


@pytest.fixture
def walker(
    new_page: Callable[..., Page], frozen_clock: time_machine.Traveller
) -> Callable[..., Walker]:
    """Return a function that seats somebody at a browser and signs them in."""
    town.settle()

    def seat(person: Person, **options: object) -> Walker:
        frozen_clock.shift(timedelta(minutes=1))
        return Walker(new_page(**options), person).sign_in()

    return seat


@pytest.fixture
def minute(frozen_clock: time_machine.Traveller) -> Iterator[Callable[[], None]]:
    """Return a function that lets a minute pass, so that the history has an order to show."""
    yield lambda: frozen_clock.shift(timedelta(minutes=1))
