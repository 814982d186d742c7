"""What people change about themselves."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from app.accounts import service as accounts
from app.accounts.models import Absence, User
from app.accounts.roles import Actor
from app.core import clock, links
from app.core.db import db
from app.core.errors import NotFound, check_version
from app.core.i18n import N_
from app.desk.queries.feed import CALENDAR
from app.notifications import service as outbox
from app.tickets import service as tickets

CALENDAR_LASTS = timedelta(days=3 * 365)
ABSENCE_RULE = "absence"
STANDS_IN = N_("{first} 到 {last}，请您代理{name}的工作")
RELEASED = N_("{name}已经回来，代理结束")


@dataclass(frozen=True, slots=True)
class Card:
    """What a person may change about themselves; the rest is the administrator's."""

    post: str = ""
    email: str = ""


def change_card(card: Card, *, version: int | None, actor: Actor) -> None:
    """Keep the actor's own post and address, where mail goes from now on."""
    user = _oneself(actor)
    check_version(user.version, version)
    before = Card(user.post, user.email)
    if before == card:
        return
    user.post, user.email = card.post, card.email
    accounts.log(
        actor, N_("修改本人资料"), "user", user.id, before=asdict(before), after=asdict(card)
    )


def note_absence(draft: accounts.AbsenceDraft, *, actor: Actor) -> None:
    """Write an absence down and tell the deputy; what begins today is handed over at once."""
    made = accounts.note_absence(draft, actor=actor)
    tickets.settle_person(made.user_id)
    _tell(made, STANDS_IN, "noted")


def end_absence(absence: Absence, *, reason: str, version: int | None, actor: Actor) -> None:
    """End an absence today, or call it off; what the deputy has goes back at once."""
    accounts.end_absence_now(absence, reason=reason, version=version, actor=actor)
    tickets.settle_person(absence.user_id)
    _tell(absence, RELEASED, "ended")


def give_calendar(*, actor: Actor) -> str:
    """Return the token of a new calendar address of the actor's; one before it is void."""
    user = _oneself(actor)
    found = links.good(tenant_id=user.tenant_id, purpose=CALENDAR, subject=_subject(user))
    if found is None:
        found = links.make(CALENDAR, _subject(user), tenant_id=user.tenant_id, lasts=CALENDAR_LASTS)
        token, action = links.token_of(found), N_("开通日历订阅")
    else:
        token, action = links.renew(found), N_("更换日历订阅地址")
        found.expires_at = clock.now() + CALENDAR_LASTS
    accounts.log(actor, action, "user", user.id)
    return token


def take_calendar(*, actor: Actor) -> None:
    """Let the actor's calendar address show nothing any more."""
    user = _oneself(actor)
    links.revoke(tenant_id=user.tenant_id, purpose=CALENDAR, subject=_subject(user))
    accounts.log(actor, N_("停止日历订阅"), "user", user.id)


def _oneself(actor: Actor) -> User:
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise NotFound(N_("没有找到您的账号。"))
    return user


def _subject(user: User) -> str:
    return f"user:{user.id}"


def _tell(absence: Absence, subject: str, what: str) -> None:
    """Tell the deputy."""
    outbox.tell(
        [absence.deputy_id],
        tenant_id=absence.tenant_id,
        rule=ABSENCE_RULE,
        period=f"{absence.id}:{what}",
        subject=subject,
        link="/settings/absences",
        context={
            "name": db.session.get_one(User, absence.user_id).name,
            "first": absence.from_on.isoformat(),
            "last": absence.to_on.isoformat(),
        },
    )
