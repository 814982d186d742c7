"""What was accepted lies on the disk before anybody is told, and many share one fsync."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import counters, durable
from app.core.counters import Counter
from app.core.db import db
from app.core.durable import Log
from app.core.transactions import transaction
from tests import databases, make

WRITERS = 8
EACH = 25
SLOW = 0.005  # seconds, as a disk takes
only_sqlite = pytest.mark.skipif(databases.KIND != "sqlite", reason="PostgreSQL does it itself")


class Disk:
    """A disk that notes when an fsync began and ended, and may fail."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.fails = False

    def sync(self, file: int) -> None:
        """Take its time."""
        del file
        self.begun += 1
        time.sleep(SLOW)
        if self.fails:
            raise OSError(5, "Input/output error")
        self.ended += 1


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Put a disk that can be watched under the log."""
    made = Disk()
    monkeypatch.setattr(durable, "SYNC", made.sync)
    return made


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Return the log of a database file."""
    (tmp_path / "a.sqlite-wal").touch()
    return Log(str(tmp_path / "a.sqlite"))


def at_once(work: object, writers: int = WRITERS) -> list[object]:
    """Let several threads do the same at the same moment."""
    gate = threading.Barrier(writers)

    def one(number: int) -> object:
        gate.wait()
        return work(number)  # type: ignore[operator]

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(one, range(writers)))


def test_nobody_goes_on_before_an_fsync_that_began_after_they_came(disk: Disk, log: Log) -> None:
    def come(_number: int) -> bool:
        good = True
        for _ in range(EACH):
            begun = disk.begun
            log.wait()
            good &= disk.ended > begun
        return good

    assert all(at_once(come))


def test_many_who_come_at_once_share_an_fsync(disk: Disk, log: Log) -> None:
    def come(_number: int) -> None:
        for _ in range(EACH):
            log.wait()

    at_once(come)

    assert disk.ended < WRITERS * EACH / 2


def test_after_an_fsync_that_failed_all_who_wait_are_told_and_nothing_more_is_accepted(
    disk: Disk, log: Log
) -> None:
    disk.fails = True

    def come(_number: int) -> bool:
        with pytest.raises(OSError, match="Input/output"):
            log.wait()
        return True

    assert all(at_once(come))
    disk.fails = False
    with pytest.raises(OSError, match="Input/output"):
        log.check()
    with pytest.raises(OSError, match="Input/output"):
        log.wait()
    assert disk.begun == 1


def test_a_log_that_was_copied_into_the_database_and_removed_needs_no_fsync(
    disk: Disk, tmp_path: Path
) -> None:
    Log(str(tmp_path / "gone.sqlite")).wait()

    assert disk.begun == 0


def test_a_log_that_was_made_anew_is_the_one_that_is_synced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log: Log
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(durable, "SYNC", lambda file: synced.append(os.fstat(file).st_ino))
    path = tmp_path / "a.sqlite-wal"
    log.wait()
    first = path.stat().st_ino
    path.rename(tmp_path / "before")
    path.touch()

    log.wait()

    assert synced == [first, path.stat().st_ino]


@pytest.fixture
def database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the file of the database, whose log no other test has seen."""
    monkeypatch.setattr(durable, "_logs", weakref.WeakValueDictionary())
    with app.app_context():
        db.engine.dispose()
        yield Path(db.engine.url.database or "")
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Path) -> Path:
    """Keep what lay on the disk when the last fsync began: what is left after a power cut."""
    copy = tmp_path / "after-the-power-cut.sqlite"

    def sync(_file: int) -> None:
        for end in ("", "-wal"):
            shutil.copyfile(f"{database}{end}", f"{copy}{end}")

    monkeypatch.setattr(durable, "SYNC", sync)
    return copy


def count_in(file: Path) -> int:
    """Return the number of a series, as it stands in a copy of the database."""
    connection = sqlite3.connect(file)
    try:
        found = connection.execute("SELECT value FROM counters WHERE series = 'QS1'").fetchone()
    finally:
        connection.close()
    return found[0] if found else 0


@only_sqlite
def test_what_a_transaction_wrote_survives_a_power_cut_as_soon_as_it_is_over(kept: Path) -> None:
    tenant_id = make.the_tenant().id

    for number in range(1, 4):
        with transaction():
            counters.following(tenant_id, "QS1")

        assert count_in(kept) == number


@only_sqlite
@pytest.mark.usefixtures("database")
def test_nothing_is_accepted_any_more_where_the_disk_did_not_take_it(disk: Disk) -> None:
    tenant_id = make.the_tenant().id
    disk.fails = True

    def count(series: str) -> None:
        with transaction():
            reached.append(series)
            counters.following(tenant_id, series)

    reached: list[str] = []
    with pytest.raises(OSError, match="Input/output"):
        count("QS1")
    disk.fails = False
    with pytest.raises(OSError, match="Input/output"):
        count("QS2")

    assert reached == ["QS1"]
    assert db.session.get(Counter, (tenant_id, "QS2")) is None


@only_sqlite
@pytest.mark.usefixtures("database")
def test_whoever_does_not_wait_for_the_log_still_has_an_fsync_of_their_own() -> None:
    level = text("PRAGMA synchronous")
    full, normal = 2, 1
    with transaction():
        assert db.session.scalar(level) == normal

    assert db.session.scalar(level) == full


#: Counts until it is killed, and says each number once the transaction is over.
PROGRAM = """
import sys
from app import create_app
from app.core import counters
from app.core.transactions import transaction

app = create_app({"SQLALCHEMY_DATABASE_URI": sys.argv[1], "SECRET_KEY": "test"})
with app.app_context():
    while True:
        with transaction():
            number = counters.following(1, "QS1")
        print(number, flush=True)
"""


@only_sqlite
def test_what_a_killed_process_had_said_was_accepted_is_there(database: Path) -> None:
    program = [sys.executable, "-c", PROGRAM, f"sqlite:///{database}"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(EACH):
            said = int(process.stdout.readline())
        process.kill()
        said = max([said, *map(int, process.stdout.read().split())])

    assert said <= count_in(database) <= said + 1
