"""Things to test with. Each maker needs nothing, and saves what it makes."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app.accounts.models import Absence, OrgUnit, RoleHolding, Tenant, UnitKind, User
from app.accounts.policy import NEEDS_UNIT
from app.accounts.roles import Actor, Role
from app.core import clock, passwords, search
from app.core.db import Base, db
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, EnterpriseContact, KeyProject, Linkage, Seat
from app.notifications.models import BodyKind, GroupRobot, Platform, SmsGateway
from app.portal.models import Doubt, Telling, TellingState
from app.servicedays.models import Appointment, ServiceDay
from app.tickets.models import Category, Ticket, TicketReader
from app.tickets.workflow.states import OPEN, RUNNING, Status
from app.visits import service as visits
from app.visits.calendar import Month
from app.visits.models import (
    COUNTING,
    Campaign,
    FinancingNeed,
    LaborNeed,
    Mode,
    Promise,
    VillageVisit,
    Visit,
    VisitOutcome,
    VisitTask,
)
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


def telling(
    state: TellingState = TellingState.HELD, *, tenant: Tenant | None = None, **more: Any
) -> Telling:
    """Make a telling of nobody whom the file knows."""
    number = next(_serial)
    given: dict[str, Any] = {
        "number": f"QS20260921-9{number:03}",
        "query_code": "123456",
        "told_at": clock.now(),
        "sent_at": clock.machine_now(),
        "enterprise_name": f"来信{number}厂",
        "title": f"门口的路{number}",
        "description": "从上周起货车进不来。",
        "contact_name": "宋主任",
        "contact_phone": "14200000001",
        "doubts": [Doubt.UNKNOWN_FIRM.value],
        "ip_key": "place",
        "phone_key": "phone",
        "form_key": f"form{number}",
    }
    made = Telling(tenant_id=(tenant or the_tenant()).id, state=state, **(given | more))
    _save(made)
    return made


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
    promises: str = "",
    **more: Any,
) -> Visit:
    """Make a visit to the target of a linkage, by its liaison officer if nobody is given."""
    link = linkage or globals()["linkage"]()
    went = list(visitors) or [link.liaison or link.leader]
    outcome = more.pop("outcome", VisitOutcome.VISITED)
    made = Visit(
        tenant_id=link.tenant_id,
        number=f"ZF{clock.today():%Y%m%d}-T{next(_serial):03}",
        enterprise_id=link.enterprise_id,
        project_id=link.project_id,
        visited_on=on or clock.today(),
        mode=mode,
        outcome=outcome,
        counts=more.pop("counts", mode in COUNTING and outcome is VisitOutcome.VISITED),
        leader_present=link.leader_id in {person.id for person in went},
        recorded_by_id=went[0].id,
        recorded_at=clock.now(),
        visitors=went,
        **more,
    )
    _save(made)
    if promises:
        promise(visit=made, text=promises)
    return made


def promise(*, visit: Visit | None = None, text: str = "", **more: Any) -> Promise:
    """Make a promise of a visit, open unless `more` says otherwise."""
    on = visit or globals()["visit"]()
    made = Promise(
        tenant_id=on.tenant_id, visit_id=on.id, text=text or f"第{next(_serial)}件答应的事", **more
    )
    _save(made)
    return made


def campaign(name: str = "", *, tenant: Tenant | None = None, **more: Any) -> Campaign:
    """Make a campaign that has run for a month and runs for another, if no days are given."""
    made = Campaign(
        tenant_id=(tenant or the_tenant()).id,
        name=name or f"第{next(_serial)}个活动",
        from_on=more.pop("from_on", clock.today() - timedelta(days=30)),
        to_on=more.pop("to_on", clock.today() + timedelta(days=30)),
        created_at=clock.now(),
        **more,
    )
    _save(made)
    return made


def need(*, visit: Visit | None = None, **more: Any) -> FinancingNeed | LaborNeed:
    """Make a need for money, or for people where `headcount` says so."""
    on = visit or globals()["visit"]()
    whose: dict[str, Any] = {
        "tenant_id": on.tenant_id,
        "visit_id": on.id,
        "enterprise_id": on.enterprise_id,
        "changed_at": clock.now(),
    }
    made: FinancingNeed | LaborNeed
    if "headcount" in more:
        made = LaborNeed(**(whose | more))
    else:
        made = FinancingNeed(**({"amount_wan": 100.0} | whose | more))
    _save(made)
    return made


def village_visit(
    *, leader: User | None = None, village: OrgUnit | None = None, on: date | None = None
) -> VillageVisit:
    """Make a leader's day in a village."""
    who = leader or user(Role.LEADER)
    made = VillageVisit(
        tenant_id=who.tenant_id,
        leader_id=who.id,
        village_id=(village or unit(kind=UnitKind.VILLAGE)).id,
        visited_on=on or clock.today(),
        findings="看了水渠和村部，排水沟要清一次。",
        recorded_by_id=who.id,
        recorded_at=clock.now(),
    )
    _save(made)
    return made


def reader(ticket: Ticket, user: User) -> None:
    """Keep a ticket for the named few, and let a person be one of them."""
    ticket.confidential = True
    db.session.add(TicketReader(ticket_id=ticket.id, user_id=user.id, added_at=clock.now()))
    db.session.commit()


def absence(user: User, deputy: User, days: int = 30) -> Absence:
    """Let a person be away from today on, and a deputy stand in."""
    made = Absence(
        tenant_id=user.tenant_id,
        user_id=user.id,
        deputy_id=deputy.id,
        from_on=clock.today(),
        to_on=clock.today() + timedelta(days=days),
        begun_at=clock.now(),
        noted_at=clock.now(),
    )
    _save(made)
    return made


def sms_gateway(**more: Any) -> SmsGateway:
    """Make a text-message service of the tenant."""
    values = {
        "tenant_id": the_tenant().id,
        "url": "https://sms.example.com/send",
        "method": "POST",
        "headers": "Authorization: Bearer sesame",
        "body_kind": BodyKind.JSON,
        "body": '{"to": "{{phone}}", "text": "{{text}}"}',
        "success_path": "code",
        "success_value": "0",
    }
    made = SmsGateway(**{**values, **more})
    _save(made)
    return made


def robot(name: str = "", **more: Any) -> GroupRobot:
    """Make a robot of WeCom that hears R4."""
    values = {
        "tenant_id": the_tenant().id,
        "name": name or f"第{next(_serial)}个工作群",
        "platform": Platform.WECOM,
        "key": f"{uuid4()}",
        "rules": ["R4"],
        "created_at": clock.now(),
        "rests_until": None,
    }
    made = GroupRobot(**{**values, **more})
    _save(made)
    return made


def service_day(
    *,
    on: date | None = None,
    host: User | None = None,
    units: Sequence[OrgUnit] = (),
    tenant: Tenant | None = None,
    **more: Any,
) -> ServiceDay:
    """Make a day in two weeks, from nine to half past eleven; nobody is told of it."""
    house = tenant or the_tenant()
    made = ServiceDay(
        tenant_id=house.id,
        held_on=on or clock.today() + timedelta(days=14),
        begins_at=more.pop("begins_at", time(9)),
        ends_at=more.pop("ends_at", time(11, 30)),
        place=more.pop("place", "镇政府二楼会议室"),
        host_id=(host or user(Role.LEADER, tenant=house)).id,
        created_at=clock.now(),
        units=list(units),
        **more,
    )
    _save(made)
    return made


def appointment(
    *, day: ServiceDay | None = None, enterprise: Enterprise | None = None, **more: Any
) -> Appointment:
    """Make an appointment of an enterprise of its own, if none is given."""
    made = Appointment(
        day_id=(day or service_day()).id,
        enterprise_id=(enterprise or globals()["enterprise"]()).id,
        contact_name=more.pop("contact_name", f"联系人{next(_serial)}"),
        made_at=clock.now(),
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
