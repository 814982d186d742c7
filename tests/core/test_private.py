"""What goes into no letter."""

import pytest

from app.core.private import number_in, without_figures, without_numbers


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("请打 13900001111", "请打 （号码从略）"),
        ("座机 0717-3268888", "座机 （号码从略）"),
        ("身份证 42052419800101123X", "身份证 （号码从略）"),
        ("代码 91420500MA48ABCD1X", "代码 （号码从略）"),
        ("10月12日 09:00–11:30，二楼 201 室", "10月12日 09:00–11:30，二楼 201 室"),
    ],
)
def test_numbers_of_people_and_firms_are_left_out_whole(said: str, told: str) -> None:
    assert without_numbers(said) == told
    assert bool(number_in(said)) == (said != told)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("还差300多万元", "还差（金额从略）"),
        ("贷款 1,200 万元", "贷款 （金额从略）"),
        ("用工 2 万人", "用工 2 万人"),
        ("欠薪12.5万", "欠薪（金额从略）"),
    ],
)
def test_money_is_left_out_of_mail_and_other_figures_stay(said: str, told: str) -> None:
    assert without_figures(said) == told
