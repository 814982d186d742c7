"""What people type about visits, and its shape."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import OrgUnit, User
from app.attachments.forms import files_field
from app.core.enums import LabelledEnum
from app.core.forms import Form, Row
from app.enterprises.models import Linkage, Seat
from app.tickets.workflow.states import Urgency
from app.visits.calendar import Month
from app.visits.models import ExemptGround, Mode, Running
from app.visits.queries import VisitFilter
from app.visits.queries.handover import HandoverDraft, key_of
from app.visits.service import Problem, VisitDraft

YES, NO = "yes", "no"
LEADER, LIAISON = "leader", "liaison"
MOST_PROBLEMS = 10
AMOUNT = [Optional(), NumberRange(min=0, max=99_999_999)]
PHONE = Regexp(r"^[0-9+() -]*$", message=_l("电话只能有数字、空格和 + - ( )。"))
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


class ProblemForm(Row):
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
        """Whether nothing was written."""
        return not (self.title.data or self.description.data or self.wish.data)

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
            files=self.files.prepared,
        )


class VisitForm(Form):
    """A visit as it is recorded on a phone: little is asked, more may be told."""

    target = SelectField(_l("企业或项目"), validators=[DataRequired()])
    visited_on = DateField(_l("日期"), validators=[InputRequired()])
    began_at = TimeField(_l("开始时间"), validators=[Optional()])
    ended_at = TimeField(_l("结束时间"), validators=[Optional()])
    mode = RadioField(_l("方式"), default=Mode.ON_SITE.value, validators=[InputRequired()])
    who = SelectMultipleField(
        _l("谁去的"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    visitor_ids = SelectMultipleField(_l("还有谁同去"), coerce=int)
    persons_met = StringField(_l("见到谁"), filters=[stripped], validators=[Length(max=200)])
    running = RadioField(_l("生产经营"), default=Running.NORMAL.value, validators=[InputRequired()])
    opinions = TextAreaField(_l("聊了什么"), filters=[stripped], validators=[Length(max=4000)])
    promises = TextAreaField(
        _l("答应了什么、下一步"), filters=[stripped], validators=[Length(max=1000)]
    )
    solved_on_site = TextAreaField(
        _l("现场解决的事"), filters=[stripped], validators=[Length(max=2000)]
    )
    suggestions = TextAreaField(
        _l("给企业的建议"), filters=[stripped], validators=[Length(max=2000)]
    )
    policies = TextAreaField(
        _l("宣传了哪些政策"), filters=[stripped], validators=[Length(max=1000)]
    )
    orders = StringField(_l("订单情况"), filters=[stripped], validators=[Length(max=200)])
    output_wan = DecimalField(_l("本月产值（万元）"), validators=AMOUNT)
    revenue_wan = DecimalField(_l("本月营收（万元）"), validators=AMOUNT)
    employees = IntegerField(_l("从业人数"), validators=PEOPLE)
    financing_need_wan = DecimalField(_l("融资需求（万元）"), validators=AMOUNT)
    labor_need = IntegerField(_l("用工需求（人）"), validators=PEOPLE)
    campaign = StringField(_l("专项活动"), filters=[stripped], validators=[Length(max=60)])
    confirmed_by_firm = BooleanField(_l("企业看过并认可以上内容"))
    has_problems = RadioField(_l("这次有没有问题"), validators=[InputRequired()])
    problems = FieldList(FormField(ProblemForm), min_entries=1, max_entries=MOST_PROBLEMS)
    files = files_field(_l("走访照片或文件"))

    def offer(
        self,
        targets: Sequence[tuple[str, str]],
        people: Sequence[User],
        categories: Sequence[tuple[int, str]],
        units: Sequence[OrgUnit],
    ) -> None:
        """Fill the lists to choose from."""
        self.mode.choices = labelled(Mode)
        self.running.choices = labelled(Running)
        self.has_problems.choices = [(NO, gettext("没有问题")), (YES, gettext("有，现在记下"))]
        self.target.choices = [("", gettext("请选择")), *targets]
        self._offered = {value for value, _name in targets}
        self.visitor_ids.choices = [(one.id, f"{one.name} {one.post}".strip()) for one in people]
        self.who.choices = [(LEADER, gettext("包联领导")), (LIAISON, gettext("联络员"))]
        for entry in self.problems.entries:
            entry.form.offer(categories, units)

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - as WTForms has it
        """Check all that was typed; problems only where there are some.

        A problem that was written under the wrong answer is not lost without a word.
        """
        if self.has_problems.data == YES:
            return bool(super().validate(extra_validators))
        kept, self.problems.entries = self.problems.entries, []
        is_valid = super().validate(extra_validators)
        self.problems.entries = kept
        if all(entry.form.is_blank for entry in kept):
            return bool(is_valid)
        lost = gettext("下面写了问题。请选“有，现在记下”，或者把写的内容去掉。")
        self.has_problems.errors = [*self.has_problems.errors, lost]
        return False

    def __contains__(self, name: str) -> bool:
        return super().__contains__(name) or self._inside(name) is not None

    def __getitem__(self, name: str) -> Field:
        inside = None if super().__contains__(name) else self._inside(name)
        return inside if inside is not None else super().__getitem__(name)

    def offers(self, target: str | None) -> bool:
        """Tell whether a target is one of those to choose from."""
        return target in self._offered

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

    def given(self, linkage: Linkage | None) -> VisitDraft:
        """Return what was typed, in the words of the service; `linkage` is the target's."""
        kind, target_id = target_of(self.target.data or "")
        problems = self.problems.entries if self.has_problems.data == YES else []
        return VisitDraft(
            visited_on=self.visited_on.data or date.min,
            mode=Mode(self.mode.data),
            enterprise_id=target_id if kind == "e" else None,
            project_id=target_id if kind == "p" else None,
            visitor_ids=tuple(
                dict.fromkeys([*self._went(linkage), *(self.visitor_ids.data or [])])
            ),
            began_at=self.began_at.data,
            ended_at=self.ended_at.data,
            persons_met=self.persons_met.data or "",
            running=Running(self.running.data),
            orders=self.orders.data or "",
            output_wan=_number(self.output_wan.data),
            revenue_wan=_number(self.revenue_wan.data),
            employees=self.employees.data,
            policies=self.policies.data or "",
            financing_need_wan=_number(self.financing_need_wan.data),
            labor_need=self.labor_need.data,
            opinions=self.opinions.data or "",
            solved_on_site=self.solved_on_site.data or "",
            suggestions=self.suggestions.data or "",
            promises=self.promises.data or "",
            confirmed_by_firm=bool(self.confirmed_by_firm.data),
            campaign=self.campaign.data or "",
            problems=tuple(entry.form.given() for entry in problems),
            files=self.files.prepared,
        )

    def _went(self, linkage: Linkage | None) -> Iterator[int]:
        """Return the leader and the liaison officer of the target, as far as they are ticked."""
        chosen = self.who.data or []
        if linkage is not None and LEADER in chosen:
            yield linkage.leader_id
        if linkage is not None and linkage.liaison_id is not None and LIAISON in chosen:
            yield linkage.liaison_id

    def _inside(self, name: str) -> Field | None:
        """Return a field of a problem by the name it has on the page: problems-0-title."""
        fields: Iterator[Field] = (f for entry in self.problems.entries for f in entry.form)
        return next((field for field in fields if field.name == name), None)


class PlanForm(Form):
    """The day on which somebody wants to go."""

    planned_on = DateField(_l("哪天去"), validators=[InputRequired()])
    together = BooleanField(_l("知道了，仍排这一天"))


class ExemptionForm(Form):
    """Why a target need not be visited this month."""

    ground = RadioField(_l("原因"), validators=[InputRequired()])
    reason = TextAreaField(
        _l("说明"), filters=[stripped], validators=[DataRequired(), Length(min=4, max=200)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        self.ground.choices = labelled(ExemptGround)


class DecisionForm(Form):
    """What the office says to it."""

    decision = RadioField(_l("是否同意"), validators=[InputRequired()])
    answer = TextAreaField(_l("答复"), filters=[stripped], validators=[Length(max=200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        self.decision.choices = [(YES, gettext("同意免访")), (NO, gettext("不同意，仍要走访"))]


class HandoverForm(Row):
    """Who takes over what, from which day on, and why; asked before anything is written."""

    successor = SelectField(_l("由谁接手"), coerce=id_or_none, validators=[InputRequired()])
    from_on = DateField(_l("从哪天起"), validators=[InputRequired()])
    target = SelectMultipleField(
        _l("移交哪些"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    reason = StringField(
        _l("原因"), filters=[stripped], validators=[DataRequired(), Length(min=2, max=200)]
    )
    office_phone = StringField(
        _l("告诉企业的营商办电话"), filters=[stripped], validators=[Length(max=30), PHONE]
    )

    def offer(self, people: Sequence[User], links: Sequence[Linkage]) -> None:
        """Fill the lists to choose from; who is asked first may hand over everything."""
        self.successor.choices = [
            ("", gettext("请选择")),
            *((p.id, f"{p.name} {p.post}".strip()) for p in people),
        ]
        self.target.choices = [(key_of(link), link.target.called) for link in links]
        self.keys = [key_of(link) for link in links]
        if not self.target.raw_data:
            self.target.data = list(self.keys)

    def given(self, giver_id: int, seat: Seat) -> HandoverDraft:
        """Return what was asked, in the words of the service; all ticked is all there will be."""
        chosen = frozenset(self.target.data or ())
        return HandoverDraft(
            giver_id=giver_id,
            seat=seat,
            successor_id=self.successor.data or 0,
            from_on=self.from_on.data or date.min,
            targets=None if chosen == set(self.keys) else chosen,
            reason=self.reason.data or "",
            office_phone=self.office_phone.data or "",
        )


class ConfirmForm(Form):
    """That the list was read, and is what is to move."""

    seen = HiddenField()


class CallOffForm(Form):
    """Why a handover is undone."""

    reason = StringField(
        _l("为什么撤销"), filters=[stripped], validators=[DataRequired(), Length(max=200)]
    )


class VisitFilterForm(Row):
    """What the list of visits is narrowed to. What makes no sense asks nothing."""

    q = StringField(_l("企业、编号或内容"), filters=[stripped])
    period = SelectField(_l("月份"))
    mode = SelectField(_l("方式"))
    person = SelectField(_l("走访人"), coerce=id_or_none)
    enterprise = IntegerField(validators=[Optional()])
    project = IntegerField(validators=[Optional()])

    def offer(self, people: Sequence[User], months: Sequence[Month]) -> None:
        """Fill the lists to choose from."""
        self.mode.choices = [("", gettext("全部方式")), *labelled(Mode)]
        self.person.choices = [("", gettext("全部人员")), *((p.id, p.name) for p in people)]
        named = [
            (m.period, gettext("%(year)s年%(month)s月", year=m.year, month=m.month)) for m in months
        ]
        self.period.choices = [("", gettext("全部月份")), *named]
        self._periods = {m.period for m in months}

    def asked(self) -> VisitFilter:
        """Return what was asked, in the words of the query."""
        mode = self.mode.data if self.mode.data in set(Mode) else None
        return VisitFilter(
            text=self.q.data or "",
            period=self.period.data if self.period.data in self._periods else "",
            mode=Mode(mode) if mode else None,
            person_id=self.person.data,
            enterprise_id=self.enterprise.data,
            project_id=self.project.data,
        )


def target_of(value: str) -> tuple[str, int | None]:
    """Return the kind and the id that the choice of a target stands for: e12, p3."""
    kind, number = value[:1], value[1:]
    return (kind, int(number)) if kind in {"e", "p"} and number.isdecimal() else ("", None)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
