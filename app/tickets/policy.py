"""Who may know of a ticket, and whose it is to act on.

Source: the roles × rights table of the office's ticket rules, C2.6. Which step a role may
take stands in the workflow table; here is for which tickets.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, or_, select, true

from app.accounts.models import Absence, OrgUnit, RoleHolding
from app.accounts.policy import theirs
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import N_
from app.enterprises.models import Linkage
from app.tickets.models import CoTask, Dispatch, Ticket, TicketEvent, TicketReader
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
#: What tells of a rating: whoever is rated learns that it was given, and why it is handled again.
HEARD = frozenset({Event.REVISIT_CLOSE, Event.REVISIT_REWORK, Note.REVISITED, Note.ATTEMPT})
TOLD_TO_RATED = frozenset({"round", "reasons"})  # of what such an event noted
#: Who stands above the units: a seat in such a role makes nobody a part of what is rated.
ABOVE = frozenset(
    {
        Role.DISPATCHER,
        Role.OFFICE_DIRECTOR,
        Role.CHIEF,
        Role.SUPERVISOR,
        Role.SYS_ADMIN,
        Role.AUDIT_ADMIN,
    }
)
HANDLING = frozenset({Role.HANDLER, Role.DEPT_HEAD})
#: In whose notes stands who handled before.
PASSED = frozenset({Note.ASSIGNED, Note.HANDED_OVER, Note.COVERED, Note.UNCOVERED, Note.VACATED})
#: Who of the office calls again.
CHECKERS = frozenset({Role.DISPATCHER, Role.OFFICE_DIRECTOR})
SAID_TO_ENTERPRISE = frozenset(
    {
        Event.REJECT,
        Event.REQUEST_SUPPLEMENT,
        Event.PROGRESS_NOTE,
        Event.REVISIT_CLOSE,
        Event.REVISIT_REWORK,
        Event.REOPEN,
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
    own = Ticket.created_by_id == viewer.user_id if viewer.user_id else false()
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
    return rule(viewer) if rule and viewer.user_id else false()


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
        sent_back = ticket.number is not None and actor.acts_for(ticket.created_by_id)
        own = actor.user_id is not None and ticket.created_by_id == actor.user_id
        return own or sent_back
    if actor.role is Role.DEPT_HEAD:
        return actor.unit_id is not None and ticket.lead_unit_id == actor.unit_id
    if actor.role is Role.HANDLER:
        return _handles(actor, ticket, event)
    if actor.role in {Role.LEADER, Role.LIAISON}:
        return may_see(actor, ticket)
    return True


def may_see(viewer: Actor, ticket: Ticket) -> bool:
    """Tell whether `viewer` may know of the ticket."""
    found = select(Ticket.id).where(Ticket.id == ticket.id, visible_to(viewer))
    return db.session.scalar(found) is not None


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


# ---- who is rated ----


def is_rated(viewer: Actor, ticket_id: int) -> bool:
    """Tell whether `viewer` is of those whom the enterprise rates with this ticket.

    That is whoever handled it, once or now, in the lead unit or a co-unit, for themselves or
    for somebody who is away; and whoever has a seat in such a unit, in whatever role they act
    at the moment. They neither enter a rating, nor see it, nor call again.
    """
    found = select(Ticket.id).where(Ticket.id == ticket_id, rates(viewer))
    return db.session.scalar(found) is not None


def works_for_office(user_id: int) -> bool:
    """Tell whether a person holds any role other than an enterprise's, whatever they act in now."""
    held = select(RoleHolding.id).where(
        RoleHolding.user_id == user_id,
        RoleHolding.is_active,
        RoleHolding.role != Role.ENTERPRISE_USER,
    )
    return db.session.scalar(held.limit(1)) is not None


def sees_rating(viewer: Actor, ticket_id: int) -> bool:
    """Tell whether `viewer`, who sees the ticket, may read what the enterprise said of it."""
    return is_outside(viewer) or not is_rated(viewer, ticket_id)


def rates(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a rating of the ticket is one of the viewer."""
    people = _persons(viewer)
    if not people or is_outside(viewer):
        return false()
    units = _units_of(viewer, people)
    helped = or_(
        CoTask.unit_id.in_(units),
        CoTask.handler_id.in_(people),
        CoTask.covered_for_id.in_(people),
    )
    acted = and_(TicketEvent.actor_id.in_(people), TicketEvent.actor_role.in_(HANDLING))
    before = cast(TicketEvent.payload["before"].as_string(), String)
    passed = and_(TicketEvent.kind.in_(PASSED), before.in_([str(id_) for id_ in people]))
    # What is NULL is of nobody: said so, for the condition is also asked the other way round.
    return or_(
        and_(Ticket.handler_id.is_not(None), Ticket.handler_id.in_(people)),
        and_(Ticket.covered_for_id.is_not(None), Ticket.covered_for_id.in_(people)),
        and_(Ticket.lead_unit_id.is_not(None), Ticket.lead_unit_id.in_(units)),
        exists().where(Dispatch.ticket_id == Ticket.id, Dispatch.lead_unit_id.in_(units)),
        exists().where(CoTask.ticket_id == Ticket.id, helped),
        exists().where(TicketEvent.ticket_id == Ticket.id, or_(acted, passed)),
    )


def _persons(viewer: Actor) -> tuple[int, ...]:
    """Return the viewer, and all for whom they stand in at present, in whatever role."""
    if viewer.user_id is None:
        return ()
    away = select(Absence.user_id).where(
        Absence.deputy_id == viewer.user_id,
        Absence.begun_at.is_not(None),
        Absence.ended_at.is_(None),
    )
    return (viewer.user_id, *viewer.stands_in_for, *db.session.scalars(away))


def _units_of(viewer: Actor, people: tuple[int, ...]) -> tuple[int, ...]:
    """Return the units in which any of `people` has a seat that is not above the units."""
    seats = select(RoleHolding.unit_id).where(
        RoleHolding.user_id.in_(people),
        RoleHolding.is_active,
        RoleHolding.unit_id.is_not(None),
        RoleHolding.role.not_in(ABOVE),
    )
    found = {unit_id for unit_id in db.session.scalars(seats.distinct()) if unit_id}
    if viewer.unit_id is not None and viewer.role not in ABOVE:
        found.add(viewer.unit_id)
    return tuple(sorted(found))


def may_check(viewer: Actor) -> bool:
    """Tell whether `viewer` belongs to the office that calls again (抽查回访)."""
    return viewer.role in CHECKERS


def require_check(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` belongs to the office that calls again."""
    if not may_check(viewer):
        raise NotAllowed(N_("抽查回访由营商办来做。"))
