"""The figures of the invented township are those of its data sheet."""

import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import roles
from app.accounts.models import User
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.spans import Span
from app.demo import jobs, queries
from app.notifications.models import Channel, Message
from app.reports.calendar import span_of, year_to
from app.reports.models import Digest, DigestMark, ReportSnapshot
from app.reports.queries import asks, coverage, months, paragraph, seats
from app.tickets.queries import figures
from app.tickets.queries.figures import Facts, Rate, facts
from app.visits.calendar import Month
from app.workdays.queries import calendar_of

SEPTEMBER = Month(2026, 9)
ANCHOR_DAY = date(2026, 9, 30)
PARAGRAPH = (
    "11名党政班子成员共联系企业36家，并安排13名联络员负责具体事项，"
    "每月开展上门走访和问题诉求收集，今年以来累计上门走访325次，走访覆盖率100%。"
    "截至2026年9月30日，已收集各类问题62个，已解决47个，已解释说明4个，挂账推进2个，"
    "正在解决中9个，企业满意率95.7%。"
)


@pytest.fixture
def tenant_id(app: Flask) -> int:
    del app  # it is only there
    found = queries.tenant_id()
    assert found is not None
    return found


def counted(tenant_id: int) -> tuple[Facts, Span]:
    """Return what stands on the morning of the anchor, since the first of January."""
    year = Span(year_to(SEPTEMBER).begins, clock.now())
    return figures.read(tenant_id, year, calendar_of(tenant_id)), year


def test_62_problems_are_47_solved_4_explained_2_suspended_and_9_under_way(tenant_id: int) -> None:
    given = counted(tenant_id)

    assert figures.collected(*given) == 62
    assert figures.solved(*given) == 47
    assert figures.explained(*given) == 4
    assert figures.suspended(*given) == 2
    assert figures.under_way(*given) == figures.still_open(*given) == 9


def test_problems_that_are_read_in_pages_are_those_that_are_read_at_once(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _year = counted(tenant_id)

    monkeypatch.setattr(facts, "AT_ONCE", 7)
    in_pages, _year = counted(tenant_id)

    assert len(whole.cases) > 2 * facts.AT_ONCE
    assert in_pages.cases == whole.cases


def test_44_of_46_are_satisfied(tenant_id: int) -> None:
    given = counted(tenant_id)

    assert figures.satisfaction_rate(*given) == Rate(44, 46)
    assert figures.satisfaction_rate(*given).percent == "95.7%"
    assert figures.double_satisfaction_rate(*given).d == 46


def test_the_visits_are_those_of_the_data_sheet(tenant_id: int) -> None:
    september = coverage.read(tenant_id, span_of(SEPTEMBER))
    year = coverage.read(tenant_id, year_to(SEPTEMBER))
    links = coverage.links(tenant_id, span_of(SEPTEMBER))

    assert september.completion == Rate(34, 35)
    assert september.completion.percent == "97.1%"
    assert september.coverage == Rate(34, 35)
    assert year.completion == Rate(312, 315)
    assert year.completion.percent == "99.0%"
    assert year.coverage == Rate(36, 36)
    assert (year.visits, year.in_person, year.overdue) == (378, 325, 3)
    assert (links.leaders, links.liaisons, links.enterprises) == (11, 13, 36)


def test_the_paragraph_is_that_of_the_data_sheet(tenant_id: int) -> None:
    """The key projects are looked after from October on, and so they are not in it."""
    told = paragraph.Told.from_json(months.content_of(tenant_id, SEPTEMBER)["told"])

    assert paragraph.written(told) == PARAGRAPH


def test_every_month_of_the_year_is_frozen_and_adds_up(tenant_id: int) -> None:
    found = db.session.scalars(select(ReportSnapshot).order_by(ReportSnapshot.period)).all()
    year = [months.read(one) for one in found if one.period.startswith("2026")]

    assert [one.month.month for one in year] == [1, 2, 3, 4, 5, 6, 7, 8]
    for one in year:
        assert paragraph.fault(one.told) is None
    assert sum(one.counts["accepted"] for one in year) == year[-1].told.collected
    assert tenant_id == found[0].tenant_id


def test_most_leaders_confirmed_what_they_were_sent(tenant_id: int) -> None:
    sent = db.session.scalars(select(Digest).where(Digest.item_count > 0)).all()
    marks = db.session.scalars(select(DigestMark)).all()
    confirmed = {mark.digest_id for mark in marks}

    assert sent
    assert 0.6 * len(sent) < len(confirmed) < len(sent)
    assert {digest.tenant_id for digest in sent} == {tenant_id}
    for mark in marks:
        (digest,) = [one for one in sent if one.id == mark.digest_id]
        assert mark.at > digest.promised_at


def test_travelling_over_a_monday_shows_a_digest_and_the_month(
    tenant_id: int, tmp_path: Path
) -> None:
    assert clock.today() == ANCHOR_DAY
    jobs.travel(date(2026, 10, 13), actor=roles.system(tenant_id))

    made = db.session.scalars(select(Digest).where(Digest.period == "2026-W42")).all()
    mails = select(Message).where(Message.rule == "weekly", Message.channel == Channel.MAIL)
    sent = [one for one in db.session.scalars(mails) if one.period == "2026-W42"]
    assert len(made) == 11
    assert len(sent) == sum(digest.is_sent for digest in made) > 0
    assert len(list((tmp_path / "outbox").glob("20261012-0835-weekly-*.eml"))) == len(sent)
    reported = months.read(
        db.session.scalars(select(ReportSnapshot).where(ReportSnapshot.period == "2026-09")).one()
    )
    assert paragraph.written(reported.told) == PARAGRAPH
    r10 = select(Message).where(Message.rule == "R10", Message.period == "2026-09")
    assert {one.recipient_name for one in db.session.scalars(r10)} == {"虞景澜"}
    director = db.session.scalars(select(User).where(User.username == "yujinglan")).one()
    found = asks.of(seats.of(director.id))
    assert {item.seat.actor.role for item in found} == {Role.OFFICE_DIRECTOR, Role.LEADER}
    for one in sent:
        text = f"{one.context}"
        assert not re.search(r"1420000\d{4}|\d\s*万元", text)
