"""Secrets of the installation, and the encryption of what may not lie in the open."""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from sqlalchemy import LargeBinary

COLUMN = LargeBinary
NONCE = 12  # bytes, as AES-GCM wants
KEY = 32  # bytes: AES-256


def init_app(app: Flask) -> None:
    """Take the data key from the settings."""
    key = str(app.config["DATA_KEY"])
    app.extensions["data_key"] = AESGCM(urlsafe_b64decode(key))


def new_key() -> str:
    """Return a fresh key as text."""
    return urlsafe_b64encode(secrets.token_bytes(KEY)).decode()


def kept_secret(folder: Path, name: str) -> str:
    """Return the secret of this name kept in `folder`, making it at the first call.

    Two processes that start together agree: the first one to link the file wins.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}"
        draft.write_text(new_key(), encoding="ascii")
        draft.chmod(0o600)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret counts
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def encrypt(text: str) -> bytes:
    """Return `text` encrypted, with its nonce in front."""
    nonce = secrets.token_bytes(NONCE)
    cipher: AESGCM = current_app.extensions["data_key"]
    return nonce + cipher.encrypt(nonce, text.encode(), None)


def signature(text: str) -> str:
    """Return what only this installation can write under `text`, for use in addresses."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return urlsafe_b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).decode().rstrip("=")


def decrypt(sealed: bytes) -> str:
    """Return the text; raise `cryptography.exceptions.InvalidTag` where it was changed."""
    cipher: AESGCM = current_app.extensions["data_key"]
    return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()
