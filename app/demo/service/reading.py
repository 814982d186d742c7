"""The leaders of the invented township confirm what they were sent: most of them, most weeks."""

from collections.abc import Sequence
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
HOURS = (("09:10", "11:40"), ("14:40", "17:00"))
NEWEST = 2**31 - 1


def plan(cast: Cast, pace: Pace) -> list[Act]:
    """Return the clicks of the year: in the morning or the afternoon of a week's first workday."""
    people = {one.user_id: one for one in cast.people.values()}
    asked = [people[user_id] for user_id in sorted(set(cast.leaders.values()))]
    acts: list[Act] = []
    week = Week.of(FIRST)
    while week.monday <= LAST:
        if week.sends_at(pace.calendar) is not None:
            day = pace.calendar.add(week.monday, 0)
            there = [one for one in asked if pace.random.randrange(MISSES)]
            for half, (earliest, latest) in enumerate(HOURS):
                confirming = partial(_confirm, there[half::2])
                acts.append(Act(pace.at(day, earliest, latest), confirming))
        week = Week(week.monday + WEEK)
    return acts


def _confirm(actors: Sequence[Actor]) -> None:
    for actor in actors:
        reports.confirm(NEWEST, actor=actor)
