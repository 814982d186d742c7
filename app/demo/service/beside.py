"""What the visits of the year leave behind beside problems, and the leaders' days in the villages.

Nothing here draws by chance: the year of visits and problems stays as it was told. Financing is
looked for by 7 enterprises, 4,650 in all, of which 3 found 1,900; hands by 9, 186 people, of which
112 came.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from functools import partial
from typing import cast as cast_to

from sqlalchemy import select

from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.demo.service.cast import Cast, Firm
from app.demo.service.stories import Act
from app.visits import queries
from app.visits import service as visits
from app.visits.calendar import Month
from app.visits.models import (
    FinancingNeed,
    LaborNeed,
    NeedState,
    PromiseState,
    StillFine,
    Theme,
    VisitOutcome,
)
from app.workdays.calendar import WorkCalendar

#: Name, first day, last day.
CAMPAIGNS = (
    ("新春访万企", date(2026, 2, 24), date(2026, 3, 6)),
    ("金秋助企行动", date(2026, 9, 14), date(2026, 10, 31)),
)
#: By enterprise: the month, how much, for how long, what for, where it stands, with whom.
FINANCING: dict[str, tuple[int, float, str, str, NeedState, str]] = {
    "澄砂石英材料": (3, 800, "一年", "采购石英原矿", NeedState.MET, "县农商行"),
    "拾光精密机械": (5, 900, "三年", "二期设备", NeedState.MATCHED, "县工行、镇经济发展办公室"),
    "朗岫电子元件": (6, 1200, "两年", "扩一条产线", NeedState.REPORTED, "县地方金融局"),
    "禾岫仓粮油": (8, 600, "半年", "收购新稻", NeedState.MET, "县农发行"),
    "绿筱竹木制品": (4, 500, "一年", "流动资金", NeedState.MET, "县邮储银行"),
    "岚坞茶厂": (2, 350, "半年", "收购春茶鲜叶", NeedState.REPORTED, "县地方金融局"),
    "枫渡稻虾种养专业合作社": (9, 300, "一年", "虾田改造", NeedState.SURVEYED, ""),
}
#: By enterprise: the month, how many, for which posts, where it stands, with whom.
LABOR: dict[str, tuple[int, int, str, NeedState, str]] = {
    "云亭服饰": (1, 25, "缝纫工", NeedState.MET, "县人社局招聘平台"),
    "朗岫电子元件": (3, 40, "装配工", NeedState.MET, "县人社局招聘平台"),
    "拾光精密机械": (4, 12, "数控操作工", NeedState.MET, "县技工学校"),
    "松针坞食品": (5, 20, "包装工", NeedState.MET, "春季专场招聘"),
    "筑岫建设工程": (6, 15, "钢筋工", NeedState.MET, "县人社局招聘平台"),
    "澄砂石英材料": (7, 18, "破碎、分选工", NeedState.MATCHED, "县人社局招聘平台"),
    "绿筱竹木制品": (8, 16, "包装、打磨工", NeedState.REPORTED, "县人社局"),
    "速岭物流": (8, 22, "货车司机", NeedState.REPORTED, "县人社局"),
    "云路山居酒店管理": (9, 18, "客房、后厨", NeedState.SURVEYED, ""),
}
#: Extra calls that came to nothing, by their turn.
IN_VAIN = {41: VisitOutcome.DECLINED, 51: VisitOutcome.NOT_FOUND}
TOLD = {0: (0,), 1: (1,), 2: (2, 4), 3: (), 4: (4,)}  # which documents, by the day
VILLAGES_FROM = date(2026, 8, 3)
TODAY = date(2026, 9, 30)
FINDINGS = (
    "看了水渠和排涝站，汛期排水通畅，东头一段渠埂要补。",
    "和村两委谈了人居环境整治，两处旱厕国庆前改完。",
    "走了茶园和加工点，采摘用工缺口不大，路灯要修三盏。",
    "看了高标准农田施工，进度正常，提醒注意机耕路边坡。",
    "听了老年食堂运行情况，菜价补助下月到位。",
    "查看秋收和粮食烘干，烘干机够用，电费补贴要讲清楚。",
)
HOUSEHOLDS = (3, 2, 4, 2, 1, 3, 2)  # visits to households, by turns


Told = set[tuple[int, str, str]]  # month, enterprise and kind of the needs that were told


@dataclass(frozen=True, slots=True)
class _Way:
    """How far the need of an enterprise came, after which month, and with whom."""

    model: type[FinancingNeed | LaborNeed]
    name: str
    month: int
    state: NeedState
    whom: str


def begin(cast: Cast) -> None:
    """Set up the campaigns of the year."""
    for name, since, until in CAMPAIGNS:
        draft = visits.CampaignDraft(name, since, until)
        cast.campaigns[name] = visits.begin_campaign(draft, actor=cast.dispatchers[0]).id


def enrich(draft: visits.VisitDraft, firm: Firm, cast: Cast, told: Told) -> visits.VisitDraft:
    """Return the draft of a visit with all that belongs to its day and its enterprise.

    Each need is told on the first visit of its month, and then stands in `told`.
    """
    on = draft.visited_on
    in_person = draft.mode not in {"phone", "online"}
    if not in_person:
        return draft
    picked = TOLD[(on.day + firm.id) % len(TOLD)]
    return replace(
        draft,
        campaign_id=next(
            (cast.campaigns[n] for n, since, until in CAMPAIGNS if since <= on <= until), None
        ),
        document_ids=tuple(cast.documents[place] for place in picked),
        theme=(Theme.MARKET, None, None, Theme.ARCHIVES, None)[(on.day + firm.id) % 5],
        financing=tuple(_money(firm.name, on.month, told)),
        labor=tuple(_hands(firm.name, on.month, told)),
    )


def in_vain(draft: visits.VisitDraft, turn: int) -> visits.VisitDraft:
    """Return the draft of an extra visit; two of them came to nothing."""
    if turn not in IN_VAIN:
        return draft
    return visits.VisitDraft(
        visited_on=draft.visited_on,
        mode=draft.mode,
        outcome=IN_VAIN[turn],
        enterprise_id=draft.enterprise_id,
        visitor_ids=draft.visitor_ids,
        began_at=draft.began_at,
    )


def asking(draft: visits.VisitDraft, firm: Firm) -> visits.VisitDraft:
    """Return the draft with what the enterprise says of earlier promises and closed problems.

    Most was kept by then; some takes longer.
    """
    if draft.outcome is not VisitOutcome.VISITED:
        return draft
    promises = queries.open_promises_of(enterprise_id=firm.id)
    last = queries.last_visit_to(firm.id)
    closed = queries.closed_since(firm.id, last, viewer=firm.liaison)
    return replace(
        draft,
        ticks=tuple(
            visits.Tick(one.id, PromiseState.OPEN, "还在办，下月再回话。")
            if one.id % 9 == 0 and not one.note
            else visits.Tick(one.id, PromiseState.KEPT)
            for one in promises
        ),
        asked=tuple(visits.Asked(one.id, StillFine.FINE) for one in closed),
    )


def follow(cast: Cast, calendar: WorkCalendar) -> Iterator[Act]:
    """Return what becomes of the needs, and the leaders' days and counts in the villages."""
    for name, (month, *_told, state, whom) in FINANCING.items():
        yield from _steps(cast, calendar, _Way(FinancingNeed, name, month, state, whom))
    for name, (month, *_told, state, whom) in LABOR.items():
        yield from _steps(cast, calendar, _Way(LaborNeed, name, month, state, whom))
    yield from _village_days(cast, calendar)
    yield from _households(cast, calendar)


def _money(name: str, month: int, told: Told) -> Iterator[visits.FinancingDraft]:
    if (
        name in FINANCING
        and FINANCING[name][0] == month
        and _first((month, name, "financing"), told)
    ):
        _month, amount, term, purpose, *_rest = FINANCING[name]
        yield visits.FinancingDraft(amount, term, purpose)


def _hands(name: str, month: int, told: Told) -> Iterator[visits.LaborDraft]:
    if name in LABOR and LABOR[name][0] == month and _first((month, name, "labor"), told):
        _month, headcount, posts, *_rest = LABOR[name]
        yield visits.LaborDraft(headcount, posts)


def _first(key: tuple[int, str, str], told: Told) -> bool:
    is_first = key not in told
    told.add(key)
    return is_first


def _steps(cast: Cast, calendar: WorkCalendar, way: _Way) -> Iterator[Act]:
    """Return the acts by which a need comes to where it stands, a week apart."""
    day = calendar.add(Month(2026, way.month).last, 1)
    for step in (NeedState.REPORTED, NeedState.MATCHED, NeedState.MET):
        if way.state is NeedState.SURVEYED or day >= TODAY:
            return
        yield Act(clock.at(day, time(16, 5)), partial(_set, cast, way, step))
        if step is way.state:
            return
        day = calendar.add(day, 5)


def _set(cast: Cast, way: _Way, state: NeedState) -> None:
    firm_id = cast.firms[way.name].id
    found = db.session.scalars(select(way.model).where(way.model.enterprise_id == firm_id))
    need = cast_to("FinancingNeed | LaborNeed", found.one())
    visits.follow_need(
        need, state, reported_to=way.whom, note="", version=None, actor=cast.dispatchers[1]
    )


def _village_days(cast: Cast, calendar: WorkCalendar) -> Iterator[Act]:
    """Return a day in a village for each leader and week; this week two are still missing."""
    villages = [id_ for name, id_ in cast.units.items() if name.endswith(("村", "社区"))]
    leaders = _leaders(cast)
    monday, turn = VILLAGES_FROM, 0
    while monday <= TODAY:
        for place, leader in enumerate(leaders):
            day = calendar.add(monday, place % 2)
            missing = day >= TODAY or (day > date(2026, 9, 27) and place in {3, 8})
            if not missing and calendar.is_workday(day):
                turn += 1
                village = villages[(turn + place) % len(villages)]
                draft = visits.VillageDraft(
                    leader.user_id or 0, village, day, FINDINGS[turn % len(FINDINGS)]
                )
                at = clock.at(day, time(16, 10 + 4 * place))
                yield Act(at, _recording(draft, leader))
        monday = calendar.following(monday + (date(2026, 8, 9) - date(2026, 8, 3)))


def _recording(draft: visits.VillageDraft, leader: Actor) -> Callable[[], None]:
    return lambda: _drop(visits.record_village_visit(draft, actor=leader))


def _drop(_made: object) -> None:
    """Let an act return nothing."""


def _households(cast: Cast, calendar: WorkCalendar) -> Iterator[Act]:
    """Return how many households each leader called on in a month, written at its end."""
    for number in range(1, 10):
        month = Month(2026, number)
        day = min(month.due_on(calendar), date(2026, 9, 28))
        for place, leader in enumerate(_leaders(cast)):
            households = HOUSEHOLDS[(number + place) % len(HOUSEHOLDS)]
            yield Act(
                clock.at(day, time(17, place)),
                partial(
                    visits.count_households,
                    leader.user_id or 0,
                    month,
                    households,
                    version=None,
                    actor=leader,
                ),
            )


def _leaders(cast: Cast) -> list[Actor]:
    return [Actor(cast.tenant_id, user_id, Role.LEADER, "") for user_id in cast.leaders.values()]
