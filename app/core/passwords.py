"""Passwords: Argon2id, the same time for every name, and what a good one is made of."""

import secrets
import string
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app

from app.core import search
from app.core.errors import Invalid
from app.core.i18n import N_

SHORTEST = 8
LONGEST = 128
KINDS = 3  # of four: capitals, small letters, digits, anything else
READABLE = "abcdefghijkmnpqrstuvwxyz"  # without what looks like a digit


def init_app(app: Flask) -> None:
    """Prepare the hasher; tests make it cheap with ARGON2_FAST.

    One check takes 50 to 100 ms on an ordinary machine: nothing to a person, much to whoever
    tries a million words.
    """
    if app.config["ARGON2_FAST"]:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    else:
        hasher = PasswordHasher(time_cost=2, memory_cost=40 * 1024, parallelism=1)
    app.extensions["passwords"] = hasher


def make_hash(password: str) -> str:
    """Return what is stored for `password`. Slow on purpose: call it outside transactions."""
    return _hasher().hash(password)


def matches(stored: str, password: str) -> bool:
    """Tell whether `password` is the one stored; nothing stored takes the same time."""
    hasher = _hasher()
    nobody = _nobodys(hasher)
    try:
        hasher.verify(stored or nobody, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def is_outdated(stored: str) -> bool:
    """Tell whether `stored` was made with other costs than today's."""
    return _hasher().check_needs_rehash(stored)


def initial() -> str:
    """Return a random password for the first sign-in: easy to read out, easy to type."""
    groups = ["".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(2)]
    capital = secrets.choice(READABLE).upper()
    digits = "".join(secrets.choice("23456789") for _ in range(4))
    return f"{capital}{groups[0]}-{groups[1]}-{digits}"


def check_rule(password: str, *, username: str, field: str) -> None:
    """Raise Invalid where `password` is too easy to guess; the sentence says how to mend it."""
    if len(password) < SHORTEST:
        raise Invalid(N_("密码至少 {n} 个字符，还差 {less} 个。"), field=field, n=SHORTEST,
                      less=SHORTEST - len(password))  # fmt: skip
    if len(password) > LONGEST:
        raise Invalid(N_("密码最多 {n} 个字符。"), field=field, n=LONGEST)
    if _kinds(password) < KINDS:
        raise Invalid(
            N_("密码要有大写字母、小写字母、数字、符号中的至少三种，现在有 {n} 种。"),
            field=field,
            n=_kinds(password),
        )
    if username and search.folded(username) in search.folded(password):
        raise Invalid(N_("密码里不能有用户名，请换一个。"), field=field)


def _kinds(password: str) -> int:
    known = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    found = [any(c in kind for c in password) for kind in known]
    return sum(found) + any(c not in "".join(known) for c in password)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    """Return what unknown names are checked against, so that they take as long as known ones.

    Made when somebody signs in first, known or not: it takes 40 MB for a moment, and a process
    that lets nobody in needs none.
    """
    return hasher.hash(secrets.token_hex())


def _hasher() -> PasswordHasher:
    hasher: PasswordHasher = current_app.extensions["passwords"]
    return hasher
