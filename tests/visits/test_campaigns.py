"""Campaigns: begun and ended by the office, chosen on visits, counted on their page."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.transactions import transaction
from app.tickets.models import Revisit, Ticket
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Closing, Outcome, Solved, Status
from app.visits import queries, service
from app.visits.models import Campaign, Visit, VisitOutcome
from app.visits.service import CampaignDraft
from tests import make
from tests.visits.town import Town, go_to, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
D = date.fromisoformat


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def begun(town: Town, name: str = "新春访万企", actor: Actor | None = None) -> Campaign:
    draft = CampaignDraft(name, D("2026-09-01"), D("2026-09-30"))
    with transaction():
        made = service.begin_campaign(draft, actor=actor or town.clerk)
        campaign_id = made.id
    return db.session.get_one(Campaign, campaign_id)


def ended(town: Town, campaign_id: int, *, version: int | None = None) -> None:
    with transaction():
        found = db.session.get_one(Campaign, campaign_id)
        service.end_campaign(found, version=version, actor=town.clerk)


def test_the_office_begins_campaigns_and_each_name_is_one(town: Town) -> None:
    begun(town)

    with pytest.raises(Invalid) as refused:
        begun(town, " 新春访万企 ")
    assert refused.value.field == "name"
    with pytest.raises(NotAllowed):
        begun(town, "别的", town.liaison)
    assert begun(town, "别的", make.actor(Role.OFFICE_DIRECTOR)).is_active


def test_a_visit_of_its_days_belongs_to_it_and_its_problems_name_it(
    town: Town, client_for: ClientFor
) -> None:
    campaign = begun(town)
    data = town.form(campaign_id=str(campaign.id), has_problems="yes") | town.written(0)

    answer = client_for(town.liaison).post("/visits/new", data=data)

    assert answer.status_code == 303
    assert db.session.scalars(select(Visit)).one().campaign_id == campaign.id
    assert db.session.scalars(select(Ticket)).one().campaign == "新春访万企"


@pytest.mark.parametrize("day", ["2026-08-31", "2026-10-01"])
def test_a_visit_of_another_day_does_not(
    town: Town, frozen_clock: time_machine.Traveller, day: str
) -> None:
    campaign = begun(town)
    go_to(frozen_clock, "2026-10-08")

    with pytest.raises(Invalid) as refused:
        town.record(actor=town.clerk, visited_on=D(day), campaign_id=campaign.id)

    assert refused.value.field == "campaign_id"


def test_what_was_ended_or_is_another_township_s_cannot_be_chosen(
    town: Town, client_for: ClientFor
) -> None:
    campaign = begun(town)
    foreign = make.campaign("别镇的活动", tenant=make.tenant("别的镇"))
    ended(town, campaign.id, version=1)

    for one in (campaign.id, foreign.id):
        with pytest.raises(Invalid):
            town.record(campaign_id=one)
    page = client_for(town.liaison).get("/visits/new").text
    assert "新春访万企" not in page
    assert client_for(town.clerk).get(f"/visits/campaigns/{foreign.id}").status_code == 404
    with pytest.raises(DomainError, match="已经结束"):
        ended(town, campaign.id)


def test_its_days_move_but_never_past_its_visits(town: Town) -> None:
    campaign = begun(town)
    town.record(visited_on=D("2026-09-10"), campaign_id=campaign.id)

    def move(since: str, until: str) -> None:
        with transaction():
            found = db.session.get_one(Campaign, campaign.id)
            service.move_campaign(found, D(since), D(until), version=None, actor=town.clerk)

    for since, until, field in (
        ("2026-09-11", "2026-09-30", "from_on"),
        ("2026-09-01", "2026-09-09", "to_on"),
        ("2026-09-30", "2026-09-01", "to_on"),
    ):
        with pytest.raises(Invalid) as refused:
            move(since, until)
        assert refused.value.field == field
    move("2026-09-10", "2026-10-31")

    assert db.session.get_one(Campaign, campaign.id).to_on == D("2026-10-31")


def test_its_figures_are_visits_firms_and_problems_collected_and_solved(town: Town) -> None:
    campaign = begun(town)
    town.record(campaign_id=campaign.id)
    town.record(campaign_id=campaign.id, visited_on=D("2026-09-10"))
    town.record(campaign_id=campaign.id, outcome=VisitOutcome.NOT_FOUND)
    make.visit(campaign_id=campaign.id)
    make.visit()
    named = {"campaign": campaign.name, "accepted_at": clock.now()}
    solved = {"outcome": Outcome.RESOLVED, "closed_at": clock.now()}
    make.ticket(**named)
    make.ticket(Status.CLOSED, **named, **solved, closing=Closing.REVISITED)
    make.ticket(Status.ARCHIVED, **named, **solved, closing=Closing.REVISITED)
    make.ticket(Status.CLOSED, **named, **solved, closing=Closing.UNSATISFIED)
    make.ticket(Status.CLOSED, **named, **(solved | {"outcome": Outcome.EXPLAINED}))
    make.ticket(Status.REJECTED, **named)
    make.ticket(Status.PENDING_ACCEPTANCE, campaign=campaign.name)
    make.ticket(accepted_at=clock.now())

    found = queries.campaign_figures([campaign], viewer=town.clerk)[campaign.id]

    assert (found.visits, found.firms, found.collected, found.solved) == (3, 2, 5, 2)


def revisit(ticket: Ticket, said: Solved | None, *, reached: bool) -> Revisit:
    return Revisit(
        ticket_id=ticket.id,
        round=1,
        at=clock.now(),
        channel=ContactChannel.PHONE,
        reached=reached,
        solved=said,
    )


def test_a_problem_is_solved_as_the_enterprise_said_when_it_was_last_asked(town: Town) -> None:
    campaign = begun(town)
    named = {"campaign": campaign.name, "accepted_at": clock.now()}
    solved = {"outcome": Outcome.RESOLVED, "closed_at": clock.now()}
    back, fine, silent = (
        make.ticket(Status.CLOSED, **named, **solved, closing=Closing.REVISITED) for _ in range(3)
    )
    asked = [
        (back, Solved.YES, True),
        (back, Solved.NO, True),
        (fine, Solved.NO, True),
        (fine, Solved.YES, True),
        (silent, Solved.YES, True),
        (silent, None, False),
    ]
    with transaction():
        for ticket, said, reached in asked:
            db.session.add(revisit(ticket, said, reached=reached))

    found = queries.campaign_figures([campaign], viewer=town.clerk)[campaign.id]

    assert (found.collected, found.solved) == (3, 2)


def test_its_pages_show_and_change_it(town: Town, client_for: ClientFor) -> None:
    office = client_for(town.clerk)
    assert "还没有设立过活动" in office.get("/visits/campaigns").text
    data = {
        "idempotency_key": "a" * 32,
        "name": "新春访万企",
        "from_on": "2026-09-01",
        "to_on": "2026-09-30",
    }
    bad = office.post("/visits/campaigns/new", data=data | {"to_on": "2026-08-30"})
    assert bad.status_code == 422
    assert "结束日期不能早于开始日期" in bad.text
    answer = office.post("/visits/campaigns/new", data=data)
    assert answer.status_code == 303
    town.record(campaign_id=1)
    db.session.rollback()

    page = office.get("/visits/campaigns/1").text
    assert "已走访 1 家" in page
    assert "速岭物流" in page
    assert office.get("/visits?campaign=1").text.count('scope="row"') == 1
    moved = {"idempotency_key": "c" * 32, "from_on": "2026-09-01", "to_on": "2026-10-31"}
    assert office.post("/visits/campaigns/1", data=moved | {"version": "1"}).status_code == 303
    stale = office.post(
        "/visits/campaigns/1", data=moved | {"version": "1", "idempotency_key": "d" * 32}
    )
    assert stale.status_code == 409
    ended = office.post(
        "/visits/campaigns/1/end", data={"idempotency_key": "e" * 32, "version": "2"}
    )
    assert ended.status_code == 303
    assert "已结束" in office.get("/visits/campaigns").text
    db.session.rollback()
    reader = client_for(town.liaison)
    assert "结束活动" not in reader.get("/visits/campaigns/1").text
