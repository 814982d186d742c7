"""What a person changes about themselves."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional

from app.accounts.models import User
from app.accounts.roles import Actor
from app.accounts.service import REASON_LONGEST, AbsenceDraft
from app.core.forms import Form
from app.desk.service import Card

MOST_ID = 2**31 - 1  # that a database can hold


class CardForm(Form):
    """How a person is reached, and what they are."""

    post = StringField(_l("职务"), validators=[Length(max=60)])
    email = StringField(_l("邮箱"), validators=[Optional(), Length(max=120), Email()])

    def given(self) -> Card:
        """Return what was typed."""
        return Card(post=(self.post.data or "").strip(), email=(self.email.data or "").strip())


def _id(value: object) -> int | None:
    """Return the id that a list gives, or None where nothing is chosen."""
    if not value:
        return None
    number = int(str(value))
    if not 0 < number <= MOST_ID:
        raise ValueError(value)
    return number


class AbsenceForm(Form):
    """Who is away from a day to a day, and who stands in."""

    user_id = SelectField(_l("谁外出"), coerce=_id, validate_choice=False, choices=[])
    deputy_id = SelectField(
        _l("代理人"),
        coerce=_id,
        validate_choice=False,
        choices=[],
        validators=[InputRequired()],
        description=_l("同一单位有人在岗的，选本单位的人；代理人自己不能同时外出。"),
    )
    from_on = DateField(_l("从哪天"), validators=[InputRequired()])
    to_on = DateField(_l("到哪天（含）"), validators=[InputRequired()])
    reason = StringField(
        _l("事由"),
        validators=[InputRequired(), Length(max=REASON_LONGEST)],
        description=_l("例如：出差、学习、休假。写进变更记录。"),
    )

    def offer(self, staff: Iterable[User], deputies: Iterable[User], viewer: Actor) -> None:
        """Take the people to choose from; who answers only for themselves is not asked."""
        people = list(staff)
        if [one.id for one in people] == [viewer.user_id] and "user_id" in self:
            del self.user_id
        elif "user_id" in self:
            self.user_id.choices = _named(people)
            if not self.user_id.raw_data and viewer.user_id in {one.id for one in people}:
                self.user_id.data = viewer.user_id
        own = viewer.user_id if len(people) <= 1 else None  # nobody stands in for themselves
        self.deputy_id.choices = _named(one for one in deputies if one.id != own)

    def given(self, actor: Actor) -> AbsenceDraft:
        """Return what was typed; without a choice, the absence is the actor's own."""
        return AbsenceDraft(
            user_id=self.user_id.data or actor.user_id,
            deputy_id=self.deputy_id.data,
            from_on=self.from_on.data,
            to_on=self.to_on.data,
            reason=(self.reason.data or "").strip(),
        )


class EndForm(Form):
    """Ending an absence, and why."""

    reason = StringField(_l("为什么结束"), validators=[InputRequired(), Length(max=REASON_LONGEST)])


def _named(people: Iterable[User]) -> list[tuple[str, str]]:
    choices = [(str(one.id), f"{one.name} {one.post}".strip()) for one in people]
    return [("", gettext("请选择")), *choices]
