"""Reading attachments. Who may see what they belong to has been asked before."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.attachments.models import Attachment
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_

AT_ONCE = 500  # contents asked about in one statement


def get(
    attachment_id: int,
    *,
    viewer: Actor,
    ticket_id: int | None = None,
    visit_id: int | None = None,
    telling_id: int | None = None,
) -> Attachment:
    """Return one attachment of a ticket or visit that the viewer is known to see.

    Raises NotFound where it belongs to anything else.
    """
    found: Attachment | None = db.session.scalar(
        select(Attachment).where(
            Attachment.id == attachment_id,
            Attachment.tenant_id == viewer.tenant_id,
            _of(ticket_id, visit_id, telling_id),
        )
    )
    if found is None:
        raise NotFound(N_("没有找到这个附件，可能已被移除。"))
    return found


def belonging_to(
    *,
    viewer: Actor,
    ticket_id: int | None = None,
    visit_id: int | None = None,
    telling_id: int | None = None,
) -> Sequence[Attachment]:
    """Return the attachments of one ticket or visit, oldest first."""
    return db.session.scalars(
        select(Attachment)
        .where(Attachment.tenant_id == viewer.tenant_id, _of(ticket_id, visit_id, telling_id))
        .options(joinedload(Attachment.added_by))
        .order_by(Attachment.id)
    ).all()


def count(
    *,
    ticket_id: int | None = None,
    visit_id: int | None = None,
    revisit_id: int | None = None,
    telling_id: int | None = None,
) -> int:
    """Return how many files belong to one ticket, visit or telling; each rating has its own."""
    counted = (
        select(func.count())
        .select_from(Attachment)
        .where(_of(ticket_id, visit_id, telling_id))
        .where(Attachment.revisit_id.is_not_distinct_from(revisit_id))
    )
    return db.session.scalar(counted) or 0


def referred_to(hashes: Collection[str]) -> set[str]:
    """Return which of some contents an attachment has, whose and whatever it belongs to."""
    found: set[str] = set()
    wanted = sorted(hashes)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        asked = select(Attachment.sha256).where(Attachment.sha256.in_(some)).distinct()
        found |= set(db.session.scalars(asked))
    return found


def _of(ticket_id: int | None, visit_id: int | None, telling_id: int | None) -> ColumnElement[bool]:
    """Return the condition of belonging; to nothing belongs nothing."""
    if ticket_id is not None:
        return Attachment.ticket_id == ticket_id
    if visit_id is not None:
        return Attachment.visit_id == visit_id
    if telling_id is not None:
        return Attachment.telling_id == telling_id
    return false()
