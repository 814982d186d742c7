"""The conditions of every step, as the office's transition table (C2.3) words them.

`OPENERS` need nothing that is typed, so that pages can ask them too; `GUARDS` judge what was
given. Each raises a DomainError whose `field` names a field of StepInput.
"""

from collections.abc import Callable

from app.core.errors import DomainError
from app.tickets.service.guards import closing, handling, opening
from app.tickets.service.moving import Move
from app.tickets.workflow.states import Event

Guard = Callable[[Move], None]

OPENERS: dict[Event, Guard] = {**opening.OPENERS, **handling.OPENERS, **closing.OPENERS}
GUARDS: dict[Event, Guard] = {**opening.GUARDS, **handling.GUARDS, **closing.GUARDS}


def check(event: Event, move: Move) -> None:
    """Raise the first DomainError that stands against the step."""
    if event in OPENERS:
        OPENERS[event](move)
    if event in GUARDS:
        GUARDS[event](move)


def objection(event: Event, move: Move) -> DomainError | None:
    """Return what stands against the step before anything is typed, or None."""
    if event not in OPENERS:
        return None
    try:
        OPENERS[event](move)
    except DomainError as error:
        return error
    return None
