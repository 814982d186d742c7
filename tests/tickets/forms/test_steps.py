"""What the forms of steps hand to the service."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.tickets.forms.steps import FORMS, LiftForm, StepForm
from app.tickets.queries import Need
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Note, Outcome, Solved, Urgency

KEY = "0123456789abcdef0123456789abcdef"


def filled(shape: type[StepForm], **typed: Any) -> Any:
    return shape(MultiDict({"idempotency_key": KEY, **typed}))


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Any:
    with app.test_request_context(method="POST"):
        yield


def test_codes_and_ids_become_what_they_stand_for() -> None:
    given = filled(
        FORMS[Event.ACCEPT],
        category_id="7",
        urgency="urgent",
        complexity="hard",
        duplicates_checked="y",
        comment="  受理  ",
    ).given()

    assert (given.category_id, given.urgency, given.complexity) == (
        7,
        Urgency.URGENT,
        Complexity.HARD,
    )
    assert given.duplicates_checked is True
    assert given.comment == "受理"


def test_what_is_not_chosen_is_nothing() -> None:
    given = filled(FORMS[Event.SIGN], handler_id="").given()

    assert given.handler_id is None


def test_several_units_are_handed_on_in_order() -> None:
    form = FORMS[Event.DISPATCH](
        MultiDict(
            [
                ("idempotency_key", KEY),
                ("lead_unit_id", "3"),
                ("co_unit_ids", "5"),
                ("co_unit_ids", "4"),
            ]
        )
    )

    assert form.given().co_unit_ids == (5, 4)


def test_a_time_that_was_typed_is_the_offices() -> None:
    given = filled(FORMS[Event.FIRST_CONTACT], channel="phone", at="2026-09-21T09:30").given()

    assert given.at == datetime(2026, 9, 21, 1, 30, tzinfo=UTC)
    assert given.channel is ContactChannel.PHONE


@pytest.mark.parametrize("shape", [FORMS[Event.ESCALATE], LiftForm])
def test_a_level_is_a_number(shape: type[StepForm]) -> None:
    assert filled(shape, level="2", owner_id="9").given().level == 2
    assert filled(shape).given().level is None


def test_an_enterprise_that_was_not_reached_said_nothing() -> None:
    shape = FORMS[Event.REVISIT_CLOSE]

    said = filled(
        shape, reached="yes", channel="phone", solved="no", result_score="1", words="没有"
    )
    silent = filled(
        shape, reached="no", channel="phone", solved="no", result_score="1", words="没人接"
    )

    assert (said.given().solved, said.given().result_score) == (Solved.NO, 1)
    assert said.given().comment == "没有"
    assert (silent.given().reached, silent.given().solved) == (False, None)
    assert silent.given().result_score is None


def test_an_answer_carries_its_outcome() -> None:
    given = filled(
        FORMS[Event.SUBMIT_REPLY], outcome="explained", reply="答复", basis="依据"
    ).given()

    assert (given.outcome, given.reply, given.basis) == (Outcome.EXPLAINED, "答复", "依据")


def test_without_a_second_level_nothing_is_asked_about_it() -> None:
    form = filled(FORMS[Event.ACCEPT])

    form.offer({Need.CATEGORIES: [(7, "07 交通物流")], Need.SUBCATEGORIES: []})
    form.offer({Need.CATEGORIES: [(7, "07 交通物流")], Need.SUBCATEGORIES: []})

    assert "subcategory_id" not in form
    assert form.given().subcategory_id is None


def test_the_second_level_stands_below_the_first() -> None:
    form = filled(FORMS[Event.ACCEPT])

    form.offer({Need.CATEGORIES: [], Need.SUBCATEGORIES: [(8, "07 交通物流 · 限行")]})

    assert [(c.value, c.label, c.optgroup) for c in form["subcategory_id"].choices][1:] == [
        ("8", "限行", "07 交通物流")
    ]


def test_acceptance_offers_nothing_that_it_refuses() -> None:
    """A category that is divided is accepted with its second level alone: 不分小类 is no answer."""
    form = filled(FORMS[Event.ACCEPT])

    form.offer({Need.CATEGORIES: [], Need.SUBCATEGORIES: [(8, "07 交通物流 · 限行")]})

    first = form["subcategory_id"].choices[0]
    assert (first.value, first.label) == ("", "请选小类")
    assert "subcategory_id" in form.unmarked  # nobody reads 选填 beside what may be wanted


def test_a_single_task_is_chosen_already() -> None:
    form = filled(FORMS[Note.CO_SUBMITTED])
    form.offer({Need.CO_TASKS: [(4, "派出所")]})

    assert form["co_task_id"].data == 4


def test_every_form_has_its_words() -> None:
    for name, shape in FORMS.items():
        assert shape.icon, name
        assert (shape.__doc__ or "").strip(), name
