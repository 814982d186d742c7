"""What each leader owes in a month and a week; days in villages; households, which are counted."""

from collections.abc import Sequence
from datetime import date

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries as accounts
from app.accounts.models import UnitKind, User
from app.core import clock, locale
from app.core.errors import NotAllowed
from app.core.forms import differences
from app.core.http import page_number, submitted
from app.core.i18n import N_
from app.core.paging import paged
from app.core.pieces import Card
from app.visits import policy, queries, service
from app.visits.calendar import Month, Week
from app.visits.forms import HouseholdForm, VillageForm
from app.visits.models import VillageVisit
from app.visits.queries import LeaderQuotas
from app.visits.views.blueprint import bp
from app.workdays import queries as workdays

NAMED = 3  # leaders that a title names before it says "and others"


@bp.get("/visits/quotas")
def quotas() -> ResponseReturnValue:
    """Show what was owed in a month, and what is done: of oneself, or to the office of all."""
    form = HouseholdForm(formdata=None)
    return _page(form)


@bp.post("/visits/quotas/households")
def count_households() -> ResponseReturnValue:
    """Set how many households a leader called on in the month of the page."""
    form = HouseholdForm()
    month = _asked_month()
    form.offer(_led())

    def work() -> str:
        service.count_households(
            form.leader_id.data or 0,
            month,
            form.number.data or 0,
            version=form.version_seen,
            actor=current_user,
        )
        return url_for(".quotas", period=month.period)

    return submitted(form, work, page=lambda: _page(form), flash=_("户数已登记。"))


@bp.get("/visits/villages")
def villages() -> ResponseReturnValue:
    """List the days that leaders spent in villages."""
    leader_id = request.args.get("leader", type=int)
    found = queries.village_visits(viewer=current_user, leader_id=leader_id)
    week = Week.of(clock.today())
    leaders = queries.leaders_to_record_for(current_user)
    return render_template(
        "visits/villages.html",
        page=paged(found, page_number(), size=current_app.config["PAGE_SIZE"]),
        leader_id=leader_id,
        week=week,
        may_record=bool(leaders),
        open_from=service.open_from(actor=current_user),
        may_change={one.id for one in leaders},
    )


@bp.get("/visits/villages/new")
def new_village() -> ResponseReturnValue:
    """Show the form for a day in a village."""
    return _village_page(VillageForm(formdata=None, visited_on=clock.today()))


@bp.post("/visits/villages/new")
def record_village() -> ResponseReturnValue:
    """Write down a day in a village."""
    form = VillageForm()
    _offer_villages(form)

    def work() -> str:
        service.record_village_visit(form.given(), actor=current_user)
        return url_for(".villages")

    return submitted(form, work, page=lambda: _village_page(form), flash=_("入村调研已登记。"))


@bp.get("/visits/villages/<int:village_visit_id>/edit")
def edit_village(village_visit_id: int) -> ResponseReturnValue:
    """Show a day in a village as it was written down, to be set right."""
    visit = queries.village_visit(village_visit_id, viewer=current_user)
    form = VillageForm(formdata=None, obj=visit)
    return _village_page(form, visit)


@bp.post("/visits/villages/<int:village_visit_id>/edit")
def change_village(village_visit_id: int) -> ResponseReturnValue:
    """Set right what was written down of a day in a village."""
    visit = queries.village_visit(village_visit_id, viewer=current_user)
    form = VillageForm()
    _offer_villages(form)

    def work() -> str:
        service.change_village_visit(
            visit, form.given(), version=form.version.data, actor=current_user
        )
        return url_for(".villages")

    return submitted(
        form, work, page=lambda: _village_page(form, visit), flash=_("入村调研已修改。")
    )


def _asked_month() -> Month:
    """Return the month that the address asks for; nonsense asks for the present one."""
    present = Month.of(clock.today())
    try:
        asked = Month.read(request.args.get("period", ""))
    except ValueError:
        return present
    return min(asked, present, key=lambda month: month.first)


def _offer(form: HouseholdForm) -> int:
    """Fill the list of leaders to choose from; return how many there are."""
    leaders = queries.leaders_to_record_for(current_user)
    form.offer(leaders)
    return len(leaders)


def _page(form: HouseholdForm) -> str:
    month = _asked_month()
    calendar = workdays.calendar_of(current_user.tenant_id)
    found = queries.quotas(month, viewer=current_user, calendar=calendar)
    offered = _offer(form)
    if offered == 1 and not form.is_submitted():
        _begin(form, found)
    form.show_versions({one.leader.id: one.households_version for one in found})
    return render_template(
        "visits/quotas.html",
        month=month,
        is_present=month == Month.of(clock.today()),
        week=Week.of(clock.today()),
        quotas=found,
        card=_card(found, month),
        missing=queries.missing(month, viewer=current_user),
        parameters=current_user.parameters,
        form=form if offered else None,
        sees_all=policy.may_see_all(current_user),
    )


def _begin(form: HouseholdForm, found: list[LeaderQuotas]) -> None:
    """Let who records for themselves alone begin from what is written down."""
    if len(found) == 1:
        form.leader_id.data = found[0].leader.id
        form.number.data = found[0].households.done


def _card(found: list[LeaderQuotas], month: Month) -> Card:
    """Return what is still owed, by whom."""
    if not found:
        return Card(_("没有您要完成的走访指标"), _("指标按班子成员计。"), tone="done")
    behind = [one for one in found if not one.is_met]
    if not behind:
        title = _("%(month)s月到现在，指标都完成了", month=month.month)
        return Card(title, _("企业、项目、入村、走访户数都够了。"), tone="done")
    if len(found) == 1:
        return Card(
            _("%(month)s月还差：%(what)s", month=month.month, what=_lacks(behind[0])),
            _("企业和项目%(day)s前走访完。", day=locale.day(_due_on(month))),
            url=url_for(".mine"),
            verb=_("看要去哪几家"),
            icon="geo-alt",
        )
    names = _("、").join(one.leader.name for one in behind[:NAMED])
    if len(behind) > NAMED:
        names = _("%(names)s等", names=names)
    return Card(
        _("%(n)s 位还没有完成：%(names)s", n=len(behind), names=names),
        _("差什么，看下面每人一行。"),
    )


def _due_on(month: Month) -> date:
    return month.due_on(workdays.calendar_of(current_user.tenant_id))


def _lacks(one: LeaderQuotas) -> str:
    """Return what a leader still owes, in words."""
    village = one.week or one.weeks
    parts = (
        (one.enterprises, _("企业 %(n)s 家")),
        (one.projects, _("项目 %(n)s 个")),
        (village, _("入村 %(n)s 次") if one.week else _("入村 %(n)s 周")),
        (one.households, _("走访户 %(n)s 户次")),
    )
    lacking = [words % {"n": q.owed - q.done} for q, words in parts if not q.is_met]
    return str(_("，")).join(lacking)


def _led() -> Sequence[User]:
    """Return the leaders for whom the viewer records; raise NotAllowed where there are none."""
    leaders = queries.leaders_to_record_for(current_user)
    if not leaders:
        raise NotAllowed(N_("入村调研和走访户数由班子成员自己登记，或由营商办代为登记。"))
    return leaders


def _offer_villages(form: VillageForm) -> None:
    kinds = (UnitKind.VILLAGE,)
    form.offer(_led(), accounts.units(viewer=current_user, kinds=kinds))


def _village_page(form: VillageForm, visit: VillageVisit | None = None) -> str:
    """Show the form; of what somebody changed meanwhile, both versions beside each other."""
    _offer_villages(form)
    conflict = []
    if visit is not None and form.is_submitted():
        conflict = differences(form, visit) if form.version.data != visit.version else []
        form.renew(visit.version)
    return render_template(
        "visits/village_new.html", form=form, visit=visit, conflict=conflict, today=clock.today()
    )
