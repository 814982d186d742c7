"""A day as the office plans it, changes it, calls it off."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import OrgUnit, User
from app.core.forms import Form
from app.servicedays.forms.fields import id_or_none, labelled, stripped
from app.servicedays.models import ServiceDay
from app.servicedays.service import DayDraft
from app.servicedays.workflow import Inviting, Kind

MORNING = time(9), time(11, 30)


class DayForm(Form):
    """Everything about a day; little of it is asked."""

    kind = RadioField(_l("名称"), default=Kind.SERVICE.value, validators=[InputRequired()])
    held_on = DateField(_l("日期"), validators=[InputRequired()])
    begins_at = TimeField(_l("开始时间"), default=MORNING[0], validators=[InputRequired()])
    ends_at = TimeField(_l("结束时间"), default=MORNING[1], validators=[InputRequired()])
    place = StringField(
        _l("地点"), filters=[stripped], validators=[DataRequired(), Length(max=120)]
    )
    host_id = SelectField(_l("接待领导"), coerce=id_or_none, validators=[DataRequired()])
    unit_ids = SelectMultipleField(
        _l("到场单位"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    focus = StringField(_l("主题或重点行业"), filters=[stripped], validators=[Length(max=120)])
    notes = TextAreaField(
        _l("受理范围和注意事项"), filters=[stripped], validators=[Length(max=1000)]
    )
    is_online = BooleanField(_l("企业也可以在线上参加"))
    online_how = StringField(_l("怎么在线上参加"), filters=[stripped], validators=[Length(max=200)])
    capacity = IntegerField(_l("最多几家"), validators=[Optional(), NumberRange(min=1, max=99)])
    slot_minutes = IntegerField(
        _l("每个时段几分钟"), validators=[Optional(), NumberRange(min=5, max=240)]
    )
    inviting = RadioField(_l("通知哪些企业"), default=Inviting.NONE.value)
    enterprise_ids = SelectMultipleField(_l("选定的企业"), coerce=int)
    exception_reason = StringField(
        _l("在休息日办的原因"), filters=[stripped], validators=[Length(max=120)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        self.kind.choices = labelled(Kind)
        self.inviting.choices = labelled(Inviting)

    def offer(
        self,
        hosts: Sequence[User],
        units: Sequence[OrgUnit],
        firms: Sequence[tuple[int, str]],
    ) -> None:
        """Fill the lists to choose from."""
        named = [(one.id, f"{one.name} {one.post}".strip()) for one in hosts]
        self.host_id.choices = [("", gettext("请选择")), *named]
        self.unit_ids.choices = [(unit.id, unit.name) for unit in units]
        self.enterprise_ids.choices = list(firms)

    def show(self, day: ServiceDay, invited: Sequence[int]) -> None:
        """Fill the form with a day as it is."""
        self.kind.data, self.inviting.data = day.kind.value, day.inviting.value
        for name in (
            "held_on",
            "begins_at",
            "ends_at",
            "place",
            "host_id",
            "focus",
            "notes",
            "is_online",
            "online_how",
            "capacity",
            "slot_minutes",
            "exception_reason",
            "version",
        ):
            self[name].data = getattr(day, name)
        self.unit_ids.data = [unit.id for unit in day.units]
        self.enterprise_ids.data = list(invited)

    def given(self) -> DayDraft:
        """Return what was typed, in the words of the service."""
        return DayDraft(
            kind=Kind(self.kind.data),
            held_on=self.held_on.data or date.min,
            begins_at=self.begins_at.data or time.min,
            ends_at=self.ends_at.data or time.min,
            place=self.place.data or "",
            host_id=self.host_id.data or 0,
            unit_ids=tuple(self.unit_ids.data or ()),
            focus=self.focus.data or "",
            notes=self.notes.data or "",
            is_online=bool(self.is_online.data),
            online_how=self.online_how.data or "",
            capacity=self.capacity.data,
            slot_minutes=self.slot_minutes.data,
            inviting=Inviting(self.inviting.data),
            enterprise_ids=tuple(self.enterprise_ids.data or ()),
            exception_reason=self.exception_reason.data or "",
        )


class CancelForm(Form):
    """Why a day is called off."""

    reason = TextAreaField(
        _l("取消的原因"), filters=[stripped], validators=[DataRequired(), Length(min=2, max=200)]
    )


class StepForm(Form):
    """A button: what it does stands beside it."""
