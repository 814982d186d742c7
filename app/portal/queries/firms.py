"""From which enterprise of the file a telling comes: by its code, its name or its telephone.

One is *clear* where it alone is meant: nothing that the visitor gave speaks for another. Who
clears letters sees what speaks for it, and decides.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from app.accounts.roles import Actor
from app.core.db import db
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.core.search import folded
from app.enterprises import policy as enterprises
from app.enterprises.models import Enterprise, EnterpriseContact
from app.enterprises.service import plain_code
from app.enterprises.service.contacts import plain_phone
from app.portal.models import Telling
from app.portal.queries.doors import plain_name
from app.tickets.queries.similar import pairs, share

MOST = 3
ALIKE = 0.34  # of the pairs of characters, below which nothing is offered
CLEAR = 0.6  # from which a name that is like no other is meant
AHEAD = 0.25  # of the next best
LEAST = 2  # pairs: one alone is in many names
COMMON, COMMON_PART = 3, 10  # a pair that more than 3 names and a tenth of all have says nothing
CODE = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])")
FORM = re.compile(r"(?:股份|责任)?有限(?:责任)?公司|集团|公司")


class Ground(LabelledEnum):
    """What speaks for an enterprise."""

    KNOWN = "known", N_("来信时就对上了")
    CODE = "code", N_("信用代码一样")
    NAME = "name", N_("名称或简称一样")
    PHONE = "phone", N_("电话是档案里联系人的")
    ALIKE = "alike", N_("名称相近")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An enterprise that may be meant, and why."""

    id: int
    name: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """Which enterprise is meant, where that is clear, and which others may be."""

    clear: Candidate | None = None
    others: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """What is compared of an enterprise."""

    id: int
    name: str
    names: tuple[str, ...]
    code: str
    pairs: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class _Files:
    """All that letters are compared with; `common` are the pairs that many names have."""

    files: tuple[_File, ...]
    common: frozenset[str]
    phones: Mapping[str, set[int]]


def meant(letters: Iterable[Telling], *, viewer: Actor) -> Mapping[int, Meant]:
    """Return who is meant by each telling, by its id; two statements, however many there are."""
    found, open_ = {}, []
    for letter in letters:
        if letter.enterprise is not None:
            known = Candidate(letter.enterprise.id, letter.enterprise.name, (Ground.KNOWN,))
            found[letter.id] = Meant(clear=known)
        else:
            open_.append(letter)
    if open_:
        files = _files(viewer)
        found |= {letter.id: _meant(letter, files) for letter in open_}
    return found


def _meant(letter: Telling, held: _Files) -> Meant:
    sure, scores = _sure(letter, held), _scores(letter.enterprise_name, held)
    order = sorted(held.files, key=lambda one: (one.id not in sure, -scores[one.id], one.id))
    offered = [
        Candidate(one.id, one.name, sure.get(one.id, (Ground.ALIKE,)))
        for one in order[:MOST]
        if one.id in sure or scores[one.id] >= ALIKE
    ]
    only = _only(sure, scores)
    return Meant(
        clear=next((one for one in offered if one.id == only), None),
        others=tuple(one for one in offered if one.id != only),
    )


def _only(sure: Mapping[int, object], scores: Mapping[int, float]) -> int | None:
    """Return the id of the one enterprise that all that was given speaks for, or None."""
    best, after = [*sorted(scores, key=lambda id_: -scores[id_]), None, None][:2]
    said = set(sure)
    second = scores[after] if after is not None else 0.0
    if best is not None and scores[best] >= CLEAR and scores[best] - second >= AHEAD:
        said.add(best)
    return said.pop() if len(said) == 1 else None


def _sure(letter: Telling, held: _Files) -> dict[int, tuple[Ground, ...]]:
    """Return the enterprises for which more than a likeness speaks."""
    said = f"{letter.enterprise_name} {letter.title} {letter.description}"
    codes = {*CODE.findall(said.upper()), *CODE.findall(plain_code(said))}
    called = plain_name(letter.enterprise_name)
    rung = held.phones.get(plain_phone(letter.contact_phone or ""), set())
    found: dict[int, tuple[Ground, ...]] = {}
    for one in held.files:
        speaks = {
            Ground.CODE: one.code in codes,
            Ground.NAME: called in one.names,
            Ground.PHONE: one.id in rung,
        }
        if any(speaks.values()):
            found[one.id] = tuple(ground for ground, does in speaks.items() if does)
    return found


def _scores(name: str, held: _Files) -> dict[int, float]:
    own = _own_pairs(name, held.common)
    return {one.id: max(_score(own, other) for other in one.pairs) for one in held.files}


def _score(own: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two names are: one that holds all of the other is like it."""
    shorter = min(len(own), len(other))
    if shorter < LEAST or own.isdisjoint(other):
        return 0.0
    return max(share(own, other), len(own & other) / shorter)


def _own_pairs(name: str, common: frozenset[str]) -> frozenset[str]:
    """Return the pairs of a name that make it a name: not its place, nor its legal form."""
    left = FORM.sub("", folded(name))
    while left[:2] in common:
        left = left[2:]
    return pairs(left) - common


def _files(viewer: Actor) -> _Files:
    rows = db.session.execute(_NAMES.where(enterprises.visible_to(viewer))).all()
    counted = Counter(pair for row in rows for pair in pairs(row.name))
    most = max(COMMON, len(rows) // COMMON_PART)
    common = frozenset(pair for pair, n in counted.items() if n > most)
    return _Files(tuple(_file(row, common) for row in rows), common, _phones(viewer))


def _file(row: Row[Any], common: frozenset[str]) -> _File:
    names = tuple(name for name in (row.name, row.short_name) if name)
    return _File(
        id=row.id,
        name=row.name,
        names=tuple(plain_name(name) for name in names),
        code=row.uscc or "",
        pairs=tuple(_own_pairs(name, common) for name in names),
    )


def _phones(viewer: Actor) -> dict[str, set[int]]:
    """Return whose contact has which telephone. They lie encrypted: each is opened to compare."""
    found: dict[str, set[int]] = {}
    rows = db.session.execute(
        select(EnterpriseContact.enterprise_id, EnterpriseContact.phone)
        .join(EnterpriseContact.enterprise)
        .where(enterprises.visible_to(viewer), EnterpriseContact.phone.is_not(None))
    )
    for enterprise_id, phone in rows:
        if phone:
            found.setdefault(phone, set()).add(enterprise_id)
    return found


_NAMES: Select[*tuple[Any, ...]] = select(
    Enterprise.id, Enterprise.name, Enterprise.short_name, Enterprise.uscc
).order_by(Enterprise.id)
