"""What the office writes for its letters."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from app.accounts.service import REASON_LONGEST
from app.core.forms import Form
from app.notifications.service import LIMITS, WordingDraft, flaw_of
from app.notifications.wordings import Wording


class Fits:
    """Refuse words that could not stand in a letter, naming the placeholder that is wrong."""

    def __init__(self, part: str) -> None:
        limit = LIMITS[part]
        self.part = part
        self.field_flags: dict[str, Any] = {"maxlength": limit.most}
        if limit.required:
            self.field_flags["required"] = True

    def __call__(self, form: "WordingForm", field: Field) -> None:
        """Raise ValidationError where a letter could not be written with the words of `field`."""
        flaw = flaw_of(self.part, _plain(field.data), form.default)
        if flaw is not None:
            raise ValidationError(str(gettext(flaw.message)).format(**flaw.values))


class WordingForm(Form):
    """The words of one rule's letter, and why they are changed."""

    subject = StringField(_l("主题"), validators=[Fits("subject")])
    heading = StringField(_l("大标题"), validators=[Fits("heading")])
    opening = TextAreaField(_l("开头"), validators=[Fits("opening")])
    button = StringField(_l("按钮"), validators=[Fits("button")])
    closing = TextAreaField(_l("结尾"), validators=[Fits("closing")])
    reason = StringField(_l("为什么改"), validators=[InputRequired(), Length(max=REASON_LONGEST)])

    def __init__(self, default: Wording, **more: Any) -> None:  # noqa: ANN401 - WTForms' own
        super().__init__(**more)
        self.default = default

    def given(self) -> WordingDraft:
        """Return what was typed, lines ended in one way."""
        return WordingDraft(
            subject=_plain(self.subject.data),
            heading=_plain(self.heading.data),
            opening=_plain(self.opening.data),
            button=_plain(self.button.data),
            closing=_plain(self.closing.data),
        )


class RestoreForm(Form):
    """Going back to the default words, and why."""

    reason = StringField(_l("为什么恢复"), validators=[InputRequired(), Length(max=REASON_LONGEST)])


def _plain(text: str | None) -> str:
    return "\n".join((text or "").splitlines()).strip()
