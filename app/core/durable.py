"""Commits on SQLite that share one fsync, and are on the disk before anybody is told.

With `synchronous=FULL` each commit waits for its own fsync while it holds the write lock. Here it
lets go of the lock first, and then waits for an fsync of the log that began after it: those who
committed meanwhile wait for the same one. See ADR 31.
"""

import os
import threading
import weakref
from io import FileIO
from os.path import samestat
from pathlib import Path

#: Elsewhere an open log could not be removed by SQLite; each commit has its own fsync there.
SHARES = os.name == "posix"
SYNC = getattr(os, "fdatasync", os.fsync)  # as SQLite itself does


class Log:
    """The write-ahead log of one database file, and the fsyncs that its writers share."""

    def __init__(self, database: str) -> None:
        self._path = Path(f"{database}-wal")
        self._turn = threading.Condition()
        self._committed = 0  # commits of this process that came to wait
        self._kept = 0  # how many of them are on the disk
        self._syncing = False
        self._failed = ""
        self._file: FileIO | None = None

    def check(self) -> None:
        """Raise OSError where an fsync failed before: nothing more is accepted.

        After a failure the system may call clean what never reached the disk, so that a later
        fsync would prove nothing.
        """
        if self._failed:
            raise OSError(f"An fsync of {self._path} failed: {self._failed}")

    def wait(self) -> None:
        """Return once all that was committed before lies on the disk; raise OSError if it cannot.

        Whoever finds nobody at it begins the fsync, for all who have come by then.
        """
        with self._turn:
            self._committed += 1
            mine = self._committed
            while self._kept < mine:
                self.check()
                if self._syncing:
                    self._turn.wait()
                else:
                    self._sync_for_all()

    def _sync_for_all(self) -> None:
        self._syncing, reaches = True, self._committed
        self._turn.release()
        try:
            self._sync()
        except OSError as error:
            self._failed = str(error)
        finally:
            self._turn.acquire()
            self._syncing = False
            self._turn.notify_all()
        if not self._failed:
            self._kept = reaches

    def _sync(self) -> None:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return  # copied into the database, synced there and removed with its last reader
        if self._file is None or not samestat(os.fstat(self._file.fileno()), there):
            self._file = self._opened()
        SYNC(self._file.fileno())

    def _opened(self) -> FileIO:
        """Open the log that lies there now, and sync its name in the folder.

        It stays open: of an fsync that failed, the system tells whoever had the file open.
        """
        file = FileIO(self._path)
        weakref.finalize(self, file.close)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return file


def log_of(database: str) -> Log:
    """Return the log of a database file: one for all connections of this process."""
    with _finding:
        found = _logs.get(database)
        if found is None:
            found = _logs[database] = Log(database)
        return found


_logs: weakref.WeakValueDictionary[str, Log] = weakref.WeakValueDictionary()
_finding = threading.Lock()
