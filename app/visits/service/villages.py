"""What leaders do in the villages: their days there, and how many households they called on.

Of households the number alone is kept; whose they are is nobody's to write down here.
"""

from dataclasses import dataclass
from datetime import date

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.models import OrgUnit, UnitKind, User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.visits import policy, queries
from app.visits.calendar import Month
from app.visits.models import HouseholdCount, VillageVisit
from app.visits.service.days import check_day

FINDINGS_SHORTEST = 10  # characters
MOST_HOUSEHOLDS = 999


@dataclass(frozen=True, slots=True)
class VillageDraft:
    """A leader's day in a village, as somebody tells it."""

    leader_id: int
    village_id: int
    visited_on: date
    findings: str


def record_village_visit(draft: VillageDraft, *, actor: Actor) -> VillageVisit:
    """Write down a leader's day in a village. Raises NotAllowed, or Invalid at its field."""
    recorder_id, leader, village = _checked(draft, actor)
    made = VillageVisit(
        tenant_id=actor.tenant_id,
        leader_id=leader.id,
        village_id=village.id,
        visited_on=draft.visited_on,
        findings=draft.findings.strip(),
        recorded_by_id=recorder_id,
        recorded_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()  # gives it the id that the log names
    told = {"name": leader.name, "unit": village.name, "visited_on": draft.visited_on.isoformat()}
    accounts.log(actor, N_("登记入村调研"), "village-visit", made.id, after=told)
    return made


def change_village_visit(
    visit: VillageVisit, draft: VillageDraft, *, version: int | None, actor: Actor
) -> None:
    """Set right what was written down, as long as the month of both days is open to the actor.

    Raises Stale where somebody changed it meanwhile.
    """
    policy.require_visible(actor, visit.tenant_id)
    policy.require_record_for(actor, visit.leader_id)
    check_version(visit.version, version)
    check_day(visit.visited_on, actor=actor)
    changer_id, leader, village = _checked(draft, actor)
    before = _told(visit)
    visit.leader, visit.village, visit.visited_on = leader, village, draft.visited_on
    visit.findings = draft.findings.strip()
    if _told(visit) == before:
        return
    visit.changed_by_id, visit.changed_at = changer_id, clock.now()
    accounts.log(
        actor, N_("修改入村调研"), "village-visit", visit.id, before=before, after=_told(visit)
    )


def _told(visit: VillageVisit) -> dict[str, str]:
    return {
        "name": visit.leader.name,
        "unit": visit.village.name,
        "visited_on": visit.visited_on.isoformat(),
        "findings": visit.findings,
    }


def _checked(draft: VillageDraft, actor: Actor) -> tuple[int, User, OrgUnit]:
    """Return who writes, the leader and the village; refuse what does not make sense."""
    recorder_id = policy.require_record_for(actor, draft.leader_id)
    leader = _leader(draft.leader_id, actor)
    check_day(draft.visited_on, actor=actor)
    village = people.unit(draft.village_id, viewer=actor)
    if village.kind is not UnitKind.VILLAGE:
        raise Invalid(N_("“{name}”不是村（社区）。"), field="village_id", name=village.name)
    lack = FINDINGS_SHORTEST - len(draft.findings.strip())
    if lack > 0:
        raise Invalid(N_("再写 {n} 个字：看了什么、发现什么。"), field="findings", n=lack)
    return recorder_id, leader, village


def count_households(
    leader_id: int, month: Month, number: int, *, version: int | None, actor: Actor
) -> None:
    """Set how many households a leader called on in a month.

    Version 0: nobody had counted yet, as far as the actor saw.
    """
    recorder_id = policy.require_record_for(actor, leader_id)
    leader = _leader(leader_id, actor)
    check_day(month.first, actor=actor, field="number")
    if not 0 <= number <= MOST_HOUSEHOLDS:
        raise Invalid(N_("户数要在 0 到 {most} 之间。"), field="number", most=MOST_HOUSEHOLDS)
    begun = db.session.scalar(
        inserting(HouseholdCount)
        .values(
            tenant_id=actor.tenant_id,
            leader_id=leader.id,
            period=month.period,
            number=0,
            changed_by_id=recorder_id,
            changed_at=clock.now(),
            version=1,
        )
        .on_conflict_do_nothing(index_elements=["leader_id", "period"])
        .returning(HouseholdCount.id)
    )
    found = queries.households_of(leader.id, month.period)
    assert found is not None  # noqa: S101 - it was written just now, or before
    check_version(0 if begun else found.version, version)
    before, found.number = found.number, number
    found.changed_by_id, found.changed_at = recorder_id, clock.now()
    of = {accounts.OF: f"{leader.name} {month.period}"}
    accounts.log(
        actor,
        N_("登记走访户数"),
        "household-count",
        found.id,
        before={"number": before},
        after=of | {"number": number},
    )


def _leader(leader_id: int, actor: Actor) -> User:
    found = {one.id: one for one in queries.leaders_to_record_for(actor)}
    if leader_id not in found:
        raise Invalid(N_("请从列表中选一位班子成员。"), field="leader_id")
    return found[leader_id]
