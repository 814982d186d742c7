"""What an answer may cite: documents of the library that hold on the day it is given (T18)."""

from collections.abc import Collection

from app.core.errors import Invalid
from app.core.i18n import N_
from app.library import queries as library
from app.library.models import PolicyDocument
from app.tickets.service.moving import Move

MOST_CITED = 5


def check(move: Move) -> None:
    """Raise Invalid at `citation_ids` unless all that is cited is the tenant's, and holds today."""
    documents(move.given.citation_ids, tenant_id=move.ticket.tenant_id)


def documents(ids: Collection[int], *, tenant_id: int) -> list[PolicyDocument]:
    """Return the documents of these ids; raise Invalid unless an answer may cite each of them."""
    if len(ids) > MOST_CITED:
        raise Invalid(
            N_("最多引用 {most} 份政策文件，多选了 {extra} 份。"),
            field="citation_ids",
            most=MOST_CITED,
            extra=len(ids) - MOST_CITED,
        )
    found = library.citable(ids, tenant_id=tenant_id)
    if len(found) != len(set(ids)):
        raise Invalid(N_("选的政策文件里有已经失效或停用的，请重新选。"), field="citation_ids")
    return found
