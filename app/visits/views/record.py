"""The form in which a visit is recorded, with all that was heard, promised and settled."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries as accounts
from app.accounts.models import UnitKind
from app.accounts.roles import Role
from app.core import clock
from app.core.http import submitted
from app.core.locale import translated
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage
from app.tickets.queries import catalogue
from app.visits import policy, queries, service
from app.visits.calendar import Month
from app.visits.forms import LEADER, LIAISON, LISTS, Offered, VisitForm, target_of
from app.visits.models import Mode
from app.visits.queries import Errand
from app.visits.views.blueprint import bp

LOOK = "look"  # the button that brings what is known of another target
COMPLAINED_OF = (UnitKind.OFFICE, UnitKind.DEPT, UnitKind.VERTICAL, UnitKind.VILLAGE)


@bp.get("/visits/new")
def new() -> ResponseReturnValue:
    """Show the form, for the target that was asked for where there is one."""
    policy.require_record(current_user)
    form = VisitForm(formdata=None)
    form.target.data = _asked_target()
    form.visited_on.data = clock.today()
    form.campaign_id.data = request.args.get("campaign", type=int)
    form.who.data = {Role.LEADER: [LEADER], Role.LIAISON: [LIAISON]}.get(current_user.role, [])
    return _page(_offered(form))


@bp.post("/visits/new")
def record() -> ResponseReturnValue:
    """Record the visit, or offer one problem more or fewer to write down."""
    policy.require_record(current_user)
    form = VisitForm(whose=current_user.user_id)
    if _rearranged(form):
        form.look_at_files()
        return _page(_offered(form))
    _offered(form)

    def work() -> str:
        draft = form.given(_linkage(form))
        visit = service.record_visit(draft, actor=current_user)
        return url_for(".detail", visit_id=visit.id)

    return submitted(form, work, page=lambda: _page(form), flash=_("走访已登记。"))


def _rearranged(form: VisitForm) -> bool:
    """Tell whether a button only asked for more or fewer entries, or for another target."""
    for name in LISTS:
        if f"add-{name}" in request.form:
            form.grow(name)
            return True
        if f"remove-{name}" in request.form:
            form.drop(name, request.form.get(f"remove-{name}", -1, type=int))
            return True
    return LOOK in request.form


def _asked_target() -> str:
    """Return the choice that the address of the page asks for."""
    task_id = request.args.get("task", type=int)
    if task_id is not None:
        link = queries.get_task(task_id, viewer=current_user).linkage
        return f"e{link.enterprise_id}" if link.enterprise_id else f"p{link.project_id}"
    for kind in ("enterprise", "project"):
        target_id = request.args.get(kind, type=int)
        if target_id is not None:
            return f"{kind[0]}{target_id}"
    return ""


def _offered(form: VisitForm) -> VisitForm:
    """Fill the lists of the form with what the viewer may choose."""
    waiting = _waiting()
    firms = [(f"e{id_}", name) for id_, name in enterprises.choices(viewer=current_user)]
    projects = [(f"p{id_}", name) for id_, name in enterprises.project_choices(viewer=current_user)]
    form.offer(
        Offered(
            targets=[
                (value, _("%(name)s（本月未访）", name=name) if value in waiting else name)
                for value, name in sorted(firms + projects, key=lambda one: one[0] not in waiting)
            ],
            people=queries.visitors_of(current_user.tenant_id),
            categories=catalogue.choices(viewer=current_user),
            units=accounts.units(viewer=current_user, kinds=COMPLAINED_OF),
            campaigns=queries.campaigns_to_choose(viewer=current_user),
            documents=queries.documents_to_explain(viewer=current_user),
        )
    )
    _ask_about_before(form)
    return form


def _ask_about_before(form: VisitForm) -> None:
    """Let the form ask about what was promised to its target, and what was closed there."""
    if not form.offers(form.target.data):
        form.ask_about((), ())
        return
    kind, target_id = target_of(form.target.data or "")
    errand = _errand(form)
    firm_id = errand.firm_id if errand else (target_id if kind == "e" else None)
    last = errand.last.visited_on if errand and errand.last else None
    promises = queries.open_promises_of(
        enterprise_id=target_id if kind == "e" else None,
        project_id=target_id if kind == "p" else None,
    )
    form.ask_about(promises, queries.closed_since(firm_id, last, viewer=current_user))


def _waiting() -> set[str]:
    tasks = queries.month_of(current_user, Month.of(clock.today()).period)
    links = [task.linkage for task in tasks if task.is_owed]
    return {f"e{x.enterprise_id}" if x.enterprise_id else f"p{x.project_id}" for x in links}


def _linkage(form: VisitForm) -> Linkage | None:
    """Return the linkage of the target that was chosen, on the day of the visit."""
    kind, target_id = target_of(form.target.data or "")
    day = form.visited_on.data or clock.today()
    if target_id is None:
        return None
    if kind == "e":
        return enterprises.linkage_of(target_id, day)
    return enterprises.linkage_of_project(target_id, day)


def _page(form: VisitForm) -> str:
    form.carry_files()
    return render_template(
        "visits/new.html",
        form=form,
        errand=_errand(form),
        today=clock.today(),
        counting=[
            translated(mode.label)
            for mode in Mode
            if mode.value in current_user.parameters.counting_modes
        ],
        may_see_all=policy.may_see_all(current_user),
    )


def _errand(form: VisitForm) -> Errand | None:
    """Return what is known of the target, where it is one of those that may be chosen."""
    linkage = _linkage(form) if form.offers(form.target.data) else None
    if linkage is None:
        return None
    return queries.errand_of(linkage, viewer=current_user, today=clock.today())
