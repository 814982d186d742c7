"""Reading the library: policy documents, and answers to begin from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.library import policy
from app.library.models import CannedAnswer, PolicyDocument

Thing = TypeVar("Thing", bound=PolicyDocument | CannedAnswer)

LONGEST = 40  # characters of a question
MOST_OFFERED = 40  # documents in one list to choose from
MOST_KEPT = 500  # answers in the whole library that a page shows
NOT_THERE = {
    PolicyDocument: N_("没有找到这份政策文件。"),
    CannedAnswer: N_("没有找到这条常用答复。"),
}


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What the list of policy documents was asked to show; an empty field asks nothing."""

    text: str = ""
    category_id: int | None = None
    ended: bool = False


def search_documents(asked: DocumentFilter, *, viewer: Actor) -> Select[PolicyDocument]:
    """Return the policy documents asked for, the newest first; the caller paginates.

    `ended` gives those that hold no longer, or were withdrawn.
    """
    policy.require_reading(viewer)
    holds = policy.valid_today()
    found = select(PolicyDocument).where(
        policy.own(PolicyDocument, viewer), ~holds if asked.ended else holds
    )
    if asked.category_id is not None:
        found = found.where(PolicyDocument.category_id == asked.category_id)
    return _saying(found, asked.text).order_by(
        PolicyDocument.issued_on.is_(None),
        PolicyDocument.issued_on.desc(),
        PolicyDocument.id.desc(),
    )


def kept(model: type[Thing], kept_id: int, *, viewer: Actor) -> Thing:
    """Return what stands on a shelf; raise NotFound where it is another township's."""
    policy.require_reading(viewer)
    found = db.session.get(model, kept_id)
    if found is None or found.tenant_id != viewer.tenant_id:
        raise NotFound(NOT_THERE[model])
    return found


def to_cite(
    category_id: int | None, text: str = "", *, also: Collection[int] = (), viewer: Actor
) -> Sequence[PolicyDocument]:
    """Return what an answer may cite today: of its category first, then what is for all.

    With `text`, whatever says it, of any category. `also` are ids that are listed anyway.
    """
    found = select(PolicyDocument).where(policy.own(PolicyDocument, viewer), policy.valid_today())
    if text.strip():
        narrowed = _saying(select(PolicyDocument.id), text).scalar_subquery()
        wanted: ColumnElement[bool] = PolicyDocument.id.in_(narrowed)
    else:
        wanted = or_(
            PolicyDocument.category_id == category_id if category_id else False,
            PolicyDocument.category_id.is_(None),
        )
    if also:
        wanted = or_(wanted, PolicyDocument.id.in_(also))
    first = case((PolicyDocument.category_id == (category_id or 0), 0), else_=1)
    return db.session.scalars(
        found.where(wanted).order_by(first, PolicyDocument.id.desc()).limit(MOST_OFFERED)
    ).all()


def citable(ids: Collection[int], *, tenant_id: int) -> list[PolicyDocument]:
    """Return those of some documents that the township has and that hold today."""
    if not ids:
        return []
    found = select(PolicyDocument).where(
        PolicyDocument.id.in_(ids),
        PolicyDocument.tenant_id == tenant_id,
        policy.valid_today(),
    )
    return list(db.session.scalars(found.order_by(PolicyDocument.id)))


def answers(*, viewer: Actor, withdrawn: bool = False) -> Sequence[CannedAnswer]:
    """Return the canned answers of the township, by category."""
    policy.require_reading(viewer)
    return db.session.scalars(
        select(CannedAnswer)
        .where(policy.own(CannedAnswer, viewer), CannedAnswer.is_active.is_not(withdrawn))
        .order_by(CannedAnswer.category_id, CannedAnswer.id)
        .limit(MOST_KEPT)
    ).all()


def to_begin_from(category_id: int | None, *, viewer: Actor) -> Sequence[CannedAnswer]:
    """Return the canned answers for a problem: of its category first, then what is for all."""
    fitting = or_(
        CannedAnswer.category_id == category_id if category_id else False,
        CannedAnswer.category_id.is_(None),
    )
    first = case((CannedAnswer.category_id == (category_id or 0), 0), else_=1)
    return db.session.scalars(
        select(CannedAnswer)
        .where(policy.own(CannedAnswer, viewer), CannedAnswer.is_active, fitting)
        .order_by(first, CannedAnswer.id)
        .limit(MOST_OFFERED)
    ).all()


def _saying(found: Select[PolicyDocument], text: str) -> Select[PolicyDocument]:
    """Narrow to the documents in which every word of `text` stands."""
    for word in text.strip()[:LONGEST].lower().split():
        found = found.where(
            or_(
                *(
                    func.lower(column).contains(word, autoescape=True)
                    for column in (
                        PolicyDocument.title,
                        PolicyDocument.doc_no,
                        PolicyDocument.issued_by,
                        PolicyDocument.summary,
                    )
                )
            )
        )
    return found
