"""What an enterprise was asked and said stays: the database itself refuses to change it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.accounts.roles import Role
from app.attachments.models import Attachment
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import RatingRequest, Revisit, SpotCall, SpotCheck, SpotDraw, Ticket
from app.tickets.service import StepInput, spot_checks
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Solved
from tests.tickets.asking import ask, asked_office, set_rules

pytestmark = pytest.mark.usefixtures("app")
SAID = (RatingRequest, Revisit, SpotDraw, SpotCheck, SpotCall)


@pytest.fixture
def rated(app: Any) -> Ticket:
    """Return a ticket that was asked about, rated, drawn by lot and asked about again."""
    del app  # the database must be there
    office = asked_office()
    set_rules(office, spot_check_percent=100)
    ask()
    office.revisit()
    with transaction():
        spot_checks.draw(office.tenant_id)
    answers = StepInput(channel=ContactChannel.PHONE, solved=Solved.YES, result_score=5)
    with transaction():
        check = db.session.query(SpotCheck).one()
        spot_checks.record(check, answers, actor=office.actor(Role.DISPATCHER))
    return office.ticket


def refuses(statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement))


def picture(ticket: Ticket, **more: Any) -> int:
    with transaction():
        row = Attachment(
            tenant_id=ticket.tenant_id,
            ticket_id=ticket.id,
            name="现场.jpg",
            media_type="image/jpeg",
            size=1,
            sha256="0" * 64,
            added_at=clock.now(),
            **more,
        )
        db.session.add(row)
    return row.id


@pytest.mark.parametrize("model", SAID)
@pytest.mark.usefixtures("rated")
def test_no_column_of_what_was_asked_and_said_changes(model: Any) -> None:
    table = model.__table__

    assert db.session.query(model).count()  # else there is nothing to refuse
    refuses(f"DELETE FROM {table.name}")  # noqa: S608
    for column in table.columns:
        refuses(f"UPDATE {table.name} SET {column.name} = {column.name}")  # noqa: S608


def test_the_pictures_of_a_rating_stay_with_it(rated: Ticket) -> None:
    kept = picture(rated, revisit_id=rated.revisits[-1].id)

    for statement in (
        "DELETE FROM attachments WHERE id = {id}",
        "UPDATE attachments SET sha256 = '1' WHERE id = {id}",
        "UPDATE attachments SET revisit_id = NULL WHERE id = {id}",
    ):
        refuses(statement.format(id=kept))


def test_no_other_picture_becomes_one_of_a_rating(rated: Ticket) -> None:
    other = picture(rated)

    refuses(f"UPDATE attachments SET revisit_id = {rated.revisits[-1].id} WHERE id = {other}")  # noqa: S608


def test_other_files_are_renamed_and_taken_away_as_before(rated: Ticket) -> None:
    other = picture(rated)

    with transaction():
        db.session.execute(text("UPDATE attachments SET name = '另一张.jpg'"))
        db.session.execute(text("DELETE FROM attachments"))

    assert db.session.get(Attachment, other) is None
