"""What a rating link opens, and which enterprises are to be asked, or asked again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.parameters import Parameters
from app.core import clock, links
from app.core.db import db
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.core.links import PublicLink, Standing
from app.notifications.models import Message, MessageState
from app.tickets.models import RatingRequest, Reply, Revisit, Ticket, TicketEvent
from app.tickets.queries import family
from app.tickets.workflow.states import Event, Note, Status
from app.workdays.calendar import WorkCalendar

PURPOSE = "rate"
UNREACHED = "rating-unreached"  # the rule under which who revisits is told to call
ANSWERS = (Event.REVISIT_CLOSE.value, Event.REVISIT_REWORK.value, Note.REVISITED.value)
#: What gives the enterprise an answer: one that was approved, or one on the spot.
ANSWERED = (Event.APPROVE_REPLY.value, Event.CLOSE_ON_SITE.value)
ENDED = frozenset({Status.CLOSED, Status.ARCHIVED, Status.CANCELLED})


class Stand(LabelledEnum):
    """Whether a rating link still asks, and if not, why."""

    OPEN = "open", N_("等您评价")
    ANSWERED = "answered", N_("已经评价")
    HEARD = "heard", N_("已经由回访登记")
    OLD = "old", N_("是上一轮的")
    OVER = "over", N_("这件事已经结束")
    MOVED = "moved", N_("这件事又在办理")
    PARTS = "parts", N_("还有一部分在办")
    EXPIRED = "expired", N_("已经过期")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be rated: the words, on what they rest, and when they were written."""

    text: str
    basis: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A rating link of ours: for which answer it was made, what was said, where things stand."""

    link: PublicLink
    ticket: Ticket
    answer: Answer
    round: int
    said: Revisit | None  # by this link
    told: str  # to the unit, with it
    stand: Stand

    @property
    def is_open(self) -> bool:
        """Whether it may still be answered."""
        return self.stand is Stand.OPEN


def asked(token: str) -> Asked | None:
    """Return what a rating link is about, or None where the token is none of ours."""
    found = links.find(token, PURPOSE)
    if found is None:
        return None
    request = db.session.scalar(
        select(RatingRequest)
        .where(RatingRequest.link_id == found.link.id)
        .options(joinedload(RatingRequest.ticket).joinedload(Ticket.enterprise))
        .options(joinedload(RatingRequest.ticket).joinedload(Ticket.lead_unit))
        .options(joinedload(RatingRequest.reply))
        .order_by(RatingRequest.number)
        .limit(1)
    )
    if request is None:
        return None
    heard = _heard(request)
    said = next((one for one in heard if one.link_id == found.link.id), None)
    return Asked(
        link=found.link,
        ticket=request.ticket,
        answer=_answer(request),
        round=request.round,
        said=said,
        told=_told(said) if said else "",
        stand=_stand(request, found.standing, heard, said),
    )


def _answer(request: RatingRequest) -> Answer:
    """Return what was asked about; what was answered on the spot stands with the ticket (T06)."""
    ticket, reply = request.ticket, request.reply
    if reply is None:
        return Answer(ticket.reply_text, at=ticket.replied_at)
    return Answer(reply.text, reply.basis, reply.submitted_at)


def _heard(request: RatingRequest) -> list[Revisit]:
    found = select(Revisit).where(
        Revisit.ticket_id == request.ticket_id,
        Revisit.round == request.round,
        Revisit.reached.is_(True),
    )
    return list(db.session.scalars(found.order_by(Revisit.id)))


def _told(said: Revisit) -> str:
    """Return what the history says beside an answer: the reason, as the unit reads it."""
    beside = select(TicketEvent.comment).where(
        TicketEvent.ticket_id == said.ticket_id,
        TicketEvent.at == said.at,
        TicketEvent.kind.in_(ANSWERS),
    )
    return db.session.scalar(beside.order_by(TicketEvent.id.desc()).limit(1)) or ""


def _stand(
    request: RatingRequest, standing: Standing, heard: list[Revisit], said: Revisit | None
) -> Stand:
    """Return why a link asks nothing any more, the nearest reason first."""
    ticket = request.ticket
    reasons = {
        Stand.ANSWERED: said is not None,
        Stand.OLD: ticket.round != request.round,
        Stand.HEARD: bool(heard),
        Stand.OVER: ticket.status in ENDED,
        Stand.MOVED: ticket.status is not Status.PENDING_REVISIT,
        Stand.EXPIRED: standing is not Standing.GOOD,
        Stand.PARTS: ticket.revisit_due_at is None and family.open_parts(ticket.id) > 0,
    }
    return next((stand for stand, holds in reasons.items() if holds), Stand.OPEN)


def current(ticket_id: int) -> PublicLink | None:
    """Return the link by which the present round of a ticket may be rated, if one was made."""
    found: PublicLink | None = db.session.scalar(
        select(PublicLink)
        .join(RatingRequest, RatingRequest.link_id == PublicLink.id)
        .join(Ticket, Ticket.id == RatingRequest.ticket_id)
        .where(Ticket.id == ticket_id, RatingRequest.round == Ticket.round)
        .order_by(RatingRequest.number.desc())
        .limit(1)
    )
    return found


def answer_of(ticket_id: int, round_: int) -> Reply | None:
    """Return the approved answer of a round; None where it was given on the spot (T06)."""
    found = select(Reply).where(Reply.ticket_id == ticket_id, Reply.round == round_)
    return db.session.scalar(found.where(Reply.is_final.is_(True)).order_by(Reply.id.desc()))


def unreached_ids(tenant_id: int) -> Sequence[int]:
    """Return the tickets that wait for a word of an enterprise that no letter has reached.

    That is where one failed or was not sent, none has gone out, and nobody was told to call.
    """
    here = (Revisit.ticket_id == Ticket.id, Revisit.round == Ticket.round)
    told = select(Message.period).where(Message.tenant_id == tenant_id, Message.rule == UNREACHED)
    lost = Revisit.letter.has(Message.state.in_([MessageState.FAILED, MessageState.SKIPPED]))
    out = Revisit.letter.has(Message.state == MessageState.SENT)
    found = db.session.execute(
        select(Ticket.id, Ticket.round)
        .where(Ticket.tenant_id == tenant_id, Ticket.status == Status.PENDING_REVISIT)
        .where(exists().where(*here, lost))
        .where(~exists().where(*here, or_(out, Revisit.reached.is_(True))))
        .order_by(Ticket.id)
    ).all()
    if not found:
        return []
    known = set(db.session.scalars(told))
    return [id_ for id_, round_ in found if round_period(id_, round_) not in known]


def round_period(ticket_id: int, round_: int) -> str:
    """Return under what those who revisit are told once in a round."""
    return f"{ticket_id}/{round_}"


def requests_of(ticket_id: int, round_: int) -> list[RatingRequest]:
    """Return how the enterprise was asked in one round, oldest first."""
    found = select(RatingRequest).where(
        RatingRequest.ticket_id == ticket_id, RatingRequest.round == round_
    )
    return list(db.session.scalars(found.order_by(RatingRequest.number)))


# ---- whom to ask ----


class Waiting(NamedTuple):
    """A ticket whose answer was approved and not yet rated: since when, and how often asked."""

    ticket_id: int
    approved_at: datetime
    times: int
    asked_at: datetime | None


def _waiting() -> Select[tuple[int, datetime, int, datetime | None]]:
    approved = (
        select(func.max(TicketEvent.at))
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind.in_(ANSWERED))
        .correlate(Ticket)
        .scalar_subquery()
    )
    requests = (RatingRequest.ticket_id == Ticket.id, RatingRequest.round == Ticket.round)
    times = select(func.count()).select_from(RatingRequest).where(*requests).correlate(Ticket)
    last = select(func.max(RatingRequest.at)).where(*requests).correlate(Ticket)
    return select(
        Ticket.id,
        approved.label("approved_at"),
        times.scalar_subquery().label("times"),
        last.scalar_subquery().label("asked_at"),
    ).where(
        Ticket.status == Status.PENDING_REVISIT,
        Ticket.revisit_due_at.is_not(None),  # no part of it is open
        exists().where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind.in_(ANSWERED)),
        ~exists().where(
            Revisit.ticket_id == Ticket.id,
            Revisit.round == Ticket.round,
            Revisit.reached.is_(True),
        ),
    )


def waiting(tenant_id: int) -> list[Waiting]:
    """Return what waits for a word of its enterprise, by one statement."""
    found = _waiting().where(Ticket.tenant_id == tenant_id).order_by(Ticket.id)
    return [Waiting._make(row) for row in db.session.execute(found)]


def still_waiting(ticket_id: int) -> Waiting | None:
    """Return the same of one ticket, or None where it waits no more."""
    row = db.session.execute(_waiting().where(Ticket.id == ticket_id)).first()
    return Waiting._make(row) if row else None


def is_due(one: Waiting, *, calendar: WorkCalendar, parameters: Parameters, now: datetime) -> bool:
    """Tell whether the enterprise is to be asked now: first, or again after days of silence.

    First so many working days after the approval; again so many days after it was last asked,
    and only so often.
    """
    today = clock.local(now).date()
    if one.times == 0:
        approved_on = clock.local(one.approved_at).date()
        wait = parameters.rating_delay_workdays
        return now >= one.approved_at and today >= (
            calendar.add(approved_on, wait) if wait else approved_on
        )
    if one.times > parameters.rating_repeats or one.asked_at is None:
        return False
    again_on = clock.local(one.asked_at).date() + timedelta(days=parameters.rating_again_days)
    return today >= again_on
