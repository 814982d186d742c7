"""Campaigns, and what came of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Function, case, func, select

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.tickets.queries.figures import is_solved
from app.tickets.workflow.states import UNCOUNTED
from app.visits import policy
from app.visits.models import Campaign, Visit, VisitOutcome

STILL_OFFERED = timedelta(days=45)  # a late entry may belong to a campaign that is over
MOST = 200  # campaigns that a page shows


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """What came of a campaign: visits made, firms reached, problems collected and solved."""

    visits: int = 0
    firms: int = 0
    collected: int = 0
    solved: int = 0


def campaign(campaign_id: int, *, viewer: Actor) -> Campaign:
    """Return one campaign of the viewer's township, or raise NotFound."""
    policy.require_reading(viewer)
    found = db.session.get(Campaign, campaign_id)
    if found is None or found.tenant_id != viewer.tenant_id:
        raise NotFound(N_("没有找到这个专项活动。"))
    return found


def campaigns(*, viewer: Actor) -> Sequence[Campaign]:
    """Return the campaigns of the viewer's township, the latest first."""
    policy.require_reading(viewer)
    return db.session.scalars(
        select(Campaign)
        .where(Campaign.tenant_id == viewer.tenant_id)
        .order_by(Campaign.is_active.desc(), Campaign.from_on.desc(), Campaign.id.desc())
        .limit(MOST)
    ).all()


def campaigns_to_choose(*, viewer: Actor) -> Sequence[Campaign]:
    """Return the campaigns to which a visit of these weeks may be counted."""
    today = clock.today()
    return db.session.scalars(
        select(Campaign)
        .where(Campaign.tenant_id == viewer.tenant_id, Campaign.is_active)
        .where(Campaign.from_on <= today, Campaign.to_on >= today - STILL_OFFERED)
        .order_by(Campaign.from_on.desc(), Campaign.id.desc())
    ).all()


def campaign_figures(
    wanted: Collection[Campaign], *, viewer: Actor
) -> Mapping[int, CampaignFigures]:
    """Return what came of some campaigns, as far as the viewer may know; two statements.

    A problem belongs to the campaign that it names, and to that of the visit on which it was
    heard; it is collected once it was accepted (K01), and solved as K02 says: by what the
    enterprise said when it was last asked.
    """
    ids, names = [one.id for one in wanted], {one.name: one.id for one in wanted}
    made = db.session.execute(
        select(Visit.campaign_id, func.count(), func.count(_target().distinct()))
        .where(policy.visible_to(viewer), Visit.campaign_id.in_(ids))
        .where(Visit.outcome == VisitOutcome.VISITED)
        .group_by(Visit.campaign_id)
    )
    visits = {id_: (n, firms) for id_, n, firms in made}
    heard = db.session.execute(
        select(Ticket.campaign, func.count(), func.sum(case((is_solved(), 1), else_=0)))
        .where(tickets_policy.visible_to(viewer), Ticket.campaign.in_(names))
        .where(Ticket.accepted_at.is_not(None), Ticket.status.not_in(sorted(UNCOUNTED)))
        .group_by(Ticket.campaign)
    )
    problems = {names[name]: (n, done) for name, n, done in heard}
    return {
        id_: CampaignFigures(*visits.get(id_, (0, 0)), *problems.get(id_, (0, 0))) for id_ in ids
    }


def _target() -> Function[int]:
    """Return what was visited as one number: an enterprise, or below zero a project."""
    return func.coalesce(Visit.enterprise_id, -Visit.project_id)
