"""The one home of the figures V1 to V6: the same numbers for a page, a mail and a document.

Everything is counted from what was recorded up to a moment: `cut_off` for a report, now for a
page that also shows what was recorded late. A fixed number of statements, however many rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor
from app.core import clock
from app.enterprises.models import Linkage, Tier
from app.visits.calendar import Month
from app.visits.queries.facts import Facts, Scope, read
from app.visits.queries.figures import Coverage, PerTen, Share


@dataclass(frozen=True, slots=True)
class CoverageFilter:
    """What the figures are narrowed to; an empty field asks nothing."""

    leader_id: int | None = None
    liaison_id: int | None = None
    village_id: int | None = None
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of the targets that have one thing in common. `key` is None for the rest."""

    key: object
    links: Sequence[Linkage]
    figures: Coverage


Key = Callable[[Linkage], object]


def village_of(link: Linkage) -> OrgUnit | None:
    """Return the village of an enterprise, or of the one that builds a project."""
    firm = link.enterprise or (link.project.enterprise if link.project else None)
    return firm.village if firm else None


def _village_id(link: Linkage) -> int | None:
    village = village_of(link)
    return village.id if village else None


#: By what the figures may be broken down.
KEYS: Mapping[str, Key] = {
    "leader": lambda link: link.leader_id,
    "liaison": lambda link: link.liaison_id,
    "village": _village_id,
    "tier": lambda link: link.tier,
}


def coverage(
    period: str,
    *,
    viewer: Actor,
    since: str = "",
    asked: CoverageFilter | None = None,
    known_at: datetime | None = None,
) -> Coverage:
    """Return the figures of a month ("2026-09"), or of all months from `since` to it.

    The office, the chief and the supervisor count everything, visitors what is theirs. With
    `known_at` only what was recorded before that moment is counted: a report gives `cut_off`.
    """
    return figures_of(
        facts_of(period, viewer=viewer, since=since, asked=asked, known_at=known_at, named=False)
    )


def coverage_by(
    by: str,
    period: str,
    *,
    viewer: Actor,
    since: str = "",
    asked: CoverageFilter | None = None,
    known_at: datetime | None = None,
) -> Sequence[Group]:
    """Return the figures of a month broken down by leader, liaison, village or tier.

    What was visited and is nobody's stands last, under None. The others are in no order of merit.
    """
    facts = facts_of(period, viewer=viewer, since=since, asked=asked, known_at=known_at)
    return groups_of(facts, KEYS[by])


def completion(period: str, *, viewer: Actor) -> Share:
    """Return how many of a month's tasks are done (V1); waived ones are not counted."""
    return coverage(period, viewer=viewer).completed


def cut_off(period: str) -> datetime:
    """Return the moment up to which a report of a month counts: its end, or now while it runs."""
    return min(Month.read(period).ends_at, _by_now())


def facts_of(
    period: str,
    *,
    viewer: Actor,
    since: str = "",
    asked: CoverageFilter | None = None,
    known_at: datetime | None = None,
    named: bool = True,
) -> Facts:
    """Return what the figures of some months are counted from; linkages `named` or bare."""
    last = Month.read(period)
    wanted = asked or CoverageFilter()
    return read(
        Scope(
            first=Month.read(since) if since else last,
            last=last,
            known_at=known_at or _by_now(),
            leader_id=wanted.leader_id,
            liaison_id=wanted.liaison_id,
            village_id=wanted.village_id,
            tier=wanted.tier,
        ),
        viewer=viewer,
        named=named,
    )


def _by_now() -> datetime:
    """Return the moment before which everything lies that has been recorded."""
    return clock.now() + timedelta.resolution


def figures_of(facts: Facts) -> Coverage:
    """Return V1 to V6 as they are counted from `facts`."""
    tasks = [task for task in facts.tasks if task.is_counted]
    counting = [visit for visit in facts.visits if visit.counts]
    standing = {facts.target(link) for link in facts.links if facts.stands(link)}
    targets = standing - facts.waived
    heard = sum(visit.problems for visit in facts.visits)
    return Coverage(
        completed=Share(sum(task.is_done for task in tasks), len(tasks)),
        covered=Share(len(targets & facts.reached), len(targets)),
        led=Share(sum(visit.led for visit in counting), len(counting)),
        timely=Share(sum(visit.is_timely for visit in facts.visits), len(facts.visits)),
        problems=PerTen(heard, len(facts.visits)),
        overdue=sum(task.is_overdue for task in tasks),
        in_person=sum(visit.in_person for visit in facts.visits),
    )


def groups_of(facts: Facts, key: Key) -> Sequence[Group]:
    """Return the figures of each group, in the order in which its first linkage began."""
    links: dict[object, list[Linkage]] = {}
    for link in facts.links:
        links.setdefault(key(link), []).append(link)
    found = [
        Group(which, members, figures_of(facts.of(members))) for which, members in links.items()
    ]
    strays = facts.of(())
    if strays.visits:
        found.append(Group(None, (), figures_of(strays)))
    return found
