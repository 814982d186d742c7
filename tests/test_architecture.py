"""The house rules that no linter knows. Each failure names the file and the rule."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
MODULES = sorted(APP.rglob("*.py"))
NAMES = [str(path.relative_to(APP)) for path in MODULES]
EDGES = {"views", "jobs", "cli"}
COMMITTING = {APP / "core" / "transactions.py", APP / "core" / "postgresql.py"}
MAX_LINES = 400
PUBLIC = {
    "accounts.login",
    "accounts.sign_in",
    "accounts.sign_out",
    "accounts.start",
    "accounts.begin",
    "accounts.preferences",
    "desk.calendar_feed",
    "desk.healthz",
    "portal.rate",
    "portal.rating",
    "portal.follow",
    "portal.followed",
    "portal.followed_file",
    "portal.go_on",
    "portal.leave",
    "portal.open_ticket",
    "portal.supplement",
    "portal.withdraw",
    "portal.withdrawal",
    "portal.look_for_answers",
    "portal.send",
    "portal.send_by_code",
    "portal.tell",
    "portal.tell_by_code",
    "portal.told",
    "visits.answer",
    "visits.invitation",
    "servicedays.book_self",
    "servicedays.invitation",
    "servicedays.release_self",
}


def role_of(path: Path) -> str:
    """Return the grammar's word for a module: views, service, … also inside a package."""
    parts = path.relative_to(APP).with_suffix("").parts
    return parts[1] if len(parts) > 1 else parts[0]


def calls(path: Path) -> set[str]:
    """Return the last name of everything `path` calls."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    funcs = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {getattr(f, "attr", None) or getattr(f, "id", "") for f in funcs}


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_house_rules(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert source.count("\n") <= MAX_LINES, "split it"
    if path not in COMMITTING:
        assert not calls(path) & {"commit", "rollback"} or role_of(path) in EDGES | {"demo"}, (
            "only core.transactions commits"
        )
    if role_of(path) not in EDGES and path.parent.name != "core" and "demo" not in path.parts:
        assert not calls(path) & {"transaction", "once"}, "transactions belong to the edges"


def test_only_services_move_things_from_status_to_status() -> None:
    writers = {
        role_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "status"
    }
    assert writers <= {"service"}


def test_the_system_clock_is_read_in_one_place() -> None:
    readers = {
        str(path.relative_to(APP))
        for path in MODULES
        if re.search(
            r"datetime\.now\(|date\.today\(|\btime\.time\(", path.read_text(encoding="utf-8")
        )
    }
    assert readers == {"core/clock.py"}


def test_every_page_is_locked_unless_listed_here(app: Flask) -> None:
    public = {name for name, view in app.view_functions.items() if getattr(view, "public", False)}
    assert public == PUBLIC


def test_nothing_changes_by_get(app: Flask) -> None:
    readers = {"HEAD", "OPTIONS", "GET"}
    for rule in app.url_map.iter_rules():
        if rule.methods and "GET" in rule.methods:
            assert rule.methods <= readers, rule


def test_a_locked_page_sends_a_stranger_to_the_sign_in_and_shows_nothing(app: Flask) -> None:
    client = app.test_client()
    open_to_all = PUBLIC | {"static", "bootstrap.static"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in open_to_all or not rule.methods or "GET" not in rule.methods:
            continue
        values = dict.fromkeys(rule.arguments, "1")
        path = rule.build(values)
        if path is None:
            continue
        answer = client.get(path[1])
        assert answer.status_code in {302, 303, 404}, rule
        if answer.status_code != 404:
            assert "/login" in answer.headers["Location"], rule


def test_every_answer_carries_the_strict_headers(app: Flask) -> None:
    answer = app.test_client().get("/login")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_template_has_inline_script_or_style() -> None:
    for path in (APP / "templates").rglob("*.html"):
        if path.is_relative_to(APP / "templates" / "mail"):
            continue  # mail clients know nothing else
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", source), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", source), path


def test_tests_stand_where_their_subject_stands() -> None:
    root = Path(__file__).parent
    packages = {path.name for path in APP.iterdir() if path.is_dir()}
    for path in root.glob("*/test_*.py"):
        if path.parent.name in packages:
            assert (APP / path.parent.name).is_dir(), path


def test_the_text_of_the_project_speaks_of_the_project_only() -> None:
    told = re.compile(r"/work/|pypi\.org|registry\.npmjs|shared/spec|files\.pythonhosted")
    for pattern in ("*.md", "*.py", "*.toml", "*.txt", "*.html", "*.json", "*.in"):
        for path in ROOT.rglob(pattern):
            hidden = {".venv", ".git", ".cache", "node_modules", "instance", ".hypothesis"}
            if hidden & set(path.parts) or path == Path(__file__):
                continue
            assert not told.search(path.read_text(encoding="utf-8")), path
