"""What an auditor sees first: how long the audit log is and when it last grew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.roles import Actor, Permission
from app.core.audit import AuditHead, AuditRow
from app.core.db import db


@dataclass(frozen=True, slots=True)
class Chain:
    """The end of the chain of audit rows; `short_hash` is what one compares by eye."""

    rows: int
    last_at: datetime | None
    short_hash: str


def of(viewer: Actor) -> Chain | None:
    """Return the end of the audit log, to who may read it. One statement."""
    if not viewer.may(Permission.AUDIT_READ):
        return None
    line = db.session.execute(
        select(AuditHead.last_id, AuditHead.hash, AuditRow.at)
        .outerjoin(AuditRow, AuditRow.id == AuditHead.last_id)
        .where(AuditHead.id == 1)
    ).first()
    return Chain(line.last_id, line.at, line.hash[:12]) if line else Chain(0, None, "")
