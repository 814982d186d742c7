"""What happens beside the steps: co-handling, urging, supervision, files, decisions."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired

from app.attachments.forms import KeepingForm, files_field, keep_field
from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options
from app.tickets.service.guards.handling import NOTE_SHORTEST

APPROVE = "approve"
REFUSE = "refuse"


class UrgeForm(StepForm):
    """Urge the unit."""

    icon = "bell"
    lead = _l("承办人和单位负责人会收到。同一件一个工作日只能催一次。")
    comment = fields.words(_l("要说的话"), most=500)


class AssignForm(StepForm):
    """Name who handles it."""

    needs = frozenset({Need.PEOPLE})
    icon = "person-check"
    handler_id = fields.pick(_l("承办人"), checked=False)

    def offer(self, options: Options) -> None:
        """Take the people of the unit."""
        self.handler_id.choices = fields.offered(options[Need.PEOPLE])


class CoTaskForm(StepForm):
    """Something about one of the co-tasks that wait."""

    needs = frozenset({Need.CO_TASKS})
    co_task_id = fields.pick(_l("协办单位"), checked=False)

    def offer(self, options: Options) -> None:
        """Take the co-tasks; a single one needs no question."""
        waiting = options[Need.CO_TASKS]
        self.co_task_id.choices = fields.offered(waiting)
        if len(waiting) == 1 and not self.co_task_id.raw_data:
            self.co_task_id.data = waiting[0][0]


class CoAnswerForm(CoTaskForm):
    """A co-unit's opinion."""

    icon = "people"
    comment = fields.words(_l("协办意见"), least=NOTE_SHORTEST)


class CoWaiveForm(CoTaskForm):
    """Go on without a co-unit's opinion."""

    icon = "person-dash"
    comment = fields.words(_l("免交的理由"), least=2)


class SupervisionForm(StepForm):
    """The answer to a supervision note."""

    needs = frozenset({Need.NOTES})
    icon = "reply"
    note_id = fields.pick(_l("哪张督办单"), checked=False)
    comment = fields.words(
        _l("答复"), least=NOTE_SHORTEST, about=_l("写明为什么慢、现在到哪一步、哪天办完。")
    )

    def offer(self, options: Options) -> None:
        """Take the notes; a single one needs no question."""
        waiting = options[Need.NOTES]
        named = [(note_id, _l(level)) for note_id, level in waiting]
        self.note_id.choices = fields.offered(named)
        if len(waiting) == 1 and not self.note_id.raw_data:
            self.note_id.data = waiting[0][0]


class RenewForm(StepForm):
    """The next review day of a suspended ticket."""

    icon = "calendar-plus"
    next_review_on = fields.day(_l("下一个复核日"))
    comment = fields.words(_l("续期的理由"), least=2)


class AttachForm(StepForm, KeepingForm):
    """Further files."""

    icon = "paperclip"
    keep = keep_field()
    files = files_field()
    for_enterprise = BooleanField(
        _l("给企业看"),
        description=_l("企业查进度时可以下载。不勾的，企业看不到。"),
    )


class DecideForm(StepForm):
    """Yes or no to what somebody asked for."""

    icon = "check2-circle"
    decision = RadioField(
        _l("您的决定"),
        choices=[SelectChoice(APPROVE, _l("同意")), SelectChoice(REFUSE, _l("不同意"))],
        validators=[InputRequired()],
    )
    comment = fields.words(_l("意见"), about=_l("不同意的，要写明理由。"))

    @property
    def approves(self) -> bool:
        """Whether the answer is yes."""
        return bool(self.decision.data == APPROVE)


class WithdrawForm(StepForm):
    """Taking back what one asked for: the button alone."""

    icon = "arrow-counterclockwise"
