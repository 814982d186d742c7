"""Administration of units."""

from typing import TypeVar

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import policy, queries, service
from app.accounts.forms import EditUnitForm, UnitForm
from app.accounts.models import OrgUnit, UnitKind
from app.accounts.roles import Permission, Role
from app.accounts.views.blueprint import bp
from app.core.forms import differences
from app.core.http import submitted

Filled = TypeVar("Filled", bound=UnitForm)


@bp.get("/admin/units")
def units() -> ResponseReturnValue:
    """List the units of the tenant, kind by kind."""
    policy.require(current_user, Permission.ACCOUNT_MANAGE)
    found = queries.units(viewer=current_user, active=None)
    people = queries.units_with_people(viewer=current_user)
    return render_template(
        "accounts/units.html",
        kinds=[
            (kind, members)
            for kind in UnitKind
            if (members := [one for one in found if one.kind is kind])
        ],
        people=people,
        empty=queries.units_without_head(viewer=current_user),
    )


@bp.get("/admin/units/new")
def new_unit() -> ResponseReturnValue:
    """Show the form for a new unit."""
    policy.require(current_user, Permission.ACCOUNT_MANAGE)
    return _unit_page(_offered(UnitForm(formdata=None)), None)


@bp.post("/admin/units")
def create_unit() -> ResponseReturnValue:
    """Add a unit."""
    policy.require(current_user, Permission.ACCOUNT_MANAGE)
    form = _offered(UnitForm())

    def work() -> str:
        service.create_unit(form.given(), actor=current_user)
        return url_for(".units")

    return submitted(form, work, page=lambda: _unit_page(form, None), flash=_("单位已新增。"))


@bp.get("/admin/units/<int:unit_id>")
def unit(unit_id: int) -> ResponseReturnValue:
    """Show one unit to be changed."""
    found = _managed(unit_id)
    return _unit_page(_offered(EditUnitForm(formdata=None, obj=found)), found)


@bp.post("/admin/units/<int:unit_id>")
def edit_unit(unit_id: int) -> ResponseReturnValue:
    """Change a unit."""
    found = _managed(unit_id)
    form = _offered(EditUnitForm(obj=found))

    def work() -> str:
        version, reason = form.version.data, form.reason.data or ""
        service.edit_unit(found, form.given(), reason=reason, version=version, actor=current_user)
        return url_for(".units")

    return submitted(form, work, page=lambda: _unit_page(form, found), flash=_("已保存。"))


def _managed(unit_id: int) -> OrgUnit:
    policy.require(current_user, Permission.ACCOUNT_MANAGE)
    return queries.unit(unit_id, viewer=current_user)


def _offered(form: Filled) -> Filled:
    leaders = queries.users_with_role(current_user.tenant_id, [Role.LEADER, Role.CHIEF])
    form.offer(leaders)
    return form


def _unit_page(form: UnitForm, found: OrgUnit | None) -> str:
    conflict = []
    if found is not None:
        if form.version.data not in (None, found.version):
            conflict = differences(form, found)
        form.renew(found.version)
    people = queries.units_with_people(viewer=current_user).get(found.id, 0) if found else 0
    return render_template(
        "accounts/unit.html", form=form, unit=found, conflict=conflict, people=people
    )
