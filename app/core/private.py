"""What goes into no letter and no page of others: numbers and sums of money. Pure."""

import re

_CODE = r"(?=[0-9A-Z]*\d)[0-9A-Z]{15,}"  # of a person or a firm
#: Telephone, identity, card and credit numbers.
NUMBERS = re.compile(_CODE + r"|\d{7,}|\d{3,4}[- ]\d{7,8}|\d{3}[- ]\d{4}[- ]\d{4}")
#: A figure of a firm; how many people, households or tons is none.
MONEY = re.compile(r"\d[\d,，.]*\s*[多余]?(?:[十百千万亿]*元|[万亿](?![人户吨亩件度]))")
LEFT_OUT, MONEY_LEFT_OUT = "（号码从略）", "（金额从略）"


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
