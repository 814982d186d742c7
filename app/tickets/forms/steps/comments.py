"""A note that stays inside the offices."""

from flask_babel import lazy_gettext as _l

from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options


class CommentForm(StepForm):
    """A word to the colleagues, and whom to tell of it."""

    needs = frozenset({Need.IN_THE_KNOW})
    icon = "chat-left-dots"
    lead = _l("只有单位内部看得到，企业看不到。写“@姓名”或者在下面勾选，被提到的人会收到消息。")
    comment = fields.words(_l("内部备注"), least=2)
    mentions = fields.pick_some(_l("提到谁"))

    def offer(self, options: Options) -> None:
        """Take those who may see the ticket."""
        self.mentions.choices = fields.listed(options[Need.IN_THE_KNOW])
