"""Killed in the middle, again and again: nothing is lost, and nothing is sent twice but in doubt.

A process that sends is killed at moments that nobody chose. Whatever the mail server took of which
the process could not record the answer is in doubt, and may be sent again under the same number:
at most one letter on each connection. Everything else is sent once. `KILLS=200 pytest
tests/notifications/test_killed.py` does it more often.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.core.transactions import transaction
from app.notifications import service
from app.notifications.models import Channel, Message, MessageState
from tests import make
from tests.conftest import SETTINGS
from tests.notifications import servers
from tests.notifications.servers import Postman
from tests.notifications.test_channels import CONTEXT

KILLS = int(os.environ.get("KILLS", "20"))
LINES = 3
LETTERS = KILLS * 12
PATIENCE = 10.0  # seconds that a process gets to come as far as it is to be killed at

#: Imports once, and is forked for each run; a run is told how many minutes later it is.
PROGRAM = """
import os, sys
from datetime import timedelta
from app import create_app
from app.core import clock
from app.notifications import jobs

url, port = sys.argv[1:3]
app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "test",
    "DATA_KEY": os.environ["TEST_DATA_KEY"], "SMTP_HOST": "127.0.0.1", "SMTP_PORT": port,
    "SMTP_SECURITY": "none", "SMTP_CONNECTIONS": "3", "SMTP_PER_CONNECTION": "7"})
print("ready", flush=True)
now = clock.machine_now
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        later = timedelta(minutes=int(line))
        clock.machine_now = lambda: now() + later
        with app.app_context():
            jobs.deliver_due()
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


@contextmanager
def nursery(app: Flask, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, str(app.config["SQLALCHEMY_DATABASE_URI"]), str(port)]
    environment = {**os.environ, "TEST_DATA_KEY": str(SETTINGS["DATA_KEY"])}
    root = Path(__file__).resolve().parent.parent.parent
    running = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdin
    assert running.stdout
    assert running.stdout.readline() == "ready\n"
    try:
        yield running
    finally:
        running.stdin.close()
        running.wait(30)
        running.stdout.close()


def run(
    running: subprocess.Popen[str], minutes: int, *, until: Callable[[], None] | None = None
) -> None:
    """Let one process send; kill it when `until` returns, if that is asked."""
    assert running.stdin
    assert running.stdout
    running.stdin.write(f"{minutes}\n")
    running.stdin.flush()
    child = int(running.stdout.readline())
    if until is not None:
        until()
        with suppress(ProcessLookupError):  # it had ended by itself
            os.kill(child, signal.SIGKILL)
    assert running.stdout.readline() == "ended\n"


def wait(postman: Postman, moments: random.Random) -> None:
    """Return at a moment that nobody chose: mostly some letters later, or soon."""
    wanted = len(postman.taken) + moments.randint(0, 11)
    give_up = time.perf_counter() + PATIENCE
    while len(postman.taken) < wanted and time.perf_counter() < give_up:
        time.sleep(0.0005)
    time.sleep(moments.uniform(0, 0.02))


def promise(number: int) -> None:
    person = make.user()
    with transaction():
        for place in range(number):
            service.enqueue(
                service.Outsider(f"contact:{place}", "柳经理", f"p{place}@example.com"),
                tenant_id=person.tenant_id,
                rule="R1",
                period="2026-10",
                channel=Channel.MAIL,
                subject="x",
                context=CONTEXT,
            )


def in_state(*states: MessageState) -> set[str]:
    db.session.rollback()
    found = select(Message.message_id).where(Message.state.in_(states))
    return set(db.session.scalars(found))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_whoever_is_killed_while_sending_loses_nothing_and_doubles_only_what_was_in_doubt(
    app: Flask,
) -> None:
    promise(LETTERS)
    postman = Postman()
    moments = random.Random(2026)  # noqa: S311 - the same moments in every run
    doubted: set[str] = set()
    killed = 0
    progress: list[int] = []
    with servers.mail_server(postman) as server, nursery(app, server.port) as running:
        for kill in range(KILLS):
            run(running, 11 * kill, until=partial(wait, postman, moments))
            while postman.open:  # it hears the end of what was said
                time.sleep(0.001)
            in_doubt = set(postman.numbers()) - in_state(MessageState.SENT)
            assert len(in_doubt - doubted) <= LINES
            doubted |= in_doubt
            killed += 1
            progress.append(len(postman.taken))
            if not in_state(MessageState.QUEUED):
                break
        while in_state(MessageState.QUEUED):
            kill += 1
            run(running, 11 * kill)

    counted = Counter(postman.numbers())
    twice = {number for number, times in counted.items() if times > 1}
    print(  # noqa: T201 - what was found is of interest
        f"{killed} kills, {LETTERS} letters, {len(doubted)} in doubt, {len(twice)} sent again;",
        f"taken after each kill: {progress}",
    )
    assert len(in_state(MessageState.SENT)) == LETTERS
    assert len(counted) == LETTERS
    assert twice <= doubted
    assert len(set(progress)) > KILLS // 2, "it was killed before it did anything"
