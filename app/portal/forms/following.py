"""What an enterprise types to follow its problem, to add to it, and to take it back."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.attachments.forms import KeepingForm, files_field, keep_field
from app.core.forms import Form
from app.tickets.service import WhyBack
from app.tickets.service.outside import LONGEST, SHORTEST


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class CodeForm(Form):
    """A number and its query code."""

    number = StringField(
        _l("工单编号"), filters=[_stripped], validators=[InputRequired(), Length(max=30)]
    )
    code = StringField(
        _l("查询码"), filters=[_stripped], validators=[InputRequired(), Length(max=12)]
    )


class SupplementForm(KeepingForm):
    """What an enterprise adds."""

    words = TextAreaField(
        _l("补充内容"),
        filters=[_stripped],
        validators=[InputRequired(), Length(min=SHORTEST, max=LONGEST)],
    )
    keep = keep_field()
    files = files_field(_l("照片或材料"))


class WithdrawalForm(Form):
    """Why an enterprise takes its problem back. Nothing is chosen before somebody chooses."""

    why = RadioField(
        _l("为什么撤回"),
        choices=[(one.value, _l(one.label)) for one in WhyBack],
        validators=[InputRequired()],
    )
    words = TextAreaField(
        _l("简单说一下"),
        filters=[_stripped],
        validators=[InputRequired(), Length(min=SHORTEST, max=LONGEST)],
    )


class GoingOnForm(Form):
    """That a problem is not to be taken back after all. Nothing is ticked before."""

    sure = BooleanField(_l("不撤回了，请接着办"), validators=[InputRequired()])


class LeavingForm(Form):
    """The question whether to look no longer."""
