"""Whose task it is to do, whether it is still owed, and who waits for whom."""

from sqlalchemy import select

from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import Invalid, NotAllowed
from app.core.i18n import N_
from app.enterprises.models import Enterprise, KeyProject, Linkage
from app.visits import policy, queries
from app.visits.models import VisitTask


def require_owner(task: VisitTask, actor: Actor) -> None:
    """Raise NotAllowed to all but those whose task it is, and the office."""
    policy.require_record(actor)
    own = policy.looks_after(actor, task.linkage)
    if task.tenant_id != actor.tenant_id or not (own or policy.may_see_all(actor)):
        raise NotAllowed(N_("这家企业不是您联系的，请找它的包联领导或联络员。"))


def require_owed(task: VisitTask) -> None:
    """Raise Invalid where nobody has to go any more."""
    if not task.is_owed:
        raise Invalid(N_("这项任务已经{state}，不用再排了。"), state=task.state)


def hold(linkage: Linkage) -> None:
    """Let whoever plans, answers or records for the same enterprise at this moment wait."""
    kind, id_ = queries.whom(linkage)
    model = Enterprise if kind == "enterprise" else KeyProject
    db.session.execute(select(model.id).where(model.id == id_).with_for_update(key_share=True))
