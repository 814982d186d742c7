"""What one person hands to another, and what has been left with somebody who cannot do it."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts import queries as accounts
from app.accounts.models import RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises import policy as enterprises_policy
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage, Seat
from app.tickets.models import Ticket
from app.tickets.queries import passing
from app.tickets.queries.passing import Passing
from app.visits.models import OWED, Handover, HandoverItem, HandoverState, TaskState, VisitTask
from app.visits.queries.errands import Errand, errands_to
from app.visits.queries.near import firm_of

#: Who may have which seat, and the role in which its tickets are theirs.
HOLDERS: dict[Seat, tuple[Role, ...]] = {
    Seat.LEADER: (Role.LEADER, Role.CHIEF),
    Seat.LIAISON: (Role.LIAISON,),
}
ROLE_OF = {Seat.LEADER: Role.LEADER, Seat.LIAISON: Role.LIAISON}
OTHER = {Seat.LEADER: Seat.LIAISON, Seat.LIAISON: Seat.LEADER}
#: What a successor gets of a month's tasks: what is still to be done, and what need not be.
FOLLOWS = OWED | {TaskState.EXEMPT}


@dataclass(frozen=True, slots=True)
class HandoverDraft:
    """Who hands which seat to whom from which day on; `targets` none: all that they have then."""

    giver_id: int
    seat: Seat
    successor_id: int
    from_on: date
    targets: frozenset[str] | None = None
    reason: str = ""
    office_phone: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether everything goes along."""
        return self.targets is None


@dataclass(frozen=True, slots=True)
class Line:
    """One target that goes along: what is known of it, and what of it moves."""

    errand: Errand
    tasks: Sequence[VisitTask]
    tickets: Sequence[Ticket]

    @property
    def linkage(self) -> Linkage:
        """The linkage that another continues."""
        return self.errand.linkage


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All that moves, as the viewer may know of it. `loose` are tickets of no target listed."""

    draft: HandoverDraft
    giver: User
    successor: User
    lines: Sequence[Line]
    loose: Sequence[Ticket]
    drafts: int
    ending: Sequence[Linkage]  # over before the day

    @property
    def tickets(self) -> list[Ticket]:
        """The problems that go along."""
        return [*(ticket for line in self.lines for ticket in line.tickets), *self.loose]

    @property
    def tasks(self) -> list[VisitTask]:
        """The visits that are still to be made."""
        return [task for line in self.lines for task in line.tasks]

    @property
    def promised(self) -> int:
        """To how many targets something was promised."""
        return sum(bool(line.errand.promise) for line in self.lines)

    @property
    def print_of_it(self) -> str:
        """What tells this list from one that has changed since it was read."""
        ids = (
            [f"l{line.linkage.id}.{line.linkage.version}" for line in self.lines],
            [f"t{ticket.id}" for ticket in self.tickets],
            [f"v{task.id}" for task in self.tasks],
            [f"d{self.drafts}", self.draft.from_on.isoformat(), str(self.successor.id)],
        )
        return hashlib.sha256(" ".join(one for part in ids for one in part).encode()).hexdigest()


def key_of(what: Linkage | HandoverItem) -> str:
    """Return the name of a target in a list of choices: e12, p3."""
    return f"e{what.enterprise_id}" if what.enterprise_id else f"p{what.project_id}"


def chosen(draft: HandoverDraft, *, on: date | None = None) -> Sequence[Linkage]:
    """Return the linkages that go along, of those that hold on the day or later."""
    found = enterprises.portfolio(draft.giver_id, draft.seat, on or draft.from_on)
    if draft.targets is None:
        return found
    return [link for link in found if key_of(link) in draft.targets]


def passing_of(draft: HandoverDraft, links: Sequence[Linkage], *, tenant_id: int) -> Passing:
    """Return what the tickets need to know: which enterprises go along, and what else does."""
    role = ROLE_OF[draft.seat]
    moved = {link.id for link in links}
    kept = [
        link
        for seat in Seat
        for link in enterprises.portfolio(draft.giver_id, seat, draft.from_on)
        if seat is not draft.seat or link.id not in moved
    ]
    writes = passing.writes_otherwise(draft.giver_id, role)
    spare = accounts.users_with_role(tenant_id, [Role.DISPATCHER])
    return Passing(
        giver_id=draft.giver_id,
        successor_id=draft.successor_id,
        role=role,
        firm_ids=_firms(links),
        is_whole=draft.is_whole,
        writes_on=None if writes else _firms(kept),
        spare_id=spare[0].id if spare else None,
    )


def portfolio(draft: HandoverDraft, *, viewer: Actor) -> Portfolio:
    """Return what would move, a fixed number of statements however much it is."""
    enterprises_policy.require_link(viewer)
    giver = accounts.user(draft.giver_id, viewer=viewer)
    successor = accounts.user(draft.successor_id, viewer=viewer)
    links = chosen(draft)
    given = passing_of(draft, links, tenant_id=viewer.tenant_id)
    tickets = passing.to_pass(given, viewer=viewer)
    tasks = following(links, draft.from_on)
    lines = [
        Line(errand, tasks.get(errand.linkage.id, ()), mine)
        for errand, mine in _shared(errands_to(links, viewer=viewer, today=clock.today()), tickets)
    ]
    listed = {ticket.id for line in lines for ticket in line.tickets}
    there = {link.id for link in links}
    return Portfolio(
        draft=draft,
        giver=giver,
        successor=successor,
        lines=lines,
        loose=[ticket for ticket in tickets if ticket.id not in listed],
        drafts=passing.draft_count(given),
        ending=[link for link in chosen(draft, on=clock.today()) if link.id not in there],
    )


def _shared(
    errands: Sequence[Errand], tickets: Sequence[Ticket]
) -> Iterable[tuple[Errand, list[Ticket]]]:
    """Return each errand with the tickets of its enterprise, none of them twice."""
    told: set[int] = set()
    for errand in errands:
        mine = [] if errand.firm_id in told else _of(errand.firm_id, tickets)
        told.update([errand.firm_id] if errand.firm_id else [])
        yield errand, mine


def _of(firm_id: int | None, tickets: Sequence[Ticket]) -> list[Ticket]:
    return [ticket for ticket in tickets if ticket.enterprise_id == firm_id]


def following(links: Sequence[Linkage], from_on: date) -> dict[int, list[VisitTask]]:
    """Return the tasks of some linkages that a successor has, or would have, from a day on."""
    found: dict[int, list[VisitTask]] = {}
    rows = db.session.scalars(
        select(VisitTask)
        .where(VisitTask.linkage_id.in_([link.id for link in links]))
        .where(VisitTask.due_on >= from_on, VisitTask.state.in_(sorted(FOLLOWS)))
        .order_by(VisitTask.period, VisitTask.seq)
    )
    for task in rows:
        found.setdefault(task.linkage_id, []).append(task)
    return found


def _firms(links: Iterable[Linkage]) -> frozenset[int]:
    return frozenset(firm for link in links if (firm := firm_of(link)) is not None)


# ---- who may take over ----


def fit(tenant_id: int, seat: Seat) -> Select[int]:
    """Return the ids of the people who may have a seat, in their own right."""
    return (
        select(RoleHolding.user_id)
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.tenant_id == tenant_id, RoleHolding.role.in_(HOLDERS[seat]))
        .where(RoleHolding.is_active, RoleHolding.absence_id.is_(None), User.is_active)
    )


def candidates(seat: Seat, *, viewer: Actor, but: int) -> Sequence[User]:
    """Return who may take a seat over, by name."""
    return db.session.scalars(
        select(User)
        .where(User.id.in_(fit(viewer.tenant_id, seat)), User.id != but)
        .order_by(User.name, User.id)
    ).all()


def is_fit(user_id: int, seat: Seat, *, tenant_id: int) -> bool:
    """Tell whether a person may have a seat."""
    found = fit(tenant_id, seat).where(RoleHolding.user_id == user_id)
    return db.session.scalar(found.limit(1)) is not None


# ---- handovers ----


def waits() -> ColumnElement[bool]:
    """Return the condition that a handover is still to be carried out."""
    return Handover.carried_out_at.is_(None) & Handover.cancelled_at.is_(None)


def may_give_back(handover: Handover) -> bool:
    """Tell whether a handover took effect today and was not given back."""
    done_at = handover.carried_out_at
    if handover.state is not HandoverState.DONE or done_at is None:
        return False
    return clock.local(done_at).date() == clock.today() and bool(handover.result.get("targets"))


def due_handover_ids(today: date, tenant_ids: Collection[int] | None = None) -> Sequence[int]:
    """Return the ids of the handovers whose day has come, in the order in which they follow.

    Of all townships, or of some.
    """
    found = select(Handover.id).where(waits(), Handover.from_on <= today)
    if tenant_ids is not None:
        found = found.where(Handover.tenant_id.in_(tenant_ids))
    return db.session.scalars(found.order_by(Handover.from_on, Handover.id)).all()


def waiting_handovers(tenant_id: int) -> Sequence[Handover]:
    """Return what is still to be carried out, with its targets, the next one first."""
    return db.session.scalars(
        select(Handover)
        .where(Handover.tenant_id == tenant_id, waits())
        .options(
            joinedload(Handover.giver),
            joinedload(Handover.successor),
            selectinload(Handover.items),
        )
        .order_by(Handover.from_on, Handover.id)
    ).all()


def past_handovers(*, viewer: Actor) -> Select[Handover]:
    """Return the handovers that were carried out or called off, the latest first."""
    enterprises_policy.require_link(viewer)
    return (
        select(Handover)
        .where(Handover.tenant_id == viewer.tenant_id, ~waits())
        .options(joinedload(Handover.giver), joinedload(Handover.successor))
        .order_by(Handover.from_on.desc(), Handover.id.desc())
    )


def handover(handover_id: int, *, viewer: Actor) -> Handover:
    """Return one handover, or raise NotFound; NotAllowed to whoever arranges none."""
    enterprises_policy.require_link(viewer)
    found = db.session.scalar(
        select(Handover)
        .where(Handover.id == handover_id, Handover.tenant_id == viewer.tenant_id)
        .options(
            joinedload(Handover.giver),
            joinedload(Handover.successor),
            joinedload(Handover.noted_by),
            selectinload(Handover.items),
        )
    )
    if found is None:
        raise NotFound(N_("没有找到这次移交。"))
    return found


# ---- what is left with somebody who cannot do it ----


@dataclass(frozen=True, slots=True)
class Left:
    """So many linkages lie with a person who may not have the seat any more."""

    user_id: int
    name: str
    seat: Seat
    count: int
    is_active: bool


def left_behind(*, tenant_id: int) -> Sequence[Left]:
    """Return whose linkages nobody does, by name."""
    return _told(_left(tenant_id))


def _told(held: CompoundSelect[*tuple[Any, ...]]) -> Sequence[Left]:
    counted = held.subquery()
    rows = db.session.execute(
        select(User.id, User.name, counted.c.seat, counted.c.n, User.is_active)
        .join(counted, counted.c.user_id == User.id)
        .order_by(User.name, User.id, counted.c.seat)
    )
    return [Left(row.id, row.name, Seat(row.seat), row.n, row.is_active) for row in rows]


def holders(*, viewer: Actor) -> Sequence[Left]:
    """Return who has linkages in which seat, by name, for whoever arranges who has what."""
    enterprises_policy.require_link(viewer)
    leaders, liaisons = (_held_in(viewer.tenant_id, seat) for seat in Seat)
    return _told(leaders.union_all(liaisons))


def left_count(tenant_id: int) -> ColumnElement[int]:
    """Return, for a statement that counts, how many people left linkages behind."""
    return select(func.count()).select_from(_left(tenant_id).subquery()).scalar_subquery()


def held_by(user_id: int, *, viewer: Actor, seats: Collection[Seat] = tuple(Seat)) -> list[Left]:
    """Return how many linkages a colleague has in each seat, today or later."""
    person = accounts.user(user_id, viewer=viewer)
    counted = ((seat, len(enterprises.portfolio(user_id, seat, clock.today()))) for seat in seats)
    return [Left(user_id, person.name, seat, n, person.is_active) for seat, n in counted if n]


def _left(tenant_id: int) -> CompoundSelect[*tuple[Any, ...]]:
    leaders, liaisons = (_left_in(tenant_id, seat) for seat in Seat)
    return leaders.union_all(liaisons)


def _left_in(tenant_id: int, seat: Seat) -> Select[*tuple[Any, ...]]:
    holder = _holder(seat)
    arranged = exists().where(
        Handover.giver_id == holder,
        Handover.seat == seat,
        Handover.is_whole,
        waits(),
        Handover.problem == "",
    )
    return _held_in(tenant_id, seat).where(holder.not_in(fit(tenant_id, seat)), ~arranged)


def _held_in(tenant_id: int, seat: Seat) -> Select[*tuple[Any, ...]]:
    """Return how many linkages each person has in a seat, today or later."""
    holder = _holder(seat)
    return (
        select(holder.label("user_id"), literal(seat.value).label("seat"), func.count().label("n"))
        .where(Linkage.tenant_id == tenant_id, holder.is_not(None))
        .where(enterprises_policy.ever_held())
        .where(Linkage.valid_to.is_(None) | (Linkage.valid_to >= clock.today()))
        .group_by(holder)
    )


def _holder(seat: Seat) -> Any:  # noqa: ANN401 - one of two columns, of which one may be empty
    return Linkage.leader_id if seat is Seat.LEADER else Linkage.liaison_id
