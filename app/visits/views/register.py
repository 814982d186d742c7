"""The list of visits, the page of one, its files, and the rules of conduct."""

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.attachments import queries as attachments
from app.core import clock, files, forms
from app.core.http import page_number
from app.core.paging import paged
from app.visits import policy, queries
from app.visits.calendar import Month
from app.visits.forms import VisitFilterForm
from app.visits.views.blueprint import bp

MONTHS_BACK = 24


@bp.get("/visits")
def index() -> ResponseReturnValue:
    """List the visits that the viewer may see, and how far this month has come."""
    form = VisitFilterForm(forms.asked(request.args))
    month = Month.of(clock.today())
    form.offer(people=queries.visitors_of(current_user.tenant_id), months=_months(month))
    found = queries.search(form.asked(), viewer=current_user)
    page = paged(found, page_number(), size=current_app.config["PAGE_SIZE"])
    return render_template(
        "visits/index.html",
        form=form,
        page=page,
        month=month,
        share=queries.completion(month.period, viewer=current_user),
        asked=queries.asked_exemptions(current_user),
        problems=queries.problems_of([one.id for one in page.items], viewer=current_user),
        may_record=policy.may_record(current_user),
        may_exempt=policy.may_exempt(current_user),
        may_cover=policy.may_cover(current_user),
    )


@bp.get("/visits/<int:visit_id>")
def detail(visit_id: int) -> ResponseReturnValue:
    """Show one visit and the problems that it brought back."""
    visit = queries.get(visit_id, viewer=current_user)
    return render_template(
        "visits/detail.html",
        visit=visit,
        problems=queries.problems_of([visit.id], viewer=current_user).get(visit.id, []),
        files=attachments.belonging_to(viewer=current_user, visit_id=visit.id),
        file_url=lambda id_: url_for(".file", visit_id=visit.id, attachment_id=id_),
        may_record=policy.may_record(current_user),
        near=queries.planned_after(visit, but=current_user),
    )


@bp.get("/visits/<int:visit_id>/files/<int:attachment_id>")
def file(visit_id: int, attachment_id: int) -> ResponseReturnValue:
    """Hand out a file of a visit that the viewer may see."""
    visit = queries.get(visit_id, viewer=current_user)
    kept = attachments.get(attachment_id, viewer=current_user, visit_id=visit.id)
    return files.send(kept, inline=request.args.get("inline") == "1")


@bp.get("/visits/rules")
def rules() -> ResponseReturnValue:
    """Show how a visitor behaves: the eight things that are not done."""
    return render_template("visits/rules.html")


def _months(month: Month) -> list[Month]:
    found = [month]
    while len(found) < MONTHS_BACK:
        found.append(found[-1].preceding)
    return found
