"""The field in which files are chosen, and the forms that keep what was chosen (ADR 34)."""

import json
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import Field, SelectMultipleField, ValidationError
from wtforms import Form as AnyForm
from wtforms.widgets import CheckboxInput, ListWidget

from app.attachments.service import MAX_FILES, Prepared, keeping, prepare
from app.core import locale
from app.core.errors import Invalid
from app.core.forms import Form, Row
from app.core.i18n import N_

MOST_LOOKED_AT = 2 * MAX_FILES  # of one choice; whoever chose more begins anew
TOO_MANY = N_("一次最多 {n} 个附件，请分开提交。")
TICK_OFF = N_("一次最多 {n} 个附件。收到的都在，去掉多余的勾再提交。")


class FilesField(MultipleFileField):
    """Files that were chosen. After validation `sound` holds those that passed.

    Each file that is refused says why, by its name; then the form is not valid and none
    is attached.
    """

    errors: Sequence[str]
    sound: tuple[Prepared, ...] = ()

    @property
    def came(self) -> list[Any]:
        """What the browser sent: an empty choice is none."""
        return [file for file in self.data or () if file and file.filename]

    def pre_validate(self, form: AnyForm) -> None:
        """Check every file, and keep the contents of those that pass."""
        del form
        self.sound = ()
        chosen = self.came
        if len(chosen) > MOST_LOOKED_AT:
            raise ValidationError(locale.said(Invalid(TOO_MANY, n=MAX_FILES)))
        refusals, prepared = [], []
        for file in chosen:
            try:
                prepared.append(prepare(file.filename, file.stream))
            except Invalid as refusal:
                refusals.append(locale.said(refusal))
        self.errors = [*self.errors, *refusals]  # one sentence each, not one for all
        self.sound = tuple(prepared)


def files_field(label: str = "", **options: Any) -> FilesField:  # noqa: ANN401 - handed on to WTForms
    """Return the field that a form calls `files`."""
    return FilesField(
        label or _l("附件"),
        description=_l(
            "图片（jpg、png）、pdf、docx、xlsx，每个不超过 20 MB。照片里的位置信息会去掉。"
        ),
        **options,
    )


def keep_field(label: str = "") -> SelectMultipleField:
    """Return the field that a form calls `keep`: what came with it before, ticked."""
    return SelectMultipleField(
        label or _l("已经收到的文件"),
        description=_l("不用再选一次；不要的，去掉勾。"),
        choices=[],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class Keeping:
    """What a form with `files`, and `keep` beside them, does: nobody chooses them twice.

    What came earlier is taken, and what came is carried, under a bond: it is good under no other.
    """

    keep: SelectMultipleField
    files: FilesField
    before: tuple[Prepared, ...] = ()

    def take_kept(self, *bonds: str) -> None:
        """Take the files that came earlier, under any of these bonds, and are still ticked."""
        tokens = self.keep.data or ()
        carried = [keeping.prepared_of(one, bond) for one in tokens for bond in bonds]
        self.before = tuple(one for one in carried if one is not None)

    def carry(self, bond: str) -> None:
        """Let the page that is shown carry the files that came."""
        carried = [(keeping.token_of(one, bond), one.name) for one in self.chosen()]
        self.keep.choices = carried
        self.keep.data = [token for token, _name in carried]

    def look_at_files(self) -> None:
        """Take the files that came with a form that is not handed in yet."""
        self.files.validate(self)

    def validate_files(self, field: Field) -> None:
        """Refuse more files than can be added at once, with those that came earlier."""
        del field
        if len(self.chosen()) > MAX_FILES:
            raise ValidationError(locale.said(Invalid(TICK_OFF, n=MAX_FILES)))

    def chosen(self) -> tuple[Prepared, ...]:
        """Return the files that came earlier and were kept, and those that came now, each once."""
        return tuple(dict.fromkeys((*self.before, *self.files.sound)))

    @property
    def brings_files(self) -> bool:
        """Whether any file came, now or earlier, whatever becomes of it."""
        return bool(self.before or self.files.came)


class KeepingRow(Keeping, Row):
    """A part of another form, with files of its own; the form around it says under what bond."""


class KeepingForm(Keeping, Form):
    """A form that is shown again with the files that came with it.

    They are good for nothing but this form, for `whose` it is and what it is `bound_to`. Those that
    waited while their owner signed in again are good in it too.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - WTForms' own
        whose: int | None = None,
        bound_to: str = "",
        **kwargs: Any,  # noqa: ANN401 - WTForms' own
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whose, self.bound_to = whose, bound_to
        self.take_kept(*self.bonds())

    def carry_files(self) -> None:
        """Let the page that is shown carry the files that came."""
        self.carry(self.bond())

    def bond(self, place: str = "") -> str:
        """Return what the files of this form are bound to; those at a `place`, there alone."""
        key = str(self.idempotency_key.data)
        return json.dumps([type(self).__name__, self.whose, self.bound_to, place, key])

    def bonds(self, place: str = "") -> tuple[str, ...]:
        """Return under which bonds files may come: this form's, and that of those that waited."""
        if self.whose is None:
            return (self.bond(place),)
        return self.bond(place), keeping.waiting(self.whose, str(self.idempotency_key.data))
