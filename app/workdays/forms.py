"""What people type about the calendar."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateTimeLocalField,
    Field,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.core import clock
from app.core.forms import Form, Row
from app.workdays.calendar import FIRST_YEAR, LAST_YEAR, Notice, read_notice
from app.workdays.models import DayKind

ORDINARY = "ordinary"
MOST = 120


class CountUnit(StrEnum):
    """What the simulator counts in."""

    WORKDAYS = "workdays"
    HOURS = "hours"


class DayForm(Form):
    """One day of the calendar."""

    kind = RadioField(
        _l("这一天"),
        choices=[
            (ORDINARY, _l("按平常的星期")),
            (DayKind.HOLIDAY.value, _l("放假")),
            (DayKind.MAKEUP.value, _l("调休上班")),
        ],
        validators=[DataRequired()],
    )
    name = StringField(_l("节日或原因"), validators=[Length(max=40)])
    reason = StringField(_l("依据"), validators=[DataRequired(), Length(max=200)])

    def chosen(self) -> DayKind | None:
        """Return how the day departs from the week, or None where it does not."""
        return None if self.kind.data == ORDINARY else DayKind(self.kind.data)


class ConfirmForm(Form):
    """Where the official calendar of a year stands."""

    source = StringField(_l("来源"), validators=[DataRequired(), Length(max=80)])


class EnterForm(ConfirmForm):
    """The official calendar of a year, as it was published."""

    text = TextAreaField(_l("通知内容"), validators=[DataRequired(), Length(max=5000)])

    def notice(self, year: int) -> Notice:
        """Return what was understood of the text."""
        return read_notice(self.text.data or "", year)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the simulator is to count."""

    since: datetime
    amount: int
    unit: CountUnit


class SimulateForm(Row):
    """A moment and a number of workdays or hours; read from the query string."""

    since = DateTimeLocalField(
        _l("从什么时候起"),
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        validators=[DataRequired()],
    )
    amount = IntegerField(_l("多久"), validators=[InputRequired(), NumberRange(1, MOST)])
    unit = RadioField(
        _l("按什么数"),
        choices=[
            (CountUnit.WORKDAYS.value, _l("工作日")),
            (CountUnit.HOURS.value, _l("工作小时")),
        ],
        default=CountUnit.WORKDAYS.value,
        validators=[DataRequired()],
    )

    def validate_since(self, field: Field) -> None:
        """Keep to years that a calendar may be kept of."""
        if field.data and not FIRST_YEAR <= field.data.year < LAST_YEAR:
            raise ValidationError(
                gettext(
                    "年份要在 %(first)s 到 %(last)s 之间。", first=FIRST_YEAR, last=LAST_YEAR - 1
                )
            )

    def asked(self) -> Asked:
        """Return what was asked, with the moment as the office's clock shows it."""
        since = cast("datetime", self.since.data)  # the form was validated: it is there
        return Asked(
            since=since.replace(tzinfo=clock.LOCAL),
            amount=self.amount.data or 0,
            unit=CountUnit(self.unit.data),
        )
