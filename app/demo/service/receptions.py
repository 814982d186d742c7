"""The service days of the year: four that were held, and one to come.

The visits of the four are those of `visiting`; here the office plans each day, enterprises book,
and on the next morning it is marked as held. Nothing is drawn by lot: the visits stay as they are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import select

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.demo.service.cast import Cast, Firm
from app.demo.service.stories import Act
from app.servicedays import service as servicedays
from app.servicedays.models import ServiceDay
from app.servicedays.service import AppointmentDraft, DayDraft
from app.servicedays.workflow import Inviting, Kind
from app.workdays.calendar import WorkCalendar

PLANNED_BEFORE = 8  # working days
BOOKED_BEFORE = 5
PLACE = "镇政府二楼会议室"
BEGINS, ENDS = time(8, 40), time(17)
NOTES = (
    "受理生产经营和项目建设中要帮助解决的问题；已进入诉讼、仲裁、信访程序的按原渠道办理。\n"
    "请带上有关材料的复印件。"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One day: what it is called, who hosts, who is there, what it is about."""

    on: date
    kind: Kind
    host: str
    units: tuple[str, ...]
    focus: str


HELD = (
    Plan(date(2026, 3, 26), Kind.SERVICE, "L02", ("经济发展办公室", "财政所"), "节后复工和用工"),
    Plan(
        date(2026, 5, 21),
        Kind.RECEPTION,
        "L10",
        ("经济发展办公室", "规划建设办公室", "自然资源所"),
        "工矿业企业用地和物流",
    ),
    Plan(
        date(2026, 7, 16),
        Kind.SERVICE,
        "L05",
        ("应急管理办公室", "供电所"),
        "迎峰度夏用电和安全生产",
    ),
    Plan(
        date(2026, 9, 17),
        Kind.RECEPTION,
        "L11",
        ("农业农村办公室", "财政所", "市场监管所"),
        "农业企业和合作社",
    ),
)
COMING = Plan(
    date(2026, 10, 15),
    Kind.RECEPTION,
    "L10",
    ("经济发展办公室", "规划建设办公室", "供电所"),
    "工矿业企业用工、用电和物流",
)
COMING_PLANNED_ON = date(2026, 9, 25)
COMING_HOURS = time(9), time(11, 30)
SLOT, CAPACITY = 30, 2
#: Who has booked for the day to come: the firm, the slot, and what it wants to talk about.
BOOKED = (
    ("澄砂石英材料", time(9), "扩建厂房用地手续走到哪一步了"),
    ("塑岭管业", time(9), "进厂小桥限重，货车要绕行"),
    ("拾光精密机械", time(9, 30), "二期项目用电增容"),
    ("云亭服饰", time(10), "旺季缝纫工不够"),
    ("速岭物流", time(10, 30), "园区夜间停车位"),
)


def plan(cast: Cast, calendar: WorkCalendar, guests: Mapping[date, Sequence[str]]) -> Iterator[Act]:
    """Return what the office, enterprises and liaison officers do about the service days."""
    for turn, one in enumerate(HELD):
        clerk = cast.dispatchers[turn % 2]
        planned = calendar.add(one.on, -PLANNED_BEFORE)
        yield Act(clock.at(planned, time(9, 20)), _planning(cast, one, clerk))
        booked = clock.at(calendar.add(one.on, -BOOKED_BEFORE), time(10, 5))
        for name in guests.get(one.on, ())[: len(guests.get(one.on, ())) - 1]:
            yield Act(booked, _booking(cast.firms[name], one.on, None, ""))
        after = clock.at(calendar.following(one.on), time(11, 30))  # the last visits are entered
        yield Act(after, _holding(one.on, clerk))
    clerk = cast.dispatchers[0]
    yield Act(
        clock.at(COMING_PLANNED_ON, time(15, 10)), _planning(cast, COMING, clerk, coming=True)
    )
    for minute, (name, slot, topic) in enumerate(BOOKED, start=5):
        moment = clock.at(date(2026, 9, 28), time(14, 40 + minute))
        yield Act(moment, _booking(cast.firms[name], COMING.on, slot, topic))


def _planning(cast: Cast, one: Plan, clerk: Actor, *, coming: bool = False) -> Callable[[], None]:
    begins, ends = COMING_HOURS if coming else (BEGINS, ENDS)
    draft = DayDraft(
        kind=one.kind,
        held_on=one.on,
        begins_at=begins,
        ends_at=ends,
        place=PLACE,
        host_id=cast.leaders[one.host],
        unit_ids=tuple(cast.units[name] for name in one.units),
        focus=one.focus,
        notes=NOTES,
        capacity=CAPACITY if coming else None,
        slot_minutes=SLOT if coming else None,
        inviting=Inviting.LINKED if coming else Inviting.NONE,
    )

    def run() -> None:
        servicedays.open_day(draft, actor=clerk)

    return run


def _booking(firm: Firm, on: date, slot: time | None, topic: str) -> Callable[[], None]:
    draft = AppointmentDraft(
        enterprise_id=firm.id,
        contact_name=firm.contact,
        contact_phone=firm.phone,
        topic=topic,
        slot=slot,
    )

    def run() -> None:
        servicedays.book(_day(on), draft, actor=firm.liaison)

    return run


def _holding(on: date, clerk: Actor) -> Callable[[], None]:
    def run() -> None:
        servicedays.hold(_day(on), actor=clerk)

    return run


def _day(on: date) -> ServiceDay:
    return db.session.scalars(select(ServiceDay).where(ServiceDay.held_on == on)).one()
