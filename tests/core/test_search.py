"""Words of two characters are found on both databases; LIKE is the oracle."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, select

from app.core import search
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from tests.office import Office, open_office

CHINESE = st.text(alphabet="园区东路限高架水电气网招工贷款", min_size=1, max_size=12)
_IDS = Table("tickets", MetaData(), Column("id", Integer))


@pytest.fixture
def office(app: object) -> Office:
    del app
    return open_office()


def opened(office: Office, **more: str) -> int:
    """Write a ticket down, and let it be found."""
    ticket_id = office.open(**more)
    with transaction():
        service.index(office.ticket)
    return ticket_id


def found(words: str) -> set[int]:
    condition = search.matching(_IDS.c.id, words)
    assert condition is not None
    return set(db.session.scalars(select(_IDS.c.id).where(condition)))


def test_a_word_of_two_characters_is_found_and_its_mirror_is_not(office: Office) -> None:
    ticket_id = opened(office, title="园区东路限高架")

    assert found("限高") == {ticket_id}
    assert found("高限") == set()
    assert found("限") == {ticket_id}


def test_latin_words_and_numbers_are_whole_and_width_and_case_do_not_matter(
    office: Office,
) -> None:
    ticket_id = opened(office, title="ERP 系统接入 5G 专网")

    assert found("erp") == found("ＥＲＰ") == {ticket_id}
    assert found("5g") == {ticket_id}
    assert found("er") == set()


def test_quotes_and_operators_are_only_characters(office: Office) -> None:
    opened(office, title="园区东路限高架")

    for words in ("限高' OR 1=1", '限高" NEAR', "限高 AND", "限高:*", "限高 & !"):
        found(words)
    assert search.matching(_IDS.c.id, "'\"&|!") is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(CHINESE, min_size=1, max_size=6), pair=CHINESE.filter(lambda t: len(t) == 2))
def test_two_characters_find_what_like_finds(texts: list[str], pair: str, office: Office) -> None:
    ids = {opened(office, title=f"标题{n}", description=text): text for n, text in enumerate(texts)}

    wanted = {ticket_id for ticket_id, text in ids.items() if pair in text}

    assert found(pair) & set(ids) == wanted


def test_what_was_indexed_before_is_replaced(office: Office) -> None:
    ticket_id = opened(office, title="园区东路限高架")

    with transaction():
        search.put(ticket_id, "水压不足")

    assert found("限高") == set()
    assert found("水压") == {ticket_id}
