"""State × action: what is listed works, what is not listed is refused, nothing is stuck."""

from datetime import datetime, timedelta
from itertools import product

import pytest

from app.core import clock
from app.servicedays import workflow
from app.servicedays.workflow import TABLE, Action, IllegalStep, State

OPENS = datetime.fromisoformat("2026-10-15T00:00").replace(tzinfo=clock.LOCAL)
BEFORE, AFTER = OPENS - timedelta(seconds=1), OPENS
LISTED = {(row.source, row.action) for row in TABLE}
#: Written out by hand: what may be done with a day in each state.
MAY = {
    State.ANNOUNCED: set(Action),
    State.HELD: {Action.SIGN_IN, Action.RECEIVE},
    State.CANCELLED: set(),
}


def test_the_table_is_the_one_that_was_written_out_by_hand() -> None:
    assert {(state, action) for state, actions in MAY.items() for action in actions} == LISTED
    assert len(TABLE) == len(LISTED)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.source}-{row.action}")
def test_what_is_listed_works_on_the_day(row: workflow.Step) -> None:
    assert workflow.step(row.source, row.action, opens=OPENS, now=AFTER) is row
    assert workflow.is_possible(row.source, row.action, opens=OPENS, now=AFTER)


@pytest.mark.parametrize(("state", "action"), sorted(set(product(State, Action)) - LISTED))
def test_what_is_not_listed_is_refused(state: State, action: Action) -> None:
    with pytest.raises(IllegalStep):
        workflow.step(state, action, opens=OPENS, now=AFTER)
    assert not workflow.is_possible(state, action, opens=OPENS, now=AFTER)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.source}-{row.action}")
def test_what_belongs_to_the_day_itself_waits_for_it(row: workflow.Step) -> None:
    if row.on_the_day:
        with pytest.raises(IllegalStep):
            workflow.step(row.source, row.action, opens=OPENS, now=BEFORE)
    else:
        assert workflow.step(row.source, row.action, opens=OPENS, now=BEFORE) is row


def test_a_day_that_is_announced_can_always_come_to_an_end() -> None:
    ends = {row.target for row in TABLE if row.source is State.ANNOUNCED}

    assert {State.HELD, State.CANCELLED} <= ends
