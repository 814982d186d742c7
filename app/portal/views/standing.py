"""Where a problem stands, in the plain words that enterprises read. No word of the offices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.core import clock, locale
from app.core.i18n import N_
from app.core.locale import spoken as _
from app.core.pieces import Stage
from app.portal.queries.following import Followed, Happened
from app.tickets.models import Ticket
from app.tickets.service import may_supplement, may_withdraw, waits_for_firm
from app.tickets.workflow.states import Event, Note, Status


@dataclass(frozen=True, slots=True)
class Standing:
    """Where it stands: a heading, until when what happens, and a sentence or two."""

    heading: str
    until: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: what, when, and the words that were meant for the enterprise."""

    title: str
    at: str
    said: str
    more: str


def standing(found: Followed) -> Standing:
    """Return where a problem stands; what was merged stands where the other one does."""
    ticket = found.ticket
    if found.asked_to_withdraw and ticket.status not in _SAID_ENDED and may_withdraw(ticket):
        return Standing(
            _("您要求撤回，营商办正在办"), "", _("撤好了会告诉您。改主意了，在下面点“不撤回了”。")
        )
    return _OF[ticket.status](found)


def _draft(found: Followed) -> Standing:
    asked = found.last(Event.REQUEST_SUPPLEMENT)
    items = _bare(asked.more.get("items", "")) if asked else ""
    return Standing(
        _("等您补充"),
        _("轮到您了"),
        _("还差：%(items)s。在下面写上或传上来，就接着办。", items=items),
    )


def _bare(words: object) -> str:
    """Return words without the full stop that the sentence around them has."""
    return str(words).strip().rstrip("。.；;")


def _received(found: Followed) -> Standing:
    due = found.ticket.acceptance_due_at
    return Standing(
        _("收到了，正在看归谁办"),
        _("最迟 %(due)s告诉您受理不受理", due=locale.moment(due)) if due else "",
        _("现在是营商办在办。"),
    )


def _accepted(found: Followed) -> Standing:
    due = found.ticket.dispatch_due_at
    return Standing(
        _("受理了，正在交给承办单位"),
        _("最迟 %(due)s交出去", due=locale.moment(due)) if due else "",
        _("现在是营商办在办。交出去以后，承办单位会联系您。"),
    )


def _handled(found: Followed) -> Standing:
    ticket = found.ticket
    heading = _("正在重新办") if ticket.is_rework else _("正在为您办理")
    return Standing(heading, _until(ticket), _who(ticket))


def _until(ticket: Ticket) -> str:
    if ticket.due_at is None:
        return ""
    due = locale.moment(ticket.due_at)
    if ticket.due_at < clock.now():
        return _("原来答应 %(due)s答复，已经过了，我们在催", due=due)
    return _("最迟 %(due)s答复您", due=due)


def _who(ticket: Ticket) -> str:
    """Return who is on it; where only a few may know of it, no more than that somebody is."""
    after = _("答复后会请您评价，您说解决了才算办结。")
    if ticket.confidential or ticket.lead_unit is None:
        return _("已经有专人在办。") + after
    unit = ticket.lead_unit.name
    name = ticket.handler.name if ticket.handler else ""
    if ticket.first_contact_at is None:
        return _("%(unit)s%(name)s在办，会联系您。", unit=unit, name=name) + after
    day = locale.day(ticket.first_contact_at)
    return _("%(unit)s%(name)s在办，%(day)s联系过您。", unit=unit, name=name, day=day) + after


def _reviewed(found: Followed) -> Standing:
    del found
    return Standing(_("办好了，正在核对答复"), "", _("营商办核对以后就告诉您结果，再请您评价。"))


def _your_word(found: Followed) -> Standing:
    due = found.ticket.revisit_due_at
    calls = due and due > clock.now()
    if not found.rate_token:  # it is asked in the hours for letters, some days later if so set
        return Standing(
            _("有答复了，接下来请您评价"),
            _("最迟 %(due)s我们打电话问您", due=locale.moment(due)) if calls else "",
            _("评价的按钮会在这一页上出现，链接也发给您。您说解决了才算办结。"),
        )
    return Standing(
        _("有答复了，请您评价"),
        _("轮到您了；最迟 %(due)s我们打电话问您", due=locale.moment(due))
        if calls
        else _("轮到您了"),
        _("您说解决了才算办结；没解决，我们接着办。"),
    )


def _suspended(found: Followed) -> Standing:
    day = found.ticket.next_review_on
    return Standing(
        _("现在的条件还办不了，先挂着"),
        _("最迟 %(day)s再看一次能不能办", day=locale.day(day)) if day else "",
        _("没有忘：条件一到就接着办，到时告诉您。"),
    )


def _closed(found: Followed) -> Standing:
    last = _last_day(found)
    again = (
        _("事情又出来了，%(day)s以前打电话给营商办，接着办。", day=locale.day(last)) if last else ""
    )
    return Standing(_("办结了"), "", again or _("谢谢您。"))


def _last_day(found: Followed) -> date | None:
    """Return the last day on which it can be taken up again."""
    if found.ticket.closed_at is None:
        return None
    days = found.tenant.parameters.reopen_days
    return clock.local(found.ticket.closed_at + timedelta(days=days)).date()


def _archived(found: Followed) -> Standing:
    del found
    return Standing(
        _("办结了"), "", _("已经归档。事情又出来了，请重新告诉我们，会和这一件连起来看。")
    )


def _rejected(found: Followed) -> Standing:
    told = found.last(Event.REJECT)
    guidance = _bare(told.more.get("guidance", "")) if told else ""
    return Standing(
        _("这件事不归我们受理"),
        "",
        _("该走的渠道：%(guidance)s。", guidance=guidance) if guidance else "",
    )


def _merged(found: Followed) -> Standing:
    master = found.master
    if master is None:
        return Standing(_("和您的另一件并在一起办"), "", _("请看那一件；编号问营商办。"))
    whole = Followed(master, found.tenant)
    there = _OF[master.status](whole) if master.status is not Status.MERGED else None
    return Standing(
        _("和您的另一件并在一起办"),
        there.until if there else "",
        _("并到 %(number)s 一起办。", number=master.number)
        + (_("那一件现在：%(where)s。", where=there.heading) if there else ""),
    )


def _cancelled(found: Followed) -> Standing:
    del found
    return Standing(_("撤销了，不再办理"), "", _("还需要办的话，请重新告诉我们，或者打电话。"))


_OF: Mapping[Status, Callable[[Followed], Standing]] = {
    Status.DRAFT: _draft,
    Status.PENDING_ACCEPTANCE: _received,
    Status.PENDING_DISPATCH: _accepted,
    Status.PENDING_SIGN: _handled,
    Status.IN_PROGRESS: _handled,
    Status.PENDING_REVIEW: _reviewed,
    Status.PENDING_REVISIT: _your_word,
    Status.SUSPENDED: _suspended,
    Status.CLOSED: _closed,
    Status.ARCHIVED: _archived,
    Status.REJECTED: _rejected,
    Status.MERGED: _merged,
    Status.CANCELLED: _cancelled,
}
_SAID_ENDED = frozenset({Status.DRAFT})
#: How far each state is among the six steps that enterprises read.
_PLACE = {
    Status.DRAFT: 0,
    Status.PENDING_ACCEPTANCE: 0,
    Status.PENDING_DISPATCH: 1,
    Status.PENDING_SIGN: 2,
    Status.IN_PROGRESS: 3,
    Status.SUSPENDED: 3,
    Status.PENDING_REVIEW: 4,
    Status.PENDING_REVISIT: 5,
    Status.CLOSED: 6,
    Status.ARCHIVED: 6,
}


def stages(found: Followed) -> list[Stage]:
    """Return the six steps with their days; nothing of what ended on the way."""
    ticket = found.ticket
    here = _PLACE.get(ticket.status)
    if here is None:
        return []
    if ticket.status is Status.IN_PROGRESS and ticket.first_contact_at is None:
        here = 2
    labels = (
        (_("收到您说的"), ticket.submitted_at),
        (_("交给承办单位"), ticket.dispatched_at),
        (_("联系您"), ticket.first_contact_at),
        (_("着手办理"), ticket.reply_submitted_at),
        (_("核对和答复"), found.answered_at),
        (_("请您评价"), ticket.closed_at),
    )
    return [
        Stage(
            label,
            locale.day(at) if at and place < here else "",
            "done" if place < here else ("now" if place == here else ""),
        )
        for place, (label, at) in enumerate(labels)
    ]


#: What is told of each step, in plain words.
TITLES: Mapping[str, str] = {
    Event.SUBMIT: N_("收到了您反映的问题"),
    Event.ACCEPT: N_("受理了"),
    Event.REJECT: N_("不归我们受理"),
    Event.REQUEST_SUPPLEMENT: N_("请您补充"),
    Event.MERGE: N_("和另一件并在一起办"),
    Event.CLOSE_ON_SITE: N_("当场答复了您"),
    Event.DISPATCH: N_("交给承办单位"),
    Event.REASSIGN: N_("换了承办单位"),
    Event.SIGN: N_("承办单位接手了"),
    Event.AUTO_SIGN: N_("承办单位接手了"),
    Event.FIRST_CONTACT: N_("承办单位联系了您"),
    Event.PROGRESS_NOTE: N_("办理进展"),
    Event.APPROVE_EXTENSION: N_("还要多一些时间"),
    Event.ESCALATE: N_("请领导牵头办"),
    Event.APPROVE_SUSPENSION: N_("条件还不够，先挂着"),
    Event.RESUME: N_("接着办了"),
    Event.APPROVE_REPLY: N_("答复了您"),
    Event.REVISIT_CLOSE: N_("您确认以后办结了"),
    Event.REVISIT_REWORK: N_("您说没有办好，重新办"),
    Event.CLOSE_UNSATISFIED: N_("按规定办结了"),
    Event.CLOSE_UNREACHABLE: N_("几次没有联系上您，先办结了"),
    Event.REOPEN: N_("按您说的，又接着办了"),
    Event.ARCHIVE: N_("归档了"),
    Event.CANCEL: N_("撤销了"),
    Event.DISCARD: N_("按您说的撤回了"),
    Note.SUPPLEMENTED: N_("您补充了"),
    Note.WITHDRAWAL_ASKED: N_("您要求撤回"),
    Note.WITHDRAWAL_DROPPED: N_("您说不撤回了"),
}


def lines(found: Followed) -> list[Line]:
    """Return what happened, the newest first."""
    return [_line(one) for one in reversed(found.happened)]


def _line(one: Happened) -> Line:
    return Line(
        title=locale.translated(TITLES[one.kind]),
        at=locale.moment(one.at),
        said=one.words,
        more=_more(one),
    )


def _more(one: Happened) -> str:
    """Return the particulars that were meant for the enterprise."""
    more = one.more
    if one.kind == Event.REJECT and more.get("guidance"):
        return _("该走的渠道：%(guidance)s。", guidance=_bare(more["guidance"]))
    if one.kind == Event.REQUEST_SUPPLEMENT and more.get("items"):
        return _("还差：%(items)s", items=_bare(more["items"]))
    if one.kind == Event.APPROVE_EXTENSION and more.get("new_due_on"):
        return _("延到 %(day)s", day=locale.day(date.fromisoformat(str(more["new_due_on"]))))
    if one.kind == Note.SUPPLEMENTED and more.get("names"):
        return _("附件：%(names)s", names=_("、").join(more["names"]))
    return ""


def past_changing(ticket: Ticket) -> str:
    """Return what to do where nothing can be added or taken back any more; empty where it can."""
    if waits_for_firm(ticket) or may_withdraw(ticket):
        return ""
    if may_supplement(ticket):
        return _("答复已经写好，不能撤回了。结果不合适，请在评价时说，或者打电话。")
    return _("这件事已经结束，不能再补充或撤回。有新的情况，请打电话给营商办。")
