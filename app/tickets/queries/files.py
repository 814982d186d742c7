"""The files of a ticket. Pictures that belong to a rating are seen by whoever may read it.

The enterprise gets what it sent itself and what was marked for it, and no file of the offices.
"""

from collections.abc import Sequence

from app.accounts.roles import Actor
from app.attachments import queries as attachments
from app.attachments.models import Attachment
from app.core.errors import NotFound
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket


def of(ticket: Ticket, viewer: Actor, *, rated: bool) -> Sequence[Attachment]:
    """Return the files of a ticket that the viewer sees; who is `rated` sees none of a rating."""
    found = attachments.belonging_to(viewer=viewer, ticket_id=ticket.id)
    if policy.is_outside(viewer):
        return [one for one in found if _is_theirs(one, viewer)]
    return [one for one in found if one.revisit_id is None] if rated else found


def one_of(ticket: Ticket, attachment_id: int, *, viewer: Actor) -> Attachment:
    """Return one file of a ticket that the viewer sees; raise NotFound for any other."""
    found = attachments.get(attachment_id, viewer=viewer, ticket_id=ticket.id)
    hidden = found.revisit_id is not None and not policy.sees_rating(viewer, ticket.id)
    if hidden or (policy.is_outside(viewer) and not _is_theirs(found, viewer)):
        raise NotFound(N_("没有找到这个附件，可能已被移除。"))
    return found


def _is_theirs(file: Attachment, viewer: Actor) -> bool:
    """Tell whether somebody of the enterprise may have a file: their own, or meant for them."""
    return file.for_enterprise or file.added_by_id == viewer.user_id
