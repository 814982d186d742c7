"""One ticket as its enterprise may know it, in a fixed number of statements.

Who asks has proved the ticket by a link or by number and code. What is read here is what the
enterprise is told: no internal word is loaded at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import joinedload, load_only

from app.accounts.models import OrgUnit, RoleHolding, Tenant, User
from app.attachments.models import Attachment
from app.core import clock, crypto, links
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.core.links import PublicLink
from app.core.transactions import DoneOnce
from app.enterprises.models import KeyProject, Linkage
from app.library.models import PolicyDocument
from app.tickets import policy
from app.tickets.models import (
    CommonProblem,
    RatingRequest,
    Reply,
    Revisit,
    Ticket,
    TicketEvent,
    reply_citations,
)
from app.tickets.service import FOLLOW, subject_of
from app.tickets.workflow.states import Event, Note, Status
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
OWN = frozenset({Note.SUPPLEMENTED, Note.WITHDRAWAL_ASKED, Note.WITHDRAWAL_DROPPED, Event.DISCARD})
#: What says nothing of whether the office went on.
BETWEEN = frozenset({Note.SUPPLEMENTED, Event.PROGRESS_NOTE})
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
class Answer:
    """What was answered, on what it rests, and the documents that it cites: title and number."""

    text: str
    basis: str
    cited: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file that the enterprise may have: one that it sent, or one that is meant for it."""

    id: int
    name: str
    size: int
    is_own: bool


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
    answer: Answer | None = None
    is_common: bool = False
    files: tuple[File, ...] = ()
    master: Ticket | None = None
    coming: Coming | None = None
    token: str = ""
    rate_token: str = ""

    @property
    def asked_to_withdraw(self) -> bool:
        """Whether it was asked to take it back, and no step followed: then it goes on."""
        kinds = [one.kind for one in self.happened if one.kind not in BETWEEN]
        return bool(kinds) and kinds[-1] == Note.WITHDRAWAL_ASKED

    @property
    def answered_at(self) -> datetime | None:
        """When the enterprise was told the answer: not when the unit handed it in."""
        told = self.last(Event.APPROVE_REPLY) or self.last(Event.CLOSE_ON_SITE)
        return told.at if told else self.ticket.replied_at

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


#: What the page is told of a ticket; nothing else of it is read.
_COLUMNS = (
    Ticket.tenant_id,
    Ticket.enterprise_id,
    Ticket.number,
    Ticket.query_code,
    Ticket.status,
    Ticket.round,
    Ticket.title,
    Ticket.outcome,
    Ticket.reply_text,
    Ticket.confidential,
    Ticket.version,
    Ticket.master_id,
    Ticket.acceptance_due_at,
    Ticket.dispatch_due_at,
    Ticket.due_at,
    Ticket.revisit_due_at,
    Ticket.next_review_on,
    Ticket.submitted_at,
    Ticket.dispatched_at,
    Ticket.first_contact_at,
    Ticket.reply_submitted_at,
    Ticket.replied_at,
    Ticket.closed_at,
)
_ID: BindParameter[int] = bindparam("ticket_id")
# Built once: building a statement takes longer than asking it.
_LINE = (
    select(Ticket, Tenant, CommonProblem.answer)
    .join(Tenant, Tenant.id == Ticket.tenant_id)
    .outerjoin(CommonProblem, CommonProblem.id == Ticket.common_id)
    .where(Ticket.id == _ID, Ticket.number.is_not(None))
    .options(
        load_only(*_COLUMNS),
        joinedload(Ticket.lead_unit).load_only(OrgUnit.name),
        joinedload(Ticket.handler).load_only(User.name),
    )
)
_MASTER: Select[Ticket] = (
    select(Ticket)
    .where(Ticket.id == _ID)
    .options(
        load_only(*_COLUMNS),
        joinedload(Ticket.lead_unit).load_only(OrgUnit.name),
        joinedload(Ticket.handler).load_only(User.name),
    )
)
_TOLD = [one.value for one in (*policy.TOLD_TO_ENTERPRISE, *OWN)]
_HAPPENED = (
    select(TicketEvent.kind, TicketEvent.at, TicketEvent.comment, TicketEvent.payload)
    .where(TicketEvent.ticket_id == _ID)
    .where(
        or_(
            TicketEvent.kind.in_(_TOLD),
            and_(TicketEvent.kind == Event.PROGRESS_NOTE.value, TicketEvent.for_enterprise),
        )
    )
    .order_by(TicketEvent.id)
)
#: The approved answers, the newest first, a line for each document that one cites.
_ANSWERS = (
    select(Reply.id, Reply.text, Reply.basis, PolicyDocument.title, PolicyDocument.doc_no)
    .outerjoin(reply_citations, reply_citations.c.reply_id == Reply.id)
    .outerjoin(PolicyDocument, PolicyDocument.id == reply_citations.c.document_id)
    .where(Reply.ticket_id == _ID, Reply.is_final.is_(True))
    .order_by(Reply.id.desc(), PolicyDocument.id)
)
#: What the enterprise gets here: pictures of a rating stay on the page of the rating.
_FOR_THEM = and_(Attachment.for_enterprise.is_(True), Attachment.revisit_id.is_(None))
_FILES = (
    select(
        Attachment.id,
        Attachment.name,
        Attachment.size,
        or_(
            Attachment.added_by_id.is_(None),
            exists().where(
                RoleHolding.user_id == Attachment.added_by_id,
                RoleHolding.enterprise_id == Ticket.enterprise_id,
            ),
        ),
    )
    .join(Ticket, Ticket.id == Attachment.ticket_id)
    .where(Attachment.ticket_id == _ID, _FOR_THEM)
    .order_by(Attachment.id)
)
_NOW: BindParameter[datetime] = bindparam("now")
#: That a link asks about the answer at which the ticket waits, and nobody has heard it yet.
_ASKS = (
    exists()
    .where(RatingRequest.link_id == PublicLink.id, Ticket.id == RatingRequest.ticket_id)
    .where(Ticket.round == RatingRequest.round, Ticket.status == Status.PENDING_REVISIT)
)
_HEARD = (
    exists()
    .where(Revisit.ticket_id == Ticket.id, Revisit.round == Ticket.round)
    .where(Ticket.id == _ID, Revisit.reached.is_(True))
)
_LINKS: Select[PublicLink] = (
    select(PublicLink)
    .where(PublicLink.tenant_id == bindparam("tenant_id"))
    .where(PublicLink.subject == bindparam("subject"), PublicLink.purpose.in_([FOLLOW, RATE]))
    .where(PublicLink.expires_at > _NOW, PublicLink.revoked_at.is_(None))
    .where(PublicLink.used_at.is_(None))
    .where(or_(PublicLink.purpose == FOLLOW, and_(_ASKS, ~_HEARD)))
    .order_by(PublicLink.id)
)
_FIRM: BindParameter[int] = bindparam("enterprise_id")
_COMING = (
    select(VisitPlan.planned_on, PublicLink)
    .join(PublicLink, PublicLink.id == VisitPlan.link_id)
    .join(VisitTask, VisitTask.id == VisitPlan.task_id)
    .join(Linkage, Linkage.id == VisitTask.linkage_id)
    .outerjoin(KeyProject, KeyProject.id == Linkage.project_id)
    .where(or_(Linkage.enterprise_id == _FIRM, KeyProject.enterprise_id == _FIRM))
    .where(VisitPlan.ended_at.is_(None), VisitPlan.planned_on >= bindparam("today"))
    .where(PublicLink.purpose == visits.PURPOSE, PublicLink.expires_at > _NOW)
    .where(PublicLink.revoked_at.is_(None), PublicLink.used_at.is_(None))
    .order_by(VisitPlan.planned_on, VisitPlan.id)
    .limit(1)
)


def followed(ticket_id: int) -> Followed:
    """Return what the enterprise is told of a ticket; raise NotFound where it has no number."""
    line = db.session.execute(_LINE, {"ticket_id": ticket_id}).first()
    if line is None:
        raise NotFound(N_("没有找到这件事。"))
    ticket, tenant, common = line
    answer = _answer(ticket_id)
    tokens = _tokens(ticket)
    return Followed(
        ticket=ticket,
        tenant=tenant,
        happened=_happened(ticket_id),
        answer=answer,
        is_common=answer is not None and answer.text == common,
        files=_files(ticket_id),
        master=_told_of(_master(ticket), ticket),
        coming=_coming(ticket),
        token=tokens.get(FOLLOW, ""),
        rate_token=tokens.get(RATE, ""),
    )


def _answer(ticket_id: int) -> Answer | None:
    """Return the newest answer that was approved."""
    rows = db.session.execute(_ANSWERS, {"ticket_id": ticket_id}).all()
    if not rows:
        return None
    newest = [row for row in rows if row.id == rows[0].id]
    cited = tuple((row.title, row.doc_no) for row in newest if row.title)
    return Answer(newest[0].text, newest[0].basis, cited)


def _files(ticket_id: int) -> tuple[File, ...]:
    return tuple(File(*row) for row in db.session.execute(_FILES, {"ticket_id": ticket_id}))


def file_of(ticket_id: int, attachment_id: int) -> Attachment:
    """Return one file that the enterprise of a ticket may have; raise NotFound for any other."""
    found = db.session.scalar(
        select(Attachment).where(
            Attachment.id == attachment_id, Attachment.ticket_id == ticket_id, _FOR_THEM
        )
    )
    if found is None:
        raise NotFound(N_("没有找到这个附件，可能已被移除。"))
    return found


def _master(ticket: Ticket) -> Ticket | None:
    if ticket.master_id is None:
        return None
    found: Ticket | None = db.session.scalar(_MASTER, {"ticket_id": ticket.master_id})
    return found


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
    return tuple(
        Happened(
            kind,
            at,
            comment if kind in SHOWN else "",
            {name: value for name, value in payload.items() if name in PARTICULARS},
        )
        for kind, at, comment, payload in db.session.execute(_HAPPENED, {"ticket_id": ticket_id})
    )


def _coming(ticket: Ticket) -> Coming | None:
    """Return the next visit to the enterprise of which it was told, if it may still answer."""
    asked = {"enterprise_id": ticket.enterprise_id, "today": clock.today(), "now": clock.now()}
    row = db.session.execute(_COMING, asked).first()
    return Coming(row[0], links.token_of(row[1])) if row else None


def _tokens(ticket: Ticket) -> dict[str, str]:
    """Return the tokens of the links that are good, by their purpose; of several the newest.

    With one of them the enterprise has the last word, if it may.
    """
    subject = subject_of(ticket.id)
    asked = {
        "ticket_id": ticket.id,
        "tenant_id": ticket.tenant_id,
        "subject": subject,
        "now": clock.now(),
    }
    found = db.session.scalars(_LINKS, asked)
    return {link.purpose: links.token_of(link) for link in found}
