"""A small township to visit in: a calendar, categories, and one linkage of each kind."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import time_machine

from app.accounts import roles
from app.accounts.models import Tenant, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.enterprises.models import Linkage, Tier
from app.tickets.models import Category
from app.visits import service
from app.visits.models import Mode, Visit, VisitTask
from app.visits.service import Problem, VisitDraft
from app.workdays import service as workdays
from tests import make, remembered

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Town:
    """Ids, not rows: each step reads afresh, as a request does."""

    tenant_id: int
    leader: Actor
    liaison: Actor
    clerk: Actor
    linkage_id: int
    category_id: int

    @property
    def linkage(self) -> Linkage:
        return db.session.get_one(Linkage, self.linkage_id)

    @property
    def target(self) -> str:
        link = self.linkage
        return f"e{link.enterprise_id}" if link.enterprise_id else f"p{link.project_id}"

    @property
    def leader_id(self) -> int:
        return self.leader.user_id or 0

    @property
    def liaison_id(self) -> int:
        return self.liaison.user_id or 0

    def tasks(self, period: str = "2026-09") -> list[VisitTask]:
        db.session.rollback()
        found = db.select(VisitTask).where(VisitTask.period == period).order_by(VisitTask.id)
        return list(db.session.scalars(found))

    def task(self, period: str = "2026-09") -> VisitTask:
        (found,) = self.tasks(period)
        return found

    def generate(self, period: str = "2026-09") -> int:
        with transaction():
            return service.generate_tasks(self.tenant_id, period)

    def draft(self, **more: Any) -> VisitDraft:
        link = self.linkage
        told: dict[str, Any] = {
            "visited_on": clock.today(),
            "mode": Mode.ON_SITE,
            "enterprise_id": link.enterprise_id,
            "project_id": link.project_id,
            "visitor_ids": (self.liaison_id,),
        }
        return VisitDraft(**(told | more))

    def record(self, *, actor: Actor | None = None, **more: Any) -> Visit:
        with transaction():
            visit = service.record_visit(self.draft(**more), actor=actor or self.liaison)
            visit_id = visit.id
        return db.session.get_one(Visit, visit_id)

    def problem(self, **more: Any) -> Problem:
        told: dict[str, Any] = {
            "title": "场站门口路灯坏了三盏",
            "description": "从八月起晚上看不清路，员工下夜班不安全。",
            "category_id": self.category_id,
            "contact_name": "宋主任",
            "contact_phone": "14200000001",
            "no_secrets": True,
        }
        return Problem(**(told | more))

    def form(self, **more: Any) -> dict[str, Any]:
        """Return what a browser would send for a visit without problems."""
        sent: dict[str, Any] = {
            "idempotency_key": f"{id(object()):032x}"[-32:],
            "target": self.target,
            "visited_on": clock.today().isoformat(),
            "mode": "on_site",
            "running": "normal",
            "who": ["liaison"],
            "has_problems": "no",
        }
        return sent | more

    def written(self, place: int = 0, **more: Any) -> dict[str, Any]:
        """Return what a browser would send for one problem."""
        sent: dict[str, Any] = {
            "title": "场站门口路灯坏了三盏",
            "description": "从八月起晚上看不清路，员工下夜班不安全。",
            "category_id": str(self.category_id),
            "contact_name": "宋主任",
            "urgency": "normal",
            "no_secrets": "y",
        }
        return {f"problems-{place}-{name}": value for name, value in (sent | more).items()}


def open_town(*, tier: Tier = Tier.GENERAL, project: bool = False, **more: Any) -> Town:
    """Make the township; `more` is for its linkage."""
    name = f"town to visit in {tier} {project} {sorted(more.items())}"
    return remembered.once(name, lambda: _open_town(tier=tier, project=project, **more))


def _open_town(*, tier: Tier, project: bool, **more: Any) -> Town:
    house = make.the_tenant()
    with transaction():
        tenant = db.session.get_one(Tenant, house.id)
        workdays.seed(tenant, (2025, 2026), actor=roles.system(tenant.id))
    leader, liaison = make.actor(Role.LEADER), make.actor(Role.LIAISON)
    firm = make.enterprise("明岫霁川速岭物流有限公司", short_name="速岭物流")
    make.contact(enterprise=firm, name="宋主任", post="运营经理", is_primary=True)
    building = make.project(enterprise_id=firm.id) if project else None
    link = make.linkage(
        enterprise=None if building else firm,
        project=building,
        leader=db.session.get_one(User, leader.user_id),
        liaison=db.session.get_one(User, liaison.user_id),
        tier=tier,
        valid_from=more.pop("valid_from", date(2026, 1, 1)),
        created_at=more.pop("created_at", LONG_AGO),
        **more,
    )
    category = Category(tenant_id=house.id, code="07", name="交通物流")
    with transaction():
        db.session.add(category)
    return Town(
        tenant_id=house.id,
        leader=leader,
        liaison=liaison,
        clerk=make.actor(Role.DISPATCHER),
        linkage_id=link.id,
        category_id=category.id,
    )


def go_to(traveller: time_machine.Traveller, day: str, hour: str = "09:00") -> None:
    """Set the clock."""
    traveller.move_to(clock.at(date.fromisoformat(day), time.fromisoformat(hour)), tick=False)
