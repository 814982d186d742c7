"""What the form of an answer starts from: the last one, an answer kept for it, policies to cite."""

from typing import Any

from flask import request
from flask_login import current_user

from app.core import clock
from app.library import queries as library
from app.library.models import Standing
from app.tickets.forms import fields
from app.tickets.forms.steps import StepForm
from app.tickets.models import Ticket
from app.tickets.queries import choices
from app.tickets.workflow.states import Event

CANNED = "canned"  # of the address: the answer to begin from
FIND = "policy"  # of the address: the words by which policies are narrowed


def begin(ticket: Ticket) -> dict[str, Any]:
    """Return what a new answer starts from; one that was chosen stands before the last version."""
    start: dict[str, Any] = {}
    if ticket.replies:
        last = ticket.replies[-1]
        start = {"outcome": last.outcome, "reply": last.text, "basis": last.basis}
        start["citation_ids"] = [
            one.id for one in last.citations if one.standing(clock.today()) is Standing.VALID
        ]
    canned_id = request.args.get(CANNED, type=int)
    if canned_id is not None:
        start["reply"] = library.answer(canned_id, viewer=current_user).text
    return start


def beside(ticket: Ticket, name: str, form: StepForm) -> dict[str, Any]:
    """Return what the page of the form shows beside it, and narrow the policies to choose from."""
    if name != Event.SUBMIT_REPLY:
        return {}
    words = request.args.get(FIND, "").strip()
    chosen = [id_ for id_ in form["citation_ids"].data or () if id_]
    if words or chosen:
        found = choices.documents(ticket, viewer=current_user, text=words, also=chosen)
        form["citation_ids"].choices = fields.listed(found)
    asked = form["citation_ids"]
    if not asked.choices and not asked.errors:  # an empty list asks nothing
        del form["citation_ids"]
    return {
        "canned": library.to_begin_from(ticket.category_id, viewer=current_user),
        "canned_id": request.args.get(CANNED, type=int),
        "policy_words": words,
    }
