"""What people type to hand a portfolio on."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import User
from app.core.forms import Form, Row
from app.enterprises.models import Linkage, Seat
from app.visits.forms.parts import id_or_none, stripped
from app.visits.queries.handover import HandoverDraft, key_of

PHONE = Regexp(r"^[0-9+() -]*$", message=_l("电话只能有数字、空格和 + - ( )。"))


class HandoverForm(Row):
    """Who takes over what, from which day on, and why; asked before anything is written."""

    successor = SelectField(_l("由谁接手"), coerce=id_or_none, validators=[InputRequired()])
    from_on = DateField(_l("从哪天起"), validators=[InputRequired()])
    target = SelectMultipleField(
        _l("移交哪些"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    reason = StringField(
        _l("原因"), filters=[stripped], validators=[DataRequired(), Length(min=2, max=200)]
    )
    office_phone = StringField(
        _l("告诉企业的营商办电话"), filters=[stripped], validators=[Length(max=30), PHONE]
    )

    def offer(self, people: Sequence[User], links: Sequence[Linkage]) -> None:
        """Fill the lists to choose from; who is asked first may hand over everything."""
        self.successor.choices = [
            ("", gettext("请选择")),
            *((p.id, f"{p.name} {p.post}".strip()) for p in people),
        ]
        self.target.choices = [(key_of(link), link.target.called) for link in links]
        self.keys = [key_of(link) for link in links]
        if not self.target.raw_data:
            self.target.data = list(self.keys)

    def given(self, giver_id: int, seat: Seat) -> HandoverDraft:
        """Return what was asked, in the words of the service; all ticked is all there will be."""
        chosen = frozenset(self.target.data or ())
        return HandoverDraft(
            giver_id=giver_id,
            seat=seat,
            successor_id=self.successor.data or 0,
            from_on=self.from_on.data or date.min,
            targets=None if chosen == set(self.keys) else chosen,
            reason=self.reason.data or "",
            office_phone=self.office_phone.data or "",
        )


class ConfirmForm(Form):
    """That the list was read, and is what is to move."""

    seen = HiddenField()


class CallOffForm(Form):
    """Why a handover is undone."""

    reason = StringField(
        _l("为什么撤销"), filters=[stripped], validators=[DataRequired(), Length(max=200)]
    )
