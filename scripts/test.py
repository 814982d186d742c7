"""Check everything that must hold before a change lands: python3 scripts/test.py.

Runs every step even when one fails, and ends with a summary. What it does not know it passes
on to pytest: python3 scripts/test.py --only sqlite -k deadline
"""

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import _setup
from _setup import PYTHON, ROOT, say, stop

GROUPS = ("lint", "sqlite", "postgresql", "journeys")
ALIASES = {"postgres": "postgresql"}
IMPORT_CONTRACTS = "from importlinter.cli import lint_imports_command as check; check()"
PARALLEL = ("-m", "pytest", "-n", "logical", "--dist", "worksteal")
JOURNEYS = "journeys in Chromium"
LOOP = "tests/journeys/test_loop.py"
TAIL = 4096  # bytes of output in which pytest's closing line is looked for
CLOSING = re.compile(r"^=+ .*\b(?:passed|failed|error|errors|skipped|ran)\b.* =+$", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Step:
    """One thing to check, by a program of `.venv`."""

    group: str
    name: str
    arguments: tuple[str, ...]
    database: str = ""  # for pytest, which alone takes what we do not know
    beside: str = ""  # the step of its group with which it runs; it is shown after it


@dataclass(frozen=True)
class Outcome:
    """What came of a step; `closing` is pytest's own last line."""

    step: Step
    passed: bool
    seconds: float
    closing: str


STEPS = (
    Step("lint", "format", ("-m", "ruff", "format", "--check", ".")),
    Step("lint", "lint", ("-m", "ruff", "check", ".")),
    Step("lint", "types", ("-m", "mypy")),
    Step("lint", "import contracts", ("-c", IMPORT_CONTRACTS)),
    Step("sqlite", "tests on SQLite", (*PARALLEL, "--ignore=tests/journeys"), "sqlite"),
    Step("postgresql", "tests on PostgreSQL", (*PARALLEL, "--ignore=tests/journeys"), "postgresql"),
    Step("journeys", "Chromium", ("-m", "tests.browser")),
    Step("journeys", JOURNEYS, (*PARALLEL, "tests/journeys"), "sqlite"),
    # One long journey, which would leave the other cores idle.
    Step("journeys", "the loop on PostgreSQL", ("-m", "pytest", LOOP), "postgresql", JOURNEYS),
)


def main() -> int:
    """Check, sum up, and return the exit code."""
    only, extra = _parse()
    if os.name == "nt":
        stop("The tests need Linux or macOS, on Windows its WSL; scripts/run.py works everywhere.")
    started = time.monotonic()
    with _setup.one_at_a_time():
        _setup.install(_setup.DEVELOPMENT)
    outcomes = _take_all([step for step in STEPS if only in {"", step.group}], extra)
    _sum_up(outcomes, time.monotonic() - started)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _parse() -> tuple[str, list[str]]:
    parser = argparse.ArgumentParser(
        prog="python3 scripts/test.py",
        description="Check everything that must hold before a change lands.",
        epilog="Every other option goes to pytest, for instance: -k deadline -x",
    )
    parser.add_argument("--only", choices=(*GROUPS, *ALIASES), default="", help="one part of it")
    options, extra = parser.parse_known_args()
    return ALIASES.get(options.only, options.only), extra


def _take_all(steps: list[Step], extra: list[str]) -> list[Outcome]:
    """Take one step after the other, each with what runs beside it."""
    outcomes = []
    with ThreadPoolExecutor() as pool:
        for step in steps:
            if step.beside:
                continue
            shown = {each: io.BytesIO() for each in steps if each.beside == step.name}
            beside = {each: pool.submit(_take, each, extra, shown[each]) for each in shown}
            _head(step)
            outcomes.append(_take(step, extra, sys.stdout.buffer))
            for each, taken in beside.items():
                outcomes.append(taken.result())
                _head(each)
                sys.stdout.buffer.write(shown[each].getvalue())
                sys.stdout.buffer.flush()
    return outcomes


def _head(step: Step) -> None:
    say(f"\n── {step.name} ──")


def _take(step: Step, extra: list[str], out: BinaryIO) -> Outcome:
    """Run one step, pass on what it prints as it prints it, and time it."""
    settings = {
        "PYTHONUNBUFFERED": "1",
        # Off, wherever it is on: each worker, and each process that a test starts, would compile
        # every module anew, and pytest would write its assertions anew, 8 s each time.
        "PYTHONDONTWRITEBYTECODE": "",
        "COLUMNS": str(shutil.get_terminal_size((100, 24)).columns),
    }
    if sys.stdout.isatty():
        settings["FORCE_COLOR"] = "1"
    if step.database:
        settings["BIHUAN_TEST_DATABASE"] = step.database
    started = time.monotonic()
    with subprocess.Popen(
        [PYTHON, *step.arguments, *(extra if step.database else ())],
        cwd=ROOT,
        env=_setup.environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as program:
        tail = _pass_on(program, out)
    closing = CLOSING.findall(COLOUR.sub("", tail.decode(errors="replace")).replace("\r\n", "\n"))
    return Outcome(
        step, program.returncode == 0, time.monotonic() - started, closing[-1] if closing else ""
    )


def _pass_on(program: subprocess.Popen[bytes], out: BinaryIO) -> bytes:
    """Write what `program` prints, dot by dot, and return the end of it."""
    assert program.stdout  # noqa: S101 - tells the type checker
    tail = b""
    while chunk := os.read(program.stdout.fileno(), TAIL):
        out.write(chunk)
        out.flush()
        tail = (tail + chunk)[-TAIL:]
    return tail


def _sum_up(outcomes: list[Outcome], seconds: float) -> None:
    say("\n── summary ──")
    for outcome in outcomes:
        mark = "ok    " if outcome.passed else "FAILED"
        say(f"{mark}  {outcome.step.name:<22}{outcome.seconds:>7.1f} s")
    for outcome in outcomes:
        if outcome.closing:
            say(f"{outcome.step.name}:\n{outcome.closing}")
    failed = [outcome.step.name for outcome in outcomes if not outcome.passed]
    verdict = f"Failed: {', '.join(failed)}." if failed else "All of it holds."
    say(f"{verdict} ({seconds:.0f} s)")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        stop("Stopped before the end; nothing was decided.")
