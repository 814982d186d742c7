"""The random call-back 抽查回访: what is to be decided, whom to call, and what came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Revisit, SpotCall, SpotCheck, SpotDraw, Ticket
from app.tickets.workflow import ratings
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.ratings import Said
from app.tickets.workflow.states import Outcome


@dataclass(frozen=True, slots=True)
class Compared:
    """One rating that was heard twice: by which channel first, and what was said."""

    channel: ContactChannel
    first: Said
    again: Said
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Difference:
    """How many were drawn and heard again, and how many said something else."""

    chosen: int = 0
    checked: int = 0
    same: int = 0
    different: int = 0
    turned: int = 0  # from satisfied to not


@dataclass(frozen=True, slots=True)
class SpotFigures:
    """The difference of a time, of all ratings together and by the channel of the first call."""

    total: Difference = field(default_factory=Difference)
    by_channel: dict[ContactChannel, Difference] = field(default_factory=dict)


def undecided(tenant_id: int) -> Sequence[Revisit]:
    """Return the ratings that closed a ticket and of which no draw has decided, oldest first."""
    return db.session.scalars(
        select(Revisit)
        .join(Ticket, Ticket.id == Revisit.ticket_id)
        .where(Ticket.tenant_id == tenant_id, Revisit.closes.is_(True))
        .where(~exists().where(SpotCheck.revisit_id == Revisit.id))
        .order_by(Revisit.id)
    ).all()


def said_of(row: Revisit | SpotCall) -> Said:
    """Return what was said in a revisit, or in the call that checked it."""
    return Said(row.solved, row.result_score)


def compared(found: Iterable[Compared], chosen: Iterable[ContactChannel]) -> SpotFigures:
    """Count: pure, so that the sums can be checked."""
    heard, drawn = list(found), list(chosen)
    return SpotFigures(
        total=_count(heard, len(drawn)),
        by_channel={
            channel: _count([one for one in heard if one.channel is channel], drawn.count(channel))
            for channel in ContactChannel
            if channel in drawn
        },
    )


def _count(heard: Sequence[Compared], chosen: int) -> Difference:
    different = sum(ratings.differs(one.first, one.again) for one in heard)
    return Difference(
        chosen=chosen,
        checked=len(heard),
        same=len(heard) - different,
        different=different,
        turned=sum(ratings.has_turned(one.first, one.again, one.outcome) for one in heard),
    )


def figures(since: datetime, until: datetime, *, viewer: Actor) -> SpotFigures:
    """Return the difference of all ratings that were drawn from `since` to before `until`.

    Two statements, however many were drawn. It names no firm and no person; what rates the
    viewer stands in none of the sums.
    """
    drawn = (
        select(SpotCheck.id, Revisit.channel, Revisit.solved, Revisit.result_score, Ticket.outcome)
        .join(Revisit, Revisit.id == SpotCheck.revisit_id)
        .join(Ticket, Ticket.id == SpotCheck.ticket_id)
        .join(SpotDraw, SpotDraw.id == SpotCheck.draw_id)
        .where(SpotCheck.tenant_id == viewer.tenant_id, SpotCheck.chosen.is_(True))
        .where(~policy.rates(viewer))
        .where(SpotDraw.at >= since, SpotDraw.at < until)
    )
    rows = db.session.execute(drawn).all()
    calls = select(SpotCall.check_id, SpotCall.solved, SpotCall.result_score).where(
        SpotCall.reached.is_(True), SpotCall.check_id.in_(drawn.with_only_columns(SpotCheck.id))
    )
    again = {id_: Said(solved, score) for id_, solved, score in db.session.execute(calls)}
    return compared(
        [
            Compared(channel, Said(solved, score), again[id_], outcome)
            for id_, channel, solved, score, outcome in rows
            if id_ in again
        ],
        [row.channel for row in rows],
    )


def to_call(viewer: Actor) -> Select[SpotCheck]:
    """Return what waits for a second call that the viewer may make: not of their own first one."""
    return listed(viewer, done=False).where(_first_of_others(viewer))


def to_call_count(viewer: Actor) -> ScalarSelect[int]:
    """Return how many these are, for a statement that counts and is kept."""
    return (
        select(func.count(SpotCheck.id))
        .join(Ticket, Ticket.id == SpotCheck.ticket_id)
        .where(SpotCheck.tenant_id == viewer.tenant_id, SpotCheck.chosen.is_(True), ~_heard())
        .where(policy.visible_to(viewer), ~policy.rates(viewer))
        .where(_first_of_others(viewer))
        .scalar_subquery()
    )


def _heard() -> ColumnElement[bool]:
    return exists().where(SpotCall.check_id == SpotCheck.id, SpotCall.reached.is_(True))


def _first_of_others(viewer: Actor) -> ColumnElement[bool]:
    own = viewer.stands_in_for
    if viewer.user_id is not None:
        own = (viewer.user_id, *own)
    return ~exists().where(Revisit.id == SpotCheck.revisit_id, Revisit.by_id.in_(own))


def listed(viewer: Actor, *, done: bool) -> Select[SpotCheck]:
    """Return what was drawn and waits for its second call, or was heard again.

    Raises NotAllowed for whoever is not of the office.
    """
    policy.require_check(viewer)
    found = (
        select(SpotCheck)
        .join(Ticket, Ticket.id == SpotCheck.ticket_id)
        .where(SpotCheck.tenant_id == viewer.tenant_id, SpotCheck.chosen.is_(True))
        .where(policy.visible_to(viewer), ~policy.rates(viewer), _heard() if done else ~_heard())
        .options(
            joinedload(SpotCheck.ticket).joinedload(Ticket.enterprise),
            joinedload(SpotCheck.revisit).joinedload(Revisit.by),
            joinedload(SpotCheck.draw),
            selectinload(SpotCheck.calls).joinedload(SpotCall.by),
        )
    )
    return found.order_by(SpotCheck.id.desc() if done else SpotCheck.id)


def get(check_id: int, *, viewer: Actor) -> SpotCheck:
    """Return one that was drawn; raise NotFound where the viewer may not know of it."""
    policy.require_check(viewer)
    found = db.session.scalar(
        select(SpotCheck)
        .join(Ticket, Ticket.id == SpotCheck.ticket_id)
        .where(SpotCheck.id == check_id, SpotCheck.tenant_id == viewer.tenant_id)
        .where(SpotCheck.chosen.is_(True), policy.visible_to(viewer), ~policy.rates(viewer))
    )
    if found is None:
        raise NotFound(N_("没有找到这件抽查，可能不在您能看的范围内。"))
    return found


def draws(viewer: Actor) -> Select[SpotDraw]:
    """Return the draws of the township, the newest first.

    But those that decided about a rating of the viewer: by a seed and its sums they would know
    whether it was drawn.
    """
    policy.require_check(viewer)
    own = (
        select(SpotCheck.id)
        .join(Ticket, Ticket.id == SpotCheck.ticket_id)
        .where(SpotCheck.draw_id == SpotDraw.id, policy.rates(viewer))
    )
    found = select(SpotDraw).where(SpotDraw.tenant_id == viewer.tenant_id, ~exists(own))
    return found.order_by(SpotDraw.id.desc())


def a_draw(draw_id: int, *, viewer: Actor) -> SpotDraw:
    """Return one draw of the township; raise NotFound for any other."""
    found = db.session.scalar(draws(viewer).where(SpotDraw.id == draw_id))
    if found is None:
        raise NotFound(N_("没有找到这次抽取。"))
    return found


def holds(draw: SpotDraw) -> bool:
    """Tell whether a draw is what its seed gives: computed again, rating by rating."""
    rows = db.session.execute(
        select(SpotCheck.revisit_id, SpotCheck.chosen).where(SpotCheck.draw_id == draw.id)
    )
    decided = [(revisit_id, chosen) for revisit_id, chosen in rows]
    by_lot = all(
        ratings.is_chosen(draw.seed, revisit_id, draw.percent) is chosen
        for revisit_id, chosen in decided
    )
    bound = ratings.digest_of(draw.seed, draw.percent, decided) == draw.digest
    return by_lot and bound and len(decided) == draw.decided
