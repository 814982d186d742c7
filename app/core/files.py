"""Files under the SHA-256 of their content, and how they leave the building.

They lie outside the web root, are never executed, and are written once: first beside their
place, then on the disk for certain, then renamed.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

from flask import Response, current_app, send_file

from app.core.errors import NotFound
from app.core.i18n import N_

LOCKED = "default-src 'none'; sandbox"  # whatever a file holds, it runs nothing of ours
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
    if path.exists():
        os.utime(path)  # it is wanted again: a sweep must not take it now
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
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
