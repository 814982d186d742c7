"""Letters on their way: the lines of one way out, each in a thread that never sees the database.

Whoever works a lane feeds it letters that were claimed, takes the outcomes, keeps them, and says
so. A line takes up no letter before it is kept how the last one ended: so whoever is killed
leaves at most one letter on each line of which nobody knows whether it went.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import cast

from flask import Flask, current_app

from app.core.i18n import N_
from app.notifications.channels.letters import (
    Busy,
    End,
    Letter,
    Line,
    LineGone,
    NotTaken,
    Outcome,
    Unreachable,
    Waits,
    WayOut,
    attempted,
    put_off,
)

FRESH = 240.0  # seconds after its claim in which a letter may still be begun; a lease is longer
LOST_AT_MOST = 2  # lines lost one after the other, before the other side is taken for down
AHEAD = 16  # letters for each line that are claimed before it asks
ANSWERS = 1.0  # seconds after which a line looks whether anybody still keeps what it did
JOINS = 30.0
NOT_BEGUN = N_("还没有轮到，接着排队")


@dataclass(slots=True)
class Handed:
    """An outcome on its way from a lane to whoever keeps it."""

    lane: "Lane"
    outcome: Outcome
    kept: threading.Event = field(default_factory=threading.Event)


Outcomes = SimpleQueue[Handed]


def gathered(outcomes: Outcomes, wait: float) -> list[Handed]:
    """Return all that ended; wait a while for the first."""
    found: list[Handed] = []
    try:
        found.append(outcomes.get(timeout=wait))
        while True:
            found.append(outcomes.get_nowait())
    except Empty:
        return found


class Lane:
    """One way out at work. It opens a line when there is a letter for it, up to its limit.

    Where no further line is let in, it goes on with fewer; the last one gives every letter back,
    and `trouble` is what the other side said.
    """

    def __init__(self, way: WayOut, outcomes: Outcomes) -> None:
        self._app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
        self._way = way
        self._outcomes = outcomes
        self._todo: deque[tuple[Letter, float]] = deque()
        self._changed = threading.Condition()
        self._threads: set[threading.Thread] = set()
        self._most = way.lines
        self._idle = 0
        self._unkept = 0
        self._ends = False
        self._begun = -self._way.pause  # when the last letter was
        self.trouble: Busy | None = None
        self.has_sent = False

    @property
    def room(self) -> int:
        """How many letters more it can do with, so that no line has to wait."""
        with self._changed:
            room = self._most * AHEAD - len(self._todo)
            return room if room * 2 >= self._most * AHEAD else 0  # seldom, and many at a time

    @property
    def is_done(self) -> bool:
        """Whether it is kept how every letter ended that it was fed."""
        with self._changed:
            return self._unkept == 0

    def feed(self, letters: Sequence[Letter]) -> None:
        """Take letters that were just claimed."""
        claimed = time.monotonic()
        with self._changed:
            self._todo.extend((letter, claimed) for letter in letters)
            self._unkept += len(letters)
            wanted = min(len(self._todo) - self._idle, self._most - len(self._threads))
            for _line in range(max(0, wanted)):
                context = copy_context()  # a demo's clock runs there too
                thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)
                self._threads.add(thread)
                thread.start()
            self._changed.notify_all()

    def keep(self, handed: Handed) -> None:
        """Hear that an outcome was kept."""
        with self._changed:
            self._unkept -= 1
            self.has_sent |= handed.outcome.end is End.SENT
        handed.kept.set()

    def stop(self) -> None:
        """Give back what was not begun; what is under way comes to its end."""
        with self._changed:
            self._give_back(Waits(NOT_BEGUN, rest=0.0))

    def close(self) -> None:
        """Hang up, after what is under way."""
        with self._changed:
            self._ends = True
            self._changed.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join(JOINS)

    # ---- in a thread of its own ----

    def _run(self) -> None:
        with self._app.app_context():
            worker = _Worker(self._way)
            try:
                while (taken := self._next()) is not None:
                    self._work(worker, *taken)
            except Busy as busy:
                self._lessen(busy)
            finally:
                worker.hang_up()
                with self._changed:
                    self._threads.discard(threading.current_thread())

    def _next(self) -> tuple[Letter, float] | None:
        """Return the next letter; wait for one; return None where there will be none."""
        with self._changed:
            self._idle += 1
            while not self._ends and (not self._todo or self._early() > 0):
                self._changed.wait(self._early() if self._todo else None)
            self._idle -= 1
            if self._ends:
                return None
            self._begun = time.monotonic()
            return self._todo.popleft()

    def _early(self) -> float:
        """Return for how many seconds the next letter has to wait."""
        pause = self._way.pause
        return self._begun + pause - time.monotonic() if pause else 0.0

    def _work(self, worker: "_Worker", letter: Letter, claimed: float) -> None:
        if time.monotonic() - claimed > FRESH:  # another may hold it by the time it is sent
            self._hand(put_off(letter, Waits(NOT_BEGUN, rest=0.0)))
            return
        try:
            outcome = attempted(letter, worker.hand_over)
        except Busy:
            with self._changed:
                self._todo.appendleft((letter, claimed))
                self._changed.notify()
            raise
        handed = self._hand(outcome)
        while not handed.kept.wait(ANSWERS) and not self._ends:
            pass
        worker.check()

    def _hand(self, outcome: Outcome) -> Handed:
        handed = Handed(self, outcome)
        self._outcomes.put(handed)
        return handed

    def _lessen(self, busy: Busy) -> None:
        """Go on with the other lines; where there is none, give everything back."""
        with self._changed:
            self._threads.discard(threading.current_thread())
            self._most = len(self._threads)
            if not self._threads:
                self.trouble = busy
                self._give_back(busy)

    def _give_back(self, waits: Waits) -> None:
        while self._todo:
            letter, _claimed = self._todo.popleft()
            self._hand(put_off(letter, waits))


class _Worker:
    """One line at a time to the other side, and how often it was lost."""

    def __init__(self, way: WayOut) -> None:
        self._way = way
        self._line: Line | None = None
        self._lost = 0
        self._why = ""

    def hand_over(self, letter: Letter) -> str:
        """Send a letter on the line that is open, or a new one."""
        try:
            answer = self._sent(letter, again=True)
        except NotTaken as failure:
            if failure.lost:
                self._lost += 1
                self._why = failure.reason
            raise
        self._lost = 0
        return answer

    def check(self) -> None:
        """Raise Unreachable where one line after the other was lost."""
        if self._lost >= LOST_AT_MOST:
            raise Unreachable(self._why)

    def hang_up(self) -> None:
        """Close the line, if there is one."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _sent(self, letter: Letter, *, again: bool) -> str:
        line = self._ready()
        try:
            return line.send(letter)
        except LineGone:  # it was hung up while nobody spoke: another may do
            self.hang_up()
            if not again:
                raise
            return self._sent(letter, again=False)
        except NotTaken as failure:
            if failure.lost:
                self.hang_up()
            raise

    def _ready(self) -> Line:
        if self._line is not None and self._line.is_spent:
            self.hang_up()
        if self._line is None:
            self._line = self._way.open()
        return self._line
