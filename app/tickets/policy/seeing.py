"""Who may know of a ticket, and whose it is to act on.

Source: the roles × rights table of the office's ticket rules, C2.6. Which step a role may
take stands in the workflow table; here is for which tickets.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, true

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.models import OrgUnit
from app.accounts.policy import theirs
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import N_
from app.enterprises.models import Linkage
from app.tickets.models import CoTask, Ticket, TicketReader
from app.tickets.workflow.states import Event, Note

CONDITIONS = 1000  # that are kept: two for each role of a person
#: The steps that the enterprise is told of. What the offices ask each other, draft, return
#: or supervise is theirs; so are their words, but those that `SAID_TO_ENTERPRISE` names.
TOLD_TO_ENTERPRISE = frozenset(
    {
        Event.SUBMIT,
        Event.ACCEPT,
        Event.REJECT,
        Event.REQUEST_SUPPLEMENT,
        Event.MERGE,
        Event.CLOSE_ON_SITE,
        Event.DISPATCH,
        Event.REASSIGN,
        Event.SIGN,
        Event.AUTO_SIGN,
        Event.FIRST_CONTACT,
        Event.APPROVE_EXTENSION,
        Event.ESCALATE,
        Event.APPROVE_SUSPENSION,
        Event.RESUME,
        Event.APPROVE_REPLY,
        Event.REVISIT_CLOSE,
        Event.REVISIT_REWORK,
        Event.CLOSE_UNSATISFIED,
        Event.CLOSE_UNREACHABLE,
        Event.REOPEN,
        Event.ARCHIVE,
        Event.CANCEL,
    }
)
#: The office, the units that work on it, and the leader who looks after the firm.
PRINTING = frozenset(
    {Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.DEPT_HEAD, Role.HANDLER, Role.LEADER}
)
SAID_TO_ENTERPRISE: frozenset[Event | Note] = frozenset(
    {
        Event.REJECT,
        Event.REQUEST_SUPPLEMENT,
        Event.PROGRESS_NOTE,
        Event.REVISIT_CLOSE,
        Event.REVISIT_REWORK,
        Event.REOPEN,
        Note.SUPPLEMENTED,  # its own words
        Note.WITHDRAWAL_ASKED,
        Note.WITHDRAWAL_DROPPED,
    }
)


def visible_to(viewer: Actor, *, numbered: bool = False) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a ticket.

    A draft is its creator's alone, but for one that was sent back: it has a number. Where
    only tickets with a number are asked for anyway, `numbered` leaves that rule out, so that
    an index alone can answer. What is confidential is for its named few, in whatever role.
    """
    return _visible_on(clock.today(), viewer.seat, numbered=numbered)


@lru_cache(maxsize=CONDITIONS)
def _visible_on(day: date, viewer: Actor, *, numbered: bool) -> ColumnElement[bool]:
    """Return the condition of one day: a page asks several times, and building it takes long."""
    del day  # linkages hold from a day to a day
    scope = and_(_scope(viewer), _open_to(viewer))
    if numbered:
        return and_(Ticket.tenant_id == viewer.tenant_id, scope)
    own = Ticket.created_by_id == viewer.user_id if viewer.user_id is not None else false()
    told = or_(Ticket.number.is_not(None), own)
    return and_(Ticket.tenant_id == viewer.tenant_id, scope, told)


def in_scope(viewer: Actor, ticket: Ticket) -> bool:
    """Tell whether the role would let `viewer` know of the ticket, were it not confidential."""
    found = select(Ticket.id).where(Ticket.id == ticket.id, Ticket.tenant_id == viewer.tenant_id)
    return db.session.scalar(found.where(_scope(viewer))) is not None


def _open_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a ticket is confidential to nobody, or to this viewer not.

    The enterprise knows its own. The list of what somebody may read is looked up once, and
    only where a confidential ticket is met.
    """
    if viewer.role is Role.ENTERPRISE_USER:
        return true()
    plain = Ticket.confidential.is_(False)
    if viewer.user_id is None:
        return plain
    named = (
        select(TicketReader.ticket_id)
        .where(TicketReader.user_id == viewer.user_id, TicketReader.ended_at.is_(None))
        .correlate(None)
    )
    return or_(plain, Ticket.id.in_(named))


def is_named(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether the ticket is confidential to others only; the timetable works on all."""
    if not ticket.confidential or actor.role is Role.SYSTEM:
        return True
    if actor.role is Role.ENTERPRISE_USER:
        return actor.enterprise_id == ticket.enterprise_id
    found = select(TicketReader.id).where(
        TicketReader.ticket_id == ticket.id,
        TicketReader.user_id == (actor.user_id or 0),
        TicketReader.ended_at.is_(None),
    )
    return db.session.scalar(found.limit(1)) is not None


def check_named(actor: Actor, ticket: Ticket) -> None:
    """Raise NotFound to whom a confidential ticket is none of theirs: they learn nothing."""
    if not is_named(actor, ticket):
        raise NotFound(N_("没有找到这件企业问题，可能不在您能看的范围内。"))


def _scope(viewer: Actor) -> ColumnElement[bool]:
    if viewer.may(Permission.TICKET_SEE_ALL):
        return Ticket.id.is_not(None)
    rule = _SCOPES.get(viewer.role)
    return rule(viewer) if rule and viewer.user_id is not None else false()


def _of_leader(viewer: Actor) -> ColumnElement[bool]:
    in_charge = select(OrgUnit.id).where(theirs(OrgUnit.in_charge_id, viewer))
    return or_(
        theirs(Ticket.leader_id, viewer),
        theirs(Ticket.created_by_id, viewer),
        theirs(Ticket.escalation_owner_id, viewer),
        Ticket.lead_unit_id.in_(in_charge),
        Ticket.enterprise_id.in_(_linked(theirs(Linkage.leader_id, viewer))),
    )


def _of_liaison(viewer: Actor) -> ColumnElement[bool]:
    return or_(
        theirs(Ticket.liaison_id, viewer),
        theirs(Ticket.created_by_id, viewer),
        Ticket.enterprise_id.in_(_linked(theirs(Linkage.liaison_id, viewer))),
    )


def _of_unit_head(viewer: Actor) -> ColumnElement[bool]:
    if viewer.unit_id is None:
        return false()
    return or_(Ticket.lead_unit_id == viewer.unit_id, _co_handled_by(viewer.unit_id))


def _of_handler(viewer: Actor) -> ColumnElement[bool]:
    if viewer.unit_id is None:
        return false()
    unassigned = and_(Ticket.lead_unit_id == viewer.unit_id, Ticket.handler_id.is_(None))
    return or_(
        and_(Ticket.lead_unit_id == viewer.unit_id, Ticket.handler_id == viewer.user_id),
        unassigned,
        _co_handled_by(viewer.unit_id),
    )


def _of_enterprise(viewer: Actor) -> ColumnElement[bool]:
    if viewer.enterprise_id is None:
        return false()
    return Ticket.enterprise_id == viewer.enterprise_id


_SCOPES: dict[Role, Callable[[Actor], ColumnElement[bool]]] = {
    Role.LEADER: _of_leader,
    Role.LIAISON: _of_liaison,
    Role.DEPT_HEAD: _of_unit_head,
    Role.HANDLER: _of_handler,
    Role.ENTERPRISE_USER: _of_enterprise,
}


def _co_handled_by(unit_id: int) -> ColumnElement[bool]:
    # Not EXISTS: a list of ids can be looked up beside the index of the lead unit.
    return Ticket.id.in_(select(CoTask.ticket_id).where(CoTask.unit_id == unit_id))


def _linked(whose: ColumnElement[bool]) -> ColumnElement[int]:
    today = clock.today()
    return (
        select(Linkage.enterprise_id)
        .where(whose, Linkage.enterprise_id.is_not(None), Linkage.valid_from <= today)
        .where(or_(Linkage.valid_to.is_(None), Linkage.valid_to >= today))
        .scalar_subquery()
    )


def is_concerned(actor: Actor, ticket: Ticket, event: Event) -> bool:
    """Tell whether the ticket is `actor`'s to act on, given that the role may take `event`.

    Whoever acts for the office, the leading group or the timetable acts on all of the
    tenant; units act on what was handed to them; a draft is its creator's. What was sent back
    to somebody who is away waits for the deputy.
    """
    if actor.tenant_id != ticket.tenant_id or not is_named(actor, ticket):
        return False
    if event in {Event.SUBMIT, Event.DISCARD}:
        return _wrote(actor, ticket)
    if actor.role is Role.DEPT_HEAD:
        return actor.unit_id is not None and ticket.lead_unit_id == actor.unit_id
    if actor.role is Role.HANDLER:
        return _handles(actor, ticket, event)
    if actor.role in {Role.LEADER, Role.LIAISON}:
        return may_see(actor, ticket)
    return True


def is_of_guest(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether `actor` is the ticket's enterprise, let in by a link or a code.

    What was sent back to somebody it may answer, or give up, itself.
    """
    return _is_outside(actor, ticket) and ticket.number is not None


def _is_outside(actor: Actor, ticket: Ticket) -> bool:
    outside = actor.role is Role.ENTERPRISE_USER and actor.user_id is None
    if not outside or actor.tenant_id != ticket.tenant_id:
        return False
    return actor.enterprise_id is not None and actor.enterprise_id == ticket.enterprise_id


def _wrote(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether a draft is this actor's: its creator's, or a guest's of the enterprise."""
    if actor.user_id is None:
        known = ticket.number is not None or ticket.created_by_id is None
        return known and _is_outside(actor, ticket)
    sent_back = ticket.number is not None and actor.acts_for(ticket.created_by_id)
    return ticket.created_by_id == actor.user_id or sent_back


def may_see(viewer: Actor, ticket: Ticket) -> bool:
    """Tell whether `viewer` may know of the ticket."""
    found = _is_seen(anyone_like(viewer), clock.today())
    asked = {"ticket_id": ticket.id, **ids_of(viewer)}
    return db.session.scalar(found, asked) is not None


@lru_cache(maxsize=CONDITIONS)
def _is_seen(viewer: Actor, day: date) -> Select[int]:
    del day  # as above: kept, for a step asks several times
    return select(Ticket.id).where(Ticket.id == bindparam("ticket_id"), visible_to(viewer))


def is_outside(viewer: Actor) -> bool:
    """Tell whether `viewer` belongs to no office: the enterprise is told what concerns it."""
    return viewer.role is Role.ENTERPRISE_USER


def may_print_note(viewer: Actor) -> bool:
    """Tell whether `viewer`, who sees a ticket, may print the note that it was handed out with."""
    return viewer.role in PRINTING


def may_attach(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether `actor`, who sees it, may add files: whoever works on it or reported it."""
    if ticket.is_over:
        return False
    own = actor.user_id is not None and ticket.created_by_id == actor.user_id
    return own or actor.may(Permission.TICKET_COMMENT)


def check_may_attach(actor: Actor, ticket: Ticket) -> None:
    """Raise NotAllowed unless `actor` may add files."""
    if not may_attach(actor, ticket) or not may_see(actor, ticket):
        raise NotAllowed(N_("您现在不能给这件企业问题添加附件。"))


def _handles(actor: Actor, ticket: Ticket, event: Event) -> bool:
    if actor.unit_id is None:
        return False
    if ticket.lead_unit_id == actor.unit_id:
        return ticket.handler_id in {None, actor.user_id}
    if event is Event.PROGRESS_NOTE:
        return any(task.unit_id == actor.unit_id for task in ticket.present_co_tasks)
    return False
