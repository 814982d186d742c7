"""Signing in and out, one's own password, role and preferences, and the first administrator."""

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from app.accounts import queries, service
from app.accounts.forms import BeginForm, PasswordForm, SignInForm
from app.accounts.service.start import FIRST_ADMINISTRATOR
from app.accounts.views.blueprint import bp, greeting, take_held
from app.core import forms, locale, passwords
from app.core.errors import DomainError, Invalid
from app.core.http import RETURNING, public, safe_next
from app.core.i18n import N_
from app.core.transactions import transaction

YEAR = 365 * 24 * 3600


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """Show the sign-in form; who is signed in already goes on."""
    onward = safe_next(request.args.get("next"), "/")
    if current_user.is_authenticated:
        return redirect(onward)
    form = SignInForm(formdata=None, next=onward)
    return render_template("accounts/login.html", form=form, **greeting())


@bp.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    """Sign in, or say why not: the same for a wrong name and a wrong password."""
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/login.html", form=form, **greeting()), 422
    # Passwords are compared outside the transaction: that takes long on purpose.
    attempt = service.check_password(form.username.data or "", form.password.data or "")
    ip, browser = request.remote_addr or "", request.headers.get("User-Agent", "")
    with transaction():
        if current_user.is_authenticated:
            service.end_session(current_user.sign_in_id, actor=current_user)
        begun = service.sign_in(attempt, ip=ip, browser=browser)
    if isinstance(begun, DomainError):
        forms.show(form, begun)
        return render_template("accounts/login.html", form=form, **greeting()), begun.status
    _enter(begun)
    held = take_held(form.held.data or "")
    if held and not current_user.must_change_password:
        path, fields = held
        return render_template(
            "accounts/resume.html", path=path, fields=fields, returning=RETURNING
        )
    return redirect(safe_next(form.next.data, "/"), 303)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session on the server, and forget it in the browser."""
    if current_user.is_authenticated:
        with transaction():
            service.end_session(current_user.sign_in_id, actor=current_user)
    logout_user()
    session.clear()
    return redirect(url_for(".login"), 303)


@bp.get("/password")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    return _password_page(PasswordForm(formdata=None, next=safe_next(request.args.get("next"), "")))


@bp.post("/password")
def change_password() -> ResponseReturnValue:
    """Change one's password; every other session of the person ends."""
    form = PasswordForm()
    actor = current_user
    if not form.validate():
        return _password_page(form), 422
    try:
        _check_again(form.new.data, form.again.data)
        change = service.prepare_change(form.current.data or "", form.new.data or "", actor=actor)
        with transaction():
            token = service.change_password(change, actor.sign_in_id, actor=actor)
    except DomainError as error:
        forms.show(form, error)
        return _password_page(form), error.status
    _enter(token)
    flash(_("密码已改好。别的设备上的登录都已退出。"), "success")
    return redirect(safe_next(form.next.data, "/"), 303)


@bp.post("/act-as")
def act_as() -> ResponseReturnValue:
    """Act in another of one's roles, in this session.

    `onward` is a page that this role was not shown, and the other one may be.
    """
    actor = current_user
    holding_id = request.form.get("role", 0, type=int)
    with transaction():
        held = service.act_as(holding_id, actor.sign_in_id, actor=actor)
        word = held.role.label
    flash(_("现在的身份是%(role)s。", role=_(word)), "success")
    return redirect(safe_next(request.form.get("onward"), "/"), 303)


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Keep language, theme, large type and keys: with the person, or in this browser."""
    chosen = {
        name: value
        for name, good in (
            ("language", set(locale.LOCALES)),
            ("theme", set(locale.THEMES)),
            ("large_type", {"0", "1"}),
            ("keys", {"0", "1"}),
        )
        if (value := request.form.get(name, "")) in good
    }
    if current_user.is_authenticated:
        actor = current_user
        large = chosen.get("large_type")
        with transaction():
            service.prefer(
                language=chosen.get("language", ""),
                theme=chosen.get("theme", ""),
                large_type=None if large is None else large == "1",
                actor=actor,
            )
    response = redirect(safe_next(request.form.get("next"), "/"), 303)
    for name, value in chosen.items():
        cookie = locale.COOKIES[name]
        secure = bool(request.is_secure)
        response.set_cookie(
            cookie, value, max_age=YEAR, samesite="Lax", httponly=True, secure=secure
        )
    return response


@bp.get("/start/<token>")
@public
def start(token: str) -> ResponseReturnValue:
    """Show the first page of an installation; looking at it does not use the link up."""
    queries.open_link(token, FIRST_ADMINISTRATOR)
    return _start_page(BeginForm(formdata=None))


@bp.post("/start/<token>")
@public
def begin(token: str) -> ResponseReturnValue:
    """Name the tenant, make its first administrator, and sign them in."""
    form = BeginForm()
    queries.open_link(token, FIRST_ADMINISTRATOR)
    if not form.validate():
        return _start_page(form), 422
    ip, browser = request.remote_addr or "", request.headers.get("User-Agent", "")
    new, username = form.new.data or "", form.username.data or ""
    try:
        passwords.check_rule(new, username=username, field="new")
        _check_again(new, form.again.data)
        given = service.Beginning(
            tenant_name=(form.tenant_name.data or "").strip(),
            username=username,
            name=(form.name.data or "").strip(),
            password_hash=passwords.make_hash(new),
        )
        with transaction():
            user = service.begin(token, given, ip=ip)
            entered = service.sign_in(
                service.Attempt(username, user.id, fits=True), ip=ip, browser=browser
            )
    except DomainError as error:
        forms.show(form, error)
        return _start_page(form), error.status
    if isinstance(entered, str):
        _enter(entered)
    flash(_("系统已启用。下一步：新增单位和人员。"), "success")
    return redirect(url_for("accounts.units"), 303)


def _enter(token: str) -> None:
    """Give the browser a new session: nothing of the one before it lives on."""
    session.clear()
    g.pop("csrf_token", None)  # a form of this very answer is for the new session
    user = queries.signed_in(token, ip=request.remote_addr or "")
    login_user(user)


def _check_again(new: str | None, again: str | None) -> None:
    if new != again:
        raise Invalid(N_("两次输入的新密码不一样，请再输一次。"), field="again")


def _password_page(form: PasswordForm) -> str:
    return render_template(
        "accounts/password.html", form=form, first=current_user.must_change_password
    )


def _start_page(form: BeginForm) -> str:
    return render_template("accounts/start.html", form=form)
