"""What is kept, and how it is handed out."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from app.core import files
from app.core.errors import NotFound


@dataclass
class Kept:
    name: str
    media_type: str
    sha256: str


def folder(app: Flask) -> Path:
    return Path(app.config["FILES_FOLDER"])


def test_content_lies_under_its_hash_and_leaves_nothing_else(app: Flask) -> None:
    sha256 = files.put(b"abc")

    assert sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    found = [path for path in folder(app).rglob("*") if path.is_file()]
    assert found == [folder(app) / "ba" / sha256[2:]]
    assert found[0].read_bytes() == b"abc"
    assert not os.access(found[0], os.X_OK) or os.name == "nt"


def test_the_same_content_is_kept_once(app: Flask) -> None:
    assert files.put(b"abc") == files.put(b"abc")

    assert len([path for path in folder(app).rglob("*") if path.is_file()]) == 1


def test_a_write_that_fails_leaves_no_half_of_a_file(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="no space"):
        files.put(b"abc")

    assert [path for path in folder(app).rglob("*") if path.is_file()] == []


def test_a_download_keeps_its_chinese_name_and_runs_nothing(app: Flask) -> None:
    kept = Kept("厂房 照片（一）.pdf", "application/pdf", files.put(b"%PDF-1.7"))

    with app.test_request_context():
        response = files.send(kept)

    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "filename*=UTF-8''%E5%8E%82%E6%88%BF%20%E7%85%A7%E7%89%87" in disposition
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]
    assert response.mimetype == "application/pdf"
    response.direct_passthrough = False
    assert response.get_data() == b"%PDF-1.7"
    response.close()


@pytest.mark.parametrize(
    ("media_type", "begins"),
    [
        ("image/jpeg", "inline"),
        ("image/png", "inline"),
        ("application/pdf", "attachment"),
        ("image/svg+xml", "attachment"),
        ("text/html", "attachment"),
    ],
)
def test_only_pictures_are_shown_in_a_page(app: Flask, media_type: str, begins: str) -> None:
    kept = Kept("a.bin", media_type, files.put(b"abc"))

    with app.test_request_context():
        response = files.send(kept, inline=True)

    assert response.headers["Content-Disposition"].startswith(begins)
    response.close()


def test_a_name_cannot_write_headers(app: Flask) -> None:
    kept = Kept('a"; filename="b.exe', "application/pdf", files.put(b"abc"))

    with app.test_request_context():
        response = files.send(kept)

    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert '\\"; filename=\\"b.exe' in disposition or "%22" in disposition
    response.close()


def test_content_that_is_gone_is_said_to_be(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(NotFound, match="厂房"):
        files.send(Kept("厂房.pdf", "application/pdf", "00" * 32))
