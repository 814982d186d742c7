"""From the review to the archive: T19 to T26."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Optional

from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options
from app.tickets.service import StepInput
from app.tickets.workflow import codes
from app.tickets.workflow.states import Solved

YES = "yes"
YES_NO = [SelectChoice(YES, _l("是")), SelectChoice("no", _l("否"))]


def _score(label: str) -> SelectField:
    """Return the five-step scale, which may be left open."""
    return fields.one_of(label, codes.Score, required=False)


class ReturnReplyForm(StepForm):
    """T19: what is wrong with the answer."""

    icon = "arrow-return-left"
    lead = _l("退回承办单位修改；期限不足 1 个工作日的，补到 1 个工作日。")
    reason = fields.one_of(_l("退回的原因"), codes.ReturnReplyReason)
    comment = fields.words(_l("要怎么改"), least=2)


class ApproveReplyForm(StepForm):
    """T20: the answer stands."""

    icon = "check2-circle"
    lead = _l("审核通过后发给企业，转回访。")
    comment = fields.words(_l("审核意见"), most=500)


class HeardForm(StepForm):
    """What is asked of an enterprise, in the order of the script; and who of it answered."""

    reached = RadioField(
        _l("联系上了吗"),
        choices=[SelectChoice(YES, _l("联系上了")), SelectChoice("no", _l("没有联系上"))],
        default=YES,
        validators=[InputRequired()],
    )
    channel = fields.one_of(_l("怎么回访的"), codes.ContactChannel)
    missed = fields.one_of(_l("为什么没有联系上"), codes.Missed, required=False)
    said_by = fields.line(_l("企业谁回答的"), most=60)
    said_by_post = fields.line(_l("回答人的职务"), most=60)
    solved = fields.one_of(_l("问题解决了吗"), Solved, required=False)
    result_score = _score(_l("对办理结果"))
    attitude_score = _score(_l("对服务态度"))
    contacted = RadioField(_l("承办单位联系过企业吗"), choices=YES_NO, validators=[Optional()])
    reasons = fields.some_of(
        _l("哪里不满意"), codes.Discontent, about=_l("企业说了才选，可以选几样。不要提示。")
    )
    words = fields.words(_l("企业原话"), about=_l("照企业说的写。承办单位看不到原话。"))

    def given(self) -> StepInput:
        """Return what was said; where nobody answered, why not."""
        reached = self.reached.data == YES
        typed = StepInput(
            reached=reached,
            channel=self.channel.data,
            words=(self.words.data or "").strip(),
        )
        if not reached:
            return replace(typed, missed=self.missed.data)
        return replace(
            typed,
            said_by=(self.said_by.data or "").strip(),
            said_by_post=(self.said_by_post.data or "").strip(),
            solved=self.solved.data,
            result_score=int(self.result_score.data) if self.result_score.data else None,
            attitude_score=int(self.attitude_score.data) if self.attitude_score.data else None,
            contacted=self.contacted.data == YES if self.contacted.data else None,
            reasons=tuple(self.reasons.data or ()),
        )


class RevisitForm(HeardForm):
    """T21, T22 and attempts: what the enterprise said."""

    icon = "telephone-outbound"
    verb = _l("登记回访")
    comment = fields.words(
        _l("重办的理由"),
        most=500,
        about=_l("企业不认可时填写，用自己的话告诉承办单位哪里没有办好。承办单位看得到这一句。"),
    )

    def given(self) -> StepInput:
        """Return what was said, with why it is handled again.

        A rework without a reason of the revisitor's has the enterprise's words for one: whoever
        is rated is not shown them.
        """
        heard = super().given()
        return replace(heard, comment=(self.comment.data or "").strip() or heard.words)


class SpotCheckForm(HeardForm):
    """The same questions once more, asked by somebody else (抽查回访)."""

    icon = "telephone-outbound"
    verb = _l("登记抽查结果")


class LiftForm(StepForm):
    """T22 with T15: another round, under a leader."""

    needs = frozenset({Need.LEADERS})
    icon = "arrow-up-circle"
    verb = _l("提请提级重办")
    level = fields.one_of(_l("提到哪一级"), codes.EscalationLevel)
    owner_id = fields.pick(_l("由谁牵头"), checked=False)
    comment = fields.words(_l("理由"), least=2)

    def offer(self, options: Options) -> None:
        """Take the leaders."""
        self.owner_id.choices = fields.offered(options[Need.LEADERS])

    def given(self) -> StepInput:
        """Return what was typed; a level is a number."""
        return StepInput(
            level=int(self.level.data) if self.level.data else None,
            owner_id=self.owner_id.data,
            comment=(self.comment.data or "").strip(),
        )


class UnsatisfiedForm(StepForm):
    """T23: why it ends although the enterprise is not satisfied."""

    icon = "emoji-frown"
    consequence = _l("批准后按不满意办结，仍计入不满意，企业会收到说明。")
    reason = fields.one_of(_l("认定的情形"), codes.UnsatisfiedFinding)
    evidence = fields.words(_l("依据和证明材料"), least=10)
    comment = fields.words(_l("说明"), most=500)


class UnreachableForm(StepForm):
    """T24: nobody could be reached."""

    icon = "telephone-x"
    lead = _l("按回访未果办结，不计入满意率和解决率。")
    comment = fields.words(_l("说明"), most=500)


class ReopenForm(StepForm):
    """T25: what the enterprise says now."""

    icon = "arrow-counterclockwise"
    statement = fields.words(_l("企业怎么说"), least=10, about=_l("照企业说的写。"))
    comment = fields.words(_l("说明"), most=500)


class ArchiveForm(StepForm):
    """T26: read only from now on."""

    icon = "archive"
    consequence = _l("归档后不能再改，也不能重启。")
