"""Days, appointments and problems as they are told, before they are rows."""

from dataclasses import dataclass
from datetime import date, time

from app.servicedays.workflow import Inviting, Kind


@dataclass(frozen=True, slots=True)
class DayDraft:
    """A day as the office plans it."""

    kind: Kind
    held_on: date
    begins_at: time
    ends_at: time
    place: str
    host_id: int
    unit_ids: tuple[int, ...] = ()
    focus: str = ""
    notes: str = ""
    is_online: bool = False
    online_how: str = ""
    capacity: int | None = None
    slot_minutes: int | None = None
    inviting: Inviting = Inviting.NONE
    enterprise_ids: tuple[int, ...] = ()  # the chosen ones
    exception_reason: str = ""  # why on a day that is not worked


@dataclass(frozen=True, slots=True)
class AppointmentDraft:
    """An enterprise that wants to come: from its file, or by its name alone."""

    enterprise_id: int | None = None
    firm_name: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    topic: str = ""
    slot: time | None = None
    is_online: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One problem that an enterprise brought; `answer` is what was said on the spot."""

    title: str
    description: str
    wish: str = ""
    category_id: int | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Reception:
    """An enterprise that came, and what it brought. `makes_file`: one without a file gets one."""

    appointment_id: int | None = None
    enterprise_id: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    no_secrets: bool = False
    makes_file: bool = False
    problems: tuple[Heard, ...] = ()
