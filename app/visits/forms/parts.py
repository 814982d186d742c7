"""The parts of the form of a visit that repeat: problems, needs, promises, what was closed."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DecimalField,
    Field,
    FieldList,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.accounts.models import OrgUnit
from app.attachments.forms import KeepingRow, files_field, keep_field
from app.core.enums import LabelledEnum
from app.core.forms import Row
from app.tickets.models import Ticket
from app.tickets.workflow.states import Urgency
from app.visits.models import Promise, PromiseState, StillFine
from app.visits.service import Asked, FinancingDraft, LaborDraft, Problem, Tick

AMOUNT = [Optional(), NumberRange(min=0, max=99_999_999)]
PEOPLE = [Optional(), NumberRange(min=0, max=999_999)]


def stripped(value: str | None) -> str:
    """Return what was typed without the space around it."""
    return (value or "").strip()


def id_or_none(value: object) -> int | None:
    """Return the id that a choice stands for; the empty choice is None."""
    return int(str(value)) if value not in {None, "", "None"} else None


def labelled(members: type[LabelledEnum]) -> list[tuple[str, str]]:
    """Return the members of an enumeration as choices, in the reader's language."""
    return [(member.value, gettext(member.label)) for member in members]


class ProblemForm(KeepingRow):
    """One problem that was heard."""

    title = StringField(
        _l("一句话说清"), filters=[stripped], validators=[DataRequired(), Length(max=50)]
    )
    description = TextAreaField(
        _l("具体情况"), filters=[stripped], validators=[DataRequired(), Length(min=10, max=2000)]
    )
    category_id = SelectField(
        _l("类别"), coerce=id_or_none, validators=[InputRequired()], validate_choice=True
    )
    wish = TextAreaField(_l("企业希望怎么解决"), filters=[stripped], validators=[Length(max=1000)])
    contact_name = StringField(_l("联系人"), filters=[stripped], validators=[Length(max=40)])
    contact_phone = StringField(_l("联系电话"), filters=[stripped], validators=[Length(max=30)])
    urgency = SelectField(_l("紧急程度"), default=Urgency.NORMAL.value)
    complained_unit_id = SelectField(_l("投诉的单位"), coerce=id_or_none)
    no_secrets = BooleanField(_l("以上内容不含涉密信息"), validators=[InputRequired()])
    done_on_site = TextAreaField(
        _l("当场解决了：做了什么"),
        filters=[stripped],
        validators=[Optional(), Length(min=10, max=1000)],
    )
    keep = keep_field()
    files = files_field(_l("拍照或选文件"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        self.urgency.choices = labelled(Urgency)

    def offer(self, categories: Sequence[tuple[int, str]], units: Sequence[OrgUnit]) -> None:
        """Fill the lists to choose from."""
        self.category_id.choices = [("", gettext("请选择")), *categories]
        named = [(one.id, one.name) for one in units]
        self.complained_unit_id.choices = [("", gettext("不是投诉")), *named]

    def validate_category_id(self, field: Field) -> None:
        """Ask for a category."""
        if field.data is None:
            raise ValidationError(gettext("请选问题类别；拿不准就选最接近的，营商办会核对。"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written, and no file chosen."""
        told = (self.title, self.description, self.wish, self.done_on_site)
        return not self.brings_files and not any(field.data for field in told)

    def given(self) -> Problem:
        """Return what was typed, in the words of the service."""
        return Problem(
            title=self.title.data or "",
            description=self.description.data or "",
            wish=self.wish.data or "",
            category_id=self.category_id.data,
            contact_name=self.contact_name.data or "",
            contact_phone=self.contact_phone.data or "",
            urgency=Urgency(self.urgency.data),
            complained_unit_id=self.complained_unit_id.data,
            no_secrets=bool(self.no_secrets.data),
            done_on_site=self.done_on_site.data or "",
            files=self.chosen(),
        )


class FinancingForm(Row):
    """Money that the enterprise looks for; without an amount nothing was written."""

    amount_wan = DecimalField(
        _l("融资需求（万元）"), validators=[Optional(), NumberRange(min=0.01, max=99_999_999)]
    )
    term = StringField(_l("期限"), filters=[stripped], validators=[Length(max=40)])
    purpose = StringField(_l("用途"), filters=[stripped], validators=[Length(max=100)])

    @property
    def is_blank(self) -> bool:
        """Whether no amount was written."""
        return self.amount_wan.data is None

    def given(self) -> FinancingDraft:
        """Return what was typed, in the words of the service."""
        return FinancingDraft(
            float(self.amount_wan.data or 0), self.term.data or "", self.purpose.data or ""
        )

    def validate_term(self, field: Field) -> None:
        """Ask for the amount where something else was written."""
        if self.is_blank and not self.amount_wan.errors and (field.data or self.purpose.data):
            raise ValidationError(gettext("请写明要多少万元。"))


class LaborForm(Row):
    """People that the enterprise wants to hire; without a number nothing was written."""

    headcount = IntegerField(
        _l("用工需求（人）"), validators=[Optional(), NumberRange(min=1, max=999_999)]
    )
    posts = StringField(_l("岗位"), filters=[stripped], validators=[Length(max=100)])

    @property
    def is_blank(self) -> bool:
        """Whether no number was written."""
        return self.headcount.data is None

    def given(self) -> LaborDraft:
        """Return what was typed, in the words of the service."""
        return LaborDraft(self.headcount.data or 0, self.posts.data or "")

    def validate_posts(self, field: Field) -> None:
        """Ask for the number where something else was written."""
        if self.is_blank and not self.headcount.errors and field.data:
            raise ValidationError(gettext("请写明要多少人。"))


class FollowForm(Row):
    """How something of before stands today; it may be left unasked."""

    subject_id = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    answer = RadioField(default="")
    note = StringField(_l("说明"), filters=[stripped], validators=[Length(max=200)])
    subject: Any = None  # what it asks about, for the page

    ANSWERS: tuple[LabelledEnum, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        said = [(one.value, gettext(one.label)) for one in self.ANSWERS]
        self.answer.choices = [*said, ("", gettext("没问到"))]

    @property
    def place(self) -> str:
        """Where it stands on the page: ticks-0."""
        return str(self.answer.name).removesuffix("-answer")


class TickForm(FollowForm):
    """A promise: kept, not yet, or cannot be."""

    ANSWERS = (PromiseState.KEPT, PromiseState.OPEN, PromiseState.NOT_KEPT)

    def given(self) -> Tick | None:
        """Return what was ticked; nothing where it was not asked."""
        if not self.answer.data:
            return None
        state, note = PromiseState(self.answer.data), self.note.data or ""
        return Tick(self.subject_id.data or 0, state, note, self.place)


class AskedForm(FollowForm):
    """A problem that was closed: still fine, or back again."""

    ANSWERS = tuple(StillFine)

    def given(self) -> Asked | None:
        """Return what was ticked; nothing where it was not asked."""
        if not self.answer.data:
            return None
        answer, note = StillFine(self.answer.data), self.note.data or ""
        return Asked(self.subject_id.data or 0, answer, note, self.place)


def line_up(entries: "FieldList[Any]", subjects: Sequence[Promise | Ticket]) -> None:
    """Let a list ask about `subjects`, in their order; what was answered of them stays.

    An entry is named after its subject (ticks-7-answer): so a draft that a device kept never
    answers for another one.
    """
    typed = {entry.form.subject_id.data: entry for entry in entries.entries}
    lined = []
    for subject in subjects:
        entries.last_index = subject.id - 1
        entry = typed.get(subject.id) or entries.append_entry({"subject_id": subject.id})
        entry.form.subject = subject
        lined.append(entry)
    entries.entries = lined


def written(entries: "FieldList[Any]") -> Iterator[Any]:
    """Return the entries of a list in which something was written."""
    return (entry for entry in entries.entries if not entry.form.is_blank)
