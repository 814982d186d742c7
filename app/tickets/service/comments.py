"""What the offices tell each other about a ticket; the enterprise is never shown it."""

import re
from collections.abc import Collection

from app.accounts.models import User
from app.accounts.roles import Actor, Permission, Role
from app.core.errors import Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.queries import colleagues
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.moving import Written
from app.tickets.workflow.states import Note, Status

SHORTEST, LONGEST_NAME = 2, 20  # characters
#: Who sees a ticket without handling it, and may say something all the same.
ONLOOKERS = frozenset({Role.LEADER, Role.CHIEF, Role.SUPERVISOR, Role.LIAISON})
MENTIONED = N_("有人在内部备注里提到您：{title}（{number}）")
_AT = re.compile(rf"[@＠]([^\s@＠，。；：、,.;:!?！？（）()]{{2,{LONGEST_NAME}}})")


def may_comment(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether `actor`, who sees the ticket, may leave a note for the colleagues."""
    if ticket.status is Status.DRAFT or ticket.is_over:
        return False
    return actor.may(Permission.TICKET_COMMENT) or actor.role in ONLOOKERS


def comment(ticket: Ticket, text: str, mentions: Collection[int] = (), *, actor: Actor) -> Written:
    """Write an internal note, and tell those whom it mentions: by choice, or typed as @name.

    Raises Invalid where somebody is meant who may not see the ticket; then nothing is told.
    """
    if not may_comment(actor, ticket) or not policy.may_see(actor, ticket):
        raise NotAllowed(N_("您现在不能给这件企业问题写备注。"))
    words = asking.text(text, "comment", least=SHORTEST)
    people = _chosen(ticket, mentions) | _typed(ticket, words)
    move = moving.begin(ticket, StepInput(comment=words), actor=actor)
    move.payload["mentions"] = [user.name for _, user in sorted(people.items())]
    written = moving.close(move, Note.COMMENTED)
    telling.to(list(people), MENTIONED, ticket, written, what=Note.COMMENTED.label)
    return written


def _chosen(ticket: Ticket, mentions: Collection[int]) -> dict[int, User]:
    if not mentions:
        return {}
    found = {user.id: user for user in colleagues.who_may_see(ticket, user_ids=mentions)}
    if set(mentions) - set(found):
        raise Invalid(N_("选的人里有看不到这件企业问题的，请从列出的人里选。"), field="mentions")
    return found


def _typed(ticket: Ticket, words: str) -> dict[int, User]:
    """Return who is meant by @name; a name runs on into the sentence, so the longest fits."""
    runs = _AT.findall(words)
    begins = {run[:n] for run in runs for n in range(2, len(run) + 1)}
    if not begins:
        return {}
    known = {user.name for user in colleagues.named(ticket.tenant_id, begins)}
    fitting = [max((n for n in known if run.startswith(n)), key=len, default="") for run in runs]
    meant = {name for name in fitting if name}
    if not meant:
        return {}
    found = {user.id: user for user in colleagues.who_may_see(ticket, names=meant)}
    unseeing = meant - {user.name for user in found.values()}
    if unseeing:
        raise Invalid(
            N_("{name}看不到这件企业问题，不能提到。"), field="comment", name=min(unseeing)
        )
    return found
