"""Several hands: a unit asked to help, a deputy, and one answer to several enterprises."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.accounts.roles import Role
from tests import make
from tests.journeys import town
from tests.journeys.town import STORY, TITLE, Person, Town
from tests.journeys.walker import Walker
from tests.pages import PHONE

pytestmark = pytest.mark.journey
OPINION = "同意预约开锁通行的办法，钥匙由派出所保管。"
REPLY = "已经会同派出所到现场量过，定了预约开锁通行的办法，从本周起可以预约。"
DEPUTY = Person("helianqiao", "贺连桥", Role.HANDLER)


def test_a_unit_is_asked_to_help_answers_and_the_lead_builds_on_it(
    seat: Callable[..., Walker], township: Town
) -> None:
    township.begin()
    handler = seat(town.HANDLER).open(TITLE).sees("还不能提交答复")
    helper = seat(town.HELPER, viewport=PHONE, has_touch=True, is_mobile=True)

    helper.begin("交意见", TITLE).fill("协办意见", OPINION).submit("交协办意见")
    handler.page.reload()
    handler.follow("采纳协办意见").examine().submit("采纳协办意见")

    handler.begin("提交答复", TITLE).pick("办理结果", "已解决").fill("答复内容", REPLY)
    handler.submit("提交给负责人签发")
    seat(town.HEAD).begin("签发", TITLE).pick("您的决定", "同意").submit("记下决定")
    assert township.ticket.replies[-1].text == REPLY


def test_what_is_of_somebody_away_lies_with_the_deputy_until_they_are_back(
    seat: Callable[..., Walker], township: Town
) -> None:
    make.user(
        DEPUTY.role,
        unit=township.unit,
        username=DEPUTY.username,
        name=DEPUTY.name,
        password=make.PASSWORD,
    )
    township.begin()
    handler = seat(town.HANDLER)
    handler.page.goto("/settings/absences")
    handler.examine()
    handler.choose("代理人", DEPUTY.name)
    for label in ("从哪天", "到哪天"):
        handler.main.get_by_label(label).fill("2026-09-21")
    handler.fill("事由", "到县里学习").submit("登记外出").sees("由贺连桥代理")

    deputy = seat(DEPUTY)

    expect(deputy.row(TITLE)).to_have_count(1)
    deputy.open(TITLE).sees("代程望川")
    handler.home()
    expect(handler.row(TITLE)).to_have_count(0)


def test_two_enterprises_with_one_problem_get_one_answer_and_a_call_each(
    seat: Callable[..., Walker], township: Town
) -> None:
    other = make.enterprise("霁川云亭服饰有限公司", short_name="云亭服饰")
    first = township.report(subcategory_id=township.road_id)
    second = township.report("园区东路限高架挡住大件出货", enterprise_id=other.id)
    clerk = seat(town.DISPATCHER)
    clerk.page.goto(f"/tickets/{second}/steps/accept")
    clerk.sees("可能是同一类事").follow("归入共性问题").examine().follow("用这件新建一个")
    clerk.fill("是什么问题", "园区东路限高").fill("情况", STORY).choose("牵头单位", town.UNIT)
    clerk.examine().submit("建立").examine().sees(TITLE, "园区东路限高架挡住大件出货")
    for ticket_id in (first, second):
        township.ticket_id = ticket_id
        township.accept()
    clerk.page.reload()
    clerk.main.get_by_role("button", name="交办").click()
    clerk.sees("规划建设办公室牵头")
    for ticket_id in (first, second):
        township.ticket_id = ticket_id
        township.sign_and_call()

    handler = seat(town.HANDLER).menu("共性问题").examine().follow("园区东路限高")
    handler.examine()
    handler.pick("办理结果", "已解决").fill("答复内容", REPLY).submit("存为草稿")
    head = seat(town.HEAD).menu("共性问题").follow("园区东路限高")
    head.main.get_by_role("button", name="发布").first.click()

    head.sees("已发布")
    for ticket_id in (first, second):
        township.ticket_id = ticket_id
        assert township.ticket.replies[-1].text == REPLY
