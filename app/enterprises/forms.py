"""What people type about enterprises, key projects and linkages."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional

from app.core import clock
from app.core.enums import LabelledEnum
from app.core.errors import Invalid
from app.core.forms import Form, Row
from app.core.i18n import N_
from app.core.locale import said
from app.enterprises.models import Operation, OrgType, Scale, Tier
from app.enterprises.queries import EnterpriseFilter, ProjectFilter
from app.enterprises.service import (
    ContactDraft,
    EnterpriseDraft,
    LinkageDraft,
    ProjectDraft,
    YearDraft,
    code_doubt,
    plain_code,
)

MOST_WAN = 999_999_999
MOST_YI = 99_999
MOST_PEOPLE = 999_999
SIZES = (N_("大"), N_("中"), N_("小"), N_("微"))
CHECK_CODE = N_("%(doubt)s请对照营业执照；确认没有抄错的话，勾选“代码核对无误”再保存。")

Choices = Iterable[tuple[Any, str]]


def stripped(typed: str | None) -> str:
    """Return what was typed without the space around it."""
    return (typed or "").strip()


def id_or_none(value: Any) -> int | None:  # noqa: ANN401 - whatever a select field holds
    """Return the id that was chosen, or None where nothing was."""
    return int(value) if value not in {None, "", "None"} else None


def _labels(kind: type[LabelledEnum]) -> list[tuple[str, Any]]:
    return [(member.value, _l(member.label)) for member in kind]


def _text(label: Any, most: int, *validators: Any, **options: Any) -> StringField:  # noqa: ANN401 - handed on to WTForms
    needed = validators or (Optional(),)
    return StringField(label, validators=[*needed, Length(max=most)], filters=[stripped], **options)


def _amount(label: Any, most: int = MOST_WAN) -> DecimalField:  # noqa: ANN401 - a lazy text
    return DecimalField(label, places=2, validators=[Optional(), NumberRange(min=0, max=most)])


def _typed(form: Form, draft: type) -> dict[str, Any]:
    """Return what a form holds of the fields of a draft; its amounts as plain numbers."""
    found = {f.name: form[f.name].data for f in fields(draft) if f.name in form}
    return {k: float(v) if isinstance(v, Decimal) else v for k, v in found.items()}


class EnterpriseForm(Form):
    """The file of an enterprise."""

    name = _text(_l("企业名称"), 120, DataRequired())
    short_name = _text(_l("简称"), 40)
    uscc = _text(_l("统一社会信用代码"), 24)
    uscc_confirmed = BooleanField(_l("代码核对无误"))
    org_type = RadioField(
        _l("类型"), choices=_labels(OrgType), coerce=OrgType, default=OrgType.COMPANY
    )
    tier = RadioField(_l("包联等级"), choices=_labels(Tier), coerce=Tier, default=Tier.GENERAL)
    operation = SelectField(
        _l("经营状态"), choices=_labels(Operation), coerce=Operation, default=Operation.RUNNING
    )
    village_id = SelectField(_l("所在村（社区）"), coerce=id_or_none)
    address = _text(_l("地址"), 200)
    park = _text(_l("园区"), 80)
    longitude = DecimalField(
        _l("经度"), places=6, validators=[Optional(), NumberRange(min=-180, max=180)]
    )
    latitude = DecimalField(
        _l("纬度"), places=6, validators=[Optional(), NumberRange(min=-90, max=90)]
    )
    legal_rep = _text(_l("法定代表人"), 40)
    established_on = DateField(_l("成立日期"), validators=[Optional()])
    registered_capital_wan = _amount(_l("注册资本（万元）"))
    registration_type = _text(_l("登记注册类型代码"), 3)
    industry_code = _text(_l("行业代码"), 4)
    industry = _text(_l("行业"), 80)
    scale = SelectField(
        _l("规模（四上）"), choices=_labels(Scale), coerce=Scale, default=Scale.BELOW
    )
    near_scale = BooleanField(_l("临规企业，接近入库标准"))
    size_class = SelectField(
        _l("企业规模"),
        choices=[("", _l("没有填")), *((size, _l(size)) for size in SIZES)],
        default="",
    )
    qualifications = _text(_l("资质荣誉"), 200)
    main_products = _text(_l("主要产品"), 200)
    notes = TextAreaField(_l("备注"), validators=[Optional(), Length(max=2000)], filters=[stripped])
    figures_confidential = BooleanField(_l("年度数据保密，只给营商办和主要负责同志看"))
    quiet = BooleanField(_l("企业说不用发问题进度的邮件和短信"))

    def offer(self, villages: Choices) -> None:
        """Say which villages may be chosen."""
        self.village_id.choices = [("", gettext("没有填")), *villages]

    def validate_uscc(self, field: Field) -> None:
        """Warn of a code that looks wrong, until somebody ticks that it is right."""
        doubt = code_doubt(field.data)
        if doubt and not self.uscc_confirmed.data:
            sentence = said(Invalid(doubt, n=len(plain_code(field.data))))
            raise ValidationError(gettext(CHECK_CODE, doubt=sentence))

    def given(self) -> EnterpriseDraft:
        """Return what was typed, in the words of the service."""
        return EnterpriseDraft(**_typed(self, EnterpriseDraft))


class ContactForm(Form):
    """A person to call."""

    name = _text(_l("姓名"), 40, DataRequired())
    post = _text(_l("职务"), 60)
    phone = _text(_l("电话"), 30)
    email = _text(_l("邮箱"), 120, Optional(), Email())
    is_primary = BooleanField(_l("首选联系人，有事先找这一位"))

    def given(self) -> ContactDraft:
        """Return what was typed, in the words of the service."""
        return ContactDraft(**_typed(self, ContactDraft))


class RemovalForm(Form):
    """The question whether somebody is to be taken out of the file."""


class YearForm(Form):
    """The figures of one year."""

    year = IntegerField(_l("年份"), validators=[InputRequired(), NumberRange(min=1949, max=2100)])
    revenue_wan = _amount(_l("营业收入（万元）"))
    output_wan = _amount(_l("产值（万元）"))
    tax_wan = _amount(_l("税收（万元）"))
    employees = IntegerField(
        _l("从业人员（人）"), validators=[Optional(), NumberRange(min=0, max=MOST_PEOPLE)]
    )
    fixed_investment_wan = _amount(_l("固定资产投资（万元）"))
    power_kwh = _amount(_l("用电量（千瓦时）"))
    source = _text(_l("数据来源"), 80)

    def given(self) -> YearDraft:
        """Return what was typed, in the words of the service."""
        return YearDraft(**_typed(self, YearDraft))


class ProjectForm(Form):
    """The file of a key project."""

    name = _text(_l("项目名称"), 120, DataRequired())
    stage = _text(_l("进度"), 40)
    investment_yi = _amount(_l("总投资（亿元）"), MOST_YI)
    address = _text(_l("地址"), 200)
    enterprise_id = SelectField(_l("建设企业"), coerce=id_or_none)
    is_active = BooleanField(_l("还在推进；完工或取消后去掉"), default=True)

    def offer(self, enterprises: Choices) -> None:
        """Say which enterprises may be chosen."""
        self.enterprise_id.choices = [("", gettext("没有填")), *enterprises]

    def given(self) -> ProjectDraft:
        """Return what was typed, in the words of the service."""
        return ProjectDraft(**_typed(self, ProjectDraft))


class LinkageForm(Form):
    """Who looks after a target, from which day on."""

    leader_id = SelectField(_l("包联领导"), coerce=id_or_none, validators=[InputRequired()])
    liaison_id = SelectField(_l("联络员"), coerce=id_or_none)
    valid_from = DateField(_l("从哪一天起"), validators=[InputRequired()], default=clock.today)
    per_month = IntegerField(
        _l("每月走访次数"), validators=[InputRequired(), NumberRange(min=1, max=8)], default=1
    )
    tier = RadioField(_l("包联等级"), choices=_labels(Tier), coerce=Tier, default=Tier.GENERAL)
    doc_no = _text(_l("依据文号"), 60)

    def offer(self, leaders: Choices, liaisons: Choices) -> None:
        """Say which people may be chosen."""
        self.leader_id.choices = [("", gettext("请选择")), *leaders]
        self.liaison_id.choices = [("", gettext("没有填")), *liaisons]

    def given(
        self, *, enterprise_id: int | None = None, project_id: int | None = None
    ) -> LinkageDraft:
        """Return what was typed, in the words of the service."""
        typed = _typed(self, LinkageDraft)
        return LinkageDraft(**typed, enterprise_id=enterprise_id, project_id=project_id)


class EndForm(Form):
    """With which day a linkage ends."""

    last_day = DateField(_l("最后一天"), validators=[InputRequired()], default=clock.today)
    reason = _text(_l("原因"), 200)

    @property
    def day(self) -> date:
        """The day that was chosen; there is one once the form is valid."""
        return self.last_day.data or clock.today()


class FilterForm(Row):
    """What the list of enterprises is narrowed to. What makes no sense asks nothing."""

    q = StringField(_l("名称、拼音首字母或信用代码"), filters=[stripped])
    kind = StringField(filters=[stripped])
    tier = SelectField(_l("包联等级"), coerce=str)
    village = SelectField(_l("村（社区）"), coerce=id_or_none)
    scale = SelectField(_l("规模"), coerce=str)
    operation = SelectField(_l("经营状态"), coerce=str)
    leader = SelectField(_l("包联领导"), coerce=id_or_none)
    liaison = SelectField(_l("联络员"), coerce=id_or_none)
    sort = StringField(filters=[stripped])

    def offer(self, *, villages: Choices, leaders: Choices, liaisons: Choices) -> None:
        """Say what may be chosen."""
        self.tier.choices = [("", gettext("全部等级")), *_labels(Tier)]
        self.scale.choices = [("", gettext("全部规模")), *_labels(Scale)]
        self.operation.choices = [("", gettext("全部状态")), *_labels(Operation)]
        self.village.choices = [("", gettext("全部村（社区）")), *villages]
        self.leader.choices = [("", gettext("全部包联领导")), *leaders]
        self.liaison.choices = [("", gettext("全部联络员")), *liaisons]

    def asked(self) -> EnterpriseFilter:
        """Return what was asked, in the words of the query."""
        self.validate()
        said = {f.short_name: None if f.errors else f.data or None for f in self}
        sort = said["sort"] or ""
        return EnterpriseFilter(
            text=said["q"] or "",
            tier=Tier.KEY if said["kind"] == "key" else said["tier"] and Tier(said["tier"]),
            village_id=said["village"],
            scale=said["scale"] and Scale(said["scale"]),
            operation=said["operation"] and Operation(said["operation"]),
            leader_id=said["leader"],
            liaison_id=said["liaison"],
            above_scale=said["kind"] == "above",
            near_scale=said["kind"] == "near",
            not_running=said["kind"] == "stopped",
            unlinked=said["kind"] == "unlinked",
            sort=sort.removeprefix("-"),
            downwards=sort.startswith("-"),
        )


class ProjectFilterForm(Row):
    """What the list of key projects is narrowed to."""

    q = StringField(_l("项目名称"), filters=[stripped])
    ended = StringField(filters=[stripped])

    def asked(self) -> ProjectFilter:
        """Return what was asked, in the words of the query."""
        return ProjectFilter(text=self.q.data or "", ended=self.ended.data == "1")
