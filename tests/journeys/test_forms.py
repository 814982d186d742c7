"""Nothing typed is lost, nothing is sent twice; all of it also without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import func, select

from app.attachments.models import Attachment
from app.core.db import db
from app.tickets.models import Ticket
from tests.journeys import town
from tests.journeys.town import STORY, TITLE, Town
from tests.journeys.walker import Walker
from tests.pages import PHONE, assert_accessible
from tests.portal.visitor import photo

pytestmark = pytest.mark.journey
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
OURS = "已经到现场量过，正在和派出所商量办法。"
THEIRS = "派出所已经派人看过限高架，钥匙明天送到。"


def summary(walker: Walker) -> Locator:
    """Return the list of what is wrong with a form."""
    return walker.main.locator(".bh-errors")


@SCRIPTS
def test_the_second_of_two_who_act_on_a_ticket_is_told_and_keeps_the_text(
    seat: Callable[..., Walker], township: Town, *, scripts: bool
) -> None:
    township.report()
    first, second = (
        seat(person, java_script_enabled=scripts).begin("受理", TITLE)
        for person in (town.DISPATCHER, town.COLLEAGUE)
    )
    for clerk, words in ((first, THEIRS), (second, OURS)):
        clerk.choose("小类", town.ROAD).tick("已核对，不是重复件").fill("受理意见", words)

    first.submit("受理").sees("受理：已记下")
    second.submit("受理")

    second.sees("您填写的时候，有人办过这件。", THEIRS)
    expect(second.main.get_by_role("textbox", name="受理意见")).to_have_value(OURS)
    second.submit("受理").sees("待交办")
    expect(second.main.get_by_role("textbox", name="受理意见")).to_have_value(OURS)
    assert [event.comment for event in township.events("accept")] == [THEIRS]


@SCRIPTS
def test_a_draft_that_was_changed_elsewhere_is_not_overwritten(
    seat: Callable[..., Walker], township: Town, *, scripts: bool
) -> None:
    del township
    phone, desk = (seat(town.LIAISON, java_script_enabled=scripts) for _ in range(2))
    phone.follow("登记企业问题")
    phone.click(phone.row(town.SHORT).get_by_role("link", name="选这家"))
    phone.fill("一句话说清", TITLE).submit("存草稿")
    for place, words in ((phone, THEIRS), (desk, OURS)):
        place.begin("接着写", TITLE).fill("具体情况", words)

    phone.submit("存草稿")
    desk.submit("存草稿")

    desk.sees("您填写的时候，草稿在别处改过：", THEIRS)
    expect(desk.main.get_by_role("textbox", name="具体情况")).to_have_value(OURS)
    desk.submit("存草稿").begin("接着写", TITLE)
    expect(desk.main.get_by_role("textbox", name="具体情况")).to_have_value(OURS)


@SCRIPTS
def test_a_double_click_writes_once(
    seat: Callable[..., Walker], township: Town, *, scripts: bool
) -> None:
    township.begin()
    handler = seat(town.HANDLER, java_script_enabled=scripts).open(TITLE).follow("写进展")
    handler.fill("办理进展", OURS)

    # without scripts the second click breaks off the answer to the first: wait for what is shown
    handler.main.get_by_role("button", name="写进展").dblclick()

    handler.sees("写进展：已记下")
    assert len(township.events("progress_note")) == 1


@SCRIPTS
def test_what_is_wrong_is_listed_with_the_focus_and_what_was_typed_stays(
    seat: Callable[..., Walker], township: Town, *, scripts: bool
) -> None:
    township.report()
    clerk = seat(town.DISPATCHER, java_script_enabled=scripts).begin("受理", TITLE)
    clerk.pick("难易程度", "疑难（A类）").fill("受理意见", "涉及两个单位。")

    clerk.main.get_by_role("button", name="受理").click()

    expect(summary(clerk)).to_be_focused()
    expect(clerk.main.get_by_role("textbox", name="受理意见")).to_have_value("涉及两个单位。")
    expect(clerk.main.get_by_role("radio", name="疑难（A类）")).to_be_checked()
    if scripts:  # axe is one
        assert_accessible(clerk.page)
    summary(clerk).get_by_role("link", name="已核对，不是重复件").click()
    expect(clerk.page).to_have_url(clerk.page.url)
    clerk.choose("小类", town.ROAD)
    clerk.tick("已核对，不是重复件").submit("受理").sees("受理：已记下")


def test_without_scripts_a_visit_is_recorded_and_its_problem_taken_in(
    seat: Callable[..., Walker],
) -> None:
    liaison = seat(town.LIAISON, java_script_enabled=False, viewport=PHONE)
    liaison.click(liaison.now.get_by_role("link"))
    liaison.pick("这次有没有问题", "有，现在记下").fill("一句话说清", TITLE)

    liaison.submit("提交走访")

    expect(summary(liaison)).to_be_focused()
    expect(liaison.main.get_by_role("textbox", name="一句话说清")).to_have_value(TITLE)
    liaison.fill("具体情况", STORY).choose("类别", town.CATEGORY)
    liaison.tick("以上内容不含涉密信息").submit("提交走访").sees("走访已登记")
    clerk = seat(town.DISPATCHER, java_script_enabled=False)
    clerk.begin("受理", TITLE).choose("小类", town.ROAD)
    clerk.tick("已核对，不是重复件").submit("受理").sees("受理：已记下")
    db.session.rollback()
    assert db.session.scalar(select(func.count(Ticket.id))) == 1


def test_a_draft_of_what_was_typed_waits_on_the_device(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    handler = seat(town.HANDLER).open(TITLE).follow("写进展")
    handler.main.get_by_role("textbox", name="办理进展").press_sequentially(OURS)
    kept = handler.main.locator("[data-bh-draft-status]")
    expect(kept).to_contain_text("已存在这台设备")

    handler.page.reload()

    handler.sees("还没有提交")
    expect(handler.main.get_by_role("textbox", name="办理进展")).to_have_value(OURS)


def test_only_the_second_level_of_the_chosen_category_is_offered_at_acceptance(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.report()
    clerk = seat(town.DISPATCHER).begin("受理", TITLE)
    below = clerk.main.get_by_label("小类")
    group = clerk.main.locator("optgroup[label='01 融资金融']")
    expect(below.locator("option").first).to_have_text("请选小类")
    expect(group).to_be_disabled()

    clerk.choose("小类", town.ROAD).choose("类别", "01 融资金融")
    expect(below).to_have_value("")
    expect(group).to_be_enabled()

    clerk.choose("类别", "99 其他")
    expect(below).to_be_hidden()
    clerk.tick("已核对，不是重复件").submit("受理").sees("受理：已记下")

    assert township.ticket.subcategory_id is None


@SCRIPTS
def test_files_of_a_visit_and_of_its_problem_are_chosen_once(
    seat: Callable[..., Walker], *, scripts: bool
) -> None:
    liaison = seat(town.LIAISON, java_script_enabled=scripts, viewport=PHONE)
    liaison.click(liaison.now.get_by_role("link"))
    liaison.pick("这次有没有问题", "有，现在记下").fill("一句话说清", TITLE)
    liaison.fill("具体情况", STORY).choose("类别", town.CATEGORY)
    liaison.tick("以上内容不含涉密信息")
    liaison.main.get_by_role("checkbox", name="联络员").uncheck()  # nobody went: no visit
    for place, name in (("files", "厂区.png"), ("problems-0-files", "限高架.png")):
        chosen = {"name": name, "mimeType": "image/png", "buffer": photo()[0].read()}
        liaison.main.locator(f"input[name={place}]").set_input_files(chosen)

    liaison.submit("提交走访")
    for name in ("厂区.png", "限高架.png"):
        expect(liaison.main.get_by_role("checkbox", name=name)).to_be_checked()
    liaison.tick("联络员")
    problems = liaison.main.locator("[data-bh-repeat=problems] [data-bh-repeat-item]")
    liaison.main.get_by_role("button", name="再记一个问题").click()
    expect(problems).to_have_count(2)
    expect(liaison.main.get_by_role("checkbox", name="限高架.png")).to_have_count(1)
    if scripts:  # axe is one
        liaison.examine()
    problems.last.get_by_role("button", name="去掉这个").click()
    expect(problems).to_have_count(1)
    liaison.submit("提交走访").sees("走访已登记", "厂区.png")

    db.session.rollback()
    found = db.session.scalars(select(Attachment).order_by(Attachment.id))
    assert [(one.name, one.ticket_id is None) for one in found] == [
        ("厂区.png", True),
        ("限高架.png", False),
    ]


def test_a_draft_on_the_device_takes_no_tick_from_files_that_came(
    seat: Callable[..., Walker],
) -> None:
    liaison = seat(town.LIAISON, viewport=PHONE)
    liaison.click(liaison.now.get_by_role("link"))
    for name in ("一.png", "二.png"):
        chosen = {"name": name, "mimeType": "image/png", "buffer": photo()[0].read()}
        liaison.main.locator("input[name=files]").set_input_files(chosen)
        liaison.main.get_by_role("textbox", name="聊了什么").press_sequentially("订单")
        liaison.submit("换了企业，带出它上次的事")

    for name in ("一.png", "二.png"):
        expect(liaison.main.get_by_role("checkbox", name=name)).to_be_checked()
