"""What is asked, and written, by SQL that was put together once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import Absence, User
from app.core import audit
from app.core.audit import AuditRow
from app.core.db import db, inserting
from app.core.prepared import Numbers, Writing, settled
from app.core.transactions import DoneOnce, transaction
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


AT = datetime(2026, 9, 30, 1, 15, 30, 250_000, tzinfo=UTC)
ROWS, DONE = cast("Table", AuditRow.__table__), cast("Table", DoneOnce.__table__)
LOGGED = Writing(lambda: insert(ROWS))
CLAIMED = Writing(
    lambda: inserting(DoneOnce).on_conflict_do_nothing(index_elements=["key"]).returning(DONE.c.key)
)


def row(id_: int, **other: Any) -> dict[str, Any]:
    """Return a row of the audit log, with every kind of value that a column of ours has."""
    whole: dict[str, Any] = {
        "id": id_,
        "tenant_id": 1,
        "at": AT,
        "user_id": None,
        "role": "dispatcher",
        "ip": "",
        "action": "受理",
        "subject": "ticket",
        "subject_id": 7,
        "before": None,
        "after": {"status": "待派单", "due_at": None},
        "reason": "它's “ok” $1 ? %s",
        "previous_hash": audit.GENESIS,
        "hash": audit.GENESIS,
    }
    return whole | other


@pytest.mark.usefixtures("app")
def test_what_is_written_is_read_as_if_the_session_had_written_it() -> None:
    with transaction():
        LOGGED.write(row(901), row(902, at=AT + timedelta(days=1), after=None))
        LOGGED.write(row(903))
        db.session.execute(insert(ROWS), row(904))

    found = db.session.execute(select(ROWS).where(ROWS.c.id > 900).order_by(ROWS.c.id)).mappings()
    first, second, third, plain = [dict(one) for one in found]

    assert first == row(901)
    assert second == row(902, at=AT + timedelta(days=1), after=None)
    assert third | {"id": 904} == plain


@pytest.mark.usefixtures("app")
def test_what_was_there_already_is_not_returned() -> None:
    claim = {"key": "0-aaaa", "user_id": None, "location": "", "at": AT}
    with transaction():
        first, again = CLAIMED.returned(claim), CLAIMED.returned(claim)

    assert (first, again) == ("0-aaaa", None)


@pytest.mark.usefixtures("app")
def test_a_row_without_what_its_model_would_give_it_is_refused_before_it_is_written() -> None:
    partly = {"key": "0-bbbb", "user_id": None, "at": AT}

    with pytest.raises(ValueError, match="location"), transaction():
        Writing(lambda: insert(DONE)).write(partly)

    assert db.session.get(DoneOnce, "0-bbbb") is None


@pytest.mark.usefixtures("app")
def test_a_row_with_other_names_than_the_first_is_refused() -> None:
    with transaction():
        LOGGED.write(row(910))

    with pytest.raises(ValueError, match="unheard"), transaction():
        LOGGED.write(row(911, unheard=1))
    other = row(912, unheard=1)
    del other["ip"]
    with pytest.raises(KeyError), transaction():
        LOGGED.write(other)
