"""The clocks of a ticket: limits, deadlines and lights. Pure; the calendar is given.

Source: the office's ticket rules, C2.2 (levels and limits) and C2.4 (lights).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.accounts.parameters import Parameters
from app.core import clock
from app.core.i18n import N_
from app.tickets.workflow.states import Complexity, Status, Urgency
from app.workdays.calendar import WorkCalendar

SHORT_LIMIT = 5  # working days: up to here `yellow_short`
MIDDLE_LIMIT = 15  # up to here `yellow_middle`
ASKED_LATE = time(16)  # a return asked for from here on is decided the next noon
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment, and how it was reached: `workdays` counted after `counted_from`.

    `workdays` is None where hours were counted, or a day was given.
    """

    due_at: datetime
    counted_from: datetime
    workdays: int | None = None


def after(calendar: WorkCalendar, moment: datetime, workdays: int) -> Deadline:
    """Return the end of the n-th working day after the effective day of `moment`."""
    return Deadline(calendar.due_at(moment, workdays), moment, workdays)


def limit(complexity: Complexity, parameters: Parameters) -> int:
    """Return the handling limit in working days."""
    return {
        Complexity.CONSULT: parameters.limit_consult,
        Complexity.SIMPLE: parameters.limit_simple,
        Complexity.COMPLEX: parameters.limit_complex,
        Complexity.HARD: parameters.limit_hard,
    }[complexity]


def threshold(limit_workdays: int, parameters: Parameters) -> int:
    """Return with how many working days left a light turns yellow."""
    if limit_workdays <= SHORT_LIMIT:
        return parameters.yellow_short
    if limit_workdays <= MIDDLE_LIMIT:
        return parameters.yellow_middle
    return parameters.yellow_long


def warns_on(
    due_at: datetime | None,
    limit_workdays: int | None,
    calendar: WorkCalendar,
    parameters: Parameters,
) -> date | None:
    """Return the first day on which a handling deadline is yellow."""
    if due_at is None:
        return None
    return calendar.warn_on(due_at, threshold(limit_workdays or 0, parameters))


def acceptance_deadline(
    moment: datetime, calendar: WorkCalendar, parameters: Parameters
) -> Deadline:
    """Return until when the office must say whether it takes up what came in at `moment`."""
    return after(calendar, moment, parameters.acceptance_workdays)


def sign_deadline(
    urgency: Urgency, moment: datetime, calendar: WorkCalendar, parameters: Parameters
) -> Deadline:
    """Return until when the unit must sign what was dispatched at `moment`."""
    if urgency is Urgency.CRITICAL:
        return Deadline(moment + timedelta(hours=parameters.sign_critical_hours), moment)
    if urgency is Urgency.URGENT:
        return Deadline(calendar.after_hours(moment, parameters.sign_urgent_hours), moment)
    return after(calendar, moment, parameters.sign_workdays)


def contact_deadline(
    urgency: Urgency, moment: datetime, calendar: WorkCalendar, parameters: Parameters
) -> Deadline:
    """Return until when the unit must have spoken with the enterprise.

    Critical: clock hours, also outside working time. Urgent: the same working day, else noon
    of the next.
    """
    if urgency is Urgency.CRITICAL:
        return Deadline(moment + timedelta(hours=parameters.contact_critical_hours), moment)
    if urgency is Urgency.URGENT:
        return Deadline(calendar.same_day_or_next_noon(moment), moment)
    return after(calendar, moment, parameters.contact_workdays)


def return_deadline(
    dispatched_at: datetime, calendar: WorkCalendar, parameters: Parameters
) -> datetime:
    """Return until when a unit may object to what it was given."""
    return calendar.due_at(dispatched_at, parameters.return_window_workdays)


def ruling_deadline(asked_at: datetime, calendar: WorkCalendar) -> datetime:
    """Return until when a return must be ruled on: the same working day, else next noon."""
    here = clock.local(asked_at)
    if calendar.is_workday(here.date()) and here.time() < ASKED_LATE:
        return calendar.end_of(here.date())
    return clock.at(calendar.following(here.date()), NOON)


@dataclass(frozen=True, slots=True)
class Light:
    """A light: its colour, the icon of its shape, and its word, with `{n}` where it counts."""

    colour: str
    icon: str
    word: str
    n: int = 0


ICONS = {
    "green": "check-circle",
    "yellow": "exclamation-triangle",
    "red": "exclamation-octagon",
    "grey": "pause-circle",
}
LEFT = N_("剩 {n} 个工作日")
TODAY = N_("今天到期")
LATE = N_("超期 {n} 个工作日")
LATE_TODAY = N_("刚超期")
PAUSED = frozenset({Status.SUSPENDED, Status.PENDING_REVIEW, Status.PENDING_REVISIT})
#: Nothing runs that a unit owes beside the handling: nor once the enterprise has agreed.
STILL = PAUSED | {Status.CLOSED}


def running_light(
    due_at: datetime, warn_on: date, *, calendar: WorkCalendar, now: datetime
) -> Light:
    """Return the light of a clock that runs: late, near, or in time."""
    today = clock.local(now).date()
    if now > due_at:
        late = calendar.overdue(due_at, now)
        return Light("red", ICONS["red"], LATE if late else LATE_TODAY, late)
    left = calendar.remaining(due_at, today)
    colour = "yellow" if today >= warn_on else "green"
    word = TODAY if clock.local(due_at).date() == today else LEFT
    return Light(colour, ICONS[colour], word, left)


def handling_light(
    status: Status,
    due_at: datetime | None,
    warn_on: date | None,
    *,
    calendar: WorkCalendar,
    now: datetime,
) -> Light | None:
    """Return the light of the handling clock, or None where there is nothing to show."""
    if status in PAUSED:
        return Light("grey", ICONS["grey"], status.label)
    if status not in {Status.PENDING_SIGN, Status.IN_PROGRESS} or not due_at or not warn_on:
        return None
    return running_light(due_at, warn_on, calendar=calendar, now=now)


def move_light(
    due_at: datetime | None,
    limit_workdays: int,
    *,
    calendar: WorkCalendar,
    parameters: Parameters,
    now: datetime,
) -> Light | None:
    """Return the light of somebody's own move, by the same thresholds."""
    if due_at is None:
        return None
    warn_on = calendar.warn_on(due_at, threshold(limit_workdays, parameters))
    return running_light(due_at, warn_on, calendar=calendar, now=now)


def beside_light(
    status: Status,
    due_at: datetime | None,
    limit_workdays: int,
    *,
    calendar: WorkCalendar,
    parameters: Parameters,
    now: datetime,
) -> Light | None:
    """Return the light of what is owed beside the handling: it pauses with the ticket."""
    if status in STILL:
        return Light("grey", ICONS["grey"], status.label)
    return move_light(due_at, limit_workdays, calendar=calendar, parameters=parameters, now=now)
