"""Problems that say nearly the same are offered: one's own enterprise's, and one's own class."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.tickets.models import Category, Ticket
from app.tickets.queries import similar as module
from app.tickets.queries.similar import pairs, share, similar
from app.tickets.workflow.states import Status
from tests import make

TITLE = "东区用水高峰水压不足"
WORDS = "下午用水高峰时水压不足，喷淋线断水停机，一天要停三次。"
NEAR = "夏季用水高峰时厂区水压不足，喷淋线经常断水。"
FAR = "想申请设备贷款贴息，不知道找哪家银行办理。"

texts = st.text(alphabet="用水压力不足喷淋断贷款abc12 ，", max_size=40)


@given(texts, texts)
def test_likeness_is_the_same_from_both_sides_and_lies_between_0_and_1(
    one: str, other: str
) -> None:
    a, b = pairs(one), pairs(other)

    assert share(a, b) == share(b, a)
    assert 0 <= share(a, b) <= 1


@given(texts)
def test_equal_texts_are_wholly_alike_however_they_are_written(text: str) -> None:
    assert share(pairs(text), pairs(text.upper())) == 1


@given(texts, texts)
def test_only_texts_of_the_same_pairs_are_wholly_alike(one: str, other: str) -> None:
    a, b = pairs(one), pairs(other)

    assert (share(a, b) == 1) == (a == b)


def test_texts_without_a_common_pair_are_not_alike() -> None:
    assert share(pairs(NEAR), pairs(FAR)) < module.THRESHOLD
    assert share(pairs("水压"), pairs("压水")) == 0


# ---- what is offered ----


@pytest.fixture
def clerk(app: Flask) -> Actor:
    del app  # the database must be there
    return make.actor(Role.DISPATCHER)


@pytest.fixture
def category(clerk: Actor) -> Category:
    made = Category(tenant_id=clerk.tenant_id, code="06", name="要素保障")
    db.session.add(made)
    db.session.commit()
    return made


@pytest.fixture
def ticket(category: Category) -> Ticket:
    return told(category, WORDS, status=Status.PENDING_ACCEPTANCE)


def told(
    category: Category, words: str, *, status: Status = Status.IN_PROGRESS, **more: object
) -> Ticket:
    values = {"title": TITLE, "description": words, "category_id": category.id}
    return make.ticket(status, **(values | more))


def test_what_others_say_is_of_one_class_and_what_the_enterprise_said_is_perhaps_the_same(
    clerk: Actor, category: Category, ticket: Ticket
) -> None:
    own = told(category, NEAR, enterprise=ticket.enterprise)
    other = told(category, NEAR)

    found = {one.id: one for one in similar(ticket, viewer=clerk)}

    assert found[own.id].is_same_enterprise
    assert not found[other.id].is_same_enterprise
    assert found[other.id].enterprise == other.enterprise.name
    assert 0 < found[other.id].percent < 100


def test_the_likest_comes_first_and_what_is_unlike_not_at_all(
    clerk: Actor, category: Category, ticket: Ticket
) -> None:
    near = told(category, NEAR)
    same = told(category, WORDS)
    far = told(category, FAR, title="想办设备贷款贴息")

    found = [one.id for one in similar(ticket, viewer=clerk)]

    assert found == [same.id, near.id]
    assert far.id not in found


def test_only_so_many_are_offered(clerk: Actor, category: Category, ticket: Ticket) -> None:
    for _ in range(5):
        told(category, WORDS)

    assert len(similar(ticket, viewer=clerk, most=3)) == 3


def test_another_category_and_another_township_are_not_offered(
    clerk: Actor, category: Category, ticket: Ticket
) -> None:
    other = Category(tenant_id=clerk.tenant_id, code="01", name="融资金融")
    db.session.add(other)
    db.session.commit()
    told(other, WORDS)
    told(category, WORDS, tenant=make.tenant())

    assert similar(ticket, viewer=clerk) == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.REJECTED, Status.MERGED, Status.CANCELLED])
def test_what_is_no_open_problem_is_not_offered(
    clerk: Actor, category: Category, ticket: Ticket, status: Status
) -> None:
    told(category, WORDS, status=status)

    assert similar(ticket, viewer=clerk) == []


def test_what_the_same_enterprise_had_closed_within_thirty_days_is_offered(
    clerk: Actor, category: Category, ticket: Ticket
) -> None:
    now = clock.now()
    lately = told(
        category,
        WORDS,
        status=Status.CLOSED,
        enterprise=ticket.enterprise,
        closed_at=now - timedelta(days=29),
    )
    told(
        category,
        WORDS,
        status=Status.CLOSED,
        enterprise=ticket.enterprise,
        closed_at=now - timedelta(days=31),
    )
    told(category, WORDS, status=Status.CLOSED, closed_at=now - timedelta(days=1))

    assert [one.id for one in similar(ticket, viewer=clerk)] == [lately.id]


def test_a_draft_is_compared_by_the_category_that_it_has(clerk: Actor, category: Category) -> None:
    other = told(category, NEAR)
    draft = told(category, WORDS, status=Status.DRAFT)
    open_ended = told(category, WORDS, status=Status.DRAFT, category_id=None)

    assert [one.id for one in similar(draft, viewer=clerk)] == [other.id]
    assert similar(open_ended, viewer=clerk) == []


def test_what_the_viewer_may_not_know_of_is_not_offered(
    clerk: Actor, category: Category, ticket: Ticket
) -> None:
    told(category, WORDS, confidential=True)
    told(category, WORDS)
    stranger = make.actor(Role.LIAISON)

    assert len(similar(ticket, viewer=clerk)) == 1
    assert similar(ticket, viewer=stranger) == []


def test_it_asks_a_fixed_number_of_statements(
    clerk: Actor, category: Category, ticket: Ticket, statements: list[str]
) -> None:
    def asked() -> int:
        db.session.refresh(ticket)
        statements.clear()
        similar(ticket, viewer=clerk)
        return len(statements)

    told(category, WORDS)
    few = asked()
    for _ in range(10):
        told(category, WORDS)

    assert asked() == few == 3
