"""What every page shares: the locked door, CSRF, strict headers, and how a refusal looks."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, redirect, render_template, request
from flask import flash as tell
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from app.core import forms
from app.core.errors import Busy, DomainError
from app.core.i18n import N_
from app.core.locale import said
from app.core.transactions import led_to, once

RETRY = "5"  # seconds after which somebody who was refused for the crowd may come again
_REFUSING = Lock()  # one after the other, so that those who were let in get on with their work
ANY_NUMBER: AbstractContextManager[object] = nullcontext()
MOST_HELD = 30  # files of one form, of a visit with its problems
LAST_PAGE = 1_000_000  # no list is longer; a database cannot count much further
View = TypeVar("View", bound=Callable[..., Any])
#: From a file's name and content, whose it is, and the key of its form: what the form carries.
Hold = Callable[[str, BinaryIO, int, str], str]

csrf = CSRFProtect()
login_manager = LoginManager()
login_manager.login_view = "accounts.login"
login_manager.login_message = None
login_manager.session_protection = None  # sessions are kept, and ended, on the server

POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
    " object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Of a page that shows a letter: inline styles as mail has them; no script, no picture, no way out.
IN_FRAME = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'; sandbox"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
RETURNING = "returning"  # a field that asks for a filled form, not for what it does
UNKEPT = frozenset({"csrf_token", RETURNING})  # of a form; its key stays, and what is good for it
ASSETS = frozenset({"static", "bootstrap.static"})
#: What opens something without an account, by the first part of its address.
_TOKEN = re.compile(r"(/(?:b|calendar|follow|rate|tell|v)/)[^/\s\]]+")
HIDDEN = frozenset({403, 404})  # what another of the person's roles may be shown
SENTENCES = {
    400: N_("这个请求不完整，可能是页面开得太久了。请返回上一页刷新后再试。"),
    401: N_("请先登录。"),
    403: N_("您没有做这件事的权限。"),
    410: N_("这个链接用过了，或者已经过期。"),
    404: N_("没有找到这个页面，可能已被移走，或者不在您能看的范围内。"),
    405: N_("这个地址不能这样打开。请从页面上的按钮进入。"),
    413: N_("内容太大：一次最多上传 60 MB。请减少附件后再提交。"),
    429: N_("操作太快了，请稍等一会儿再试。"),
    500: N_("系统出错了，刚才的操作没有保存。请稍后再试；一直不行请告诉管理员。"),
}


class Discreet(logging.Filter):
    """Leaves out of what is logged the tokens that stand in addresses of links."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write three dots for a token, and let every record pass."""
        record.msg = _TOKEN.sub(r"\1…", str(record.msg))
        return True


class IdConverter(IntegerConverter):
    """An id in an address: what no database could hold is no address of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - werkzeug's own
        super().__init__(*args, **{"max": 2**31 - 1, **kwargs})


def public(view: View) -> View:
    """Mark `view` as open to people who are not signed in."""
    view.public = True  # type: ignore[attr-defined]
    return view


def unasked(view: View) -> View:
    """Mark `view` as called by a script on its own: it keeps nobody signed in."""
    view.unasked = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask, hold: Hold | None = None) -> None:
    """Lock every page that is not marked public, and shape refusals.

    `hold` keeps a file that came with a form which has to wait for its owner to sign in again.
    """
    app.extensions["hold"] = hold
    app.url_map.converters["int"] = IdConverter
    if hops := int(app.config["PROXY_HOPS"]):  # else everybody comes from the proxy's address
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0)  # type: ignore[method-assign]
    app.logger.addFilter(Discreet())
    csrf.init_app(app)
    login_manager.init_app(app)
    app.before_request(_require_login)
    app.after_request(_be_strict)
    app.register_error_handler(DomainError, _refuse)
    app.register_error_handler(CSRFError, _refuse_forged)
    app.register_error_handler(HTTPException, _explain)


def safe_next(target: str | None, otherwise: str) -> str:
    """Return `target` if it stays on this site, else `otherwise`."""
    if not target:
        return otherwise
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside and not parts.netloc and not parts.scheme else otherwise


def page_number() -> int:
    """Return which page of a list is asked for; nonsense asks for the first."""
    asked = request.args.get("page", 1, type=int) or 1
    return asked if 1 <= asked <= LAST_PAGE else 1


def carried_out(form: forms.Form, work: Callable[[], str], *, flash: str = "") -> Response:
    """Do `work` once under the form's key, and lead to the page that it returns.

    Raises what `work` refuses; then nothing has changed.
    """
    user_id = getattr(current_user, "user_id", None)
    location = once(f"{user_id or 0}-{form.idempotency_key.data}", work, user_id=user_id)
    if flash:
        tell(flash, "success")
    return cast("Response", redirect(location, 303))


def done_before() -> Response | None:
    """Return to where the form at hand led when it was carried out, if it was.

    For what gives its thing away: a second click comes from somebody who may not see it now.
    """
    user_id = getattr(current_user, "user_id", None)
    key = request.form.get("idempotency_key", "")
    location = led_to(f"{user_id or 0}-{key}"[:64], user_id=user_id)
    return cast("Response", redirect(location, 303)) if location else None


def submitted(
    form: forms.Form,
    work: Callable[[], str],
    *,
    page: Callable[[], str],
    flash: str = "",
    room: AbstractContextManager[object] = ANY_NUMBER,
) -> ResponseReturnValue:
    """Carry the form out, or show its page again with what was typed and what is wrong.

    `room` is where the work is done, if only so many may do it at once.
    """
    if RETURNING in request.form:  # after signing in again: the filled form, to be looked at
        return page()
    if not form.validate():
        return page(), 422
    try:
        with room:
            return carried_out(form, work, flash=flash)
    except Busy as error:
        forms.show(form, error)
        with _REFUSING:
            return page(), error.status, {"Retry-After": RETRY}
    except DomainError as error:
        forms.show(form, error)
        return page(), error.status


def reader() -> Any:  # noqa: ANN401 - flask-login's, whose class is for the edges to know
    """Return who is signed in, as `current_user` stands for them: pages that ask much ask once."""
    return current_user._get_current_object()  # noqa: SLF001 - the way werkzeug names


def typed(whose: int | None) -> list[tuple[str, str]]:
    """Return what was typed into the form that was posted, so that it is not lost.

    Nothing where it came from elsewhere, or holds a password. Where it is known whose it is, the
    files that were chosen are held for them.
    """
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    if foreign or not came_from():
        return []
    fields = [(n, v) for n, v in request.form.items(multi=True) if n not in UNKEPT]
    secret = any("password" in n or n in {"new", "again", "current"} for n, _v in fields)
    return [] if secret else [*fields, *_held(whose)]


def _held(whose: int | None) -> Iterator[tuple[str, str]]:
    """Hold the files that were chosen, each beside the field in which it was chosen (ADR 34)."""
    hold, key = current_app.extensions["hold"], request.form.get("idempotency_key", "")
    if whose is None or hold is None or not forms.KEY.fullmatch(key):
        return
    for name, file in list(request.files.items(multi=True))[:MOST_HELD]:
        if name.endswith("files") and file.filename:
            carried = hold(file.filename, file.stream, whose, key)
            if carried:
                yield f"{name.removesuffix('files')}keep", carried


def _require_login() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in ASSETS:
        return None
    if getattr(current_app.view_functions[request.endpoint], "public", False):
        return None
    if current_user.is_authenticated:
        return None
    if request.headers.get("Sec-Fetch-Dest") == "iframe":  # the page to sign in shows in no frame
        return _say_in_frame()
    return cast("ResponseReturnValue", login_manager.unauthorized())


def _say_in_frame() -> ResponseReturnValue:
    """Say in a frame of ours that its reader is signed out, rather than show nothing there."""
    sentence = gettext("登录已过期，这里看不到了。请在另一个窗口登录，再回来点“预览”；写好的还在。")
    answer = make_response(render_template("mail/said.html", sentence=sentence, good=False), 401)
    answer.headers.update(IN_FRAME)
    return answer


def _be_strict(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint not in ASSETS:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refuse(error: DomainError) -> ResponseReturnValue:
    sentence = said(error)
    if request.accept_mimetypes.best == "application/json":
        return {"error": type(error).__name__, "message": sentence}, error.status
    page = render_template(
        "errors/refused.html",
        error_message=sentence,
        status=error.status,
        back_url=_back(),
        offers_roles=request.method == "GET" and error.status in HIDDEN,
    )
    return page, error.status


def _refuse_forged(error: CSRFError) -> ResponseReturnValue:
    """Refuse a form without its token; to somebody signed out, offer to sign in again.

    Who signed in again meanwhile, in another window, is led back to the form as it was filled.
    """
    del error
    if not current_user.is_authenticated:
        return cast("ResponseReturnValue", login_manager.unauthorized())
    if fields := typed(current_user.user_id):
        path = request.full_path.rstrip("?")
        page = render_template("errors/again.html", path=path, fields=fields, returning=RETURNING)
        return page, 400
    page = render_template(
        "errors/refused.html", error_message=gettext(SENTENCES[400]), back_url=_back()
    )
    return page, 400


def _explain(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None or code < 400:  # noqa: PLR2004 - a redirect is no fault
        return error
    sentence = gettext(SENTENCES.get(code, SENTENCES[500]))
    page = render_template(
        "errors/refused.html", error_message=sentence, status=code, back_url=_back()
    )
    return page, code


def came_from() -> str:
    """Return the page of ours that the person came from, or nothing."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host:
        return ""
    return safe_next(f"{referrer.path}?{referrer.query}".rstrip("?"), "")


def _back() -> str:
    return came_from() or "/"
