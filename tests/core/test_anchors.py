"""Heads of the audit log, noted outside the database."""

from datetime import UTC, datetime
from pathlib import Path

from app.core import anchors

AT = datetime(2026, 9, 30, 1, tzinfo=UTC)


def test_a_head_is_noted_with_its_moment_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "anchors.log"

    assert anchors.note(file, 7, "ab", AT)
    assert anchors.note(file, 9, "cd", AT)

    assert anchors.read(file) == {7: "ab", 9: "cd"}
    assert file.read_text().splitlines()[0] == "2026-09-30T01:00:00+00:00 7 ab"


def test_a_head_that_was_noted_is_never_noted_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "anchors.log"
    anchors.note(file, 7, "ab", AT)

    assert not anchors.note(file, 7, "xy", AT)

    assert anchors.read(file) == {7: "ab"}


def test_an_empty_log_has_nothing_to_note(tmp_path: Path) -> None:
    assert not anchors.note(tmp_path / "anchors.log", 0, "0" * 64, AT)
    assert anchors.read(tmp_path / "anchors.log") == {}


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "anchors.log"
    anchors.note(file, 7, "ab", AT)
    with file.open("a") as lines:
        lines.write("2026-09-30T01")

    assert anchors.read(file) == {7: "ab"}


def test_heads_of_a_database_that_is_gone_are_kept_under_another_name(tmp_path: Path) -> None:
    file = tmp_path / "anchors.log"
    anchors.note(file, 7, "ab", AT)

    kept = anchors.set_aside(file, AT)

    assert kept
    assert anchors.read(kept) == {7: "ab"}
    assert anchors.read(file) == {}
    assert anchors.set_aside(file, AT) is None
