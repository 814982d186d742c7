"""The firm has the last word: it says no on its phone, and the handler finds it back at once."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.db import db
from app.core.transactions import transaction
from app.enterprises.models import EnterpriseContact
from app.notifications import jobs as notifications
from app.tickets import jobs as tickets
from app.tickets import service
from app.tickets.service import StepInput
from app.tickets.workflow.states import Event, Outcome
from tests.journeys import town
from tests.journeys.town import TITLE, Town
from tests.journeys.walker import SIZES, Walker
from tests.pages import assert_accessible, assert_fits, assert_own_marks

pytestmark = pytest.mark.journey
REPLY = "已经会同派出所到现场量过，定了预约开锁通行的办法，从本周起可以预约。"
TOLD = "约了三次，钥匙都没有人管。"
WORDS = "别说是我说的。"


def test_a_firm_says_no_on_its_phone_and_the_handler_has_it_back_with_the_reason(
    township: Town,
    seat: Callable[..., Walker],
    phone: Page,
    sent: Callable[[], list[EmailMessage]],
) -> None:
    answered(township)
    phone.goto(link_in_the_mail(sent))

    look(phone)
    expect(phone.get_by_role("main")).to_contain_text(REPLY)
    assert phone.locator("input:checked").count() == 0
    say_no(phone)
    press(phone, "下一步：核对")
    expect(phone.get_by_role("heading", level=1)).to_have_text("请核对，是这样吗？")
    press(phone, "是的，提交评价")
    expect(phone.get_by_role("main")).to_contain_text("已经退回承办单位重办")

    handler = seat(town.HANDLER)
    expect(handler.row(TITLE).or_(handler.now)).to_contain_text(["重办"])
    handler.search(TITLE).follow(TITLE).sees("重办中", TOLD)
    expect(handler.main).not_to_contain_text(WORDS)


def answered(township: Town) -> None:
    """Bring a problem so far that its answer is approved, and the firm is asked."""
    with transaction():
        contact = db.session.scalars(select(EnterpriseContact)).one()
        contact.email = "song@example.com"
    township.report()
    township.accept()
    township.take(Event.DISPATCH, town.DISPATCHER, lead_unit_id=township.unit_id)
    township.sign_and_call()
    given = StepInput(outcome=Outcome.RESOLVED, reply=REPLY)
    with transaction():
        handler, head = township.actor(town.HANDLER), township.actor(town.HEAD)
        asked = service.propose(township.ticket, Event.SUBMIT_REPLY, given, actor=handler)
        service.decide(asked, StepInput(comment="同意"), approve=True, actor=head)
    township.take(Event.APPROVE_REPLY, town.DISPATCHER)
    tickets.ask_for_ratings()
    notifications.deliver_due()


def link_in_the_mail(sent: Callable[[], list[EmailMessage]]) -> str:
    """Return where the letter leads."""
    letter = next(one for one in sent() if "song@example.com" in str(one["To"]))
    body = letter.get_body(("plain",))
    assert body
    found = re.search(r"http://[^/]+(/rate/\S+)", body.get_content())
    assert found
    return found.group(1)


def say_no(phone: Page) -> None:
    """Give the answers with a finger."""
    for question, answer in (
        ("这个问题解决了吗", "没有解决"),
        ("办理结果满意吗", "非常不满意"),
        ("服务态度满意吗", "基本满意"),
    ):
        group = phone.get_by_role("group", name=question)
        group.locator("label", has_text=re.compile(f"^\\s*{answer}\\s*$")).tap()
    phone.get_by_text("没有解决、不满意的，请说说哪里没有办好").tap()
    phone.get_by_role("checkbox", name="答应的没有做到").check()
    phone.get_by_role("textbox", name="要告诉承办单位的话").fill(TOLD)
    phone.get_by_role("textbox", name="还想说什么").fill(WORDS)
    look(phone)


def press(phone: Page, name: str) -> None:
    """Press a button, and look at the page that it leads to."""
    with phone.expect_navigation():
        phone.get_by_role("button", name=name).tap()
    look(phone)


def look(phone: Page) -> None:
    """Find what is shown accessible and no wider than the window, at both widths."""
    for size in reversed(SIZES):
        phone.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert_fits(phone)
        assert_own_marks(phone)
        assert_accessible(phone)
