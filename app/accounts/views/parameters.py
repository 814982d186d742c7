"""The page of parameters."""

from dataclasses import asdict

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import policy, queries, service
from app.accounts.forms import DEFAULTS, GROUPS, OfficePhoneForm, ParametersForm
from app.accounts.models import Tenant
from app.accounts.parameters import described
from app.accounts.roles import Permission
from app.accounts.service.units import HOURS
from app.accounts.views.blueprint import bp
from app.core.forms import differences
from app.core.http import submitted


@bp.get("/admin/parameters")
def parameters() -> ResponseReturnValue:
    """Show every parameter with its bounds and its default."""
    tenant = _managed()
    values = asdict(tenant.parameters)
    form = ParametersForm(formdata=None, version=tenant.version, **values)
    return _parameters_page(form, tenant)


@bp.post("/admin/parameters")
def set_parameters() -> ResponseReturnValue:
    """Set the parameters, with a reason."""
    tenant = _managed()
    form = ParametersForm()

    def work() -> str:
        service.set_parameters(
            tenant,
            form.given(),
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".parameters")

    return submitted(
        form,
        work,
        page=lambda: _parameters_page(form, tenant),
        flash=_("参数已保存。已经在走的期限不变，新的期限按新参数算。"),
    )


@bp.post("/admin/parameters/phone")
def set_office_phone() -> ResponseReturnValue:
    """Set the telephone that enterprises are told."""
    tenant = _managed()
    form = OfficePhoneForm()

    def work() -> str:
        phone, version = form.phone.data or "", form.version.data
        service.set_office_phone(tenant, phone, version=version, actor=current_user)
        return url_for(".parameters", _anchor="phone-title")

    def page() -> str:
        values = asdict(tenant.parameters)
        again = ParametersForm(formdata=None, version=tenant.version, **values)
        return _parameters_page(again, tenant, form)

    return submitted(form, work, page=page, flash=_("营商办电话已保存，企业看得到。"))


def _managed() -> Tenant:
    policy.require(current_user, Permission.PARAMETER_MANAGE)
    return queries.own_tenant(viewer=current_user)


def _parameters_page(
    form: ParametersForm, tenant: Tenant, phone: OfficePhoneForm | None = None
) -> str:
    stale = form.version.data not in (None, tenant.version)
    conflict = differences(form, tenant.parameters) if stale else []
    form.renew(tenant.version)
    return render_template(
        "accounts/parameters.html",
        form=form,
        phone=phone
        or OfficePhoneForm(formdata=None, version=tenant.version, phone=tenant.office_phone),
        groups=GROUPS,
        conflict=conflict,
        changed=_changed(tenant),
        help={one.name: _help(one.name) for one in described()},
    )


def _changed(tenant: Tenant) -> list[str]:
    """Return the words of the parameters that are not what they are by default."""
    return [
        str(_(one.metadata["label"]))
        for one in described()
        if getattr(tenant.parameters, one.name) != getattr(DEFAULTS, one.name)
    ]


def _help(name: str) -> str:
    """Return the unit, the default and the bounds of a parameter in words."""
    one = next(one for one in described() if one.name == name)
    if "choices" in one.metadata:
        words = {code: _(word) for code, word in one.metadata["choices"]}
        standard = _("、").join(words[code] for code in getattr(DEFAULTS, name))
        return str(_("默认 %(default)s；改了以后只管新登记的走访", default=standard))
    low, high, default = one.metadata["low"], one.metadata["high"], getattr(DEFAULTS, name)
    if name in HOURS:
        return str(_("默认 %(default)s", default=f"{default // 100:02}:{default % 100:02}"))
    unit = _(one.metadata["unit"]) if one.metadata["unit"] else ""
    return str(
        _(
            "%(unit)s · 默认 %(default)s，可填 %(low)s 到 %(high)s",
            unit=unit,
            default=default,
            low=low,
            high=high,
        )
    )
