"""What people type about plans of visits, and the board of a month."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    Field,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length

from app.accounts.models import OrgUnit, User
from app.core.forms import Form, Row
from app.enterprises.models import Tier
from app.visits.forms.parts import id_or_none, labelled, stripped
from app.visits.models import Answer
from app.visits.queries import CoverageFilter, Order
from app.visits.service import LONGEST, Answered


class PlanForm(Form):
    """The day on which somebody wants to go, and why on that one although others go there."""

    planned_on = DateField(_l("哪天去"), validators=[InputRequired()])
    reason = StringField(_l("为什么还要排这一天"), filters=[stripped], validators=[Length(max=200)])


class AnswerForm(Form):
    """What an enterprise says to a planned visit. Nothing is chosen before somebody chooses."""

    answer = RadioField(_l("您的意见"), validators=[InputRequired()])
    day = SelectField(_l("换到哪天"), default="")
    words = TextAreaField(_l("想说的话"), filters=[stripped], validators=[Length(max=LONGEST)])

    def offer(self, days: Sequence[tuple[str, str]]) -> None:
        """Fill the lists to choose from."""
        self.answer.choices = labelled(Answer)
        self.day.choices = [("", gettext("请选一天")), *days]

    def validate_day(self, field: Field) -> None:
        """Ask for a day where another one is wanted."""
        if self.answer.data == Answer.OTHER_DAY.value and not field.data:
            raise ValidationError(gettext("请选您方便的一天。"))

    def given(self) -> Answered:
        """Return what was said, in the words of the service."""
        return Answered(
            answer=Answer(self.answer.data),
            day=date.fromisoformat(self.day.data) if self.day.data else None,
            words=self.words.data or "",
        )


class CoverageForm(Row):
    """What the board of a month is narrowed to, and how it is ordered. Nonsense asks nothing."""

    leader = SelectField(_l("包联领导"), coerce=id_or_none)
    liaison = SelectField(_l("联络员"), coerce=id_or_none)
    village = SelectField(_l("村（社区）"), coerce=id_or_none)
    tier = SelectField(_l("等级"))
    sort = SelectField(_l("排列"), default=Order.SINCE.value)

    def offer(
        self, leaders: Sequence[User], liaisons: Sequence[User], villages: Sequence[OrgUnit]
    ) -> None:
        """Fill the lists to choose from."""
        self.leader.choices = [("", gettext("全部领导")), *((p.id, p.name) for p in leaders)]
        self.liaison.choices = [("", gettext("全部联络员")), *((p.id, p.name) for p in liaisons)]
        self.village.choices = [
            ("", gettext("全部村（社区）")),
            *((v.id, v.name) for v in villages),
        ]
        self.tier.choices = [("", gettext("全部等级")), *labelled(Tier)]
        self.sort.choices = [
            (Order.SINCE.value, gettext("最久没走到的在前")),
            (Order.PLANNED.value, gettext("打算去的在前")),
            (Order.TEAM.value, gettext("按班子顺序")),
            (Order.NAME.value, gettext("按名称")),
        ]

    def asked(self) -> CoverageFilter:
        """Return what was asked, in the words of the query."""
        return CoverageFilter(
            leader_id=self.leader.data,
            liaison_id=self.liaison.data,
            village_id=self.village.data,
            tier=Tier(self.tier.data) if self.tier.data in set(Tier) else None,
        )

    def order(self) -> Order:
        """Return the order that was asked for."""
        return Order(self.sort.data) if self.sort.data in set(Order) else Order.SINCE
