"""The kinds of question that the forms of a ticket ask."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.enums import LabelledEnum
from app.tickets.queries.choices import GROUPED, Option

LONGEST = 2000  # characters of a text
MOST_ID = 2**31 - 1  # that a database can hold
FEW = 5  # answers that are shown side by side; more are a list

UNTICKED = _l("请核对后打勾。")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


def id_of(value: object) -> int | None:
    """Return the id that a list gives, or None where nothing is chosen."""
    if not value:
        return None
    number = int(str(value))
    if not 0 < number <= MOST_ID:
        raise ValueError(value)
    return number


def member_of(codes: type[LabelledEnum]) -> Callable[[object], LabelledEnum | None]:
    """Return what turns a choice into a member of `codes`; nothing chosen is None."""
    return lambda value: codes(str(value)) if value else None


def words(label: str, *, least: int = 0, most: int = LONGEST, about: str = "") -> TextAreaField:
    """Return a text; with `least` it must be given, and be at least so long."""
    needed = [DataRequired(), Length(min=least, max=most)] if least else [Length(max=most)]
    return TextAreaField(label, validators=needed, description=about)


def line(label: str, *, most: int, required: bool = False, about: str = "") -> StringField:
    """Return a text of one line."""
    needed = [DataRequired()] if required else []
    return StringField(label, validators=[*needed, Length(max=most)], description=about)


def one_of(
    label: str,
    codes: type[LabelledEnum],
    *,
    required: bool = True,
    about: str = "",
) -> SelectField:
    """Return a choice among codes: side by side where they are few, else a list."""
    choices = named(codes)
    options: dict[str, Any] = {
        "coerce": member_of(codes),
        "validators": [InputRequired() if required else Optional()],
        "description": about,
    }
    if len(choices) <= FEW:
        return RadioField(label, choices=choices, **options)
    return SelectField(label, choices=[nothing(_l("请选择")), *choices], **options)


def pick(
    label: str, *, required: bool = True, checked: bool = True, about: str = ""
) -> SelectField:
    """Return a choice among things whose list is given later, by `offered`.

    Not `checked`, the service judges what was chosen, and the list is read only for a page.
    """
    return SelectField(
        label,
        coerce=id_of,
        choices=[],
        validators=[InputRequired() if required else Optional()],
        description=about,
        validate_choice=checked,
    )


def pick_some(label: str, *, about: str = "") -> SelectMultipleField:
    """Return a choice of several things, which the service judges."""
    return SelectMultipleField(
        label,
        coerce=id_of,
        choices=[],
        validate_choice=False,
        description=about,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def some_of(label: str, codes: type[LabelledEnum], *, about: str = "") -> SelectMultipleField:
    """Return a choice of several among codes; none need be chosen."""
    return SelectMultipleField(
        label,
        choices=named(codes),
        validators=[Optional()],
        description=about,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def lines_of(typed: str | None) -> str:
    """Return what was typed in several lines: a browser ends each as no other text of ours does."""
    return "\n".join((typed or "").strip().splitlines())


def named(codes: type[LabelledEnum]) -> list[SelectChoice]:
    """Return the choices of a list of codes."""
    return [SelectChoice(code.value, _l(code.label)) for code in codes]


def nothing(label: str) -> SelectChoice:
    """Return the choice that nothing is chosen."""
    return SelectChoice("", label)


def listed(options: Iterable[Option]) -> list[SelectChoice]:
    """Return choices among things."""
    return [SelectChoice(str(id_), label) for id_, label in options]


def grouped(options: Iterable[Option], none: str) -> list[SelectChoice]:
    """Return choices of which each stands below the group that its label begins with."""
    found = [nothing(none)]
    for id_, label in options:
        group, _dot, own = label.partition(GROUPED)
        found.append(SelectChoice(str(id_), own, optgroup=group))
    return found


def offered(options: Iterable[Option], none: str = "") -> list[SelectChoice]:
    """Return the choices of a `pick`: what there is, below what says that nothing is chosen."""
    return [nothing(none or _l("请选择")), *listed(options)]


def check_within_reach(_form: Form, field: Field) -> None:
    """Refuse a day that no calendar of ours could hold."""
    value = field.data
    day_ = value.date() if isinstance(value, datetime) else value
    if day_ is not None and not FIRST_DAY <= day_ <= LAST_DAY:
        raise ValidationError(_l("请核对年份。"))


def day(label: str, *, required: bool = True, about: str = "") -> DateField:
    """Return a day."""
    needed = InputRequired() if required else Optional()
    return DateField(label, validators=[needed, check_within_reach], description=about)


def moment(label: str, *, about: str = "") -> DateTimeLocalField:
    """Return a moment, as the office's clock shows it."""
    return DateTimeLocalField(
        label,
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        validators=[InputRequired(), check_within_reach],
        description=about,
    )


def tick(label: str, about: str = "") -> BooleanField:
    """Return a box that must be ticked."""
    return BooleanField(label, validators=[InputRequired(message=UNTICKED)], description=about)
