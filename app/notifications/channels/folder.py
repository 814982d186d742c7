"""A folder of `.eml` files: the way out where no mail server is set."""

import os
from dataclasses import dataclass
from email.policy import SMTP
from pathlib import Path

from app.core import clock
from app.notifications.channels.composing import composed
from app.notifications.channels.letters import Letter


@dataclass(frozen=True, slots=True)
class FolderChannel:
    """Writes each letter as an `.eml` file. The same letter overwrites itself."""

    folder: Path
    lines: int = 1
    is_spent: bool = False
    pause: float = 0.0

    def open(self) -> "FolderChannel":
        """Return itself: a folder is always there, or every letter says why not."""
        return self

    def send(self, letter: Letter) -> str:
        """Write `letter` whole, or not at all; return the name of the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = clock.local(letter.written_at)
        name = f"{written:%Y%m%d-%H%M}-{letter.rule}-{letter.message_id}.eml"
        draft = self.folder / f".{name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(composed(letter).as_bytes(policy=SMTP))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)
        return name

    def close(self) -> None:
        """Do nothing."""
