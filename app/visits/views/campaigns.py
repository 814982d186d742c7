"""Campaigns: the list, the page of one with what came of it, and what the office does with it."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.forms import differences
from app.core.http import submitted
from app.visits import policy, queries, service
from app.visits.forms import CampaignDaysForm, CampaignForm, EndForm
from app.visits.models import Campaign
from app.visits.views.blueprint import bp

SHOWN = 20  # visits on the page of one campaign


@bp.get("/visits/campaigns")
def campaigns() -> ResponseReturnValue:
    """List the campaigns, with what came of each."""
    found = queries.campaigns(viewer=current_user)
    return render_template(
        "visits/campaigns.html",
        campaigns=found,
        figures=queries.campaign_figures(found, viewer=current_user),
        running=sum(one.runs_on(clock.today()) for one in found),
        today=clock.today(),
        may_keep=policy.may_keep_campaigns(current_user),
    )


@bp.get("/visits/campaigns/new")
def new_campaign() -> ResponseReturnValue:
    """Show the form for a new campaign."""
    policy.require_campaigns(current_user)
    return _new_page(CampaignForm(formdata=None, from_on=clock.today()))


@bp.post("/visits/campaigns/new")
def begin_campaign() -> ResponseReturnValue:
    """Begin a campaign."""
    policy.require_campaigns(current_user)
    form = CampaignForm()

    def work() -> str:
        made = service.begin_campaign(form.given(), actor=current_user)
        return url_for(".campaign", campaign_id=made.id)

    done = _("活动已设立，登记走访时可以选它。")
    return submitted(form, work, page=lambda: _new_page(form), flash=done)


@bp.get("/visits/campaigns/<int:campaign_id>")
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show one campaign."""
    found = queries.campaign(campaign_id, viewer=current_user)
    return _page(found, CampaignDaysForm(formdata=None, obj=found), _ending(found))


@bp.post("/visits/campaigns/<int:campaign_id>")
def move_campaign(campaign_id: int) -> ResponseReturnValue:
    """Give a campaign other days."""
    found = queries.campaign(campaign_id, viewer=current_user)
    policy.require_campaigns(current_user)
    form = CampaignDaysForm()

    def work() -> str:
        service.move_campaign(
            found,
            form.from_on.data or found.from_on,
            form.to_on.data or found.to_on,
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".campaign", campaign_id=campaign_id)

    def page() -> str:
        return _page(found, form, _ending(found))

    return submitted(form, work, page=page, flash=_("活动的日期已保存。"))


@bp.post("/visits/campaigns/<int:campaign_id>/end")
def end_campaign(campaign_id: int) -> ResponseReturnValue:
    """End a campaign."""
    found = queries.campaign(campaign_id, viewer=current_user)
    policy.require_campaigns(current_user)
    form = EndForm()

    def work() -> str:
        service.end_campaign(found, version=form.version.data, actor=current_user)
        return url_for(".campaign", campaign_id=campaign_id)

    def page() -> str:
        return _page(found, CampaignDaysForm(formdata=None, obj=found), form)

    return submitted(form, work, page=page, flash=_("活动已结束，记录和统计都保留。"))


def _ending(found: Campaign) -> EndForm:
    return EndForm(formdata=None, version=found.version)


def _new_page(form: CampaignForm) -> str:
    return render_template("visits/campaign_new.html", form=form)


def _page(found: Campaign, form: CampaignDaysForm, ending: EndForm) -> str:
    conflict = []
    if form.version.data not in {None, found.version}:
        conflict = differences(form, found)
        form.renew(found.version)
    if ending.version.data not in {None, found.version}:
        ending.renew(found.version)
    asked = queries.VisitFilter(campaign_id=found.id)
    return render_template(
        "visits/campaign.html",
        campaign=found,
        form=form,
        ending=ending,
        conflict=conflict,
        figures=queries.campaign_figures([found], viewer=current_user)[found.id],
        visits=queries.some(asked, viewer=current_user, limit=SHOWN),
        today=clock.today(),
        may_keep=policy.may_keep_campaigns(current_user) and found.is_active,
        may_record=policy.may_record(current_user),
    )
