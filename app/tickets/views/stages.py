"""Where a ticket stands: its light, and the seven steps of the loop."""

from datetime import datetime

from app.core import clock
from app.core.i18n import N_
from app.core.locale import spoken as _
from app.core.locale import translated
from app.core.pieces import Light, Stage
from app.tickets import clocks
from app.tickets.models import Ticket
from app.tickets.queries import Reading
from app.tickets.views.now import word
from app.tickets.workflow.states import Status

LABELS = (N_("收集"), N_("受理"), N_("交办"), N_("签收"), N_("办理"), N_("审核"), N_("回访"))


def shown(light: clocks.Light | None) -> Light | None:
    """Return a light as a template prints it."""
    return Light(light.colour, light.icon, word(light)) if light else None


def light(ticket: Ticket, reading: Reading) -> Light | None:
    """Return the light of the handling clock; where it stands still, the state says so."""
    found = light_of(ticket, reading)
    return shown(found) if found and found.colour != "grey" else None


def light_of(ticket: Ticket, reading: Reading) -> clocks.Light | None:
    """Return the light of the handling clock as the rules read it."""
    return clocks.handling_light(
        ticket.status,
        ticket.due_at,
        ticket.warn_on,
        calendar=reading.calendar,
        now=reading.now,
    )


def stages(ticket: Ticket, reading: Reading) -> list[Stage]:
    """Return the seven steps: those that are done with their days, and the present one."""
    at = (
        ticket.submitted_at,
        ticket.accepted_at,
        ticket.dispatched_at,
        ticket.signed_at,
        ticket.reply_submitted_at,
        ticket.replied_at,
        ticket.closed_at,
    )
    here = ticket.ring
    stopped = ticket.is_over and ticket.status is not Status.ARCHIVED
    left = _left(ticket, reading)
    return [
        Stage(
            translated(label),
            _day(at[n]) if n < here else (left if n == here and not stopped else ""),
            "done" if n < here else ("now" if n == here and not stopped else ""),
        )
        for n, label in enumerate(LABELS)
    ]


def _left(ticket: Ticket, reading: Reading) -> str:
    """Return how much time the present step has left."""
    if ticket.is_running and ticket.due_at and ticket.warn_on:
        return word(light_of(ticket, reading))
    if ticket.status is Status.SUSPENDED:
        return translated(ticket.status.label)
    light = clocks.move_light(
        ticket.move_due_at,
        1,
        calendar=reading.calendar,
        parameters=reading.parameters,
        now=reading.now,
    )
    still = ticket.status in clocks.PAUSED and light is not None and light.colour == "red"
    return translated(ticket.status.label) if still else word(light)


def _day(at: datetime | None) -> str:
    """Return a day without its weekday: there is little room."""
    if at is None:
        return ""
    local = clock.local(at)
    return str(_("%(month)s月%(day)s日", month=local.month, day=local.day))
