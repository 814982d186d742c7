"""What resembles a problem, offered where it is accepted or merged."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from app.tickets.forms import fields
from app.tickets.forms.steps import StepForm
from app.tickets.models import Ticket
from app.tickets.queries import choices
from app.tickets.queries.choices import Option
from app.tickets.queries.similar import Similar, similar
from app.tickets.service import common
from app.tickets.workflow.states import Event

OFFERED = frozenset({Event.ACCEPT, Event.MERGE})


def merging(_ticket: Ticket) -> dict[str, Any]:
    """Return into which other one the address proposes to merge."""
    return {"master_id": request.args.get("master", type=int)}


def beside(ticket: Ticket, name: str, form: StepForm) -> dict[str, Any]:
    """Return the problems like this one; in the form of a merger, its own enterprise's first."""
    if name not in OFFERED:
        return {}
    found = similar(ticket, viewer=current_user)
    twins = choices.twins(ticket, viewer=current_user)
    if name == Event.MERGE:  # its own enterprise's are what it may be merged into
        form["master_id"].choices = fields.listed(_masters(found, twins))
        found = [one for one in found if not one.is_same_enterprise]
    return {
        "similar": found,
        "twins": twins,
        "may_group": common.may_group(current_user, ticket) and ticket.common_id is None,
        "may_merge": name == Event.ACCEPT,
    }


def _masters(found: list[Similar], twins: list[Option]) -> list[Option]:
    """Return what a problem may be merged into: the likest first, each once."""
    alike = {
        one.id: _(
            "%(number)s %(title)s（相似 %(n)s%%）",
            number=one.number,
            title=one.title,
            n=one.percent,
        )
        for one in found
        if one.is_same_enterprise
    }
    return [*alike.items(), *(twin for twin in twins if twin[0] not in alike)]
