"""Handling together: co-units asked for, accepted, asked again; handing over; splitting."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field

from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options
from app.tickets.service import Part
from app.tickets.service.guards.opening import TITLE_LONGEST
from app.tickets.service.splitting import FIELDS, MOST_PARTS
from app.tickets.workflow.states import Note


class CoGivenForm(StepForm):
    """Something about one of the opinions that were given."""

    needs = frozenset({Need.CO_GIVEN})
    co_task_id = fields.pick(_l("协办单位"), checked=False)

    def offer(self, options: Options) -> None:
        """Take the co-tasks; a single one needs no question."""
        given = options[Need.CO_GIVEN]
        self.co_task_id.choices = fields.offered(given)
        if len(given) == 1 and not self.co_task_id.raw_data:
            self.co_task_id.data = given[0][0]


class CoAcceptForm(CoGivenForm):
    """Take a co-unit's opinion over."""

    icon = "check2"
    comment = fields.words(_l("采纳说明"), most=500)


class CoReturnForm(CoGivenForm):
    """Ask a co-unit again."""

    icon = "arrow-return-left"
    lead = _l("退回后协办单位重新交意见，期限从现在起重新计算。")
    comment = fields.words(_l("退回的理由"), least=2, about=_l("写明还缺什么。"))


class CoAssignForm(StepForm):
    """Name who gives the opinion."""

    needs = frozenset({Need.CO_TASKS, Need.UNIT_PEOPLE})
    icon = "person-check"
    co_task_id = fields.pick(_l("协办单位"), checked=False)
    handler_id = fields.pick(_l("协办承办人"), checked=False)
    comment = fields.words(_l("理由"), most=500, about=_l("承办人自己移交的，要写明理由。"))

    def offer(self, options: Options) -> None:
        """Take the unit's tasks and its people; a single task needs no question."""
        waiting = options[Need.CO_TASKS]
        self.co_task_id.choices = fields.offered(waiting)
        if len(waiting) == 1 and not self.co_task_id.raw_data:
            self.co_task_id.data = waiting[0][0]
        self.handler_id.choices = fields.offered(options[Need.UNIT_PEOPLE])


class CoOpenForm(StepForm):
    """Ask one more unit to help."""

    needs = frozenset({Need.UNITS})
    icon = "people"
    unit_id = fields.pick(_l("协办单位"), checked=False)
    comment = fields.words(_l("要它做什么"), least=2, most=500)

    def offer(self, options: Options) -> None:
        """Take the units."""
        self.unit_id.choices = fields.offered(options[Need.UNITS])


class HandOverForm(StepForm):
    """Let a colleague handle it."""

    needs = frozenset({Need.PEOPLE})
    icon = "arrow-left-right"
    lead = _l("移交后由同事承办，期限不变，两个人都会收到消息。")
    handler_id = fields.pick(_l("移交给"), checked=False)
    comment = fields.words(_l("移交的理由"), least=2, most=500)

    def offer(self, options: Options) -> None:
        """Take the people of the unit."""
        self.handler_id.choices = fields.offered(options[Need.PEOPLE])


class SplitForm(StepForm):
    """The parts into which a problem is split; what is left empty is no part.

    The fields of part n end in `_n`, so that a rule can say which of them is wrong.
    """

    needs = frozenset({Need.UNITS})
    icon = "diagram-2"
    lead = _l(
        "每一部分成为单独的一件，有自己的编号、期限和回访，马上交给所选的单位；"
        "这一件留下其余的部分，照常交办，等各部分都办完了再回访。"
    )

    def offer(self, options: Options) -> None:
        """Take the units, for each part."""
        for n in range(1, MOST_PARTS + 1):
            self[f"lead_unit_id_{n}"].choices = fields.offered(options[Need.UNITS])
            self[f"co_unit_ids_{n}"].choices = fields.listed(options[Need.UNITS])

    @property
    def blocks(self) -> list[list[Field]]:
        """The fields of each part, as the page shows them."""
        return [[self[f"{name}_{n}"] for name in FIELDS] for n in range(1, MOST_PARTS + 1)]

    @property
    def wanted(self) -> int:
        """The last part in which something was written or is wrong; two are always shown."""
        used = [n for n, block in enumerate(self.blocks, 1) if _is_used(block)]
        return max([2, *used])

    def parts(self) -> list[Part]:
        """Return the parts up to the last one that was written; the first one in any case."""
        found = []
        last = max([1, *(n for n, block in enumerate(self.blocks, 1) if _is_written(block))])
        for title, description, lead, co_units in self.blocks[:last]:
            found.append(
                Part(
                    title=_text(title.data),
                    description=_text(description.data),
                    lead_unit_id=lead.data,
                    co_unit_ids=tuple(co_units.data or ()),
                )
            )
        return found


def _text(value: object) -> str:
    return str(value or "").strip()


def _is_written(block: list[Field]) -> bool:
    return any(_text(field.data if field.data != [] else "") for field in block)


def _is_used(block: list[Field]) -> bool:
    return _is_written(block) or any(field.errors for field in block)


def _part_fields(n: int) -> dict[str, Any]:
    """Return the fields of one part; which of them are needed, the service says."""
    return {
        f"title_{n}": fields.line(_l("第 %(n)s 部分的标题", n=n), most=TITLE_LONGEST),
        f"description_{n}": fields.words(_l("第 %(n)s 部分的内容", n=n)),
        f"lead_unit_id_{n}": fields.pick(
            _l("第 %(n)s 部分的主办单位", n=n), required=False, checked=False
        ),
        f"co_unit_ids_{n}": fields.pick_some(_l("第 %(n)s 部分的协办单位", n=n)),
    }


for _n in range(1, MOST_PARTS + 1):
    for _name, _field in _part_fields(_n).items():
        setattr(SplitForm, _name, _field)

FORMS: dict[str, type[StepForm]] = {
    Note.CO_ACCEPTED: CoAcceptForm,
    Note.CO_RETURNED: CoReturnForm,
    Note.CO_ASSIGNED: CoAssignForm,
    Note.CO_OPENED: CoOpenForm,
    Note.HANDED_OVER: HandOverForm,
    Note.SPLIT: SplitForm,
}
