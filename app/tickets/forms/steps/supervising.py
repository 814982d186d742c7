"""What leaders and the office's director write beside the steps: directives and meetings."""

from flask_babel import lazy_gettext as _l

from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options
from app.tickets.service import MeetingDraft
from app.tickets.service.directives import SHORTEST
from app.tickets.service.guards.handling import NOTE_SHORTEST
from app.tickets.service.meetings import CONCLUSION_SHORTEST


class DirectiveForm(StepForm):
    """What a leader wants done."""

    icon = "vector-pen"
    lead = _l("主办单位负责人要在期限内答复，答复后您会收到；还没有交办的，由营商办答复。")
    comment = fields.words(_l("批示"), least=SHORTEST)


class DirectiveAnswerForm(StepForm):
    """The answer to a directive."""

    needs = frozenset({Need.DIRECTIVES})
    icon = "reply"
    directive_id = fields.pick(_l("哪条批示"), checked=False)
    comment = fields.words(
        _l("答复"), least=NOTE_SHORTEST, about=_l("写明已经做了什么、下一步哪天做到哪里。")
    )

    def offer(self, options: Options) -> None:
        """Take the directives; a single one needs no question."""
        waiting = options[Need.DIRECTIVES]
        self.directive_id.choices = fields.offered(waiting)
        if len(waiting) == 1 and not self.directive_id.raw_data:
            self.directive_id.data = waiting[0][0]


class MeetingForm(StepForm):
    """Who met, and whose it is."""

    needs = frozenset({Need.UNITS})
    icon = "people"
    lead = _l("会商定下的单位就是主办单位，接着交给它办，不能再退。")
    held_on = fields.day(_l("哪天会商的"))
    unit_ids = fields.pick_some(_l("参加会商的单位"), about=_l("至少两个。"))
    lead_unit_id = fields.pick(_l("定由哪个单位主办"), checked=False)
    comment = fields.words(
        _l("会商结论"), least=CONCLUSION_SHORTEST, about=_l("写明依据和各单位的分工。")
    )

    def offer(self, options: Options) -> None:
        """Take the units."""
        self.unit_ids.choices = fields.listed(options[Need.UNITS])
        self.lead_unit_id.choices = fields.offered(options[Need.UNITS])

    def meeting(self) -> MeetingDraft:
        """Return what was typed, in the words of the service."""
        return MeetingDraft(
            held_on=self.held_on.data,
            unit_ids=tuple(self.unit_ids.data or ()),
            lead_unit_id=self.lead_unit_id.data,
            conclusion=(self.comment.data or "").strip(),
        )
