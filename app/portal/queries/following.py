"""One ticket as its enterprise may know it, in a fixed number of statements.

Who asks has proved the ticket by a link or by number and code. What is read here is what the
enterprise is told: no internal word is loaded at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased, joinedload, load_only, selectinload

from app.accounts.models import OrgUnit, Tenant, User
from app.core import clock, crypto, links
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.core.links import PublicLink
from app.core.transactions import DoneOnce
from app.enterprises.models import Enterprise, KeyProject, Linkage
from app.tickets import policy
from app.tickets.models import CommonProblem, Reply, Ticket, TicketEvent
from app.tickets.workflow.states import Event, Note
from app.visits import queries as visits
from app.visits.models import VisitPlan, VisitTask

RATE = "rate"
#: The words of these are shown; all other comments are never read. What a revisit wrote down
#: is the revisitor's, and stays inside.
SHOWN = frozenset(
    {
        Event.REJECT,
        Event.REQUEST_SUPPLEMENT,
        Event.PROGRESS_NOTE,
        Note.SUPPLEMENTED,
        Note.WITHDRAWAL_ASKED,
    }
)
#: Beside the steps of the table.
OWN = frozenset({Note.SUPPLEMENTED, Note.WITHDRAWAL_ASKED, Event.DISCARD})
#: What of an event's particulars may be read.
PARTICULARS = frozenset({"guidance", "items", "new_due_on", "names", "next_review_on"})


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that the enterprise is told of."""

    kind: str
    at: datetime
    words: str = ""
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coming:
    """A visit that is planned, and the token of the link by which it may be answered."""

    planned_on: date
    token: str


@dataclass(frozen=True, slots=True)
class Followed:
    """All that the page of a ticket tells its enterprise."""

    ticket: Ticket
    tenant: Tenant
    happened: tuple[Happened, ...] = ()
    answer: Reply | None = None
    is_common: bool = False
    master: Ticket | None = None
    coming: Coming | None = None
    rate_token: str = ""

    @property
    def asked_to_withdraw(self) -> bool:
        """Whether it was asked to take it back."""
        return any(one.kind == Note.WITHDRAWAL_ASKED for one in self.happened)

    def last(self, kind: str) -> Happened | None:
        """Return the last thing of a kind that happened."""
        found = [one for one in self.happened if one.kind == kind]
        return found[-1] if found else None


def numbered(number: str) -> Sequence[Ticket]:
    """Return the tickets with this number: at most one of each tenant."""
    if not number:
        return ()
    return db.session.scalars(
        select(Ticket)
        .options(
            load_only(
                Ticket.tenant_id, Ticket.enterprise_id, Ticket.query_code, Ticket.contact_name
            )
        )
        .where(Ticket.number == number)
        .order_by(Ticket.id)
    ).all()


def followed(ticket_id: int) -> Followed:
    """Return what the enterprise is told of a ticket; raise NotFound where it has no number."""
    master = aliased(Ticket)
    line = db.session.execute(
        select(Ticket, Tenant, master, CommonProblem.answer)
        .join(Tenant, Tenant.id == Ticket.tenant_id)
        .outerjoin(master, master.id == Ticket.master_id)
        .outerjoin(CommonProblem, CommonProblem.id == Ticket.common_id)
        .where(Ticket.id == ticket_id, Ticket.number.is_not(None))
        .options(
            joinedload(Ticket.enterprise).load_only(Enterprise.name, Enterprise.short_name),
            joinedload(Ticket.lead_unit).load_only(OrgUnit.name),
            joinedload(Ticket.handler).load_only(User.name),
        )
    ).first()
    if line is None:
        raise NotFound(N_("没有找到这件事。"))
    ticket, tenant, whole, common = line
    answer = _answer(ticket.id)
    return Followed(
        ticket=ticket,
        tenant=tenant,
        happened=_happened(ticket.id),
        answer=answer,
        is_common=answer is not None and answer.text == common,
        master=_told_of(whole, ticket),
        coming=_coming(ticket),
        rate_token=_rate_token(ticket),
    )


def _told_of(master: Ticket | None, ticket: Ticket) -> Ticket | None:
    """Return the ticket that took this one in, where it is for the same readers."""
    same = master is not None and master.confidential == ticket.confidential
    return master if same else None


def mark_of(ticket_id: int) -> str:
    """Return what tells that a ticket still has the query code that somebody knew."""
    code = db.session.scalar(select(Ticket.query_code).where(Ticket.id == ticket_id))
    return crypto.signature(f"followed|{ticket_id}|{code}")


def was_done(key: str, *, since: datetime) -> bool:
    """Tell whether a form without an account was carried out under this key, not long ago."""
    found = select(DoneOnce.key).where(
        DoneOnce.key == f"0-{key}"[:64], DoneOnce.user_id.is_(None), DoneOnce.at >= since
    )
    return db.session.scalar(found) is not None


def _happened(ticket_id: int) -> tuple[Happened, ...]:
    told = [one.value for one in (*policy.TOLD_TO_ENTERPRISE, *OWN)]
    is_progress = TicketEvent.kind == Event.PROGRESS_NOTE.value
    rows = db.session.execute(
        select(
            TicketEvent.kind,
            TicketEvent.at,
            TicketEvent.comment,
            TicketEvent.payload,
        )
        .where(TicketEvent.ticket_id == ticket_id)
        .where(or_(TicketEvent.kind.in_(told), and_(is_progress, TicketEvent.for_enterprise)))
        .order_by(TicketEvent.id)
    )
    return tuple(
        Happened(
            kind,
            at,
            comment if kind in SHOWN else "",
            {name: value for name, value in payload.items() if name in PARTICULARS},
        )
        for kind, at, comment, payload in rows
    )


def _answer(ticket_id: int) -> Reply | None:
    """Return the newest answer that was approved."""
    found: Reply | None = db.session.scalar(
        select(Reply)
        .options(selectinload(Reply.citations))
        .where(Reply.ticket_id == ticket_id, Reply.is_final.is_(True))
        .order_by(Reply.id.desc())
        .limit(1)
    )
    return found


def _coming(ticket: Ticket) -> Coming | None:
    """Return the next visit to the enterprise of which it was told, if it may still answer."""
    firm = ticket.enterprise_id
    row = db.session.execute(
        select(VisitPlan.planned_on, PublicLink)
        .join(PublicLink, PublicLink.id == VisitPlan.link_id)
        .join(VisitTask, VisitTask.id == VisitPlan.task_id)
        .join(Linkage, Linkage.id == VisitTask.linkage_id)
        .outerjoin(KeyProject, KeyProject.id == Linkage.project_id)
        .where(or_(Linkage.enterprise_id == firm, KeyProject.enterprise_id == firm))
        .where(VisitPlan.tenant_id == ticket.tenant_id, VisitPlan.ended_at.is_(None))
        .where(VisitPlan.planned_on >= clock.today())
        .where(PublicLink.purpose == visits.PURPOSE, PublicLink.expires_at > clock.now())
        .where(PublicLink.revoked_at.is_(None), PublicLink.used_at.is_(None))
        .order_by(VisitPlan.planned_on, VisitPlan.id)
        .limit(1)
    ).first()
    return Coming(row[0], links.token_of(row[1])) if row else None


def _rate_token(ticket: Ticket) -> str:
    """Return the token of the link with which the enterprise has the last word, if it may."""
    subject = f"ticket:{ticket.id}"
    link = links.good(tenant_id=ticket.tenant_id, purpose=RATE, subject=subject)
    return links.token_of(link) if link else ""
