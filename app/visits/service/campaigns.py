"""Beginning, moving and ending campaigns."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, check_version
from app.core.i18n import N_
from app.visits import policy
from app.visits.models import Campaign, Visit


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """A campaign as the office sets it up."""

    name: str
    from_on: date
    to_on: date

    def check(self) -> None:
        """Raise Invalid at the field that is wrong."""
        if not self.name.strip():
            raise Invalid(N_("请写活动的名称。"), field="name")
        if self.to_on < self.from_on:
            raise Invalid(N_("结束日期不能早于开始日期。"), field="to_on")


def begin_campaign(draft: CampaignDraft, *, actor: Actor) -> Campaign:
    """Begin a campaign. Raises Invalid where another one has its name."""
    policy.require_campaigns(actor)
    draft.check()
    name = draft.name.strip()
    twin = select(Campaign.id).where(Campaign.tenant_id == actor.tenant_id, Campaign.name == name)
    if db.session.scalar(twin):
        raise Invalid(N_("已经有叫这个名称的活动了，换个名称，例如写上年份。"), field="name")
    made = Campaign(
        tenant_id=actor.tenant_id,
        name=name,
        from_on=draft.from_on,
        to_on=draft.to_on,
        created_by_id=actor.user_id,
        created_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()  # gives the campaign the id that the log names
    told = {"name": name, "from_on": draft.from_on, "to_on": draft.to_on}
    accounts.log(actor, N_("设立专项活动"), "campaign", made.id, after=_plain(told))
    return made


def move_campaign(
    campaign: Campaign, from_on: date, to_on: date, *, version: int | None, actor: Actor
) -> None:
    """Give a campaign other days; those of its visits must lie within them."""
    _require(campaign, version, actor)
    CampaignDraft(campaign.name, from_on, to_on).check()
    of_it = Visit.campaign_id == campaign.id
    first = db.session.scalar(select(func.min(Visit.visited_on)).where(of_it))
    last = db.session.scalar(select(func.max(Visit.visited_on)).where(of_it))
    if first and first < from_on:
        raise Invalid(N_("{day}已经有一次走访，开始不能更晚。"), field="from_on", day=first)
    if last and last > to_on:
        raise Invalid(N_("{day}还有一次走访，结束不能更早。"), field="to_on", day=last)
    was = {"from_on": campaign.from_on, "to_on": campaign.to_on}
    before, after = accounts.changes(was, {"from_on": from_on, "to_on": to_on})
    if not after:
        return
    campaign.from_on, campaign.to_on = from_on, to_on
    of = {accounts.OF: campaign.name}
    accounts.log(
        actor,
        N_("修改专项活动"),
        "campaign",
        campaign.id,
        before=_plain(before),
        after=_plain(of | after),
    )


def end_campaign(campaign: Campaign, *, version: int | None, actor: Actor) -> None:
    """End a campaign: no visit is counted to it any more, what was counted stays."""
    _require(campaign, version, actor)
    campaign.is_active = False
    told = {accounts.OF: campaign.name}
    accounts.log(actor, N_("结束专项活动"), "campaign", campaign.id, after=told)


def _require(campaign: Campaign, version: int | None, actor: Actor) -> None:
    policy.require_campaigns(actor)
    policy.require_visible(actor, campaign.tenant_id)
    check_version(campaign.version, version)
    if not campaign.is_active:
        raise DomainError(N_("这个活动已经结束了。"))


def _plain(told: dict[str, object]) -> dict[str, object]:
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in told.items()}
