"""The visits of the year: one for each task that was done, and those beyond.

36 enterprises, nine months, 324 tasks: 312 done, 9 exempt, 3 not done. The one of September
is still to be done on the morning of the anchor: its day is the month's last. 66 visits more,
27 of them on the four service days.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.demo.service import beside, receptions, township
from app.demo.service.cast import Cast, Firm
from app.demo.service.pace import Pace
from app.demo.service.stories import Act, Heard
from app.enterprises.models import Operation
from app.visits import service as visits
from app.visits.calendar import Month
from app.visits.models import ExemptGround, Mode, VisitTask

YEAR = 2026
MONTHS = range(1, 10)
LAST_DAY = date(2026, 9, 29)
EXTRA = 66
SERVICE_DAYS = {
    date(2026, 3, 26): 7,
    date(2026, 5, 21): 7,
    date(2026, 7, 16): 7,
    date(2026, 9, 17): 6,
}
CLOSED_FOR_WORKS = "岚影文化旅游"
EXEMPT = {
    **{(township.STOPPED_FIRST, month): "设备大修停产，4 月底恢复。" for month in range(1, 5)},
    **{(CLOSED_FOR_WORKS, month): "游客中心和步道改造，10 月恢复营业。" for month in range(5, 10)},
}
NOT_DONE = {("霁速快递服务", 2), ("云路山居酒店管理", 7), ("速岭物流", 9)}
WITHOUT = NOT_DONE | set(EXEMPT)
FIXED = {("澄砂石英材料", 9): date(2026, 9, 9), ("钧炬金属结构", 9): date(2026, 9, 28)}
LEADER_COMES = {True: 0.93, False: 0.35}  # to a key enterprise, to another
BEYOND = (Mode.PHONE, Mode.ON_SITE, Mode.ON_SITE_OFFICE, Mode.PHONE, Mode.ONLINE)
STARTS = (("08:50", "10:50"), ("14:40", "16:10"))

ORDERS = (
    "订单排到下个月底，生产正常。",
    "订单和去年同期持平。",
    "旺季快到了，订单比上月多两成。",
    "老客户订单稳定，新客户在谈。",
    "受价格影响，订单略有减少。",
)
POLICIES = ("送去《惠企政策一本通》。", "讲了设备更新贴息政策。", "讲了稳岗返还和培训补贴。", "")
PROMISES = (
    "把政策申报清单发给企业办公室。",
    "下月约供电所一起来看用电负荷。",
    "下次带银行的客户经理一起来。",
    "",
    "",
)
SUGGESTIONS = ("希望多组织几次银企对接。", "希望检查合在一起。", "", "", "")


@dataclass(slots=True)
class Planner:
    """Fills the months, and remembers who was where."""

    cast: Cast
    pace: Pace
    heard: list[Heard]
    acts: list[Act] = field(default_factory=list)
    busy: dict[int | None, set[date]] = field(default_factory=lambda: defaultdict(set))
    beyond: int = 0
    told: beside.Told = field(default_factory=set)
    guests: dict[date, list[str]] = field(default_factory=dict)  # firms, by service day


def plan(cast: Cast, pace: Pace, heard: list[Heard]) -> list[Act]:
    """Return every visit of the year, what was waived, and what was noted of two firms."""
    planner = Planner(cast, pace, heard)
    for found in heard:
        planner.busy[cast.firms[found.firm].liaison.user_id].add(_day(found))
    for firm in cast.firms.values():
        for month in MONTHS:
            _month_of(planner, firm, month)
    _service_days(planner)
    _beyond(planner)
    planner.acts += _waive(planner)
    planner.acts += _notes(planner)
    planner.acts += beside.follow(cast, pace.calendar)
    planner.acts += receptions.plan(cast, pace.calendar, planner.guests)
    return planner.acts


# ---- tasks ----


def _month_of(planner: Planner, firm: Firm, month: int) -> None:
    """Let the task of one month be done; problems that were heard come with visits."""
    mine = [found for found in planner.heard if found.firm == firm.name]
    here = [found for found in mine if _day(found).month == month and not found.on_service_day]
    for found in here:
        _visit_with(planner, firm, found)
    planner.beyond += max(0, len(here) - 1)
    if not here and (firm.name, month) not in WITHOUT:
        day = FIXED.get((firm.name, month)) or _free_day(planner, firm, month)
        together = (firm.name, month) in FIXED or None
        _visit(planner, firm, day, Mode.ON_SITE, together=together)


def _free_day(planner: Planner, firm: Firm, month: int) -> date:
    taken = planner.busy[firm.liaison.user_id]
    free = [day for day in _workdays(planner, month) if day not in taken]
    return planner.pace.random.choice(free)


def _workdays(planner: Planner, month: int) -> list[date]:
    """Return the days of a month on which one may go: not its first, not its last."""
    calendar = planner.pace.calendar
    first = calendar.first_workday(YEAR, month)
    last = min(calendar.preceding(calendar.month_end(YEAR, month)), date(2026, 9, 28))
    days = (first + timedelta(days=n) for n in range(1, 31))
    return [day for day in days if day <= last and calendar.is_workday(day)]


# ---- beyond the tasks ----


def _service_days(planner: Planner) -> None:
    """Enterprises come to the township on four days, some of them with a problem."""
    for day, count in SERVICE_DAYS.items():
        bring = [found for found in planner.heard if found.on_service_day and _day(found) == day]
        coming = [planner.cast.firms[found.firm] for found in bring]
        others = [
            firm
            for firm in planner.cast.firms.values()
            if firm not in coming and (firm.name, day.month) not in WITHOUT
        ]
        coming += planner.pace.random.sample(others, count - len(coming))
        planner.guests[day] = [firm.name for firm in coming]
        with_problem = {found.firm: found for found in bring}
        for firm in coming:
            planner.beyond += 1
            if firm.name in with_problem:
                _visit_with(planner, firm, with_problem[firm.name])
            else:
                _visit(planner, firm, day, Mode.SERVICE_DAY)


def _beyond(planner: Planner) -> None:
    """Call or go once more, until there are as many visits as the year had."""
    firms = list(planner.cast.firms.values())
    while planner.beyond < EXTRA:
        firm = planner.pace.random.choice(firms)
        month = planner.pace.random.choice(MONTHS)
        if (firm.name, month) in WITHOUT:
            continue
        mode = BEYOND[planner.beyond % len(BEYOND)]
        _visit(planner, firm, _free_day(planner, firm, month), mode, extra=True)
        planner.beyond += 1


# ---- one visit ----


def _visit(
    planner: Planner,
    firm: Firm,
    day: date,
    mode: Mode,
    *,
    together: bool | None = None,
    extra: bool = False,
) -> None:
    pace = planner.pace
    planner.busy[firm.liaison.user_id].add(day)
    began = pace.at(day, *pace.random.choice(STARTS))
    ended = began + timedelta(minutes=pace.random.randint(35, 70))
    recorded = pace.after(ended, 15, 50)
    draft = _draft(planner, firm, mode, (began, ended), together=together)
    draft = beside.in_vain(draft, planner.beyond) if extra else draft
    planner.acts.append(Act(recorded, _recording(firm, draft)))


def _visit_with(planner: Planner, firm: Firm, found: Heard) -> None:
    mode = Mode.SERVICE_DAY if found.on_service_day else Mode.ON_SITE
    times = (found.at - timedelta(minutes=58), found.at - timedelta(minutes=7))
    draft = _draft(planner, firm, mode, times, problems=(found.problem,))
    planner.acts.append(Act(found.at, _recording(firm, draft, found)))


def _recording(
    firm: Firm, draft: visits.VisitDraft, found: Heard | None = None
) -> Callable[[], None]:
    def run() -> None:
        visit = visits.record_visit(beside.asking(draft, firm), actor=firm.liaison)
        if found is not None:
            found.note(visit)

    return run


def _draft(
    planner: Planner,
    firm: Firm,
    mode: Mode,
    times: tuple[datetime, datetime],
    *,
    together: bool | None = None,
    problems: tuple[visits.Problem, ...] = (),
) -> visits.VisitDraft:
    pick = planner.pace.random
    began, ended = (clock.local(moment) for moment in times)
    in_person = mode not in {Mode.PHONE, Mode.ONLINE}
    comes = pick.random() < LEADER_COMES[firm.is_key] if together is None else together
    visitors = (
        [firm.liaison.user_id, firm.leader_id] if comes and in_person else [firm.liaison.user_id]
    )
    draft = visits.VisitDraft(
        visited_on=began.date(),
        mode=mode,
        enterprise_id=firm.id,
        visitor_ids=tuple(id_ for id_ in visitors if id_ is not None),
        began_at=began.time(),
        ended_at=ended.time(),
        persons_met=f"{firm.contact_post}{firm.contact}",
        orders=pick.choice(ORDERS),
        employees=max(1, firm.employees + pick.randint(-2, 2)),
        policies=pick.choice(POLICIES),
        suggestions=pick.choice(SUGGESTIONS),
        promises="" if problems else pick.choice(PROMISES),
        confirmed_by_firm=in_person and pick.random() < 0.6,  # noqa: PLR2004 - most of them
        problems=problems,
    )
    return beside.enrich(draft, firm, planner.cast, planner.told)


def _day(found: Heard) -> date:
    return clock.local(found.at).date()


# ---- what was waived ----


def _waive(planner: Planner) -> Iterator[Act]:
    """Return what is asked for in the first days of a month, and agreed to the next day."""
    calendar = planner.pace.calendar
    for (name, month), reason in EXEMPT.items():
        firm = planner.cast.firms[name]
        day = calendar.add(calendar.first_workday(YEAR, month), planner.pace.random.randint(1, 3))
        asked, agreed = planner.pace.at(day), planner.pace.at(calendar.following(day))
        yield Act(asked, _asking(firm, month, reason))
        yield Act(agreed, _agreeing(planner, firm, month))


def _asking(firm: Firm, month: int, reason: str) -> Callable[[], None]:
    def run() -> None:
        task = _task(firm, month)
        visits.ask_exemption(task, ExemptGround.STOPPED, reason, version=None, actor=firm.liaison)

    return run


def _agreeing(planner: Planner, firm: Firm, month: int) -> Callable[[], None]:
    clerk = planner.cast.dispatchers[month % 2]

    def run() -> None:
        visits.decide_exemption(
            _task(firm, month), approve=True, answer="情况属实。", version=None, actor=clerk
        )

    return run


def _task(firm: Firm, month: int) -> VisitTask:
    period = Month(YEAR, month).period
    return db.session.scalars(
        select(VisitTask).where(VisitTask.linkage_id == firm.linkage_id, VisitTask.period == period)
    ).one()


def _notes(planner: Planner) -> Iterator[Act]:
    """Return what the office writes into the files of the two that stood still."""
    told = (
        (date(2026, 4, 29), township.STOPPED_FIRST, Operation.RUNNING),
        (date(2026, 5, 6), CLOSED_FOR_WORKS, Operation.STOPPED),
    )
    for day, name, operation in told:
        moment = planner.pace.at(day)
        yield Act(
            moment,
            lambda name=name, operation=operation: township.say_it_runs(  # type: ignore[misc]
                planner.cast, name, operation
            ),
        )
