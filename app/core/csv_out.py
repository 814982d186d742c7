"""Tables for spreadsheet programs, in which no cell is taken for a formula."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

BOM = "\ufeff"  # without it, spreadsheet programs guess the encoding, and guess wrong
#: What some program takes for the beginning of a formula, also in full width.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Return the lines of a CSV file with these rows, one after the other."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def harmless(cell: object) -> str:
    """Return a cell's text; what would begin a formula gets an apostrophe in front."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
