"""Who administers, and the browser they do it in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.roles import Role
from tests import make
from tests.accounts.views.given import Clients


@pytest.fixture
def admin(app: Flask) -> User:
    del app
    return make.user(Role.SYS_ADMIN, name="管理员")


@pytest.fixture
def client(admin: User, client_for: Clients) -> FlaskClient:
    """Return the browser of the administrator."""
    return client_for(admin)
