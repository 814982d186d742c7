"""The history of a ticket in sentences, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts.roles import Actor
from app.core import locale
from app.core.locale import spoken as _
from app.core.locale import translated
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.queries import Happened, Moved, Names, TicketPage
from app.tickets.views.telling import told
from app.tickets.workflow.states import DueReason, Event, Note

KEY = frozenset(
    {
        Event.ACCEPT,
        Event.DISPATCH,
        Event.REASSIGN,
        Event.SIGN,
        Event.FIRST_CONTACT,
        Event.SUBMIT_REPLY,
        Event.APPROVE_REPLY,
        Event.REVISIT_CLOSE,
    }
)
WARN = frozenset(
    {
        Event.AUTO_SIGN,
        Event.REVISIT_REWORK,
        Event.CLOSE_UNSATISFIED,
        Event.ESCALATE,
        Note.URGED,
        Note.OVERDUE_NOTICE,
        Note.SUPERVISED,
        Note.DIRECTED,
        Note.REFUSED,
        Note.WITHDRAWAL_ASKED,
        Note.WITHDRAWAL_DROPPED,
    }
)
ICONS: dict[str, str] = {
    Event.SUBMIT: "geo-alt",
    Event.ACCEPT: "check2-square",
    Event.REJECT: "x-circle",
    Event.REQUEST_SUPPLEMENT: "arrow-return-left",
    Event.MERGE: "sign-merge-right",
    Event.CLOSE_ON_SITE: "lightning-charge",
    Event.DISPATCH: "send",
    Event.SIGN: "pen",
    Event.AUTO_SIGN: "pen",
    Event.APPROVE_RETURN: "arrow-return-left",
    Event.REASSIGN: "shuffle",
    Event.FIRST_CONTACT: "telephone",
    Event.PROGRESS_NOTE: "chat-left-text",
    Event.APPROVE_EXTENSION: "hourglass-split",
    Event.ESCALATE: "arrow-up-circle",
    Event.APPROVE_SUSPENSION: "pause-circle",
    Event.RESUME: "play-circle",
    Event.SUBMIT_REPLY: "file-earmark-text",
    Event.RETURN_REPLY: "arrow-return-left",
    Event.APPROVE_REPLY: "check2-circle",
    Event.REVISIT_CLOSE: "check-circle",
    Event.REVISIT_REWORK: "arrow-repeat",
    Event.CLOSE_UNSATISFIED: "emoji-frown",
    Event.CLOSE_UNREACHABLE: "telephone-x",
    Event.REOPEN: "arrow-counterclockwise",
    Event.ARCHIVE: "archive",
    Event.CANCEL: "slash-circle",
    Event.DISCARD: "trash",
    Note.CO_OPENED: "people",
    Note.CO_SUBMITTED: "people",
    Note.CO_WAIVED: "person-dash",
    Note.CO_ACCEPTED: "check2",
    Note.CO_RETURNED: "arrow-return-left",
    Note.CO_ASSIGNED: "person-check",
    Note.HANDED_OVER: "arrow-left-right",
    Note.COVERED: "person-fill-up",
    Note.UNCOVERED: "person-fill-down",
    Note.VACATED: "person-x",
    Note.PARTS_ENDED: "diagram-2",
    Note.PART_OPEN: "diagram-2",
    Note.SPLIT: "diagram-2",
    Note.SPLIT_OFF: "diagram-2",
    Note.ASSIGNED: "person-check",
    Note.URGED: "bell",
    Note.OVERDUE_NOTICE: "bell",
    Note.SUPERVISED: "megaphone",
    Note.SUPERVISION_ANSWERED: "reply",
    Note.TOOK_IN: "box-arrow-in-right",
    Note.ATTACHED: "paperclip",
    Note.FILE_SHOWN: "eye",
    Note.FILE_HIDDEN: "eye-slash",
    Note.COMMENTED: "chat-left-dots",
    Note.ATTEMPT: "telephone-x",
    Note.RATING_ASKED: "envelope-check",
    Note.DUE_RECOMPUTED: "calendar-event",
    Note.DIRECTED: "vector-pen",
    Note.DIRECTIVE_ANSWERED: "reply",
    Note.MEETING: "people",
    Note.GROUPED: "collection",
    Note.UNGROUPED: "box-arrow-right",
    Note.MADE_CONFIDENTIAL: "eye-slash",
    Note.MADE_OPEN: "eye",
    Note.READER_ADDED: "person-plus",
    Note.READER_ENDED: "person-x",
    Note.PASSED_ON: "arrow-left-right",
    Note.SUPPLEMENTED: "chat-left-text",
    Note.WITHDRAWAL_ASKED: "arrow-counterclockwise",
    Note.WITHDRAWAL_DROPPED: "arrow-clockwise",
    Note.RECHECKED: "patch-question",
}
OTHERWISE = "dot"
EVENTS = frozenset(event.value for event in Event)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history as the page prints it."""

    icon: str
    title: str
    text: str
    meta: str
    said: str
    tone: str
    moves: tuple[str, ...]


def lines(page: TicketPage) -> list[Line]:
    """Return the history, newest first; under each event the deadlines that it moved."""
    moved: dict[int, list[Moved]] = {}
    for change in page.moves:
        if change.event_id is not None:
            moved.setdefault(change.event_id, []).append(change)
    return [_line(event, moved.get(event.id, ()), page.names) for event in reversed(page.events)]


def _line(event: Happened, moved: Sequence[Moved], names: Names) -> Line:
    role = translated(event.role.label)
    visible = _("企业可见") if event.for_enterprise else ""
    sentences = told(event.kind, _noted(event), names)
    return Line(
        icon=ICONS.get(event.kind, OTHERWISE),
        title=title(event.kind, event.about),
        text=_("；").join([visible, *sentences] if visible else sentences),
        meta=" · ".join(part for part in (locale.moment(event.at), event.who, role) if part),
        said=event.comment,
        tone=_tone(event),
        moves=tuple(_moved(change) for change in moved),
    )


def _tone(event: Happened) -> str:
    if event.kind in WARN or event.payload.get("came_back"):
        return "warn"
    return "key" if event.kind in KEY else ""


def _noted(event: Happened) -> dict[str, Any]:
    """Return what an event noted, without a moment that is its own."""
    if _minute(event.payload.get("contacted_at")) != _minute(event.at.isoformat()):
        return event.payload
    return {key: value for key, value in event.payload.items() if key != "contacted_at"}


def _minute(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment).replace(second=0, microsecond=0) if moment else None


def title(kind: str, about: str) -> str:
    """Return the word for what happened, and of a proposal for what was proposed."""
    what = translated((Event(kind) if kind in EVENTS else Note(kind)).label)
    if not about:
        return what
    return str(_("%(what)s：%(about)s", what=what, about=translated(Event(about).label)))


def _moved(change: Moved) -> str:
    """Return which deadline was set or moved, and why."""
    clock_, why = translated(change.clock.label), translated(change.reason.label)
    if change.due_at is None:
        return str(
            _(
                "%(clock)s期限 %(before)s 作废：%(why)s",
                clock=clock_,
                before=locale.moment(change.before),
                why=why,
            )
        )
    if change.before is None or change.reason is DueReason.STARTED:  # begun again, not moved
        return str(_("%(clock)s期限 %(due)s", clock=clock_, due=locale.moment(change.due_at)))
    return str(
        _(
            "%(clock)s期限由 %(before)s 改为 %(due)s：%(why)s",
            clock=clock_,
            before=locale.moment(change.before),
            due=locale.moment(change.due_at),
            why=why,
        )
    )


def newest(ticket: Ticket, viewer: Actor) -> str:
    """Return the last thing that happened, in one line; to whoever is rated no words of it."""
    if not ticket.events:
        return ""
    last = ticket.events[-1]
    who = last.actor.name if last.actor else translated(last.actor_role.label)
    told = last.kind not in policy.HEARD or policy.sees_rating(viewer, ticket.id)
    said = _("：") + last.comment if last.comment and told else ""
    return f"{title(last.kind, last.about)} · {locale.moment(last.at)} · {who}{said}"
