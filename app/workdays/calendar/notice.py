"""Reading the notice in which the State Council arranges the holidays of a year.

Both the notice itself (一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。)
and plain lines (2027-10-01 至 2027-10-07 放假 国庆节) are understood. A sentence with a date
that is not understood whole, or that falls on another day of the week than it says, is given
back instead of being guessed.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)
LONGEST_RANGE = 15  # days; no holiday is longer, so a longer one was misread

WEEKDAYS = "一二三四五六日天"
SUNDAY = 6

_ASIDE = re.compile(r"\([^()]*?((?:周|星期)[一二三四五六日天])?\)|共\s*\d+\s*天")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SENTENCE = re.compile(r"[。;\n\r]+")
_HEADING = re.compile(r"^\s*(?:[一二三四五六七八九十\d]+[、.])?\s*([^\d\s:]{2,20})\s*:")
_TOKEN = re.compile(
    r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})(?:日|(?=\s*[-~–—至到]))"
    r"|(?P<to>[至到~–—-])"
    r"|(?P<off>放假|休假|休息)"
    r"|(?P<on>上班|补班)"
    r"|(?:周|星期)(?P<weekday>[一二三四五六日天])"
    r"|(?P<word>(?:(?!放假|休假|休息|上班|补班)[\u4e00-\u9fff]){2,20})"
)
_NO_NAME = re.compile(r"调休|公休|与?周末连休")


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """A day of the notice: off, or worked in exchange."""

    day: date
    works: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What was understood, in order, and the sentences with dates that were not."""

    days: tuple[NoticeDay, ...]
    unread: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    """One sentence being read: the dates wait until a word says what they are."""

    year: int
    name: str
    month: int = 0
    ranging: bool = False
    waiting: list[date] = field(default_factory=list)
    found: list[tuple[date, bool]] = field(default_factory=list)

    def take(self, token: re.Match[str]) -> None:
        """Read one token. Raises ValueError for a day or a range that cannot be."""
        if token["day"]:
            self._take_date(token)
        elif token["to"]:
            self.ranging = bool(self.waiting)
        elif token["off"] or token["on"]:
            self.found += [(day, bool(token["on"])) for day in self.waiting]
            self.waiting = []
        elif token["weekday"]:
            self._check_weekday(token["weekday"])
        elif not self.name and not _NO_NAME.fullmatch(token["word"]):
            self.name = token["word"]

    def _check_weekday(self, name: str) -> None:
        said = min(WEEKDAYS.index(name), SUNDAY)
        if self.waiting and self.waiting[-1].weekday() != said:
            raise ValueError("It falls on another day of the week.")

    def _take_date(self, token: re.Match[str]) -> None:
        self.year = int(token["year"] or self.year)
        self.month = int(token["month"] or self.month)
        day = date(self.year, self.month, int(token["day"]))
        if self.ranging:
            first = self.waiting[-1]
            if not first < day <= first + LONGEST_RANGE * DAY:
                raise ValueError("These two days are no range.")
            self.waiting += [first + n * DAY for n in range(1, (day - first).days)]
        self.waiting.append(day)
        self.ranging = False


def read_notice(text: str, year: int) -> Notice:
    """Return the days that `text` arranges; of a day that is named twice, the last counts.

    `year` is meant where a date does not say its own.
    """
    days: dict[date, NoticeDay] = {}
    unread: list[str] = []
    heading = ""
    for sentence in _SENTENCE.split(unicodedata.normalize("NFKC", text)):
        named = _HEADING.match(sentence)
        heading = named[1] if named else heading
        words = sentence[named.end() :] if named else sentence
        try:
            found = _read(words, _Reader(year=year, name=heading))
        except ValueError:
            unread.append(sentence.strip())
        else:
            days |= {day.day: day for day in found}
    return Notice(tuple(days[day] for day in sorted(days)), tuple(unread))


def _read(words: str, reader: _Reader) -> list[NoticeDay]:
    """Return the days of one sentence. Raises ValueError unless all its figures fit."""
    plain = _ASIDE.sub(lambda aside: aside[1] or "", _ISO.sub(r"\1年\2月\3日", words))
    dates = 0
    for token in _TOKEN.finditer(plain):
        dates += bool(token["day"])
        reader.take(token)
    left_over = any(letter.isdigit() for letter in _TOKEN.sub("", plain))
    if dates and (left_over or reader.waiting):
        raise ValueError("Some of it was not understood.")
    return [NoticeDay(day, works, reader.name) for day, works in reader.found]
