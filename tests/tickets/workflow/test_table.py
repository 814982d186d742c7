import json
from itertools import product
from pathlib import Path

import pytest

from app.tickets.workflow import table
from app.tickets.workflow.states import OPEN, RING, RUNNING, TERMINAL, Event, Status
from app.tickets.workflow.table import TABLE, IllegalStep

PRINTED = json.loads(Path(__file__).with_name("state_machine.json").read_text(encoding="utf-8"))
LISTED = {(row.source, row.event) for row in TABLE}


def test_the_table_is_the_office_s_own() -> None:
    printed = [(t["id"], t["source"], t["event"], t["target"]) for t in PRINTED["transitions"]]

    assert [(row.id, row.source, row.event, row.target) for row in TABLE] == printed


def test_the_states_and_their_words_are_the_office_s_own() -> None:
    assert {status.value: status.label for status in Status} == PRINTED["states"]
    assert {status.value for status in TERMINAL} == set(PRINTED["terminal"])


def test_who_asks_and_who_decides_is_as_printed() -> None:
    for row, printed in zip(TABLE, PRINTED["transitions"], strict=True):
        deciders = printed["actor"].split(">")[-1].split("|")
        names = {"enterprise": "enterprise_user", "co_handler": "handler"}
        people = {names.get(name, name) for name in deciders}
        if people == {"revisitor"}:
            people = {"dispatcher", "liaison", "leader"}
        if people == {"revisitor", "system"}:
            people = {"dispatcher", "liaison", "leader", "system"}
        if people == {"creator"}:
            people = {"liaison", "leader", "dispatcher", "enterprise_user"}
        assert {role.value for role in row.who} == people, row.id


def reachable(status: Status) -> set[Status]:
    found, seen = {status}, set[Status]()
    while found - seen:
        here = (found - seen).pop()
        seen.add(here)
        found |= {row.target for row in table.steps_from(here)}
    return seen


@pytest.mark.parametrize("status", sorted(set(Status) - TERMINAL), ids=str)
def test_no_ticket_is_stuck(status: Status) -> None:
    assert TERMINAL & reachable(status)


def test_every_state_is_reached_from_a_draft() -> None:
    assert reachable(Status.DRAFT) == set(Status)


def test_closed_is_reached_only_from_the_revisit_and_archived_only_from_closed() -> None:
    assert {r.source for r in TABLE if r.target is Status.CLOSED} == {Status.PENDING_REVISIT}
    assert {r.source for r in TABLE if r.target is Status.ARCHIVED} == {Status.CLOSED}


def test_nothing_leaves_a_terminal_state() -> None:
    assert not {row.source for row in TABLE} & TERMINAL


@pytest.mark.parametrize(("status", "event"), sorted(set(product(Status, Event)) - LISTED))
def test_what_is_not_in_the_table_is_refused(status: Status, event: Event) -> None:
    with pytest.raises(IllegalStep):
        table.step(status, event)


def test_a_light_runs_only_where_the_unit_holds_the_ball() -> None:
    assert RUNNING <= OPEN
    assert set(RING) == set(Status)


def test_two_persons_never_share_a_role_that_asks_and_decides() -> None:
    for row in TABLE:
        assert not row.asks & row.who, row.id
        assert not row.checks & (row.asks | row.who), row.id
