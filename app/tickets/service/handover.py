"""Handing a ticket over to a colleague of the unit, and saying why."""

from app.accounts.roles import Actor, Role
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.service import covering, moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.guards.opening import check_handler
from app.tickets.service.moving import Written
from app.tickets.workflow.states import RUNNING, Note

UNIT = frozenset({Role.HANDLER, Role.DEPT_HEAD})


def hand_over(ticket: Ticket, user_id: int | None, reason: str, *, actor: Actor) -> Written:
    """Let a colleague handle it from now on: by whoever handles it, or the head of the unit."""
    if not may_hand_over(actor, ticket):
        raise NotAllowed(N_("移交由承办人本人，或者主办单位负责人来做。"))
    policy.check_named(actor, ticket)
    if ticket.status not in RUNNING:
        raise DomainError(N_("这件企业问题现在是“{status}”，不能换承办人。"), status=ticket.status)
    before = ticket.handler_id
    text = asking.text(reason, "comment", least=2)
    move = moving.begin(ticket, StepInput(comment=text), actor=actor)
    user = check_handler(move, user_id, ticket.lead_unit_id)
    if user.id == before:
        raise Invalid(
            N_("这件本来就由{name}办，请选另一个人。"), field="handler_id", name=user.name
        )
    move.payload |= {"before": before, "handler": user.name}
    ticket.handler_id = user.id
    written = moving.close(move, Note.HANDED_OVER)
    covering.after(move)
    telling.to([before, user.id], telling.MOVED, ticket, written, what=Note.HANDED_OVER.label)
    return written


def may_hand_over(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether the actor has the ticket, or heads the unit in which somebody has it."""
    heads = actor.role is Role.DEPT_HEAD and _in_unit(actor, ticket)
    return _has_it(actor, ticket) or (heads and ticket.handler_id is not None)


def _has_it(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether the actor handles the ticket."""
    own = actor.user_id is not None and actor.user_id == ticket.handler_id
    return own and actor.role in UNIT and _in_unit(actor, ticket)


def _in_unit(actor: Actor, ticket: Ticket) -> bool:
    return actor.unit_id is not None and actor.unit_id == ticket.lead_unit_id
