"""Appointments: made by the office and liaison officers, and by enterprises with their link."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.core import crypto
from app.core.forms import Form
from app.servicedays.forms.fields import (
    NAME,
    PHONE,
    TOPIC,
    id_or_none,
    slot_choices,
    slot_of,
    stripped,
)
from app.servicedays.models import Appointment
from app.servicedays.queries import Place
from app.servicedays.service import AppointmentDraft

LARGEST = 9  # of what is to be added


class AppointmentForm(Form):
    """An appointment for an enterprise of the file, or one that is named."""

    enterprise_id = SelectField(_l("企业"), coerce=id_or_none)
    firm_name = StringField(
        _l("档案里没有的，写企业名称"), filters=[stripped], validators=[Length(max=120)]
    )
    contact_name = StringField(_l("联系人"), filters=[stripped], validators=NAME)
    contact_phone = StringField(_l("联系电话"), filters=[stripped], validators=PHONE)
    topic = StringField(_l("想谈什么"), filters=[stripped], validators=TOPIC)
    slot = SelectField(_l("时段"))
    is_online = BooleanField(_l("在线上参加"))

    def offer(self, firms: Sequence[tuple[int, str]], places: tuple[Place, ...]) -> None:
        """Fill the lists to choose from."""
        self.enterprise_id.choices = [("", gettext("请选择")), *firms]
        self.slot.choices = slot_choices(places) or [("", gettext("不分时段"))]

    def show(self, appointment: Appointment) -> None:
        """Fill the form with an appointment as it is; the number is not shown."""
        for name in ("enterprise_id", "firm_name", "contact_name", "topic", "is_online"):
            self[name].data = getattr(appointment, name)
        self.slot.data = f"{appointment.slot:%H:%M}" if appointment.slot else ""
        self.version.data = appointment.version

    def given(self) -> AppointmentDraft:
        """Return what was typed, in the words of the service."""
        return AppointmentDraft(
            enterprise_id=self.enterprise_id.data,
            firm_name=self.firm_name.data or "",
            contact_name=self.contact_name.data or "",
            contact_phone=self.contact_phone.data or "",
            topic=self.topic.data or "",
            slot=slot_of(self.slot.data),
            is_online=bool(self.is_online.data),
        )


class WalkInForm(Form):
    """An enterprise that came without an appointment: as few words as possible."""

    enterprise_id = SelectField(_l("企业"), coerce=id_or_none)
    firm_name = StringField(
        _l("档案里没有的，写企业名称"), filters=[stripped], validators=[Length(max=120)]
    )
    contact_name = StringField(_l("来的人"), filters=[stripped], validators=NAME)
    contact_phone = StringField(_l("联系电话"), filters=[stripped], validators=PHONE)

    def offer(self, firms: Sequence[tuple[int, str]]) -> None:
        """Fill the list to choose from."""
        self.enterprise_id.choices = [("", gettext("请选择")), *firms]

    def given(self) -> AppointmentDraft:
        """Return what was typed, in the words of the service."""
        return AppointmentDraft(
            enterprise_id=self.enterprise_id.data,
            firm_name=self.firm_name.data or "",
            contact_name=self.contact_name.data or "",
            contact_phone=self.contact_phone.data or "",
        )


class HumanForm(Form):
    """A form for somebody without an account: what opens and posts every link does no sums.

    The sum follows from the form's own key, so that nothing of it need be kept.
    """

    total = StringField(_l("算一算"), filters=[stripped], validators=[DataRequired()])

    @property
    def question(self) -> str:
        """The sum, in words."""
        one, other = self._terms()
        return str(gettext("%(one)s 加 %(other)s 等于几？请写得数。", one=one, other=other))

    def validate_total(self, field: Field) -> None:
        """Refuse a wrong sum."""
        if (field.data or "").strip() != str(sum(self._terms())):
            raise ValidationError(gettext("得数不对，请再算一次。这是为了确认是人在操作。"))

    def _terms(self) -> tuple[int, int]:
        mark = crypto.signature(f"sum|{self.idempotency_key.data}")
        return ord(mark[0]) % LARGEST + 1, ord(mark[1]) % LARGEST + 1


class SelfForm(HumanForm):
    """An appointment that an enterprise makes for itself."""

    contact_name = StringField(
        _l("谁来参加"), filters=[stripped], validators=[DataRequired(), *NAME]
    )
    contact_phone = StringField(_l("手机号"), filters=[stripped], validators=PHONE)
    topic = StringField(_l("想谈什么"), filters=[stripped], validators=[DataRequired(), *TOPIC])
    slot = SelectField(_l("时段"))
    is_online = BooleanField(_l("在线上参加"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        self.is_booked = False

    def offer(self, places: tuple[Place, ...]) -> None:
        """Fill the list to choose from."""
        self.slot.choices = slot_choices(places) or [("", gettext("不分时段"))]

    def show(self, appointment: Appointment) -> None:
        """Fill the form with the appointment as it is; the number is not shown."""
        for name in ("contact_name", "topic", "is_online"):
            self[name].data = getattr(appointment, name)
        self.slot.data = f"{appointment.slot:%H:%M}" if appointment.slot else ""
        self.version.data = appointment.version

    def expect(self, *, is_booked: bool) -> None:
        """Ask for the number only of who has not given one."""
        self.is_booked = is_booked

    def validate_contact_phone(self, field: Field) -> None:
        """Ask for the number the first time."""
        if not self.is_booked and not field.data:
            raise ValidationError(gettext("请写手机号，有变动时好通知您。"))

    def given(self, enterprise_id: int) -> AppointmentDraft:
        """Return what was typed, in the words of the service."""
        return AppointmentDraft(
            enterprise_id=enterprise_id,
            contact_name=self.contact_name.data or "",
            contact_phone=self.contact_phone.data or "",
            topic=self.topic.data or "",
            slot=slot_of(self.slot.data),
            is_online=bool(self.is_online.data),
        )
