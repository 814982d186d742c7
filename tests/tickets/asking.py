"""An office whose firm can be written to, and what it is sent and says about an answer."""

import re
from datetime import date, time
from typing import Any

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Tenant
from app.core import clock, links
from app.core.db import db
from app.core.links import PublicLink
from app.core.transactions import transaction
from app.enterprises.models import Enterprise
from app.notifications.models import Channel, Message
from app.tickets import jobs
from app.tickets.models import RatingRequest, Revisit
from app.tickets.workflow.states import Outcome, Solved, Status
from tests import make
from tests.office import Office, approve, open_office, reply

MAIL = "song@example.com"
SEALED = re.compile(r'name="answers" value="([^"]+)"')
KEYS = re.compile(r'name="idempotency_key" value="([^"]+)"')
CONTENT = {"solved": "yes", "result_score": "5", "attitude_score": "4"}
NOT_CONTENT = {
    "solved": "no",
    "result_score": "1",
    "attitude_score": "3",
    "reasons": "not_solved",
}


def asked_office(
    *,
    outcome: Outcome = Outcome.RESOLVED,
    status: Status = Status.PENDING_REVISIT,
    **contact: Any,
) -> Office:
    """Return an office whose ticket waits for the word of a firm that has mail."""
    office = open_office()
    firm = db.session.get_one(Enterprise, office.enterprise_id)
    make.contact(enterprise=firm, **({"email": MAIL, "is_primary": True} | contact))
    office.walk_to(status)
    if outcome is not Outcome.RESOLVED:
        with transaction():
            office.ticket.outcome = outcome
            office.ticket.replies[-1].outcome = outcome
    return office


def answer_again(office: Office) -> None:
    """Handle it again: another answer, approved."""
    reply(office)
    approve(office)


def set_rules(office: Office, **rules: int) -> None:
    with transaction():
        tenant = db.session.get_one(Tenant, office.tenant_id)
        tenant.settings = {**tenant.settings, **rules}


def requests() -> list[RatingRequest]:
    db.session.rollback()
    return list(db.session.scalars(select(RatingRequest).order_by(RatingRequest.id)))


def letters() -> list[Message]:
    """Return what was written to the firm, by mail or text message, oldest first."""
    db.session.rollback()
    found = select(Message).where(
        Message.rule.in_(["rating", "R13"]), Message.channel != Channel.INBOX
    )
    return list(db.session.scalars(found.order_by(Message.id)))


def told(user_id: int | None) -> list[Message]:
    """Return what stands in somebody's inbox."""
    db.session.rollback()
    found = select(Message).where(Message.recipient_id == user_id, Message.channel == Channel.INBOX)
    return list(db.session.scalars(found.order_by(Message.id)))


def ratings() -> list[Revisit]:
    db.session.rollback()
    found = select(Revisit).where(Revisit.reached.is_(True), Revisit.link_id.is_not(None))
    return list(db.session.scalars(found.order_by(Revisit.id)))


def token(place: int = -1) -> str:
    """Return the token of a rating link, of the newest if none is named."""
    db.session.rollback()
    found = select(PublicLink).where(PublicLink.purpose == "rate").order_by(PublicLink.id)
    return links.token_of(db.session.scalars(found).all()[place])


def ask() -> str:
    """Let the timetable ask, and return the token of the newest link."""
    jobs.ask_for_ratings()
    return token()


def read_back(browser: FlaskClient, at: str, **answers: Any) -> TestResponse:
    """Post the answers for the first time: they are read back."""
    fields = {"idempotency_key": "a" * 32, **(CONTENT if not answers else {}), **answers}
    return browser.post(f"/rate/{at}", data=fields)


def confirm(browser: FlaskClient, at: str, page: TestResponse) -> TestResponse:
    """Post what was read back, as its page holds it."""
    sealed, key = SEALED.search(page.text), KEYS.search(page.text)
    assert sealed, page.text
    assert key
    fields = {"answers": sealed.group(1), "idempotency_key": key.group(1)}
    answer = browser.post(f"/rate/{at}", data=fields)
    db.session.rollback()  # what the test read before is read again
    return answer


def rate(browser: FlaskClient, at: str, **answers: Any) -> TestResponse:
    """Answer by the link, in its two steps."""
    return confirm(browser, at, read_back(browser, at, **answers))


def phone(office: Office, solved: Solved, score: int | None = None) -> None:
    """Let the revisitor call, and write down what the firm says."""
    office.revisit(solved=solved, result_score=score, comment="电话里说的")


def go_to(traveller: time_machine.Traveller, day: str, hour: str = "09:00") -> None:
    traveller.move_to(clock.at(date.fromisoformat(day), time.fromisoformat(hour)))
