"""Who is asked by a digest, who sees what became of digests, and who reads the reports.

Source: the roles × rights table of the office's ticket rules, C2.6.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, false

from app.accounts.roles import Actor, Role
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.reports.models import Digest, ReportSnapshot
from app.reports.workflow import READERS

#: Who sees which digest was sent and confirmed; all but the office only look.
WATCHERS = frozenset({Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.CHIEF, Role.SUPERVISOR})
#: Who reads the month. Its figures are sums; they name no firm.
REPORTED = WATCHERS | {Role.LEADER}
#: Who reads of the own unit what enterprises say of it: sums and reasons.
RATED = frozenset({Role.DEPT_HEAD, Role.HANDLER})


def is_asked(roles: Iterable[Role]) -> bool:
    """Tell whether a person with these roles is written digests."""
    return bool(frozenset(READERS) & frozenset(roles))


def require_asked(roles: Iterable[Role]) -> None:
    """Raise NotAllowed unless a person with these roles is written digests."""
    if not is_asked(roles):
        raise NotAllowed(N_("这一页给镇领导和营商办主任用。您要办的事在“待办”里。"))


def watched_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know what became of a digest."""
    if viewer.role not in WATCHERS:
        return false()
    return Digest.tenant_id == viewer.tenant_id


def may_watch(viewer: Actor) -> bool:
    """Tell whether `viewer` sees what became of digests."""
    return viewer.role in WATCHERS


def require_watch(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` sees what became of digests."""
    if not may_watch(viewer):
        raise NotAllowed(N_("送阅情况由营商办掌握，镇主要负责同志和督查员可以看。"))


def reported_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may read a month's report."""
    if viewer.role not in REPORTED:
        return false()
    return ReportSnapshot.tenant_id == viewer.tenant_id


def require_reported(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` reads the reports of the months."""
    if viewer.role not in REPORTED:
        raise NotAllowed(N_("月报由营商办起草，镇领导和督查员可以看。"))


def require_all_ratings(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` reads what enterprises say of all units."""
    if viewer.role not in WATCHERS:
        raise NotAllowed(N_("评价情况由营商办掌握；承办单位看本单位的合计。"))


def is_rated(viewer: Actor) -> bool:
    """Tell whether `viewer` belongs to a unit that is rated, and reads its sums."""
    return viewer.role in RATED and viewer.unit_id is not None


def rated_unit(viewer: Actor) -> int:
    """Return the unit whose sums `viewer` reads, which is their own; raise NotAllowed otherwise."""
    if viewer.unit_id is None or viewer.role not in RATED:
        raise NotAllowed(N_("评价情况由营商办掌握；承办单位看本单位的合计。"))
    return viewer.unit_id
