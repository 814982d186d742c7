"""Measure the sending of many letters: how fast, with how much memory, and what pages feel of it.

The mail server is a real one, in a process of its own. The yardstick is a bare loop of `smtplib`
that sends the same bytes over one connection, and does nothing else: it writes no letter, claims
none and records none.
"""

import smtplib
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.policy import SMTP
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.cli import BESIDE_PAGES
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import jobs, service
from app.notifications.channels import composed
from app.notifications.channels.letters import Letter
from app.notifications.models import Channel, Message, MessageState
from app.notifications.wordings import WORDINGS

ROOT = Path(__file__).resolve().parent.parent
RULE = "R1"
TURNS, PAGES = 5, 40
SLOWER = 1.2
PAUSE = 0.02  # seconds between two pages, as somebody would click
SERVER = """
import asyncio, os, sys
from aiosmtpd.smtp import SMTP
class Box:
    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 Ok: queued"
async def main():
    made = lambda: SMTP(Box(), hostname="bench", enable_SMTPUTF8=False)
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", int(sys.argv[1]))
    os.nice(19)  # it would be another machine
    print("ready", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


#: Sends all that is due in a process of its own, as `flask scheduler` does.
SCHEDULER = """
import os, sys
from sqlalchemy import func, select
from app import create_app
from app.cli import MILD
from app.core.db import db
from app.notifications import jobs
from app.notifications.models import Message, MessageState
url, key, port = sys.argv[1:]
os.nice(MILD)
app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench", "DATA_KEY": key,
    "SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, "SMTP_SECURITY": "none"})
waiting = select(func.count(Message.id)).where(Message.state == MessageState.QUEUED)
with app.app_context():
    while db.session.scalar(waiting):
        jobs.deliver_due()
"""


@dataclass(frozen=True)
class Sent:
    """What the sending of many letters took."""

    seconds: float
    megabytes: float


@contextmanager
def mail_server() -> Iterator[int]:
    """Serve mail in another process; give the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVER, str(port)], stdout=subprocess.PIPE, text=True
    )
    if running.stdout is not None:
        running.stdout.readline()
    try:
        yield port
    finally:
        running.terminate()
        running.wait(10)


def promise(tenant_id: int, number: int, period: str) -> None:
    """Promise letters, as the office's reminders do."""
    wording = WORDINGS[RULE]
    context = {"tenant": "霁川镇", "is_demo": True, **wording.sample}
    context["rows"] = list(wording.sample["rows"]) * 6
    for start in range(0, number, 500):
        with transaction():
            for place in range(start, min(start + 500, number)):
                service.enqueue(
                    service.Outsider(f"contact:{place}", "阮怀青", f"p{place}@example.com"),
                    tenant_id=tenant_id,
                    rule=RULE,
                    period=period,
                    channel=Channel.MAIL,
                    subject="任务提醒",
                    context=context,
                    link="/visits/mine",
                )


def letter_like(message: Message) -> Letter:
    """Return what would be sent for a message."""
    return Letter(
        id=message.id,
        attempt=1,
        message_id=message.message_id,
        name=message.recipient_name,
        address=message.outsider_address or "",
        rule=message.rule,
        subject=message.subject,
        context=dict(message.context),
        link=message.link,
        written_at=message.created_at,
    )


def bare(port: int, number: int) -> tuple[float, float, int]:
    """Return the seconds to write the letters, to send them in a bare loop, and a letter's size."""
    some = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(number)).all()
    letters = [letter_like(message) for message in some]
    db.session.rollback()
    begun = time.perf_counter()
    written = [(one.address, composed(one).as_bytes(policy=SMTP)) for one in letters]
    to_write = time.perf_counter() - begun
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as client:
        for address, content in written:
            client.sendmail("noreply@127.0.0.1", [address], content)
    return to_write, time.perf_counter() - begun, len(written[0][1])


def deliver(high_water: Callable[[], float]) -> Sent:
    """Send all that is due."""
    before, begun = high_water(), time.perf_counter()
    _send_all()
    return Sent(time.perf_counter() - begun, high_water() - before)


def _send_all() -> None:
    while _waiting():
        jobs.deliver_due()


def _send_all_elsewhere(app: Flask, port: int) -> None:
    given = [str(app.config[name]) for name in ("SQLALCHEMY_DATABASE_URI", "DATA_KEY")]
    command = [sys.executable, "-W", "ignore", "-c", SCHEDULER, *given, str(port)]
    subprocess.run(command, check=True, cwd=ROOT)


def turned(page: Callable[[], float], send: Callable[[], None]) -> list[float]:
    """Return what each page took that somebody turned while letters were sent."""
    took: list[float] = []
    ended = threading.Event()

    def turn() -> None:
        while not ended.wait(PAUSE):
            took.append(page())

    reader = threading.Thread(target=turn)
    reader.start()
    send()
    ended.set()
    reader.join()
    return took


def _waiting() -> int:
    count = select(func.count(Message.id)).where(Message.state == MessageState.QUEUED)
    found = db.session.scalar(count) or 0
    db.session.rollback()
    return found


def run(
    app: Flask,
    tenant_id: int,
    number: int,
    *,
    page: Callable[[], float],
    high_water: Callable[[], float],
    within: float,
) -> None:
    """Measure, and print what was found. `app` is at work, and `page` reads one of its pages."""
    with mail_server() as port:
        app.config |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, "SMTP_SECURITY": "none"}
        promise(tenant_id, 200, "warm-up")
        deliver(high_water)
        promise(tenant_id, number, "alone")
        alone = deliver(high_water)  # before the yardstick, which holds every letter at once
        to_write, to_send, size = bare(port, number)
        quiet, measured = pages_meanwhile(app, tenant_id, number, page, port)
    rate, lines = number / alone.seconds, app.config["SMTP_CONNECTIONS"]
    mark = "  over" if alone.seconds > within else ""
    print(f"\n{number:,} letters of {size / 1024:.1f} KB, over {lines} connections")
    print(f"  written, claimed, sent, recorded {alone.seconds:8.1f} s{rate:9.0f} letters/s{mark}")
    print(f"  memory                           {alone.megabytes:8.1f} MB more")
    print(f"  writing them alone               {to_write:8.1f} s{number / to_write:9.0f} letters/s")
    print(f"  bare smtplib, one connection     {to_send:8.1f} s{number / to_send:9.0f} letters/s")
    print(f"  ratio to the bare loop           {alone.seconds / to_send:8.2f}")
    print(f"  ratio to writing and bare loop   {alone.seconds / (to_write + to_send):8.2f}")
    for name, took in measured.items():
        mark = "  over" if took / quiet > SLOWER else ""
        print(f"  a page, letters from {name:22} {took * 1000:4.1f} ms", end="")
        print(f"{took / quiet:9.2f} of {quiet * 1000:.1f} ms{mark}")


def pages_meanwhile(
    app: Flask, tenant_id: int, number: int, page: Callable[[], float], port: int
) -> tuple[float, dict[str, float]]:
    """Return what a page takes in quiet, and while letters are sent in each of three ways.

    The last is nobody's default: an operator has to ask for it.
    """
    quiet, here, elsewhere, spread = [], [], [], []
    for turn in range(TURNS):  # in turns, so that a busy machine slows all alike
        quiet.extend(_quiet(page) for _page in range(PAGES))
        promise(tenant_id, number // TURNS, f"here {turn}")
        here.extend(turned(page, _send_all))
        promise(tenant_id, number // TURNS, f"elsewhere {turn}")
        elsewhere.extend(turned(page, lambda: _send_all_elsewhere(app, port)))
        app.config["SMTP_PER_SECOND"] = BESIDE_PAGES
        promise(tenant_id, BESIDE_PAGES * 5, f"spread {turn}")
        spread.extend(turned(page, _send_all))
        app.config["SMTP_PER_SECOND"] = ""
    measured = {
        "flask scheduler": statistics.median(elsewhere),
        f"flask serve, {BESIDE_PAGES} a second": statistics.median(spread),
        "flask serve, unbraked": statistics.median(here),
    }
    return statistics.median(quiet), measured


def _quiet(page: Callable[[], float]) -> float:
    time.sleep(PAUSE)
    return page()
