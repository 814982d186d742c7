"""What each leader owes in a month and a week, what is done of it, and who is still missing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts import queries as people
from app.accounts.models import User
from app.accounts.parameters import Parameters
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises.models import Linkage
from app.visits import policy
from app.visits.calendar import Month, Week, weeks_of
from app.visits.models import (
    OWED,
    UNCOUNTED,
    HouseholdCount,
    TaskState,
    VillageVisit,
    Visit,
    VisitTask,
)
from app.visits.queries.errands import errands
from app.visits.queries.tasks import with_target
from app.workdays.calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Quota:
    """How much is owed of one kind of visit, and how much of it is done."""

    done: int
    owed: int

    @property
    def is_met(self) -> bool:
        """Whether nothing is owed any more."""
        return self.done >= self.owed


@dataclass(frozen=True, slots=True)
class LeaderQuotas:
    """One leader in one month. `week` is this week's, None where the month is another."""

    leader: User
    enterprises: Quota
    projects: Quota
    week: Quota | None
    weeks: Quota  # weeks with enough village days, of those that have begun
    households: Quota
    households_version: int  # 0: nobody has counted yet

    @property
    def is_met(self) -> bool:
        """Whether the leader owes nothing that could be done by now."""
        parts = (self.enterprises, self.projects, self.week or self.weeks, self.households)
        return all(part.is_met for part in parts)


@dataclass(frozen=True, slots=True)
class Missing:
    """A target that nobody has visited in a month: since when, and how often it was tried."""

    task: VisitTask
    last: Visit | None
    attempts: Sequence[Visit]

    @property
    def since(self) -> date | None:
        """The day of the last visit that counted; None where there never was one."""
        return self.last.visited_on if self.last else None


def quotas(month: Month, *, viewer: Actor, calendar: WorkCalendar) -> list[LeaderQuotas]:
    """Return what each leader whom the viewer may know of owes in a month; five statements."""
    policy.require_reading(viewer)
    parameters = people.tenant(viewer.tenant_id).parameters
    leaders = _leaders(viewer, month)
    ids = [one.id for one in leaders]
    tasks, days, counts = _tasks(ids, month), _village_days(ids, month), _counts(ids, month)
    return [
        LeaderQuotas(
            leader=one,
            enterprises=tasks[one.id, False],
            projects=tasks[one.id, True],
            week=_this_week(days[one.id], parameters, month, calendar),
            weeks=_weeks(days[one.id], parameters, month, calendar),
            households=Quota(
                counts[one.id].number if one.id in counts else 0, parameters.household_per_month
            ),
            households_version=counts[one.id].version if one.id in counts else 0,
        )
        for one in leaders
    ]


def households_of(leader_id: int, period: str) -> HouseholdCount | None:
    """Return how many households a leader called on in a month, if somebody wrote it down."""
    found: HouseholdCount | None = db.session.scalar(
        select(HouseholdCount).where(
            HouseholdCount.leader_id == leader_id, HouseholdCount.period == period
        )
    )
    return found


def missing(month: Month, *, viewer: Actor) -> list[Missing]:
    """Return the targets that are still owed a visit in a month, the longest not seen first."""
    tasks = db.session.scalars(
        with_target(select(VisitTask))
        .where(policy.tasks_visible_to(viewer), VisitTask.period == month.period)
        .where(VisitTask.state.in_(OWED))
        .order_by(VisitTask.id)
    ).all()
    known = errands(tasks, viewer=viewer, today=min(clock.today(), month.last))
    found = [Missing(one.task, one.last, one.attempts) for one in known if one.task]
    return sorted(found, key=lambda one: (one.since or date.min, one.task.id))


def village_visit(visit_id: int, *, viewer: Actor) -> VillageVisit:
    """Return a day in a village, or raise NotFound where the viewer may not know of it."""
    asked = select(VillageVisit).where(policy.villages_visible_to(viewer))
    found: VillageVisit | None = db.session.scalar(asked.where(VillageVisit.id == visit_id))
    if found is None:
        raise NotFound(N_("没有找到，可能已被移走，或者不在您能看的范围内。"))
    return found


def village_visits(*, viewer: Actor, leader_id: int | None = None) -> Select[VillageVisit]:
    """Return the days in villages that the viewer may know of, the latest first."""
    policy.require_reading(viewer)
    found = (
        select(VillageVisit)
        .where(policy.villages_visible_to(viewer))
        .options(joinedload(VillageVisit.leader), joinedload(VillageVisit.village))
        .order_by(VillageVisit.visited_on.desc(), VillageVisit.id.desc())
    )
    return found if leader_id is None else found.where(VillageVisit.leader_id == leader_id)


def leaders_to_record_for(actor: Actor) -> Sequence[User]:
    """Return the leaders for whom `actor` may write down what they did in the villages."""
    leaders = people.users_with_role(actor.tenant_id, [Role.LEADER])
    return [one for one in leaders if policy.may_record_for(actor, one.id)]


def _leaders(viewer: Actor, month: Month) -> Sequence[User]:
    """Return the leaders, and whoever else leads a target of the month; or the viewer alone."""
    if not policy.may_see_all(viewer):
        mine = policy.leads(viewer)
        found = select(User).where(User.id.in_(mine), User.tenant_id == viewer.tenant_id)
        return db.session.scalars(found.order_by(User.id)).all()
    hold = [one.id for one in people.users_with_role(viewer.tenant_id, [Role.LEADER])]
    lead = (
        select(Linkage.leader_id)
        .join(VisitTask, VisitTask.linkage_id == Linkage.id)
        .where(VisitTask.tenant_id == viewer.tenant_id, VisitTask.period == month.period)
    )
    return db.session.scalars(
        select(User)
        .where(User.tenant_id == viewer.tenant_id, User.id.in_(hold) | User.id.in_(lead))
        .order_by(User.id)
    ).all()


def _tasks(leaders: Sequence[int], month: Month) -> Mapping[tuple[int, bool], Quota]:
    rows = db.session.execute(
        select(Linkage.leader_id, Linkage.project_id.is_not(None), VisitTask.state, func.count())
        .join(VisitTask, VisitTask.linkage_id == Linkage.id)
        .where(Linkage.leader_id.in_(leaders), VisitTask.period == month.period)
        .where(VisitTask.state.not_in(UNCOUNTED))
        .group_by(Linkage.leader_id, Linkage.project_id.is_not(None), VisitTask.state)
    )
    owed: Counter[tuple[int, bool]] = Counter()
    done: Counter[tuple[int, bool]] = Counter()
    for leader_id, is_project, state, n in rows:
        owed[leader_id, bool(is_project)] += n
        done[leader_id, bool(is_project)] += n if state is TaskState.DONE else 0
    return {
        (one, is_project): Quota(done[one, is_project], owed[one, is_project])
        for one in leaders
        for is_project in (False, True)
    }


def _village_days(leaders: Sequence[int], month: Month) -> Mapping[int, Counter[Week]]:
    weeks = weeks_of(month)
    first = min(weeks[0].monday, Week.of(clock.today()).monday)
    rows = db.session.execute(
        select(VillageVisit.leader_id, VillageVisit.visited_on)
        .where(VillageVisit.leader_id.in_(leaders))
        .where(VillageVisit.visited_on.between(first, max(weeks[-1].sunday, clock.today())))
    )
    found: defaultdict[int, Counter[Week]] = defaultdict(Counter)
    for leader_id, on in rows:
        found[leader_id][Week.of(on)] += 1
    return found


def _counts(leaders: Iterable[int], month: Month) -> Mapping[int, HouseholdCount]:
    rows = db.session.scalars(
        select(HouseholdCount).where(
            HouseholdCount.leader_id.in_(leaders), HouseholdCount.period == month.period
        )
    )
    return {one.leader_id: one for one in rows}


def _this_week(
    days: Counter[Week], parameters: Parameters, month: Month, calendar: WorkCalendar
) -> Quota | None:
    today = clock.today()
    if Month.of(today) != month:
        return None
    week = Week.of(today)
    owed = parameters.village_per_week if week.is_worked(calendar) else 0
    return Quota(days[week], owed)


def _weeks(
    days: Counter[Week], parameters: Parameters, month: Month, calendar: WorkCalendar
) -> Quota:
    """Return in how many weeks of a month, of those that have begun, enough was done."""
    wanted = parameters.village_per_week
    begun = [w for w in weeks_of(month) if w.monday <= clock.today() and w.is_worked(calendar)]
    if not wanted:
        return Quota(0, 0)
    return Quota(sum(days[week] >= wanted for week in begun), len(begun))
