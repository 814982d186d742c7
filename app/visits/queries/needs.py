"""What enterprises need, how far it has come, and whom the policies have reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.library import policy as library
from app.library.models import PolicyDocument
from app.visits import policy
from app.visits.models import FinancingNeed, LaborNeed, NeedState, PolicyPush, Visit

Need = FinancingNeed | LaborNeed
#: The kinds of need by their name in addresses.
KINDS: Mapping[str, type[Need]] = {"financing": FinancingNeed, "labor": LaborNeed}


@dataclass(frozen=True, slots=True)
class Sum:
    """How many firms need how much, in 万元 or in people."""

    firms: int = 0
    amount: float = 0


def search_needs(
    kind: str, *, viewer: Actor, state: NeedState | None = None, enterprise_id: int | None = None
) -> Select[Any]:
    """Return the needs asked for, the latest first; the caller paginates."""
    model = _model(kind)
    found = (
        select(model)
        .where(_seen(model, viewer))
        .options(
            joinedload(model.enterprise),
            joinedload(model.visit).joinedload(Visit.enterprise),
            joinedload(model.visit).joinedload(Visit.project),
        )
        .order_by(model.id.desc())
    )
    if state is not None:
        found = found.where(model.state == state)
    if enterprise_id is not None:
        found = found.where(model.enterprise_id == enterprise_id)
    return found


def need(kind: str, need_id: int, *, viewer: Actor) -> Need:
    """Return one need, or raise NotFound where the viewer may not know of its visit."""
    model = _model(kind)
    found: Need | None = db.session.scalar(
        search_needs(kind, viewer=viewer).where(model.id == need_id)
    )
    if found is None:
        raise NotFound(N_("没有找到这项需求，或者不在您能看的范围内。"))
    return found


def need_sums(kind: str, *, viewer: Actor) -> Mapping[NeedState | None, Sum]:
    """Return how many firms need how much: in each state, and in all under None."""
    model = _model(kind)
    amount: Any = model.amount_wan if model is FinancingNeed else LaborNeed.headcount
    firms = func.count(func.coalesce(model.enterprise_id, -Visit.project_id).distinct())
    counted = select(firms, func.coalesce(func.sum(amount), 0)).join(
        Visit, Visit.id == model.visit_id
    )
    counted = counted.where(model.tenant_id == viewer.tenant_id, policy.visible_to(viewer))
    rows = db.session.execute(counted.add_columns(model.state).group_by(model.state))
    found: dict[NeedState | None, Sum] = {state: Sum(n, float(total)) for n, total, state in rows}
    n, total = db.session.execute(counted).one()
    return {state: found.get(state, Sum()) for state in NeedState} | {None: Sum(n, float(total))}


def needs_of(enterprise_id: int, *, viewer: Actor) -> Sequence[Need]:
    """Return what one enterprise needs, as far as the viewer may know, the latest first."""
    found: list[Need] = []
    for kind in KINDS:
        asked = search_needs(kind, viewer=viewer, enterprise_id=enterprise_id)
        found.extend(db.session.scalars(asked))
    return sorted(found, key=lambda one: one.changed_at, reverse=True)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a policy has been carried: firms, times, and the last day."""

    firms: int = 0
    times: int = 0
    last_on: date | None = None


def documents_explained(*, viewer: Actor) -> Select[PolicyDocument]:
    """Return the policy documents of the library, the newest first; the caller paginates."""
    policy.require_reading(viewer)
    return (
        select(PolicyDocument)
        .where(library.own(PolicyDocument, viewer))
        .order_by(PolicyDocument.is_active.desc(), PolicyDocument.id.desc())
    )


def reach_of(documents: Sequence[PolicyDocument], *, viewer: Actor) -> Mapping[int, Reach]:
    """Return how far each of some documents was carried, as far as the viewer may know."""
    rows = db.session.execute(
        select(
            PolicyPush.document_id,
            func.count(func.coalesce(Visit.enterprise_id, -Visit.project_id).distinct()),
            func.count(),
            func.max(Visit.visited_on),
        )
        .join(PolicyPush.visit)
        .where(PolicyPush.document_id.in_([one.id for one in documents]))
        .where(policy.visible_to(viewer))
        .group_by(PolicyPush.document_id)
    )
    found = {id_: Reach(firms, times, last) for id_, firms, times, last in rows}
    return {one.id: found.get(one.id, Reach()) for one in documents}


def documents_to_explain(*, viewer: Actor) -> Sequence[PolicyDocument]:
    """Return the documents that hold today, for a visit to choose from."""
    return db.session.scalars(
        select(PolicyDocument)
        .where(library.own(PolicyDocument, viewer), library.valid_today())
        .order_by(PolicyDocument.issued_on.desc(), PolicyDocument.id.desc())
        .limit(60)
    ).all()


def _model(kind: str) -> type[Need]:
    if kind not in KINDS:
        raise NotFound(N_("没有这一类需求。"))
    return KINDS[kind]


def _seen(model: type[Need], viewer: Actor) -> ColumnElement[bool]:
    seen = select(Visit.id).where(policy.visible_to(viewer))
    return (model.tenant_id == viewer.tenant_id) & model.visit_id.in_(seen)
