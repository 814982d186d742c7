"""First letters of Chinese words, and what a process holds that never asks for them."""

import subprocess
import sys

import pytest

from app.core import pinyin

HOLDS = "import app, sys; print([name for name in sys.modules if name.startswith('pypinyin')])"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("恒屿包装", "hybz"),
        ("重庆长城", "cqcc"),
        ("ABC（中国）3D", "abczg3d"),
        ("", ""),
        ("——", ""),
    ],
)
def test_initials_are_those_one_would_type(words: str, expected: str) -> None:
    assert pinyin.initials(words) == expected


def test_a_process_that_asks_for_no_initials_does_not_hold_the_dictionaries() -> None:
    found = subprocess.run(
        [sys.executable, "-c", HOLDS], capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "[]"
