"""What a letter carries for the calendar of whoever reads it. Pure.

A letter whose context holds `invitation` brings a file along that a calendar takes in:

    {"events": [{"uid": "visit-task-7", "start": "2026-10-12", "summary": "走访：塑岭管业",
                 "end": "…", "place": "…", "details": "…", "sequence": 3}]}

`start` and `end` are days, or moments in ISO form (the office's time where none is named). Nobody
answers it, as nobody reads what comes back: it is published, not requested. The same `uid` with a
higher `sequence` moves what is there already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from app.core import ics

KEY = "invitation"
FILE = "invitation.ics"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that goes with a letter as a file."""

    name: str
    text: str
    subtype: str = "plain"  # of text/…
    parameters: Mapping[str, str] | None = None


def invitations(
    context: Mapping[str, Any], *, organizer: str, domain: str, at: datetime
) -> tuple[Attachment, ...]:
    """Return the file with the entries of a letter, if it has any."""
    events = (context.get(KEY) or {}).get("events", ())
    if not events:
        return ()
    entries = [_entry(event, at) for event in events]
    content = ics.written(entries, domain=domain, method=ics.PUBLISH, organizer=organizer)
    method = {"method": ics.PUBLISH}
    return (Attachment(FILE, content.decode(), subtype="calendar", parameters=method),)


def attach(message: EmailMessage, file: Attachment) -> None:
    """Put a file into a mail."""
    message.add_attachment(
        file.text,
        subtype=file.subtype,
        charset="utf-8",
        cte="base64",
        filename=file.name,
        params=dict(file.parameters or {}),
    )


def _entry(event: Mapping[str, Any], at: datetime) -> ics.Entry:
    end = event.get("end")
    return ics.Entry(
        uid=str(event["uid"]),
        summary=str(event["summary"]),
        start=ics.read_when(event["start"]),
        end=ics.read_when(end) if end else None,
        at=at,
        place=str(event.get("place", "")),
        details=str(event.get("details", "")),
        sequence=int(event.get("sequence", 0)),
    )
