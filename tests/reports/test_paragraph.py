"""The paragraph of a work report: what it says, what it leaves out, and when it is refused."""

from dataclasses import replace
from datetime import date

import pytest

from app.core.errors import DomainError
from app.reports.queries import paragraph
from app.reports.queries.paragraph import Told
from app.tickets.queries.figures import Rate

TOLD = Told(
    until=date(2026, 9, 30),
    leaders=11,
    enterprises=36,
    projects=6,
    liaisons=13,
    visits=378,
    coverage=Rate(36, 36),
    collected=62,
    solved=47,
    explained=4,
    suspended=2,
    ongoing=9,
    satisfaction=Rate(44, 46),
)
WHOLE = (
    "11名党政班子成员共联系企业36家、重点项目6个，并安排13名联络员负责具体事项，"
    "每月开展上门走访和问题诉求收集，今年以来累计上门走访378次，走访覆盖率100%。"
    "截至2026年9月30日，已收集各类问题62个，已解决47个，已解释说明4个，挂账推进2个，"
    "正在解决中9个，企业满意率95.7%。"
)


def test_it_reads_as_the_office_writes_it() -> None:
    assert paragraph.written(TOLD) == WHOLE


def test_a_clause_without_a_number_is_left_out() -> None:
    few = replace(TOLD, projects=0, explained=0, suspended=0, ongoing=0, collected=47)

    assert paragraph.written(few) == (
        "11名党政班子成员共联系企业36家，并安排13名联络员负责具体事项，"
        "每月开展上门走访和问题诉求收集，今年以来累计上门走访378次，走访覆盖率100%。"
        "截至2026年9月30日，已收集各类问题47个，已解决47个，企业满意率95.7%。"
    )


def test_no_rate_is_printed_where_there_was_nothing_to_count() -> None:
    none = replace(TOLD, coverage=Rate(0, 0), satisfaction=Rate(0, 0))

    said = paragraph.written(none)

    assert "%" not in said
    assert "率" not in said


def test_only_what_is_suspended_may_be_merged_into_what_is_under_way() -> None:
    said = paragraph.written(TOLD, merge_suspended=True)

    assert "已解释说明4个，正在解决中11个" in said
    assert "挂账" not in said


@pytest.mark.parametrize("field", ["collected", "solved", "explained", "suspended", "ongoing"])
def test_it_is_refused_where_the_numbers_do_not_add_up(field: str) -> None:
    wrong = replace(TOLD, **{field: getattr(TOLD, field) + 1})

    with pytest.raises(DomainError, match="问题数对不上"):
        paragraph.written(wrong)
    with pytest.raises(DomainError):
        paragraph.written(wrong, merge_suspended=True)


def test_it_is_refused_without_a_day() -> None:
    with pytest.raises(DomainError, match="没有截止日期"):
        paragraph.written(replace(TOLD, until=None))


def test_what_a_snapshot_keeps_of_it_says_the_same() -> None:
    assert Told.from_json(TOLD.as_json()) == TOLD
