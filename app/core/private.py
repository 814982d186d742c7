"""What goes into no letter and no page of others: numbers, sums of money, and names. Pure."""

import re
from collections.abc import Iterable

_CODE = r"(?=[0-9A-Z]*\d)[0-9A-Z]{15,}"  # of a person or a firm
#: Telephone, identity, card and credit numbers.
NUMBERS = re.compile(_CODE + r"|\d{7,}|\d{3,4}[- ]\d{7,8}|\d{3}[- ]\d{4}[- ]\d{4}")
#: What may lead to who said something: any longer run of digits, of a house or a car as well.
TRACES = re.compile(_CODE + r"|\d[\d\s-]{3,}\d")
#: A figure of a firm; how many people, households or tons is none.
MONEY = re.compile(r"\d[\d,，.]*\s*[多余]?(?:[十百千万亿]*元|[万亿](?![人户吨亩件度]))")
LEFT_OUT, MONEY_LEFT_OUT = "（号码从略）", "（金额从略）"
HIDDEN = "×××"


def number_in(text: str) -> str:
    """Return the first number of the kind that stands in `text`, or nothing."""
    found = NUMBERS.search(text)
    return found.group() if found else ""


def without_numbers(text: str) -> str:
    """Return `text` with the numbers of telephones, cards and firms left out."""
    return NUMBERS.sub(LEFT_OUT, text)


def without_figures(text: str) -> str:
    """Return `text` as it may go into mail: without those numbers, and without money."""
    return MONEY.sub(MONEY_LEFT_OUT, without_numbers(text))


def without_traces(text: str, names: Iterable[str]) -> str:
    """Return what somebody said without these names, and without numbers that lead to anybody."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, HIDDEN)
    return TRACES.sub(HIDDEN, text)
