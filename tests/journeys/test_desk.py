"""The desk at work: many at once, kept filters, keys, notes, colleagues, a lost session, paper."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from app.accounts.service.sessions import end_sessions
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import TicketEvent
from tests import make
from tests.journeys import town
from tests.journeys.town import TITLE, Town
from tests.journeys.walker import Walker
from tests.pages import PHONE, assert_accessible

pytestmark = pytest.mark.journey
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
OURS = "已经到现场量过，正在和派出所商量办法。"
MANY = 12  # more than are sent in one part


def several(township: Town, n: int, *, accepted: bool = False) -> list[int]:
    """Report so many problems, and take them in."""
    made = []
    for number in range(1, n + 1):
        made.append(township.report(f"第{number}处限高", subcategory_id=township.road_id))
        if accepted:
            township.accept()
    return made


def happened(kind: str) -> int:
    """Return how many steps of one kind there were."""
    db.session.rollback()
    found = select(func.count(TicketEvent.id)).where(TicketEvent.kind == kind)
    return db.session.scalar(found) or 0


def sign_out_elsewhere(person: town.Person, township: Town) -> None:
    """End every session of a person, as the administrator does, or the time."""
    user_id = township.actor(person).user_id
    assert user_id
    with transaction():
        end_sessions(user_id)


@SCRIPTS
def test_many_are_accepted_and_handed_out_at_once_and_each_refusal_is_named(
    seat: Callable[..., Walker], township: Town, *, scripts: bool
) -> None:
    several(township, 3)
    clerk = seat(town.DISPATCHER, java_script_enabled=scripts).menu("问题台账")
    for title in ("第1处限高", "第2处限高", "第3处限高"):
        clerk.tick(title)
    clerk.click(clerk.main.get_by_role("button", name="受理"))
    if scripts:  # axe is one
        clerk.examine()
    clerk.tick("已逐件核对，不是重复件")
    township.accept()  # a colleague is faster with the third

    clerk.main.get_by_role("button", name="受理 3 件").click()

    clerk.sees("受理完成：2 / 3" if scripts else "受理 2 件，都已记下。")
    refused = clerk.main.locator(".bh-row").filter(visible=True)
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("第3处限高")
    expect(refused).to_contain_text("刚才有人办过这件企业问题")
    if scripts:
        assert_accessible(clerk.page)
    clerk.follow("回问题台账").tick("符合条件的全部")
    clerk.click(clerk.main.get_by_role("button", name="交办"))
    clerk.sees("交给规划建设办公室")
    clerk.main.get_by_role("button", name="交办 3 件").click()
    clerk.sees("交办完成：3 / 3" if scripts else "交办 3 件，都已记下。")
    assert (happened("accept"), happened("dispatch")) == (3, 3)


@pytest.mark.parametrize("leaves", [False, True], ids=["stays", "leaves"])
def test_what_was_broken_off_is_gone_on_with_and_nothing_is_done_twice(
    seat: Callable[..., Walker], township: Town, *, leaves: bool
) -> None:
    several(township, MANY, accepted=True)
    clerk = seat(town.DISPATCHER).menu("问题台账").tick("选择本页")
    clerk.submit("交办").fill("交办意见", OURS)
    sent: list[dict[str, str]] = []

    def break_the_second(route: Route) -> None:
        posts = route.request.method == "POST"
        if posts:
            sent.append(dict(parse_qsl(route.request.post_data or "")))
        if not posts or len(sent) != 2:
            route.continue_()
            return
        if not leaves:  # it arrives, but the answer is lost
            route.fetch()
        route.abort()

    clerk.page.route("**/bulk/dispatch*", break_the_second)
    clerk.main.get_by_role("button", name=f"交办 {MANY} 件").click()
    clerk.sees(f"停在 10 / {MANY}：连不上服务器")
    assert_accessible(clerk.page)
    if leaves:
        clerk.menu("问题台账").sees(f"上次停在 10 / {MANY}，没有办完。")
        clerk.follow("接着办").sees("现在不能交办")
        expect(clerk.main.get_by_role("textbox", name="交办意见")).to_have_value(OURS)
        clerk.main.get_by_role("button", name="交办 2 件").click()
        clerk.sees("交办完成：2 / 2")
    else:
        clerk.main.get_by_role("button", name="接着办").click()
        clerk.sees(f"交办完成：{MANY} / {MANY}")

    assert happened("dispatch") == MANY
    assert len({(one["idempotency_key"], one["comment"]) for one in sent}) == 1
    expect(clerk.menu("问题台账").main.get_by_text("上次停在")).to_have_count(0)


def test_what_is_ticked_stays_ticked_from_page_to_page(
    app: Flask, seat: Callable[..., Walker], township: Town
) -> None:
    app.config["PAGE_SIZE"] = 2
    several(township, 3, accepted=True)
    clerk = seat(town.DISPATCHER, viewport=PHONE, has_touch=True, is_mobile=True)
    clerk.page.goto("/tickets?view=open")
    clerk.tick("第2处限高").sees("已选 1 件")

    clerk.page.goto("/tickets?view=open&page=2")
    clerk.tick("第3处限高").sees("已选 2 件，其中 1 件在别的页").examine()
    clerk.page.goto("/tickets?view=open&q=处限高")  # another list
    expect(clerk.main.get_by_role("checkbox", name="第3处限高")).not_to_be_checked()
    clerk.page.goto("/tickets?view=open")
    expect(clerk.main.get_by_role("checkbox", name="第2处限高")).to_be_checked()
    clerk.click(clerk.main.get_by_role("button", name="交办"))

    clerk.sees("交办 2 件", "第2处限高", "第3处限高")
    clerk.page.go_back()
    clerk.main.get_by_role("button", name="都不选").click()
    expect(clerk.main.get_by_role("checkbox", name="第2处限高")).not_to_be_checked()


def test_a_filter_is_kept_shared_found_by_a_colleague_and_deleted(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    clerk = seat(town.DISPATCHER).menu("问题台账")
    clerk.choose("承办单位", town.UNIT)
    clerk.click(clerk.main.get_by_role("button", name="查找"))
    clerk.follow("保存这个筛选").examine().sees("条件：承办单位")
    clerk.fill("名称", "规划办在办的").tick("共享给同事").submit("保存").sees("筛选已保存")

    head = seat(town.HEAD, viewport=PHONE, has_touch=True, is_mobile=True)
    head.page.goto("/tickets")
    head.click(head.main.get_by_role("link", name="规划办在办的"))

    head.sees(TITLE)
    firm = seat(town.FIRM_USER)
    firm.page.goto("/tickets")
    expect(firm.main.get_by_text("规划办在办的")).to_have_count(0)
    clerk.click(clerk.main.get_by_role("link", name=re.compile("^全部 ?保存的筛选$")))
    clerk.examine()
    clerk.click(clerk.main.get_by_role("button", name="删掉"))
    clerk.sees("筛选已删掉")
    head.page.goto("/tickets")
    expect(head.main.get_by_text("规划办在办的")).to_have_count(0)


def test_a_list_is_ticked_opened_and_walked_through_by_keys_alone(
    seat: Callable[..., Walker], township: Town
) -> None:
    several(township, 3, accepted=True)
    clerk = seat(town.DISPATCHER).menu("问题台账")
    page, keys = clerk.page, clerk.page.keyboard

    for key in ("j", "x", "j", "x"):
        keys.press(key)
    expect(clerk.main.get_by_text("已选 2 件")).to_be_visible()
    press(page, "Enter", "第2处限高")
    press(page, "n", "第3处限高")
    press(page, "p", "第2处限高")
    note = clerk.main.get_by_role("textbox", name="写给同事")
    note.focus()
    keys.type("npgdjx/?")
    expect(note).to_have_value("npgdjx/?")
    note.dispatch_event("keydown", {"key": "n", "isComposing": True})
    expect(page.get_by_role("heading", level=1)).to_have_text("第2处限高")


def press(page: Page, key: str, title: str) -> None:
    """Press a key that leads to a ticket."""
    page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.wait_for_load_state()


def test_a_colleague_is_told_of_a_note_and_the_enterprise_never_sees_it(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    words = "@程望川 先和村里通个气<b>再</b>去企业"
    clerk = seat(town.DISPATCHER)
    clerk.page.goto(f"/tickets/{township.ticket_id}")

    clerk.fill("写给同事", words).submit("写备注").sees("写内部备注：已记下。", words)

    handler = seat(town.HANDLER)
    handler.click(handler.page.get_by_role("banner").get_by_role("link", name=re.compile("消息")))
    handler.click(handler.main.get_by_role("button", name="有人在内部备注里提到您").first)
    handler.sees(words)
    firm = seat(town.FIRM_USER)
    firm.page.goto(f"/tickets/{township.ticket_id}")
    firm.sees(TITLE)
    expect(firm.main.get_by_text("通个气")).to_have_count(0)
    expect(firm.main.get_by_text("写备注")).to_have_count(0)


def test_two_at_one_ticket_hear_of_each_other_and_the_second_keeps_the_text(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.report(subcategory_id=township.road_id)
    first = seat(town.DISPATCHER).begin("受理", TITLE)
    expect(first.main.get_by_text("也在办这件")).to_have_count(0)
    with first.page.expect_response(re.compile("/presence$")):
        first.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    second = seat(town.COLLEAGUE).begin("受理", TITLE).examine()
    second.sees("沈知夏也在办这件。")
    first.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    first.sees("陆清越也在办这件。")
    for clerk, words in ((first, "先到的人写的"), (second, OURS)):
        clerk.tick("已核对，不是重复件").fill("受理意见", words)
    first.submit("受理").sees("受理：已记下")
    second.submit("受理").sees("您填写的时候，有人办过这件。", "先到的人写的")

    expect(second.main.get_by_role("textbox", name="受理意见")).to_have_value(OURS)
    assert happened("accept") == 1


@SCRIPTS
def test_what_was_typed_outlives_the_session(
    seat: Callable[..., Walker], township: Town, *, scripts: bool
) -> None:
    township.begin()
    handler = seat(town.HANDLER, java_script_enabled=scripts).open(TITLE).follow("写进展")
    handler.fill("办理进展", OURS).tick("企业可以看到这条进展")
    sign_out_elsewhere(town.HANDLER, township)

    handler.submit("写进展")

    handler.sees("您已经退出登录。刚才填写的内容还在，登录后可以接着填。")
    if scripts:
        assert_accessible(handler.page)
    handler.page.get_by_label("账号").fill(town.HANDLER.username)
    handler.page.get_by_label("密码").fill(make.PASSWORD)
    handler.click(handler.page.get_by_role("button", name="登录"))
    handler.submit("回到填好的表单")
    expect(handler.main.get_by_role("textbox", name="办理进展")).to_have_value(OURS)
    expect(handler.main.get_by_role("checkbox", name="企业可以看到")).to_be_checked()
    handler.submit("写进展").sees("写进展：已记下")
    assert happened("progress_note") == 1


@SCRIPTS
def test_what_was_typed_outlives_a_new_session_in_another_window(
    seat: Callable[..., Walker], township: Town, *, scripts: bool
) -> None:
    township.begin()
    handler = seat(town.HANDLER, java_script_enabled=scripts).open(TITLE).follow("写进展")
    handler.fill("办理进展", OURS)
    sign_out_elsewhere(town.HANDLER, township)
    other = Walker(handler.page.context.new_page(), town.HANDLER, handler.pause, careful=False)
    other.sign_in()

    handler.submit("写进展").sees("刚才填写的内容还在")

    if scripts:
        assert_accessible(handler.page)
    handler.submit("回到填好的表单")
    expect(handler.main.get_by_role("textbox", name="办理进展")).to_have_value(OURS)
    handler.submit("写进展").sees("写进展：已记下")
    assert happened("progress_note") == 1


def test_what_was_ticked_is_exported_and_the_page_stays_usable(
    seat: Callable[..., Walker], township: Town
) -> None:
    several(township, 2)
    clerk = seat(town.DISPATCHER, accept_downloads=True).menu("问题台账")
    clerk.tick("第2处限高").examine()
    clerk.click(clerk.main.get_by_role("button", name="导出"))
    clerk.examine().sees("导出您选中的 1 件。")

    button = clerk.main.get_by_role("button", name="导出 1 件")
    for _time in range(2):
        with clerk.page.expect_download() as found:
            button.click()

    lines = Path(found.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "第2处限高" in lines[1]
    expect(button).to_be_enabled()


def test_the_dispatch_note_is_printed_from_the_page(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    handler = seat(town.HANDLER).open(TITLE).follow("打印交办单").examine()
    handler.sees("现将下面的企业问题交你单位主办")
    button = handler.main.get_by_role("button", name="打印", exact=True)
    expect(button).to_be_visible()

    handler.page.emulate_media(media="print")

    sheet = handler.panel("内容")
    for words in (TITLE, "签收人", town.CO_UNIT, "2026年9月29日（周二）17:30"):
        expect(sheet).to_contain_text(words)
    expect(sheet).not_to_contain_text("今天")
    for chrome in (button, handler.page.get_by_role("banner"), handler.page.locator(".bh-side")):
        expect(chrome).to_be_hidden()
    assert handler.page.pdf(format="A4").startswith(b"%PDF")
