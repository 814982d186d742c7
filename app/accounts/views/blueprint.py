"""The blueprint, and what happens around every request of somebody who is signed in."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from app.accounts import queries, service
from app.accounts.forms import SignInForm
from app.accounts.queries import SignedIn
from app.core import clock
from app.core.http import came_from, login_manager, typed
from app.core.transactions import transaction

bp = Blueprint("accounts", __name__)

SEEN_EVERY = timedelta(minutes=1)
HELD_FOR = 8 * 3600  # seconds that a filled form waits for its owner
#: What somebody with a first password may do before they change it.
BEFORE_CHANGE = {
    "accounts.password",
    "accounts.change_password",
    "accounts.sign_out",
    "accounts.preferences",
    "static",
    "bootstrap.static",
}


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    """Return who is signed in with the token of the cookie."""
    return queries.signed_in(token, ip=request.remote_addr or "")


@bp.before_app_request
def keep_alive() -> None:
    """Note once a minute that the session is in use: by somebody, not by a script alone."""
    if request.endpoint in {"static", "bootstrap.static"} or not current_user.is_authenticated:
        return
    if getattr(current_app.view_functions.get(request.endpoint or ""), "unasked", False):
        return
    if clock.machine_now() - current_user.seen_at > SEEN_EVERY:
        sign_in_id = current_user.sign_in_id
        with transaction():
            service.touch(sign_in_id)


@bp.before_app_request
def ask_for_own_password() -> ResponseReturnValue | None:
    """Let nobody work with a password that somebody else has seen."""
    if request.endpoint in BEFORE_CHANGE or not current_user.is_authenticated:
        return None
    if not current_user.must_change_password:
        return None
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.password", next=here), 303)


@login_manager.unauthorized_handler
def ask_to_sign_in() -> ResponseReturnValue:
    """Lead to the sign-in page and back; what was typed into a form waits meanwhile."""
    if request.method in {"GET", "HEAD"}:
        here = request.full_path.rstrip("?")
        return redirect(url_for("accounts.login", next=here if here != "/" else None))
    held = _hold()
    form = SignInForm(formdata=None, next=came_from(), held=held)
    note = _("您已经退出登录。") + (_("刚才填写的内容还在，登录后可以接着填。") if held else "")
    return render_template("accounts/login.html", form=form, note=note, **greeting()), 401


def greeting() -> dict[str, Any]:
    """Return what the pages before the sign-in say of the house."""
    houses = queries.tenants()
    return {
        "house": houses[0].name if len(houses) == 1 else "",
        "invented": any(house.is_demo for house in houses),
    }


def take_held(sealed: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Return the address and the fields of a form that waited, if we sealed it."""
    try:
        path, fields = _seal().loads(sealed, max_age=HELD_FOR)
    except BadData:
        return None
    return path, [(name, value) for name, value in fields]


def _hold() -> str:
    """Seal the form that was posted, unless it came from elsewhere or holds a password.

    Its files stay only where the browser has the session of somebody, left idle: nobody else fills
    the disk.
    """
    fields = typed(queries.left_idle(str(session.get("_user_id", ""))))
    return str(_seal().dumps([request.full_path.rstrip("?"), fields])) if fields else ""


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="held form")
