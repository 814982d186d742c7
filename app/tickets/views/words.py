"""What the buttons of a ticket are called, and how its own words read."""

from app.core.i18n import N_
from app.tickets.workflow.states import Event, Note, Status

#: What somebody does who may do it alone.
VERBS: dict[str, str] = {
    Event.SUBMIT: N_("登记"),
    Event.ACCEPT: N_("受理"),
    Event.REQUEST_SUPPLEMENT: N_("退回补充"),
    Event.MERGE: N_("并单"),
    Event.CLOSE_ON_SITE: N_("现场办结"),
    Event.DISPATCH: N_("交办"),
    Event.SIGN: N_("签收"),
    Event.REASSIGN: N_("改派"),
    Event.FIRST_CONTACT: N_("登记首次联系"),
    Event.PROGRESS_NOTE: N_("写进展"),
    Event.RESUME: N_("重启办理"),
    Event.SUBMIT_REPLY: N_("提交答复"),
    Event.RETURN_REPLY: N_("退回修改"),
    Event.APPROVE_REPLY: N_("审核通过"),
    Event.REVISIT_CLOSE: N_("登记回访"),
    Event.REVISIT_REWORK: N_("登记回访"),
    Event.CLOSE_UNREACHABLE: N_("回访未果办结"),
    Event.ARCHIVE: N_("归档"),
    Event.CANCEL: N_("撤销"),
    Event.DISCARD: N_("废弃草稿"),
    Note.URGED: N_("催办"),
    Note.ASSIGNED: N_("指定承办人"),
    Note.CO_SUBMITTED: N_("交协办意见"),
    Note.CO_WAIVED: N_("免交协办意见"),
    Note.SUPERVISION_ANSWERED: N_("答复督办单"),
    Note.RENEWED: N_("挂账续期"),
    Note.ATTACHED: N_("添加附件"),
}
#: What somebody asks for that another person decides on.
ASKS: dict[str, str] = {
    Event.REJECT: N_("提出不予受理"),
    Event.APPROVE_RETURN: N_("申请退单"),
    Event.APPROVE_EXTENSION: N_("申请延期"),
    Event.ESCALATE: N_("提请提级办理"),
    Event.APPROVE_SUSPENSION: N_("申请挂账"),
    Event.SUBMIT_REPLY: N_("提交给负责人签发"),
    Event.REVISIT_REWORK: N_("提请提级重办"),
    Event.CLOSE_UNSATISFIED: N_("提请不满意认定"),
    Event.REOPEN: N_("提请重启"),
}
#: Whose move it is, to those who can only wait.
WAITING: dict[Status, str] = {
    Status.DRAFT: N_("等登记人补充后再登记"),
    Status.PENDING_ACCEPTANCE: N_("等营商办受理"),
    Status.PENDING_DISPATCH: N_("等营商办交办"),
    Status.PENDING_SIGN: N_("等%(unit)s签收"),
    Status.IN_PROGRESS: N_("%(unit)s正在办理"),
    Status.PENDING_REVIEW: N_("等营商办审核答复"),
    Status.PENDING_REVISIT: N_("等回访企业"),
    Status.SUSPENDED: N_("挂账，等条件具备"),
    Status.CLOSED: N_("已办结"),
    Status.ARCHIVED: N_("已归档"),
    Status.REJECTED: N_("没有受理"),
    Status.MERGED: N_("已并入另一件"),
    Status.CANCELLED: N_("已撤销"),
}
#: The one thing to do first, in the order of what cannot wait.
FIRST: dict[str, str] = {
    Event.SUBMIT: N_("写完后登记"),
    Event.ACCEPT: N_("先受理：定类别、紧急程度和难易"),
    Event.DISPATCH: N_("交办给承办单位"),
    Event.SIGN: N_("先签收"),
    Note.SUPERVISION_ANSWERED: N_("先答复督办单"),
    Event.FIRST_CONTACT: N_("先联系企业，再办理"),
    Note.CO_SUBMITTED: N_("交协办意见"),
    Event.SUBMIT_REPLY: N_("办好后提交答复"),
    Event.APPROVE_REPLY: N_("审核答复"),
    Event.REVISIT_CLOSE: N_("回访企业"),
    Event.REVISIT_REWORK: N_("提请提级重办，或提请不满意认定"),
    Event.RESUME: N_("复核挂账：重启，或者续期"),
}
ENDED = frozenset({Status.CLOSED, Status.ARCHIVED})
