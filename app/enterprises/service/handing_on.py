"""One seat of a linkage goes to another person, and everything else stays as it was."""

from datetime import date, timedelta

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.i18n import N_
from app.enterprises import policy
from app.enterprises.models import Enterprise, KeyProject, Linkage, Seat

DAY = timedelta(days=1)


def hand_on(
    linkage: Linkage, seat: Seat, successor_id: int, *, from_on: date, reason: str, actor: Actor
) -> Linkage:
    """Let `successor_id` have a seat from a day on: the old stretch ends the day before.

    Returns the stretch that continues it, with the same tier, number of visits, document and last
    day. What would begin only later begins then, under the new people, and as it was never held.
    Whether the successor may have the seat is for the caller to ask.
    """
    _hold(linkage)
    if actor.role is not Role.SYSTEM:
        policy.require_link(actor, linkage.target)
    if linkage.valid_to is not None and linkage.valid_to < max(from_on, linkage.valid_from):
        raise Invalid(N_("“{name}”这一段包联到那天已经结束。"), name=linkage.target.called)
    made = Linkage(
        tenant_id=linkage.tenant_id,
        leader_id=successor_id if seat is Seat.LEADER else linkage.leader_id,
        liaison_id=successor_id if seat is Seat.LIAISON else linkage.liaison_id,
        enterprise_id=linkage.enterprise_id,
        project_id=linkage.project_id,
        valid_from=max(from_on, linkage.valid_from),
        valid_to=linkage.valid_to,
        per_month=linkage.per_month,
        tier=linkage.tier,
        doc_no=linkage.doc_no,
        origin_id=linkage.root_id,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    before = {"linkage_id": linkage.id, "holder": linkage.holder_id(seat)}
    linkage.valid_to = from_on - DAY
    db.session.add(made)
    db.session.flush()  # gives the new stretch the id that the audit log names
    told = {"seat": seat, "holder": successor_id, "valid_from": made.valid_from}
    accounts.log(
        actor, N_("移交包联"), "linkage", made.id, before=before, after=told, reason=reason
    )
    return made


def _hold(linkage: Linkage) -> None:
    """Let nobody else link the target until this is over, and read the linkage anew."""
    is_firm = linkage.enterprise_id is not None
    kind = Enterprise if is_firm else KeyProject
    target_id = linkage.enterprise_id if is_firm else linkage.project_id
    db.session.execute(select(kind.id).where(kind.id == target_id).with_for_update(key_share=True))
    db.session.refresh(linkage)
