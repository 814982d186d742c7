"""What one enterprise brought: several problems in one quick form."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length

from app.core.forms import Form, Row
from app.servicedays.forms.fields import NAME, PHONE, id_or_none, stripped
from app.servicedays.models import Appointment
from app.servicedays.service import Heard, Reception

MOST_PROBLEMS = 10
ANSWER_SHORTEST = 10  # as the closing on the spot asks for
BOOKED, FILED = "a", "e"  # what a choice of an enterprise stands for


class HeardForm(Row):
    """One problem."""

    title = StringField(
        _l("一句话说清"), filters=[stripped], validators=[DataRequired(), Length(max=50)]
    )
    description = TextAreaField(
        _l("具体情况"), filters=[stripped], validators=[DataRequired(), Length(min=10, max=2000)]
    )
    wish = TextAreaField(_l("企业希望怎么解决"), filters=[stripped], validators=[Length(max=1000)])
    category_id = SelectField(_l("类别"), coerce=id_or_none)
    answer = TextAreaField(_l("当场答复了什么"), filters=[stripped], validators=[Length(max=2000)])

    def offer(self, categories: Sequence[tuple[int, str]]) -> None:
        """Fill the list to choose from."""
        self.category_id.choices = [("", gettext("拿不准，交给营商办定")), *categories]

    def validate_answer(self, field: Field) -> None:
        """Ask for a whole answer where there is one: the enterprise is asked about it later."""
        if field.data and len(field.data) < ANSWER_SHORTEST:
            raise ValidationError(gettext("当场答复的，请写至少 %(n)s 个字。", n=ANSWER_SHORTEST))

    def given(self) -> Heard:
        """Return what was typed, in the words of the service."""
        return Heard(
            title=self.title.data or "",
            description=self.description.data or "",
            wish=self.wish.data or "",
            category_id=self.category_id.data,
            answer=self.answer.data or "",
        )


class ReceptionForm(Form):
    """Which enterprise, who speaks for it, and what it brought."""

    firm = SelectField(_l("企业"), validators=[DataRequired()])
    makes_file = BooleanField(_l("档案里没有这家企业，按这个名称建档"))
    contact_name = StringField(_l("联系人"), filters=[stripped], validators=NAME)
    contact_phone = StringField(_l("联系电话"), filters=[stripped], validators=PHONE)
    problems = FieldList(FormField(HeardForm), min_entries=1, max_entries=MOST_PROBLEMS)
    no_secrets = BooleanField(_l("以上内容不含涉密信息"), validators=[InputRequired()])

    def offer(
        self,
        guests: Sequence[Appointment],
        firms: Sequence[tuple[int, str]],
        categories: Sequence[tuple[int, str]],
    ) -> None:
        """Fill the lists to choose from: those who are here or booked come first."""
        self.firm.choices = [
            ("", gettext("请选择")),
            *((f"{BOOKED}{one.id}", _named(one)) for one in guests),
            *((f"{FILED}{id_}", name) for id_, name in firms),
        ]
        for entry in self.problems.entries:
            entry.form.offer(categories)

    def __contains__(self, name: str) -> bool:
        return super().__contains__(name) or self._inside(name) is not None

    def __getitem__(self, name: str) -> Field:
        inside = None if super().__contains__(name) else self._inside(name)
        return inside if inside is not None else super().__getitem__(name)

    def grow(self) -> None:
        """Offer one more problem to write down."""
        if len(self.problems.entries) < MOST_PROBLEMS:
            self.problems.append_entry()

    def drop(self, place: int) -> None:
        """Take one problem out; the others keep what was typed."""
        kept = [entry.data for at, entry in enumerate(self.problems.entries) if at != place]
        while self.problems.entries:
            self.problems.pop_entry()
        for data in kept or [{}]:
            self.problems.append_entry(data)

    def given(self) -> Reception:
        """Return what was typed, in the words of the service."""
        value = self.firm.data or ""
        kind, number = value[:1], value[1:]
        id_ = int(number) if number.isdecimal() else None
        return Reception(
            appointment_id=id_ if kind == BOOKED else None,
            enterprise_id=id_ if kind == FILED else None,
            contact_name=self.contact_name.data or "",
            contact_phone=self.contact_phone.data or "",
            no_secrets=bool(self.no_secrets.data),
            makes_file=bool(self.makes_file.data),
            problems=tuple(entry.form.given() for entry in self.problems.entries),
        )

    def _inside(self, name: str) -> Field | None:
        """Return a field of a problem by the name it has on the page: problems-0-title."""
        fields: Iterator[Field] = (f for entry in self.problems.entries for f in entry.form)
        return next((field for field in fields if field.name == name), None)


def _named(guest: Appointment) -> str:
    """Return an enterprise of the list with where it stands."""
    told = {"name": guest.called, "at": f"{guest.slot:%H:%M}" if guest.slot else ""}
    if guest.has_come:
        return str(gettext("%(name)s（已到）", **told))
    return str(gettext("%(name)s（约 %(at)s）", **told) if guest.slot else told["name"])
