"""The only places that commit. For edges: views, jobs and commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from app.core import audit, clock
from app.core.db import WRITES, Base, db
from app.core.errors import Stale
from app.core.i18n import N_


class DoneOnce(Base):
    """A form that was carried out, under the key it was rendered with, and where it led."""

    __tablename__ = "done_once"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None]
    location: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime]


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what the block did, or nothing of it.

    What was read before is read again: on SQLite the block holds the write lock from its
    first statement, so that its rules judge what is, not what was. Raises Stale where
    another person's change came between.
    """
    db.session.rollback()
    audit.forget_pending()
    db.session.connection(execution_options={WRITES: True})
    try:
        yield
        audit.append_pending()
        db.session.commit()
    except StaleDataError as error:
        _undo()
        raise Stale(N_("刚才有人改过这条记录，请对照最新内容后再提交。")) from error
    except BaseException:
        _undo()
        raise


def once(key: str, work: Callable[[], str], *, user_id: int | None) -> str:
    """Do `work` in a transaction under `key`, and return the location it leads to.

    A second call with the same key by the same person does nothing and returns the first
    location: a double click, a repeated POST and a retry after a lost connection are all
    the same case. A connection that broke is tried once more.
    """
    for last in (False, True):
        try:
            return _once(key, work, user_id=user_id)
        except IntegrityError:
            earlier = _earlier(key, user_id)
            if earlier:
                return earlier
            raise
        except DBAPIError as error:
            if last or not error.connection_invalidated:
                raise
    raise AssertionError("unreachable")


def _once(key: str, work: Callable[[], str], *, user_id: int | None) -> str:
    with transaction():
        earlier = _earlier(key, user_id)
        if earlier:
            return earlier
        # Written first, so that on PostgreSQL the second of two waits for the first.
        mark = DoneOnce(key=key, user_id=user_id, at=clock.machine_now())
        db.session.add(mark)
        db.session.flush()
        mark.location = work()[:500]
        return mark.location


def _earlier(key: str, user_id: int | None) -> str | None:
    found = db.session.scalar(select(DoneOnce).where(DoneOnce.key == key))
    return found.location if found and found.user_id == user_id else None


def _undo() -> None:
    db.session.rollback()
    audit.forget_pending()
