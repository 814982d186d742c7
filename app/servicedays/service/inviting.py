"""Which enterprises are to be told of a day."""

from collections.abc import Collection

from sqlalchemy import delete

from app.core.db import db, inserting
from app.servicedays.models import Invitation


def invite(day_id: int, enterprise_ids: Collection[int]) -> None:
    """Write down that enterprises are to be told of a day, each once."""
    rows = [{"day_id": day_id, "enterprise_id": one} for one in sorted(enterprise_ids)]
    if rows:
        db.session.execute(
            inserting(Invitation).on_conflict_do_nothing(
                index_elements=["day_id", "enterprise_id"]
            ),
            rows,
        )


def keep_only(day_id: int, enterprise_ids: Collection[int]) -> None:
    """Let no other enterprise wait to be told of a day; who was told stays."""
    db.session.execute(
        delete(Invitation).where(
            Invitation.day_id == day_id,
            Invitation.told_at.is_(None),
            Invitation.enterprise_id.not_in(enterprise_ids),
        )
    )
