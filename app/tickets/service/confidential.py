"""Keeping a ticket for the named few 限知件, and saying who they are.

The word is 限知, never 涉密: what is a state secret may not be entered at all.
"""

from sqlalchemy import select

from app.accounts import roles
from app.accounts import service as accounts
from app.accounts.models import OrgUnit, RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.queries import facts
from app.tickets.queries.facts import Holders
from app.tickets.service import hiding, moving, readers, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.moving import Move, Written
from app.tickets.workflow.states import Note, Status

NAMES = frozenset({Role.OFFICE_DIRECTOR, Role.CHIEF})
REASON_SHORTEST = 2
CHANGED_HANDS = N_("原来能定知情人的都换了岗，由现任的营商办主任和镇主要负责同志接上。")


def make_confidential(
    ticket: Ticket, reason: str, dispatcher_id: int | None, *, actor: Actor
) -> Written:
    """Keep a ticket for the named few from now on, with the dispatcher who works on it."""
    move = _begin(ticket, reason, actor, by=frozenset({Role.OFFICE_DIRECTOR}))
    if ticket.confidential:
        raise DomainError(N_("这件已经是限知件。"))
    if ticket.number is None:
        raise DomainError(N_("草稿本来就只有起草人能看到。"))
    found = facts.holders(ticket.tenant_id, Holders(frozenset({Role.DISPATCHER})))
    user = _person(ticket, dispatcher_id)
    if user.id not in found:
        raise Invalid(N_("请从交办员里选一位。"), field="reader_id")
    _check_may_read(ticket, user)
    ticket.confidential = True
    move.payload["reader"] = user.name
    event = moving.close(move, Note.MADE_CONFIDENTIAL)
    if user.id not in readers.current(ticket.id):
        readers.name(ticket, [user.id], why=move.given.comment, by_id=actor.user_id, at=move.at)
    hiding.follow(ticket, actor=actor, at=move.at)
    everybody = sorted(readers.current(ticket.id))
    telling.to(everybody, telling.MOVED, ticket, event, what=Note.MADE_CONFIDENTIAL.label)
    return event


def make_open(ticket: Ticket, reason: str, *, actor: Actor) -> Written:
    """Let everybody know of a ticket again whose role would; the named few are forgotten."""
    move = _begin(ticket, reason, actor, by=frozenset({Role.OFFICE_DIRECTOR}))
    _check_confidential(ticket)
    ticket.confidential = False
    readers.end(ticket, at=move.at)
    return moving.close(move, Note.MADE_OPEN)


def add_reader(ticket: Ticket, user_id: int | None, reason: str, *, actor: Actor) -> Written:
    """Let one more person read a confidential ticket: the director's word, or the chief's."""
    move = _begin(ticket, reason, actor, by=NAMES)
    _check_confidential(ticket)
    user = _person(ticket, user_id)
    if user.id in readers.current(ticket.id):
        raise Invalid(N_("{name}已经是知情人。"), field="reader_id", name=user.name)
    _check_may_read(ticket, user)
    readers.name(ticket, [user.id], why=move.given.comment, by_id=actor.user_id, at=move.at)
    move.payload["reader"] = user.name
    event = moving.close(move, Note.READER_ADDED)
    telling.to([user.id], telling.MOVED, ticket, event, what=PLEASE[is_dispatcher(user)])
    return event


def end_reader(ticket: Ticket, user_id: int | None, reason: str, *, actor: Actor) -> Written:
    """Take somebody out of the named few, unless they have the ticket in hand."""
    move = _begin(ticket, reason, actor, by=NAMES)
    _check_confidential(ticket)
    user = _person(ticket, user_id)
    if user.id not in readers.current(ticket.id):
        raise Invalid(N_("{name}不是知情人。"), field="reader_id", name=user.name)
    if user.id == actor.user_id:
        raise Invalid(N_("不能移出自己，请另一位主任或镇主要负责同志来做。"), field="reader_id")
    busy = {ticket.handler_id, ticket.escalation_owner_id}
    if ticket.status is Status.DRAFT:
        busy.add(ticket.created_by_id)
    if user.id in busy:
        raise Invalid(N_("这件正由{name}办，先换人，再移出。"), field="reader_id", name=user.name)
    readers.end(ticket, at=move.at, user_id=user.id)
    move.payload["reader"] = user.name
    return moving.close(move, Note.READER_ENDED)


def hand_on(ticket: Ticket) -> None:
    """Let those who direct now read a ticket of which nobody is left who may name a reader.

    Nobody else could: whoever keeps the accounts knows of no ticket. It is written down as
    what it is, and each of them is told. Nobody of the unit complained about is among them.
    """
    if readers.may_be_named(ticket.id, NAMES):
        return
    found = facts.holders(ticket.tenant_id, Holders(NAMES))
    there = readers.current(ticket.id)
    new = [one for one in found if one not in there and not readers.of_complained_unit(ticket, one)]
    if not ticket.confidential or not new:
        return
    system, at = roles.system(ticket.tenant_id), clock.now()
    readers.name(ticket, new, why=CHANGED_HANDS, by_id=None, at=at)
    if ticket.status is Status.ARCHIVED:  # its history is sealed
        accounts.log(
            system, Note.READER_ADDED.label, "ticket", ticket.id, reason=CHANGED_HANDS, at=at
        )
        return
    move = moving.begin(ticket, StepInput(comment=CHANGED_HANDS), actor=system)
    people = db.session.scalars(select(User.name).where(User.id.in_(new)).order_by(User.id))
    move.payload["reader"] = "、".join(people)
    event = moving.close(move, Note.READER_ADDED)
    telling.to(new, telling.MOVED, ticket, event, what=PLEASE[False])


def may_name(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether `actor` says who may read this ticket."""
    return actor.role in NAMES and actor.tenant_id == ticket.tenant_id


#: What the new reader is told: to look at it, or to take it on.
PLEASE = {False: N_("请您了解一件事"), True: N_("请您受理和跟办")}


def is_dispatcher(user: User) -> bool:
    """Tell whether somebody takes problems in for the office."""
    return any(held.is_active and held.role is Role.DISPATCHER for held in user.roles)


def _begin(ticket: Ticket, reason: str, actor: Actor, *, by: frozenset[Role]) -> Move:
    if actor.role not in by or actor.tenant_id != ticket.tenant_id:
        raise NotAllowed(N_("限知件的知情范围由营商办主任或镇主要负责同志决定。"))
    if ticket.is_over:
        raise DomainError(N_("这件企业问题已经是“{status}”，不能再改。"), status=ticket.status)
    text = asking.text(reason, "comment", least=REASON_SHORTEST)
    return moving.begin(ticket, StepInput(comment=text), actor=actor)


def _check_confidential(ticket: Ticket) -> None:
    if not ticket.confidential:
        raise DomainError(N_("这件不是限知件。"))


def _person(ticket: Ticket, user_id: int | None) -> User:
    user = db.session.get(User, user_id) if user_id else None
    if user is None or user.tenant_id != ticket.tenant_id:
        raise Invalid(N_("没有这个人，请从列表中选。"), field="reader_id")
    return user


def _check_may_read(ticket: Ticket, user: User) -> None:
    """Refuse who has left, who belongs to the unit complained about, and who has no part in it."""
    if not user.is_active:
        raise Invalid(N_("{name}的账号已经停用。"), field="reader_id", name=user.name)
    if readers.of_complained_unit(ticket, user.id):
        unit = db.session.get_one(OrgUnit, ticket.complained_unit_id)
        raise Invalid(N_("反映的就是{unit}，不能让他们知情。"), field="reader_id", unit=unit.name)
    held = db.session.scalars(
        select(RoleHolding).where(RoleHolding.user_id == user.id, RoleHolding.is_active)
    )
    inside = [_as(user, one) for one in held if one.role is not Role.ENTERPRISE_USER]
    if not any(policy.in_scope(actor, ticket) for actor in inside):
        raise Invalid(
            N_("这件不在{name}的职责范围内，先把它交给{name}所在的单位。"),
            field="reader_id",
            name=user.name,
        )


def _as(user: User, held: RoleHolding) -> Actor:
    return Actor(user.tenant_id, user.id, held.role, user.name, held.unit_id)
