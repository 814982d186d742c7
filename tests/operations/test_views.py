"""The page of the timetable."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import schedule
from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import beats
from tests import make

ClientFor = Callable[[User | Actor], FlaskClient]


@pytest.mark.usefixtures("app")
def test_without_a_scheduler_the_page_says_so_in_red(client_for: ClientFor) -> None:
    page = client_for(make.actor(Role.SYS_ADMIN)).get("/admin/timetable").text

    assert "时刻表没有在运行" in page
    assert "bh-now-red" in page
    assert "从来没有运行过" in page


def test_with_one_it_shows_each_job_in_words(app: Flask, client_for: ClientFor) -> None:
    schedule.build_scheduler(app).tick()

    page = client_for(make.actor(Role.OFFICE_DIRECTOR)).get("/admin/timetable").text

    assert "时刻表在正常运行" in page
    for job in schedule.TIMETABLE:
        assert job.name in page
    assert "月初走访任务提醒" in page
    assert "每天 8:35" in page
    assert beats.all_beats()[0].scheduler in page


def test_the_menu_leads_there_for_those_who_may(app: Flask, client_for: ClientFor) -> None:
    del app

    assert "/admin/timetable" in client_for(make.actor(Role.SYS_ADMIN)).get("/").text
    assert "/admin/timetable" not in client_for(make.actor(Role.DISPATCHER)).get("/").text
