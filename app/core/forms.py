"""What every form is made of: its version, its key, and sentences that people understand."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField, HiddenField, IntegerField, ValidationError
from wtforms.csrf import core
from wtforms.form import BaseForm
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from app.core import locale
from app.core.errors import DomainError
from app.core.i18n import N_

KEY = re.compile(r"[0-9a-f]{32}")

#: What WTForms says, and what we say. Placeholders keep their names.
SENTENCES = {
    "This field is required.": N_("请填写。"),
    "Field must be at least %(min)d characters long.": N_("至少要写 %(min)d 个字。"),
    "Field cannot be longer than %(max)d characters.": N_("最多 %(max)d 个字，请缩短一些。"),
    "Field must be exactly %(max)d characters long.": N_("要正好 %(max)d 个字。"),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "要写 %(min)d 到 %(max)d 个字。"
    ),
    "Number must be at least %(min)s.": N_("不能小于 %(min)s。"),
    "Number must be at most %(max)s.": N_("不能大于 %(max)s。"),
    "Number must be between %(min)s and %(max)s.": N_("要在 %(min)s 到 %(max)s 之间。"),
    "Date must be at least %(min)s.": N_("不能早于 %(min)s。"),
    "Date must be at most %(max)s.": N_("不能晚于 %(max)s。"),
    "Date must be between %(min)s and %(max)s.": N_("要在 %(min)s 到 %(max)s 之间。"),
    "Field must be equal to %(other_name)s.": N_("两次填写的不一样，请核对。"),
    "Invalid email address.": N_("邮箱的格式不对，例如 name@example.com。"),
    "Invalid input.": N_("格式不对，请核对。"),
    "Not a valid choice.": N_("请从列出的选项里选一个。"),
    "Invalid Choice: could not coerce.": N_("请从列出的选项里选一个。"),
    "Invalid choice(s): one or more data inputs could not be coerced.": N_("请从列出的选项里选。"),
    "'%(value)s' is not a valid choice for this field.": N_("请从列出的选项里选。"),
    "'%(value)s' are not valid choices for this field.": N_("请从列出的选项里选。"),
    "Invalid value, must be one of: %(values)s.": N_("请从列出的选项里选一个。"),
    "Not a valid integer value.": N_("请填一个整数。"),
    "Not a valid decimal value.": N_("请填一个数字。"),
    "Not a valid float value.": N_("请填一个数字。"),
    "Not a valid date value.": N_("日期不对，请按 2026-09-30 的样子填写。"),
    "Not a valid datetime value.": N_("日期和时间不对，请核对。"),
    "Not a valid time value.": N_("时间不对，请按 17:30 的样子填写。"),
    "File does not have an approved extension.": N_("这种文件不收，请换一种格式。"),
}


class _Sentences:
    """What WTForms asks for its messages."""

    def gettext(self, text: str) -> str:
        return locale.looked_up(SENTENCES.get(text, text))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        del singular, n  # Chinese has one form, and our English needs no other
        return self.gettext(plural)


NUL = "\x00"


def _texts(given: Any) -> Iterator[str]:  # noqa: ANN401 - one of werkzeug's dictionaries
    return (value for _name, value in given.items(multi=True) if isinstance(value, str))


class CSRFTokenField(core.CSRFTokenField):
    """The token of a form, made where the form is shown; who hands one in is shown none."""

    def process(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - WTForms' own
        """Take what was sent, and make nothing."""
        HiddenField.process(self, *args, **kwargs)

    @property
    def current_token(self) -> str:  # type: ignore[override]
        """The token of this session."""
        return str(self.csrf_impl.generate_csrf_token(self))


class _Guard(FlaskForm.Meta.csrf_class):
    field_class = CSRFTokenField


class _Spoken:
    """The settings of WTForms that every form of ours has."""

    csrf_class = _Guard

    def wrap_formdata(self, form: BaseForm, formdata: object) -> Any:  # noqa: ANN401 - WTForms' own
        """Leave out the NUL character: nobody types it, and PostgreSQL keeps no text with it."""
        given = super().wrap_formdata(form, formdata)  # type: ignore[misc]
        if given is None or not any(NUL in value for value in _texts(given)):
            return given
        return MultiDict(
            (name, value.replace(NUL, "") if isinstance(value, str) else value)
            for name, value in given.items(multi=True)
        )

    def get_translations(self, _form: object) -> _Sentences:
        return _Sentences()


class Row(FlaskForm):
    """Fields without a version or a key: a filter in a query string, a part of another form."""

    class Meta(_Spoken, FlaskForm.Meta):
        """No CSRF: the form around it has it, or it changes nothing."""

        csrf = False


class Form(FlaskForm):
    """A form that writes: read at a version, carried out once under its key."""

    class Meta(_Spoken, FlaskForm.Meta):
        """CSRF as everywhere."""

    version = IntegerField(_l("版本"), widget=HiddenInput(), validators=[Optional()])
    idempotency_key = HiddenField(default=lambda: uuid4().hex)

    def validate_idempotency_key(self, field: Field) -> None:
        """Refuse a key that no page of ours was given, and give the next page a good one."""
        if not KEY.fullmatch(field.data or ""):
            field.data = uuid4().hex
            raise ValidationError(gettext("这个表单不完整，请再提交一次。"))

    def renew(self, version: int) -> None:
        """Let the next submit be one that has seen `version`."""
        self.version.data, self.version.raw_data = version, None


class Difference(NamedTuple):
    """A field in which what was typed is not what is stored now; the order of the macro."""

    label: str
    stored: str
    typed: str


def show(form: FlaskForm, error: DomainError) -> None:
    """Put the sentence of a refusal where it belongs: by its field, or above the form."""
    sentence = locale.said(error)
    field = form[error.field] if error.field and error.field in form else None
    if field is None or field.type == "HiddenField":
        form.form_errors.append(sentence)
    else:
        field.errors = [*field.errors, sentence]
        _mark_around(form, field)


def _mark_around(form: FlaskForm, inner: Field) -> None:
    """Let the list in which a field stands know that something in it is wrong."""
    for outer in form:
        if isinstance(outer, FieldList) and inner.name.startswith(f"{outer.name}-"):
            outer.errors = [*outer.errors, {}]


def differences(form: FlaskForm, thing: object) -> list[Difference]:
    """Return where `form` says something else than `thing`, field by field."""
    return [
        Difference(field.label.text, _shown(field, stored), _shown(field, field.data))
        for field, stored in _stored(form, thing)
        if _comparable(field.data) != _comparable(stored)
    ]


def asked(args: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return a query string without its empty values, as a filter is to be read."""
    return MultiDict([(name, value) for name, value in args.items(multi=True) if value.strip()])


def _comparable(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    return tuple(value) if isinstance(value, list) else value or ""


def _stored(form: FlaskForm, thing: object) -> Iterator[tuple[Field, Any]]:
    for field in form:
        name = field.short_name
        plain = not isinstance(field, FieldList | FormField | HiddenField)
        if plain and name not in {"version", "csrf_token"} and hasattr(thing, name):
            yield field, getattr(thing, name)


def _shown(field: Field, value: Any) -> str:  # noqa: ANN401 - whatever a field holds
    if value is None or value in ("", (), []):
        return "—"
    if isinstance(value, tuple | list):
        return str(gettext("、")).join(_shown(field, one) for one in value)
    for choice in getattr(field, "choices", None) or ():
        stored, label, *_rest = choice
        if str(stored) == str(value):
            return str(label)
    if isinstance(value, bool):
        return str(gettext("是") if value else gettext("否"))
    return str(value)
