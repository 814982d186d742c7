"""Whether something may be done with a day now, by this person."""

from sqlalchemy import select

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.servicedays import policy, workflow
from app.servicedays.models import ServiceDay
from app.servicedays.workflow import Action, Step


def check(day: ServiceDay, action: Action, *, actor: Actor) -> Step:
    """Return the row of the table; raise NotAllowed or IllegalStep where there is none."""
    policy.require(actor, day, action)
    return workflow.step(day.state, action, opens=day.opens, now=clock.now())


def take(day: ServiceDay, action: Action, *, actor: Actor) -> Step:
    """Return the row of the table as `check` does, with the day locked.

    Nobody else books, changes or closes it until the transaction is over.
    """
    policy.require(actor, day, action)
    lock(day)
    return check(day, action, actor=actor)


def lock(day: ServiceDay) -> None:
    """Read a day anew, and let nobody else write to it until the transaction is over."""
    # Not while refreshing: a day that was read with its host brings an outer join along.
    db.session.execute(select(ServiceDay.id).where(ServiceDay.id == day.id).with_for_update())
    db.session.refresh(day)
