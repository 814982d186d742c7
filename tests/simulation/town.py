"""A whole township for a season: 13 officers, 22 units, and who stands in for whom."""

from dataclasses import dataclass
from random import Random

from app.accounts import roles
from app.accounts.models import Tenant, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.workdays import service as workdays
from tests import make

OFFICERS, UNITS, FIRMS = 13, 22, 40


@dataclass(frozen=True)
class Unit:
    """A unit with its head and those who handle."""

    id: int
    head: Actor
    handlers: tuple[Actor, ...]


@dataclass(frozen=True)
class Firm:
    """An enterprise, and the officer who looks after it."""

    id: int
    liaison: Actor
    leader: Actor


@dataclass(frozen=True)
class Town:
    """Everybody, by what they do."""

    tenant_id: int
    dispatchers: tuple[Actor, ...]
    director: Actor
    chief: Actor
    supervisor: Actor
    leaders: tuple[Actor, ...]
    units: tuple[Unit, ...]
    firms: tuple[Firm, ...]
    category_id: int

    @property
    def system(self) -> Actor:
        return roles.system(self.tenant_id)

    def unit(self, unit_id: int | None) -> Unit:
        return next(unit for unit in self.units if unit.id == unit_id)

    def person(self, user_id: int | None) -> Actor:
        """Return somebody of a unit, acting there."""
        people = [a for unit in self.units for a in (unit.head, *unit.handlers)]
        return next(actor for actor in people if actor.user_id == user_id)


def found(dice: Random) -> Town:
    """Make the township."""
    house = make.the_tenant()
    with transaction():
        tenant = db.session.get_one(Tenant, house.id)
        workdays.seed(tenant, (2026,), actor=roles.system(tenant.id))
    leaders = tuple(make.actor(Role.LEADER) for _ in range(3))
    liaisons = [make.actor(Role.LIAISON) for _ in range(OFFICERS)]
    return Town(
        tenant_id=house.id,
        dispatchers=tuple(make.actor(Role.DISPATCHER) for _ in range(2)),
        director=make.actor(Role.OFFICE_DIRECTOR),
        chief=make.actor(Role.CHIEF),
        supervisor=make.actor(Role.SUPERVISOR),
        leaders=leaders,
        units=tuple(_unit(number, leaders) for number in range(UNITS)),
        firms=tuple(_firm(dice.choice(liaisons), dice.choice(leaders)) for _ in range(FIRMS)),
        category_id=make.category("交通物流").id,
    )


def _unit(number: int, leaders: tuple[Actor, ...]) -> Unit:
    """Make a unit; every seventh has nobody but its head."""
    unit = make.unit(in_charge_id=leaders[number % len(leaders)].user_id)
    head = make.actor(Role.DEPT_HEAD, unit=unit)
    alone = number % 7 == 6
    handlers = () if alone else tuple(make.actor(Role.HANDLER, unit=unit) for _ in range(2))
    return Unit(unit.id, head, handlers)


def _firm(liaison: Actor, leader: Actor) -> Firm:
    firm = make.enterprise()
    make.linkage(
        enterprise=firm,
        leader=db.session.get_one(User, leader.user_id),
        liaison=db.session.get_one(User, liaison.user_id),
    )
    return Firm(firm.id, liaison, leader)
