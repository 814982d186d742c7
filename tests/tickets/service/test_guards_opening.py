"""From the draft to the unit: what T01 to T07, T11 and T27 refuse, and at which field."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import Control
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid
from app.core.transactions import transaction
from app.enterprises.models import Enterprise
from app.tickets import service
from app.tickets.workflow.codes import RejectReason
from app.tickets.workflow.states import Complexity, Event, Outcome, Status
from tests import make
from tests.office import Office, open_office
from tests.tickets.refusals import LET_IN, refusals, refused_at

pytestmark = pytest.mark.usefixtures("app")
NOWHERE = 10**6


@pytest.fixture
def office() -> Office:
    return open_office()


def firm(office: Office) -> Enterprise:
    return db.session.get_one(Enterprise, office.enterprise_id)


def taking(office: Office, event: Event, role: Role) -> Any:
    return lambda **given: office.take(event, role, **given)


def test_a_draft_needs_a_firm_and_a_short_title(office: Office) -> None:
    abroad = make.tenant()
    parent = make.category()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"enterprise_id": make.enterprise(tenant=abroad).id}, "enterprise_id"),
        ({"enterprise_id": NOWHERE}, "enterprise_id"),
        ({"title": "  "}, "title"),
        ({"title": "长" * 51}, "title"),
        ({"title": "长" * 50}, LET_IN),
        ({"category_id": make.category(tenant=abroad).id}, "category_id"),
        ({"category_id": make.category(is_active=False).id}, "category_id"),
        ({"category_id": NOWHERE}, "category_id"),
        ({"subcategory_id": make.category(parent_id=parent.id).id}, "subcategory_id"),
        ({"complained_unit_id": make.unit(tenant=abroad).id}, "complained_unit_id"),
    ]

    assert refusals(office.open, cases) == cases


def test_an_enterprise_writes_down_only_what_is_its_own(office: Office) -> None:
    other = make.enterprise().id

    with pytest.raises(Invalid) as refused:
        office.open(Role.ENTERPRISE_USER, enterprise_id=other)
    office.open(Role.ENTERPRISE_USER)

    assert refused.value.field == "enterprise_id"
    assert office.ticket.enterprise_id == office.enterprise_id


def test_a_problem_is_handed_in_only_with_all_that_the_office_needs(office: Office) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"description": "九个字说不清楚的事"}, "description"),
        ({"description": "十个字刚好说清楚的事"}, LET_IN),
        ({"category_id": None}, "category_id"),
        ({"contact_name": "  "}, "contact_name"),
        ({"no_secrets": False}, "no_secrets"),
    ]

    def hand_in(**words: Any) -> None:
        office.open(**words)
        office.take(Event.SUBMIT, Role.LIAISON)

    assert refusals(hand_in, cases) == cases


def test_accepting_needs_category_urgency_complexity_and_a_look_for_duplicates(
    office: Office,
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    abroad, other = make.category(tenant=make.tenant()), make.category()
    below_other = make.category(parent_id=other.id).id
    cases: list[tuple[dict[str, Any], str]] = [
        ({"urgency": None}, "urgency"),
        ({"complexity": None}, "complexity"),
        ({"duplicates_checked": False}, "duplicates_checked"),
        ({"category_id": NOWHERE}, "category_id"),
        ({"category_id": abroad.id}, "category_id"),
        ({"category_id": make.category(is_active=False).id}, "category_id"),
        ({"category_id": make.category(rejects=True).id}, "category_id"),
        ({"subcategory_id": below_other}, "subcategory_id"),
        ({"subcategory_id": NOWHERE}, "subcategory_id"),
        ({"category_id": other.id, "subcategory_id": below_other}, LET_IN),
    ]

    assert refusals(taking(office, Event.ACCEPT, Role.DISPATCHER), cases) == cases


def test_accepting_needs_the_second_level_of_a_category_that_has_one(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    divided = make.category()
    closed = make.category(parent_id=divided.id, is_active=False).id
    taken = taking(office, Event.ACCEPT, Role.DISPATCHER)
    make.category(parent_id=divided.id)

    cases: list[tuple[dict[str, Any], str]] = [
        ({"category_id": divided.id}, "subcategory_id"),
        ({"category_id": divided.id, "subcategory_id": closed}, "subcategory_id"),
    ]

    assert refusals(taken, cases) == cases


def test_not_accepting_needs_a_code_a_text_and_the_right_channel(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"reason": ""}, "reason"),
        ({"reason": "no such code"}, "reason"),
        ({"comment": "九个字说不清楚的事"}, "comment"),
        ({"guidance": " "}, "guidance"),
        ({"comment": "十个字刚好说清楚的事"}, LET_IN),
    ]

    found = refusals(lambda **more: office.propose(Event.REJECT, Role.DISPATCHER, **more), cases)

    assert found == cases
    assert [code.value for code in RejectReason] == [
        "secret",
        "litigation",
        "petition",
        "discipline",
        "disclosure",
        "outside",
        "empty",
    ]


def test_sending_back_for_more_needs_what_is_missing(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)

    assert (
        refused_at(lambda: office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER, items=" "))
        == "items"
    )


@pytest.mark.parametrize("status", [Status.PENDING_ACCEPTANCE, Status.PENDING_DISPATCH])
def test_merging_needs_another_ticket_of_the_same_firm_open_or_closed_for_30_days(
    status: Status, office: Office
) -> None:
    office.walk_to(status)
    month = clock.now() - timedelta(days=30)
    masters = {
        "none": None,
        "itself": office.ticket_id,
        "unknown": NOWHERE,
        "of another firm": make.ticket().id,
        "of another township": make.ticket(tenant=make.tenant()).id,
        "a draft": make.ticket(Status.DRAFT, enterprise=firm(office)).id,
        "rejected": make.ticket(Status.REJECTED, enterprise=firm(office)).id,
        "merged": make.ticket(Status.MERGED, enterprise=firm(office)).id,
        "closed for longer": make.ticket(
            Status.CLOSED, enterprise=firm(office), closed_at=month - timedelta(seconds=1)
        ).id,
    }

    found = {
        name: refused_at(
            lambda id_=id_: office.take(
                Event.MERGE, Role.DISPATCHER, master_id=id_, same_matter=True
            )
        )
        for name, id_ in masters.items()
    }

    assert found == dict.fromkeys(masters, "master_id")
    closed = make.ticket(Status.CLOSED, enterprise=firm(office), closed_at=month).id
    merge = taking(office, Event.MERGE, Role.DISPATCHER)
    assert refused_at(lambda: merge(master_id=closed, same_matter=False)) == "same_matter"
    assert refused_at(lambda: merge(master_id=closed, same_matter=True)) == LET_IN
    assert office.ticket.status is Status.MERGED


def test_only_a_question_or_what_a_visit_solved_is_closed_on_the_spot(office: Office) -> None:
    on_the_spot = taking(office, Event.CLOSE_ON_SITE, Role.DISPATCHER)
    office.walk_to(Status.PENDING_DISPATCH)
    with pytest.raises(DomainError, match="当场解决"):
        on_the_spot()

    visit = make.visit(linkage=make.linkage(enterprise=firm(office)))
    office.open(visit_id=visit.id)
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"reply": "九个字说不清楚的事"}, "reply"),
        ({"outcome": None}, "outcome"),
        ({"reply": "十个字刚好说清楚的事", "outcome": Outcome.EXPLAINED}, LET_IN),
    ]
    assert refusals(on_the_spot, cases) == cases


def units(office: Office) -> list[tuple[dict[str, Any], str]]:
    """Return the choices of units that are refused, whoever hands it over."""
    abroad = make.unit(tenant=make.tenant()).id
    closed = make.unit(is_active=False).id
    complained = office.ticket.complained_unit_id
    lead = make.unit().id
    co = make.unit().id
    return [
        ({"lead_unit_id": None}, "lead_unit_id"),
        ({"lead_unit_id": NOWHERE}, "lead_unit_id"),
        ({"lead_unit_id": abroad}, "lead_unit_id"),
        ({"lead_unit_id": closed}, "lead_unit_id"),
        ({"lead_unit_id": complained}, "lead_unit_id"),
        ({"lead_unit_id": lead, "co_unit_ids": (lead,)}, "co_unit_ids"),
        ({"lead_unit_id": lead, "co_unit_ids": (co, co)}, "co_unit_ids"),
        ({"lead_unit_id": lead, "co_unit_ids": (co, NOWHERE)}, "co_unit_ids"),
        ({"lead_unit_id": lead, "co_unit_ids": (co, abroad)}, "co_unit_ids"),
        ({"lead_unit_id": lead, "co_unit_ids": (closed,)}, "co_unit_ids"),
        ({"lead_unit_id": lead, "co_unit_ids": (co, complained)}, "co_unit_ids"),
        (
            {"lead_unit_id": lead, "handler_id": office.more["other handler"].user_id},
            "handler_id",
        ),
        ({"lead_unit_id": lead, "handler_id": NOWHERE}, "handler_id"),
        ({"lead_unit_id": lead, "co_unit_ids": (co,)}, LET_IN),
    ]


def complain(office: Office) -> None:
    office.open(complained_unit_id=make.unit().id)
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)


def test_it_is_dispatched_to_one_unit_and_co_units_never_to_the_one_complained_about(
    office: Office,
) -> None:
    complain(office)
    cases = units(office)

    assert refusals(taking(office, Event.DISPATCH, Role.DISPATCHER), cases) == cases


def test_it_is_reassigned_to_another_unit_never_to_the_one_complained_about(
    office: Office,
) -> None:
    complain(office)
    office.take(Event.DISPATCH, Role.DISPATCHER)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"comment": ""}, "comment"),
        ({"lead_unit_id": office.unit_id}, "lead_unit_id"),
        *units(office),
    ]

    assert refusals(taking(office, Event.REASSIGN, Role.OFFICE_DIRECTOR), cases) == cases


@pytest.mark.parametrize("control", [Control.VERTICAL, Control.COUNTY])
def test_only_the_director_asks_a_unit_that_is_not_the_towns(
    control: Control, office: Office
) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    far = make.unit(control=control).id

    refused = refused_at(lambda: office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=far))
    office.take(Event.DISPATCH, Role.OFFICE_DIRECTOR, lead_unit_id=far)

    assert refused == "lead_unit_id"
    assert office.ticket.dispatches[-1].is_request  # a 商请函


def test_only_the_director_dispatches_what_is_hard(office: Office) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.HARD)

    refused = refused_at(lambda: office.take(Event.DISPATCH, Role.DISPATCHER))
    office.take(Event.DISPATCH, Role.OFFICE_DIRECTOR)

    assert refused == "lead_unit_id"
    assert not office.ticket.dispatches[-1].is_request


@pytest.mark.parametrize(
    ("status", "role"),
    [
        (Status.PENDING_ACCEPTANCE, Role.DISPATCHER),
        (Status.PENDING_DISPATCH, Role.DISPATCHER),
        (Status.PENDING_SIGN, Role.OFFICE_DIRECTOR),
    ],
)
def test_cancelling_needs_a_code_and_a_record(status: Status, role: Role, office: Office) -> None:
    office.walk_to(status)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"reason": "no such code"}, "reason"),
        ({"comment": " "}, "comment"),
        ({"reason": "wrong_entry", "comment": "登错"}, LET_IN),
    ]

    assert refusals(taking(office, Event.CANCEL, role), cases) == cases


def test_what_was_handed_in_keeps_its_words(office: Office) -> None:
    office.open()
    liaison = office.actor(Role.LIAISON)

    def edit(role: Role) -> Any:
        def act() -> None:
            with transaction():
                service.edit_draft(
                    office.ticket, office.draft(title="改过的标题"), actor=office.actor(role)
                )

        return act

    assert refused_at(edit(Role.LEADER)) == ""
    assert refused_at(edit(Role.LIAISON)) == LET_IN
    assert office.ticket.title == "改过的标题"
    office.take(Event.SUBMIT, Role.LIAISON)
    assert refused_at(edit(Role.LIAISON)) == ""
    assert office.ticket.created_by_id == liaison.user_id
