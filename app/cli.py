"""Commands: what an operator does by hand."""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar, cast

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import OperationalError
from waitress.server import create_server

from app import schedule
from app.accounts import jobs as accounts_jobs
from app.accounts import queries as accounts_queries
from app.accounts import service as accounts
from app.accounts.roles import Role, system
from app.config import DEFAULTS
from app.core import anchors, audit, backup, clock, passwords, revisions
from app.core.db import db
from app.core.errors import DomainError
from app.core.revisions import Standing
from app.core.transactions import transaction
from app.demo import jobs as demo_jobs
from app.demo import queries as demo
from app.demo.queries import State
from app.operations import queries as operations
from app.tickets import service as tickets

Command = TypeVar("Command", bound=Callable[..., Any])

PASSWORD = "Bihuan-2026"  # noqa: S105 - the demo's, and printed by it
THREADS = 8
MILD = 10  # where the machine is busy, pages come first
BESIDE_PAGES = 25  # letters a second, where the same process serves pages
SILENCE = 15.0  # seconds after which a load that shows no sign is taken for dead
WALK = (
    ("ximuyang", "the liaison officer who visits, hears the problem, and asks again at the end"),
    ("shenzhixia", "the clerk of the office: accepts, dispatches, reviews"),
    ("chengwangchuan", "the handler: signs, calls the enterprise, answers"),
    ("fangyangeng", "the head of that unit: signs the answer off"),
    ("yujinglan", "the director of the office: decides what two persons decide"),
    ("ruanhuaiqing", "the chief of the township: approves what goes to the top"),
)
NO_DEMO = "This database holds no demo township."
DAY = click.DateTime(formats=["%Y-%m-%d"])


demo_group = AppGroup("demo", help="The invented township.")
audit_group = AppGroup("audit", help="The audit log.")


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in (serve, scheduler, job, admin_link, backup_to, demo_group, audit_group):
        app.cli.add_command(command)


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)


UNREADY = {
    Standing.EMPTY: "The database {url} has no tables yet: run flask db upgrade first.",
    Standing.BEHIND: "The database {url} is of an earlier version: run flask db upgrade first.",
    Standing.AHEAD: "The database {url} is of a later version than this program: update it.",
}


def with_database(command: Command) -> Command:
    """Run a command in the application, on a database that is of this version."""

    @with_appcontext
    @wraps(command)
    def checked(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - whatever the command takes
        url = db.engine.url.render_as_string(hide_password=True)
        try:
            found = revisions.standing()
        except OperationalError as error:
            _fail(f"The database {url} does not answer: {error.orig}")
        if found in UNREADY:
            _fail(UNREADY[found].format(url=url))
        return command(*args, **given)

    return cast("Command", checked)


# ---- serving ----


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--no-scheduler", is_flag=True, help="Another process runs the timetable.")
@with_database
def serve(host: str, port: int, *, no_scheduler: bool) -> None:
    """Serve the pages, and run the timetable beside them."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
    url = f"http://{host}:{port}"
    if app.config["PUBLIC_URL"] == DEFAULTS["PUBLIC_URL"]:
        app.config["PUBLIC_URL"] = url  # what links in mail begin with
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="bihuan",
        clear_untrusted_proxy_headers=not app.config["PROXY_HOPS"],
    )
    timetable = schedule.build_scheduler(app, before=demo_jobs.follow_clock)
    signal.signal(signal.SIGTERM, _end)
    if not no_scheduler:
        let_pages_come_first(app)
        timetable.start()
    click.echo(f"Bihuan is at {url} (Ctrl-C ends it).")
    server.run()  # returns on Ctrl-C and SIGTERM, after the requests that are under way
    click.echo("Ending…")
    timetable.shutdown()


def let_pages_come_first(app: Flask) -> None:
    """Spread letters that leave from the process of the pages, unless an operator said how fast."""
    if app.config["SMTP_PER_SECOND"] == "":
        app.config["SMTP_PER_SECOND"] = BESIDE_PAGES


@click.group("scheduler", cls=AppGroup, invoke_without_command=True)
@click.pass_context
def scheduler(context: click.Context) -> None:
    """Run the timetable, and nothing else, until Ctrl-C; or say how it stands."""
    if context.invoked_subcommand is None:
        context.invoke(run_scheduler)


@scheduler.command("run")
@with_database
def run_scheduler() -> None:
    """Run the timetable, and nothing else, until Ctrl-C."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
    timetable = schedule.build_scheduler(app, before=demo_jobs.follow_clock)
    signal.signal(signal.SIGTERM, _end)
    if hasattr(os, "nice"):
        os.nice(MILD)
    timetable.start()
    click.echo("The timetable runs (Ctrl-C ends it).")
    try:
        while True:
            time.sleep(3600)
    except (KeyboardInterrupt, SystemExit):
        click.echo("Ending…")
        timetable.shutdown()


@scheduler.command("status")
@with_database
def scheduler_status() -> None:
    """Say what each job did and does next, and what waits; end with 1 if nobody runs them."""
    demo_jobs.follow_clock()
    found = operations.status()
    for one in found.jobs:
        ran = f"{clock.local(one.run.started_at):%m-%d %H:%M:%S}" if one.run else "never"
        took = "" if one.seconds is None else f"{one.seconds:.1f} s"
        following = f"{clock.local(one.next_at):%m-%d %H:%M}" if one.next_at else "each tick"
        line = f"{one.job.name:<22} {one.standing:<8} last {ran:<15} {took:>8}  next {following}"
        click.echo(f"{line}  {one.run.error}" if one.run and one.run.error else line)
    click.echo("Waiting:")
    for name in found.waiting.__slots__:
        click.echo(f"  {name.replace('_', ' ')}: {getattr(found.waiting, name)}")
    for beat in found.schedulers:
        lives = "lives" if beat.is_fresh(found.at) else "is silent"
        click.echo(
            f"{beat.scheduler} {lives}, last heard of {clock.local(beat.beat_at):%m-%d %H:%M:%S}"
        )
    if not found.is_alive:
        _fail("No scheduler runs: start flask serve, or flask scheduler.")


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


@click.command("job")
@click.argument("name")
@with_database
def job(name: str) -> None:
    """Run one job of the timetable now. What it has done already it does not do twice."""
    known = {each.name: each for each in schedule.TIMETABLE}
    if name not in known:
        _fail(f"There is no job {name}; choose one of: {', '.join(known)}.")
    demo_jobs.follow_clock()
    known[name].run()
    click.echo(f"{name} ran.")


# ---- installing and keeping ----


@click.command("admin-link")
@click.option("--again", is_flag=True, help="Although there is an administrator.")
@with_database
def admin_link(*, again: bool) -> None:
    """Print a link with which somebody becomes administrator, once."""
    there = [house.id for house in accounts_queries.tenants()]
    held = [accounts_queries.users_with_role(id_, [Role.SYS_ADMIN]) for id_ in there]
    if any(held) and not again:
        click.echo("There is an administrator already; for a new link: flask admin-link --again")
        return
    with transaction():
        token = accounts.make_admin_link()
    path = current_app.url_map.bind("").build("accounts.start", {"token": token})
    click.echo("Open this link within 24 hours to become the administrator; it works once:")
    click.echo(f"  {str(current_app.config['PUBLIC_URL']).rstrip('/')}{path}")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup_to(file: Path) -> None:
    """Copy the database in one step, while it is in use (SQLite)."""
    if db.engine.dialect.name != "sqlite":
        _fail("This is PostgreSQL: make the backup with pg_dump.")
    try:
        backup.write(file)
    except DomainError:
        _fail(f"{file} is there already; choose another name.")
    config = current_app.config
    click.echo(f"Written to {file}. Keep with it: the attachments in {config['FILES_FOLDER']}")
    click.echo(f"and the keys in {current_app.instance_path} (without them numbers stay sealed).")


@audit_group.command("verify")
@with_database
def verify() -> None:
    """Name the first row of the audit log that was tampered with."""
    noted = anchors.read(Path(current_app.config["AUDIT_ANCHOR"]))
    found = audit.first_break(noted)
    if found is None:
        _check_seals()
        row_id, _digest = audit.head()
        click.echo(f"The audit log holds: {row_id} rows, anchors noted: {len(noted)}.")
        return
    row = db.session.get(audit.AuditRow, found.row_id)
    told = f" ({row.at:%Y-%m-%d %H:%M} UTC, {row.action}, {row.subject})" if row else ""
    _fail(f"The audit log does not hold: row {found.row_id} is {found.why}{told}.")


def _check_seals() -> None:
    """Fail where what an enterprise said is not what the log sealed when it was said."""
    broken = tickets.first_broken_seal()
    if broken is not None:
        _fail(
            f"The audit log holds, but what it sealed does not: {broken.what} {broken.id} is not"
            f" as row {broken.row_id} sealed it."
        )


@audit_group.command("anchor")
@with_database
def anchor() -> None:
    """Note the end of the audit log outside the database, now."""
    accounts_jobs.anchor_audit()
    row_id, digest = audit.head()
    click.echo(f"{row_id} {digest}")


# ---- the demo ----


@demo_group.command("load")
@with_database
def load() -> None:
    """Load the invented township into an empty database."""
    state = demo.state()
    if state is State.UNFINISHED:
        click.echo("A load was begun here; looking whether somebody still works on it…")
        state = _watch()
    if state is State.REAL:
        click.echo("This database is in use; the demo is only loaded into an empty one.")
        return
    if state is State.DEMO:
        click.echo("The demo township is here already.")
        return
    if state is State.UNFINISHED:
        click.echo("Nobody does: clearing what it left, and starting again.")
        _clear()
    begun = time.monotonic()
    kept = anchors.set_aside(Path(current_app.config["AUDIT_ANCHOR"]), clock.machine_now())
    if kept:
        click.echo(f"The anchors of an earlier database are kept in {kept.name}.")
    click.echo("Loading the demo township, a year of work (half a minute or so)…")
    demo_jobs.load(passwords.make_hash(PASSWORD), tell=click.echo)
    accounts_jobs.anchor_audit()
    click.echo(f"Loaded in {time.monotonic() - begun:.0f} s; its clock shows 2026-09-30 09:00.")


def _watch() -> State:
    """Return what the database holds once a load that is under way has ended, or is dead."""
    beat, since = demo.last_beat(), time.monotonic()
    while time.monotonic() - since < SILENCE:
        time.sleep(0.5)
        db.session.rollback()
        state = demo.state()
        if state is not State.UNFINISHED:
            return state
        if demo.last_beat() != beat:
            beat, since = demo.last_beat(), time.monotonic()
    return State.UNFINISHED


def _clear() -> None:
    """Take the tables down and build them again; there is nothing in them but that load."""
    db.session.remove()
    db.engine.dispose()
    downgrade(revision="base")
    upgrade()


@demo_group.command("accounts")
@with_database
def list_accounts() -> None:
    """Print who can sign in, with their password."""
    people = demo.accounts()
    if demo.tenant_id() is None or not people:
        click.echo(NO_DEMO)
        return
    by_name = {person.username: person for person in people}
    click.echo("To walk one problem through the loop, as six people (user name, password):")
    for username, task in WALK:
        _line(by_name[username], task)
    click.echo("Everybody else:")
    walkers = {username for username, _task in WALK}
    for person in people:
        if person.username not in walkers:
            _line(person, f"{person.post}：{person.roles}")


def _line(person: demo.Account, told: str) -> None:
    password = PASSWORD if person.has_first_password else "(changed)"
    click.echo(f"  {person.username:<15} {password}  {person.name} {told}")


@demo_group.command("travel")
@click.option("--to", "to", type=DAY, required=True, metavar="YYYY-MM-DD")
@with_database
def travel(to: datetime) -> None:
    """Move the demo's clock forward to 09:00 of a day, through the timetable."""
    tenant_id = demo.tenant_id()
    if tenant_id is None:
        _fail(NO_DEMO)
    demo_jobs.follow_clock()
    try:
        trip = demo_jobs.travel(to.date(), actor=system(tenant_id), tell=_arrived)
    except DomainError:
        _fail(f"At most {demo_jobs.LIMIT} days at once; choose a nearer day.")
    if not trip.days:
        click.echo(f"It is {clock.today()} there already; the clock only goes forward.")
        return
    found = demo.happened(tenant_id, trip.since, trip.until)
    for name in found.__slots__:
        if getattr(found, name):
            click.echo(f"  {name.replace('_', ' ')}: {getattr(found, name)}")


def _arrived(day: date) -> None:
    click.echo(f"  {day}")
