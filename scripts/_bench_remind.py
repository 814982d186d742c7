"""Measure R1 in a process of its own, which holds the product and nothing else, as the timetable's.

    .venv/bin/python scripts/_bench_remind.py URL    of a database that `bench.py` filled

What is counted of memory is the most that the whole process ever held, from its first line on:
Python, the libraries, every page and rule of the product, the job as the timetable runs it, and
the letters as they are rendered. The yardstick comes after that.
"""

import re
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date
from datetime import time as clock_time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402
from sqlalchemy import select  # noqa: E402
from sqlalchemy.orm import joinedload  # noqa: E402

from app import create_app, schedule  # noqa: E402
from app.core import clock  # noqa: E402
from app.core.db import db  # noqa: E402
from app.notifications import channels  # noqa: E402
from app.notifications.models import Channel, Message  # noqa: E402
from app.notifications.wordings import WORDINGS  # noqa: E402

FIRST_WORKDAY = clock.at(date(2026, 10, 8), clock_time(8, 35))
SECONDS = 60
MEGABYTES = 200


def main(url: str) -> None:
    """Plan R1 for everybody and render each letter; print what it took.

    The yardstick renders the template of the letter as often, with one person's rows, and
    does nothing else.
    """
    product = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench"})
    before = memory("VmRSS")
    (job,) = (job for job in schedule.TIMETABLE if job.name == "remind-r1")
    with product.app_context():
        begun, worked = time.perf_counter(), time.process_time()
        with clock.held(FIRST_WORKDAY):
            schedule.run_at(job, FIRST_WORKDAY)
        planned = time.perf_counter() - begun
        begun = time.perf_counter()
        letters = sum(1 for letter in promised() if channels.composed(letter))
        rendered = time.perf_counter() - begun
        worked = time.process_time() - worked
        most = memory("VmHWM")
        bare = render_alone(product, next(promised()), letters)
    seconds = planned + rendered
    print(f"R1 to {letters:,} people")
    print(f"  planned    {planned:8.2f} s")
    print(f"  rendered   {rendered:8.2f} s")
    print(f"  together   {seconds:8.2f} s, {worked:.2f} s of them at work", end="")
    print(f", target {SECONDS}{over(seconds, SECONDS)}")
    print(f"  memory     {before:8.0f} MB before, {most:.0f} MB at most", end="")
    print(f", target {MEGABYTES}{over(most, MEGABYTES)}")
    print(f"  template   {bare:8.2f} s alone, as often; ratio {seconds / bare:.2f}")


def over(measured: float, target: float) -> str:
    """Return the mark of what is not within its target."""
    return "  over" if measured > target else ""


def memory(what: str) -> float:
    """Return the memory of this process in megabytes: VmRSS now, VmHWM the most it ever held.

    Only Linux tells the two apart; elsewhere it is the most.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (kilobytes,) = re.findall(rf"{what}:\s+(\d+) kB", status.read_text())
        return int(kilobytes) / 1024
    return high_water()


def high_water() -> float:
    """Return the most memory that this process ever held, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def promised() -> Iterator[channels.Letter]:
    """Return the letters of R1 that were promised, read as many at once as are sent."""
    last = 0
    while True:
        found = (
            select(Message)
            .where(Message.rule == "R1", Message.channel == Channel.MAIL, Message.id > last)
            .options(joinedload(Message.recipient))
            .order_by(Message.id)
            .limit(100)
        )
        messages = db.session.scalars(found).all()
        for message in messages:
            yield channels.Letter(
                id=message.id,
                attempt=1,
                message_id=message.message_id,
                name=message.recipient_name,
                address=message.recipient.email if message.recipient else "",
                rule=message.rule,
                subject=message.subject,
                context=dict(message.context),
                link=message.link,
                written_at=message.created_at,
            )
        if not messages:
            return
        last = messages[-1].id
        db.session.rollback()


def render_alone(product: Flask, letter: channels.Letter, times: int) -> float:
    """Return the seconds that the template of a letter takes, text and HTML, so many times."""
    wording = channels.filled_in(WORDINGS[letter.rule], letter.context)
    given = {**letter.context, "wording": wording, "greeting": letter.name, "link": letter.link}
    begun = time.perf_counter()
    for _ in range(times):
        for kind in ("txt", "html"):
            product.jinja_env.get_template(f"mail/{wording.template}.{kind}").render(given)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(sys.argv[1])
