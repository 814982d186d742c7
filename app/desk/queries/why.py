"""Why a ticket is on somebody's worklist, and what comes next at the unit."""

from typing import Any

from sqlalchemy import Row as Line

from app.core.i18n import N_
from app.desk.queries.parts import Words
from app.tickets.models import called
from app.tickets.models.ticket import REWORK_ROUND
from app.tickets.workflow.states import RUNNING, Complexity, Event, Status, Urgency

ACCEPT = N_("{source} · {name}")
SUGGESTED = N_("{category} · 目录建议：{unit}")
HARD = N_("{category} · 疑难件，由营商办主任交办")
SENT = N_("营商办 {at} 交办")
SENT_URGENT = N_("{urgency}件，营商办 {at} 交办，签收后马上联系企业")
NOT_CONTACTED = N_("还没有联系企业，最迟 {at}")
INTERIM = N_("到写阶段性答复的时候了")
CO_OWED = N_("还有 {n} 个协办单位没有交意见")
REWORK = N_("第 {n} 轮重办，企业没有认可上一次的办理")
HANDLING = N_("已联系企业，办完提交答复")
REPLIED = N_("{unit} {at} 提交答复")
REVISIT = N_("答复已审核通过，问企业解决没有")
AGAIN = N_("第 {n} 次回访；{at} 没有联系上")
SAID_NO = N_("企业没有认可，已经办了 {n} 轮：提请提级重办，或提请不满意认定")
SUSPENDED = N_("挂账，看条件具备没有")
RETURNED = N_("营商办退回补充，补好后再登记一次")
DRAFT = N_("草稿，登记后营商办才看得到")
ASKING = N_("等回访，看企业怎么说")
WITH_NOTE = N_("{unit} · {level}单还没有答复")
WITH_ASKED = N_("{unit} · 提出了{event}，等决定")
WITHOUT_CONTACT = N_("{unit} · 还没有联系企业")
WITH_CO = N_("{unit} · 还有 {n} 个协办单位没有交意见")
CONTACTED = N_("{unit} · 已联系企业")
WITH_UNIT = N_("{unit} · 还没有签收")
OFFICE = N_("轮到营商办")
WITH_LIAISON = N_("等{name}回访")


def own(line: Line[Any]) -> Words:
    """Return why a ticket waits for the viewer."""
    return _OWN.get(line.status, _plain)(line)


def watched(line: Line[Any]) -> Words:
    """Return where a ticket hangs that the viewer keeps an eye on."""
    if line.status not in RUNNING:
        return _resting(line)
    told = {"unit": line.unit or "", "level": line.note, "event": line.asked, "n": line.owed}
    hanging = (
        (line.note is not None, WITH_NOTE),
        (line.asked is not None, WITH_ASKED),
        (line.status is Status.PENDING_SIGN, WITH_UNIT),
        (line.first_contact_at is None, WITHOUT_CONTACT),
        (bool(line.owed), WITH_CO),
    )
    return Words(next((text for holds, text in hanging if holds), CONTACTED), told)


def next_of_unit(line: Line[Any]) -> tuple[str, str]:
    """Return the verb and the step that the unit takes next."""
    if line.first_contact_at is None:
        return N_("登记联系"), Event.FIRST_CONTACT.value
    interim = line.interim_due_at is not None and line.move_due_at == line.interim_due_at
    if line.owed or interim:
        return N_("写进展"), Event.PROGRESS_NOTE.value
    return N_("提交答复"), Event.SUBMIT_REPLY.value


def _resting(line: Line[Any]) -> Words:
    """Return who holds a ticket that no unit works on."""
    if line.status is Status.SUSPENDED:
        return Words(SUSPENDED)
    if line.status is Status.PENDING_REVISIT:
        return Words(WITH_LIAISON, {"name": line.liaison}) if line.liaison else Words(ASKING)
    return Words(OFFICE)


def _accept(line: Line[Any]) -> Words:
    if not line.submitter:
        return Words("{source}", {"source": line.source})
    return Words(ACCEPT, {"source": line.source, "name": line.submitter})


def _dispatch(line: Line[Any]) -> Words:
    category = called(line.category, line.category_en)
    if line.complexity is Complexity.HARD:
        return Words(HARD, {"category": category})
    if line.suggested:
        return Words(SUGGESTED, {"category": category, "unit": line.suggested})
    return Words("{category}", {"category": category})


def _sign(line: Line[Any]) -> Words:
    if line.urgency is Urgency.NORMAL:
        return Words(SENT, {"at": line.dispatched_at})
    return Words(SENT_URGENT, {"urgency": line.urgency, "at": line.dispatched_at})


def _handle(line: Line[Any]) -> Words:
    if line.first_contact_at is None:
        return Words(NOT_CONTACTED, {"at": line.contact_due_at})
    if line.interim_due_at is not None and line.move_due_at == line.interim_due_at:
        return Words(INTERIM)
    if line.owed:
        return Words(CO_OWED, {"n": line.owed})
    if line.round >= REWORK_ROUND:
        return Words(REWORK, {"n": line.round})
    return Words(HANDLING)


def _review(line: Line[Any]) -> Words:
    return Words(REPLIED, {"unit": line.unit or "", "at": line.reply_submitted_at})


def _revisit(line: Line[Any]) -> Words:
    if line.heard:
        return Words(SAID_NO, {"n": line.round})
    if line.attempts:
        return Words(AGAIN, {"n": line.attempts + 1, "at": line.attempt_at})
    return Words(REVISIT)


def _suspended(_line: Line[Any]) -> Words:
    return Words(SUSPENDED)


def _draft(line: Line[Any]) -> Words:
    return Words(RETURNED) if line.number else Words(DRAFT)


def _plain(line: Line[Any]) -> Words:
    return Words("{status}", {"status": line.status})


_OWN = {
    Status.DRAFT: _draft,
    Status.PENDING_ACCEPTANCE: _accept,
    Status.PENDING_DISPATCH: _dispatch,
    Status.PENDING_SIGN: _sign,
    Status.IN_PROGRESS: _handle,
    Status.PENDING_REVIEW: _review,
    Status.PENDING_REVISIT: _revisit,
    Status.SUSPENDED: _suspended,
}
