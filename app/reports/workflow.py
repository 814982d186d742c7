"""The words of the leaders' loop: what is sent, and what is asked of whom.

Source: the office's product table (a leader reads a mail, opens one link, writes one instruction),
the transition table (C2.3) and the ladder of supervision (C2.5).
"""

from app.accounts.roles import Role
from app.core.enums import LabelledEnum
from app.core.i18n import N_

#: Whose decision or word is asked for, in the order in which a person with several is asked.
READERS = (Role.CHIEF, Role.OFFICE_DIRECTOR, Role.LEADER)
#: Who writes directives 批示.
DIRECTORS = frozenset({Role.CHIEF, Role.LEADER})


class Rule(LabelledEnum):
    """A digest, by the code of its rule."""

    WEEKLY = "weekly", N_("每周要定的")
    MONTHLY = "monthly-leaders", N_("每月要定的")


class Ask(LabelledEnum):
    """What is asked of the reader; in the order of the page, and no item is asked twice."""

    DECIDE = "decide", N_("等您决定")
    MOVE = "move", N_("要您办理")
    NOTE = "note", N_("督办单还没有答复")
    LIFTED = "lifted", N_("提级由您牵头")
    UNANSWERED = "unanswered", N_("批示过期还没有答复")
    OVERDUE = "overdue", N_("超期没有办结")
    VISIT = "visit", N_("走访逾期没有登记")


class Why(LabelledEnum):
    """Why a ticket is asked about, where its kind alone does not say it."""

    DISPATCH = "dispatch", N_("疑难件或者垂管单位的，由您交办")
    MEETING = "meeting", N_("退了两次，要会商定责")
    FIND = "find", N_("企业不认可，轮次已满，要您提请提级或者认定")
    REVIEW = "review", N_("挂账快到复核日，要您复核")
    REASSIGN = "reassign", N_("还没有承办单位，要您改派")
    LIFT = "lift", N_("红色督办单没有答复，建议提请提级")
    LIFTED = "lifted", N_("提级办理，由您牵头")
    OVERDUE = "overdue", N_("超期没有办结，请您过问")
