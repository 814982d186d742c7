"""Ways that came to an end within the year."""

from collections.abc import Sequence

from app.demo.service.stories import words
from app.demo.service.stories.story import Story
from app.demo.service.stories.way import ask_firm, to_reply, to_unit
from app.tickets import service as tickets
from app.tickets.service import StepInput
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Event, Outcome, Solved

PHONE, LINK = ContactChannel.PHONE, ContactChannel.LINK
FAIR = 3
FORENOON, AFTERNOON = ("09:10", "11:30"), ("14:40", "17:00")
GUIDANCE = {
    "16": (
        "litigation",
        "已经在法院立案的合同纠纷，镇里不能出面。",
        "请由法院审理，可到司法所咨询。",
    ),
    "20": (
        "litigation",
        "已经申请仲裁的租金纠纷，镇里不能出面。",
        "请由仲裁机构处理，可到司法所咨询。",
    ),
    "99": ("outside", "反映的是邻居的家庭矛盾，与企业经营无关。", "可请所在社区的人民调解员调解。"),
}


def solved(story: Story, _others: Sequence[Story]) -> None:
    """Answer it, and hear from the enterprise that it is solved."""
    to_reply(story)
    ask_firm(story)


def explained(story: Story, _others: Sequence[Story]) -> None:
    """Tell the enterprise why it cannot be done, and what can be done instead."""
    to_reply(story, outcome=Outcome.EXPLAINED)
    denied = int(story.row.score) <= FAIR
    ask_firm(story, solved=Solved.NO if denied else Solved.YES)


def unreachable(story: Story, _others: Sequence[Story]) -> None:
    """Ask three times on two days, first by link, and nobody answers."""
    to_reply(story)
    story.approve()
    first = story.workday(1)
    second = story.workday(1, first)
    story.miss(first, LINK, FORENOON, 2, office=True)
    story.miss(first, PHONE, AFTERNOON, 0)
    story.miss(second, PHONE, FORENOON, 1)
    comment = "三次都没有联系上，先按回访未果办结，企业随时可以再反映。"
    closes = story.take(Event.CLOSE_UNREACHABLE, story.firm.liaison, comment=comment)
    story.then(closes, 15, 40)


def finding(story: Story, _others: Sequence[Story]) -> None:
    """Fail twice at what cannot be given: the director finds so, the chief agrees."""
    row = story.row
    to_unit(story)
    story.reply(story.workday(3), outcome=Outcome.PARTIAL)
    story.approve()
    story.revisit(story.workday(1), solved=Solved.NO, said=words.NOT_SOLVED)
    story.progress(story.workday(1))
    again = f"经再次核实并当面说明：{row.reply}"
    story.reply(story.workday(3), again, outcome=Outcome.EXPLAINED)
    story.approve()
    story.revisit(story.workday(1), solved=Solved.NO, score=int(row.score))
    code, evidence = words.FINDING[row.category]
    asked = story.ask(
        Event.CLOSE_UNSATISFIED,
        story.cast.decides(),
        reason=code,
        evidence=evidence,
        comment="两轮都已如实答复，诉求超出政策规定，提请认定。",
    )
    story.on(story.workday(2), asked)
    story.on(story.workday(1), story.agree(story.cast.decides(chief=True), "同意认定，做好解释。"))


def rejected(story: Story, _others: Sequence[Story]) -> None:
    """Send it elsewhere: a clerk proposes so, and the director agrees."""
    reason, comment, guidance = GUIDANCE[story.row.category]
    asked = story.ask(Event.REJECT, story.clerk, reason=reason, comment=comment, guidance=guidance)
    story.then(asked, 60, 200)
    story.on(
        story.workday(1), story.agree(story.cast.decides(), "同意，把渠道告诉企业。"), *FORENOON
    )


def merged(story: Story, others: Sequence[Story]) -> None:
    """Put it to the same matter of the same enterprise, which is still open."""
    first = next(other for other in others if other.row.firm == story.row.firm and _is_open(other))

    def run() -> None:
        given = StepInput(
            master_id=first.case.ticket_id,
            same_matter=True,
            comment="与前一件是同一件事，并入办理。",
        )
        tickets.take(story.case.ticket, Event.MERGE, given, actor=story.clerk)

    story.then(run, 40, 180)


def _is_open(other: Story) -> bool:
    return other.row.path in {"gate", "rework"}


def cancelled(story: Story, _others: Sequence[Story]) -> None:
    """Take a wrong entry back, as the office does."""
    comment = "登记时选错了企业，已和企业核对。"
    taken = story.take(Event.CANCEL, story.clerk, reason="wrong_entry", comment=comment)
    story.then(taken, 30, 90)
