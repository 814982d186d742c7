"""Files that were uploaded with a form that has to be shown again: nobody chooses them twice.

The form itself carries, signed, what lies where it will stay; nothing is written down about it.
What is never handed in is swept away with all other contents that nothing refers to.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple

from app.attachments.service import Prepared
from app.core import crypto, files


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


def _signed(said: str, bond: str) -> str:
    return crypto.signature(f"uploaded|{bond}|{said}")
