"""Tables for spreadsheet programs."""

import pytest

from app.core import csv_out


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"]
)
def test_what_would_be_a_formula_is_made_text(cell: str) -> None:
    assert csv_out.harmless(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    assert [csv_out.harmless(cell) for cell in ("a=b", 7, None)] == ["a=b", "7", ""]


def test_a_file_begins_with_the_mark_of_its_encoding() -> None:
    lines = list(csv_out.lines([["编号", "事"], [1, 'a,"b"']]))

    assert lines == ["\ufeff编号,事\r\n", '1,"a,""b"""\r\n']
