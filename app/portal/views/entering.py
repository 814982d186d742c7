"""Who may look at a ticket without an account: by the link of a letter, or by number and code.

Number and code, and a link that changed something, give an entry in the browser's signed
session: for one ticket, for half an hour. It is no login. Its page has no number in its address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request, session

from app.core import clock, links
from app.core.links import PublicLink, Standing
from app.core.locale import spoken as _
from app.portal.queries import following
from app.tickets.service import FOLLOW

HERE = "t"  # in the place of a token: who was let in before
ENTRY = "following"
LASTS = timedelta(minutes=30)
REPLAYED = timedelta(minutes=10)  # within which a second click is the first one once more


@dataclass(frozen=True, slots=True)
class Entry:
    """One ticket that somebody may look at, and the link with which they came, if by one."""

    token: str
    ticket_id: int
    link: PublicLink | None = None

    @property
    def serial(self) -> int:
        """Of which token the link was."""
        return int(self.token.split("-")[1]) if self.link is not None else 0


@dataclass(frozen=True, slots=True)
class Shut:
    """Why nothing is opened: a heading and a sentence; `tenant_id` where a link was ours."""

    heading: str
    sentence: str
    status: int
    tenant_id: int | None = None


def enter(token: str) -> Entry | Shut:
    """Return what a token opens, or the session where there is none."""
    if token == HERE:
        return _entered()
    found = links.find(token, FOLLOW)
    if found is None:
        return Shut(
            _("没有找到这件事"), _("请核对链接是否完整，最好直接点邮件或短信里的链接。"), 404
        )
    if found.is_good:
        return Entry(token, found.link.subject_id, found.link)
    heading, sentence = _why(found.standing)
    return Shut(heading, sentence, 410, found.link.tenant_id)


def let_in(ticket_id: int) -> None:
    """Let this browser look at one ticket for half an hour."""
    until = clock.machine_now() + LASTS
    session[ENTRY] = {
        "ticket": ticket_id,
        "until": until.isoformat(),
        "mark": following.mark_of(ticket_id),  # a new query code ends it
    }


def let_out() -> None:
    """Let this browser look no longer."""
    session.pop(ENTRY, None)


def was_sent_before(token: str) -> bool:
    """Tell whether the form at hand was carried out just now with this very link.

    A second click comes with the token that the first one used up: it is led where the first
    one was. Who finds the old address later has no key of a form that was just sent.
    """
    found = links.find(token, FOLLOW)
    if found is None or found.standing is not Standing.USED:
        return False
    since = clock.machine_now() - REPLAYED
    key = request.form.get("idempotency_key", "")
    if not following.was_done(key, since=since):
        return False
    let_in(found.link.subject_id)
    return True


def _entered() -> Entry | Shut:
    held = session.get(ENTRY)
    if isinstance(held, dict) and _is_fresh(str(held.get("until", ""))):
        ticket_id = int(held["ticket"])
        if following.mark_of(ticket_id) == held.get("mark"):
            return Entry(HERE, ticket_id)
    let_out()
    return Shut("", _("看的时间到了，请再输一次编号和查询码。"), 303)


def _is_fresh(until: str) -> bool:
    try:
        return datetime.fromisoformat(until) > clock.machine_now()
    except ValueError:
        return False


def _again() -> str:
    return _("凭工单编号和查询码可以进入；号码不在手边，请打电话给营商办，我们重新发。")


def _why(standing: Standing) -> tuple[str, str]:
    """Return why a link of ours opens nothing any more: a heading, and how to go on."""
    if standing is Standing.USED:
        return (
            _("这个链接换新了"),
            _("您上次补充或撤回以后，链接就换了新的，请用最新的那一个。") + _again(),
        )
    if standing is Standing.REVOKED:
        return _("这个链接不能用了"), _("营商办已把它作废。") + _again()
    return _("这个链接过期了"), _again()
