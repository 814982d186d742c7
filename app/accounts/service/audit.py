"""Writing to the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.accounts.roles import Actor
from app.core import audit, clock
from app.core.audit import Entry
from app.core.enums import LabelledEnum
from app.core.errors import Invalid
from app.core.i18n import N_

REASON_SHORTEST, REASON_LONGEST = 2, 200
OF = "of"  # the key under which a row says what the thing was called then


def log(
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Log in this transaction what `actor` did to the thing `subject` of this id.

    `action` is the office's verb, marked for translation; `before` and `after` hold what
    changed. Enumerations are kept as the words that people read.
    """
    audit.record(
        Entry(
            tenant_id=actor.tenant_id,
            user_id=actor.user_id,
            role=actor.role.value,
            ip=actor.ip,
            action=str(action),
            subject=subject,
            subject_id=subject_id,
            before=_plain(before),
            after=_plain(after),
            reason=reason,
            at=at or clock.now(),
        )
    )


def why(reason: str, *, field: str = "reason") -> str:
    """Return the reason of a change; raise Invalid where it is missing, or no sentence."""
    said = reason.strip()
    if len(said) < REASON_SHORTEST:
        raise Invalid(N_("请写明为什么改，写进变更记录。"), field=field)
    if len(said) > REASON_LONGEST:
        raise Invalid(N_("原因最多 {most} 个字。"), field=field, most=REASON_LONGEST)
    return said


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what `before` and `after` say differently."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        str(name): value.label if isinstance(value, LabelledEnum) else value
        for name, value in values.items()
    }
