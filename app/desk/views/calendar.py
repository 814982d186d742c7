"""One's calendar as an address that telephones and Outlook read, and the page that gives it out."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime

from flask import Response, current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock, crypto, ics, locale
from app.core.forms import Form
from app.core.http import public, submitted
from app.core.i18n import N_
from app.desk import service
from app.desk.queries import feed
from app.desk.queries.feed import Item
from app.desk.views import words
from app.desk.views.blueprint import bp
from app.notifications.channels import host

SHOWN_ONCE = "calendar-address"
NAME = N_("闭环 · {name}")
TYPE = "text/calendar; charset=utf-8"


@bp.get("/calendar/<token>.ics")
@public
def calendar_feed(token: str) -> ResponseReturnValue:
    """Hand out the calendar to whoever holds its address; nothing is noted of it.

    The tag follows from what stands in it. When something was taken out nobody can say, so that
    the time told is that of asking: whoever asks by time alone is always answered in full.
    """
    person = feed.whose(token)
    with locale.speaking(person.language or "zh"):
        content = ics.written(
            [_entry(item) for item in feed.items_of(person)],
            name=locale.translated(NAME).format(name=person.name),
            domain=host(),
            method=ics.PUBLISH,
        )
    answer = Response(content, content_type=TYPE)
    answer.headers["Content-Disposition"] = 'inline; filename="bihuan.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(content).hexdigest())
    answer.last_modified = clock.machine_now()
    return answer.make_conditional(request)


@bp.get("/settings/calendar")
def calendar() -> ResponseReturnValue:
    """Show whether there is an address, and how to use it."""
    return _page(Form())


@bp.post("/settings/calendar")
def give_calendar() -> ResponseReturnValue:
    """Give out an address, which is shown once; the one before it is void."""
    return _done(lambda: _show_once(service.give_calendar(actor=current_user)), "")


@bp.post("/settings/calendar/end")
def take_calendar() -> ResponseReturnValue:
    """Let the address show nothing any more."""
    return _done(lambda: service.take_calendar(actor=current_user), _("日历订阅已停止。"))


def _done(verb: Callable[[], None], flash: str) -> ResponseReturnValue:
    form = Form()

    def work() -> str:
        verb()
        return url_for(".calendar")

    return submitted(form, work, page=lambda: _page(form), flash=flash)


def _show_once(token: str) -> None:
    """Keep the address, encrypted, for the next page that this browser shows."""
    session[SHOWN_ONCE] = b64encode(crypto.encrypt(token)).decode()


def _page(form: Form) -> str:
    link = feed.address_of(current_user)
    sealed = session.pop(SHOWN_ONCE, "") if request.method == "GET" else ""
    address = ""
    if sealed and link is not None:
        path = url_for(".calendar_feed", token=crypto.decrypt(b64decode(sealed)))
        address = str(current_app.config["PUBLIC_URL"]).rstrip("/") + path
    return render_template(
        "desk/calendar.html", form=form, ending=Form(formdata=None), link=link, address=address
    )


def _entry(item: Item) -> ics.Entry:
    public_url = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return ics.Entry(
        uid=item.uid,
        summary=words.say(item.title),
        start=item.start,
        end=item.end,
        at=item.at,
        place=item.place,
        details=words.say(item.details),
        url=public_url + words.address(item.link) if item.link else "",
        sequence=item.sequence,
        is_free=not isinstance(item.start, datetime),
    )
