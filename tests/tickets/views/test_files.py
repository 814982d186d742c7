"""Files of a ticket go to those who see the ticket, and to nobody else."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.roles import Actor, Role
from app.tickets.workflow.states import Status
from tests import make
from tests.office import Office, open_office
from tests.tickets.views.cases import KEY

Browse = Callable[[Actor], FlaskClient]


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    made = open_office()
    made.walk_to(Status.IN_PROGRESS)
    return made


def test_a_file_is_as_far_away_as_its_ticket(office: Office, client_for: Browse) -> None:
    handler = client_for(office.actor(Role.HANDLER))
    account = client_for(office.actor(Role.ENTERPRISE_USER))
    pdf = (io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"), "说明.pdf")
    data = {"idempotency_key": KEY, "version": office.ticket.version, "files": [pdf]}
    handler.post(f"/tickets/{office.ticket_id}/steps/attached", data=data)
    page = handler.get(f"/tickets/{office.ticket_id}").text
    address = re.search(r"/tickets/\d+/attachments/\d+", page)
    assert address
    assert "说明.pdf" not in account.get(f"/tickets/{office.ticket_id}").text
    other = office.walk_to(Status.IN_PROGRESS).id

    assert account.get(address[0]).status_code == 404

    with handler.get(address[0]) as served:
        assert served.data.startswith(b"%PDF")
    for stranger in (office.more["other handler"], office.actor(Role.AUDIT_ADMIN)):
        assert client_for(stranger).get(address[0]).status_code == 404
    foreign = make.actor(Role.CHIEF, tenant=make.tenant())
    assert client_for(foreign).get(address[0]).status_code == 404
    elsewhere = re.sub(r"/tickets/\d+/", f"/tickets/{other}/", address[0])
    assert handler.get(elsewhere).status_code == 404


def test_a_file_that_is_marked_for_the_enterprise_goes_to_its_people(
    office: Office, client_for: Browse
) -> None:
    handler = client_for(office.actor(Role.HANDLER))
    account = client_for(office.actor(Role.ENTERPRISE_USER))
    pdf = (io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"), "方案.pdf")
    data = {"idempotency_key": KEY, "version": office.ticket.version, "files": [pdf]}
    handler.post(f"/tickets/{office.ticket_id}/steps/attached", data=data | {"for_enterprise": "y"})
    assert "企业可下载" in handler.get(f"/tickets/{office.ticket_id}").text

    page = account.get(f"/tickets/{office.ticket_id}").text
    address = re.search(r"/tickets/\d+/attachments/\d+", page)

    assert address
    with account.get(address[0]) as served:
        assert served.data.startswith(b"%PDF")
