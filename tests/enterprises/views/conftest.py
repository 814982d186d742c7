"""Whose browser the tests use."""

import pytest
from flask.testing import FlaskClient

from app.accounts.roles import Role
from tests import make
from tests.enterprises.given import SignIn


@pytest.fixture
def office(client_for: SignIn) -> FlaskClient:
    """Return the browser of the office's clerk."""
    return client_for(make.actor(Role.DISPATCHER))
