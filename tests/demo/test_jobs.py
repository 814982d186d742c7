"""Moving the demo's clock, and whose clock a process lives by."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Tenant
from app.accounts.roles import Actor, Role, system
from app.core import audit, clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed
from app.core.transactions import transaction
from app.demo import jobs, queries, service
from app.notifications.models import Channel, Message
from app.tickets import clocks
from app.tickets.models import SupervisionNote, Ticket, TicketEvent, Urge
from app.tickets.workflow.states import Event, NoteLevel
from app.visits.models import TaskState, VisitTask
from app.workdays.queries import calendar_of
from tests import make

TO = date(2026, 10, 9)


def timetable(app: Flask) -> Actor:
    del app
    return system(db.session.scalars(select(Tenant.id)).one())


def reminders(period: str) -> list[Message]:
    return list(
        db.session.scalars(
            select(Message).where(
                Message.rule == "R1", Message.period == period, Message.channel == Channel.MAIL
            )
        )
    )


def light_of(title: str) -> clocks.Light:
    ticket = db.session.scalars(select(Ticket).where(Ticket.title.contains(title))).one()
    calendar = calendar_of(ticket.tenant_id)
    found = clocks.handling_light(
        ticket.status, ticket.due_at, ticket.warn_on, calendar=calendar, now=clock.now()
    )
    assert found
    return found


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_travelling_to_the_9th_of_october_arrives_at_nine(app: Flask) -> None:
    trip = jobs.travel(TO, actor=timetable(app))

    assert clock.local(clock.now()).isoformat() == "2026-10-09T09:00:00+08:00"
    assert (trip.days, trip.left) == (9, 0)
    assert audit.first_break({}) is None


def test_the_reminders_of_october_go_out_once_on_the_first_working_day(
    app: Flask, tmp_path: Path
) -> None:
    jobs.travel(TO, actor=timetable(app))

    sent = reminders("2026-10")
    assert {clock.local(mail.created_at).isoformat() for mail in sent} == {
        "2026-10-08T08:35:00+08:00"
    }
    assert len(sent) == len({mail.recipient_id for mail in sent}) == 24
    assert len(list((tmp_path / "outbox").glob("20261008-0835-R1-*.eml"))) == 24


def test_lights_change_and_urges_rise_on_the_way(app: Flask) -> None:
    before = light_of("消防检查标准前后不一")
    urges = count(Urge)

    jobs.travel(TO, actor=timetable(app))

    assert before.colour == "yellow"
    assert light_of("消防检查标准前后不一").colour == "red"
    assert light_of("园区东路限高架").word == clocks.TODAY
    assert count(Urge) > urges
    levels = db.session.scalars(select(SupervisionNote.level).order_by(SupervisionNote.id)).all()
    assert levels == [NoteLevel.BLUE, NoteLevel.ORANGE]


def test_what_nobody_did_in_time_is_noted(app: Flask) -> None:
    jobs.travel(TO, actor=timetable(app))

    september = select(VisitTask.state).where(
        VisitTask.period == "2026-09", VisitTask.state == TaskState.OVERDUE
    )
    october = select(func.count(VisitTask.id)).where(VisitTask.period == "2026-10")
    signed = select(func.count(TicketEvent.id)).where(TicketEvent.kind == Event.AUTO_SIGN)
    assert len(db.session.scalars(september).all()) == 1
    assert db.session.scalar(october) == 36 + 6  # the key projects are looked after from now on
    assert db.session.scalar(signed) == 2


def test_what_happened_is_summed_up(app: Flask) -> None:
    trip = jobs.travel(TO, actor=timetable(app))

    found = queries.happened(timetable(app).tenant_id, trip.since, trip.until)

    assert found.anything
    assert (found.reminders, found.auto_signed, found.orange, found.missed_visits) == (24, 1, 1, 1)
    assert found.digests == 11  # seven on the 8th, with the week's summaries, four on the 9th


def test_september_is_looked_back_on_in_the_same_letters(app: Flask) -> None:
    jobs.travel(TO, actor=timetable(app))

    told = select(Message).where(Message.rule == "R5", Message.period == "2026-09")
    back = db.session.scalars(told).all()
    assert {mail.channel for mail in back} == {Channel.INBOX}  # all of them visit: it is in R1
    assert {mail.recipient.name for mail in back if mail.recipient} == {
        "阮怀青",  # chief
        "虞景澜",  # director of the office
        "宓采薇",
        "席沐阳",
    }
    letters = {mail.recipient.name: mail.context for mail in reminders("2026-10") if mail.recipient}
    assert letters["阮怀青"]["summary"][0]["value"] == "34 / 35（97.1%）"
    assert [row["name"] for row in letters["宓采薇"]["missed"]] == ["速岭物流"]


def test_travelling_twice_to_the_same_day_changes_nothing(app: Flask) -> None:
    jobs.travel(TO, actor=timetable(app))
    before = [count(model) for model in (Message, Urge, TicketEvent, audit.AuditRow)]

    trip = jobs.travel(TO, actor=timetable(app))

    assert trip.days == 0
    assert [count(model) for model in (Message, Urge, TicketEvent, audit.AuditRow)] == before


def test_the_clock_never_goes_back(app: Flask) -> None:
    now = clock.now()

    trip = jobs.travel(date(2026, 9, 1), actor=timetable(app))
    with transaction():
        service.move(now - timedelta(days=3), actor=timetable(app))
    jobs.follow_clock()

    assert trip.days == 0
    assert clock.now() == now


def test_a_trip_in_steps_leaves_what_one_trip_leaves(app: Flask) -> None:
    first = jobs.travel(TO, actor=timetable(app), seconds=0)
    for day in (date(2026, 10, 3), date(2026, 10, 8), TO):
        jobs.travel(day, actor=timetable(app))

    assert first.left > 0
    assert len(reminders("2026-10")) == 24
    assert db.session.scalars(select(SupervisionNote)).all()[-1].level is NoteLevel.ORANGE


def test_a_trip_of_more_than_400_days_is_refused(app: Flask) -> None:
    with pytest.raises(Invalid) as refused:
        jobs.travel(clock.today() + timedelta(days=401), actor=timetable(app))

    assert refused.value.field == "to"


def test_only_who_may_travel_moves_the_clock(app: Flask) -> None:
    handler = Actor(timetable(app).tenant_id, 1, Role.HANDLER)

    with pytest.raises(NotAllowed):
        jobs.travel(TO, actor=handler)

    assert clock.local(clock.now()).date() == date(2026, 9, 30)


def test_a_real_township_lives_by_the_machine_and_asks_no_more(empty_app: Flask) -> None:
    make.tenant("云溪镇")

    jobs.follow_clock()

    assert clock.now() == clock.machine_now()
    assert jobs.following.REAL in empty_app.extensions


def test_an_empty_database_is_asked_again(empty_app: Flask) -> None:
    jobs.follow_clock()

    assert clock.now() == clock.machine_now()
    assert jobs.following.REAL not in empty_app.extensions


def test_a_township_that_is_still_being_loaded_moves_no_clock_and_runs_no_timetable(
    empty_app: Flask,
) -> None:
    del empty_app
    with transaction():
        service.township.open_house(service.Cast(), service.files.read())

    may_run = jobs.follow_clock()

    assert clock.now() == clock.machine_now()
    assert queries.state() is queries.State.UNFINISHED
    assert not may_run
