"""Files under the SHA-256 of their content, and how they leave the building.

They lie outside the web root, are never executed, and are written once: first beside their
place, then on the disk for certain, then renamed.
"""

import hashlib
import math
import os
import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from flask import Response, current_app, send_file

from app.core.errors import NotFound
from app.core.i18n import N_

LOCKED = "default-src 'none'; sandbox"  # whatever a file holds, it runs nothing of ours
KEPT = timedelta(days=30)  # that nothing refers to, and as long again aside
DRAFT, ASIDE = ".draft-", ".gone-"  # how files begin that are not what their name says
SHOWN = frozenset({"image/jpeg", "image/png"})  # what may be shown in a page


class Kept(Protocol):
    """What is known of a file: the name it is given out under, its type, its content."""

    name: str
    media_type: str
    sha256: str


def put(content: bytes) -> str:
    """Keep `content` and return its SHA-256; keeping it twice keeps it once."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    with suppress(FileNotFoundError):
        os.utime(path)  # it is wanted again: a sweep does not take it now
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=DRAFT)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _settle(path.parent)
    return sha256


def path_of(sha256: str) -> Path:
    """Return where the content of this hash lies."""
    return Path(current_app.config["FILES_FOLDER"]) / sha256[:2] / sha256[2:]


@dataclass(slots=True)
class Swept:
    """How much a sweep set aside, brought back, and took away for good."""

    aside: int = 0
    back: int = 0
    gone: int = 0


def sweep(wanted: Callable[[Collection[str]], Collection[str]], now: datetime) -> Swept:
    """Set aside what nothing has referred to for long, and take away what lay aside for long.

    `wanted` says which of some hashes are referred to. What is set aside lies where it lay,
    under another name, and is brought back if it is wanted after all: so a sweep that was
    killed, or that asked the wrong database, has lost nothing. An upload that wants the same
    content at this moment touches it first, or finds it gone and writes it anew.
    """
    done = Swept()
    before = (now - KEPT).timestamp()
    for folder in sorted(Path(current_app.config["FILES_FOLDER"]).glob("??")):
        names = sorted(path.name for path in folder.iterdir())
        lying = [n for n in names if not n.startswith((ASIDE, DRAFT))]
        aside = [n.removeprefix(ASIDE) for n in names if n.startswith(ASIDE)]
        referred = set(wanted([folder.name + rest for rest in {*lying, *aside}]))
        for rest in aside:
            _bring_back_or_end(folder, rest, done, keep=folder.name + rest in referred, to=before)
        for rest in lying:
            if folder.name + rest not in referred:
                _set_aside(folder, rest, now, done, to=before)
        for draft in (n for n in names if n.startswith(DRAFT)):
            if _written(folder / draft) < before:
                (folder / draft).unlink(missing_ok=True)
    return done


def _set_aside(folder: Path, rest: str, now: datetime, done: Swept, *, to: float) -> None:
    path, away = folder / rest, folder / f"{ASIDE}{rest}"
    if _written(path) >= to:
        return
    with suppress(FileNotFoundError):  # another sweep was here first
        path.replace(away)
        if _written(away) >= to:  # an upload touched it meanwhile
            away.replace(path)
            return
        os.utime(away, (now.timestamp(), now.timestamp()))  # from now on it lies aside
        done.aside += 1


def _bring_back_or_end(folder: Path, rest: str, done: Swept, *, keep: bool, to: float) -> None:
    away = folder / f"{ASIDE}{rest}"
    with suppress(FileNotFoundError):
        if keep:
            away.replace(folder / rest)
            os.utime(folder / rest)
            done.back += 1
        elif _written(away) < to:
            away.unlink()
            done.gone += 1


def _written(path: Path) -> float:
    """Return when a file was written or touched; what is not there was written just now."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def send(kept: Kept, *, inline: bool = False) -> Response:
    """Return the answer that hands out a file; `inline` shows it, if it is a picture."""
    path = path_of(kept.sha256).absolute()
    if not path.is_file():
        raise NotFound(N_("附件“{name}”的内容不在了，请告诉管理员。"), name=kept.name)
    response = send_file(
        path,
        mimetype=kept.media_type,
        as_attachment=not (inline and kept.media_type in SHOWN),
        download_name=kept.name,
        etag=kept.sha256,
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = LOCKED
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _settle(folder: Path) -> None:
    """Bring the name itself to the disk, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
