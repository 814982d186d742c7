"""A ticket's contact leaves, and somebody else takes over: what was theirs to do is the other's.

Who reported it, who visited and who asked stays as it was written; only whose move comes next
changes. What complains about a unit of the successor never goes to them.
"""

from app.accounts import roles
from app.accounts.models import User
from app.accounts.roles import Role
from app.core.db import db
from app.core.i18n import N_
from app.tickets.models import Ticket
from app.tickets.queries.facts import Holders
from app.tickets.queries.passing import GOES, WRITERS, Passing
from app.tickets.service import moving, readers, telling
from app.tickets.service.confidential import NAMES
from app.tickets.service.given import StepInput
from app.tickets.workflow.states import OPEN, Note

CONTACT = {Role.LEADER: "leader_id", Role.LIAISON: "liaison_id"}
WHO_READS = N_("换了联系人，请定要不要让接手的人知情")


def pass_on(ticket_id: int, passing: Passing) -> bool:
    """Give what a ticket has of the giver to the successor; tell whether there was anything.

    A second run changes nothing. Of a confidential ticket the named few stay who they were: those
    who may name another are told.
    """
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    unfit = readers.of_complained_unit(ticket, passing.successor_id)
    changes = _changes(ticket, passing, unfit=unfit)
    if not changes:
        return False
    move = moving.begin(ticket, StepInput(), actor=roles.system(ticket.tenant_id))
    for column, user_id in changes.items():
        setattr(ticket, column, user_id)
    after = next(iter(changes.values()))
    move.payload = {
        "before": passing.giver_id,
        "was": _name(passing.giver_id),
        "contact_now": _name(after),
        "changed": sorted(changes),
    }
    written = moving.close(move, Note.PASSED_ON)
    if ticket.confidential:
        telling.to([Holders(NAMES)], telling.MOVED, ticket, written, what=WHO_READS)
    return True


def _changes(ticket: Ticket, passing: Passing, *, unfit: bool) -> dict[str, int | None]:
    """Return which columns change to whom."""
    changes: dict[str, int | None] = {}
    contact = CONTACT[passing.role]
    successor = passing.successor_id
    if ticket.status in GOES and getattr(ticket, contact) == passing.giver_id:
        changes[contact] = None if unfit else successor  # without one, the office asks
    leads = passing.role is Role.LEADER and ticket.escalation_owner_id == passing.giver_id
    if leads and ticket.status in OPEN and not unfit:
        changes["escalation_owner_id"] = successor
    if ticket.status in WRITERS and ticket.created_by_id == passing.giver_id:
        writer = passing.spare_id if unfit else successor
        if writer is not None:
            changes["created_by_id"] = writer
    return changes


def _name(user_id: int | None) -> str:
    return db.session.get_one(User, user_id).name if user_id else ""
