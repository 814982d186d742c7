"""Whoever looks: the viewer of statements that are kept, whose ids come with each execution.

What somebody may see and has to do follows from their role and from a few ids. A statement
made for a role serves everybody in it: it is put together once, and PostgreSQL plans it once,
however many people there are.
"""

from functools import lru_cache
from typing import cast

from sqlalchemy import Integer, bindparam

from app.accounts.roles import Actor, Role

SHAPES = 256  # roles, times whether there is a unit, and for how many one stands in


def anyone_like(viewer: Actor) -> Actor:
    """Return an actor in the viewer's role whose ids are parameters, filled by `ids_of`.

    The same object for everybody alike. It is good for building conditions, and for nothing
    that compares ids itself.
    """
    return _anyone(
        viewer.role,
        known=viewer.user_id is not None,
        in_unit=viewer.unit_id is not None,
        of_firm=viewer.enterprise_id is not None,
        covers=len(viewer.stands_in_for),
    )


def ids_of(viewer: Actor) -> dict[str, int | None]:
    """Return the values of the parameters of `anyone_like`, by name."""
    ids = {
        "viewer_tenant": viewer.tenant_id,
        "viewer_user": viewer.user_id,
        "viewer_unit": viewer.unit_id,
        "viewer_firm": viewer.enterprise_id,
    }
    for place, user_id in enumerate(viewer.stands_in_for):
        ids[f"viewer_covers_{place}"] = user_id
    return ids


@lru_cache(maxsize=SHAPES)
def _anyone(role: Role, *, known: bool, in_unit: bool, of_firm: bool, covers: int) -> Actor:
    return Actor(
        tenant_id=_given("viewer_tenant"),
        user_id=_given("viewer_user") if known else None,
        role=role,
        unit_id=_given("viewer_unit") if in_unit else None,
        enterprise_id=_given("viewer_firm") if of_firm else None,
        stands_in_for=tuple(_given(f"viewer_covers_{place}") for place in range(covers)),
    )


def _given(name: str) -> int:
    """Return a parameter in the place of an id: it goes wherever a condition takes one."""
    return cast("int", bindparam(name, type_=Integer()))
