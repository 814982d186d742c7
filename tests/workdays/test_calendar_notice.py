"""Reading the notice of a year, and putting a year together as people speak of it."""

from datetime import date

import chinese_calendar
import pytest

from app.workdays.calendar import Festival, festivals, read_notice
from tests.workdays.test_calendar import CALENDAR

NOTICE_2026 = """国务院办公厅关于2026年部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，确保人民群众祥和平安度过节日假期。
"""


def test_the_notice_of_2026_is_read_whole_and_agrees_with_the_library() -> None:
    notice = read_notice(NOTICE_2026, 2026)

    off = {day.day for day in notice.days if not day.works}
    worked = {day.day for day in notice.days if day.works}
    assert off == {day for day in chinese_calendar.holidays if day.year == 2026}
    assert worked == {day for day in chinese_calendar.workdays if day.year == 2026}
    assert notice.unread == ()
    assert {day.day: day.name for day in notice.days}[date(2026, 9, 20)] == "国庆节"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("2027-01-01 放假 元旦", ["2027-01-01 off 元旦"]),
        ("2027-01-01\t元旦\t放假", ["2027-01-01 off 元旦"]),
        (
            "2027-10-01 至 2027-10-03 国庆节放假",
            ["2027-10-01 off 国庆节", "2027-10-02 off 国庆节", "2027-10-03 off 国庆节"],
        ),
        ("10月1-2日 休息", ["2027-10-01 off ", "2027-10-02 off "]),
        ("2027/10/9 周六 上班 国庆节", ["2027-10-09 on 国庆节"]),
        (
            "元旦：2026年12月31日至2027年1月2日放假，共3天",
            ["2026-12-31 off 元旦", "2027-01-01 off 元旦", "2027-01-02 off 元旦"],
        ),
        ("清明节：４月４日放假，与周末连休。", ["2027-04-04 off 清明节"]),
        ("2027年10月1日放假，10月9日上班", ["2027-10-01 off ", "2027-10-09 on "]),
    ],
)
def test_plain_lines_are_read_too(line: str, read: list[str]) -> None:
    days = read_notice(line, 2027).days

    assert [f"{day.day} {'on' if day.works else 'off'} {day.name}" for day in days] == read


@pytest.mark.parametrize(
    "line",
    [
        "2月30日放假",
        "10月7日至1日放假",
        "10月1日至31日放假",
        "10月1日",
        "国务院办公厅 2026年11月4日",
        "10月1日至10-07放假",
        "31日放假",
        "10月9日(周日)上班",  # it is a Saturday
        "2027-10-09 星期五 上班",
    ],
)
def test_what_is_not_understood_is_given_back_and_not_guessed(line: str) -> None:
    notice = read_notice(line, 2027)

    assert notice.days == ()
    assert notice.unread == (line,)


def test_the_notice_of_another_year_is_not_taken_for_this_one() -> None:
    assert read_notice(NOTICE_2026, 2027).days == ()


def test_of_a_day_that_is_named_twice_the_last_counts() -> None:
    notice = read_notice("2027-10-09 放假\n2027-10-09 上班", 2027)

    assert [day.works for day in notice.days] == [True]


def test_a_year_is_told_by_its_festivals() -> None:
    told = festivals(CALENDAR, 2026)

    assert [festival.name for festival in told] == [
        "元旦",
        "春节",
        "清明",
        "劳动节",
        "端午",
        "中秋",
        "国庆节",
    ]
    assert told[6] == Festival(
        "国庆节",
        off=((date(2026, 10, 1), date(2026, 10, 7)),),
        makeup_days=(date(2026, 9, 20), date(2026, 10, 10)),
        reminder_on=date(2026, 9, 29),
    )
