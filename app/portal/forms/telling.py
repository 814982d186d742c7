"""What an enterprise writes on the public page, and what the office does with what was held."""

import re
from typing import Any

import phonenumbers
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    HiddenField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional

from app.attachments.forms import KeepingForm, files_field, keep_field
from app.enterprises.service.contacts import plain_phone
from app.portal.queries import pace
from app.portal.queries.pace import Pace
from app.portal.service.telling import Arrival, Words
from app.tickets.forms import fields

MOST_FILES = 5
SHORTEST = 10
REGION = "CN"
DIGITS = re.compile(r"\+?[0-9]{5,16}")


class TellForm(KeepingForm):
    """反映问题: with a field that no person sees, and the signed moment at which it was shown."""

    enterprise_name = fields.line(
        _l("企业名称"), most=80, required=True, about=_l("写营业执照上的名称，或者大家常叫的简称。")
    )
    title = fields.line(_l("一句话说清"), most=50, required=True)
    description = fields.words(
        _l("具体情况"),
        least=SHORTEST,
        about=_l("在哪里、从什么时候起、影响多大。请不要写涉密内容。"),
    )
    wish = fields.words(_l("希望怎么解决"))
    category_id = SelectField(
        _l("大概是哪方面"), coerce=fields.id_of, choices=[], validators=[Optional()]
    )
    keep = keep_field()
    files = files_field(_l("照片或文件"))
    contact_name = fields.line(_l("怎么称呼您"), most=40, required=True)
    contact_phone = StringField(
        _l("手机号或座机"),
        validators=[DataRequired(), Length(max=30)],
        description=_l("只给办理这件事的人看。座机请带区号。"),
    )
    no_secrets = fields.tick(_l("以上内容不含涉密信息"))
    website = StringField(_l("请不要填写这一格"), validators=[Length(max=200)])
    issued = HiddenField()

    subject = ""
    hasty = False

    def begin(self, subject: str, *, firm_is_known: bool, kinds: list[tuple[int, str]]) -> None:
        """Take what the door says: what the form is signed for, and whether the firm is fixed."""
        self.subject = subject
        if firm_is_known:
            del self.enterprise_name
        self.category_id.choices = fields.offered(kinds, _l("说不准，请营商办来定"))
        if not self.is_submitted():
            self.issued.data = pace.issued(subject)

    def validate_files(self, field: Field) -> None:
        """Refuse more files than a telling may have."""
        del field
        if len(self.chosen()) > MOST_FILES:
            raise ValidationError(_("一次最多 %(n)s 个，请挑最要紧的。", n=MOST_FILES))

    def validate_contact_phone(self, field: Field) -> None:
        """Refuse what cannot be rung up."""
        if not _can_be_rung(plain_phone(field.data or "")):
            raise ValidationError(_("这个号码打不通，请核对：手机 11 位，座机请带区号。"))

    def validate_issued(self, field: Field) -> None:
        """Send back what was filled in too fast, or was shown too long ago, with all its text.

        What comes too fast a second time is let through, to be looked at by the office.
        """
        found = pace.read(field.data or "", self.subject)
        if found.pace is Pace.GOOD:
            return
        if found.pace is Pace.FAST and found.tries:
            self.hasty = True
            return
        field.data = pace.issued(self.subject, tries=int(found.pace is Pace.FAST))
        if found.pace is Pace.FAST:
            raise ValidationError(_("提交得太快了。您写的都在，请核对一遍，再按一次提交。"))
        raise ValidationError(_("这一页放得太久了。您写的都在，请再按一次提交。"))

    def words(self) -> Words:
        """Return what was written."""
        return Words(
            title=(self.title.data or "").strip(),
            description=fields.lines_of(self.description.data),
            wish=fields.lines_of(self.wish.data),
            category_id=self.category_id.data,
            contact_name=(self.contact_name.data or "").strip(),
            contact_phone=plain_phone(self.contact_phone.data or ""),
            enterprise_name=self._firm(),
            no_secrets=bool(self.no_secrets.data),
            files=self.chosen(),
        )

    def arrival(self, ip: str, *, limited: bool) -> Arrival:
        """Return how it came."""
        return Arrival(
            ip=ip,
            form_key=self._key(),
            trapped=bool(self.website.data),
            hasty=self.hasty,
            limited=limited,
        )

    def typed(self) -> str:
        """Return the words to look for an answer with."""
        return f"{self.title.data or ''}\n{self.description.data or ''}"

    def _key(self) -> str:
        return str(self.idempotency_key.data)

    def _firm(self) -> str:
        name: Any = self["enterprise_name"].data if "enterprise_name" in self else ""
        return (name or "").strip()


def _can_be_rung(plain: str) -> bool:
    """Tell whether a number has a length that numbers have; an extension may follow it."""
    number, _mark, _extension = plain.partition("转")
    if not DIGITS.fullmatch(number):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, REGION))
    except phonenumbers.NumberParseException:
        return False
