"""Things to test with. Each maker needs nothing, and saves what it makes."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from app.accounts.models import OrgUnit, RoleHolding, Tenant, UnitKind, User
from app.accounts.policy import NEEDS_UNIT
from app.accounts.roles import Actor, Role
from app.core import clock, passwords, search
from app.core.db import Base, db
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, EnterpriseContact, KeyProject, Linkage, Seat
from app.tickets.models import Category, Ticket
from app.tickets.workflow.states import OPEN, RUNNING, Status
from app.visits import service as visits
from app.visits.calendar import Month
from app.visits.models import Mode, Visit, VisitTask
from app.visits.queries import handover as handovers
from app.visits.queries.handover import HandoverDraft

PASSWORD = "Jichuan-2026"

_serial = count(1)


def _save(thing: Base) -> None:
    db.session.add(thing)
    db.session.commit()


def tenant(name: str = "", **more: Any) -> Tenant:
    made = Tenant(name=name or f"第{next(_serial)}镇", settings={}, **more)
    _save(made)
    return made


def the_tenant() -> Tenant:
    """Return the first tenant, making it if there is none: the one that makers use."""
    return db.session.scalar(select(Tenant).order_by(Tenant.id).limit(1)) or tenant("霁川镇")


def unit(
    name: str = "", *, kind: UnitKind = UnitKind.DEPT, tenant: Tenant | None = None, **more: Any
) -> OrgUnit:
    made = OrgUnit(
        tenant_id=(tenant or the_tenant()).id,
        name=name or f"第{next(_serial)}办公室",
        kind=kind,
        **more,
    )
    _save(made)
    return made


def user(
    role: Role | None = Role.DISPATCHER,
    *,
    unit: OrgUnit | None = None,
    tenant: Tenant | None = None,
    enterprise_id: int | None = None,
    password: str = "",
    **more: Any,
) -> User:
    """Make a person who holds `role`; None makes one without a role."""
    number = next(_serial)
    house = tenant or (db.session.get_one(Tenant, unit.tenant_id) if unit else the_tenant())
    made = User(
        tenant_id=house.id,
        username=more.pop("username", f"user{number}"),
        name=more.pop("name", f"人员{number}"),
        password_hash=passwords.make_hash(password) if password else "",
        must_change_password=more.pop("must_change_password", False),
        **more,
    )
    db.session.add(made)
    db.session.flush()
    if role is not None:
        holding(made, role, unit=unit, enterprise_id=enterprise_id)
    db.session.commit()
    return made


def holding(
    user: User, role: Role, *, unit: OrgUnit | None = None, enterprise_id: int | None = None
) -> RoleHolding:
    """Let a person hold a role; in a unit of its own where the role needs one."""
    if unit is None and role in NEEDS_UNIT:
        unit = _unit_for(user)
    made = RoleHolding(
        tenant_id=user.tenant_id,
        user_id=user.id,
        role=role,
        unit_id=unit.id if unit else None,
        enterprise_id=enterprise_id,
    )
    _save(made)
    return made


def _unit_for(person: User) -> OrgUnit:
    return unit(tenant=db.session.get_one(Tenant, person.tenant_id))


def actor(
    role: Role = Role.DISPATCHER,
    *,
    unit: OrgUnit | None = None,
    tenant: Tenant | None = None,
    enterprise_id: int | None = None,
    **more: Any,
) -> Actor:
    """Make a person who holds `role`, and return them acting in it."""
    made = user(role, unit=unit, tenant=tenant, enterprise_id=enterprise_id, **more)
    held = db.session.scalars(select(RoleHolding).where(RoleHolding.user_id == made.id)).one()
    return Actor(
        tenant_id=made.tenant_id,
        user_id=made.id,
        role=role,
        name=made.name,
        unit_id=held.unit_id,
        enterprise_id=enterprise_id,
    )


def enterprise(name: str = "", *, tenant: Tenant | None = None, **more: Any) -> Enterprise:
    made = Enterprise(
        tenant_id=(tenant or the_tenant()).id, name=name or f"第{next(_serial)}企业", **more
    )
    _save(made)
    return made


def contact(
    *, enterprise: Enterprise | None = None, phone: str = "14200001234", **more: Any
) -> EnterpriseContact:
    made = EnterpriseContact(
        enterprise_id=(enterprise or globals()["enterprise"]()).id,
        name=more.pop("name", f"联系人{next(_serial)}"),
        phone=phone,
        **more,
    )
    _save(made)
    return made


def project(name: str = "", *, tenant: Tenant | None = None, **more: Any) -> KeyProject:
    made = KeyProject(
        tenant_id=(tenant or the_tenant()).id, name=name or f"第{next(_serial)}项目", **more
    )
    _save(made)
    return made


def linkage(
    *,
    enterprise: Enterprise | None = None,
    project: KeyProject | None = None,
    leader: User | None = None,
    liaison: User | None = None,
    **more: Any,
) -> Linkage:
    """Make a linkage of an enterprise of its own, if no target is given, from this year on."""
    target = project or enterprise or globals()["enterprise"]()
    house = db.session.get_one(Tenant, target.tenant_id)
    made = Linkage(
        tenant_id=target.tenant_id,
        leader_id=(leader or user(Role.LEADER, tenant=house)).id,
        liaison_id=(liaison or user(Role.LIAISON, tenant=house)).id,
        enterprise_id=None if project else target.id,
        project_id=target.id if project else None,
        valid_from=more.pop("valid_from", clock.today().replace(month=1, day=1)),
        created_at=more.pop("created_at", clock.now()),
        **more,
    )
    _save(made)
    return made


def category(name: str = "", *, tenant: Tenant | None = None, **more: Any) -> Category:
    number = next(_serial)
    made = Category(
        tenant_id=(tenant or the_tenant()).id,
        code=more.pop("code", f"T{number}"),
        name=name or f"第{number}类",
        **more,
    )
    _save(made)
    return made


def ticket(
    status: Status = Status.IN_PROGRESS,
    *,
    enterprise: Enterprise | None = None,
    tenant: Tenant | None = None,
    **more: Any,
) -> Ticket:
    """Write a ticket as it stands at `status`, found by its words; it has no history.

    For lists of many. A ticket whose history matters is walked by `office.Office`.
    """
    number = next(_serial)
    firm = enterprise or globals()["enterprise"](tenant=tenant)
    now = clock.now()
    due_at = more.pop("due_at", now + timedelta(days=3))
    values: dict[str, Any] = {
        "number": None if status is Status.DRAFT else f"QS{clock.today():%Y%m%d}-{number:04}",
        "title": f"第{number}件问题",
        "description": "企业反映的情况，请有关单位办理。",
        "submitted_at": now,
        "created_at": now,
        "due_at": due_at if status in RUNNING else None,
        "warn_on": clock.local(due_at).date() - timedelta(days=1) if status in RUNNING else None,
        "move_due_at": due_at if status in OPEN else None,
        "round": 1,
    }
    made = Ticket(
        tenant_id=firm.tenant_id,
        enterprise_id=firm.id,
        status=status,
        is_open=status in OPEN,
        is_running=status in RUNNING,
        **(values | more),
    )
    db.session.add(made)
    db.session.flush()
    search.put(made.id, f"{made.number} {firm.name} {made.title} {made.description} {made.wish}")
    db.session.commit()
    return made


def task(
    *, linkage: Linkage | None = None, period: str = "", due_on: date | None = None, **more: Any
) -> VisitTask:
    """Make what a linkage owes in a month: the present one, if none is given."""
    link = linkage or globals()["linkage"]()
    month = Month.read(period) if period else Month.of(clock.today())
    made = VisitTask(
        tenant_id=link.tenant_id,
        linkage_id=link.id,
        period=month.period,
        due_on=due_on or month.last,
        **more,
    )
    _save(made)
    return made


def visit(
    *,
    linkage: Linkage | None = None,
    on: date | None = None,
    mode: Mode = Mode.ON_SITE,
    visitors: Sequence[User] = (),
    **more: Any,
) -> Visit:
    """Make a visit to the target of a linkage, by its liaison officer if nobody is given."""
    link = linkage or globals()["linkage"]()
    went = list(visitors) or [link.liaison or link.leader]
    made = Visit(
        tenant_id=link.tenant_id,
        number=f"ZF{clock.today():%Y%m%d}-T{next(_serial):03}",
        enterprise_id=link.enterprise_id,
        project_id=link.project_id,
        visited_on=on or clock.today(),
        mode=mode,
        leader_present=link.leader_id in {person.id for person in went},
        recorded_by_id=went[0].id,
        recorded_at=clock.now(),
        visitors=went,
        **more,
    )
    _save(made)
    return made


def handover(
    giver: Actor,
    successor: Actor,
    seat: Seat = Seat.LIAISON,
    *,
    on: date | None = None,
    actor: Actor | None = None,
    targets: frozenset[str] | None = None,
    **more: Any,
) -> int:
    """Arrange a handover as the office does who has read the list; return its id."""
    arranging = actor or globals()["actor"](Role.DISPATCHER)
    draft = HandoverDraft(
        giver_id=giver.user_id or 0,
        seat=seat,
        successor_id=successor.user_id or 0,
        from_on=on or clock.today(),
        targets=targets,
        reason=more.pop("reason", "调离"),
        **more,
    )
    with transaction():
        seen = handovers.portfolio(draft, viewer=arranging).print_of_it
        return visits.arrange_handover(draft, seen=seen, actor=arranging).id
