"""Administration of people: accounts, roles, first passwords."""

from base64 import b64decode, b64encode

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import policy, queries, service
from app.accounts.forms import (
    EditUserForm,
    ReasonForm,
    RoleForm,
    UserFilterForm,
    UserForm,
)
from app.accounts.models import User
from app.accounts.roles import Permission, Role
from app.accounts.views.blueprint import bp
from app.core import crypto, passwords
from app.core.forms import differences
from app.core.http import page_number, submitted
from app.core.paging import paged

SHOWN_ONCE = "first-password"


@bp.get("/admin/users")
def users() -> ResponseReturnValue:
    """List the people of the tenant."""
    form = UserFilterForm(request.args, queries.units(viewer=current_user, active=None))
    found = queries.search_users(form.given(), viewer=current_user)
    page = paged(found, page_number())
    idle = queries.without_role(viewer=current_user)
    return render_template("accounts/users.html", form=form, page=page, idle=idle)


@bp.get("/admin/users/new")
def new_user() -> ResponseReturnValue:
    """Show the form for a new person."""
    policy.require(current_user, Permission.ACCOUNT_MANAGE)
    return _new_page(UserForm(formdata=None))


@bp.post("/admin/users")
def create_user() -> ResponseReturnValue:
    """Add a person; their first password is shown once."""
    policy.require(current_user, Permission.ACCOUNT_MANAGE)
    form = UserForm()
    password = passwords.initial()
    hashed = passwords.make_hash(password)

    def work() -> str:
        made = service.create_user(form.given(), actor=current_user, password_hash=hashed)
        _show_once(made.user, password)
        return url_for(".user", user_id=made.user.id)

    flash = _("已新增。下一步：给一个岗位。")
    return submitted(form, work, page=lambda: _new_page(form), flash=flash)


@bp.get("/admin/users/<int:user_id>")
def user(user_id: int) -> ResponseReturnValue:
    """Show one person, their roles, and what can be done with the account."""
    found = _managed(user_id)
    return _user_page(found, EditUserForm(formdata=None, obj=found))


@bp.post("/admin/users/<int:user_id>")
def edit_user(user_id: int) -> ResponseReturnValue:
    """Change what is written down of a person."""
    found = _managed(user_id)
    form = EditUserForm(obj=found)

    def work() -> str:
        version, reason = form.version.data, form.reason.data or ""
        service.edit_user(found, form.given(), reason=reason, version=version, actor=current_user)
        return url_for(".user", user_id=user_id)

    return submitted(form, work, page=lambda: _user_page(found, form), flash=_("已保存。"))


@bp.post("/admin/users/<int:user_id>/roles")
def give_role(user_id: int) -> ResponseReturnValue:
    """Give a role."""
    found = _managed(user_id)
    form = RoleForm()
    form.offer(queries.units(viewer=current_user))

    def work() -> str:
        name = (form.enterprise.data or "").strip()
        service.give_role(
            found,
            Role(form.role.data),
            unit_id=form.unit_id.data,
            enterprise_id=queries.enterprise_named(name, viewer=current_user) if name else None,
            reason=form.reason.data or "",
            actor=current_user,
        )
        return url_for(".user", user_id=user_id)

    return submitted(
        form,
        work,
        page=lambda: _user_page(found, EditUserForm(formdata=None, obj=found), role_form=form),
        flash=_("岗位已给。本人要重新登录。"),
    )


@bp.get("/admin/users/<int:user_id>/roles/<int:holding_id>/end")
def confirm_end(user_id: int, holding_id: int) -> ResponseReturnValue:
    """Ask before a role ends."""
    _managed(user_id)
    held = queries.holding(holding_id, viewer=current_user)
    form = ReasonForm(formdata=None)
    return render_template("accounts/end_role.html", held=held, form=form)


@bp.post("/admin/users/<int:user_id>/roles/<int:holding_id>/end")
def end_role(user_id: int, holding_id: int) -> ResponseReturnValue:
    """End a role."""
    _managed(user_id)
    held = queries.holding(holding_id, viewer=current_user)
    form = ReasonForm()

    def work() -> str:
        service.end_role(held, reason=form.reason.data or "", actor=current_user)
        return url_for(".user", user_id=held.user_id)

    return submitted(
        form,
        work,
        page=lambda: render_template("accounts/end_role.html", held=held, form=form),
        flash=_("岗位已结束，本人的登录已退出。"),
    )


@bp.get("/admin/users/<int:user_id>/state")
def confirm_state(user_id: int) -> ResponseReturnValue:
    """Ask before an account is closed or opened."""
    found = _managed(user_id)
    form = ReasonForm(formdata=None, obj=found)
    return render_template("accounts/state.html", user=found, form=form)


@bp.post("/admin/users/<int:user_id>/state")
def change_state(user_id: int) -> ResponseReturnValue:
    """Close an open account, open a closed one."""
    found = _managed(user_id)
    form = ReasonForm()
    was_active = found.is_active
    change = service.deactivate if was_active else service.activate

    def work() -> str:
        version, reason = form.version.data, form.reason.data or ""
        change(found, reason=reason, version=version, actor=current_user)
        return url_for(".user", user_id=user_id)

    return submitted(
        form,
        work,
        page=lambda: render_template("accounts/state.html", user=found, form=form),
        flash=_("账号已停用，本人的登录已退出。") if was_active else _("账号已启用。"),
    )


@bp.get("/admin/users/<int:user_id>/reset-password")
def confirm_reset(user_id: int) -> ResponseReturnValue:
    """Ask before a password is reset, and why."""
    return _reset_page(_managed(user_id), ReasonForm(formdata=None))


@bp.post("/admin/users/<int:user_id>/reset-password")
def reset_password(user_id: int) -> ResponseReturnValue:
    """Give a person a first password again; it is shown once."""
    found = _managed(user_id)
    form = ReasonForm()
    password = passwords.initial()
    hashed = passwords.make_hash(password)

    def work() -> str:
        version, reason = form.version.data, form.reason.data or ""
        service.reset_password(found, hashed, reason=reason, version=version, actor=current_user)
        _show_once(found, password)
        return url_for(".user", user_id=user_id)

    return submitted(
        form,
        work,
        page=lambda: _reset_page(found, form),
        flash=_("密码已重置，本人的登录已退出。"),
    )


def _managed(user_id: int) -> User:
    policy.require(current_user, Permission.ACCOUNT_MANAGE)
    return queries.user(user_id, viewer=current_user)


def _show_once(user: User, password: str) -> None:
    """Keep a first password, encrypted, for the next page that this browser shows."""
    session[SHOWN_ONCE] = [user.id, b64encode(crypto.encrypt(password)).decode()]


def _reset_page(found: User, form: ReasonForm) -> str:
    form.renew(found.version)
    return render_template("accounts/reset_password.html", user=found, form=form)


def _first_password(user_id: int) -> str:
    shown_id, sealed = session.get(SHOWN_ONCE) or (0, "")
    if shown_id != user_id:
        return ""
    session.pop(SHOWN_ONCE)
    return crypto.decrypt(b64decode(sealed))


def _new_page(form: UserForm) -> str:
    return render_template("accounts/new_user.html", form=form)


def _user_page(found: User, form: UserForm, *, role_form: RoleForm | None = None) -> str:
    if role_form is None:
        role_form = RoleForm(formdata=None)
        role_form.offer(queries.units(viewer=current_user))
    held = [one for one in found.roles if one.is_active]
    conflict = differences(form, found) if _is_stale(form, found.version) else []
    form.renew(found.version)
    return render_template(
        "accounts/user.html",
        user=found,
        form=form,
        conflict=conflict,
        role_form=role_form,
        held=held,
        enterprises=queries.enterprise_names(one.enterprise_id for one in held),
        password=_first_password(found.id) if request.method == "GET" else "",
    )


def _is_stale(form: UserForm, version: int) -> bool:
    return form.version.data is not None and form.version.data != version
