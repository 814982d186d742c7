"""Which visit completes which task.

Source: the completion rule of the office's visit rules, C3.1.
"""

from collections.abc import Sequence

from sqlalchemy import select

from app.core.db import db
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage, Tier
from app.visits.calendar import Month
from app.visits.models import TaskState, Visit, VisitTask

MATCHED = (TaskState.PLANNED, TaskState.OVERDUE, TaskState.DONE)


def complete(linkage: Linkage, month: Month) -> None:
    """Let the counting visits of a month complete the tasks of a linkage, first come first.

    A target of the key tier wants its leader along: a visit with the leader counts before
    one without, which is noted as the liaison officer's alone. The tasks are locked: of two
    people who record at once, the second sees what the first has done.

    A linkage that was handed on is one with those that it continues: a task is done under the
    stretch in which its visit was made, and is owed under the last.
    """
    stretches = enterprises.succession(linkage.root_id) or [linkage]
    tasks = db.session.scalars(
        select(VisitTask)
        .where(VisitTask.linkage_id.in_([one.id for one in stretches]))
        .where(VisitTask.period == month.period)
        .where(VisitTask.state.in_(MATCHED))
        .order_by(VisitTask.seq)
        .with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    wants_leader = linkage.tier is Tier.KEY
    visits = _counting(stretches, month) if tasks else ()
    if wants_leader:
        visits = sorted(visits, key=lambda visit: not visit.leader_present)
    for task, visit in zip(tasks, visits, strict=False):
        if task.visit_id != visit.id:
            task.linkage_id = _holding(stretches, visit).id
        task.state = TaskState.DONE
        task.visit_id = visit.id
        task.liaison_only = wants_leader and not visit.leader_present


def _holding(stretches: Sequence[Linkage], visit: Visit) -> Linkage:
    """Return the stretch in which a visit was made."""
    found = (one for one in stretches if one.is_active_on(visit.visited_on))
    return next(found, stretches[-1])


def _counting(stretches: Sequence[Linkage], month: Month) -> Sequence[Visit]:
    """Return the visits that count for linkages in a month, in the order they were made."""
    linkage = stretches[-1]
    first = max(month.first, stretches[0].valid_from)
    last = min(month.last, linkage.valid_to or month.last)
    target = (
        Visit.enterprise_id == linkage.enterprise_id
        if linkage.enterprise_id is not None
        else Visit.project_id == linkage.project_id
    )
    return db.session.scalars(
        select(Visit)
        .where(target, Visit.visited_on.between(first, last), Visit.counts.is_(True))
        .order_by(Visit.visited_on, Visit.id)
    ).all()
