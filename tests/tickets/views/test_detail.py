import pytest
from flask import Flask

from app.accounts.roles import PEOPLE, Role
from app.tickets.workflow.states import Status

from tests.office import Office, open_office, ROADS


@pytest.fixture
def office(app: Flask) -> Office:
    return open_office()


@pytest.mark.parametrize("status", ROADS)
def test_smoke(office, client_for, status):
    t = office.walk_to(status).id
    for role in (Role.DISPATCHER, Role.HANDLER, Role.DEPT_HEAD, Role.CHIEF, Role.LIAISON):
        r = client_for(office.people[role]).get(f"/tickets/{t}")
        print(role, r.status_code)
        assert r.status_code in (200, 404)
    r = client_for(office.people[Role.DISPATCHER]).get(f"/tickets")
    assert r.status_code == 200
