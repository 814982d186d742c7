"""What was told on the public page and is held, on the worklist of those who clear it."""

from sqlalchemy import ScalarSelect, select

from app.accounts.roles import Actor
from app.core.db import db
from app.core.i18n import N_
from app.core.paging import counting
from app.desk.queries.ask import Ask, Kind
from app.desk.queries.parts import COUNTED, SHOWN, Link, Row, Words
from app.desk.queries.reading import Reading
from app.portal.models import Telling
from app.portal.queries import tellings

KEY = "letters"
WHY = N_("{at} 来信，{doubts}")
CHECK = N_("核实")


def part() -> Ask:
    """Return the part of a worklist that holds the letters to be looked at."""
    return Ask(KEY, N_("待核实来信"), Kind.LETTERS, sub=N_("企业已经拿到编号和查询码"))


def counted(viewer: Actor) -> ScalarSelect[int]:
    """Return how many letters are held, of those that the viewer may know of."""
    found = select(Telling.id).where(tellings.waits_for(viewer))
    return counting(found, COUNTED + 1).scalar_subquery()


def rows(reading: Reading) -> tuple[Row, ...]:
    """Return the letters, the one that is due first before all others."""
    found = db.session.execute(
        tellings.with_privacy().where(tellings.waits_for(reading.viewer)).limit(SHOWN)
    )
    return tuple(_row(letter, reading, is_for_few=bool(closed)) for letter, closed in found)


def _row(letter: Telling, reading: Reading, *, is_for_few: bool) -> Row:
    wait = tellings.wait_of(
        letter, calendar=reading.calendar, parameters=reading.parameters, now=reading.now
    )
    link = Link("portal.letter", {"telling_id": letter.id})
    doubts = tuple(Words(doubt.label) for doubt in letter.reasons)
    return Row(
        title=letter.title,
        link=link,
        why=Words(WHY, {"at": letter.told_at, "doubts": doubts}),
        who=letter.enterprise.called if letter.enterprise else letter.enterprise_name,
        number=letter.number,
        light=wait.light,
        due_at=wait.due_at,
        verb=CHECK,
        go=link,
        is_for_few=is_for_few,
    )
