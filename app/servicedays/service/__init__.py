"""What can be done with service days. Nothing else writes them."""

from app.servicedays.service.announcing import announce
from app.servicedays.service.appointments import book, check_pace, move, release, reveal_phone
from app.servicedays.service.days import cancel_day, change_day, open_day
from app.servicedays.service.drafts import AppointmentDraft, DayDraft, Heard, Reception
from app.servicedays.service.holding import complete, finish, hold
from app.servicedays.service.receiving import receive
from app.servicedays.service.signing_in import sign_in, sign_out, walk_in

__all__ = [
    "AppointmentDraft",
    "DayDraft",
    "Heard",
    "Reception",
    "announce",
    "book",
    "cancel_day",
    "change_day",
    "check_pace",
    "complete",
    "finish",
    "hold",
    "move",
    "open_day",
    "receive",
    "release",
    "reveal_phone",
    "sign_in",
    "sign_out",
    "walk_in",
]
