"""The codes that lead to the public page: as a poster, as cards, renewed and revoked."""

from io import BytesIO

import segno
from flask import abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import links
from app.core.front import front
from app.core.http import submitted
from app.core.links import PublicLink
from app.portal import policy
from app.portal.forms.clearing import StepForm
from app.portal.queries import codes
from app.portal.queries.codes import Code, CodeKind
from app.portal.service import codes as service
from app.portal.views.blueprint import bp

CARDS = 8  # on a sheet


@bp.get("/posters")
def posters() -> ResponseReturnValue:
    """List the codes that the viewer may print."""
    policy.check_may_print(current_user)
    prints_all = policy.may_print_all(current_user)
    return render_template(
        "portal/posters.html", prints_all=prints_all, officers=codes.officers(viewer=current_user)
    )


@bp.get("/posters/<whose>/<int:thing_id>")
def poster(whose: str, thing_id: int) -> ResponseReturnValue:
    """Show one code, and what can be done with it."""
    return _page(_code(whose, thing_id))


@bp.get("/posters/<whose>/<int:thing_id>/print")
def poster_sheet(whose: str, thing_id: int) -> ResponseReturnValue:
    """Show the poster as it is printed, on A4."""
    return _printed("portal/poster_sheet.html", _code(whose, thing_id))


@bp.get("/posters/<whose>/<int:thing_id>/cards")
def card_sheet(whose: str, thing_id: int) -> ResponseReturnValue:
    """Show a sheet of cards as it is printed."""
    return _printed("portal/card_sheet.html", _code(whose, thing_id))


@bp.get("/posters/<whose>/<int:thing_id>/code.svg")
def poster_code(whose: str, thing_id: int) -> ResponseReturnValue:
    """Return the picture of a code."""
    found = _code(whose, thing_id)
    if found.link is None:
        abort(404)
    drawn = BytesIO()
    picture = segno.make_qr(_address(found.link), error="m")
    picture.save(drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff", nl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@bp.post("/posters/<whose>/<int:thing_id>/make")
def make_code(whose: str, thing_id: int) -> ResponseReturnValue:
    """Make a code where there is none."""
    return _done(whose, thing_id, service.make, _("二维码做好了，可以打印。"))


@bp.get("/posters/<whose>/<int:thing_id>/renew")
def confirm_renewal(whose: str, thing_id: int) -> ResponseReturnValue:
    """Ask again before what was printed opens nothing any more."""
    return _page(_code(whose, thing_id), asks="renew")


@bp.post("/posters/<whose>/<int:thing_id>/renew")
def renew_code(whose: str, thing_id: int) -> ResponseReturnValue:
    """Make another code."""
    return _done(whose, thing_id, service.renew, _("换好了。以前印的扫了打不开，请贴新的。"))


@bp.get("/posters/<whose>/<int:thing_id>/revoke")
def confirm_revocation(whose: str, thing_id: int) -> ResponseReturnValue:
    """Ask again before a code opens nothing any more."""
    return _page(_code(whose, thing_id), asks="revoke")


@bp.post("/posters/<whose>/<int:thing_id>/revoke")
def revoke_code(whose: str, thing_id: int) -> ResponseReturnValue:
    """Let a code open nothing any more."""
    return _done(whose, thing_id, service.revoke, _("作废了，扫了打不开。"))


def _done(whose: str, thing_id: int, verb: service.Verb, said: str) -> ResponseReturnValue:
    found, form = _code(whose, thing_id), StepForm()

    def work() -> str:
        verb(found.kind, found.id, actor=current_user)
        return url_for(".poster", whose=whose, thing_id=thing_id)

    return submitted(form, work, page=lambda: _page(_code(whose, thing_id)), flash=said)


def _code(whose: str, thing_id: int) -> Code:
    known = next((one for one in CodeKind if one.value == whose), None)
    if known is None:
        abort(404)
    return codes.code(known, thing_id, viewer=current_user)


def _page(found: Code, *, asks: str = "") -> str:
    return render_template(
        "portal/poster.html",
        code=found,
        asks=asks,
        form=StepForm(formdata=None),
        address=_address(found.link) if found.link else "",
        words=_words(found),
    )


def _printed(template: str, found: Code) -> ResponseReturnValue:
    if found.link is None:
        abort(404)
    return render_template(
        template,
        shell=front(),
        code=found,
        tenant=codes.own_tenant(viewer=current_user),
        address=_address(found.link),
        picture=url_for(".poster_code", whose=found.kind.value, thing_id=found.id),
        cards=CARDS,
    )


def _words(found: Code) -> str:
    if found.kind is CodeKind.ENTERPRISE:
        return str(_("只给这一家用：扫了不用再写企业名称。"))
    if found.kind is CodeKind.USER:
        return str(_("印成联络卡，走访时留给企业。扫了反映的，记为这位同志带来的。"))
    return str(_("贴在大厅、园区和村里，哪家企业都能用。"))


def _address(link: PublicLink) -> str:
    path = url_for(".tell_by_code", token=links.token_of(link))
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path
