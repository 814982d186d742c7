"""What a person changes about themselves."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import User
from app.accounts.roles import Actor
from app.accounts.service import REASON_LONGEST, AbsenceDraft
from app.core.forms import Form
from app.desk.service import Card
from app.notifications.service import ChoiceDraft
from app.notifications.wordings import Wording

MOST_ID = 2**31 - 1  # that a database can hold


class CardForm(Form):
    """How a person is reached, and what they are."""

    post = StringField(_l("职务"), validators=[Length(max=60)])
    email = StringField(_l("邮箱"), validators=[Optional(), Length(max=120), Email()])

    def given(self) -> Card:
        """Return what was typed."""
        return Card(post=(self.post.data or "").strip(), email=(self.email.data or "").strip())


class ReminderForm(Form):
    """How a person wants to be reminded, besides the inbox."""

    mail = SelectMultipleField(
        _l("发邮件"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
        choices=[],
    )
    by_sms = BooleanField(_l("另发短信提醒"))

    def offer(self, optional: Iterable[Wording]) -> None:
        """Take the reminders that one may do without."""
        self.offered = {one.rule: gettext(one.label) for one in optional}
        self.mail.choices = list(self.offered.items())

    def given(self) -> ChoiceDraft:
        """Return what was chosen: of what was offered, what is not ticked is off."""
        return ChoiceDraft(
            by_sms=bool(self.by_sms.data),
            off=frozenset(self.offered) - set(self.mail.data or ()),
        )


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
