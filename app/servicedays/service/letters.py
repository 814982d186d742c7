"""What letters about a day are filled in with.

No phone number, no figure of a firm and no name of its staff goes into mail.
"""

from datetime import date
from typing import Any

from app.accounts import queries as people
from app.core import clock
from app.core.locale import WEEKDAYS
from app.core.private import without_numbers
from app.servicedays.models import Appointment, ServiceDay
from app.servicedays.queries.appointments import standing_of
from app.workdays import queries as workdays


def facts(day: ServiceDay) -> dict[str, Any]:
    """Return what every letter about a day says of it."""
    tenant = people.tenant(day.tenant_id)
    today = clock.today()
    left = workdays.calendar_of(day.tenant_id).between(today, day.held_on)
    return {
        "tenant": tenant.name,
        "is_demo": tenant.is_demo,
        "kind": day.kind.label,
        "kind_label": day.kind.label,
        "held_on": day.held_on.isoformat(),
        "date": dated(day.held_on),
        "hours": day.hours,
        "place": day.place,
        "host": day.host.name,
        "units": "、".join(unit.name for unit in day.units),
        "focus": day.focus,
        "notes": without_numbers(day.notes),
        "online": day.online_how if day.is_online else "",
        "days": max(left, 0),
        "reason": day.cancel_reason,
        "rows": [],
        "n": 0,
    }


def rows(day: ServiceDay) -> dict[str, Any]:
    """Return the appointments so far, as the host and the units read them."""
    guests = standing_of(day.id)
    return {"n": len(guests), "rows": [_row(n, one) for n, one in enumerate(guests, start=1)]}


def entry(day: ServiceDay) -> dict[str, Any]:
    """Return what a letter carries for the calendar of whoever reads it."""
    event = {
        "uid": f"service-day-{day.id}",
        "start": f"{day.held_on.isoformat()}T{day.begins_at:%H:%M}",
        "end": f"{day.held_on.isoformat()}T{day.ends_at:%H:%M}",
        "summary": f"{day.kind.label}：{day.host.name}接待",
        "place": day.place,
        "sequence": day.version,
    }
    return {"invitation": {"events": [event]}}


def in_one_line(day: ServiceDay) -> str:
    """Return a day as another letter mentions it."""
    told = f"{day.kind.label}：{dated(day.held_on)}{day.hours}，{day.place}，{day.host.name}接待"
    return f"{told}（{day.focus}）" if day.focus else told


def dated(on: date) -> str:
    """Return a day as letters write it."""
    return f"{on.month}月{on.day}日（{WEEKDAYS[on.weekday()]}）"


def _row(no: int, appointment: Appointment) -> dict[str, Any]:
    return {
        "no": no,
        "name": appointment.called,
        "topic": without_numbers(appointment.topic),
        "slot": f"{appointment.slot:%H:%M}" if appointment.slot else "",
        "online": appointment.is_online,
    }
