"""What may be offered to whoever is typing a problem: what the office wrote for everybody.

Common problems and their answers, and the policies in force. Never a ticket, whose words are its
enterprise's; nor a common problem that has a confidential member.
"""

from dataclasses import dataclass

from sqlalchemy import select

from app.core.db import db
from app.library.models import PolicyDocument
from app.library.policy import valid_today
from app.tickets.models import CommonProblem, CommonState, Ticket
from app.tickets.queries.similar import pairs, share

COMPARED = 300  # the newest of each sort that are looked at
MOST = 5
ALIKE = 0.12  # of the pairs of characters
HELD = 0.3  # of what was typed is in it: for a few words, which are like no long text
READ = 240  # characters of a text that are compared
ASKED = 400  # characters of what was typed that are looked at
LEAST = 2  # pairs, below which nothing is offered


@dataclass(frozen=True, slots=True)
class Offered:
    """Something that others asked before, with the answer where there is one."""

    title: str
    answer: str = ""
    basis: str = ""
    number: str = ""  # of a policy
    is_policy: bool = False


def alike(tenant_id: int, typed: str) -> list[Offered]:
    """Return what is most like the words that were typed, the best first. Two statements."""
    own = pairs(typed[:ASKED])
    if len(own) < LEAST:
        return []
    scored = [
        (_score(own, text), one) for text, one in [*_common(tenant_id), *_policies(tenant_id)]
    ]
    best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
    return [one for _score_, one in best[:MOST]]


def _score(own: frozenset[str], text: str) -> float:
    other = pairs(text)
    held = len(own & other) / len(own)
    alike_ = share(own, other)
    return max(alike_, held) if alike_ >= ALIKE or held >= HELD else 0.0


def _common(tenant_id: int) -> list[tuple[str, Offered]]:
    told = CommonProblem.state.in_((CommonState.OPEN, CommonState.PUBLISHED))
    hidden = select(Ticket.common_id).where(
        Ticket.common_id.is_not(None), Ticket.confidential.is_(True)
    )
    found = db.session.execute(
        select(
            CommonProblem.title,
            CommonProblem.description,
            CommonProblem.state,
            CommonProblem.answer,
            CommonProblem.basis,
        )
        .where(CommonProblem.tenant_id == tenant_id, told, CommonProblem.id.not_in(hidden))
        .order_by(CommonProblem.id.desc())
        .limit(COMPARED)
    )
    return [
        (
            f"{title}\n{words[:READ]}",
            Offered(title, answer, basis) if state is CommonState.PUBLISHED else Offered(title),
        )
        for title, words, state, answer, basis in found
    ]


def _policies(tenant_id: int) -> list[tuple[str, Offered]]:
    found = db.session.execute(
        select(PolicyDocument.title, PolicyDocument.summary, PolicyDocument.doc_no)
        .where(PolicyDocument.tenant_id == tenant_id, valid_today())
        .order_by(PolicyDocument.id.desc())
        .limit(COMPARED)
    )
    return [
        (f"{title}\n{summary[:READ]}", Offered(title, summary, number=number, is_policy=True))
        for title, summary, number in found
    ]
