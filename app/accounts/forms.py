"""What people type when they sign in and when they administer."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
)
from wtforms.widgets import CheckboxInput, ListWidget, TimeInput

from app.accounts.models import Control, OrgUnit, UnitKind, User
from app.accounts.parameters import Parameters, described
from app.accounts.queries import SUBJECTS, AuditFilter, UserFilter
from app.accounts.roles import PEOPLE, Role
from app.accounts.service import REASON_LONGEST, UnitDraft, UserDraft
from app.accounts.service.units import HOURS
from app.core.enums import LabelledEnum
from app.core.forms import Form, Row, asked
from app.core.i18n import N_

USERNAME = Regexp(
    r"^[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff._@-]*$",
    message=_l("只能用字母、数字、汉字和 . _ - @，第一个不能是符号。"),
)
PHONE = Regexp(r"^[0-9+() -]*$", message=_l("电话只能有数字、空格和 + - ( )。"))


def id_or_none(value: object) -> int | None:
    """Return the id that was chosen; nothing is None."""
    return int(str(value)) if value not in (None, "", "None") else None


def reason_field(*validators: Any, id: str = "reason") -> StringField:  # noqa: A002, ANN401 - WTForms' own
    """Return the question why something is changed; `id` tells two on one page apart."""
    needed = validators or (DataRequired(),)
    return StringField(_l("为什么改"), validators=[*needed, Length(max=REASON_LONGEST)], id=id)


def words_of(members: Iterable[LabelledEnum]) -> list[tuple[str, str]]:
    """Return choices for a field: the stored value and the word."""
    return [(one.value, gettext(one.label)) for one in members]


class SignInForm(Form):
    """A name and a password, and where the person wanted to go."""

    username = StringField(_l("账号"), validators=[DataRequired(), Length(max=80)])
    password = PasswordField(_l("密码"), validators=[DataRequired(), Length(max=200)])
    next = HiddenField()
    held = HiddenField()


class PasswordForm(Form):
    """A change of one's own password."""

    current = PasswordField(_l("现在的密码"), validators=[DataRequired(), Length(max=200)])
    new = PasswordField(_l("新密码"), validators=[DataRequired(), Length(max=200)])
    again = PasswordField(_l("再输一次新密码"), validators=[DataRequired(), Length(max=200)])
    next = HiddenField()


class BeginForm(Form):
    """What the first administrator of an installation says."""

    tenant_name = StringField(_l("乡镇名称"), validators=[DataRequired(), Length(max=80)])
    name = StringField(_l("您的姓名"), validators=[DataRequired(), Length(max=40)])
    username = StringField(_l("账号"), validators=[DataRequired(), Length(2, 40), USERNAME])
    new = PasswordField(_l("密码"), validators=[DataRequired(), Length(max=200)])
    again = PasswordField(_l("再输一次密码"), validators=[DataRequired(), Length(max=200)])


class UserForm(Form):
    """What is written down of a person."""

    name = StringField(_l("姓名"), validators=[DataRequired(), Length(max=40)])
    username = StringField(_l("账号"), validators=[DataRequired(), Length(2, 40), USERNAME])
    post = StringField(_l("职务"), validators=[Optional(), Length(max=60)])
    email = StringField(_l("邮箱"), validators=[Optional(), Length(max=120), Email()])
    phone = StringField(_l("电话"), validators=[Optional(), Length(max=30), PHONE])

    def given(self) -> UserDraft:
        """Return what was typed, in the words of the service."""
        return UserDraft(
            username=self.username.data or "",
            name=(self.name.data or "").strip(),
            post=(self.post.data or "").strip(),
            email=(self.email.data or "").strip(),
            phone=(self.phone.data or "").strip(),
        )


class EditUserForm(UserForm):
    """What is written down of a person, changed, and why."""

    reason = reason_field()


class ReasonForm(Form):
    """A button that changes one thing, and why it does."""

    reason = reason_field()


class RoleForm(Form):
    """A role to be given, in a unit or for an enterprise."""

    role = SelectField(_l("岗位"), validators=[InputRequired()])
    unit_id = SelectField(_l("单位"), coerce=id_or_none, validators=[Optional()])
    enterprise = StringField(_l("企业名称"), validators=[Optional(), Length(max=120)])
    reason = reason_field(Optional(), id="role-reason")

    def offer(self, units: Iterable[OrgUnit]) -> None:
        """Offer the roles that people hold, and the units there are."""
        self.role.choices = [("", gettext("请选岗位")), *words_of(PEOPLE)]
        self.unit_id.choices = [("", gettext("不属于哪个单位")), *_named(units)]


class UnitForm(Form):
    """What is written down of a unit."""

    name = StringField(_l("名称"), validators=[DataRequired(), Length(max=80)])
    kind = SelectField(_l("类型"), validators=[InputRequired()])
    control = RadioField(_l("管理关系"), default=Control.TOWN.value, validators=[InputRequired()])
    in_charge_id = SelectField(_l("分管领导"), coerce=id_or_none, validators=[Optional()])
    sort_order = IntegerField(
        _l("排序"), default=0, validators=[InputRequired(), NumberRange(0, 9999)]
    )
    is_active = BooleanField(_l("在用"), default=True)

    def offer(self, leaders: Iterable[User]) -> None:
        """Offer the kinds there are, and the leaders who may be in charge."""
        self.kind.choices = [("", gettext("请选类型")), *words_of(UnitKind)]
        self.control.choices = words_of(Control)
        self.in_charge_id.choices = [("", gettext("没有")), *((u.id, u.name) for u in leaders)]

    def given(self) -> UnitDraft:
        """Return what was typed, in the words of the service."""
        return UnitDraft(
            name=(self.name.data or "").strip(),
            kind=UnitKind(self.kind.data),
            control=Control(self.control.data),
            in_charge_id=self.in_charge_id.data,
            sort_order=self.sort_order.data or 0,
            is_active=self.is_active.data,
        )


class EditUnitForm(UnitForm):
    """What is written down of a unit, changed, and why."""

    reason = reason_field()


class ClockField(IntegerField):
    """A time of day, kept as the whole number 830 and written 08:30."""

    widget = TimeInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 100:02}:{self.data % 100:02}"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read 08:30 as 830."""
        hours, _, minutes = (valuelist[0] if valuelist else "").strip().partition(":")
        try:
            self.data = int(hours) * 100 + int(minutes)
        except ValueError:
            self.data = None
            raise ValueError(gettext("时间不对，请按 08:30 的样子填写。")) from None


class ParametersForm(Form):
    """All parameters of a tenant, and why they are changed. Its fields are made below."""

    reason = TextAreaField(_l("为什么改"), validators=[DataRequired(), Length(max=REASON_LONGEST)])

    def given(self) -> dict[str, Any]:
        """Return the value of every parameter; what was chosen from a list, in its order."""
        return {
            one.name: self[one.name].chosen if "choices" in one.metadata else self[one.name].data
            for one in described()
        }


class OfficePhoneForm(Form):
    """The telephone of the office that enterprises are told."""

    phone = StringField(_l("营商办电话"), validators=[Length(max=25)])


class SomeField(SelectMultipleField):
    """Some of a fixed list, ticked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, offered: Sequence[tuple[str, str]], **more: Any) -> None:  # noqa: ANN401 - WTForms' own
        super().__init__(label, choices=[(code, _l(word)) for code, word in offered], **more)
        self._codes = [code for code, _word in offered]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was ticked, in the order of the list."""
        chosen = set(valuelist)
        known = [code for code in self._codes if code in chosen]
        self.data = [*known, *sorted(chosen - set(known))]

    @property
    def chosen(self) -> tuple[str, ...]:
        """What was ticked, as a parameter holds it."""
        return tuple(self.data or ())


_field: Field
for _one in described():
    _label = _l(_one.metadata["label"])
    if "choices" in _one.metadata:
        _field = SomeField(_label, _one.metadata["choices"])
    elif _one.name in HOURS:
        _field = ClockField(_label, validators=[InputRequired()])
    else:
        _bounds = NumberRange(_one.metadata["low"], _one.metadata["high"])
        _field = IntegerField(_label, validators=[InputRequired(), _bounds])
    setattr(ParametersForm, _one.name, _field)

#: The page of parameters, panel by panel.
GROUPS = (
    (
        N_("走访"),
        (
            "visit_per_month",
            "project_per_month",
            "village_per_week",
            "household_per_month",
            "late_entry_workdays",
            "counting_modes",
        ),
    ),
    (
        N_("服务企业家日"),
        ("service_day_of_month", "service_day_notice", "service_day_answer"),
    ),
    (
        N_("受理、交办和签收"),
        (
            "acceptance_workdays",
            "dispatch_workdays",
            "sign_workdays",
            "sign_urgent_hours",
            "sign_critical_hours",
            "contact_workdays",
            "contact_critical_hours",
            "return_window_workdays",
        ),
    ),
    (
        N_("办理期限"),
        (
            "limit_consult",
            "limit_simple",
            "limit_complex",
            "limit_hard",
            "interim_workdays",
            "interim_escalated_workdays",
            "co_unit_workdays",
            "escalation_workdays",
            "extension_lead_workdays",
            "extension_max_workdays",
        ),
    ),
    (
        N_("灯和督办"),
        (
            "yellow_short",
            "yellow_middle",
            "yellow_long",
            "blue_after",
            "orange_after",
            "red_after",
            "note_answer_workdays",
        ),
    ),
    (
        N_("审核、回访和重办"),
        (
            "review_workdays",
            "reply_return_workdays",
            "revisit_workdays",
            "revisit_attempts",
            "revisit_days",
            "rating_delay_workdays",
            "rating_again_days",
            "rating_repeats",
            "spot_check_percent",
            "max_round",
            "rework_workdays",
            "reopen_days",
        ),
    ),
    (N_("挂账"), ("suspension_days", "suspension_renewals", "resume_workdays")),
    (N_("工作时间"), HOURS),
    (N_("消息"), ("inbox_days",)),
    (N_("企业自己反映"), ("tell_per_place", "tell_per_phone", "tell_refused", "letter_days")),
    (N_("登录"), ("idle_minutes", "lock_failures", "lock_minutes")),
)
DEFAULTS = Parameters()


class UserFilterForm(Row):
    """What the list of people is narrowed to."""

    q = StringField(_l("姓名、账号或职务"), validators=[Optional(), Length(max=40)])
    role = SelectField(_l("岗位"), validators=[Optional()])
    unit = SelectField(_l("单位"), coerce=id_or_none, validators=[Optional()])
    state = SelectField(_l("状态"), validators=[Optional()])

    def __init__(self, args: MultiDict[str, str], units: Iterable[OrgUnit]) -> None:
        super().__init__(asked(args))
        self.role.choices = [("", gettext("所有岗位")), *words_of(PEOPLE)]
        self.unit.choices = [("", gettext("所有单位")), *_named(units)]
        self.state.choices = [
            ("", gettext("全部")),
            ("active", gettext("在用")),
            ("ended", gettext("停用")),
        ]

    def given(self) -> UserFilter:
        """Return the filter; what makes no sense narrows nothing."""
        good = self.validate()
        states = {"active": True, "ended": False}
        return UserFilter(
            text=(self.q.data or "").strip() if not self.q.errors else "",
            role=Role(self.role.data) if self.role.data and not self.role.errors else None,
            unit_id=self.unit.data if good or not self.unit.errors else None,
            active=states.get(self.state.data or ""),
        )


class AuditFilterForm(Row):
    """What the audit log is narrowed to."""

    since = DateField(_l("从哪天"), validators=[Optional()])
    until = DateField(_l("到哪天"), validators=[Optional()])
    person = StringField(_l("谁"), validators=[Optional(), Length(max=40)])
    action = SelectField(_l("做了什么"), validators=[Optional()])
    subject = SelectField(_l("对什么"), validators=[Optional()])
    subject_id = IntegerField(_l("编号"), validators=[Optional(), NumberRange(0, 2**31 - 1)])

    def __init__(self, args: MultiDict[str, str], actions: Iterable[str]) -> None:
        super().__init__(asked(args))
        listed = list(actions)
        chosen = args.get("action", "")[:64]
        if chosen and chosen not in listed:
            listed.append(chosen)
        self.action.choices = [("", gettext("全部")), *((a, gettext(a)) for a in listed if a)]
        self.subject.choices = [
            ("", gettext("全部")),
            *((code, gettext(word)) for code, word in SUBJECTS.items()),
        ]

    def given(self) -> AuditFilter:
        """Return the filter; ask `validate` first."""
        return AuditFilter(
            since=self.since.data,
            until=self.until.data,
            person=(self.person.data or "").strip(),
            action=self.action.data or "",
            subject=self.subject.data or "",
            subject_id=self.subject_id.data,
        )


def _named(units: Iterable[OrgUnit]) -> list[tuple[int, str]]:
    return [(one.id, one.name) for one in units]
