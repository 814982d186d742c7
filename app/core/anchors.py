"""Heads of the audit log, noted in a file outside the database.

A chain of hashes does not notice that its end was cut off, or that all of it was written anew.
Whoever keeps a copy of this file elsewhere does.
"""

import os
from datetime import datetime
from pathlib import Path


def note(file: Path, row_id: int, digest: str, at: datetime) -> bool:
    """Add the head of the log to `file`; tell whether it was not there yet."""
    if not row_id or row_id in read(file):
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="ascii") as lines:
        lines.write(f"{at.isoformat(timespec='seconds')} {row_id} {digest}\n")
        lines.flush()
        os.fsync(lines.fileno())
    return True


def read(file: Path) -> dict[int, str]:
    """Return the heads that were noted: row id to hash. Of two for one row the first counts."""
    found: dict[int, str] = {}
    if file.exists():
        for line in file.read_text(encoding="ascii").splitlines():
            parts = line.split()
            if len(parts) == 3 and parts[1].isdigit():  # noqa: PLR2004 - moment, id, hash
                found.setdefault(int(parts[1]), parts[2])
    return found


def set_aside(file: Path, at: datetime) -> Path | None:
    """Keep the heads of a database that is gone under another name; return it."""
    if not file.exists():
        return None
    kept = file.with_name(f"{file.name}.{at:%Y%m%d-%H%M%S}")
    file.replace(kept)
    return kept
