"""What the enterprise does with its own problem, let in by a link or a number and a code.

Where the office asked for more, what it adds hands the problem in again; else it is a note that
who handles it and the office are told of. It asks for a withdrawal, and may think better of it
while nothing was decided; who may cancel is told.
"""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.roles import Actor, Role
from app.attachments import service as attachments
from app.attachments.service import Prepared
from app.core import clock
from app.core.db import db
from app.core.enums import LabelledEnum
from app.core.errors import DomainError, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket, TicketEvent
from app.tickets.queries.facts import Holders
from app.tickets.service import drafting, moving, steps, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.workflow import table
from app.tickets.workflow.states import OPEN, Event, Note, Status

SHORTEST, LONGEST = 2, 1000  # characters
NOT_NOW = N_("这件事现在不能再补充了，请看页面上的说明，或者打电话给营商办。")
NOT_BACK = N_("这件事现在不能撤回了，请看页面上的说明，或者打电话给营商办。")
ASKED = N_("您已经要求撤回，营商办正在办，不用再提。")
ASKED_FOR = N_("企业要求撤回：{title}（{number}）")
NOT_ASKED = N_("这件事现在没有等着撤回，请看页面上的说明。")
DROPPED = N_("企业不撤回了，请接着办：{title}（{number}）")


class WhyBack(LabelledEnum):
    """Why an enterprise takes its problem back."""

    SOLVED = "solved", N_("已经解决了")
    NOT_NEEDED = "not_needed", N_("不需要了")
    BY_MISTAKE = "by_mistake", N_("报错了，或者重复了")
    OTHER = "other", N_("别的原因")


def waits_for_firm(ticket: Ticket) -> bool:
    """Tell whether the office asked for more, and the problem waits for it."""
    return ticket.status is Status.DRAFT and ticket.number is not None


def may_supplement(ticket: Ticket) -> bool:
    """Tell whether the enterprise may still add something."""
    return waits_for_firm(ticket) or ticket.status in OPEN


def supplement(
    ticket: Ticket,
    words: str,
    files: Sequence[Prepared] = (),
    *,
    version: int | None,
    actor: Actor,
) -> None:
    """Add what the enterprise says, with files, and tell whom it concerns.

    Raises DomainError where the problem is past that.
    """
    _check(ticket, version, actor)
    if not may_supplement(ticket):
        raise DomainError(NOT_NOW)
    text = asking.text(words, "words", least=SHORTEST)
    for file in files:
        attachments.attach(file, actor=actor, ticket_id=ticket.id, hidden=ticket.confidential)
    move = moving.begin(ticket, StepInput(comment=text, for_enterprise=True), actor=actor)
    move.payload["names"] = [file.name for file in files]
    if waits_for_firm(ticket):
        _complete(ticket, text)
    written = moving.close(move, Note.SUPPLEMENTED)
    if waits_for_firm(ticket):
        steps.take(ticket, Event.SUBMIT, StepInput(), actor=actor)  # which tells the office
        return
    people = [*_handling(ticket), Holders(telling.OFFICE)]
    telling.to(people, telling.MOVED, ticket, written, what=Note.SUPPLEMENTED.label)


def may_withdraw(ticket: Ticket) -> bool:
    """Tell whether the problem can still be taken back."""
    return waits_for_firm(ticket) or bool(_who_cancels(ticket))


def asked_to_withdraw(ticket: Ticket) -> bool:
    """Tell whether the enterprise asked for it, and no step was taken since.

    A step that follows goes on with the problem: then it may ask once more.
    """
    told = [one.value for one in policy.TOLD_TO_ENTERPRISE]
    own = [Note.WITHDRAWAL_ASKED.value, Note.WITHDRAWAL_DROPPED.value]
    last = (
        select(TicketEvent.kind)
        .where(TicketEvent.ticket_id == ticket.id)
        .where(TicketEvent.kind.in_([*told, *own]))
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    return db.session.scalar(last) == Note.WITHDRAWAL_ASKED.value


def withdraw(
    ticket: Ticket, why: WhyBack, words: str, *, version: int | None, actor: Actor
) -> None:
    """Take the problem back: at once where it waits for the enterprise, else ask who may cancel.

    Raises DomainError where it is past that, or was asked for already.
    """
    _check(ticket, version, actor)
    if not may_withdraw(ticket):
        raise DomainError(NOT_BACK)
    said = asking.text(words, "words", least=SHORTEST)
    given = StepInput(comment=f"{why.label}：{said}", for_enterprise=True)
    if waits_for_firm(ticket):
        people = [ticket.created_by_id, Holders(telling.OFFICE)]
        written = steps.take(ticket, Event.DISCARD, given, actor=actor)
        telling.to(people, telling.MOVED, ticket, written, what=Event.DISCARD.label)
        return
    if asked_to_withdraw(ticket):
        raise DomainError(ASKED)
    written = moving.close(moving.begin(ticket, given, actor=actor), Note.WITHDRAWAL_ASKED)
    people = [Holders(_who_cancels(ticket)), *_handling(ticket)]
    telling.to(people, ASKED_FOR, ticket, written, what=Note.WITHDRAWAL_ASKED.label)


def go_on(ticket: Ticket, *, version: int | None, actor: Actor) -> None:
    """Drop the wish to take the problem back; who was told of it is told.

    Raises DomainError where nothing was asked for, or it was decided meanwhile.
    """
    _check(ticket, version, actor)
    if not (asked_to_withdraw(ticket) and may_withdraw(ticket)):
        raise DomainError(NOT_ASKED)
    given = StepInput(for_enterprise=True)
    written = moving.close(moving.begin(ticket, given, actor=actor), Note.WITHDRAWAL_DROPPED)
    people = [Holders(_who_cancels(ticket)), *_handling(ticket)]
    telling.to(people, DROPPED, ticket, written, what=Note.WITHDRAWAL_DROPPED.label)


def _who_cancels(ticket: Ticket) -> frozenset[Role]:
    """Return the roles that the table lets cancel it now."""
    rows = table.steps_from(ticket.status)
    return frozenset(role for row in rows if row.event is Event.CANCEL for role in row.who)


def _check(ticket: Ticket, version: int | None, actor: Actor) -> None:
    if not policy.is_of_guest(actor, ticket):
        raise NotAllowed(N_("这不是您反映的问题。"))
    steps.check_version(ticket, version)


def _complete(ticket: Ticket, text: str) -> None:
    """Write what was missing below what was said first, which stays as it was said."""
    today = clock.today()
    ticket.description = f"{ticket.description}\n补充（{today.month}月{today.day}日）：{text}"
    drafting.index(ticket)


def _handling(ticket: Ticket) -> list[telling.Hearer]:
    """Return who handles it, or the unit where nobody is named yet."""
    if ticket.handler_id is not None and ticket.lead_unit_id is not None:
        return [ticket.handler_id]
    return telling.unit(telling.UNIT, ticket)
