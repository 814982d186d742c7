"""Measure the product against a bare page of the same framework, and print the ratios.

    .venv/bin/python scripts/bench.py                     SQLite, 10,000 and 100,000 tickets
    .venv/bin/python scripts/bench.py --url postgresql+psycopg://…/empty_database
    .venv/bin/python scripts/bench.py --sizes 1000 --rounds 20
    .venv/bin/python scripts/bench.py --reminders 5000    R1 to so many people, and nothing else
    .venv/bin/python scripts/bench.py --mail 5000         letters only, to a mail server
    .venv/bin/python scripts/bench.py --tell 2000         tellings on the public page only

The yardsticks run in the same process on the same database. Pages are held against a bare
Flask page that renders 50 rows of one indexed ORM query. What writes is held against a POST
that inserts and commits one row through the same stack: the same door (sign-in, token), the
same session, the same `transaction()`, and nothing else. How long that insert takes in a bare
Flask application without any door is printed beside it. Every number is the median of rounds in
which product and yardstick take turns, so that a busy machine slows both.
The bare page is written as Flask's `render_template_string` has it, which compiles its template
each time; what it takes with a template that is kept stands in the last line. R1 is measured in
a process of its own; `_bench_remind.py` says what is counted of it.
Nothing here is a test: it prints, and whoever reads it judges.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as clock_time
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import _bench_mail  # noqa: E402
import _bench_remind  # noqa: E402
import _bench_tell  # noqa: E402
from _bench_remind import high_water  # noqa: E402
from flask import Flask, redirect, render_template_string  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from flask_sqlalchemy import SQLAlchemy  # noqa: E402
from sqlalchemy import Index, String, func, insert, select, text  # noqa: E402
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column  # noqa: E402
from waitress.server import create_server  # noqa: E402

from app import create_app  # noqa: E402
from app.accounts.models import RoleHolding, Tenant, User  # noqa: E402
from app.accounts.roles import Role  # noqa: E402
from app.cli import THREADS  # noqa: E402
from app.core import clock, links, passwords, search  # noqa: E402
from app.core.db import Base  # noqa: E402
from app.core.db import db as product_db  # noqa: E402
from app.core.transactions import transaction  # noqa: E402
from app.enterprises.models import Enterprise, EnterpriseContact, Linkage  # noqa: E402
from app.tickets import jobs as tickets  # noqa: E402
from app.tickets.models import (  # noqa: E402
    Dispatch,
    DueChange,
    Proposal,
    Reply,
    Revisit,
    Ticket,
    TicketEvent,
)
from app.tickets.queries.similar import similar  # noqa: E402
from app.tickets.service import firms  # noqa: E402
from app.tickets.workflow.states import Status  # noqa: E402
from app.visits.models import Mode, TaskState, Visit, VisitTask  # noqa: E402
from app.workdays.queries import calendar_of  # noqa: E402
from tests import office as offices  # noqa: E402

CHUNK = 2000  # tickets written in one transaction
OPEN_SHARE = 33  # every so many-th ticket is open
RARE = 400  # every so many-th ticket has the word that is searched: a full page at every size
LATE_SHARE = 4  # of the open ones, every so many-th keeps no deadline: most of these are late
DEADLINES = frozenset({"due_at", "warn_on", "move_due_at", "next_review_on"})
TO_SIGN = 200  # the newest wait to be signed, one for each round of that measurement
LADDER_SECONDS = 30
ALIKE_MS = 100
ARRIVING_SECONDS = 10
MAIL_SECONDS = 60
PASSWORD = "Bench-2026-jichuan"  # noqa: S105 - of a database that is thrown away
ROWS = 50
WARM_UP = 40  # rounds that do not count: each connection learns the statements first
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
KEY = re.compile(r'name="idempotency_key"[^>]*value="([^"]+)"')
CHOSEN = re.compile(r'name="ids" value="(\d+)"')
VERSION = re.compile(r'name="version"[^>]*value="([^"]+)"')


# ---- the yardstick ----


class BareBase(DeclarativeBase):
    """Base of the yardstick's only model."""


class Line(BareBase):
    """A row such as a register shows."""

    __tablename__ = "bench_lines"
    __table_args__ = (Index("ix_bench_lines_state_due", "state", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(50))
    firm: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    due: Mapped[int]


PAGE = """<!doctype html><title>Lines</title><table>
{% for line in lines %}<tr><td>{{ line.number }}</td>
<td><a href="/{{ line.id }}">{{ line.title }}</a></td><td>{{ line.firm }}</td>
<td>{{ line.state }}</td><td>{{ line.due }}</td></tr>{% endfor %}
</table>"""


def bare_app(url: str) -> Flask:
    """Return the yardstick: one page, and one insert, with nothing around them."""
    app = Flask("bare")
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.startswith("sqlite"):
        options = {"connect_args": {"timeout": 30}}
    app.config |= {"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": options}
    db = SQLAlchemy(model_class=BareBase)
    db.init_app(app)
    kept = app.jinja_env.from_string(PAGE)

    @app.get("/")
    def page() -> str:
        asked = select(Line).where(Line.state == "open").order_by(Line.due).limit(ROWS)
        return render_template_string(PAGE, lines=db.session.scalars(asked).all())

    @app.get("/kept")
    def page_with_template_kept() -> str:
        asked = select(Line).where(Line.state == "open").order_by(Line.due).limit(ROWS)
        return kept.render(lines=db.session.scalars(asked).all())

    @app.post("/")
    def write() -> Any:  # noqa: ANN401 - a response
        db.session.add(Line(number="QS", title="新的一件", firm="企业", state="new", due=1))
        db.session.commit()
        return redirect("/", 303)

    with app.app_context():
        db.create_all()
        lines = [
            {"number": f"QS{n:08}", "title": "园区东路限高架挡住大件运输", "firm": "拾光精密机械"}
            | {"state": "open" if n % OPEN_SHARE == 0 else "closed", "due": n}
            for n in range(10_000)
        ]
        db.session.execute(insert(Line), lines)
        db.session.commit()
    return app


def add_bare_insert(product: Flask) -> None:
    """Give the product a POST that inserts and commits one row behind its own door."""

    @product.post("/bench")
    def write_behind_door() -> Any:  # noqa: ANN401 - a response
        with transaction():
            product_db.session.add(
                Line(number="QS", title="新的一件", firm="企业", state="new", due=1)
            )
        return redirect("/", 303)


# ---- a township with many tickets ----

COPIED = (Dispatch, Proposal, Reply, Revisit)
WORDS = (
    "用电增容",
    "贷款续贷",
    "招工难",
    "道路限行",
    "环评手续",
    "退税到账",
    "水压不足",
    "消防整改",
)


@dataclass(frozen=True)
class Model:
    """A ticket that was walked through the services, and the rows it left."""

    ticket: dict[str, Any]
    events: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    others: dict[type[Base], list[dict[str, Any]]]


def values_of(row: Base) -> dict[str, Any]:
    """Return a row's columns, but not its id."""
    return {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key != "id"}


def models(office: offices.Office) -> dict[Status, Model]:
    """Walk one ticket to each state through the services, and read what was written."""
    found = {}
    for status in offices.ROADS:
        if status is Status.DRAFT:
            continue
        found[status] = model_of(office.walk_to(status))
        product_db.session.rollback()
    return found


def model_of(ticket: Ticket) -> Model:
    """Read what was written of a ticket."""
    return Model(
        ticket=values_of(ticket),
        events=[values_of(e) for e in ticket.events],
        changes=[values_of(c) for c in ticket.due_history],
        others={
            kind: [
                values_of(row)
                for row in product_db.session.scalars(
                    select(kind).where(kind.ticket_id == ticket.id)
                )
            ]
            for kind in COPIED
        },
    )


def fill(size: int, walked: dict[Status, Model]) -> None:
    """Write copies of the walked tickets until there are `size`: the rows services leave."""
    session = product_db.session
    have = session.scalar(select(func.count()).select_from(Ticket)) or 0
    ids = Ids()
    waiting = [status for status in walked if status is not Status.CLOSED]
    for start in range(have, size, CHUNK):
        batch = Batch()
        for n in range(start, min(start + CHUNK, size)):
            closed = n % OPEN_SHARE != 0
            status = Status.CLOSED if closed else waiting[n // OPEN_SHARE % len(waiting)]
            to_sign = size - n <= TO_SIGN
            batch.add(walked[Status.PENDING_SIGN if to_sign else status], n, ids)
        batch.write(session)
        session.commit()
        print(f"\r  {min(start + CHUNK, size):,} of {size:,} tickets", end="", flush=True)
    if product_db.engine.dialect.name == "postgresql":  # its sequences know nothing of our ids
        for kind in (Ticket, TicketEvent):
            name = kind.__tablename__
            session.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")  # noqa: S608
            )
    session.commit()
    tidy()
    print()


def tidy() -> None:
    """Let the database know what it holds; PostgreSQL does so by itself within minutes."""
    word = "VACUUM ANALYZE" if product_db.engine.dialect.name == "postgresql" else "ANALYZE"
    with product_db.engine.connect() as opened:
        opened.execution_options(isolation_level="AUTOCOMMIT").execute(text(word))


class Ids:
    """The next free id of each table."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def of(self, kind: type[Base]) -> int:
        """Return an id that no row of `kind` has."""
        table = kind.__table__
        if table.name not in self._next:
            top = product_db.session.scalar(select(func.max(table.c.id)))
            self._next[table.name] = (top or 0) + 1
        self._next[table.name] += 1
        return self._next[table.name] - 1


class Batch:
    """Rows that are written together."""

    def __init__(self) -> None:
        self.rows: dict[type[Base], list[dict[str, Any]]] = {Ticket: []}
        self.words: list[tuple[int, str]] = []

    def add(self, model: Model, n: int, ids: Ids) -> None:
        """Copy one walked ticket, some minutes earlier than the one before."""
        back = timedelta(minutes=7 * (n % 20_000))
        late = n // OPEN_SHARE % LATE_SHARE == 0
        ticket = moved(model.ticket, back, keep=frozenset() if late else DEADLINES)
        word = WORDS[n % len(WORDS)] if n % 1000 == 0 else "日常经营事项"
        rare = "船期" if n % RARE == 0 else ""
        ticket |= {
            "id": ids.of(Ticket),
            "number": f"QS{20200101 + n // 9000}-{n % 9000 + 1000:04}",
            "title": f"{word}的第 {n} 件{rare}",
        }
        self.rows[Ticket].append(ticket)
        words = (ticket["number"], ticket["title"], ticket["description"])
        self.words.append((ticket["id"], " ".join(words)))
        events = []
        for event in model.events:
            made = moved(event, back) | {"id": ids.of(TicketEvent), "ticket_id": ticket["id"]}
            events.append(made)
        self.rows.setdefault(TicketEvent, []).extend(events)
        for change in model.changes:
            made = moved(change, back) | {"ticket_id": ticket["id"], "event_id": events[-1]["id"]}
            self.rows.setdefault(DueChange, []).append(made)
        for kind, rows in model.others.items():
            copies = [moved(row, back) | {"ticket_id": ticket["id"]} for row in rows]
            self.rows.setdefault(kind, []).extend(copies)

    def write(self, session: Any) -> None:  # noqa: ANN401 - a scoped session
        """Put everything into the database."""
        for kind, rows in self.rows.items():
            if rows:
                session.execute(insert(kind.__table__), rows)
        if product_db.engine.dialect.name == "postgresql":
            statement = (
                "INSERT INTO search_index (subject_id, grams)"
                " VALUES (:id, array_to_tsvector(:list))"
            )
            session.execute(
                text(statement),
                [{"id": id_, "list": sorted(set(search.grams(w)))} for id_, w in self.words],
            )
            return
        session.execute(
            text("INSERT INTO search_index (rowid, grams) VALUES (:id, :grams)"),
            [{"id": id_, "grams": " ".join(search.grams(w))} for id_, w in self.words],
        )


def moved(
    values: dict[str, Any], back: timedelta, *, keep: frozenset[str] = DEADLINES
) -> dict[str, Any]:
    """Return `values` with every moment and day `back` earlier, but for those to `keep`."""
    return {
        name: value - back if isinstance(value, date) and name not in keep else value
        for name, value in values.items()
    }


# ---- measuring ----


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """Serve `app` as production does, on a free port of this machine; give the port."""
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS)

    def work() -> None:
        with suppress(OSError):  # it may wait for connections at the moment in which it is closed
            server.run()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(1)


class Client:
    """A browser without pictures: one connection, one cookie jar."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, form: dict[str, Any] | None = None
    ) -> tuple[int, str, float]:
        """Return the status, the body (or the place it leads to) and the seconds it took."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = urlencode(form, doseq=True) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read().decode()
        seconds = time.perf_counter() - begun
        for cookie in response.msg.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.split(";")[0]
        location = response.getheader("Location")
        return response.status, location or content, seconds

    def get(self, path: str) -> str:
        """Return a page that must be there."""
        status, content, _ = self.ask("GET", path)
        if status != 200:  # noqa: PLR2004
            raise SystemExit(f"GET {path} answered {status}: {content[:300]}")
        return content

    def sign_in(self, username: str) -> None:
        """Sign in as a person does, through the form."""
        page = self.get("/login")
        form = {"csrf_token": TOKEN.findall(page)[0], "username": username, "password": PASSWORD}
        form["idempotency_key"] = (KEY.findall(page) or [""])[0]
        status, content, _ = self.ask("POST", "/login", form)
        if status not in {302, 303}:
            raise SystemExit(f"Signing in answered {status}: {content[:500]}")


def timed(ask: Callable[[], tuple[int, str, float]], wanted: set[int]) -> float:
    """Return the seconds of a request, which must have worked."""
    status, content, seconds = ask()
    if status not in wanted:
        raise SystemExit(f"A measured request answered {status}: {content[:800]}")
    return seconds


def alternately(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Return the medians of two measurements that take turns, in seconds."""
    for _ in range(WARM_UP):
        first(), second()
    a, b = [], []
    for _ in range(rounds):
        a.append(first())
        b.append(second())
    return statistics.median(a), statistics.median(b)


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields that every form carries."""
    found = {"csrf_token": TOKEN.findall(page)[-1]}
    for name, pattern in (("idempotency_key", KEY), ("version", VERSION)):
        if pattern.search(page):
            found[name] = pattern.findall(page)[-1]
    return found


@dataclass(frozen=True)
class Measured:
    """What one thing took, and the yardstick beside it, in seconds."""

    name: str
    seconds: float
    bare: float
    target: float | None = None


def measure(port: int, bare_port: int, office: offices.Office, rounds: int) -> list[Measured]:
    """Measure every page and both forms against their yardsticks."""
    clerk, handler, bare = Client(port), Client(port), Client(bare_port)
    director = Client(port)
    clerk.sign_in("bench-dispatcher")
    handler.sign_in("bench-handler")
    director.sign_in("bench-office_director")
    ticket_id = product_db.session.scalar(
        select(Ticket.id).where(Ticket.status == Status.CLOSED).order_by(Ticket.id.desc()).limit(1)
    )
    product_db.session.rollback()
    pages = {
        "register, first page": "/tickets",
        "register, state and unit": f"/tickets?view=all&status=in_progress&unit={office.unit_id}",
        "search, two characters": "/tickets?" + urlencode({"q": "船期"}),
        "ticket page, 10 events": f"/tickets/{ticket_id}",
        "worklist, dispatcher": "/",
    }
    of_director = {"worklist, director": "/", "supervision page": "/tickets/supervision"}
    read_bare = lambda: timed(lambda: bare.ask("GET", "/"), {200})  # noqa: E731
    token = {"csrf_token": TOKEN.findall(clerk.get("/tickets"))[0]}
    write_bare = lambda: timed(lambda: bare.ask("POST", "/", {"a": "1"}), {303})  # noqa: E731
    write = lambda: timed(lambda: clerk.ask("POST", "/bench", token), {303})  # noqa: E731
    found = []
    for name, path in pages.items():
        read = lambda path=path: timed(lambda: clerk.ask("GET", path), {200})  # noqa: E731
        found.append(Measured(name, *alternately(read, read_bare, rounds), 2.5))
    for name, path in of_director.items():
        read = lambda path=path: timed(lambda: director.ask("GET", path), {200})  # noqa: E731
        found.append(Measured(name, *alternately(read, read_bare, rounds), 2.5))
    guest, address = Client(port), following(ticket_id)
    follow = lambda: timed(lambda: guest.ask("GET", address), {200})  # noqa: E731
    found.append(Measured("following, by a link", *alternately(follow, read_bare, rounds), 1.5))
    open_one = lambda: opened(clerk, office)  # noqa: E731
    found.append(Measured("opening, through the form", *alternately(open_one, write, rounds), 3))
    signer = signings(handler, office)
    found.append(Measured("signing", *alternately(lambda: next(signer), write, rounds), 3))
    found.append(Measured("the insert behind our door", *alternately(write, write_bare, rounds)))
    read_kept = lambda: timed(lambda: bare.ask("GET", "/kept"), {200})  # noqa: E731
    found.append(
        Measured("the bare page, template kept", *alternately(read_kept, read_bare, rounds))
    )
    return found


def following(ticket_id: int) -> str:
    """Return the address at which an enterprise follows a ticket without an account."""
    with transaction():
        link = firms.link_to(product_db.session.get_one(Ticket, ticket_id))
        return f"/follow/{links.token_of(link)}"


def opened(clerk: Client, office: offices.Office) -> float:
    """Fill in the form as a person would; only the POST is timed."""
    page = clerk.get(f"/tickets/new?enterprise={office.enterprise_id}")
    form = hidden(page) | {
        "enterprise_id": office.enterprise_id,
        "title": "园区东路限高架挡住大件运输",
        "description": "园区东路北口的限高架只有 3.2 米，大件运不出去。",
        "category_id": office.category_id,
        "contact_name": "宋主任",
        "urgency": "normal",
        "source": "phone",
        "no_secrets": "y",
        "action": "submit",
        "next": "submit",
    }
    return timed(lambda: clerk.ask("POST", "/tickets/new", form), {302, 303})


def signings(handler: Client, office: offices.Office) -> Iterator[float]:
    """Sign one ticket after the other that waits for the unit."""
    waiting = product_db.session.scalars(
        select(Ticket.id)
        .where(Ticket.status == Status.PENDING_SIGN, Ticket.lead_unit_id == office.unit_id)
        .order_by(Ticket.id.desc())
        .limit(500)
    ).all()
    product_db.session.rollback()
    for ticket_id in waiting:
        path = f"/tickets/{ticket_id}/steps/sign"
        form = hidden(handler.get(path))
        yield timed(partial(handler.ask, "POST", path, form), {302, 303})


def dispatch_many(port: int, office: offices.Office) -> str:
    """Hand out as many tickets at once as may be, and return a line that says how long it took."""
    clerk = Client(port)
    clerk.sign_in("bench-dispatcher")
    page = clerk.get("/tickets/bulk/dispatch?all=1")
    ids = CHOSEN.findall(page)
    form = hidden(page) | {"ids": ids, "lead_unit_id": office.unit_id, "comment": ""}
    seconds = timed(partial(clerk.ask, "POST", "/tickets/bulk/dispatch", form), {200})
    again = clerk.get("/tickets/bulk/dispatch?" + urlencode({"ids": ids}, doseq=True))
    left = len(CHOSEN.findall(again))
    return f"bulk dispatch of {len(ids) - left}: {seconds:.2f} s ({left} refused)"


def run(url: str, sizes: list[int], rounds: int) -> None:
    """Fill a database to each size and print what was measured there."""
    product = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench"})
    add_bare_insert(product)
    bare = bare_app(url)
    earlier: dict[str, float] = {}
    with product.app_context():
        upgrade()
        office = township()
        walked = models(office)
        for size in sizes:
            fill(size, walked)
            with served(product) as port, served(bare) as bare_port:
                found = measure(port, bare_port, office, rounds)
                at_once = dispatch_many(port, office)
            report(size, found, earlier)
            print(at_once)
            offer_alike(office, rounds)
            climb()
            earlier = {m.name: m.seconds / m.bare for m in found}


def offer_alike(office: offices.Office, rounds: int) -> None:
    """Compare tickets that wait for acceptance with all that is open, and print what it took.

    Here all tickets are of one category: no office has it worse.
    """
    clerk = office.people[Role.DISPATCHER]
    waiting = select(Ticket.id).where(Ticket.status == Status.PENDING_ACCEPTANCE).limit(rounds)
    ids = product_db.session.scalars(waiting).all()
    took = []
    for ticket_id in ids:
        product_db.session.rollback()
        ticket = product_db.session.get_one(Ticket, ticket_id)
        begun = time.perf_counter()
        similar(ticket, viewer=clerk)
        took.append((time.perf_counter() - begun) * 1000)
    product_db.session.rollback()
    if took:
        median = statistics.median(took)
        mark = "  over" if median > ALIKE_MS else ""
        print(f"  similarity offer {median:8.1f} ms, at most {max(took):.1f} ms{mark}")


def climb() -> None:
    """Run the ladder over all open tickets, every one of them late, and print what it took.

    The first run writes to each of them; the second finds that nothing is due.
    """
    open_ones = product_db.session.scalar(
        select(func.count()).select_from(Ticket).where(Ticket.is_running)
    )
    latest = product_db.session.scalar(select(func.max(Ticket.due_at)).where(Ticket.is_running))
    product_db.session.rollback()
    if latest is None:
        return
    calendar = calendar_of(product_db.session.scalars(select(Tenant.id)).one())
    late = calendar.start_of(calendar.add(clock.local(latest).date(), 3)) + timedelta(minutes=15)
    for run_name in ("first", "again"):
        before = high_water()
        begun = time.perf_counter()
        with clock.held(late):
            tickets.climb_ladder()
        took = time.perf_counter() - begun
        grown = high_water() - before
        print(
            f"  the ladder, {run_name} run over {open_ones:,} late tickets"
            f"{took:8.2f}s{grown:8.1f} MB more{'  over' if took > LADDER_SECONDS else ''}"
        )


def mail(url: str, number: int) -> None:
    """Send many letters from a township that has nothing else to do, and print what it took."""
    product = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench"})
    with product.app_context():
        upgrade()
        office = township()
        with served(product) as port:
            clerk = Client(port)
            clerk.sign_in("bench-dispatcher")

            def page() -> float:
                clerk.connection.close()  # it may have been idle for long
                return timed(lambda: clerk.ask("GET", "/tickets"), {200})

            _bench_mail.run(
                product,
                office.tenant_id,
                number,
                page=page,
                high_water=high_water,
                within=MAIL_SECONDS,
            )


def township() -> offices.Office:
    """Make a township with three people who can sign in."""
    made = offices.open_office()

    with transaction():
        for role in (Role.DISPATCHER, Role.HANDLER, Role.OFFICE_DIRECTOR):
            user = product_db.session.get_one(User, made.people[role].user_id)
            user.username, user.password_hash = f"bench-{role}", passwords.make_hash(PASSWORD)
            user.must_change_password = False
    return made


def report(size: int, found: list[Measured], earlier: dict[str, float]) -> None:
    """Print one line per thing: milliseconds, the yardstick, the ratio, and the growth."""
    print(f"\n{size:,} tickets")
    print(f"  {'':28}{'product':>10}{'bare':>9}{'ratio':>8}{'target':>8}{'growth':>8}")
    for m in found:
        ratio = m.seconds / m.bare
        growth = f"{ratio / earlier[m.name]:.2f}" if m.name in earlier else ""
        mark = "  over" if m.target and ratio > m.target else ""
        print(
            f"  {m.name:28}{m.seconds * 1000:8.2f}ms{m.bare * 1000:7.2f}ms"
            f"{ratio:8.2f}{m.target or '':>8}{growth:>8}{mark}"
        )


# ---- reminders ----

TARGETS = 3  # of each person
HEARD = clock.at(date(2026, 9, 16), clock_time(10, 0))  # on the last visit


def remind(url: str, recipients: int) -> None:
    """Plan R1 for so many people and render each letter, in a process that prints what it took."""
    crowd(url, recipients)
    print(f"{TARGETS} targets each; {recipients // 2 * TARGETS:,} problems in all")
    measured = Path(_bench_remind.__file__)
    subprocess.run([sys.executable, measured, url], check=True, cwd=ROOT)


def crowd(url: str, recipients: int) -> None:
    """Make a township of so many people who visit: half of them leaders, half liaison officers.

    Each has some targets; each target a contact, a visit with a promise, and an open problem.
    """
    product = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench"})
    with product.app_context():
        upgrade()
        fill_with_people(offices.open_office(), recipients)


def fill_with_people(office: offices.Office, recipients: int) -> None:
    """Write the rows of a crowd."""
    session = product_db.session
    half = recipients // 2
    people = [
        {
            "id": 10_000 + n,
            "tenant_id": office.tenant_id,
            "username": f"crowd{n}",
            "name": f"人员{n}",
            "email": f"p{n}@example.com",
        }
        for n in range(2 * half)
    ]
    with clock.held(HEARD):
        model = model_of(office.walk_to(Status.IN_PROGRESS))
    kinds = (Enterprise, EnterpriseContact, Linkage, VisitTask, Visit)
    rows: dict[type[Base], list[dict[str, Any]]] = {
        kind: [] for kind in (*kinds, Ticket, TicketEvent, DueChange, *COPIED)
    }
    for n in range(half * TARGETS):
        for kind, row in target(n, half, office, model.ticket).items():
            rows[kind].append(row)
        done = {"period": "2026-09", "due_on": date(2026, 9, 30), "state": TaskState.DONE}
        rows[VisitTask].append(rows[VisitTask][-1] | done)
        for kind, written in history(rows[Ticket][-1]["id"], model).items():
            rows[kind].extend(written)
    holdings = [
        {
            "tenant_id": office.tenant_id,
            "user_id": person["id"],
            "role": Role.LEADER if n < half else Role.LIAISON,
        }
        for n, person in enumerate(people)
    ]
    session.rollback()
    for kind, made in {User: people, RoleHolding: holdings, **rows}.items():
        for start in range(0, len(made), CHUNK):
            session.execute(insert(kind), made[start : start + CHUNK])
        session.commit()


def history(ticket_id: int, model: Model) -> dict[type[Base], list[dict[str, Any]]]:
    """Return what was written of a ticket that went the way of `model`."""
    same = {"ticket_id": ticket_id}
    return {
        TicketEvent: [event | same for event in model.events],
        DueChange: [change | same | {"event_id": None} for change in model.changes],
        **{kind: [row | same for row in written] for kind, written in model.others.items()},
    }


def target(
    n: int, half: int, office: offices.Office, ticket: dict[str, Any]
) -> dict[type[Base], dict[str, Any]]:
    """Return the rows of one target: its firm, who looks after it, and what is known of it."""
    same = {"tenant_id": office.tenant_id}
    leader, liaison, firm = 10_000 + n % half, 10_000 + half + n % half, 100_000 + n
    return {
        Enterprise: same
        | {
            "id": firm,
            "name": f"明岫霁川第{n}企业有限公司",
            "short_name": f"第{n}企业",
            "address": f"霁川社区集镇北路 {n} 号",
        },
        EnterpriseContact: {
            "enterprise_id": firm,
            "name": "宋主任",
            "post": "运营经理",
            "phone": "14200000001",
            "is_primary": True,
        },
        Linkage: same
        | {
            "id": firm,
            "leader_id": leader,
            "liaison_id": liaison,
            "enterprise_id": firm,
            "valid_from": date(2026, 1, 1),
            "created_at": HEARD,
        },
        VisitTask: same
        | {"linkage_id": firm, "period": "2026-10", "due_on": date(2026, 10, 30)}
        | {"state": TaskState.PLANNED},
        Visit: same
        | {
            "number": f"ZF20260916-{n:05}",
            "enterprise_id": firm,
            "visited_on": date(2026, 9, 16),
            "mode": Mode.ON_SITE,
            "counts": True,
            "promises": "把县级资金的进度告诉企业，带上施工图",
            "recorded_by_id": liaison,
            "recorded_at": HEARD,
        },
        Ticket: ticket
        | {
            "id": firm,
            "number": f"QS20260916-{n:05}",
            "enterprise_id": firm,
            "leader_id": leader,
            "liaison_id": liaison,
        },
    }


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", help="an empty database; a SQLite file of its own without it")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--reminders", type=int, metavar="PEOPLE", help="measure R1 alone")
    parser.add_argument("--mail", type=int, metavar="LETTERS", help="measure this, and no more")
    parser.add_argument("--tell", type=int, metavar="TELLINGS", help="measure this, and no more")
    parser.add_argument("--threads", type=int, default=8, help="that tell at once")
    asked = parser.parse_args()
    print(f"now {clock.now():%Y-%m-%d %H:%M}")
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{folder}/bench.sqlite"
        if asked.reminders:
            remind(url, asked.reminders)
        elif asked.mail:
            mail(url, asked.mail)
        elif asked.tell:
            product = create_app(
                {"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench", "TELL_LIMITS": False}
            )
            bare = bare_app(asked.url or f"sqlite:///{folder}/bare.sqlite")
            _bench_tell.measure(product, bare, served, asked.tell, asked.threads)
            _bench_tell.arriving(product, served, ARRIVING_SECONDS)
        else:
            run(url, asked.sizes, asked.rounds)


if __name__ == "__main__":
    main()
