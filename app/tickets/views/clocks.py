"""Every clock of a ticket: its deadline, its light or how it ended, and how it was counted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.accounts.roles import Actor
from app.core import clock, locale, pieces
from app.core.i18n import N_
from app.core.locale import spoken as _
from app.core.locale import translated
from app.tickets import clocks as rules
from app.tickets import policy
from app.tickets.clocks import Light
from app.tickets.models import CoTaskState, Ticket
from app.tickets.queries import Moved, Reading, TicketPage, supervision
from app.tickets.views import due
from app.tickets.views.stages import shown
from app.tickets.workflow.states import Clock, DueReason, Event, Status
from app.workdays.calendar import CountedDay

#: In which states a clock runs, and which events end it.
RUNS = {
    Clock.ACCEPTANCE: {Status.PENDING_ACCEPTANCE},
    Clock.DISPATCH: {Status.PENDING_DISPATCH},
    Clock.SIGN: {Status.PENDING_SIGN},
    Clock.CONTACT: {Status.PENDING_SIGN, Status.IN_PROGRESS},
    Clock.HANDLE: {Status.PENDING_SIGN, Status.IN_PROGRESS},
    Clock.INTERIM: {Status.PENDING_SIGN, Status.IN_PROGRESS},
    Clock.REWORK: {Status.IN_PROGRESS},
    Clock.REVIEW: {Status.PENDING_REVIEW},
    Clock.REVISIT: {Status.PENDING_REVISIT},
    Clock.SUSPENSION: {Status.SUSPENDED},
}
REPLIED = frozenset({Event.SUBMIT_REPLY})
ENDS: dict[Clock, frozenset[str]] = {
    Clock.ACCEPTANCE: frozenset({Event.ACCEPT, Event.REJECT, Event.MERGE, Event.CANCEL}),
    Clock.DISPATCH: frozenset({Event.DISPATCH, Event.CLOSE_ON_SITE, Event.MERGE, Event.CANCEL}),
    Clock.SIGN: frozenset({Event.SIGN, Event.AUTO_SIGN}),
    Clock.CONTACT: frozenset({Event.FIRST_CONTACT}),
    Clock.HANDLE: REPLIED,
    Clock.INTERIM: REPLIED,
    Clock.REWORK: REPLIED,
    Clock.REVIEW: frozenset({Event.RETURN_REPLY, Event.APPROVE_REPLY}),
    Clock.REVISIT: frozenset(
        {
            Event.REVISIT_CLOSE,
            Event.REVISIT_REWORK,
            Event.CLOSE_UNSATISFIED,
            Event.CLOSE_UNREACHABLE,
        }
    ),
    Clock.SUSPENSION: frozenset({Event.RESUME, Event.CANCEL}),
}
#: What the enterprise is told of; the others are the offices' own.
TOLD = frozenset({Clock.HANDLE, Clock.CONTACT, Clock.REVISIT})
#: These stand still with the handling clock, and go on with it.
PAUSES = frozenset({Clock.CONTACT, Clock.HANDLE, Clock.INTERIM, Clock.REWORK})
SHORT = 1
LONG = 90
STOPPED = N_("不再计时")


@dataclass(frozen=True, slots=True)
class Line:
    """One clock that runs or ran: the word for it, its deadline, and its light or its end."""

    label: str
    is_handling: bool
    whose: str
    at: datetime
    light: pieces.Light | None
    ended: str
    is_late: bool
    said: tuple[str, ...]
    days: tuple[CountedDay, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """One clock as it stands, before it is put into words."""

    which: Clock
    due_at: datetime
    limit: int
    changes: tuple[Moved, ...]
    whose: str = ""
    runs: bool = False
    pauses: bool = False
    ended_at: datetime | None = None
    state: str = ""  # how it ended otherwise, to be translated


def lines(page: TicketPage, reading: Reading, viewer: Actor) -> list[Line]:
    """Return the clocks that the viewer is told of, those that run first."""
    outside = policy.is_outside(viewer)
    found = [run for run in _all(page) if not outside or run.which in TOLD]
    found.sort(key=lambda run: not (run.runs or run.pauses))
    return [_line(run, page.ticket, reading) for run in found]


def _all(page: TicketPage) -> Iterator[_Run]:
    for which in RUNS:
        run = _of_ticket(which, page)
        if run is not None:
            yield run
    yield from _of_co_units(page)
    yield from _of_notes(page)
    yield from _of_directives(page)


def _of_ticket(which: Clock, page: TicketPage) -> _Run | None:
    """Return a clock of the ticket itself, in the last of its runs."""
    ticket = page.ticket
    changes = _last_run(move for move in page.moves if move.clock is which)
    newest = changes[-1] if changes else None
    if newest is None or newest.due_at is None:
        return None
    ended_at = _ended_at(which, newest, page)
    return _Run(
        which,
        newest.due_at,
        newest.workdays or (LONG if which is Clock.SUSPENSION else SHORT),
        changes,
        runs=ended_at is None and ticket.status in RUNS[which],
        pauses=which in PAUSES and ticket.status in rules.PAUSED and _is_owed(which, ticket),
        ended_at=ended_at,
    )


def _is_owed(which: Clock, ticket: Ticket) -> bool:
    """Tell whether a clock that stands still will go on, as far as anybody knows."""
    if which is Clock.CONTACT:
        return ticket.first_contact_at is None
    return which is Clock.HANDLE or ticket.status is Status.SUSPENDED


def _last_run(changes: Iterable[Moved]) -> tuple[Moved, ...]:
    """Return the changes since the clock was last begun."""
    run: list[Moved] = []
    for change in changes:
        if change.before is None or change.reason in {DueReason.STARTED, DueReason.REASSIGNED}:
            run.clear()
        run.append(change)
    return tuple(run)


def _ended_at(which: Clock, newest: Moved, page: TicketPage) -> datetime | None:
    """Return when the clock ended, if it did; a contact may have been made before it is noted."""
    ticket = page.ticket
    if which is Clock.CONTACT:
        return ticket.first_contact_at
    if which in {Clock.HANDLE, Clock.INTERIM, Clock.REWORK}:
        running = ticket.status in RUNS[Clock.HANDLE] or ticket.status is Status.SUSPENDED
        return None if running else ticket.reply_submitted_at
    ends = ENDS[which]
    since = newest.event_id or 0
    return next((e.at for e in page.events if e.id > since and e.kind in ends), None)


def _of_co_units(page: TicketPage) -> Iterator[_Run]:
    """Return what each co-unit of the present dispatch owes, or gave."""
    ticket = page.ticket
    for task in ticket.present_co_tasks:
        changes = _by_due(Clock.CO_TASK, task.due_at, page)
        is_open = task.state is CoTaskState.OPEN
        yield _Run(
            Clock.CO_TASK,
            task.due_at,
            changes[-1].workdays or SHORT if changes else SHORT,
            changes,
            whose=task.unit.name,
            runs=is_open and ticket.is_running,
            pauses=is_open and ticket.status in rules.PAUSED,
            ended_at=None if is_open else task.answered_at,
            state=task.state.label if task.state is CoTaskState.WAIVED else "",
        )


def _of_notes(page: TicketPage) -> Iterator[_Run]:
    """Return the limits within which supervision notes were to be answered."""
    ticket = page.ticket
    for note in ticket.supervision_notes:
        waits = note.answered_at is None and ticket.is_open
        yield _Run(
            Clock.SUPERVISION,
            note.answer_due_at,
            SHORT,
            _by_due(Clock.SUPERVISION, note.answer_due_at, page),
            whose=translated(note.level.label),
            runs=waits and ticket.is_running,
            pauses=waits and ticket.status in rules.PAUSED,
            ended_at=note.answered_at,
        )


def _of_directives(page: TicketPage) -> Iterator[_Run]:
    """Return the limits within which what leaders wrote was to be answered."""
    ticket = page.ticket
    given = supervision.directives_of(ticket.id) if ticket.leader_directive else ()
    for one in reversed(given):
        waits = one.answered_at is None and not ticket.is_over
        still = ticket.status in rules.STILL
        yield _Run(
            Clock.DIRECTIVE,
            one.due_at,
            SHORT,
            _by_due(Clock.DIRECTIVE, one.due_at, page),
            whose=one.by.name,
            runs=waits and not still,
            pauses=waits and still,
            ended_at=one.answered_at,
        )


def _by_due(which: Clock, due_at: datetime, page: TicketPage) -> tuple[Moved, ...]:
    """Return the rows that led to a deadline which is kept beside the ticket, oldest first."""
    found: list[Moved] = []
    wanted: datetime | None = due_at
    for move in reversed(page.moves):
        if move.clock is which and move.due_at == wanted and wanted is not None:
            found.append(move)
            wanted = move.before
    return tuple(reversed(found))


def _line(run: _Run, ticket: Ticket, reading: Reading) -> Line:
    light = _light(run, ticket, reading)
    late = run.ended_at is not None and run.ended_at > run.due_at and not run.state
    first = run.changes[0] if run.changes else None
    last = run.changes[-1] if run.changes else None
    said = [_sentence(first, reading)] if first else []
    return Line(
        label=translated(run.which.label),
        is_handling=run.which is Clock.HANDLE,
        whose=run.whose,
        at=run.due_at,
        light=shown(light),
        ended="" if light else _ended(run, late=late, reading=reading),
        is_late=late,
        said=(*said, *(due.moved(change) for change in run.changes[1:])),
        days=due.counted(last, reading) if last else (),
    )


def _light(run: _Run, ticket: Ticket, reading: Reading) -> Light | None:
    if run.pauses:
        return rules.beside_light(
            ticket.status,
            run.due_at,
            run.limit,
            calendar=reading.calendar,
            parameters=reading.parameters,
            now=reading.now,
        )
    if not run.runs:
        return None
    with_handling = run.which is Clock.REWORK and run.due_at == ticket.due_at
    if (with_handling or run.which is Clock.HANDLE) and ticket.warn_on is not None:
        return rules.running_light(
            run.due_at, ticket.warn_on, calendar=reading.calendar, now=reading.now
        )
    if run.which is Clock.SUSPENSION and reading.now > run.due_at:
        return Light("grey", rules.ICONS["grey"], ticket.status.label)
    return rules.move_light(
        run.due_at,
        run.limit,
        calendar=reading.calendar,
        parameters=reading.parameters,
        now=reading.now,
    )


def _ended(run: _Run, *, late: bool, reading: Reading) -> str:
    """Return whether what was owed was done in time, where it was done."""
    if run.state:
        return translated(run.state)
    if run.ended_at is None:
        return translated(STOPPED)
    at = locale.moment(run.ended_at)
    if not late:
        return str(_("%(at)s，按时", at=at))
    days = reading.calendar.overdue(run.due_at, run.ended_at)
    if not days:
        return str(_("%(at)s，超了期限", at=at))
    return str(_("%(at)s，超期 %(n)s 个工作日", at=at, n=days))


def _sentence(change: Moved, reading: Reading) -> str:
    """Return how a deadline was reached when its clock began."""
    if change.workdays is not None:
        return str(
            _(
                "从 %(since)s 的次日起 %(n)s 个工作日。",
                since=locale.moment(change.counted_from),
                n=change.workdays,
            )
        )
    if change.clock is Clock.SUSPENSION and change.due_at is not None:
        return str(
            _(
                "%(at)s定下 %(day)s复核。",
                at=locale.moment(change.at),
                day=locale.day(clock.local(change.due_at).date()),
            )
        )
    return _in_hours(change, reading) or due.sentence(change)


def _in_hours(change: Moved, reading: Reading) -> str:
    """Return the sentence of a limit that was counted in hours; empty where it was not."""
    since, until = change.counted_from, change.due_at
    if since is None or until is None or change.clock not in {Clock.SIGN, Clock.CONTACT}:
        return ""
    told = locale.moment(since)
    hours = reading.parameters.sign_urgent_hours
    if change.clock is Clock.SIGN and reading.calendar.after_hours(since, hours) == until:
        return str(_("从 %(since)s 起 %(n)s 个工作小时。", since=told, n=hours))
    critical = {
        Clock.SIGN: reading.parameters.sign_critical_hours,
        Clock.CONTACT: reading.parameters.contact_critical_hours,
    }[change.clock]
    if (until - since).total_seconds() == critical * 3600:
        return str(_("从 %(since)s 起 %(n)s 小时，不分昼夜。", since=told, n=critical))
    if change.clock is Clock.CONTACT and reading.calendar.same_day_or_next_noon(since) == until:
        return str(_("紧急件当天联系；交办时已经下班的，下一个工作日中午前。"))
    return ""
