"""What a worklist is made of: parts with rows, and the words why each row is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.tickets.clocks import Light

SHOWN = 20  # rows of a part that is one's own work; the register has the rest
SHOWN_BESIDE = 10  # rows of a part that one only keeps an eye on
COUNTED = 99  # of one kind; beyond, a part and the menu say "99+"


@dataclass(frozen=True, slots=True)
class Words:
    """A text marked for translation, and what its `str.format` names stand for.

    Values may be enums with a label, days, moments and other words: they are told in the
    reader's language where the page is made. Several words are told one after the other.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


def counted_as(count: int) -> int | str:
    """Return a number as people are told it: what is beyond COUNTED was not counted to its end."""
    return count if count <= COUNTED else f"{COUNTED}+"


@dataclass(frozen=True, slots=True)
class Link:
    """An endpoint, the names in its address, and the place on its page."""

    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Where a ticket stands, for the ring and its word."""

    label: str
    ring: int
    closed: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do, or to keep an eye on."""

    title: str
    link: Link
    why: Words
    who: str = ""  # the enterprise
    number: str = ""
    also: Words | None = None
    state: State | None = None
    light: Light | None = None
    due_at: datetime | None = None
    due: Words | None = None  # in place of the moment
    verb: str = ""  # marked for translation
    go: Link | None = None
    is_for_few: bool = False  # a confidential ticket

    def __hash__(self) -> int:
        """Return a hash by what tells rows apart: rows that were printed are looked up by it."""
        return hash((self.number, self.title, self.who))


@dataclass(frozen=True, slots=True)
class Part:
    """One group of rows. `is_mine`: a move of the viewer's, counted in the menu."""

    key: str
    title: str
    rows: tuple[Row, ...]
    count: int
    is_mine: bool = True
    hot: bool = False
    sub: str = ""
    nothing: str = ""  # said where there are no rows; without it the part is left out
    more: Link | None = None  # where all of them are

    @property
    def shown(self) -> int | str:
        """How many there are, as people are told."""
        return counted_as(self.count)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that an administrator has not set up, and where to do it."""

    text: Words
    why: Words
    link: Link
    verb: str


@dataclass(frozen=True, slots=True)
class Now:
    """What to do first, and why: the card that opens the page."""

    title: Words
    text: Words | None = None
    more: tuple[Words, ...] = ()
    tone: str = ""  # "", "red" or "done"
    link: Link | None = None
    verb: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a page without work says, and where one may go."""

    title: str
    text: Words
    link: Link | None = None
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the month's visits are made: n of d."""

    n: int
    d: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person: moves, letters among them, and messages not yet opened.

    Moves of one kind beyond COUNTED are not all counted.
    """

    moves: int
    unread: int
    letters: int


@dataclass(frozen=True, slots=True)
class Worklist:
    """What a person has to do in the role in which they act."""

    now: Now
    on: date
    parts: tuple[Part, ...] = ()
    gaps: tuple[Gap, ...] = ()
    next_workday: date | None = None  # where it is not tomorrow
    progress: Progress | None = None
    hint: Hint | None = None
    unconfirmed: tuple[int, ...] = ()  # years without an official calendar
    opens: bool = False  # may register a problem
    records: bool = False  # may record a visit
    waiting: Waiting | None = None  # what the shell says, which is counted here anyway
