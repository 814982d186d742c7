"""Lists in pages."""

import pytest
from sqlalchemy import select

from app.accounts.models import Tenant
from app.core.paging import paged
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def test_a_list_is_parted_into_pages() -> None:
    for _ in range(7):
        make.tenant()
    found = select(Tenant).order_by(Tenant.id)

    first, last = paged(found, 1, size=3), paged(found, 3, size=3)

    assert (len(first.items), first.has_prev, first.has_next) == (3, False, True)
    assert (len(last.items), last.has_prev, last.has_next) == (1, True, False)
    assert (first.pages, first.total, first.total_capped) == (3, 7, False)


def test_a_page_beyond_the_end_is_the_last_one() -> None:
    make.tenant()

    page = paged(select(Tenant), 99, size=3)

    assert (page.number, len(page.items)) == (1, 1)


def test_an_empty_list_has_one_page() -> None:
    page = paged(select(Tenant), 1)

    assert (page.pages, page.total, list(page.items)) == (1, 0, [])


def test_a_long_list_is_counted_only_so_far() -> None:
    for _ in range(7):
        make.tenant()
    found = select(Tenant).order_by(Tenant.id)

    page = paged(found, 2, size=3, cap=4)

    assert (page.total, page.total_capped, page.pages, page.has_next) == (4, True, 0, True)
    assert not paged(found, 3, size=3, cap=4).has_next


def test_a_page_costs_two_statements_however_long_it_is(statements: list[str]) -> None:
    for _ in range(7):
        make.tenant()
    statements.clear()

    paged(select(Tenant).order_by(Tenant.id), 1, size=5)

    assert len(statements) == 2
