"""What a good password is, and how it is kept."""

import pytest
from argon2 import PasswordHasher
from flask import Flask

from app.core import passwords
from app.core.errors import Invalid

pytestmark = pytest.mark.usefixtures("app")


def test_a_password_is_kept_as_argon2id_and_found_again() -> None:
    stored = passwords.make_hash("Jichuan-2026")

    assert stored.startswith("$argon2id$")
    assert passwords.matches(stored, "Jichuan-2026")
    assert not passwords.matches(stored, "jichuan-2026")


def test_no_hash_fits_nothing() -> None:
    assert not passwords.matches("", "")
    assert not passwords.matches("broken", "x")


@pytest.mark.parametrize("known", [True, False])
def test_the_first_to_sign_in_waits_as_long_whether_known_or_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    stored = passwords.make_hash("Jichuan-2026") if known else ""
    passwords.init_app(app)  # as in a process that has just begun
    work: list[str] = []
    for name in ("hash", "verify"):
        done = getattr(PasswordHasher, name)
        monkeypatch.setattr(
            PasswordHasher,
            name,
            lambda *given, name=name, done=done: work.append(name) or done(*given),
        )

    passwords.matches(stored, "wrong")

    assert work == ["hash", "verify"]


def test_a_hash_of_other_costs_is_outdated(app: Flask) -> None:
    stored = passwords.make_hash("x")
    assert not passwords.is_outdated(stored)

    app.config["ARGON2_FAST"] = False
    passwords.init_app(app)

    assert passwords.matches(stored, "x")
    assert passwords.is_outdated(stored)


def test_first_passwords_are_good_and_differ() -> None:
    made = {passwords.initial() for _ in range(50)}

    assert len(made) == 50
    for one in made:
        passwords.check_rule(one, username="shen", field="new")


@pytest.mark.parametrize(
    "good", ["Abcdef12", "abcdef1-", "ABCDEF1-", "密码abcdA1", "Abcdefg-", "a" * 60 + "B1"]
)
def test_three_kinds_of_characters_are_enough(good: str) -> None:
    passwords.check_rule(good, username="shen", field="new")


@pytest.mark.parametrize(
    "bad", ["", "Ab1-xyz", "abcdefg1", "ABCDEFG1", "12345678", "xShEn-2026", "Ab1-" * 40]
)
def test_a_bad_password_is_refused(bad: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check_rule(bad, username="shen", field="new")

    assert refusal.value.field == "new"
