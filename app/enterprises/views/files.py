"""The list of enterprises, the page of one, and its file."""

from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries as accounts
from app.accounts.models import UnitKind
from app.accounts.roles import Permission, Role
from app.core import clock, forms
from app.core.http import page_number, submitted
from app.core.paging import paged
from app.core.pieces import Card
from app.enterprises import policy, queries, service
from app.enterprises.forms import EnterpriseForm, FilterForm, YearForm
from app.enterprises.models import Enterprise
from app.enterprises.queries import EnterpriseFilter, Tally
from app.enterprises.views.blueprint import bp

FILTERS = ("q", "kind", "tier", "village", "scale", "operation", "leader", "liaison")
PEOPLE = {"leaders": (Role.LEADER, Role.CHIEF), "liaisons": (Role.LIAISON,)}


@bp.get("/enterprises")
def index() -> ResponseReturnValue:
    """List the enterprises that the viewer may see."""
    form = FilterForm(forms.asked(request.args))
    form.offer(villages=_villages(), **people())
    asked = form.asked()
    found = queries.search(asked, viewer=current_user)
    page = paged(found, page_number(), size=current_app.config["PAGE_SIZE"])
    tally = queries.tally(viewer=current_user)
    return render_template(
        "enterprises/index.html",
        form=form,
        page=page,
        card=_list_card(tally),
        quick=_quick_filters(tally, form.kind.data),
        heads=_heads(asked),
        linkages=queries.linkages_by_enterprise([one.id for one in page.items], clock.today()),
        may_edit=policy.may_edit(current_user),
    )


@bp.get("/enterprises/<int:enterprise_id>")
def detail(enterprise_id: int) -> ResponseReturnValue:
    """Show one enterprise: whom to call, what is under way, who looks after it."""
    return page_of(queries.get(enterprise_id, viewer=current_user))


def page_of(enterprise: Enterprise, *, revealed: dict[int, str] | None = None) -> str:
    """Return the page of an enterprise, with the numbers that were asked for just now."""
    history = queries.history(enterprise_id=enterprise.id)
    today = clock.today()
    current = next((one for one in history if one.is_active_on(today)), None)
    shows_figures = policy.may_see_figures(current_user, enterprise)
    return render_template(
        "enterprises/detail.html",
        enterprise=enterprise,
        current=current,
        history=history,
        years=enterprise.years if shows_figures else [],
        shows_figures=shows_figures,
        projects=queries.projects_of(enterprise.id, viewer=current_user),
        revealed=revealed or {},
        card=_card(enterprise, is_linked=current is not None),
        may_edit=policy.may_edit(current_user, enterprise),
        may_link=policy.may_link(current_user, enterprise),
    )


@bp.get("/enterprises/new")
def new() -> ResponseReturnValue:
    """Show the form for a new file."""
    policy.require_edit(current_user)
    return _form_page(_form(), None)


@bp.post("/enterprises/new")
def create() -> ResponseReturnValue:
    """Begin a new file."""
    policy.require_edit(current_user)
    form = _form()

    def work() -> str:
        made = service.create_enterprise(form.given(), actor=current_user)
        return url_for(".detail", enterprise_id=made.id)

    done = _("档案已建好。接下来请添加联系人、安排包联。")
    return submitted(form, work, page=lambda: _form_page(form, None), flash=done)


@bp.get("/enterprises/<int:enterprise_id>/edit")
def edit(enterprise_id: int) -> ResponseReturnValue:
    """Show the file of an enterprise as a form."""
    enterprise = queries.get(enterprise_id, viewer=current_user)
    policy.require_edit(current_user, enterprise)
    return _form_page(_form(enterprise), enterprise)


@bp.post("/enterprises/<int:enterprise_id>/edit")
def save(enterprise_id: int) -> ResponseReturnValue:
    """Change the file of an enterprise."""
    enterprise = queries.get(enterprise_id, viewer=current_user)
    form = _form(enterprise)

    def work() -> str:
        version = form.version.data
        service.edit_enterprise(enterprise, form.given(), version=version, actor=current_user)
        return url_for(".detail", enterprise_id=enterprise.id)

    return submitted(form, work, page=lambda: _form_page(form, enterprise), flash=_("档案已保存。"))


@bp.get("/enterprises/<int:enterprise_id>/years/new")
def new_year(enterprise_id: int) -> ResponseReturnValue:
    """Show the form for the figures of a year."""
    enterprise = queries.get(enterprise_id, viewer=current_user)
    policy.require_edit(current_user, enterprise)
    form = YearForm(year=clock.today().year - 1)
    return render_template("enterprises/year.html", form=form, enterprise=enterprise)


@bp.get("/enterprises/<int:enterprise_id>/years/<int:year>")
def year(enterprise_id: int, year: int) -> ResponseReturnValue:
    """Show the figures of one year as a form."""
    enterprise = queries.get(enterprise_id, viewer=current_user)
    policy.require_edit(current_user, enterprise)
    stored = next((one for one in enterprise.years if one.year == year), None)
    form = YearForm(obj=stored, year=year)
    return render_template("enterprises/year.html", form=form, enterprise=enterprise)


@bp.post("/enterprises/<int:enterprise_id>/years")
def save_year(enterprise_id: int) -> ResponseReturnValue:
    """Write down the figures of one year."""
    enterprise = queries.get(enterprise_id, viewer=current_user)
    form = YearForm()

    def work() -> str:
        version = form.version.data
        service.save_year(enterprise, form.given(), version=version, actor=current_user)
        return url_for(".detail", enterprise_id=enterprise.id, _anchor="years")

    def page() -> str:
        return render_template("enterprises/year.html", form=form, enterprise=enterprise)

    return submitted(form, work, page=page, flash=_("年度数据已保存。"))


def people() -> dict[str, list[tuple[int, str]]]:
    """Return who may be chosen as a leader and as a liaison officer."""
    return {
        name: [
            (user.id, user.name) for user in accounts.users_with_role(current_user.tenant_id, roles)
        ]
        for name, roles in PEOPLE.items()
    }


def _villages() -> list[tuple[int, str]]:
    units = accounts.units(viewer=current_user, kinds=(UnitKind.VILLAGE,))
    return [(unit.id, unit.name) for unit in units]


def _form(enterprise: Enterprise | None = None) -> EnterpriseForm:
    form = EnterpriseForm(obj=enterprise)
    form.offer(_villages())
    return form


def _form_page(form: EnterpriseForm, enterprise: Enterprise | None) -> str:
    stale = enterprise is not None and form.version.data not in {None, enterprise.version}
    differences = []
    if enterprise is not None and stale:
        differences = forms.differences(form, enterprise)
        form.renew(enterprise.version)
    return render_template(
        "enterprises/form.html", form=form, enterprise=enterprise, differences=differences
    )


def _card(enterprise: Enterprise, *, is_linked: bool) -> Card | None:
    """Return what is missing in the file, if the viewer can mend it."""
    if not is_linked and policy.may_link(current_user, enterprise):
        return Card(
            _("还没有人包联这家企业"),
            _("安排包联领导和联络员后，每月的走访任务会自动生成。"),
            url=url_for(".linkage", enterprise_id=enterprise.id),
            verb=_("安排包联"),
            icon="person-plus",
        )
    if not enterprise.contacts and policy.may_edit(current_user, enterprise):
        return Card(
            _("还没有联系人"),
            _("没有电话，走访和回访时找不到人。"),
            url=url_for(".new_contact", enterprise_id=enterprise.id),
            verb=_("添加联系人"),
            icon="telephone-plus",
        )
    return None


def _list_card(tally: Tally) -> Card:
    if tally.unlinked and current_user.may(Permission.LINKAGE_EDIT):
        return Card(
            _("%(n)s 家企业还没有人包联", n=tally.unlinked),
            _("没有包联就没有每月的走访任务。"),
            url=url_for(".index", kind="unlinked"),
            verb=_("去安排"),
            icon="person-plus",
        )
    if not tally.all:
        return Card(_("还没有您能看的企业"), _("包联关系由营商办安排。"), tone="done")
    if current_user.may(Permission.ENTERPRISE_SEE_ALL) and not tally.unlinked:
        return Card(_("%(n)s 家企业都有人包联", n=tally.all), tone="done")
    return Card(_("您能看的 %(n)s 家企业都在这里", n=tally.all), tone="done")


def _quick_filters(tally: Tally, kind: str | None) -> list[dict[str, object]]:
    counted = (
        ("", _("全部"), tally.all),
        ("key", _("重点企业"), tally.key),
        ("above", _("四上企业"), tally.above_scale),
        ("near", _("临规企业"), tally.near_scale),
        ("stopped", _("没有正常经营"), tally.not_running),
        ("unlinked", _("没有人包联"), tally.unlinked),
    )
    return [
        {
            "label": label,
            "count": count,
            "url": url_for(".index", kind=name or None),
            "current": name == (kind or ""),
        }
        for name, label, count in counted
        if count or not name
    ]


def _heads(asked: EnterpriseFilter) -> list[dict[str, str]]:
    """Return the heads of the table; a second click on one turns its order round."""
    heads = []
    kept: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    for name, label in (
        ("name", _("企业")),
        ("tier", _("等级")),
        ("village", _("村（社区）")),
        ("", _("规模")),
        ("", _("谁在联系")),
    ):
        is_sorted = bool(name) and name == (asked.sort or "name")
        turned = f"-{name}" if is_sorted and not asked.downwards else name
        way = "descending" if asked.downwards else "ascending"
        heads.append(
            {
                "label": label,
                "sort_url": url_for(".index", **kept, sort=turned) if name else "",
                "sorted": way if is_sorted else "",
            }
        )
    return heads
