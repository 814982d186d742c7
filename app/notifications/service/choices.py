"""How a person is reminded: the few switches that the rules allow (C3.3).

The inbox can never be off. Mail can be switched off of rules that only repeat what one's own
list says; of all others it is a duty to be told.
"""

from dataclasses import dataclass, field

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import Invalid, NotFound, Stale, check_version
from app.core.i18n import N_
from app.notifications import queries
from app.notifications.models import ReminderChoice
from app.notifications.wordings import WORDINGS


@dataclass(frozen=True, slots=True)
class ChoiceDraft:
    """What a person wants: text messages besides, and no mail of which rules."""

    by_sms: bool = False
    off: frozenset[str] = field(default_factory=frozenset)


def set_choices(draft: ChoiceDraft, *, version: int | None, actor: Actor) -> None:
    """Keep how the actor wants to be reminded from now on.

    Raises Invalid for a rule that nobody may do without, and for text messages without a number.
    """
    person = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if person is None:
        raise NotFound(N_("没有找到您的账号。"))
    held = queries.choice_of(person.id)
    check_version(held.version if held else 0, version)
    _check(draft, person)
    before = _told(ChoiceDraft(held.by_sms, frozenset(held.off)) if held else ChoiceDraft())
    after = _told(draft)
    if before == after:
        return
    _keep(held, draft, person)
    was, became = accounts.changes(before, after)
    accounts.log(actor, N_("修改提醒方式"), "user", person.id, before=was, after=became)


def _check(draft: ChoiceDraft, person: User) -> None:
    for rule in sorted(draft.off):
        if rule not in WORDINGS or not WORDINGS[rule].may_be_off:
            raise Invalid(N_("这种提醒关不掉：它是分给您的职责。"), field="mail")
    if draft.by_sms and not person.phone:
        raise Invalid(N_("没有登记您的手机号，请系统管理员先填上。"), field="by_sms")


def _keep(held: ReminderChoice | None, draft: ChoiceDraft, person: User) -> None:
    if held is not None:
        held.by_sms, held.off, held.changed_at = draft.by_sms, sorted(draft.off), clock.now()
        return
    made = db.session.execute(
        inserting(ReminderChoice)
        .values(
            tenant_id=person.tenant_id,
            user_id=person.id,
            by_sms=draft.by_sms,
            off=sorted(draft.off),
            changed_at=clock.now(),
            version=1,
        )
        .on_conflict_do_nothing(index_elements=["user_id"])
        .returning(ReminderChoice.id)
    ).first()
    if made is None:
        raise Stale(N_("刚才有人改过这条记录，请对照最新内容后再提交。"))


def _told(draft: ChoiceDraft) -> dict[str, object]:
    """Return the choices as the log tells of them."""
    return {
        "by_sms": draft.by_sms,
        "off": [WORDINGS[rule].label for rule in sorted(draft.off) if rule in WORDINGS],
    }
