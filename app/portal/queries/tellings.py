"""Reading tellings: the receipt of the one who told it, and what the office has to look at."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, false, func, select, tuple_
from sqlalchemy.orm import joinedload

from app.accounts.parameters import Parameters
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.core.prepared import Numbers
from app.portal import policy
from app.portal.models import Telling, TellingState
from app.tickets import clocks
from app.tickets.clocks import Light
from app.tickets.models import Category, called
from app.workdays.calendar import WorkCalendar

REST = "99"  # the code of what fits no other category
LONGEST_FIRST = (Telling.told_at, Telling.id)  # whoever waits longest is due first


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a telling must be taken up, and the light of that clock.

    It runs from when it was told, as that of the ticket does which it becomes.
    """

    due_at: datetime
    light: Light
    workdays: int


def wait_of(
    telling: Telling, *, calendar: WorkCalendar, parameters: Parameters, now: datetime
) -> Wait:
    """Return how long a telling may still wait."""
    due_at = clocks.acceptance_deadline(telling.told_at, calendar, parameters).due_at
    workdays = parameters.acceptance_workdays
    warn_on = calendar.warn_on(due_at, clocks.threshold(workdays, parameters))
    light = clocks.running_light(due_at, warn_on, calendar=calendar, now=now)
    return Wait(due_at, light, workdays)


def by_form(form_key: str) -> int | None:
    """Return the id of what a form became, by the key that only its page had."""
    return next((id_ for (id_,) in _BY_FORM.rows({"form_key": form_key})), None)


def receipt(telling_id: int) -> Telling | None:
    """Return a telling for its receipt; whose it is, the visitor's own session says."""
    return db.session.get(Telling, telling_id)


def held(number: str, query_code: str) -> Telling | None:
    """Return a telling that is no ticket, or not yet, by the number and the code of its receipt."""
    if not query_code.isascii():
        return None
    found = db.session.scalars(
        select(Telling).where(Telling.number == number, Telling.ticket_id.is_(None))
    ).all()
    return next((one for one in found if hmac.compare_digest(one.query_code, query_code)), None)


def waits_for(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a telling is held and `viewer` decides about it."""
    if not policy.may_clear(viewer):
        return false()
    return and_(
        Telling.tenant_id == viewer.tenant_id,
        Telling.state == TellingState.HELD,
        policy.clearable_by(viewer),
    )


def with_privacy() -> Select[Telling, bool | None]:
    """Return tellings, and whether each is for the named few, those that wait longest first."""
    return (
        select(Telling, Category.confidential)
        .outerjoin(Category, Category.id == Telling.category_id)
        .options(joinedload(Telling.enterprise))
        .order_by(*LONGEST_FIRST)
    )


def to_clear(state: TellingState, *, viewer: Actor) -> Select[Telling]:
    """Return the tellings in a state, those that wait longest first; the caller paginates."""
    policy.check_may_clear(viewer)
    order = LONGEST_FIRST if state is TellingState.HELD else (Telling.id.desc(),)
    return (
        select(Telling)
        .where(Telling.tenant_id == viewer.tenant_id, Telling.state == state)
        .where(policy.clearable_by(viewer))
        .options(
            joinedload(Telling.enterprise),
            joinedload(Telling.brought_by),
            joinedload(Telling.settled_by),
        )
        .order_by(*order)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tellings are in each state, and how many of those that are held are late."""

    of: dict[TellingState, int]
    late: int

    @property
    def held(self) -> int:
        """How many wait to be looked at."""
        return self.of.get(TellingState.HELD, 0)


def counts(*, viewer: Actor, late_before: datetime) -> Counts:
    """Return how many tellings are in each state; those told before a moment are late."""
    policy.check_may_clear(viewer)
    is_late = case((Telling.told_at < late_before, 1), else_=0)
    found = db.session.execute(
        select(Telling.state, func.count(), func.sum(is_late))
        .where(Telling.tenant_id == viewer.tenant_id, policy.clearable_by(viewer))
        .group_by(Telling.state)
    ).all()
    late = next((late for state, _n, late in found if state is TellingState.HELD), 0)
    return Counts({state: n for state, n, _late in found}, int(late))


def get(telling_id: int, *, viewer: Actor) -> Telling:
    """Return one telling that was held; raise NotFound where it is none of the viewer's."""
    found = _of_viewer(telling_id, viewer)
    if found is None:
        raise NotFound(N_("没有找到这封来信，可能已经直接登记了。"))
    return found


def settled(telling_id: int, *, viewer: Actor) -> Telling | None:
    """Return a telling that was dealt with, to say so on the page that follows."""
    found = _of_viewer(telling_id, viewer)
    return None if found is None or found.is_held else found


def _of_viewer(telling_id: int, viewer: Actor) -> Telling | None:
    policy.check_may_clear(viewer)
    return db.session.scalar(
        select(Telling).where(
            Telling.id == telling_id,
            Telling.tenant_id == viewer.tenant_id,
            Telling.state != TellingState.TAKEN,
            policy.clearable_by(viewer),
        )
    )


def after(telling_id: int, *, viewer: Actor) -> int | None:
    """Return the id of the telling that is to be looked at after this one, or None."""
    here = select(*LONGEST_FIRST).where(Telling.id == telling_id)
    told_at, _id = db.session.execute(here).one()
    waiting = select(Telling.id).where(waits_for(viewer)).order_by(*LONGEST_FIRST).limit(1)
    later = db.session.scalar(waiting.where(tuple_(*LONGEST_FIRST) > (told_at, telling_id)))
    return later or db.session.scalar(waiting.where(Telling.id != telling_id))


def to_empty_ids(tenant_id: int, *, before: datetime) -> Sequence[int]:
    """Return the tellings of a tenant that were not taken before a moment, and keep their words."""
    return db.session.scalars(
        select(Telling.id).where(
            Telling.tenant_id == tenant_id,
            Telling.state == TellingState.DISCARDED,
            Telling.emptied_at.is_(None),
            Telling.settled_at < before,
        )
    ).all()


def kinds(tenant_id: int) -> list[tuple[int, str]]:
    """Return what a problem may be about: all that the office does not turn away."""
    found = _KINDS.rows({"tenant_id": tenant_id})
    return [(id_, called(name, english)) for id_, name, english in found]


def kind_for(tenant_id: int) -> int | None:
    """Return the category of what the visitor did not sort: what fits no other, else any."""
    return next((id_ for (id_,) in _REST.rows({"tenant_id": tenant_id})), None)


def is_for_few(category_id: int | None) -> bool:
    """Tell whether what is told under a category is for the named few."""
    found = db.session.get(Category, category_id) if category_id else None
    return found is not None and found.confidential


#: Put together once: they are asked for every telling.
_OFFERED = (
    select(Category.id, Category.name)
    .where(Category.tenant_id == bindparam("tenant_id"), Category.is_active)
    .where(Category.parent_id.is_(None), Category.rejects.is_(False))
)
_BY_FORM = Numbers(select(Telling.id).where(Telling.form_key == bindparam("form_key")))
_KINDS = Numbers(
    _OFFERED.add_columns(Category.name_en)
    .where(Category.code != REST)
    .order_by(Category.sort_order, Category.id)
)
_REST = Numbers(
    _OFFERED.with_only_columns(Category.id)
    .order_by(case((Category.code == REST, 0), else_=1), Category.confidential, Category.id)
    .limit(1)
)
