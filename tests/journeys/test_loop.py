"""The whole loop, walked by the people whose steps they are, each at a browser of their own."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys import town
from tests.journeys.town import STORY, TITLE
from tests.journeys.walker import Walker
from tests.pages import PHONE

pytestmark = pytest.mark.journey
NOT_YET = "限高架还在，今天又绕了一趟。"
AT_LAST = "限高架换成可以升降的了，大件能走了。"
FIRST_REPLY = "已经会同派出所到现场量过，定了预约开锁通行的办法，从本周起可以预约。"
SECOND_REPLY = "已经把固定限高架换成可以升降的，当面演示给企业看过，从今天起随到随过。"
OPINION = "同意预约开锁通行的办法，钥匙由派出所保管。"
#: What the history says in the end, the oldest first.
STEPS = (
    ("登记", town.LIAISON),
    ("受理", town.DISPATCHER),
    ("交办", town.DISPATCHER),
    ("签收", town.HANDLER),
    ("先行联系", town.HANDLER),
    ("办理进展", town.HANDLER),
    ("协办意见", town.HELPER),
    ("提出：提交答复", town.HANDLER),
    ("提交答复", town.HEAD),
    ("审核通过", town.DISPATCHER),
    ("重办", town.LIAISON),
    ("提出：提交答复", town.HANDLER),
    ("提交答复", town.HEAD),
    ("审核通过", town.DISPATCHER),
    ("回访办结", town.LIAISON),
)


def test_six_people_take_one_problem_from_the_visit_to_the_word_that_it_is_solved(
    seat: Callable[..., Walker],
) -> None:
    liaison = seat(town.LIAISON, careful=True, viewport=PHONE, has_touch=True, is_mobile=True)
    dispatcher, handler, helper, head, firm = (
        seat(person, careful=True)
        for person in (town.DISPATCHER, town.HANDLER, town.HELPER, town.HEAD, town.FIRM_USER)
    )

    record_a_visit(liaison)
    accept_and_dispatch(dispatcher)
    sign_contact_and_report(handler)
    give_an_opinion(helper)
    answer(handler, FIRST_REPLY)
    sign_off(head, FIRST_REPLY)
    approve(dispatcher)
    ask_the_firm(liaison, solved="未解决", score="不满意", words=NOT_YET)
    see_that_it_goes_on(dispatcher)
    answer(handler, SECOND_REPLY)
    sign_off(head, SECOND_REPLY)
    approve(dispatcher)
    ask_the_firm(liaison, solved="已解决", score="非常满意", words=AT_LAST)

    find_it_closed(dispatcher)
    find_it_told(firm)


def record_a_visit(liaison: Walker) -> None:
    """Record the visit of this month, with the problem that was heard in it."""
    liaison.now.get_by_role("link").first.wait_for()
    liaison.click(liaison.now.get_by_role("link"))
    expect(liaison.main.get_by_label("企业或项目")).to_have_value("e1")
    liaison.fill("见到谁", "办公室主任").fill("聊了什么", "订单满，运输跟不上。")
    liaison.pick("这次有没有问题", "有，现在记下")
    liaison.fill("一句话说清", TITLE).fill("具体情况", STORY).choose("类别", town.CATEGORY)
    liaison.tick("以上内容不含涉密信息")
    liaison.submit("提交走访")
    liaison.sees("走访已登记", TITLE)


def accept_and_dispatch(dispatcher: Walker) -> None:
    """Take it in, and hand it to the unit and the co-unit that the catalogue proposes."""
    dispatcher.begin("受理", TITLE).sees(STORY, "这家企业没有别的问题")
    dispatcher.choose("小类", town.ROAD).tick("已核对，不是重复件").submit("受理")
    dispatcher.follow("交办").sees("派单目录：交通物流，主办规划建设办公室")
    dispatcher.submit("交办").sees("等规划建设办公室签收")


def sign_contact_and_report(handler: Walker) -> None:
    """Sign for it, call the firm, say how far it is."""
    handler.begin("签收", TITLE).submit("签收").sees("先联系企业")
    handler.begin("登记联系", TITLE).pick("怎么联系的", "电话")
    handler.fill("说了什么", "问清了时间和车型，约明天到现场。").submit("登记首次联系")
    handler.follow("写进展").fill("办理进展", "已经到现场量过，正在和派出所商量办法。")
    handler.tick("企业可以看到这条进展").submit("写进展").sees("还不能提交答复")


def give_an_opinion(helper: Walker) -> None:
    """Answer the unit that leads."""
    helper.begin("交意见", TITLE).fill("协办意见", OPINION).submit("交协办意见")


def answer(handler: Walker, reply: str) -> None:
    """Draft the answer to the firm."""
    handler.begin("提交答复", TITLE).pick("办理结果", "已解决").fill("答复内容", reply)
    handler.submit("提交给负责人签发")


def sign_off(head: Walker, reply: str) -> None:
    """Sign the answer off for the unit."""
    head.begin("签发", TITLE).sees(reply).pick("您的决定", "同意").submit("记下决定")
    head.sees("等营商办审核答复")


def approve(dispatcher: Walker) -> None:
    """Let the answer go to the firm."""
    dispatcher.begin("审核", TITLE).submit("审核通过").sees("待回访")


def ask_the_firm(liaison: Walker, *, solved: str, score: str, words: str) -> None:
    """Ask the firm itself whether it is solved, and write down what it says."""
    liaison.begin("回访", TITLE).pick("怎么回访的", "电话").pick("问题解决了吗", solved)
    liaison.pick("对办理结果", score).fill("企业原话", words).submit("登记回访")


def see_that_it_goes_on(dispatcher: Walker) -> None:
    """Find that the firm's no has sent it back to the unit."""
    dispatcher.search(TITLE)
    expect(dispatcher.main.get_by_role("row", name=TITLE)).to_contain_text("重办中")


def find_it_closed(dispatcher: Walker) -> None:
    """Read the history: who did what, in which role, and when."""
    dispatcher.search(TITLE).follow(TITLE)
    expect(dispatcher.now).to_contain_text("已办结")

    lines = dispatcher.history()

    assert len(lines) == len(STEPS)
    for line, (what, person) in zip(lines, STEPS, strict=True):
        assert line.startswith(f"{what} "), line
        assert re.search(rf"今天 09:\d\d · {person.name} · {person.role.label}", line), line
    assert "办理期限由 10月19日（周一）17:30 改为 9月29日（周二）17:30：重办" in lines[10]


def find_it_told(firm: Walker) -> None:
    """See how it ended, as the enterprise; what the offices said among themselves is not shown."""
    firm.home().menu("企业问题").follow("看全部问题").follow(TITLE)

    firm.sees("已办结", SECOND_REPLY, AT_LAST, "已经到现场量过，正在和派出所商量办法。")
    assert "重办" in " ".join(firm.history())
    expect(firm.main).not_to_contain_text(OPINION)
