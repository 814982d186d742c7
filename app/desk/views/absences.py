"""Being away, with a deputy: one's own absences, and those of the people one answers for."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries as accounts
from app.accounts.models import Absence
from app.accounts.queries import absences as away
from app.core import clock
from app.core.http import submitted
from app.desk import service
from app.desk.forms import AbsenceForm, EndForm
from app.desk.views.blueprint import bp


@bp.get("/settings/absences")
def absences() -> ResponseReturnValue:
    """Show who is away and who stands in, and the form for the next time."""
    return _page(AbsenceForm(formdata=None))


@bp.post("/settings/absences")
def note_absence() -> ResponseReturnValue:
    """Write an absence down; what is for today begins at once."""
    actor, form = current_user, AbsenceForm()

    def work() -> str:
        service.note_absence(form.given(actor), actor=actor)
        return url_for(".absences")

    return submitted(form, work, page=lambda: _page(form), flash=_("已登记外出。"))


@bp.get("/settings/absences/<int:absence_id>")
def absence(absence_id: int) -> ResponseReturnValue:
    """Ask before an absence is ended or called off."""
    found = away.absence(absence_id, viewer=current_user)
    return _end_page(found, EndForm(formdata=None, version=found.version))


@bp.post("/settings/absences/<int:absence_id>")
def end_absence(absence_id: int) -> ResponseReturnValue:
    """End an absence today, or call it off: what the deputy has goes back."""
    actor, form = current_user, EndForm()
    found = away.absence(absence_id, viewer=actor)

    def work() -> str:
        version, reason = form.version.data, form.reason.data or ""
        service.end_absence(found, reason=reason, version=version, actor=actor)
        return url_for(".absences")

    return submitted(form, work, page=lambda: _end_page(found, form), flash=_("外出已结束。"))


def _page(form: AbsenceForm) -> str:
    viewer = current_user
    staff = away.staff(viewer=viewer)
    form.offer(staff, away.deputies(viewer=viewer), viewer)
    listed = away.absences(viewer=viewer)
    mine = {one.id for one in staff}
    today = clock.today()
    now = [one for one in listed if one.ended_at is None and one.from_on <= today <= one.to_on]
    return render_template(
        "desk/absences.html",
        form=form,
        listed=listed,
        today=today,
        now=now,
        may_end={one.id for one in listed if one.ended_at is None and one.user_id in mine},
        may_note=bool(staff),
    )


def _end_page(found: Absence, form: EndForm) -> str:
    viewer = current_user
    people = {
        one: accounts.user(one, viewer=viewer).name for one in (found.user_id, found.deputy_id)
    }
    return render_template("desk/absence.html", absence=found, form=form, people=people)
