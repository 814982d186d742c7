"""Files that were uploaded with a form that has to be shown again: nobody chooses them twice.

The form itself carries, signed, what lies where it will stay; nothing is written down about it.
What is never handed in is swept away with all other contents that nothing refers to.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple
from typing import BinaryIO

from app.attachments.service import Prepared, prepare
from app.core import crypto, files
from app.core.errors import Invalid


def token_of(prepared: Prepared, bond: str) -> str:
    """Return what a form carries for a file, good under this bond alone."""
    said = urlsafe_b64encode(json.dumps(astuple(prepared)).encode()).decode()
    return f"{said}.{_signed(said, bond)}"


def prepared_of(token: str, bond: str) -> Prepared | None:
    """Return the file that a form carries; None where it is not ours, or its content is gone."""
    said, _dot, signed = token.partition(".")
    if not token.isascii() or not hmac.compare_digest(signed, _signed(said, bond)):
        return None
    found = Prepared(*json.loads(urlsafe_b64decode(said)))
    return found if files.path_of(found.sha256).is_file() else None


def hold(filename: str, stream: BinaryIO, whose: int, form_key: str) -> str:
    """Keep a file for a form that waits until its owner signed in again; return what it carries.

    Nothing for a file that is refused: it is chosen anew, and then says why.
    """
    try:
        return token_of(prepare(filename, stream), waiting(whose, form_key))
    except Invalid:
        return ""


def waiting(whose: int, form_key: str) -> str:
    """Return under what bond files are good that wait for their owner, in this form alone."""
    return json.dumps(["waiting", whose, form_key])


def _signed(said: str, bond: str) -> str:
    return crypto.signature(f"uploaded|{bond}|{said}")
