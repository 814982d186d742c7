"""The history of a ticket in sentences, newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.core import locale
from app.core.enums import LabelledEnum
from app.core.locale import translated
from app.tickets.models import DueChange, TicketEvent
from app.tickets.queries import Names, TicketPage
from app.tickets.workflow import codes
from app.tickets.workflow.states import (
    Complexity,
    Event,
    Note,
    NoteLevel,
    Outcome,
    Solved,
    Urgency,
)

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
        Note.REFUSED,
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
    Note.ASSIGNED: "person-check",
    Note.URGED: "bell",
    Note.OVERDUE_NOTICE: "bell",
    Note.SUPERVISED: "megaphone",
    Note.SUPERVISION_ANSWERED: "reply",
    Note.ATTACHED: "paperclip",
    Note.ATTEMPT: "telephone-x",
    Note.DUE_RECOMPUTED: "calendar-event",
}
OTHERWISE = "dot"


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
    moved: dict[int, list[DueChange]] = {}
    for change in page.ticket.due_history:
        if change.event_id is not None:
            moved.setdefault(change.event_id, []).append(change)
    events = reversed(page.ticket.events)
    return [_line(event, moved.get(event.id, []), page.names) for event in events]


def _line(event: TicketEvent, moved: Sequence[DueChange], names: Names) -> Line:
    title = translated(event.label)
    if event.about:
        title = _("%(what)s：%(about)s", what=title, about=translated(event.about_label))
    who = event.actor.name if event.actor else ""
    role = translated(event.actor_role.label)
    visible = _("企业可见") if event.for_enterprise else ""
    told = [told for told in _told(event.payload, names) if told]
    return Line(
        icon=ICONS.get(event.kind, OTHERWISE),
        title=title,
        text=_("；").join([visible, *told] if visible else told),
        meta=" · ".join(part for part in (locale.moment(event.at), who, role) if part),
        said=event.comment,
        tone="warn" if event.kind in WARN else ("key" if event.kind in KEY else ""),
        moves=tuple(_moved(change) for change in moved),
    )


def _moved(change: DueChange) -> str:
    """Return which deadline was set or moved, and why."""
    clock_, why = translated(change.clock.label), translated(change.reason.label)
    if change.due_at is None:
        return _(
            "%(clock)s期限 %(before)s 作废：%(why)s",
            clock=clock_,
            before=locale.moment(change.before),
            why=why,
        )
    if change.before is None:
        return _("%(clock)s期限 %(due)s", clock=clock_, due=locale.moment(change.due_at))
    return _(
        "%(clock)s期限由 %(before)s 改为 %(due)s：%(why)s",
        clock=clock_,
        before=locale.moment(change.before),
        due=locale.moment(change.due_at),
        why=why,
    )


def _told(payload: dict[str, Any], names: Names) -> list[str]:
    """Return what an event noted, one sentence for each thing; unknown things are passed over."""
    return [teller(payload[key], names) for key, teller in TELLERS.items() if payload.get(key)]


def facts(payload: dict[str, Any], names: Names) -> list[tuple[str, str]]:
    """Return what a proposal asks for, as labels and values."""
    return [
        (translated(label), teller(payload[key], names))
        for key, (label, teller) in FACTS.items()
        if payload.get(key)
    ]


Teller = Callable[[Any, Names], str]


def _code(kind: type[LabelledEnum]) -> Teller:
    """Return what says the word of a code; what is no code of this kind says nothing."""

    def tell(value: Any, _names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
        try:
            return translated(kind(str(value)).label)
        except ValueError:
            return ""

    return tell


def _any_code(*kinds: type[LabelledEnum]) -> Teller:
    """Return what says the word of a code of one of several kinds."""

    def tell(value: Any, names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
        return next((word for kind in kinds if (word := _code(kind)(value, names))), "")

    return tell


def _text(value: Any, _names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
    return str(value)


def _day(value: Any, _names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
    try:
        return locale.day(date.fromisoformat(str(value)))
    except ValueError:
        return ""


def _unit(value: Any, names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
    return names.units.get(value, "")


def _user(value: Any, names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
    return names.users.get(value, "")


def _category(value: Any, names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
    return names.categories.get(value, "")


REASONS = _any_code(
    codes.RejectReason,
    codes.ReturnReplyReason,
    codes.EscalationReason,
    codes.ResumeReason,
    codes.CancelReason,
    codes.SuspensionCause,
    codes.UnsatisfiedFinding,
)


def _sentence(text: str, teller: Teller) -> Teller:
    """Return a teller that puts what it says into a sentence; nothing said is no sentence."""

    def tell(value: Any, names: Names) -> str:  # noqa: ANN401 - whatever JSON holds
        said = teller(value, names)
        return _(text, said=said) if said else ""  # noqa: INT001 - marked where it is written

    return tell
