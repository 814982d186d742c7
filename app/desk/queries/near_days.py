"""Service days that are near, on the worklists of those who prepare, host and attend them."""

from datetime import date

from sqlalchemy import ScalarSelect, func, select

from app.accounts.roles import Actor
from app.core.i18n import N_
from app.desk.queries.ask import Ask, Kind
from app.desk.queries.parts import SHOWN_BESIDE, Link, Row, Words
from app.desk.queries.reading import Reading
from app.servicedays import queries as servicedays
from app.servicedays.models import ServiceDay
from app.tickets.clocks import Light

IN_DAYS = N_("还有 {n} 个工作日")
TODAY = N_("今天")
OVER = N_("已过，等标为已举办")
WHY = N_("{host}接待，已约 {n} 家")
LOOK = N_("看看")


def part() -> Ask:
    """Return the part of a worklist that speaks of the days that are near."""
    return Ask("service-days", N_("快到的服务企业家日"), Kind.SERVICE_DAYS, is_mine=False)


def counted(viewer: Actor, today: date) -> ScalarSelect[int]:
    """Return how many days are near, of those that the viewer may know of."""
    return select(func.count()).where(servicedays.is_near(viewer, today)).scalar_subquery()


def rows(reading: Reading) -> tuple[Row, ...]:
    """Return the days that are near, the next first."""
    found = servicedays.near(viewer=reading.viewer, today=reading.today, limit=SHOWN_BESIDE)
    tallies = servicedays.tallies([day.id for day in found])
    return tuple(_row(day, tallies[day.id].booked, reading) for day in found)


def _row(day: ServiceDay, booked: int, reading: Reading) -> Row:
    link = Link("servicedays.detail", {"day_id": day.id})
    return Row(
        title=f"{day.place} {day.hours}",
        link=link,
        why=Words(WHY, {"host": day.host.name, "n": booked}),
        also=Words("{day} {kind}", {"day": day.held_on, "kind": day.kind}),
        light=_light(day, reading),
        verb=LOOK,
        go=link,
    )


def _light(day: ServiceDay, reading: Reading) -> Light:
    if day.held_on < reading.today:
        return Light("red", "exclamation-octagon", OVER)
    if day.held_on == reading.today:
        return Light("yellow", "exclamation-triangle", TODAY)
    left = reading.calendar.between(reading.today, day.held_on)
    return Light("grey", "calendar-event", IN_DAYS, left)
