"""Schedulers say that they live, once a minute, and are forgotten when they have ended."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.core import beats, clock
from app.core.beats import SchedulerBeat
from app.core.db import db
from tests.core.test_transactions import at_once

pytestmark = pytest.mark.usefixtures("app")


def test_a_scheduler_is_written_down_once_and_says_so_once_a_minute(
    frozen_clock: time_machine.Traveller, statements: list[str]
) -> None:
    begun = clock.machine_now()
    for _tick in range(10):  # three minutes of ticks
        beats.beat("one:1")
        frozen_clock.shift(20)

    (known,) = beats.all_beats()
    assert known.begun_at == begun
    assert known.beat_at == begun + timedelta(minutes=3)
    written = [one for one in statements if one.startswith("INSERT INTO scheduler_beats")]
    assert len(written) == 4


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (80, True), (91, False)])
def test_it_lives_while_its_last_word_is_fresh(
    frozen_clock: time_machine.Traveller, seconds: int, *, fresh: bool
) -> None:
    beats.beat("one:1")

    frozen_clock.shift(seconds)

    assert beats.all_beats()[0].is_fresh(clock.machine_now()) is fresh


def test_a_machine_s_clock_that_is_set_back_silences_nobody(
    frozen_clock: time_machine.Traveller,
) -> None:
    beats.beat("one:1")
    frozen_clock.shift(-3600)

    beats.beat("one:1")

    assert beats.all_beats()[0].beat_at == clock.machine_now()


def test_several_at_once_are_several(app: Flask) -> None:
    at_once(app, lambda n: beats.beat(f"machine:{n % 2}"))

    assert db.session.scalar(select(func.count()).select_from(SchedulerBeat)) == 2


def test_who_has_been_silent_for_a_day_is_forgotten(frozen_clock: time_machine.Traveller) -> None:
    beats.beat("old:1")
    frozen_clock.shift(timedelta(hours=25))
    beats.beat("new:1")

    beats.forget_beats(clock.machine_now())

    assert [one.scheduler for one in beats.all_beats()] == ["new:1"]
