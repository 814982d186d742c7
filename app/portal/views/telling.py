"""The page on which an enterprise tells a problem, without an account.

A GET changes nothing. Whoever sends the form as it was found changes nothing either: what has to
be written and the box about secrets are empty.
"""

from flask import current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.core import clock
from app.core.front import front
from app.core.http import csrf, public, submitted, unasked
from app.core.links import Standing
from app.core.room import Room
from app.portal.forms.telling import TellForm
from app.portal.models import Telling
from app.portal.queries import answers, doors, tellings
from app.portal.queries.doors import Door
from app.portal.service import telling as service
from app.portal.views.blueprint import bp

RECEIPT = "told"  # in the visitor's session: which telling, and until when it is shown
SHOWN = 3600  # seconds that the receipt can be looked at
LOOK = "look"  # the button that looks for an answer
ROOM = Room(5)  # of the eight threads of `flask serve`: the others refuse, and show pages
MOST_ASKED = 200  # characters of a question of the script


@bp.get("/tell")
@public
def tell() -> ResponseReturnValue:
    """Show the form of the only township; with more than one, say where to find its code."""
    door = doors.bare()
    return _fresh(door) if door else _many()


@bp.post("/tell")
@public
def send() -> ResponseReturnValue:
    """Take down what is told without a code."""
    door = doors.bare()
    return _taken(door, url_for(".send")) if door else _many()


@bp.get("/tell/<token>")
@public
def tell_by_code(token: str) -> ResponseReturnValue:
    """Show the form that a code leads to."""
    door = doors.by_code(token)
    if door is None or door.standing is not Standing.GOOD:
        return _closed(door)
    return _fresh(door)


@bp.post("/tell/<token>")
@public
def send_by_code(token: str) -> ResponseReturnValue:
    """Take down what is told through a code."""
    door = doors.by_code(token)
    if door is None or door.standing is not Standing.GOOD:
        return _closed(door)
    return _taken(door, url_for(".send_by_code", token=token))


csrf.exempt(send)  # their form asks itself: who lost their cookie sees it again, not the sign-in
csrf.exempt(send_by_code)


@bp.get("/tell/done")
@public
def told() -> ResponseReturnValue:
    """Show the number and the code, to be written down or printed."""
    found = _receipt()
    tenant = accounts.tenant(found.tenant_id) if found else None
    page = render_template(
        "portal/told.html",
        shell=front(tenant.name, demo=tenant.is_demo) if tenant else front(),
        telling=found,
        phone=tenant.office_phone if tenant else "",
        follow_url="/follow",
        again_url=url_for(".tell"),
    )
    return page, 200 if found else 410


@bp.get("/tell/answers")
@public
@unasked
def look_for_answers() -> ResponseReturnValue:
    """Return what others asked before, as a piece of a page; it changes nothing."""
    tenant_id = request.args.get("at", 0, type=int)
    words = request.args.get("q", "")[:MOST_ASKED]
    known = any(one.id == tenant_id for one in accounts.tenants())
    return render_template(
        "portal/_answers.html", offered=answers.alike(tenant_id, words) if known else []
    )


def _fresh(door: Door) -> str:
    return _page(_begun(TellForm(formdata=None), door), door, _address(door))


def _taken(door: Door, address: str) -> ResponseReturnValue:
    form = _begun(TellForm(), door)
    if LOOK in request.form:
        form.look_at_files()
        return _page(form, door, address, looked=True)
    limited = bool(current_app.config["TELL_LIMITS"])
    telling_ids = []

    def work() -> str:
        ip = request.remote_addr or ""
        arrival = form.arrival(ip, limited=limited)
        telling_ids.append(service.tell(form.words(), door, arrival))
        return url_for(".told")

    answer = submitted(form, work, page=lambda: _page(form, door, address), room=ROOM)
    if isinstance(answer, Response):
        form_key = str(form.idempotency_key.data)
        _remember(telling_ids[-1] if telling_ids else tellings.by_form(form_key))
    return answer


def _begun(form: TellForm, door: Door) -> TellForm:
    kinds = tellings.kinds(door.tenant.id)
    form.begin(door.subject, firm_is_known=door.enterprise is not None, kinds=kinds)
    return form


def _address(door: Door) -> str:
    token = (request.view_args or {}).get("token")
    return url_for(".send_by_code", token=token) if door.link and token else url_for(".send")


def _page(form: TellForm, door: Door, address: str, *, looked: bool = False) -> str:
    tenant = door.tenant
    form.carry_files()
    return render_template(
        "portal/tell.html",
        shell=front(tenant.name, demo=tenant.is_demo),
        form=form,
        firm=door.enterprise,
        officer=door.officer,
        tenant=tenant,
        phone=tenant.office_phone,
        address=address,
        looked=looked,
        offered=answers.alike(tenant.id, form.typed()) if looked else [],
        answers_url=url_for(".look_for_answers", at=tenant.id),
        days=tenant.parameters.acceptance_workdays,
    )


def _many() -> ResponseReturnValue:
    page = render_template("portal/doors.html", shell=front(), tenants=accounts.tenants())
    return page, 404


def _closed(door: Door | None) -> ResponseReturnValue:
    """Say kindly why a code opens nothing any more."""
    tenant = door.tenant if door else None
    page = render_template(
        "portal/code_closed.html",
        shell=front(tenant.name, demo=tenant.is_demo) if tenant else front(),
        why=_why(door),
        phone=tenant.office_phone if tenant else "",
        tell_url=url_for(".tell"),
    )
    return page, 410 if door else 404


def _why(door: Door | None) -> str:
    if door is None:
        return str(_("这个二维码不是这里的，请核对，或者直接从下面反映。"))
    if door.standing is Standing.EXPIRED:
        return str(_("这个二维码过期了，请联系镇里换一张新的，或者直接从下面反映。"))
    return str(_("这个二维码已经换过或者作废了，请用新的，或者直接从下面反映。"))


def _remember(telling_id: int | None) -> None:
    """Let the visitor's own browser see the receipt, for a while."""
    if telling_id is not None:
        session[RECEIPT] = [telling_id, int(clock.machine_now().timestamp()) + SHOWN]


def _receipt() -> Telling | None:
    kept = session.get(RECEIPT)
    if not kept or kept[1] < clock.machine_now().timestamp():
        return None
    return tellings.receipt(int(kept[0]))
