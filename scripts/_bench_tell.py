"""Measure how many problems a second the public page takes, and whether each arrives once.

Each telling is a whole POST of the form, as a browser sends it: token, signed moment, checks,
number, ticket, history, search, messages, audit. The senders are processes of their own. Beside
it stands the bare insert of one row through the same server and as many senders, and the service
alone, without HTTP, from as many threads.

Then as many arrive each second as are wanted, whether the ones before were answered or not. What
is refused for the crowd comes again when its answer said, and on top of the others, until it is
taken; anything but a receipt or a kind refusal is an error.
"""

import multiprocessing
import random
import re
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
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
CROWDS = 2  # processes that send what arrives
REFUSED = 503
AGAIN = 5  # seconds after which the page asks to come again; people take up to twice as long
EVERY = 20  # every so many-th form is sent twice
FIRM = "明岫精密机械有限公司"
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
        firm = make.enterprise(FIRM).name
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


def arriving(product: Flask, serve: Serve, seconds: int) -> None:
    """Print what happens when WANTED tellings arrive each second, for so many seconds."""
    with product.app_context():
        before, *_ = _kept()
        db.session.remove()
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    moments = [n / WANTED for n in range(WANTED * seconds)]
    with serve(product) as port:
        ready, go = context.Barrier(CROWDS + 1), context.Event()
        crowds = [
            context.Process(target=_crowd, args=(port, moments[n::CROWDS], (ready, go), answers))
            for n in range(CROWDS)
        ]
        for one in crowds:
            one.start()
        ready.wait()
        go.set()
        arrived = [arrival for _ in crowds for arrival in answers.get()]
        for one in crowds:
            one.join()
    with product.app_context():
        tickets, numbers, _taken = _kept()
    first = [arrival.statuses[0] for arrival in arrived]
    waited = sorted(arrival.waited for arrival in arrived)
    errors = [s for arrival in arrived for s in arrival.statuses if s not in {303, 503}]
    print(f"{WANTED} a second for {seconds} s: {len(arrived):,} arrived")
    print(f"  taken at once  {first.count(303):8,}   refused at once {first.count(503):,}")
    print(
        f"  answered after {statistics.median(waited) * 1000:8.0f} ms, at most {waited[-1]:.2f} s"
    )
    print(f"  came again     {sum(len(a.statuses) - 1 for a in arrived):8,} times")
    print(f"  errors         {len(errors):8,} {sorted(set(errors)) or ''}")
    print(f"  lost {before + len(arrived) - tickets}, doubled {tickets - numbers}")


@dataclass
class _Arrival:
    """What one form was answered, each time it was sent, and how long the first answer took."""

    statuses: list[int]
    waited: float


def _crowd(
    port: int,
    moments: list[float],
    signals: tuple[Any, Any],
    answers: Any,  # noqa: ANN401 - of multiprocessing
) -> None:
    """Send what arrives, each at its moment."""
    ready, go = signals
    headers, form = _opened(port, "/tell", FIRM)
    ready.wait()
    go.wait()
    begun = time.perf_counter()

    def send(moment: float) -> _Arrival:
        body = urlencode(form | {"idempotency_key": uuid4().hex})
        time.sleep(max(0.0, begun + moment - time.perf_counter()))
        arrival = _Arrival([], 0.0)
        while not arrival.statuses or arrival.statuses[-1] == REFUSED:
            if arrival.statuses:
                time.sleep(AGAIN * random.uniform(1, 2))  # noqa: S311 - people, not secrets
            sent = time.perf_counter()
            arrival.statuses.append(_status(port, body, headers))
            arrival.waited = arrival.waited or time.perf_counter() - sent
        return arrival

    with ThreadPoolExecutor(len(moments)) as people:
        answers.put(list(people.map(send, moments)))


def _status(port: int, body: str, headers: dict[str, str]) -> int:
    """Return what a form is answered; 0 where the line broke or nobody answered."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("POST", "/tell", body, headers)
        answer = line.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return 0
    else:
        return answer.status
    finally:
        line.close()


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
    headers, form = _opened(port, path, firm)
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


def _opened(port: int, path: str, firm: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and the form of somebody who opened the page and wrote for a while."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form = dict(WORDS, enterprise_name=firm)
    if firm:
        line = HTTPConnection("127.0.0.1", port, timeout=120)
        line.request("GET", path)
        answer = line.getresponse()
        page = answer.read().decode()
        headers["Cookie"] = (answer.getheader("Set-Cookie") or "").split(";")[0]
        form |= {"csrf_token": TAG.findall(page)[-1], "issued": ISSUED.findall(page)[-1]}
        line.close()
        time.sleep(3.5)  # as a person takes, at least
    return headers, form


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
