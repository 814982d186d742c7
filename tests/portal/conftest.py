"""A township with one enterprise, and a browser in which its problem is told."""

import pytest
import time_machine
from flask import Flask

from app.enterprises.models import Enterprise
from tests import make
from tests.portal.visitor import FIRM, Visitor


@pytest.fixture
def firm(app: Flask) -> Enterprise:
    del app
    make.category("其他", code="99")
    return make.enterprise(FIRM)


@pytest.fixture
def visitor(app: Flask, firm: Enterprise, frozen_clock: time_machine.Traveller) -> Visitor:
    del firm
    return Visitor(app, frozen_clock)
