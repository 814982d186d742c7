"""Keeping a ticket for the named few, and saying who they are."""

from typing import ClassVar

from flask_babel import lazy_gettext as _l

from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options
from app.tickets.service.confidential import REASON_SHORTEST

REASON_LONGEST = 200


class _PersonForm(StepForm):
    """Something about one person."""

    of: ClassVar[Need]

    def offer(self, options: Options) -> None:
        """Take the people to choose from."""
        self["reader_id"].choices = fields.offered(options[self.of])


class ConfidentialForm(_PersonForm):
    """Keep a ticket for the named few."""

    of = Need.DISPATCHERS
    needs = frozenset({Need.DISPATCHERS})
    icon = "eye-slash"
    lead = _l(
        "设为限知件后，只有知情人看得到：登记人、营商办主任、镇主要负责同志、经办的人，和您另外指定的人。"
        "限知不是涉密，涉密事项不能在这里登记。"
    )
    reader_id = fields.pick(_l("由哪位交办员跟办"), checked=False)
    comment = fields.words(_l("理由"), least=REASON_SHORTEST, most=REASON_LONGEST)


class OpenForm(StepForm):
    """Let everybody know of a ticket again."""

    icon = "eye"
    consequence = _l("解除后，按各人的职责都看得到这一件，知情人名单作废。")
    comment = fields.words(_l("理由"), least=REASON_SHORTEST, most=REASON_LONGEST)


class ReaderForm(_PersonForm):
    """One more reader."""

    of = Need.MAY_READ
    needs = frozenset({Need.MAY_READ})
    icon = "person-plus"
    lead = _l("知情人会收到消息，消息里没有标题和编号。被反映单位的人不能知情。")
    reader_id = fields.pick(_l("让谁知情"), checked=False)
    comment = fields.words(_l("理由"), least=REASON_SHORTEST, most=REASON_LONGEST)


class EndReaderForm(_PersonForm):
    """One reader less."""

    of = Need.READERS
    needs = frozenset({Need.READERS})
    icon = "person-x"
    reader_id = fields.pick(_l("移出谁"), checked=False)
    comment = fields.words(_l("理由"), least=REASON_SHORTEST, most=REASON_LONGEST)
