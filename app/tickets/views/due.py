"""The deadline of a ticket, and how it was reached."""

from dataclasses import dataclass
from datetime import datetime

from app.core import clock, locale
from app.core.locale import spoken as _
from app.core.locale import translated
from app.tickets.models import Ticket
from app.tickets.queries import Moved, Reading, TicketPage
from app.tickets.workflow.states import Clock, DueReason, Status
from app.workdays.calendar import CountedDay, weeks_of

MOST_WEEKS = 6  # that are drawn; beyond, and where it is over, a sentence is enough


@dataclass(frozen=True, slots=True)
class Due:
    """The handling deadline as the page tells it."""

    at: datetime
    text: str
    pause: str
    days: tuple[CountedDay, ...]
    weeks: tuple[tuple[CountedDay | None, ...], ...]
    unconfirmed: tuple[int, ...]
    moves: tuple[str, ...]


def handling(page: TicketPage, reading: Reading) -> Due | None:
    """Return the handling deadline and how it was counted, or None where there is none."""
    ticket = page.ticket
    changes = [move for move in page.moves if move.clock is Clock.HANDLE]
    if ticket.due_at is None or not changes:
        return None
    newest = changes[-1]
    days = counted(newest, reading)
    weeks = weeks_of(days) if days else ()
    reach = range(clock.today().year, clock.local(ticket.due_at).year + 1)
    years = [year for year in reach if year not in reading.calendar.confirmed_years]
    return Due(
        at=ticket.due_at,
        text=sentence(newest),
        pause=_pause(ticket),
        days=days,
        weeks=tuple(weeks) if ticket.is_open and len(weeks) <= MOST_WEEKS else (),
        unconfirmed=tuple(years),
        moves=tuple(moved(change) for change in changes[1:]),
    )


def _pause(ticket: Ticket) -> str:
    """Return why the clock stands still, where it does."""
    if ticket.status is Status.SUSPENDED:
        return str(_("挂账期间不计时，停的时候还剩 %(n)s 个工作日。", n=ticket.saved_workdays or 0))
    if ticket.reply_submitted_at and not ticket.is_running:
        return str(_("%(at)s提交答复，办理不再计时。", at=locale.moment(ticket.reply_submitted_at)))
    return ""


def counted(change: Moved, reading: Reading) -> tuple[CountedDay, ...]:
    """Return the count day by day, where the calendar still gives the same deadline."""
    if change.workdays is None or change.counted_from is None:
        return ()
    if reading.calendar.due_at(change.counted_from, change.workdays) != change.due_at:
        return ()
    return reading.calendar.counted(change.counted_from, change.workdays)


def sentence(change: Moved) -> str:
    """Return how the newest deadline of the handling was reached."""
    why = translated(change.reason.label)
    if change.workdays is not None and change.reason is DueReason.STARTED:
        return str(
            _(
                "从交办（%(since)s）的次日起 %(n)s 个工作日。",
                since=locale.moment(change.counted_from),
                n=change.workdays,
            )
        )
    if change.workdays is not None:
        return str(
            _(
                "%(why)s，从 %(since)s 的次日起 %(n)s 个工作日。",
                why=why,
                since=locale.moment(change.counted_from),
                n=change.workdays,
            )
        )
    return str(_("%(why)s，%(at)s定下。", why=why, at=locale.moment(change.at)))


def moved(change: Moved) -> str:
    """Return how a deadline was moved, and why."""
    why = translated(change.reason.label)
    if change.due_at is None:
        return str(_("%(at)s作废：%(why)s。", at=locale.moment(change.at), why=why))
    if change.before is None:  # handed out again after a return
        at, due = locale.moment(change.at), locale.moment(change.due_at)
        return str(_("%(at)s重新开始计时，到%(due)s。", at=at, due=due))
    return str(
        _(
            "%(at)s由 %(before)s 改为 %(due)s：%(why)s。",
            at=locale.moment(change.at),
            before=locale.moment(change.before),
            due=locale.moment(change.due_at),
            why=why,
        )
    )
