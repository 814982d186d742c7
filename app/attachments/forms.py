"""The field in which files are chosen, and the forms that keep what was chosen (ADR 34)."""

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
from app.core.forms import Form
from app.core.i18n import N_

TOO_MANY = N_("一次最多 {n} 个附件，请分开提交。")
ACCEPT = ".jpg,.jpeg,.png,.pdf,.docx,.xlsx"


class FilesField(MultipleFileField):
    """Files that were chosen. After validation `prepared` holds those to be attached.

    Each file that is refused says why, by its name; then the form is not valid and none
    is attached. `sound` are those that passed, also beside one that was refused.
    """

    errors: Sequence[str]
    prepared: tuple[Prepared, ...] = ()
    sound: tuple[Prepared, ...] = ()

    def pre_validate(self, form: AnyForm) -> None:
        """Check every file, and keep the contents of those that pass."""
        del form
        self.prepared = self.sound = ()
        chosen = [file for file in self.data or () if file and file.filename]
        if len(chosen) > MAX_FILES:
            raise ValidationError(locale.said(Invalid(TOO_MANY, n=MAX_FILES)))
        refusals, prepared = [], []
        for file in chosen:
            try:
                prepared.append(prepare(file.filename, file.stream))
            except Invalid as refusal:
                refusals.append(locale.said(refusal))
        self.errors = [*self.errors, *refusals]  # one sentence each, not one for all
        self.sound = tuple(prepared)
        self.prepared = () if refusals else self.sound


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


class KeepingForm(Form):
    """A form that is shown again with the files that came with it: nobody chooses them twice.

    It has a field `keep` beside its `files`. `bound_to` says what else than the form itself they
    are good for; they are good nowhere else.
    """

    keep: SelectMultipleField
    files: FilesField

    def __init__(self, *args: Any, bound_to: str = "", **kwargs: Any) -> None:  # noqa: ANN401 - WTForms' own
        super().__init__(*args, **kwargs)
        self.bound_to = bound_to
        carried = [keeping.prepared_of(one, self._bond()) for one in self.keep.data or ()]
        self.before = tuple(one for one in carried if one is not None)

    def validate_files(self, field: Field) -> None:
        """Refuse more files than can be added at once, with those that came earlier."""
        del field
        if len(self.chosen()) > MAX_FILES:
            raise ValidationError(locale.said(Invalid(TOO_MANY, n=MAX_FILES)))

    def chosen(self) -> tuple[Prepared, ...]:
        """Return the files that came earlier and were kept, and those that came now, each once."""
        return tuple(dict.fromkeys((*self.before, *self.files.sound)))

    def carry_files(self) -> None:
        """Let the page that is shown carry the files that came."""
        carried = [(keeping.token_of(one, self._bond()), one.name) for one in self.chosen()]
        self.keep.choices = carried
        self.keep.data = [token for token, _name in carried]

    def _bond(self) -> str:
        key = str(self.idempotency_key.data)
        return f"{self.bound_to}|{key}" if self.bound_to else key
