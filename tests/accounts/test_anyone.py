"""A statement made for anyone in a role serves everybody in it, each by their own ids."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.policy import theirs
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.tickets.models import Ticket
from tests import make

HANDLER = Actor(tenant_id=1, user_id=7, role=Role.HANDLER, unit_id=3)


def test_all_in_a_role_share_one_viewer() -> None:
    other = replace(HANDLER, tenant_id=2, user_id=8, unit_id=4, name="别人", ip="10.0.0.1")
    assert anyone_like(HANDLER) is anyone_like(other)


@pytest.mark.parametrize(
    "unlike",
    [
        replace(HANDLER, role=Role.DEPT_HEAD),
        replace(HANDLER, unit_id=None),
        replace(HANDLER, user_id=None),
        replace(HANDLER, enterprise_id=5),
        replace(HANDLER, stands_in_for=(9,)),
    ],
)
def test_whoever_has_another_scope_has_another_viewer(unlike: Actor) -> None:
    assert anyone_like(unlike) is not anyone_like(HANDLER)
    assert anyone_like(unlike) != anyone_like(HANDLER)


def test_what_a_person_lacks_stays_missing() -> None:
    guest = anyone_like(Actor(tenant_id=1, user_id=None, role=Role.ENTERPRISE_USER))
    assert (guest.user_id, guest.unit_id, guest.enterprise_id) == (None, None, None)


@pytest.mark.usefixtures("app")
def test_each_is_answered_by_their_own_ids_and_those_they_stand_in_for() -> None:
    first, second, away = (make.user(name=name) for name in ("甲", "乙", "丙"))
    for owner in (first, away, away):
        make.ticket(liaison_id=owner.id)
    tenant_id = make.the_tenant().id
    alone = Actor(tenant_id=tenant_id, user_id=0, role=Role.LIAISON)

    def owned(viewer: Actor) -> int:
        of_anyone = select(func.count()).where(theirs(Ticket.liaison_id, anyone_like(viewer)))
        return db.session.scalar(of_anyone, ids_of(viewer)) or 0

    assert owned(replace(alone, user_id=first.id)) == 1
    assert owned(replace(alone, user_id=second.id)) == 0
    assert owned(replace(alone, user_id=second.id, stands_in_for=(away.id,))) == 2
    assert owned(replace(alone, user_id=first.id, stands_in_for=(away.id,))) == 3
