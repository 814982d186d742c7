"""How many may be at work on one thing at the same time, in one process.

When more comes than the machine can bear, some are told so at once, with what they typed before
them. Otherwise all would wait, longer and longer, and with them whoever wants another page.
"""

from threading import Lock
from typing import Self

from app.core.errors import Busy
from app.core.i18n import N_

BUSY = N_("这一刻提交的人太多，这次没有收下。您写的都在，请过几秒再提交一次。")


class Room:
    """A block that only so many threads enter at once; the next one is refused."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._door = Lock()

    def __enter__(self) -> Self:
        """Enter, or raise Busy where all places are taken."""
        with self._door:
            if not self._free:
                raise Busy(BUSY)
            self._free -= 1
        return self

    def __exit__(self, *_how: object) -> None:
        """Leave the place to the next one."""
        with self._door:
            self._free += 1
