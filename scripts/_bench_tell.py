"""Measure how many problems a second the public page takes, and whether each arrives once.

Each telling is a whole POST of the form, as a browser sends it: token, signed moment, checks,
number, ticket, history, search, messages, audit. The senders are processes of their own. Beside
it stands the bare insert of one row through the same server and as many senders, and the service
alone, without HTTP, from as many threads.
"""

import multiprocessing
import re
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app.accounts.models import Tenant
from app.core.db import db
from app.core.transactions import once
from app.portal.models import Telling, TellingState
from app.portal.queries.doors import Door
from app.portal.service import telling as service
from app.portal.service.telling import Arrival, Words
from app.tickets.models import Ticket
from tests import make, office

Serve = Callable[[Flask], AbstractContextManager[int]]
WANTED = 200  # a second
EVERY = 20  # every so many-th form is sent twice
TAG = re.compile(r'<input type="hidden" name="csrf_token" value="([^"]+)"')
ISSUED = re.compile(r'<input[^>]*name="issued"[^>]*value="([^"]+)"')
WORDS = {
    "title": "园区东路限高架挡住大件运输",
    "description": "限高两米八，设备从九月起运不进厂，已经影响两笔订单的交货。",
    "contact_name": "宋主任",
    "contact_phone": "14200000001",
    "no_secrets": "y",
}


def measure(product: Flask, bare: Flask, serve: Serve, wanted: int, senders: int) -> None:
    """Print tellings a second, by HTTP and by the service alone, and the bare insert beside."""
    with product.app_context():
        upgrade()
        office.open_office()
        make.category("其他", code="99")
        firm = make.enterprise("明岫精密机械有限公司").name
        db.session.remove()
    with serve(product) as port:
        by_http = _send(port, "/tell", firm, wanted, senders)
    with product.app_context():
        tickets, numbers, states = _kept()
    with serve(bare) as port:
        by_hand = _send(port, "/", "", wanted, senders)
    alone = _serve_alone(product, firm, wanted, senders)
    print(f"{wanted:,} tellings from {senders} senders, SQLite or what --url names, limits off")
    print(f"  by the form    {by_http:8.0f} a second{'' if by_http >= WANTED else '  below 200'}")
    print(f"  service alone  {alone:8.0f} a second{'' if alone >= WANTED else '  below 200'}")
    print(f"  bare insert    {by_hand:8.0f} a second; ratio {by_hand / by_http:.1f}")
    print(f"  kept           {tickets:,} tickets, {numbers:,} numbers, all taken: {states}")
    print(f"  lost {max(wanted - tickets, 0)}, doubled {max(tickets - wanted, 0)}")


def _kept() -> tuple[int, int, bool]:
    tickets = db.session.scalar(select(func.count()).select_from(Ticket)) or 0
    numbers = db.session.scalar(select(func.count(func.distinct(Ticket.number)))) or 0
    taken = set(db.session.scalars(select(Telling.state).distinct())) == {TellingState.TAKEN}
    return tickets, numbers, taken


def _send(port: int, path: str, firm: str, wanted: int, senders: int) -> float:
    """Return how many forms a second the server takes; it must take them all."""
    context = multiprocessing.get_context("spawn")
    ready, go = context.Barrier(senders + 1), context.Event()
    shares = [wanted // senders + (n < wanted % senders) for n in range(senders)]
    people = [
        context.Process(target=_sender, args=((port, path), firm, share, ready, go))
        for share in shares
    ]
    for one in people:
        one.start()
    ready.wait()
    begun = time.perf_counter()
    go.set()
    for one in people:
        one.join()
        if one.exitcode:
            raise SystemExit("A sender was refused.")
    return wanted / (time.perf_counter() - begun)


def _sender(line_to: tuple[int, str], firm: str, share: int, ready: Any, go: Any) -> None:  # noqa: ANN401 - of multiprocessing
    port, path = line_to
    line = HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form = dict(WORDS, enterprise_name=firm)
    if firm:
        line.request("GET", path)
        answer = line.getresponse()
        page = answer.read().decode()
        headers["Cookie"] = (answer.getheader("Set-Cookie") or "").split(";")[0]
        form |= {"csrf_token": TAG.findall(page)[-1], "issued": ISSUED.findall(page)[-1]}
        time.sleep(3.5)  # as a person takes, at least
    ready.wait()
    go.wait()
    for n in range(share):
        body = urlencode(form | {"idempotency_key": uuid4().hex})
        for _ in range(2 if firm and n % EVERY == 0 else 1):
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            answer.read()
            if answer.status not in {302, 303}:
                raise SystemExit(f"POST {path} answered {answer.status}")


def _serve_alone(product: Flask, firm: str, wanted: int, threads: int) -> float:
    """Return how many tellings a second the service takes from so many threads of one process."""

    def work() -> None:
        with product.app_context():
            for _ in range(wanted // threads):
                _tell_once(firm)
                db.session.remove()

    people = [threading.Thread(target=work) for _ in range(threads)]
    begun = time.perf_counter()
    for one in people:
        one.start()
    for one in people:
        one.join()
    return wanted // threads * threads / (time.perf_counter() - begun)


def _tell_once(firm: str) -> None:
    key = uuid4().hex

    def work() -> str:
        door = Door(db.session.scalars(select(Tenant)).one())
        given = {name: value for name, value in WORDS.items() if name != "no_secrets"}
        words = Words(**given, enterprise_name=firm, no_secrets=True)
        service.tell(words, door, Arrival("127.0.0.1", key, limited=False))
        return "/tell/done"

    once(key, work, user_id=None)
