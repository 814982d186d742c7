"""`scripts/run.py` and `scripts/test.py`: what they need is pinned, what they lack is said."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_pinned_and_hashed_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    lines = text.replace("\\\n", " ").splitlines()
    requirements = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]

    assert requirements
    assert all(re.match(r"[a-z0-9-]+==.* --hash=sha256:", line) for line in requirements)
    assert "://" not in text


def test_the_tests_run_on_the_versions_that_the_product_runs_on() -> None:
    product, tests = (dict(PINNED.findall((ROOT / name).read_text())) for name in REQUIREMENTS)

    assert product.items() <= tests.items()


def test_the_chromium_of_the_tests_is_pinned_and_hashed_and_names_no_host() -> None:
    text = (ROOT / "tests" / "chromium" / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]

    assert all(package["integrity"] for path, package in packages.items() if path)
    assert "://" not in text


def test_a_port_that_is_taken_is_named_with_the_way_to_choose_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = run("scripts/run.py", "--port", str(port))

    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "80000"), ("--host", "203.0.113.1"), ("--database", "mysql://")],
)
def test_an_option_that_cannot_work_is_refused_in_one_sentence(option: str, value: str) -> None:
    done = run("scripts/run.py", option, value)

    assert done.returncode
    assert option in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 0)])
def test_a_python_that_is_too_old_is_told_which_one_is_needed(version: tuple[int, ...]) -> None:
    pretend = f"import sys; sys.version_info = {version}; sys.path.insert(0, 'scripts')"

    done = run("-c", f"{pretend}; import _setup")

    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def test_ci_runs_the_same_command_as_people_do() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]

    assert commands == ["exec python3 scripts/test.py"]
