"""Ways that are not at their end on the morning of the anchor, 2026-09-30."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.accounts.roles import Actor
from app.demo.service.stories.story import Story
from app.demo.service.stories.way import keep_telling, to_reply, to_unit
from app.tickets import service as tickets
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Event, Solved

PHONE = ContactChannel.PHONE
LAST_DAY = date(2026, 9, 29)  # the last whole day before the anchor


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a problem is suspended, until when, and whether that was renewed."""

    asked_on: date
    cause: str
    plan: str
    opinion: str
    next_review_on: date
    renewed_on: date | None = None
    renewed_until: date | None = None


WAITS = {
    "岚坞茶厂": Wait(
        asked_on=date(2026, 4, 21),
        cause="planning",
        plan="纳入镇国土空间规划调整方案，等区里批复后立即办理用地性质调整。",
        opinion="企业理解要等规划，希望赶上明年春茶。",
        next_review_on=date(2026, 7, 20),
        renewed_on=date(2026, 7, 17),
        renewed_until=date(2026, 10, 15),
    ),
    "樟湾水产养殖": Wait(
        asked_on=date(2026, 9, 8),
        cause="funds",
        plan="已列入县级农村道路水毁修复计划，资金到位后十日内进场修复。",
        opinion="企业同意先垫石子临时通车，等县级资金。",
        next_review_on=date(2026, 11, 16),
    ),
}


def suspended(story: Story, _others: Sequence[Story]) -> None:
    """Suspend it: the head asks, the director passes it on, the chief agrees."""
    wait = WAITS[story.row.firm]
    to_unit(story)
    keep_telling(story, until=wait.asked_on)
    asked = story.ask(
        Event.APPROVE_SUSPENSION,
        story.cast.heads[story.row.lead],
        reason=wait.cause,
        plan=wait.plan,
        opinion=wait.opinion,
        next_review_on=wait.next_review_on,
        told_enterprise=True,
        comment=wait.plan,
    )
    director = story.cast.decides()
    story.on(wait.asked_on, asked, latest="11:00")
    story.then(story.agree(director, "情况属实，报请批准。"), 60, 180)
    story.on(story.workday(1), story.agree(story.cast.decides(chief=True), "同意挂账，到期复核。"))
    if wait.renewed_on:
        story.on(wait.renewed_on, lambda: _renew(story, wait, director))


def _renew(story: Story, wait: Wait, director: Actor) -> None:
    reason = "规划调整方案已报区里，还没有批复，续期。"
    tickets.renew_suspension(story.case.ticket, wait.renewed_until, reason, actor=director)


def rework(story: Story, _others: Sequence[Story]) -> None:
    """Hear the enterprise say no: the second round runs now."""
    to_reply(story)
    story.approve()
    story.revisit(date(2026, 9, 28), solved=Solved.NO, said="上周又断了三次，喷淋还是不稳。")
    story.progress(
        LAST_DAY, "已到厂里重新测压，确认是支管偏细，正在核算更换 DN100 支管的费用。", seen=True
    )


def in_review(story: Story, _others: Sequence[Story]) -> None:
    """Answer at 16:40 of the day before."""
    to_unit(story)
    keep_telling(story, until=LAST_DAY)
    story.reply(LAST_DAY, hours=("16:10", "16:12"), signed=("16:40", "16:40"))


def in_revisit(story: Story, _others: Sequence[Story]) -> None:
    """Answer twice, and call twice: at 15:10 of the day before nobody was there."""
    to_unit(story)
    story.reply(date(2026, 9, 22), hours=("14:40", "15:30"))
    story.send_back("form")
    mended = f"{story.row.reply}有事可找经济发展办公室。"
    story.reply(date(2026, 9, 24), mended, hours=("15:30", "16:20"))
    story.approve(date(2026, 9, 28))
    story.miss(date(2026, 9, 28), PHONE, ("15:00", "16:30"), 1)
    story.miss(LAST_DAY, PHONE, ("15:10", "15:10"), 0)


def gate(story: Story, _others: Sequence[Story]) -> None:
    """Wait for the opinion of the police on 园区东路限高架: the one to look at first."""
    handler = story.cast.handler(story.row.lead)
    story.accept(30, 60)
    story.dispatch(date(2026, 9, 11), earliest="14:50", latest="14:50")
    story.sign(20, 20)
    story.contact(85, 85)
    said = (
        "已与公路养护站现场量过：改成可升降式要 4.8 万元，养护站同意出设计。"
        "先行办法是 9 时至 16 时预约开锁通行，需要派出所一起签意见。"
    )
    note = story.take(Event.PROGRESS_NOTE, handler, comment=said, for_enterprise=True)
    story.on(date(2026, 9, 22), note, "11:05", "11:05")


def yellow(story: Story, _others: Sequence[Story]) -> None:
    """Dispatch it on the day it was heard: it is nearly due."""
    story.accept(30, 60)
    story.dispatch(story.row.on, earliest="14:40", latest="15:30")
    story.sign()
    story.contact()
    story.progress(date(2026, 9, 28))


def red(story: Story, _others: Sequence[Story]) -> None:
    """Miss the deadline of 09-24; the leader who looks after the firm urges by hand too."""
    to_unit(story)
    story.progress(date(2026, 9, 21), "已查到是账户信息退回，正在和区财政局核对，等国库重新支付。")
    leader_id, words_said = story.firm.leader_id, "企业等这笔钱发工资，请节前给个准信。"
    leader = next(one for one in story.cast.people.values() if one.user_id == leader_id)
    story.on(
        date(2026, 9, 29),  # on the 28th the timetable sends the notice
        lambda: _urge(story, words_said, leader),
        "15:00",
        "16:30",
    )


def _urge(story: Story, said: str, leader: Actor) -> None:
    tickets.urge(story.case.ticket, said, actor=leader)


def green(story: Story, _others: Sequence[Story]) -> None:
    """Work on it, with time enough."""
    to_unit(story)
    keep_telling(story, until=LAST_DAY)


def at_sign(story: Story, _others: Sequence[Story]) -> None:
    """Dispatch it the afternoon before; the unit has not signed."""
    story.accept()
    story.dispatch(LAST_DAY, earliest="16:00", latest="16:40")


def at_dispatch(story: Story, _others: Sequence[Story]) -> None:
    """Accept it the afternoon before."""
    story.accept(240, 300)
