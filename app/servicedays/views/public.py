"""The page on which an enterprise books with the link of its letter: no account, no script.

Looking at it changes nothing; a link that is none of ours is counted. What posts every link it
meets does no sums.
"""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.accounts.roles import Actor, guest
from app.core import clock
from app.core.errors import NotFound
from app.core.front import front
from app.core.http import done_before, public, submitted
from app.core.transactions import transaction
from app.notifications.service import guessing
from app.servicedays import queries, service
from app.servicedays.forms import SelfForm
from app.servicedays.forms.booking import HumanForm
from app.servicedays.models import Appointment, Invitation
from app.servicedays.queries.appointments import standing_for
from app.servicedays.views.blueprint import bp


@bp.get("/b/<token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    """Show the day, and the enterprise's appointment where it has one."""
    invited = _invited(token)
    booked = _booked(invited)
    form = SelfForm(formdata=None)
    if booked is not None:
        form.show(booked)
    return _page(token, invited, form, HumanForm(formdata=None))


@bp.post("/b/<token>")
@public
def book_self(token: str) -> ResponseReturnValue:
    """Make the appointment, or change it."""
    invited = _invited(token)
    if done := done_before():
        return done
    form = SelfForm()
    booked = _booked(invited)
    form.expect(is_booked=booked is not None)
    form.offer(queries.places_of(invited.day, but=booked.id if booked else None))

    def work() -> str:
        _keep(invited, form)
        return url_for(".invitation", token=token)

    def page() -> str:
        return _page(token, invited, form, HumanForm(formdata=None))

    return submitted(form, work, page=page, flash=_("已为您预约。"))


@bp.post("/b/<token>/release")
@public
def release_self(token: str) -> ResponseReturnValue:
    """Call the appointment off."""
    invited = _invited(token)
    form = HumanForm()

    def work() -> str:
        service.check_pace(invited.day_id, invited.enterprise_id)
        booked = _booked(invited)
        if booked is not None:
            service.release(booked, version=form.version.data, actor=_actor(invited))
        return url_for(".invitation", token=token)

    def page() -> str:
        shown = SelfForm(formdata=None)
        booked = _booked(invited)
        if booked is not None:
            shown.show(booked)
        return _page(token, invited, shown, form)

    return submitted(form, work, page=page, flash=_("您的预约已取消。"))


def _invited(token: str) -> Invitation:
    """Return the invitation that a link opens; what is no link of ours is counted, and kept."""
    ip = request.remote_addr or ""
    guessing.check_place(ip)
    if queries.is_link(token):
        return queries.by_link(token)
    with transaction():
        refused = guessing.wrong_link(token, ip=ip)
    raise refused or NotFound(queries.NO_LINK)


def _keep(invited: Invitation, form: SelfForm) -> None:
    service.check_pace(invited.day_id, invited.enterprise_id)
    actor = _actor(invited)
    draft = form.given(invited.enterprise_id)
    booked = _booked(invited)
    if booked is None:
        service.book(invited.day, draft, actor=actor)
    else:
        service.move(booked, draft, version=form.version.data, actor=actor)


def _booked(invited: Invitation) -> Appointment | None:
    return standing_for(invited.day_id, invited.enterprise_id)


def _actor(invited: Invitation) -> Actor:
    """Return the enterprise that holds the link, as somebody who acts."""
    return guest(invited.day.tenant_id, invited.enterprise_id, name=invited.enterprise.called)


def _page(token: str, invited: Invitation, form: SelfForm, release: HumanForm) -> str:
    day, booked = invited.day, _booked(invited)
    tenant = accounts.tenant(day.tenant_id)
    places = queries.places_of(day, but=booked.id if booked else None)
    form.offer(places)
    if booked is not None:
        release.renew(booked.version)
        if form.version.data not in {None, booked.version}:
            form.renew(booked.version)
    return render_template(
        "servicedays/public.html",
        token=token,
        day=day,
        firm=invited.enterprise,
        tenant=tenant,
        shell=front(tenant.name, demo=tenant.is_demo),
        booked=booked,
        form=form,
        release=release,
        is_full=not any(place.is_free for place in places),
        is_open=day.is_announced and clock.now() < day.begins,
    )
