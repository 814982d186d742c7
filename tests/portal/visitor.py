"""Somebody who tells a problem on the public page, as a browser does."""

import re
from html import unescape
from io import BytesIO
from typing import Any

import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.db import db
from app.portal.models import Telling
from app.tickets.models import Ticket

FIRM = "霁溪小筑餐饮有限公司"
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
NAME, VALUE = re.compile(r'name="([^"]*)"'), re.compile(r'value="([^"]*)"')

CARRIED = r'<input[^>]*checked[^>]*name="%s"[^>]*value="([^"]+)"'


class Visitor:
    """One browser; each telling begins with the page."""

    def __init__(self, app: Flask, clock: time_machine.Traveller, *, ip: str = "192.0.2.1") -> None:
        self.client = app.test_client()
        self.clock = clock
        self.ip = ip

    def open(self, path: str = "/tell") -> dict[str, str]:
        """Return the hidden fields of the form."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status_code
        return hidden_of(answer)

    def post(self, path: str, form: dict[str, Any]) -> TestResponse:
        return self.client.post(
            path,
            data=form,
            content_type="multipart/form-data",
            environ_overrides={"REMOTE_ADDR": self.ip},
        )

    def tell(self, path: str = "/tell", *, after: int = 60, **more: Any) -> TestResponse:
        """Open the page, take some seconds, and send what a person writes."""
        form = self.open(path)
        self.clock.shift(after)
        return self.post(path, form | written(**more))


def written(**more: Any) -> dict[str, Any]:
    """Return what a person writes; None leaves a field out."""
    values = {
        "title": "门前施工占了停车位",
        "description": "九月二十六日起围挡一直到店门口，没有说哪天完工。",
        "wish": "中午留出六个车位。",
        "enterprise_name": FIRM,
        "contact_name": "宋主任",
        "contact_phone": "142 0000 0001",
        "no_secrets": "y",
    } | more
    return {name: value for name, value in values.items() if value is not None}


def hidden_of(answer: TestResponse) -> dict[str, str]:
    """Return the hidden fields of the form of a page."""
    form = answer.text.split("data-tell", 1)[1].split("</form>", 1)[0]
    found = {}
    for tag in HIDDEN.findall(form):
        name, value = NAME.search(tag), VALUE.search(tag)
        if name:
            found[name[1]] = value[1] if value else ""
    return found


def carried(answer: TestResponse, name: str = "keep") -> list[str]:
    """Return what a form that is shown again carries of the files that came with it: all ticked."""
    return [unescape(one) for one in re.findall(CARRIED % name, answer.text)]


def photo(name: str = "门口.png") -> tuple[BytesIO, str]:
    """Return a picture as a browser sends it."""
    drawn = BytesIO()
    Image.new("RGB", (2, 2), "red").save(drawn, "PNG")
    drawn.seek(0)
    return drawn, name


def tellings() -> list[Telling]:
    db.session.rollback()
    return list(db.session.scalars(select(Telling).order_by(Telling.id)))


def tickets() -> list[Ticket]:
    db.session.rollback()
    return list(db.session.scalars(select(Ticket).order_by(Ticket.id)))
