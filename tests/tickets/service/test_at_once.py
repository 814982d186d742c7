"""Several people at the same moment: nothing lost, nothing locked, no number twice."""

from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.service import StepInput
from app.tickets.workflow.states import Event, Status
from tests.core.test_transactions import WRITERS, at_once
from tests.office import open_office

EACH = 5


def test_eight_people_open_tickets_at_once_with_numbers_without_a_gap_or_a_double(
    app: Flask,
) -> None:
    office = open_office()
    liaison = office.people[Role.LIAISON]

    def open_some(_number: int) -> None:
        for _ in range(EACH):
            with transaction():
                ticket = service.open_ticket(office.draft(), actor=liaison)
                service.take(ticket, Event.SUBMIT, StepInput(), actor=liaison)

    at_once(app, open_some)

    numbers = db.session.scalars(select(Ticket.number).order_by(Ticket.number)).all()
    assert numbers == [f"QS20260921-{n:04}" for n in range(1, WRITERS * EACH + 1)]


def test_of_eight_who_accept_one_ticket_at_once_one_does_and_seven_are_told(app: Flask) -> None:
    office = open_office()
    office.walk_to(Status.PENDING_ACCEPTANCE)
    read_at = office.ticket.version

    def accept(_number: int) -> bool:
        try:
            with transaction():
                ticket = office.ticket
                service.check_version(ticket, read_at)
                given = office.given(Event.ACCEPT)
                service.take(ticket, Event.ACCEPT, given, actor=office.people[Role.DISPATCHER])
        except DomainError:
            return False
        return True

    assert sorted(at_once(app, accept)) == [False] * (WRITERS - 1) + [True]  # type: ignore[type-var]
    assert [e.kind for e in office.ticket.events].count(Event.ACCEPT) == 1
