"""The nightly sweep: what no attachment has goes in the end, and nothing that anybody may want."""

import os
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from app import schedule
from app.accounts.roles import Role
from app.attachments import jobs, queries, service
from app.attachments.service import Prepared
from app.core import clock, files
from app.core.db import db
from app.core.transactions import transaction
from tests import make

MONTH = timedelta(days=31)
Clock = time_machine.Traveller


def lie(app: Flask, content: bytes, *, for_: timedelta = timedelta(0)) -> str:
    """Keep a content that was written so long ago; return its hash."""
    del app
    sha256 = files.put(content)
    at = (clock.machine_now() - for_).timestamp()
    os.utime(files.path_of(sha256), (at, at))
    return sha256


def attach(sha256: str) -> None:
    with transaction():
        service.attach(
            Prepared("说明.pdf", "application/pdf", 3, sha256),
            actor=make.actor(Role.LIAISON),
            ticket_id=make.ticket().id,
        )


def there(app: Flask) -> list[str]:
    """Return what lies in the folder, by the beginning of its name."""
    found = Path(app.config["FILES_FOLDER"]).rglob("*")
    return sorted(path.name[:6] for path in found if path.is_file())


def names(*hashes: str, aside: bool = False) -> list[str]:
    return [files.ASIDE if aside else sha256[2:8] for sha256 in sorted(hashes)]


def test_what_nobody_wants_is_set_aside_after_a_month_and_gone_after_another(
    app: Flask, frozen_clock: Clock
) -> None:
    young, old = lie(app, b"young"), lie(app, b"old", for_=MONTH)

    jobs.sweep()
    assert not files.path_of(old).exists()
    assert files.path_of(young).exists()
    assert len(there(app)) == 2
    frozen_clock.shift(timedelta(days=29))
    jobs.sweep()
    assert len(there(app)) == 2
    frozen_clock.shift(timedelta(days=2))
    jobs.sweep()

    assert there(app) == names(young, aside=True)


def test_what_an_attachment_has_stays_however_old_it_is(app: Flask, frozen_clock: Clock) -> None:
    wanted, other = lie(app, b"wanted", for_=MONTH * 40), lie(app, b"other", for_=MONTH)
    attach(wanted)

    for _ in range(3):
        jobs.sweep()
        assert files.path_of(wanted).read_bytes() == b"wanted"
        frozen_clock.shift(MONTH)

    assert there(app) == names(wanted)
    assert queries.referred_to([wanted, other]) == {wanted}


def test_what_was_set_aside_and_is_wanted_after_all_is_brought_back(
    app: Flask, frozen_clock: Clock
) -> None:
    sha256 = lie(app, b"from a backup", for_=MONTH)
    jobs.sweep()
    attach(sha256)  # the database of last week was put back
    frozen_clock.shift(MONTH)

    jobs.sweep()

    assert files.path_of(sha256).read_bytes() == b"from a backup"


def test_what_is_written_while_the_same_lies_aside_is_there(app: Flask) -> None:
    sha256 = lie(app, b"again", for_=MONTH)
    jobs.sweep()

    assert files.put(b"again") == sha256
    attach(sha256)
    jobs.sweep()

    assert there(app) == names(sha256)


@pytest.mark.usefixtures("app")
def test_a_half_written_file_of_a_killed_upload_goes_and_a_running_one_stays() -> None:
    sha256 = files.put(b"abc")
    folder = files.path_of(sha256).parent
    killed, running = folder / ".draft-killed", folder / ".draft-running"
    at = (clock.machine_now() - MONTH).timestamp()
    for path in (killed, running):
        path.write_bytes(b"half")
    os.utime(killed, (at, at))

    jobs.sweep()

    assert (killed.exists(), running.exists()) == (False, True)


# ---- faults ----


def upload_meanwhile(
    monkeypatch: pytest.MonkeyPatch, sha256: str, act: Callable[[], object]
) -> None:
    """Let an upload act at the last moment before a content is set aside."""
    replace = Path.replace
    wanted, acted = files.path_of(sha256), []

    def interrupted(path: Path, target: Path) -> Path:
        if path == wanted and not acted:
            acted.append(act())
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)


def test_an_upload_at_the_moment_of_the_sweep_keeps_its_content(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = lie(app, b"same content", for_=MONTH)
    upload_meanwhile(monkeypatch, sha256, lambda: files.put(b"same content"))

    jobs.sweep()

    assert files.path_of(sha256).read_bytes() == b"same content"
    assert there(app) == names(sha256)


def test_an_upload_that_finds_it_just_set_aside_writes_it_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = lie(app, b"same content", for_=MONTH)
    utime, path = os.utime, files.path_of(sha256)

    def swept_before(*args: object) -> None:
        monkeypatch.setattr(os, "utime", utime)
        jobs.sweep()
        utime(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "utime", swept_before)

    assert files.put(b"same content") == sha256
    assert path.read_bytes() == b"same content"


def test_a_sweep_that_is_killed_or_asks_the_wrong_database_has_lost_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [lie(app, content, for_=MONTH) for content in (b"one", b"two", b"three")]
    for sha256 in kept:
        attach(sha256)

    def killed(_path: Path, _target: Path) -> Path:
        raise KeyboardInterrupt

    replace = Path.replace
    files.sweep(lambda _hashes: set(), clock.machine_now())  # as if there were no attachment
    assert not any(files.path_of(sha256).exists() for sha256 in kept)
    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.sweep()
    monkeypatch.setattr(Path, "replace", replace)
    jobs.sweep()

    assert all(files.path_of(sha256).exists() for sha256 in kept)


def test_a_question_that_fails_takes_nothing_away(app: Flask) -> None:
    sha256 = lie(app, b"old", for_=MONTH)

    def broken(_hashes: Collection[str]) -> set[str]:
        raise ConnectionError("the database is gone")

    with pytest.raises(ConnectionError):
        files.sweep(broken, clock.machine_now())

    assert files.path_of(sha256).exists()


def test_the_timetable_sweeps_at_night(app: Flask, frozen_clock: Clock) -> None:
    old = lie(app, b"old", for_=MONTH)
    frozen_clock.shift(timedelta(days=1))

    assert "sweep-files" in schedule.run_due()

    assert not files.path_of(old).exists()
    assert db.session.is_active
