"""The leaders of the invented township confirm what they were sent: most of them, most weeks."""

from datetime import date
from functools import partial

from app.accounts.roles import Actor
from app.demo.service.cast import Cast
from app.demo.service.pace import Pace
from app.demo.service.stories import Act
from app.reports import service as reports
from app.reports.calendar import WEEK, Week

FIRST, LAST = date(2026, 1, 5), date(2026, 9, 21)  # what came in the anchor's own week is unread
MISSES = 7  # one confirmation in so many comes not at all
NEWEST = 2**31 - 1


def plan(cast: Cast, pace: Pace) -> list[Act]:
    """Return the clicks of the year, each on the first workday of its week."""
    asked = sorted(set(cast.leaders.values()))
    people = {one.user_id: one for one in cast.people.values()}
    acts: list[Act] = []
    week, turn = Week.of(FIRST), 0
    while week.monday <= LAST:
        sends_at = week.sends_at(pace.calendar)
        for user_id in asked if sends_at else ():
            turn += 1
            if turn % MISSES and user_id in people:
                at = pace.at(pace.calendar.add(week.monday, 0), "09:10", "16:30")
                acts.append(Act(at, partial(_confirm, people[user_id])))
        week = Week(week.monday + WEEK)
    return acts


def _confirm(actor: Actor) -> None:
    reports.confirm(NEWEST, actor=actor)
