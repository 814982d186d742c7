"""At the unit: T08 to T10, T12 to T18."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.core import clock
from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options
from app.tickets.service import StepInput
from app.tickets.service.guards.handling import NOTE_SHORTEST, REPLY_SHORTEST
from app.tickets.workflow import codes
from app.tickets.workflow.states import Outcome


class SignForm(StepForm):
    """T08: the unit has it."""

    needs = frozenset({Need.PEOPLE})
    icon = "pen"
    handler_id = fields.pick(_l("承办人"), required=False, checked=False)

    def offer(self, options: Options) -> None:
        """Take the people of the unit."""
        self.handler_id.choices = fields.offered(options[Need.PEOPLE], _l("由签收的人办"))


class ReturnForm(StepForm):
    """T10: not ours, and whose it is."""

    needs = frozenset({Need.UNITS})
    judges = False
    icon = "arrow-return-left"
    lead = _l("由营商办主任当天决定。同意前期限照走；不同意的，不能再退。")
    comment = fields.words(_l("退单的理由"), least=NOTE_SHORTEST)
    suggested_unit_id = fields.pick(_l("该由哪个单位办"))

    def offer(self, options: Options) -> None:
        """Take the units."""
        self.suggested_unit_id.choices = fields.offered(options[Need.UNITS])


class FirstContactForm(StepForm):
    """T12: with whom, how and when."""

    icon = "telephone"
    channel = fields.one_of(_l("怎么联系的"), codes.ContactChannel)
    person = fields.line(_l("联系到谁"), most=40, required=True, about=_l("姓名和职务。"))
    at = fields.moment(_l("什么时候"))
    comment = fields.words(_l("说了什么"), least=2)

    def given(self) -> StepInput:
        """Return what was typed; the time is the office's."""
        return StepInput(
            channel=self.channel.data,
            person=(self.person.data or "").strip(),
            at=self.at.data.replace(tzinfo=clock.LOCAL) if self.at.data else None,
            comment=(self.comment.data or "").strip(),
        )


class ProgressForm(StepForm):
    """T13: what was done, what comes next."""

    icon = "chat-left-text"
    comment = fields.words(
        _l("办理进展"), least=NOTE_SHORTEST, about=_l("做了什么、下一步什么时候做什么。")
    )
    for_enterprise = BooleanField(_l("企业可以看到这条进展"))


class ExtensionForm(StepForm):
    """T14: until when, and why."""

    icon = "hourglass-split"
    new_due_on = fields.day(_l("延到哪一天"))
    comment = fields.words(_l("延期的理由"), least=NOTE_SHORTEST)
    told_enterprise = fields.tick(_l("已经告诉企业要延期"))


class EscalateForm(StepForm):
    """T15: to which level, and why."""

    needs = frozenset({Need.LEADERS})
    icon = "arrow-up-circle"
    reason = fields.one_of(_l("提级的理由"), codes.EscalationReason)
    level = fields.one_of(_l("提到哪一级"), codes.EscalationLevel)
    owner_id = fields.pick(_l("由谁牵头"), checked=False)
    comment = fields.words(_l("说明"), least=NOTE_SHORTEST)

    def offer(self, options: Options) -> None:
        """Take the leaders."""
        self.owner_id.choices = fields.offered(options[Need.LEADERS])

    def given(self) -> StepInput:
        """Return what was typed; a level is a number."""
        return StepInput(
            reason=self.reason.data or "",
            level=int(self.level.data) if self.level.data else None,
            owner_id=self.owner_id.data,
            comment=(self.comment.data or "").strip(),
        )


class SuspensionForm(StepForm):
    """T16: what it waits for, until when, and what the enterprise says."""

    icon = "pause-circle"
    lead = _l("营商办主任审核，镇主要负责同志批准后才停止计时。")
    reason = fields.one_of(_l("等什么"), codes.SuspensionCause)
    plan = fields.words(_l("接下来怎么办"), least=NOTE_SHORTEST)
    next_review_on = fields.day(_l("复核日"))
    opinion = fields.words(_l("企业的意见"), least=2)
    told_enterprise = fields.tick(_l("已经告诉企业要挂账"))
    comment = fields.words(_l("补充说明"), most=500)


class ResumeForm(StepForm):
    """T17: why it goes on."""

    icon = "play-circle"
    reason = fields.one_of(_l("为什么重启"), codes.ResumeReason)
    comment = fields.words(_l("说明"), least=2)


class ReplyForm(StepForm):
    """T18: the answer."""

    needs = frozenset({Need.DOCUMENTS})
    icon = "send"
    outcome = fields.one_of(_l("办理结果"), Outcome)
    reply = fields.words(
        _l("答复内容"),
        least=REPLY_SHORTEST,
        about=_l("写给企业看：做了什么、从哪天起、还差什么找谁。"),
    )
    basis = fields.words(
        _l("政策依据和解释"), about=_l("结果不是“已解决”的，必须写，或者引用政策文件。")
    )
    citation_ids = fields.pick_some(
        _l("引用政策文件"), about=_l("最多 5 份，答复里企业也能看到名称和文号。")
    )

    def offer(self, options: Options) -> None:
        """Take the policies that hold today."""
        self.citation_ids.choices = fields.listed(options[Need.DOCUMENTS])
