"""Where a ticket stands, what can happen to it, and the codes that describe it.

Source: the office's ticket rules, C2.1 (states), C2.2 (levels), C5.3 (sources).
"""

from app.core.enums import LabelledEnum
from app.core.i18n import N_


class Status(LabelledEnum):
    """Whose move it is."""

    DRAFT = "draft", N_("草稿")
    PENDING_ACCEPTANCE = "pending_acceptance", N_("待受理")
    PENDING_DISPATCH = "pending_dispatch", N_("待交办")
    PENDING_SIGN = "pending_sign", N_("待签收")
    IN_PROGRESS = "in_progress", N_("办理中")
    PENDING_REVIEW = "pending_review", N_("待审核")
    PENDING_REVISIT = "pending_revisit", N_("待回访")
    SUSPENDED = "suspended", N_("挂账")
    CLOSED = "closed", N_("已办结")
    ARCHIVED = "archived", N_("已归档")
    REJECTED = "rejected", N_("不予受理")
    MERGED = "merged", N_("已并单")
    CANCELLED = "cancelled", N_("已撤销")


TERMINAL = frozenset({Status.ARCHIVED, Status.REJECTED, Status.MERGED, Status.CANCELLED})
#: Somebody still has a move to make.
OPEN = frozenset(Status) - TERMINAL - {Status.DRAFT, Status.CLOSED}
#: The handling clock runs; only here is a light green, yellow or red.
RUNNING = frozenset({Status.PENDING_SIGN, Status.IN_PROGRESS})
#: Not counted among the problems collected: a ticket not yet accepted, or never.
UNCOUNTED = frozenset(
    {Status.DRAFT, Status.PENDING_ACCEPTANCE, Status.REJECTED, Status.MERGED, Status.CANCELLED}
)
#: How far round the loop of seven steps each state is.
RING = {
    Status.DRAFT: 0,
    Status.PENDING_ACCEPTANCE: 1,
    Status.PENDING_DISPATCH: 2,
    Status.PENDING_SIGN: 3,
    Status.IN_PROGRESS: 4,
    Status.SUSPENDED: 4,
    Status.PENDING_REVIEW: 5,
    Status.PENDING_REVISIT: 6,
    Status.CLOSED: 7,
    Status.ARCHIVED: 7,
    Status.REJECTED: 1,
    Status.MERGED: 1,
    Status.CANCELLED: 1,
}


class Event(LabelledEnum):
    """What moves a ticket; the rows of the table."""

    SUBMIT = "submit", N_("登记")
    ACCEPT = "accept", N_("受理")
    REJECT = "reject", N_("不予受理")
    REQUEST_SUPPLEMENT = "request_supplement", N_("退回补充")
    MERGE = "merge", N_("并单")
    CLOSE_ON_SITE = "close_on_site", N_("现场办结")
    DISPATCH = "dispatch", N_("交办")
    SIGN = "sign", N_("签收")
    AUTO_SIGN = "auto_sign", N_("超时自动签收")
    APPROVE_RETURN = "approve_return", N_("退单")
    REASSIGN = "reassign", N_("改派")
    FIRST_CONTACT = "first_contact", N_("先行联系")
    PROGRESS_NOTE = "progress_note", N_("办理进展")
    APPROVE_EXTENSION = "approve_extension", N_("延期")
    ESCALATE = "escalate", N_("提级办理")
    APPROVE_SUSPENSION = "approve_suspension", N_("挂账")
    RESUME = "resume", N_("重启办理")
    SUBMIT_REPLY = "submit_reply", N_("提交答复")
    RETURN_REPLY = "return_reply", N_("审核退回")
    APPROVE_REPLY = "approve_reply", N_("审核通过")
    REVISIT_CLOSE = "revisit_close", N_("回访办结")
    REVISIT_REWORK = "revisit_rework", N_("重办")
    CLOSE_UNSATISFIED = "close_unsatisfied", N_("不满意认定办结")
    CLOSE_UNREACHABLE = "close_unreachable", N_("回访未果办结")
    REOPEN = "reopen", N_("重启")
    ARCHIVE = "archive", N_("归档")
    CANCEL = "cancel", N_("撤销")
    DISCARD = "discard", N_("废弃草稿")


class Note(LabelledEnum):
    """What is told in a ticket's history without moving it."""

    DRAFTED = "drafted", N_("起草")
    EDITED = "edited", N_("修改草稿")
    PROPOSED = "proposed", N_("提出")
    REVIEWED = "reviewed", N_("审核同意，报批")
    REFUSED = "refused", N_("不同意")
    WITHDRAWN = "withdrawn", N_("撤回")
    LAPSED = "lapsed", N_("自动失效")
    RENEWED = "renewed", N_("挂账续期")
    ATTEMPT = "attempt", N_("回访未联系上")
    RATING_ASKED = "rating_asked", N_("请企业评价")
    REVISITED = "revisited", N_("回访结果")
    CO_OPENED = "co_opened", N_("转协办")
    CO_SUBMITTED = "co_submitted", N_("协办意见")
    CO_WAIVED = "co_waived", N_("免协办")
    ASSIGNED = "assigned", N_("指定承办人")
    URGED = "urged", N_("催办")
    OVERDUE_NOTICE = "overdue_notice", N_("催办通知")
    SUPERVISED = "supervised", N_("督办")
    SUPERVISION_ANSWERED = "supervision_answered", N_("督办答复")
    TOOK_IN = "took_in", N_("并入一件")
    ATTACHED = "attached", N_("添加附件")
    FILE_SHOWN = "file_shown", N_("附件给企业看")
    FILE_HIDDEN = "file_hidden", N_("附件不再给企业看")
    DUE_RECOMPUTED = "due_recomputed", N_("期限重算")
    CO_ACCEPTED = "co_accepted", N_("采纳协办意见")
    CO_RETURNED = "co_returned", N_("退回协办意见")
    CO_ASSIGNED = "co_assigned", N_("指定协办承办人")
    HANDED_OVER = "handed_over", N_("移交承办人")
    COVERED = "covered", N_("由代理人接办")
    UNCOVERED = "uncovered", N_("代理结束，交还承办人")
    VACATED = "vacated", N_("承办人已不在岗，等重新指定")
    SPLIT = "split", N_("分办")
    SPLIT_OFF = "split_off", N_("由分办而来")
    PARTS_ENDED = "parts_ended", N_("分出的都办完了，可以回访")
    PART_OPEN = "part_open", N_("分出的一件重启，回访等它办完")
    MEETING = "meeting", N_("会商定责")
    DIRECTED = "directed", N_("领导批示")
    DIRECTIVE_ANSWERED = "directive_answered", N_("批示答复")
    GROUPED = "grouped", N_("归入共性问题")
    UNGROUPED = "ungrouped", N_("移出共性问题")
    COMMENTED = "commented", N_("内部备注")
    MADE_CONFIDENTIAL = "made_confidential", N_("设为限知件")
    MADE_OPEN = "made_open", N_("解除限知")
    READER_ADDED = "reader_added", N_("增加知情人")
    READER_ENDED = "reader_ended", N_("移出知情人")
    PASSED_ON = "passed_on", N_("更换联系人")
    SUPPLEMENTED = "supplemented", N_("企业补充")
    WITHDRAWAL_ASKED = "withdrawal_asked", N_("企业要求撤回")
    WITHDRAWAL_DROPPED = "withdrawal_dropped", N_("企业不撤回了")
    RECHECKED = "rechecked", N_("走访时再问")


class Urgency(LabelledEnum):
    """How soon the unit must sign and call."""

    NORMAL = "normal", N_("一般")
    URGENT = "urgent", N_("紧急")
    CRITICAL = "critical", N_("特急")


class Complexity(LabelledEnum):
    """Which handling limit applies."""

    CONSULT = "consult", N_("咨询")
    SIMPLE = "simple", N_("一般（C类）")
    COMPLEX = "complex", N_("复杂（B类）")
    HARD = "hard", N_("疑难（A类）")


class Source(LabelledEnum):
    """The channel on which a problem was heard."""

    VISIT = "visit", N_("走访")
    SERVICE_DAY = "service_day", N_("企业家接待日")
    CAMPAIGN = "campaign", N_("专项活动")
    SELF_SERVICE = "self_service", N_("企业自助")
    PHONE = "phone", N_("电话")
    HOTLINE = "hotline", N_("12345转办")
    PROVINCE = "province", N_("省为企服务平台转办")
    SUPERIOR = "superior", N_("上级交办")
    DIRECTIVE = "directive", N_("领导批示")
    DEPARTMENT = "department", N_("部门转办")
    CONGRESS = "congress", N_("人大代表建议")
    OTHER = "other", N_("其他")


class Outcome(LabelledEnum):
    """What a reply says came of it."""

    RESOLVED = "resolved", N_("已解决")
    PARTIAL = "partial", N_("部分解决")
    EXPLAINED = "explained", N_("解释说明")
    REFERRED_UP = "referred_up", N_("已转上级")


class Solved(LabelledEnum):
    """What the enterprise says in the revisit."""

    YES = "yes", N_("已解决")
    PARTIAL = "partial", N_("部分解决")
    NO = "no", N_("未解决")


class Closing(LabelledEnum):
    """How a ticket came to be closed."""

    REVISITED = "revisited", N_("回访确认")
    UNSATISFIED = "unsatisfied", N_("不满意认定")
    UNREACHABLE = "unreachable", N_("回访未果")


class Clock(LabelledEnum):
    """A deadline that a ticket can have."""

    ACCEPTANCE = "acceptance", N_("受理")
    DISPATCH = "dispatch", N_("交办")
    SIGN = "sign", N_("签收")
    CONTACT = "contact", N_("首次联系")
    HANDLE = "handle", N_("办理")
    INTERIM = "interim", N_("阶段性答复")
    REVIEW = "review", N_("审核")
    REVISIT = "revisit", N_("回访")
    CO_TASK = "co_task", N_("协办意见")
    REWORK = "rework", N_("重办")
    SUSPENSION = "suspension", N_("挂账复核")
    SUPERVISION = "supervision", N_("督办答复")
    DIRECTIVE = "directive", N_("批示答复")


class DueReason(LabelledEnum):
    """Why a deadline was set or moved."""

    STARTED = "started", N_("开始计时")
    EXTERNAL = "external", N_("上级来件期限更早")
    REASSIGNED = "reassigned", N_("改派后重新计时")
    EXTENDED = "extended", N_("延期")
    ESCALATED = "escalated", N_("提级办理")
    RESUMED = "resumed", N_("挂账重启")
    RENEWED = "renewed", N_("挂账续期")
    REPLY_RETURNED = "reply_returned", N_("答复退回")
    REWORK = "rework", N_("重办")
    REOPENED = "reopened", N_("办结后重启")
    VOID = "void", N_("退单，原期限作废")
    CO_RETURNED = "co_returned", N_("退回协办意见，重新计时")
    PARTS = "parts", N_("等分出的各件办完")
    PAUSED = "paused", N_("暂停的时间补回")
    CALENDAR = "calendar_update", N_("节假日安排公布")


class NoteLevel(LabelledEnum):
    """The colour of a supervision note."""

    BLUE = "blue", N_("蓝色督办")
    ORANGE = "orange", N_("橙色督办")
    RED = "red", N_("红色督办")
