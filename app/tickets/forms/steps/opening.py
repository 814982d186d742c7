"""From the draft to the unit: T01 to T07, T11, T27, T28."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.tickets.forms import fields
from app.tickets.forms.steps.base import StepForm
from app.tickets.queries.choices import Need, Options
from app.tickets.service.guards.opening import TEXT_SHORTEST
from app.tickets.workflow import codes
from app.tickets.workflow.states import Complexity, Outcome, Urgency


class SubmitForm(StepForm):
    """T01: hand the draft in."""

    icon = "send"
    lead = _l("登记后给编号和查询码，营商办 1 个工作日内受理。登记后原话不能再改。")


class AcceptForm(StepForm):
    """T02: classify it."""

    needs = frozenset({Need.CATEGORIES, Need.SUBCATEGORIES})
    unmarked = frozenset({"subcategory_id"})
    icon = "check2-square"
    category_id = fields.pick(_l("类别"), checked=False)
    subcategory_id = fields.pick(
        _l("小类"), required=False, checked=False, about=_l("没有小类的类别不用选。")
    )
    urgency = fields.one_of(
        _l("紧急程度"), Urgency, about=_l("紧急：停产风险、停水停电停气。特急：人身安全。")
    )
    complexity = fields.one_of(_l("难易程度"), Complexity, about=_l("决定办理期限。"))
    duplicates_checked = fields.tick(_l("已核对，不是重复件"))
    comment = fields.words(_l("受理意见"), most=500)

    def offer(self, options: Options) -> None:
        """Take the categories; without a second level nothing is asked about it."""
        self.category_id.choices = fields.offered(options[Need.CATEGORIES])
        if options[Need.SUBCATEGORIES]:
            below = options[Need.SUBCATEGORIES]
            self.subcategory_id.choices = fields.grouped(below, _l("请选小类"))
            self.subcategory_id.render_kw = {"data-bh-groups": self.category_id.name}
        elif "subcategory_id" in self:
            del self.subcategory_id


class RejectForm(StepForm):
    """T03: say why, and where to go instead."""

    icon = "x-circle"
    consequence = _l("企业会收到不予受理的理由和正确的渠道。同意后这件就此结束，不计入收集数。")
    reason = fields.one_of(_l("不予受理的情形"), codes.RejectReason)
    comment = fields.words(_l("理由"), least=TEXT_SHORTEST)
    guidance = fields.words(
        _l("该走哪个渠道"), least=2, most=500, about=_l("写清单位、电话或办法，原样告诉企业。")
    )


class SupplementForm(StepForm):
    """T04: what is missing."""

    icon = "arrow-return-left"
    lead = _l("退给登记人补充；补齐再登记后，受理期限重新计算。")
    items = fields.words(_l("缺什么"), least=2, most=500, about=_l("一行写一样。"))


class MergeForm(StepForm):
    """T05: into which other ticket."""

    needs = frozenset({Need.TWINS})
    icon = "sign-merge-right"
    consequence = _l("这件不再单独办理，也不计数；企业以后看并入的那一件。")
    master_id = RadioField(
        _l("并入哪一件"),
        coerce=fields.id_of,
        choices=[],
        validators=[InputRequired()],
        validate_choice=False,
    )
    same_matter = fields.tick(_l("两件反映的是同一件事"))
    comment = fields.words(_l("说明"), most=500)

    def offer(self, options: Options) -> None:
        """Take the other tickets of the enterprise."""
        self.master_id.choices = fields.listed(options[Need.TWINS])


class OnSiteForm(StepForm):
    """T06: the answer that was given on the spot."""

    icon = "lightning-charge"
    lead = _l("直接转回访，没有办理期限，报表里单列为直办件。")
    outcome = fields.one_of(_l("办理结果"), Outcome)
    reply = fields.words(_l("答复内容"), least=TEXT_SHORTEST, about=_l("写给企业看。"))


class DispatchForm(StepForm):
    """T07: one lead unit, and those that help it."""

    needs = frozenset({Need.UNITS})
    icon = "send"
    lead_unit_id = fields.pick(_l("主办单位"), checked=False)
    co_unit_ids = fields.pick_some(_l("协办单位"), about=_l("协办单位要在期限内向主办单位交意见。"))
    comment = fields.words(_l("交办意见"), most=500)

    def offer(self, options: Options) -> None:
        """Take the units."""
        self.lead_unit_id.choices = fields.offered(options[Need.UNITS])
        self.co_unit_ids.choices = fields.listed(options[Need.UNITS])


class ReassignForm(DispatchForm):
    """T11: another lead unit, and why."""

    icon = "shuffle"
    lead = _l("改派后重新签收，各项期限重新计算；原来的记录都保留。")
    comment = fields.words(_l("改派的理由"), least=2)


class CancelForm(StepForm):
    """T27: it stops."""

    icon = "slash-circle"
    consequence = _l("撤销后不再办理，也不计数，不能恢复。企业仍要解决的，请不要撤销。")
    reason = fields.one_of(_l("撤销的原因"), codes.CancelReason)
    comment = fields.words(
        _l("说明"), least=2, about=_l("企业撤回的，写明谁、什么时候、怎么说的。")
    )


class DiscardForm(StepForm):
    """T28: a draft that never was."""

    icon = "trash"
    consequence = _l("草稿废弃后不能恢复，写过的内容不会登记。")
