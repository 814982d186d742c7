"""Who may know of a ticket, whose it is to act on, and whom a rating is about."""

from app.tickets.policy.rated import (
    HEARD,
    TOLD_TO_RATED,
    is_rated,
    rates,
    require_check,
    sees_rating,
    works_for_office,
)
from app.tickets.policy.seeing import (
    SAID_TO_ENTERPRISE,
    TOLD_TO_ENTERPRISE,
    check_may_attach,
    check_named,
    in_scope,
    is_concerned,
    is_named,
    is_of_guest,
    is_outside,
    may_attach,
    may_print_note,
    may_see,
    visible_to,
)

__all__ = [
    "HEARD",
    "SAID_TO_ENTERPRISE",
    "TOLD_TO_ENTERPRISE",
    "TOLD_TO_RATED",
    "check_may_attach",
    "check_named",
    "in_scope",
    "is_concerned",
    "is_named",
    "is_of_guest",
    "is_outside",
    "is_rated",
    "may_attach",
    "may_print_note",
    "may_see",
    "rates",
    "require_check",
    "sees_rating",
    "visible_to",
    "works_for_office",
]
