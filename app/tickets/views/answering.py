"""What the form of an answer starts from: the last one, an answer kept for it, policies to cite."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_login import current_user

from app.core import clock
from app.core.forms import Form
from app.library import queries as library
from app.library.models import CannedAnswer, PolicyDocument, Standing
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
        start["citation_ids"] = still_holding(last.citations)
    return start | begun("reply")


def begun(name: str) -> dict[str, Any]:
    """Return the words of the kept answer that the address names, for the field `name`."""
    canned_id = request.args.get(CANNED, type=int)
    if canned_id is None:
        return {}
    return {name: library.kept(CannedAnswer, canned_id, viewer=current_user).text}


def still_holding(cited: Sequence[PolicyDocument]) -> list[int]:
    """Return the ids of what was cited before and may be cited today."""
    today = clock.today()
    return [one.id for one in cited if one.standing(today) is Standing.VALID]


def beside(ticket: Ticket, name: str, form: StepForm) -> dict[str, Any]:
    """Return what the page of the form shows beside it."""
    return of_category(ticket.category_id, form) if name == Event.SUBMIT_REPLY else {}


def of_category(category_id: int | None, form: Form) -> dict[str, Any]:
    """Offer the policies to choose from, and return what stands above the form of an answer."""
    words = request.args.get(FIND, "").strip()
    asked = form["citation_ids"]
    chosen = [id_ for id_ in asked.data or () if id_]
    found = choices.documents(category_id, viewer=current_user, text=words, also=chosen)
    asked.choices = fields.listed(found)
    if not asked.choices and not asked.errors:  # an empty list asks nothing
        del form["citation_ids"]
    return {
        "canned": library.to_begin_from(category_id, viewer=current_user),
        "canned_id": request.args.get(CANNED, type=int),
        "policy_words": words,
    }
