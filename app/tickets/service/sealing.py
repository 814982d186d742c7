"""Seals of what an enterprise said: the audit log keeps them instead of words and scores.

Whoever reads the log may have a seat in the unit that is rated. A seal shows nobody what was
said, and everybody who holds the key of this installation whether it was changed since.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, select

from app.core import crypto
from app.core.audit import AuditRow
from app.core.db import db
from app.tickets.models import Revisit, SpotCall, TicketEvent

AT_ONCE = 500  # rows of the log that are held while all are looked at


@dataclass(frozen=True, slots=True)
class Broken:
    """What is not as it was sealed, as the row of the log calls it, and its id."""

    row_id: int
    what: str
    id: int


def of_event(event_id: int, comment: str, payload: Mapping[str, Any]) -> str:
    """Return the seal of a line of the history that tells of a rating."""
    return _seal("event", event_id, (comment, payload))


def of_revisit(revisit: Revisit) -> str:
    """Return the seal of what an enterprise said at a revisit."""
    said = (revisit.reached, revisit.contacted, *_answers(revisit), revisit.said_by)
    return _seal("revisit", revisit.id, said)


def of_call(call: SpotCall) -> str:
    """Return the seal of what an enterprise said when it was called again."""
    return _seal("spot-call", call.id, _answers(call))


def first_broken() -> Broken | None:
    """Return the first thing that is not as the log sealed it, or is gone; None where all is.

    What was logged before a kind of thing was sealed tells nothing of it. The key of the seals
    is SECRET_KEY: under another one nothing fits.
    """
    sealed = (
        select(AuditRow.id, AuditRow.after)
        .where(AuditRow.subject == "ticket", cast(AuditRow.after, String).contains("seal"))
        .order_by(AuditRow.id)
    )
    found = db.session.execute(sealed, execution_options={"yield_per": AT_ONCE})
    try:
        parts = ([(row.id, row.after) for row in part] for part in found.partitions())
        return next(filter(None, map(_broken_in, parts)), None)
    finally:  # whoever has found one reads no further
        found.close()


def _broken_in(rows: Sequence[tuple[int, Mapping[str, Any]]]) -> Broken | None:
    """Return the first of these rows of the log whose thing is not as it was."""
    sealed = [
        (Broken(row_id, what, after[what]), after[name])
        for row_id, after in rows
        for what, (name, _seals_of) in _KINDS.items()
        if what in after and name in after
    ]
    there = {
        what: seals_of({one.id for one, _seal in sealed if one.what == what})
        for what, (_name, seals_of) in _KINDS.items()
    }
    return next((one for one, seal in sealed if there[one.what].get(one.id) != seal), None)


def _events(ids: Collection[int]) -> dict[int, str]:
    found = select(TicketEvent.id, TicketEvent.comment, TicketEvent.payload)
    lines = db.session.execute(found.where(TicketEvent.id.in_(ids)))
    return {line.id: of_event(line.id, line.comment, line.payload) for line in lines}


def _revisits(ids: Collection[int]) -> dict[int, str]:
    found = db.session.scalars(select(Revisit).where(Revisit.id.in_(ids)))
    return {one.id: of_revisit(one) for one in found}


def _calls(ids: Collection[int]) -> dict[int, str]:
    found = db.session.scalars(select(SpotCall).where(SpotCall.id.in_(ids)))
    return {one.id: of_call(one) for one in found}


#: By the name under which a row of the log has the id of a thing: that of its seal, and what
#: reads the seals that things have now.
_KINDS: Mapping[str, tuple[str, Callable[[Collection[int]], dict[int, str]]]] = {
    "event": ("seal", _events),
    "call": ("seal", _calls),
    "revisit": ("revisit_seal", _revisits),
}


def _answers(said: Revisit | SpotCall) -> tuple[object, ...]:
    return said.solved, said.result_score, said.attitude_score, said.reasons, said.words


def _seal(what: str, id_: int, told: object) -> str:
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    return crypto.signature(f"{what}|{id_}|{text}")
