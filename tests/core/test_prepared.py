"""Numbers that are asked by SQL put together once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import Absence, User
from app.core.db import db
from app.core.prepared import Numbers, settled
from app.core.transactions import transaction
from tests import make

DAY = date(2026, 9, 30)

USERS = Numbers(
    select(
        select(func.count(User.id))
        .where(User.name.in_(("沈知夏", "贺云舟")), User.tenant_id == bindparam("tenant_id"))
        .scalar_subquery(),
        select(func.max(Absence.id)).where(Absence.from_on <= bindparam("day")).scalar_subquery(),
    )
)


@pytest.mark.usefixtures("app")
def test_each_execution_is_told_its_own_values() -> None:
    one, other = make.tenant("甲镇"), make.tenant("乙镇")
    for name in ("沈知夏", "贺云舟", "别人"):
        make.user(tenant=one, name=name)
    ids = one.id, other.id

    found = [USERS.read({"tenant_id": id_, "day": DAY}) for id_ in (*ids, ids[0])]

    assert found == [(2, None), (0, None), (2, None)]


@pytest.mark.usefixtures("app")
def test_what_the_session_has_not_written_yet_is_counted() -> None:
    one = make.tenant("甲镇")
    with transaction():
        before = USERS.read({"tenant_id": one.id, "day": DAY + timedelta(days=1)})
        db.session.add(
            User(tenant_id=one.id, username="later", name="沈知夏", must_change_password=False)
        )

        after = USERS.read({"tenant_id": one.id, "day": DAY + timedelta(days=1)})

    assert (before[0], after[0]) == (0, 1)


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_postgresql_is_told_the_values_that_never_change_with_the_statement(kind: str) -> None:
    named = select(User.id).where(User.name == "沈知夏", User.tenant_id == bindparam("tenant_id"))
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[kind].dialect()

    state = settled(named, kind).compile(dialect=dialect).construct_expanded_state({"tenant_id": 1})

    assert ("'沈知夏'" in state.statement) is (kind == "postgresql")
    assert state.parameters["tenant_id"] == 1
