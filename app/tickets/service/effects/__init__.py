"""What each step does to a ticket: fields, clocks and records, as table C2.3 words them."""

from collections.abc import Callable

from app.tickets.service.effects import closing, handling, opening
from app.tickets.service.moving import Move
from app.tickets.workflow.states import Event

Effect = Callable[[Move], None]

EFFECTS: dict[Event, Effect] = {**opening.EFFECTS, **handling.EFFECTS, **closing.EFFECTS}
