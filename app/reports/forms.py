"""What a leader writes: one instruction, or nothing but a click."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.core.forms import Form
from app.tickets.service.directives import SHORTEST

LONGEST = 500  # characters of an instruction
MOST_ID = 2**31 - 1  # that a database can hold


class ReadForm(Form):
    """The click 我已阅; `seen` is the newest digest that the page named."""

    seen = IntegerField(
        _l("看到哪一份"),
        widget=HiddenInput(),
        validators=[Optional(), NumberRange(min=0, max=MOST_ID)],
    )


class DirectForm(Form):
    """An instruction 批示 on one problem. Each of a page has a prefix of its own."""

    comment = TextAreaField(
        _l("批示"), validators=[DataRequired(), Length(min=SHORTEST, max=LONGEST)]
    )


def direct_form(ticket_id: int, version: int | None = None, *, filled: bool = False) -> DirectForm:
    """Return the form for a ticket: as it was posted, or empty at a version."""
    prefix = f"t{ticket_id}-"
    if filled:
        return DirectForm(prefix=prefix)
    return DirectForm(formdata=None, prefix=prefix, version=version)
