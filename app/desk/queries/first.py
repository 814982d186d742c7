"""What to do first, and why: the card that opens a worklist. Computed, never a slogan."""

import re
from collections.abc import Sequence
from datetime import datetime

from app.accounts.roles import Role
from app.core import clock
from app.core.i18n import N_
from app.desk.queries.chain import Chain
from app.desk.queries.parts import Gap, Link, Now, Part, Row, Words
from app.desk.queries.reading import Reading

GREY = "grey"  # the light of a clock that stands still
LONGEST = 28  # characters of a title that the card repeats
CLAUSE = re.compile(r"[，。；、,;]")
FIRST = N_("先{verb}“{title}”，{due} 到期")
FIRST_LATE = N_("先{verb}“{title}”，已经超期")
FIRST_PLAIN = N_("先{verb}“{title}”")
DECIDE_ONE = N_("有 1 件等您拿主意：“{title}”")
DECIDE = N_("有 {n} 件等您拿主意，先看“{title}”")
ENOUGH = N_("今天办这 {n} 件就够了")
ENOUGH_ONE = N_("今天办这 1 件就够了")
VISIT_ONE = N_("还差 1 家：{names}")
VISITS = N_("还差 {n} 家：{names}")
VISITS_BY = N_("{day}前上门走访并登记。")
STARTS = N_("先{verb}“{title}”，{due} 到期。")
STARTS_LATE = N_("先{verb}“{title}”，已经超期。")
TODAY = N_("今天到期的有 {n} 件：{sums}。")
LATE = N_("已经超期的有 {n} 件。")
NOT_URGENT = N_("其余 {n} 件不急。")
SUM = N_("{verb} {n}")
WATCH = N_("没有轮到您的事，有 {n} 件要盯住，先看“{title}”")
WATCH_ONE = N_("没有轮到您的事，有 1 件要盯住：“{title}”")
WHY = N_("{who}，{why}。")
WHY_PLAIN = N_("{why}。")
NOTHING = N_("现在没有轮到您的事")
NEXT_DUE = N_("下一个到期的是“{title}”，{due}。")
NEXT_DAY = N_("下一个工作日是 {day}。")
MISSING = N_("还有 {n} 项没有配好")
MISSING_ONE = N_("还有 1 项没有配好")
COMPLETE = N_("都配好了")
CHAIN = N_("审计日志共 {n} 行")
CHAIN_EMPTY = N_("审计日志还是空的")
CHAIN_LAST = N_("最近一行记于 {at}，链尾 {hash}。")
CHAIN_VERIFY = N_("服务器上的 flask audit verify 会逐行核对，指出第一处被改动的地方。")


def of(parts: Sequence[Part], gaps: Sequence[Gap], reading: Reading) -> Now:
    """Return the card: the move that is due first, or that there is none and when the next is."""
    if gaps or reading.viewer.role is Role.SYS_ADMIN:
        return _of_gaps(gaps, reading)
    mine = [part for part in parts if part.is_mine and part.rows]
    if not mine:
        hot = next((part for part in parts if part.hot and part.rows), None)
        return _watch(hot, reading) if hot else _nothing(parts, reading)
    part = min(mine, key=lambda part: _when(part.rows[0]))
    rows = [row for each in mine for row in each.rows]
    if part.key == "visits":
        return _visits(part, reading)
    if part.key == "decide":
        return _decide(part, rows, reading)
    return _first(part, rows, mine, reading)


def of_chain(chain: Chain) -> Now:
    """Return the card of an auditor: how long the log is, and when it last grew."""
    told = {"n": chain.rows, "at": chain.last_at, "hash": chain.short_hash}
    return Now(
        title=Words(CHAIN if chain.rows else CHAIN_EMPTY, told),
        text=Words(CHAIN_LAST, told) if chain.rows else None,
        more=(Words(CHAIN_VERIFY),),
        link=Link("accounts.audit"),
        verb=N_("看审计日志"),
        icon="shield-check",
    )


def _first(part: Part, rows: Sequence[Row], mine: Sequence[Part], reading: Reading) -> Now:
    row = part.rows[0]
    tone = "red" if _is_late(row, reading) else ""
    if part.key == "today":
        later = sum(each.count for each in mine if each.key == "later")
        return Now(
            title=Words(ENOUGH, {"n": part.count}) if part.count > 1 else Words(ENOUGH_ONE),
            text=_said(row, reading, STARTS, STARTS_LATE),
            more=(Words(NOT_URGENT, {"n": later}),) if later else (),
            tone=tone,
            link=row.go,
            verb=row.verb,
            icon="check2-circle",
        )
    return Now(
        title=_said(row, reading, FIRST, FIRST_LATE),
        text=_why(row),
        more=_sums(rows, reading),
        tone=tone,
        link=row.go,
        verb=row.verb,
        icon="check2-circle",
    )


def _decide(part: Part, rows: Sequence[Row], reading: Reading) -> Now:
    row = part.rows[0]
    told = {"n": part.count, "title": short(row.title)}
    others = [each for each in rows if each not in part.rows]
    return Now(
        title=Words(DECIDE if part.count > 1 else DECIDE_ONE, told),
        text=_why(row),
        more=_sums(others, reading),
        tone="red" if _is_late(row, reading) else "",
        link=row.go,
        verb=row.verb,
        icon="check2-square",
    )


def _visits(part: Part, reading: Reading) -> Now:
    names = tuple(Words("{name}", {"name": row.title}) for row in part.rows[:3])
    row = part.rows[0]
    day = clock.local(row.due_at).date() if row.due_at else reading.today
    return Now(
        title=Words(VISITS if part.count > 1 else VISIT_ONE, {"n": part.count, "names": names}),
        text=Words(VISITS_BY, {"day": day}),
        tone="red" if _is_late(row, reading) else "",
        link=row.go,
        verb=row.verb,
        icon="pencil-square",
    )


def _watch(part: Part, reading: Reading) -> Now:
    """Return the card of somebody whose move it is not, but who keeps an eye on others."""
    row = part.rows[0]
    told = {"n": part.count, "title": short(row.title)}
    return Now(
        title=Words(WATCH if part.count > 1 else WATCH_ONE, told),
        text=_why(row),
        tone="red" if _is_late(row, reading) else "",
        link=row.go,
        verb=row.verb,
        icon="eye",
    )


def _why(row: Row) -> Words:
    return Words(WHY if row.who else WHY_PLAIN, {"who": row.who, "why": row.why})


def _nothing(parts: Sequence[Part], reading: Reading) -> Now:
    waiting = [
        row for part in parts for row in part.rows if row.due_at and row.due_at > reading.now
    ]
    following = min(waiting, key=_when, default=None)
    if following is None:
        day = reading.calendar.following(reading.today)
        return Now(Words(NOTHING), Words(NEXT_DAY, {"day": day}), tone="done")
    told = {"title": short(following.title), "due": following.due_at}
    return Now(Words(NOTHING), Words(NEXT_DUE, told), tone="done")


def _of_gaps(gaps: Sequence[Gap], reading: Reading) -> Now:
    if not gaps:
        day = reading.calendar.following(reading.today)
        return Now(Words(COMPLETE), Words(NEXT_DAY, {"day": day}), tone="done")
    gap = gaps[0]
    many = len(gaps) > 1
    return Now(
        title=Words(MISSING if many else MISSING_ONE, {"n": len(gaps)}),
        text=gap.text,
        link=gap.link,
        verb=gap.verb,
        icon="sliders",
    )


def _said(row: Row, reading: Reading, timely: str, late: str) -> Words:
    verb = Words(row.verb)
    told = {"verb": verb, "title": short(row.title), "due": row.due_at}
    if row.due_at is None:
        return Words(FIRST_PLAIN, told)
    return Words(late if _is_late(row, reading) else timely, told)


def _sums(rows: Sequence[Row], reading: Reading) -> tuple[Words, ...]:
    """Return how many are late, and which are due today."""
    late = [row for row in rows if _is_late(row, reading)]
    today = [row for row in rows if _is_today(row, reading) and row not in late]
    said = []
    if len(late) > 1:
        said.append(Words(LATE, {"n": len(late)}))
    if len(today) > 1:
        verbs: dict[str, int] = {}
        for row in today:
            verbs[row.verb] = verbs.get(row.verb, 0) + 1
        sums = tuple(Words(SUM, {"verb": Words(verb), "n": n}) for verb, n in verbs.items())
        said.append(Words(TODAY, {"n": len(today), "sums": sums}))
    return tuple(said)


def _when(row: Row) -> tuple[bool, datetime]:
    """Sort by the deadline; what has none comes last."""
    return row.due_at is None, row.due_at or datetime.max.replace(tzinfo=clock.LOCAL)


def _is_late(row: Row, reading: Reading) -> bool:
    paused = row.light is not None and row.light.colour == GREY
    return row.due_at is not None and row.due_at < reading.now and not paused


def _is_today(row: Row, reading: Reading) -> bool:
    return row.due_at is not None and clock.local(row.due_at).date() == reading.today


def short(title: str) -> str:
    """Return the first clause of a title."""
    clause = CLAUSE.split(title, maxsplit=1)[0]
    return clause if len(clause) <= LONGEST else f"{clause[:LONGEST].rstrip()}…"
