"""What the two commands share: a virtual environment with what they need, and plain words.

Only the standard library, because nothing else is there yet. Everything that goes wrong ends
in `stop`, with one sentence that says what is missing and how to get it.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one must be told
    sys.exit(
        "Bihuan needs Python 3.11 or newer and this is Python %d.%d;"  # noqa: UP031
        " install one from python.org or your system's packages and start again with it."
        % sys.version_info[:2]
    )

from collections.abc import Iterator
from importlib.util import find_spec
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / ".cache" / "setup.lock"
STAMP = VENV / "installed.json"  # which requirements are in, by the hash of their file
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"  # contains the other
LAST_LINES = 12
NEEDED = {
    "venv": "python3-venv",
    "ensurepip": "python3-venv",
    "ssl": "openssl",
    "sqlite3": "libsqlite3",
}


def stop(sentence: str) -> NoReturn:
    """End with a sentence for whoever started us."""
    sys.exit(f"\n{sentence}")


def say(sentence: str) -> None:
    """Tell at once what is being done."""
    print(sentence, flush=True)


def environment(**settings: str) -> dict[str, str]:
    """Return the environment for a program in `.venv`, free of another Python's traces."""
    strange = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    kept = {name: value for name, value in os.environ.items() if name not in strange}
    return {**kept, "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1", **settings}


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let only one command at a time change `.venv` and the database; the others wait."""
    try:
        LOCK.parent.mkdir(exist_ok=True)
        file = LOCK.open("a")
    except OSError as error:
        stop(
            f"Bihuan cannot write in {ROOT} ({error.strerror});"
            " give yourself the right to, or move it to a folder of your own."
        )
    with file:
        if not _lock(file.fileno(), wait=False):
            say("Another start is still setting things up; waiting for it…")
            _lock(file.fileno(), wait=True)
        yield  # closing the file unlocks it


def _lock(descriptor: int, *, wait: bool) -> bool:
    """Lock an open file; tell whether that worked."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - only there

            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - only elsewhere

            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def install(requirements: str) -> None:
    """Have a virtual environment with these requirements, and only these hashes."""
    _make_environment()
    wanted = {name: _digest(name) for name in _contained(requirements)}
    if wanted.items() <= _installed().items():
        return
    count = sum("==" in line for line in (ROOT / requirements).read_text().splitlines())
    say(f"Installing {count} packages from {requirements} (a minute or two, this once)…")
    STAMP.unlink(missing_ok=True)
    _pip_install(requirements, count)
    STAMP.write_text(json.dumps(wanted))


def _make_environment() -> None:
    """Make `.venv`, or make it anew if it does not work, as after an upgrade of Python."""
    if _works():
        return
    for module, package in NEEDED.items():
        if find_spec(module) is None:
            stop(
                f"This Python ({sys.executable}) lacks its {module} module; install it"
                f" (on Debian and Ubuntu: sudo apt install {package}) and start again."
            )
    say("Making a virtual environment in .venv…")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not _works():
        stop(
            "The virtual environment .venv could not be made; on Debian and Ubuntu"
            f" `sudo apt install python3-venv` may help. Python said:\n{last_lines(done.stdout)}"
            f"{last_lines(done.stderr)}"
        )


def _works() -> bool:
    """Tell whether `.venv` has a Python that is new enough, and pip."""
    question = (
        "import pip, sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    )
    try:
        asked = subprocess.run(
            [PYTHON, "-c", question], env=environment(), capture_output=True, check=False
        )
    except OSError:
        return False
    return asked.returncode == 0


def _contained(requirements: str) -> tuple[str, ...]:
    return (RUNTIME, DEVELOPMENT) if requirements == DEVELOPMENT else (requirements,)


def _digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def _installed() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def _pip_install(requirements: str, count: int) -> None:
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-input"]
    quiet = ["--disable-pip-version-check", "--progress-bar", "off", "-r", requirements]
    lines = []
    found = 0
    with subprocess.Popen(
        [*command, *quiet],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                found += 1
                show_progress(found, count)
            if line.startswith("Installing collected packages"):
                show_progress(count, count)
                say("  unpacking…")
    if pip.returncode:
        stop(
            f"The packages in {requirements} could not be installed; this needs a connection"
            " to a Python package index once (set PIP_INDEX_URL to use a mirror of your own),"
            f" then start again. pip said:\n{last_lines(''.join(lines))}"
        )


def show_progress(done: int, count: int) -> None:
    """Show how far a long work is: in place on a terminal, every tenth step elsewhere."""
    if sys.stdout.isatty():
        print(f"\r  {done} of {count}", end="\n" if done == count else "", flush=True)
    elif done % 10 == 0:
        say(f"  {done} of {count}")


def last_lines(text: str) -> str:
    """Return the end of what a program said, indented."""
    return "".join(f"  {line}\n" for line in text.splitlines()[-LAST_LINES:])
