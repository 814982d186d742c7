"""The field in which files are chosen, for the forms of tickets and visits."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import Form, ValidationError

from app.attachments.service import MAX_FILES, Prepared, prepare
from app.core import locale
from app.core.errors import Invalid
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

    def pre_validate(self, form: Form) -> None:
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
