"""What people type about one visit, its plan, its waiver, and the list of visits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.models import OrgUnit, User
from app.attachments.forms import KeepingForm, files_field, keep_field
from app.core.forms import Form, Row
from app.enterprises.models import Linkage
from app.library.models import PolicyDocument
from app.tickets.models import Ticket
from app.visits.calendar import Month
from app.visits.forms.parts import (
    AMOUNT,
    PEOPLE,
    AskedForm,
    FinancingForm,
    LaborForm,
    ProblemForm,
    TickForm,
    id_or_none,
    labelled,
    line_up,
    stripped,
    written,
)
from app.visits.models import (
    Campaign,
    ExemptGround,
    Mode,
    Promise,
    Running,
    Theme,
    VisitOutcome,
)
from app.visits.queries import VisitFilter
from app.visits.service import VisitDraft

YES, NO = "yes", "no"
LEADER, LIAISON = "leader", "liaison"
MOST_PROBLEMS = 10
MOST_NEEDS = 5
#: Lists on the form that grow and shrink by a button, also without scripts.
LISTS = ("problems", "financing", "labor")
OF_PROBLEMS = "problems"  # where in the form the files of its problems are good


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form of a visit lets one choose from."""

    targets: Sequence[tuple[str, str]]
    people: Sequence[User]
    categories: Sequence[tuple[int, str]]
    units: Sequence[OrgUnit]
    campaigns: Sequence[Campaign] = ()
    documents: Sequence[PolicyDocument] = ()


class VisitForm(KeepingForm):
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
    promises_due_on = DateField(_l("最晚哪天兑现"), validators=[Optional()])
    solved_on_site = TextAreaField(
        _l("现场解决的事"), filters=[stripped], validators=[Length(max=2000)]
    )
    suggestions = TextAreaField(
        _l("给企业的建议"), filters=[stripped], validators=[Length(max=2000)]
    )
    policies = TextAreaField(
        _l("还讲了什么政策"), filters=[stripped], validators=[Length(max=1000)]
    )
    orders = StringField(_l("订单情况"), filters=[stripped], validators=[Length(max=200)])
    output_wan = DecimalField(_l("本月产值（万元）"), validators=AMOUNT)
    revenue_wan = DecimalField(_l("本月营收（万元）"), validators=AMOUNT)
    employees = IntegerField(_l("从业人数"), validators=PEOPLE)
    outcome = SelectField(_l("结果"), default=VisitOutcome.VISITED.value)
    theme = SelectField(_l("主要为了"), default="")
    campaign_id = SelectField(_l("专项活动"), coerce=id_or_none)
    document_ids = SelectMultipleField(
        _l("宣传了哪些政策文件"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    financing = FieldList(FormField(FinancingForm), min_entries=1, max_entries=MOST_NEEDS)
    labor = FieldList(FormField(LaborForm), min_entries=1, max_entries=MOST_NEEDS)
    ticks = FieldList(FormField(TickForm))
    asked = FieldList(FormField(AskedForm))
    confirmed_by_firm = BooleanField(_l("企业看过并认可以上内容"))
    has_problems = RadioField(_l("这次有没有问题"), validators=[InputRequired()])
    problems = FieldList(FormField(ProblemForm), min_entries=1, max_entries=MOST_PROBLEMS)
    keep = keep_field()
    files = files_field(_l("走访照片或文件"))

    def take_kept(self, *bonds: str) -> None:
        """Take the files that came earlier, of the visit and of each problem.

        Those of a problem are good in any of this form: one that is taken out moves the others up.
        """
        super().take_kept(*bonds)
        for entry in self.problems.entries:
            entry.form.take_kept(*self.bonds(OF_PROBLEMS))

    def carry_files(self) -> None:
        """Let the page that is shown carry the files that came, each where it was chosen."""
        super().carry_files()
        for entry in self.problems.entries:
            entry.form.carry(self.bond(OF_PROBLEMS))

    def look_at_files(self) -> None:
        """Take the files that came with a form that is not handed in yet."""
        super().look_at_files()
        self._look_at_problems()

    def offer(self, offered: Offered) -> None:
        """Fill the lists to choose from."""
        self.mode.choices = labelled(Mode)
        self.outcome.choices = labelled(VisitOutcome)
        self.theme.choices = [("", gettext("没有专门主题")), *labelled(Theme)]
        self.running.choices = labelled(Running)
        self.has_problems.choices = [(NO, gettext("没有问题")), (YES, gettext("有，现在记下"))]
        self.target.choices = [("", gettext("请选择")), *offered.targets]
        self._offered = {value for value, _name in offered.targets}
        people = offered.people
        self.visitor_ids.choices = [(one.id, f"{one.name} {one.post}".strip()) for one in people]
        self.who.choices = [(LEADER, gettext("包联领导")), (LIAISON, gettext("联络员"))]
        named = [(one.id, one.name) for one in offered.campaigns]
        self.campaign_id.choices = [("", gettext("不属于活动")), *named]
        self.document_ids.choices = [(one.id, one.title) for one in offered.documents]
        for entry in self.problems.entries:
            entry.form.offer(offered.categories, offered.units)

    def ask_about(self, promises: Sequence[Promise], closed: Sequence[Ticket]) -> None:
        """Ask what became of open promises and of problems that were closed.

        What was answered of the same ones stays; what belongs to another target goes.
        """
        line_up(self.ticks, promises)
        line_up(self.asked, closed)

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - as WTForms has it
        """Check all that was typed; problems only where there are some.

        A problem that was written under the wrong answer is not lost without a word, nor its files.
        """
        if self.has_problems.data == YES:
            return bool(super().validate(extra_validators))
        kept, self.problems.entries = self.problems.entries, []
        is_valid = super().validate(extra_validators)
        self.problems.entries = kept
        self._look_at_problems()
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

    def grow(self, name: str) -> None:
        """Offer one more entry of a list to write down."""
        entries = cast("FieldList[Any]", self[name])
        if len(entries.entries) < (entries.max_entries or MOST_PROBLEMS):
            entries.append_entry()

    def drop(self, name: str, place: int) -> None:
        """Take one entry out of a list; the others keep what was typed."""
        entries = cast("FieldList[Any]", self[name])
        kept = [entry.data for at, entry in enumerate(entries.entries) if at != place]
        while entries.entries:
            entries.pop_entry()
        for data in kept or [{}]:
            entries.append_entry(data)
        self.take_kept(*self.bonds())

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
            outcome=VisitOutcome(self.outcome.data),
            theme=Theme(self.theme.data) if self.theme.data else None,
            opinions=self.opinions.data or "",
            solved_on_site=self.solved_on_site.data or "",
            suggestions=self.suggestions.data or "",
            promises=self.promises.data or "",
            confirmed_by_firm=bool(self.confirmed_by_firm.data),
            promises_due_on=self.promises_due_on.data,
            campaign_id=self.campaign_id.data,
            document_ids=tuple(self.document_ids.data or ()),
            financing=tuple(one.form.given() for one in written(self.financing)),
            labor=tuple(one.form.given() for one in written(self.labor)),
            ticks=tuple(tick for one in self.ticks.entries if (tick := one.form.given())),
            asked=tuple(asked for one in self.asked.entries if (asked := one.form.given())),
            problems=tuple(entry.form.given() for entry in problems),
            files=self.chosen(),
        )

    def _went(self, linkage: Linkage | None) -> Iterator[int]:
        """Return the leader and the liaison officer of the target, as far as they are ticked."""
        chosen = self.who.data or []
        if linkage is not None and LEADER in chosen:
            yield linkage.leader_id
        if linkage is not None and linkage.liaison_id is not None and LIAISON in chosen:
            yield linkage.liaison_id

    def _inside(self, name: str) -> Field | None:
        """Return a field of an entry by the name it has on the page: problems-0-title."""
        fields: Iterator[Field] = (
            f
            for name in (*LISTS, "ticks", "asked")
            for entry in super(VisitForm, self).__getitem__(name).entries
            for f in entry.form
        )
        return next((field for field in fields if field.name == name), None)

    def _look_at_problems(self) -> None:
        for entry in self.problems.entries:
            entry.form.look_at_files()


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


class VisitFilterForm(Row):
    """What the list of visits is narrowed to. What makes no sense asks nothing."""

    q = StringField(_l("企业、编号或内容"), filters=[stripped])
    period = SelectField(_l("月份"))
    mode = SelectField(_l("方式"))
    campaign = IntegerField(validators=[Optional()])
    failed = BooleanField(_l("没有走访到的"))
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
            campaign_id=self.campaign.data,
            failed=bool(self.failed.data),
        )


def target_of(value: str) -> tuple[str, int | None]:
    """Return the kind and the id that the choice of a target stands for: e12, p3."""
    kind, number = value[:1], value[1:]
    return (kind, int(number)) if kind in {"e", "p"} and number.isdecimal() else ("", None)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
