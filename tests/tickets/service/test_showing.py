"""Whether the enterprise may have a file is said afterwards too, by who may add one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.roles import PEOPLE, Actor, Role, guest
from app.attachments import service as attachments
from app.attachments.models import Attachment
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.files import put
from app.core.transactions import transaction
from app.tickets import policy, service
from app.tickets.models import Ticket
from app.tickets.workflow.states import Note, Status
from tests import make
from tests.office import Office, open_office
from tests.portal.town import token_of

Browse = Callable[[Actor], FlaskClient]
KEY = "f" * 32


@pytest.fixture
def office(app: Flask) -> Office:
    del app
    made = open_office()
    made.walk_to(Status.IN_PROGRESS)
    return made


def add(
    office: Office, by: Actor | None = None, *, name: str = "方案.pdf", **more: Any
) -> Attachment:
    """Let somebody add a file: the handler, where nobody else is named."""
    prepared = attachments.Prepared(name, "application/pdf", 8, put(b"%PDF-1.4"))
    with transaction():
        found = attachments.attach(
            prepared, ticket_id=office.ticket_id, actor=by or office.actor(Role.HANDLER), **more
        )
        found_id = found.id
    return db.session.get_one(Attachment, found_id)


def show(office: Office, file: Attachment, actor: Actor, *, shown: bool = True) -> None:
    with transaction():
        ticket = db.session.get_one(Ticket, office.ticket_id)
        found = db.session.get_one(Attachment, file.id)
        service.show_file(ticket, found, shown=shown, actor=actor)


def is_shown(file: Attachment) -> bool:
    db.session.rollback()
    return db.session.get_one(Attachment, file.id, populate_existing=True).for_enterprise


def address(office: Office, file: Attachment) -> str:
    return f"/tickets/{office.ticket_id}/attachments/{file.id}/enterprise"


def press(
    browser: FlaskClient, office: Office, file: Attachment, shown: str, **more: Any
) -> TestResponse:
    db.session.rollback()
    form = {"idempotency_key": KEY, "version": office.ticket.version, "shown": shown}
    return browser.post(address(office, file), data=form | more)


def history(office: Office) -> list[tuple[str, list[str]]]:
    db.session.rollback()
    kinds = {Note.FILE_SHOWN, Note.FILE_HIDDEN}
    return [(e.kind, e.payload["names"]) for e in office.ticket.events if e.kind in kinds]


def test_a_file_that_was_not_marked_is_shown_and_taken_back_and_both_are_written_down(
    app: Flask, office: Office, client_for: Browse
) -> None:
    file = add(office)
    handler = client_for(office.actor(Role.HANDLER))
    followed = f"/follow/{token_of(office.ticket_id)}"
    page = handler.get(f"/tickets/{office.ticket_id}").text
    assert address(office, file) in page
    asked = handler.get(address(office, file)).text
    assert "企业可以下载" in asked
    assert not is_shown(file)

    assert press(handler, office, file, "yes").status_code == 303
    assert "方案.pdf" in app.test_client().get(followed).text
    assert "不给企业看" in handler.get(f"/tickets/{office.ticket_id}").text
    assert "已经下载的收不回来" in handler.get(address(office, file)).text
    assert press(handler, office, file, "no", idempotency_key="0" * 32).status_code == 303

    assert "方案.pdf" not in app.test_client().get(followed).text
    assert history(office) == [(Note.FILE_SHOWN, ["方案.pdf"]), (Note.FILE_HIDDEN, ["方案.pdf"])]
    logged = db.session.scalars(
        select(AuditRow.action).where(AuditRow.subject == "attachment").order_by(AuditRow.id)
    ).all()
    assert logged == ["上传附件", Note.FILE_SHOWN.label, Note.FILE_HIDDEN.label]
    told = handler.get(f"/tickets/{office.ticket_id}").text
    assert Note.FILE_SHOWN.label in told
    assert Note.FILE_HIDDEN.label in told


@pytest.mark.parametrize("role", PEOPLE)
def test_those_decide_who_may_add_a_file_and_nobody_of_the_enterprise(
    role: Role, office: Office, client_for: Browse
) -> None:
    file, actor = add(office), office.actor(role)
    may = policy.may_see(actor, office.ticket) and policy.may_attach(actor, office.ticket)
    may = may and role is not Role.ENTERPRISE_USER
    browser = client_for(actor)

    offered = address(office, file) in browser.get(f"/tickets/{office.ticket_id}").text
    answer = press(browser, office, file, "yes")

    assert offered is may
    assert (answer.status_code == 303) is may
    assert is_shown(file) is may


def test_a_ticket_that_is_over_keeps_its_files_as_they_are(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    file = add(office, office.actor(Role.DISPATCHER))
    with transaction():
        ticket = db.session.get_one(Ticket, office.ticket_id)
        ticket.status = Status.CANCELLED
        ticket.is_open = False

    with pytest.raises(NotAllowed):
        show(office, file, office.actor(Role.DISPATCHER))


@pytest.mark.parametrize("account", [True, False], ids=["with an account", "as a guest"])
def test_what_the_enterprise_sent_itself_is_not_taken_from_it(
    office: Office, *, account: bool
) -> None:
    own = office.actor(Role.ENTERPRISE_USER)
    file = add(office, own if account else guest(office.tenant_id, office.enterprise_id))

    with pytest.raises(Invalid, match="企业自己发来的"):
        show(office, file, office.actor(Role.DISPATCHER), shown=False)

    assert is_shown(file)


def test_pictures_of_a_rating_stay_with_the_rating(office: Office) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit()
    revisit_id = office.ticket.revisits[0].id
    file = add(office, revisit_id=revisit_id)

    with pytest.raises(Invalid, match="评价"):
        show(office, file, office.actor(Role.DISPATCHER))
    with pytest.raises(Invalid, match="评价"):
        attachments.show_to_enterprise(file, shown=True, actor=office.actor(Role.DISPATCHER))

    assert not is_shown(file)


def test_in_a_confidential_ticket_only_who_added_a_file_shows_it_and_any_of_the_few_takes_it_back(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    director = office.actor(Role.OFFICE_DIRECTOR)
    other = make.actor(Role.OFFICE_DIRECTOR)
    for one in (director, other):
        make.reader(office.ticket, db.session.get_one(User, one.user_id))
    file = add(office, other, hidden=True)
    assert policy.may_see(director, office.ticket)

    with pytest.raises(NotAllowed, match="上传的人"):
        show(office, file, director)
    refused = client_for(director).get(address(office, file)).text
    show(office, file, other)
    show(office, file, director, shown=False)

    assert "这是限知件" in refused
    assert 'name="shown"' not in refused
    assert not is_shown(file)
    rows = db.session.scalars(select(AuditRow).where(AuditRow.subject == "attachment")).all()
    assert not [row for row in rows if "方案" in str(row.before) + str(row.after)]


def test_what_is_so_already_is_said_and_written_down_once(
    office: Office, client_for: Browse
) -> None:
    file, handler = add(office), client_for(office.actor(Role.HANDLER))

    first = press(handler, office, file, "yes")
    again = press(handler, office, file, "yes")  # the same form: a second click
    other = press(handler, office, file, "yes", idempotency_key="1" * 32)
    odd = press(handler, office, file, "both", idempotency_key="2" * 32)

    assert first.status_code == again.status_code == 303
    assert (other.status_code, odd.status_code) == (422, 422)
    assert "已经看得到了" in other.text
    assert len(history(office)) == 1


def test_a_form_that_was_read_before_somebody_acted_changes_nothing(
    office: Office, client_for: Browse
) -> None:
    file, handler = add(office), client_for(office.actor(Role.HANDLER))

    answer = press(handler, office, file, "yes", version=office.ticket.version - 1)

    assert answer.status_code == 409
    assert not is_shown(file)


def test_of_two_at_the_same_moment_one_is_written(app: Flask, office: Office) -> None:
    file, actors = add(office), [office.actor(Role.HANDLER), office.actor(Role.DISPATCHER)]
    start = Barrier(2)

    def once(actor: Actor) -> bool:
        with app.app_context():
            start.wait()
            try:
                show(office, file, actor)
            except DomainError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(once, actors))

    assert sorted(done) == [False, True]
    assert len(history(office)) == 1


def test_a_file_of_another_ticket_or_township_is_not_there(
    office: Office, client_for: Browse
) -> None:
    file = add(office)
    here = address(office, file)
    office.walk_to(Status.IN_PROGRESS)
    elsewhere = address(office, file)
    stranger = client_for(make.actor(Role.DISPATCHER, tenant=make.tenant()))

    assert here != elsewhere
    assert client_for(office.actor(Role.DISPATCHER)).get(elsewhere).status_code == 404
    assert stranger.get(here).status_code == 404
