"""Who looks after whom: begun, handed over and ended, with every stretch of time kept."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from app.accounts import queries as accounts_queries
from app.accounts import service as accounts
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises import policy, queries
from app.enterprises.models import Enterprise, KeyProject, Linkage, Tier

LEADERS = (Role.LEADER, Role.CHIEF)
LIAISONS = (Role.LIAISON,)
MOST_A_MONTH = 8


@dataclass(frozen=True, slots=True)
class LinkageDraft:
    """A leader and a liaison officer look after one enterprise or one project from a day on."""

    leader_id: int
    valid_from: date
    liaison_id: int | None = None
    enterprise_id: int | None = None
    project_id: int | None = None
    per_month: int = 1
    tier: Tier = Tier.GENERAL
    doc_no: str = ""


def start_linkage(draft: LinkageDraft, *, actor: Actor) -> Linkage:
    """Let somebody look after a target.

    Raises Invalid where somebody else does on any day from then on: one target has one
    leader at a time.
    """
    target = _target(draft, actor=actor)
    policy.require_link(actor, target)
    _check(draft, actor=actor)
    _refuse_overlap(draft)
    made = _made(draft, actor=actor)
    accounts.log(actor, N_("建立包联"), "linkage", made.id, after=_told(made))
    return made


def change_linkage(
    linkage: Linkage, draft: LinkageDraft, *, version: int | None = None, actor: Actor
) -> Linkage:
    """Hand a target over from a day on: the old stretch ends the day before, a new one begins.

    Returns the new one; raises Invalid where that day does not lie after the old one's first.
    """
    target = _target(draft, actor=actor)
    policy.require_link(actor, target)
    check_version(linkage.version, version)
    if linkage.target is not target:
        raise Invalid(N_("要调整的包联不属于“{name}”。"), name=target.called)
    if draft.valid_from <= linkage.valid_from:
        raise Invalid(
            N_("现在这一段从 {day} 开始，更换要从这天以后起。"),
            field="valid_from",
            day=linkage.valid_from,
        )
    if linkage.valid_to is not None and linkage.valid_to < clock.today():
        raise Invalid(N_("这一段包联已经结束，请重新安排。"))
    _check(draft, actor=actor)
    before = _told(linkage)
    last_day = draft.valid_from - timedelta(days=1)
    linkage.valid_to = min(linkage.valid_to or last_day, last_day)
    db.session.flush()  # the old one ends before the overlap of the new one is looked for
    _refuse_overlap(draft)
    made = _made(draft, actor=actor)
    accounts.log(
        actor,
        N_("更换包联"),
        "linkage",
        made.id,
        before=before | {"valid_to": linkage.valid_to, "linkage_id": linkage.id},
        after=_told(made),
    )
    return made


def end_linkage(
    linkage: Linkage,
    last_day: date,
    *,
    reason: str = "",
    version: int | None = None,
    actor: Actor,
) -> None:
    """End a linkage with a day; it stays as history."""
    policy.require_link(actor, linkage.target)
    check_version(linkage.version, version)
    if linkage.valid_to is not None and linkage.valid_to < clock.today():
        raise Invalid(N_("这一段包联已经结束，请重新安排。"))
    if last_day < linkage.valid_from:
        raise Invalid(
            N_("这一段从 {day} 开始，最后一天不能更早。"),
            field="last_day",
            day=linkage.valid_from,
        )
    before = _told(linkage)
    linkage.valid_to = last_day
    accounts.log(
        actor,
        N_("结束包联"),
        "linkage",
        linkage.id,
        before=before,
        after=_told(linkage),
        reason=reason,
    )


def _target(draft: LinkageDraft, *, actor: Actor) -> Enterprise | KeyProject:
    """Return the target, locked: two who link it at the same moment come one after the other."""
    if (draft.enterprise_id is None) == (draft.project_id is None):
        raise Invalid(N_("请选择一家企业或一个重点项目。"), field="enterprise_id")
    if draft.enterprise_id is not None:
        db.session.execute(
            select(Enterprise.id)
            .where(Enterprise.id == draft.enterprise_id)
            .with_for_update(key_share=True)
        )
        return queries.get(draft.enterprise_id, viewer=actor)
    db.session.execute(
        select(KeyProject.id)
        .where(KeyProject.id == draft.project_id)
        .with_for_update(key_share=True)
    )
    return queries.project(draft.project_id or 0, viewer=actor)


def _check(draft: LinkageDraft, *, actor: Actor) -> None:
    """Raise Invalid where a person does not hold the role, or the number is odd."""
    if not 1 <= draft.per_month <= MOST_A_MONTH:
        raise Invalid(N_("每月走访次数应在 1 到 {n} 之间。"), field="per_month", n=MOST_A_MONTH)
    leaders = accounts_queries.users_with_role(actor.tenant_id, LEADERS)
    if draft.leader_id not in {user.id for user in leaders}:
        raise Invalid(N_("请选择一位包联领导。"), field="leader_id")
    if draft.liaison_id is None:
        return
    liaisons = accounts_queries.users_with_role(actor.tenant_id, LIAISONS)
    if draft.liaison_id not in {user.id for user in liaisons}:
        raise Invalid(N_("请选择一位联络员。"), field="liaison_id")


def _refuse_overlap(draft: LinkageDraft) -> None:
    of_target = (
        Linkage.enterprise_id == draft.enterprise_id
        if draft.enterprise_id is not None
        else Linkage.project_id == draft.project_id
    )
    other: Linkage | None = db.session.scalar(
        select(Linkage)
        .where(of_target, policy.ever_held())
        .where(or_(Linkage.valid_to.is_(None), Linkage.valid_to >= draft.valid_from))
        .limit(1)
    )
    if other is not None:
        raise Invalid(
            N_("{leader}从 {day} 起的包联和这一段重叠，一个对象同时只有一位包联领导。"),
            field="valid_from",
            leader=other.leader.name,
            day=other.valid_from,
        )


def _made(draft: LinkageDraft, *, actor: Actor) -> Linkage:
    made = Linkage(
        tenant_id=actor.tenant_id,
        leader_id=draft.leader_id,
        liaison_id=draft.liaison_id,
        enterprise_id=draft.enterprise_id,
        project_id=draft.project_id,
        valid_from=draft.valid_from,
        per_month=draft.per_month,
        tier=draft.tier,
        doc_no=draft.doc_no,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    db.session.add(made)
    db.session.flush()  # gives the linkage the id that the audit log names
    return made


def _told(linkage: Linkage) -> dict[str, object]:
    return {
        "enterprise_id": linkage.enterprise_id,
        "project_id": linkage.project_id,
        "leader_id": linkage.leader_id,
        "liaison_id": linkage.liaison_id,
        "valid_from": linkage.valid_from,
        "valid_to": linkage.valid_to,
        "per_month": linkage.per_month,
        "tier": linkage.tier,
        "doc_no": linkage.doc_no,
    }
