"""Reasons that a step must name. Source: the guards of the office's transition table, C2.3."""

from app.core.enums import LabelledEnum
from app.core.i18n import N_


class RejectReason(LabelledEnum):
    """Why a problem is not accepted (T03)."""

    SECRET = "secret", N_("涉密")
    LITIGATION = "litigation", N_("诉讼、仲裁、复议")
    PETITION = "petition", N_("已进入信访渠道")
    DISCIPLINE = "discipline", N_("纪检监察")
    DISCLOSURE = "disclosure", N_("政府信息公开")
    OUTSIDE = "outside", N_("非本辖区或非涉企")
    EMPTY = "empty", N_("无实质内容")


class ReturnReplyReason(LabelledEnum):
    """Why a reply is sent back in review (T19)."""

    OFF_THE_POINT = "off_the_point", N_("答非所问")
    NO_BASIS = "no_basis", N_("依据不足")
    FORM = "form", N_("格式不合要求")
    NOT_CONTACTED = "not_contacted", N_("未联系企业")


class SuspensionCause(LabelledEnum):
    """What a suspended ticket waits for (T16)."""

    POLICY = "policy", N_("上级政策")
    PLANNING = "planning", N_("规划")
    FUNDS = "funds", N_("资金")
    APPROVAL = "approval", N_("上级审批")
    THIRD_PARTY = "third_party", N_("第三方")
    LITIGATION = "litigation", N_("涉诉待决")


class EscalationReason(LabelledEnum):
    """Why a ticket is lifted (T15)."""

    TWO_ROUNDS = "two_rounds", N_("两轮办理未办结")
    CROSS = "cross", N_("跨部门、跨层级或历史遗留")
    ASKED = "asked", N_("承办单位负责人书面申请")
    RED_UNANSWERED = "red_unanswered", N_("红色督办单未答复")


class EscalationLevel(LabelledEnum):
    """Who takes a lifted ticket."""

    IN_CHARGE = "1", N_("分管领导")
    LEADING_GROUP = "2", N_("领导小组")
    COUNTY = "3", N_("上报县（区）")


class UnsatisfiedFinding(LabelledEnum):
    """Why a ticket ends although the enterprise is not satisfied (T23)."""

    BEYOND_POLICY = "beyond_policy", N_("诉求超出政策规定")
    CONDITIONS = "conditions", N_("客观条件不具备")
    UNREASONABLE = "unreasonable", N_("诉求不合理")


class ResumeReason(LabelledEnum):
    """Why a suspended ticket goes on (T17)."""

    CONDITION_MET = "condition_met", N_("挂账条件已具备")
    REVIEW_DUE = "review_due", N_("到复核日未续期")


class CancelReason(LabelledEnum):
    """Why a ticket is cancelled (T27)."""

    WITHDRAWN = "withdrawn", N_("企业撤回")
    WRONG_ENTRY = "wrong_entry", N_("误登记")


class ContactChannel(LabelledEnum):
    """How an enterprise was reached."""

    PHONE = "phone", N_("电话")
    ON_SITE = "on_site", N_("上门")
    ONLINE = "online", N_("线上")
    LINK = "link", N_("短信或链接")


class Score(LabelledEnum):
    """The five-step scale of satisfaction."""

    VERY_BAD = "1", N_("非常不满意")
    BAD = "2", N_("不满意")
    FAIR = "3", N_("基本满意")
    GOOD = "4", N_("满意")
    VERY_GOOD = "5", N_("非常满意")


class Missed(LabelledEnum):
    """Why an enterprise that was called gave no answers."""

    NO_ANSWER = "no_answer", N_("没有人接，或者不在")
    WRONG_NUMBER = "wrong_number", N_("号码不对")
    REFUSED = "refused", N_("不愿意回答")
    LATER = "later", N_("请改天再问")
    OTHER = "other", N_("别的原因")


class Discontent(LabelledEnum):
    """What an enterprise that is not content says is wrong."""

    NOT_SOLVED = "not_solved", N_("问题没有解决")
    SLOW = "slow", N_("办得慢")
    UNCLEAR = "unclear", N_("没有说清楚")
    NO_CONTACT = "no_contact", N_("没有人来联系")
    MANNER = "manner", N_("态度不好")
    PROMISE = "promise", N_("答应的没有做到")
    OTHER = "other", N_("别的原因")
