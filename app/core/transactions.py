"""The only places that commit. For edges: views, jobs and commands."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import String, Table, bindparam, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import ReturningInsert

from app.core import audit, clock
from app.core.db import WAITS, WRITES, Base, db, inserting, log_behind
from app.core.errors import Stale
from app.core.i18n import N_
from app.core.prepared import Writing

FORMS_KEPT = timedelta(days=30)
PATIENCE = 30  # seconds that a thread waits for its turn to write
AT_ONCE = 500  # keys that are forgotten in one transaction


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
    another person's change came between, and OSError where the disk did not take it.
    It lies on the disk when the block is left: nobody is told before.
    """
    db.session.rollback()
    audit.forget_pending()
    with _in_turn():
        connection = db.session.connection(execution_options={WRITES: True, WAITS: True})
        log = log_behind(connection)
        try:
            if log is not None:
                log.check()
            yield
            audit.append_pending()
            db.session.commit()
        except StaleDataError as error:
            _undo()
            raise Stale(N_("刚才有人改过这条记录，请对照最新内容后再提交。")) from error
        except BaseException:
            _undo()
            raise
    if log is not None:
        log.wait()


@contextmanager
def _in_turn() -> Iterator[None]:
    """On SQLite let the threads of this process write one after another, each woken by the last.

    SQLite itself lets whoever waits for the lock sleep, longer each time, also once it is free.
    It still decides: who does not get a turn in time asks it all the same.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    has_turn = _turn.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if has_turn:
            _turn.release()


_turn = threading.RLock()


def once(key: str, work: Callable[[], str], *, user_id: int | None) -> str:
    """Do `work` in a transaction under `key`, and return the location it leads to.

    A second call with the same key by the same person does nothing and returns the first
    location: a double click, a repeated POST and a retry after a lost connection are all
    the same case. A connection that broke is tried once more.
    """
    for last in (False, True):
        try:
            return _once(key, work, user_id=user_id)
        except DBAPIError as error:
            if last or not error.connection_invalidated:
                raise
    raise AssertionError("unreachable")


def led_to(key: str, *, user_id: int | None) -> str:
    """Return where the first call with this key led the same person; empty before it."""
    done = select(DoneOnce.location).where(DoneOnce.key == key, DoneOnce.user_id == user_id)
    return db.session.scalar(done) or ""


def _once(key: str, work: Callable[[], str], *, user_id: int | None) -> str:
    with transaction():
        if not _claim(key, user_id):
            return _earlier(key, user_id)
        location = work()[:500]
        _LED_TO.write({"done": key, "led_to": location})
        return location


def _claim(key: str, user_id: int | None) -> bool:
    """Write the key, unless it was written before; a second one at once waits for the first."""
    asked = {"key": key, "user_id": user_id, "location": "", "at": clock.machine_now()}
    return _CLAIM.returned(asked) is not None


def _claiming() -> ReturningInsert[str]:
    return (
        inserting(DoneOnce)
        .on_conflict_do_nothing(index_elements=[DoneOnce.key])
        .returning(DoneOnce.key)
    )


_DONE = cast("Table", DoneOnce.__table__)
_CLAIM = Writing(_claiming)
_LED_TO = Writing(
    lambda: (
        update(_DONE).where(_DONE.c.key == bindparam("done")).values(location=bindparam("led_to"))
    )
)


def _earlier(key: str, user_id: int | None) -> str:
    """Return where the first one led; raise Stale where the key is somebody else's."""
    found = db.session.scalars(select(DoneOnce).where(DoneOnce.key == key)).one()
    if found.user_id != user_id:
        raise Stale(N_("这个表单已经用过了，请刷新页面后重新填写。"))
    return found.location


def forget_done(now: datetime) -> int:
    """Forget the forms that were carried out long ago, some at a time; return how many.

    A form that is sent again is looked up here: so they are kept longer than any page with a
    form stays good, however long it was left open.
    """
    old = select(DoneOnce.key).where(DoneOnce.at < now - FORMS_KEPT).limit(AT_ONCE)
    forgotten = 0
    while True:
        with transaction():
            keys = db.session.scalars(old).all()
            db.session.execute(delete(DoneOnce).where(DoneOnce.key.in_(keys)))
        forgotten += len(keys)
        if len(keys) < AT_ONCE:
            return forgotten


def _undo() -> None:
    db.session.rollback()
    audit.forget_pending()
