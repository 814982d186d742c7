"""Ratings that were drawn by lot 抽查回访, on the worklist of the office that calls again."""

from app.accounts.roles import Actor
from app.core.db import db
from app.core.i18n import N_
from app.desk.queries.ask import Ask, Kind
from app.desk.queries.parts import SHOWN, Link, Row, Words
from app.tickets.models import SpotCheck
from app.tickets.queries import spot_checks

WHY = N_("抽中再问一次；第一次是{channel}问的")
TRIED = N_("抽中再问一次，打过 {n} 次没有打通")
CALL = N_("再问一次")


def part() -> Ask:
    """Return the part of a worklist that speaks of second calls."""
    return Ask("spot-checks", N_("要您再问一次的"), Kind.SPOT_CHECKS, sub=N_("抽查回访"))


def rows(viewer: Actor) -> tuple[Row, ...]:
    """Return whom the viewer may call again, the oldest draw first."""
    found = db.session.scalars(spot_checks.to_call(viewer).limit(SHOWN))
    return tuple(_row(check) for check in found)


def _row(check: SpotCheck) -> Row:
    ticket, tries = check.ticket, len(check.calls)
    go = Link("tickets.spot_check", {"check_id": check.id})
    return Row(
        title=ticket.title,
        link=go,
        why=Words(TRIED, {"n": tries}) if tries else Words(WHY, {"channel": check.revisit.channel}),
        who=ticket.enterprise.called,
        number=ticket.number or "",
        verb=CALL,
        go=go,
        is_for_few=ticket.confidential,
    )
