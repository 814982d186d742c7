"""What a revisitor reads out, in a fixed order and in words that lead to no answer."""

from dataclasses import dataclass
from typing import Any

from app.accounts.roles import Actor
from app.core import locale
from app.core.locale import spoken as _
from app.core.locale import translated
from app.notifications.models import MessageState
from app.tickets.models import Revisit, SpotCall, Ticket
from app.tickets.views import people
from app.tickets.workflow import codes
from app.tickets.workflow.states import Solved


@dataclass(frozen=True, slots=True)
class Script:
    """The words of a call: what is said first, the answer, the questions, the end."""

    opening: str
    reply: str
    questions: tuple[str, ...]
    closing: str


def script(ticket: Ticket, viewer: Actor, township: str, *, again: bool = False) -> Script:
    """Return the words for the enterprise of one ticket; its answer is read out as it stands.

    Who is asked `again` is told so, and that it may say something else.
    """
    return Script(
        opening=_opening(ticket, viewer, township, again=again),
        reply=ticket.reply_text or "",
        questions=(
            _("这个问题现在是%(choices)s？", choices=_listed([one.label for one in Solved])),
            _("您对办理结果是%(choices)s？", choices=_scale()),
            _("您对办事人员的态度是%(choices)s？", choices=_scale()),
            _("办理期间，承办单位有没有人与您联系过？"),
            _("还有什么要说的吗？请照您的意思说，我照着记。"),
            _("请问您怎么称呼，在企业做什么？"),
        ),
        closing=_("谢谢您。以后想起什么，随时打营商办的电话。"),
    )


def _opening(ticket: Ticket, viewer: Actor, township: str, *, again: bool) -> str:
    names = {"township": township, "name": viewer.name, "title": ticket.title}
    if again:
        return _(
            "您好，我是%(township)s营商办的%(name)s。您反映的“%(title)s”办得怎么样，已经问过您一次；"
            "我们随机抽一些再问一遍，抽到了您家。您怎么说都可以，和上次不一样也没关系；"
            "您的原话和打的分，承办单位看不到。",
            **names,
        )
    return _(
        "您好，我是%(township)s营商办的%(name)s。您反映的“%(title)s”已经答复，"
        "想请您说说办得怎么样。您怎么说都可以；您的原话和打的分，承办单位看不到。",
        **names,
    )


def _scale() -> str:
    return _listed([one.label for one in reversed(codes.Score)])


def _listed(labels: list[str]) -> str:
    words = [translated(label) for label in labels]
    return str(_("%(some)s，还是%(last)s", some=_("、").join(words[:-1]), last=words[-1]))


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt or answer as a page tells it."""

    title: str
    facts: str
    words: str


def call(row: Revisit | SpotCall, who: str) -> Call:
    """Return what is shown of one call, and that somebody wrote it down for the enterprise."""
    return Call(title=_outcome(row), facts=" · ".join(_facts(row, who)), words=row.words)


def _outcome(row: Revisit | SpotCall) -> str:
    if row.reached:
        return translated(row.solved.label) if row.solved else _("联系上了")
    if _is_request(row):
        return _requested(row)
    return translated(row.missed.label) if row.missed else _("没有联系上")


def _requested(row: Revisit | SpotCall) -> str:
    """Return how far a letter has come that asks for a rating."""
    letter = row.letter if isinstance(row, Revisit) else None
    if letter is None or letter.state is MessageState.SENT:
        return _("请企业评价，等它回答")
    if letter.state is MessageState.QUEUED:
        return _("请企业评价，还没有发出")
    return _("请企业评价的信没有送到")


def _is_request(row: Revisit | SpotCall) -> bool:
    """Tell whether the timetable sent a link, and nobody called."""
    return row.by_id is None and not row.reached


def _facts(row: Revisit | SpotCall, who: str) -> list[str]:
    told = [_recorded(row, who)]
    if row.said_by:
        told.append(_("%(name)s%(post)s回答", name=row.said_by, post=row.said_by_post))
    if row.result_score:
        told.append(_("结果 %(n)s 分", n=row.result_score))
    if row.attitude_score:
        told.append(_("态度 %(n)s 分", n=row.attitude_score))
    if row.contacted is not None:
        told.append(_("承办单位联系过") if row.contacted else _("承办单位没有联系过"))
    return [*told, *reasons(row.reasons)]


def reasons(kept: list[str] | None) -> list[str]:
    """Return the words of the reasons that were chosen."""
    known = {one.value: one.label for one in codes.Discontent}
    return [translated(known[code]) for code in kept or () if code in known]


def _recorded(row: Revisit | SpotCall, who: str) -> str:
    """Return by whom, when and how it was written down; the enterprise itself needs nobody."""
    from_ = {"at": locale.moment(row.at), "how": translated(row.channel.label)}
    if _is_request(row):
        return str(_("系统发送，%(at)s，%(how)s", **from_))
    if row.by_id is None:
        return str(_("企业自己填写，%(at)s，%(how)s", **from_))
    return str(_("代录：%(who)s，%(at)s，%(how)s", who=who, **from_))


def beside(ticket: Ticket, viewer: Any, *, reveal: bool = False) -> dict[str, Any]:  # noqa: ANN401 - who is signed in, whose class is for the edges to know
    """Return what the form of a revisit shows beside it: the words, the attempts, the number."""
    tries = [one for one in ticket.revisits if one.round == ticket.round]
    return {
        "script": script(ticket, viewer, viewer.tenant_name),
        "tries": [call(one, one.by.name if one.by else "") for one in reversed(tries)],
        "contact": people.contact(ticket, reveal=reveal),
    }
