"""Giving back on the same day what was handed over that day.

Nothing is wiped out: it is a handover of its own, the other way, of just what had moved, and the
first one is marked as undone. Who was told hears of it, or hears nothing of either.
"""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises import policy as enterprises_policy
from app.enterprises.models import Linkage
from app.tickets.queries.passing import Passing
from app.visits.models import Handover
from app.visits.queries import handover as found
from app.visits.queries.near import firm_of
from app.visits.service import announcing
from app.visits.service.handover import (
    PASSED,
    REASON_SHORTEST,
    SUBJECT,
    counted,
    hold,
    item_of,
    move,
    told_of,
)


def give_back_handover(
    handover: Handover, *, reason: str, version: int | None, actor: Actor
) -> Handover:
    """Let the giver have again what was carried out today; return the handover that does it.

    Raises Invalid after that day, and where something of it has moved on or changed since.
    """
    enterprises_policy.require_link(actor)
    check_version(handover.version, version)
    hold(handover.tenant_id)
    if not found.may_give_back(handover):
        raise Invalid(N_("只有当天生效的移交可以交回。要改回去，请再移交一次。"))
    if len(reason.strip()) < REASON_SHORTEST:
        raise Invalid(N_("请写明原因，例如：人选错了、日期写错了。"), field="reason")
    if not found.is_fit(handover.giver_id, handover.seat, tenant_id=handover.tenant_id):
        raise Invalid(N_("原来的同志已经停用，或者没有这个岗位了，不能交回。请移交给别人。"))
    links = _moved(handover)
    back = _mirrored(handover, links, reason.strip(), actor)
    passed = handover.result.get(PASSED, [])
    began = move(back, links, _passing(back, links), passed)
    back.carried_out_at = handover.cancelled_at = clock.now()
    handover.cancelled_by_id = actor.user_id
    db.session.flush()  # whoever is told reads how it is now
    after = told_of(back) | counted(back)
    accounts.log(
        actor,
        N_("当天交回移交"),
        SUBJECT,
        handover.id,
        before=told_of(handover),
        after=after,
        reason=back.reason,
    )
    announcing.silence(handover)
    announcing.carried_out(back, began)
    return back


def _moved(handover: Handover) -> Sequence[Linkage]:
    """Return the linkages that began with a handover; refuse where one is not the same any more."""
    ids = [item.new_linkage_id for item in handover.items if item.new_linkage_id is not None]
    links = db.session.scalars(
        select(Linkage).where(Linkage.id.in_(ids)).order_by(Linkage.id)
    ).all()
    for link in links:
        ended = link.valid_to is not None and link.valid_to < clock.today()
        if ended or link.holder_id(handover.seat) != handover.successor_id:
            raise Invalid(
                N_("“{target}”移交以后又有变动，不能整批交回。请再移交一次。"),
                target=link.target.called,
            )
    return links


def _mirrored(handover: Handover, links: Sequence[Linkage], reason: str, actor: Actor) -> Handover:
    back = Handover(
        tenant_id=handover.tenant_id,
        seat=handover.seat,
        giver_id=handover.successor_id,
        successor_id=handover.giver_id,
        from_on=clock.today(),
        is_whole=False,
        reason=reason,
        office_phone=handover.office_phone,
        noted_by_id=actor.user_id,
        noted_at=clock.now(),
        items=[item_of(link) for link in links],
    )
    db.session.add(back)
    db.session.flush()  # gives the handover the id that its messages name
    return back


def _passing(back: Handover, links: Sequence[Linkage]) -> Passing:
    """Return who gives which tickets; which ones those are was written down when they went."""
    firm_ids = {id_ for link in links if (id_ := firm_of(link)) is not None}
    return Passing(
        giver_id=back.giver_id,
        successor_id=back.successor_id,
        role=found.ROLE_OF[back.seat],
        firm_ids=frozenset(firm_ids),
    )
