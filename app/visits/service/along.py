"""A planned visit as an entry of a calendar, and the mail that brings it to who goes along."""

from collections.abc import Sequence
from typing import Any

from app.accounts import queries as people
from app.accounts.roles import Actor
from app.core.i18n import N_
from app.notifications import service as outbox
from app.visits.models import VisitTask

RULE = "visit-day"
PLANNED = N_("{planned_on}去{target}，{by}排的")


def invitation(tasks: Sequence[VisitTask]) -> dict[str, Any] | None:
    """Return what a letter carries for a calendar: one entry for each task; None for none."""
    events = [event_of(task) for task in tasks if task.planned_on is not None]
    return {"events": events} if events else None


def event_of(task: VisitTask) -> dict[str, Any]:
    """Return a planned visit: the whole day, under a name that stays when the day is moved."""
    target = task.linkage.target
    return {
        "uid": f"visit-task-{task.id}",
        "start": task.planned_on.isoformat() if task.planned_on else "",
        "summary": f"走访：{target.called}",
        "place": target.address,
        "sequence": task.version,
    }


def tell(task: VisitTask, *, actor: Actor) -> None:
    """Mail the day of a visit to those who go there beside whoever planned it."""
    link = task.linkage
    tenant = people.tenant(task.tenant_id)
    context = {
        "tenant": tenant.name,
        "is_demo": tenant.is_demo,
        "n": 1,
        "target": link.target.called,
        "by": actor.name,
        "planned_on": task.planned_on.isoformat() if task.planned_on else "",
        "day": f"{task.planned_on.month}月{task.planned_on.day}日" if task.planned_on else "",
        "rows": [{"name": link.target.called, "address": link.target.address}],
        "invitation": invitation([task]),
    }
    for person_id in (link.leader_id, link.liaison_id):
        if person_id is not None and person_id != actor.user_id:
            outbox.remind(
                person_id,
                tenant_id=task.tenant_id,
                rule=RULE,
                period=f"{task.id}/{task.version}",
                subject=PLANNED,
                context=context,
                inbox=("planned_on", "target", "by"),
                link=f"/visits/mine?period={task.period}",
            )
