"""Who reads, in which language, and how moments are written for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date
from flask import (
    Flask,
    appcontext_popped,
    appcontext_pushed,
    has_app_context,
    has_request_context,
    request,
)
from flask_babel import Babel, force_locale, get_locale, gettext, ngettext
from flask_login import current_user  # noqa: TID251 - the language is the reader's
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from app.core import clock
from app.core.errors import DomainError
from app.core.i18n import N_

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
THEMES = ("light", "dark", "auto")
COOKIES = {name: f"bihuan-{name}" for name in ("language", "theme", "large_type", "keys")}
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
NEAR = {-1: N_("昨天"), 0: N_("今天"), 1: N_("明天")}

babel = Babel()


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked up in the catalogue of a language before, and made ready for pages."""

    language: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    ready: dict[str, Markup] = field(default_factory=dict)


_known: dict[str, _Known] = {}  # by language
_reader: ContextVar[_Known | None] = ContextVar("language of the reader", default=None)
_on_paper: ContextVar[bool] = ContextVar("dates are whole", default=False)
KNOWN = 20_000  # texts of one language that are remembered; the product has far fewer


@dataclass(frozen=True, slots=True)
class Look:
    """How the present reader wants pages: from their settings, or from cookies."""

    language: str
    theme: str
    large_type: bool
    keys: bool


def init_app(app: Flask) -> None:
    """Translate pages, and teach templates our dates."""
    babel.init_app(app, locale_selector=lambda: LOCALES[language()])
    appcontext_pushed.connect(_forget_reader, app)
    appcontext_popped.connect(_forget_reader, app)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of its i18n extension
        looked_up, looked_up_counted, newstyle=True
    )
    app.jinja_env.globals["_"] = in_page
    app.add_template_filter(translated, "t")
    app.add_template_filter(moment)
    app.add_template_filter(day)
    app.add_template_filter(hour, "clock")
    app.add_template_filter(time_tag)
    app.add_template_global(look)


def language() -> str:
    """Return "zh" or "en": the person's choice, else the cookie's, else the browser's."""
    if not has_request_context():
        return "zh"
    chosen = getattr(current_user, "language", "") or request.cookies.get(COOKIES["language"], "")
    if chosen in LOCALES:
        return str(chosen)
    wanted = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return next((tag for tag in wanted if tag in LOCALES), "zh")


def spoken_language() -> str:
    """Return the language in which texts are said now: the reader's, or that of `speaking`."""
    return _of_reader().language


def look() -> Look:
    """Return how the present reader wants pages."""
    theme = getattr(current_user, "theme", "") or request.cookies.get(COOKIES["theme"], "")
    large = request.cookies.get(COOKIES["large_type"]) == "1"
    return Look(
        language=language(),
        theme=theme if theme in THEMES else "auto",
        large_type=bool(getattr(current_user, "large_type", large)),
        keys=request.cookies.get(COOKIES["keys"]) != "0",
    )


def looked_up(text: str) -> str:
    """Return `text` as the catalogue of the reader's language has it.

    A page asks for hundreds of texts: each is looked up in the catalogue once a process.
    """
    known = _of_reader().texts
    found = known.get(text)
    if found is None:
        found = str(gettext(text)) if text else ""
        if len(known) < KNOWN:
            known[text] = found
    return found


@pass_eval_context
def in_page(context: EvalContext, text: str, /, **values: object) -> str:
    """Return `text` for a template, filled in: what the extension's own `_` does, but sooner.

    Texts are trusted and values are not. A text without values is made ready once.
    """
    if not context.autoescape:
        return looked_up(text) % values
    if values:
        return Markup(looked_up(text)) % values  # noqa: S704 - our own text
    ready = _of_reader().ready
    made = ready.get(text)
    if made is None:
        made = Markup(looked_up(text)) % ()  # noqa: S704 - our own text
        if len(ready) < KNOWN:
            ready[text] = made
    return made


def _of_reader() -> _Known:
    """Return what is known of the reader's language; asked once for a request."""
    known = _reader.get()
    if known is None:
        current = get_locale()
        tag = current.language if current else ""
        known = _known.setdefault(tag, _Known(tag))
        if has_app_context():
            _reader.set(known)
    return known


def _forget_reader(_app: Flask) -> None:
    """Let the next text ask anew: another request may be another reader's."""
    _reader.set(None)


def spoken(text: str, **values: object) -> str:
    """Return `text` in the reader's language, filled in: gettext for pages that say much.

    Import it as `_`, so that the catalogue's tool finds the texts.
    """
    found = looked_up(text)
    return found % values if values else found


def looked_up_counted(singular: str, plural: str, n: int) -> str:
    """Return the text for `n` things; Chinese has one form."""
    return str(ngettext(singular, plural, n))


def translated(text: object) -> str:
    """Return a constant that was marked with N_ in the reader's language."""
    return looked_up(str(text)) if text else ""


def said(error: DomainError) -> str:
    """Return the sentence of a refusal in the reader's language."""
    return str(gettext(error.message)).format(
        **{name: _told(value) for name, value in error.values.items()}
    )


def moment(at: datetime | None) -> str:
    """Return 9月30日（周三）17:30; near days by name, the year only when it is another."""
    return _written(at, _reading_day(), english=_is_english()) if at else "—"


@lru_cache(maxsize=4096)
def _written(at: datetime, today: date | None, *, english: bool) -> str:
    local = clock.local(at)
    near = _near(local.date(), today)
    if near:
        return f"{near} {local:%H:%M}"
    gap = ", " if english else ""
    return f"{_dated(local.date(), today, english=english)}{gap}{local:%H:%M}"


def day(on: date | datetime | None) -> str:
    """Return 9月30日（周三）; near days by name, the year only when it is another."""
    if on is None:
        return "—"
    the_day = clock.local(on).date() if isinstance(on, datetime) else on
    today = _reading_day()
    return _near(the_day, today) or _dated(the_day, today, english=_is_english())


def hour(at: datetime | None) -> str:
    """Return 17:30, as the office's clock shows it."""
    return f"{clock.local(at):%H:%M}" if at else "—"


def time_tag(at: date | datetime | None) -> Markup:
    """Return `moment` (or `day`) inside a <time> that machines can read."""
    if at is None:
        return Markup("—")
    shown = moment(at) if isinstance(at, datetime) else day(at)
    machine = clock.local(at).isoformat(timespec="minutes") if isinstance(at, datetime) else at
    tag = Markup('<time datetime="{}">{}</time>')
    return tag.format(escape(str(machine)), escape(shown))


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Let texts be in the language `chosen` inside the block: for mail and files."""
    before = _reader.get()
    _reader.set(None)
    try:
        with force_locale(LOCALES.get(chosen, LOCALES["zh"])):
            yield
    finally:
        _reader.set(before)


@contextmanager
def on_paper() -> Iterator[None]:
    """Let dates inside the block be whole: paper is read on another day, and in another year."""
    token = _on_paper.set(True)
    try:
        yield
    finally:
        _on_paper.reset(token)


def _reading_day() -> date | None:
    """Return the day on which dates are read; None where nobody knows."""
    return None if _on_paper.get() else clock.today()


def _near(the_day: date, today: date | None) -> str:
    if today is None:
        return ""
    name = NEAR.get((the_day - today) // timedelta(days=1))
    return looked_up(name) if name else ""


def _dated(the_day: date, today: date | None, *, english: bool) -> str:
    this_year = today is not None and the_day.year == today.year
    if english:
        return str(format_date(the_day, "EEE d MMM" if this_year else "EEE d MMM y", "en"))
    year = "" if this_year else f"{the_day.year}年"
    return f"{year}{the_day.month}月{the_day.day}日（{WEEKDAYS[the_day.weekday()]}）"


def _is_english() -> bool:
    return spoken_language() == "en"


def _told(value: object) -> object:
    label = getattr(value, "label", None)
    if isinstance(label, str):
        return gettext(label)
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value
