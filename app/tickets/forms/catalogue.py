"""What is typed about a category of the dispatch catalogue."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import OrgUnit
from app.accounts.service import REASON_LONGEST
from app.core.forms import Form
from app.tickets.service.catalogue import CategoryDraft
from app.tickets.workflow.states import Complexity, Urgency


def _id(value: object) -> int | None:
    return int(str(value)) if value else None


class CategoryForm(Form):
    """One category."""

    code = StringField(_l("编号"), validators=[DataRequired(), Length(max=8)])
    name = StringField(_l("类别"), validators=[DataRequired(), Length(max=40)])
    name_en = StringField(_l("英文名称"), validators=[Length(max=80)])
    items = TextAreaField(_l("典型事项"), validators=[Length(max=300)])
    lead_unit_id = SelectField(_l("主办单位"), coerce=_id)
    co_unit_ids = SelectMultipleField(
        _l("协办单位"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    up_units = StringField(_l("上级对口部门"), validators=[Length(max=200)])
    complexity = SelectField(_l("难易程度"), coerce=Complexity)
    urgency = SelectField(_l("紧急程度"), coerce=Urgency)
    quantity = StringField(_l("成效数量"), validators=[Length(max=20)])
    rejects = BooleanField(_l("不受理，引导到别的渠道"))
    guidance = TextAreaField(_l("引导语"), validators=[Length(max=300)])
    confidential = BooleanField(_l("限知类别：从登记起只有知情人看得到"))

    def offer(self, units: Sequence[OrgUnit], *, below: bool) -> None:
        """Say which units there are to choose from; a category below another may leave it open."""
        names = [(str(unit.id), unit.name) for unit in units]
        nobody = _l("同上级类别") if below else _l("交办时再定")
        self.lead_unit_id.choices = [("", nobody), *names]
        self.co_unit_ids.choices = names
        self.complexity.choices = [(one.value, _l(one.label)) for one in Complexity]
        self.urgency.choices = [(one.value, _l(one.label)) for one in Urgency]

    def given(self) -> CategoryDraft:
        """Return what was typed, in the words of the service."""
        return CategoryDraft(
            code=(self.code.data or "").strip(),
            name=(self.name.data or "").strip(),
            name_en=(self.name_en.data or "").strip(),
            items=(self.items.data or "").strip(),
            lead_unit_id=self.lead_unit_id.data,
            co_unit_ids=tuple(self.co_unit_ids.data or ()),
            up_units=(self.up_units.data or "").strip(),
            complexity=Complexity(self.complexity.data),
            urgency=Urgency(self.urgency.data),
            quantity=(self.quantity.data or "").strip(),
            rejects=bool(self.rejects.data),
            guidance=(self.guidance.data or "").strip(),
            confidential=bool(self.confidential.data),
        )


class EditCategoryForm(CategoryForm):
    """One category, changed, and why."""

    reason = StringField(_l("为什么改"), validators=[DataRequired(), Length(max=REASON_LONGEST)])


class UseForm(Form):
    """Beginning or ceasing to use a category, and why."""

    reason = StringField(_l("原因"), validators=[DataRequired(), Length(max=REASON_LONGEST)])
