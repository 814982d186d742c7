"""What the timetable does with tickets. Each may run twice; each item stands alone."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts import roles
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.jobs import run_each
from app.tickets import service
from app.tickets.models import DueChange, Proposal, ProposalState, Revisit, Ticket
from app.tickets.service import StepInput
from app.tickets.workflow.codes import ContactChannel, ResumeReason
from app.tickets.workflow.states import Event, Status
from app.workdays.queries import calendar_of

AUTOMATIC = "到期自动办理"


def auto_sign() -> None:
    """Sign what no unit signed in time, unless it asks to return it (T09)."""
    asked = select(Proposal.ticket_id).where(
        Proposal.event == Event.APPROVE_RETURN,
        Proposal.state.in_([ProposalState.PENDING, ProposalState.CHECKED]),
    )
    late = select(Ticket.id).where(
        Ticket.status == Status.PENDING_SIGN,
        Ticket.sign_due_at < clock.now(),
        Ticket.id.not_in(asked),
    )
    run_each(db.session.scalars(late).all(), lambda id_: _take(id_, Event.AUTO_SIGN, StepInput()))


def resume_due() -> None:
    """Resume what was suspended until today and not renewed (T17)."""
    due = select(Ticket.id).where(
        Ticket.status == Status.SUSPENDED, Ticket.next_review_on <= clock.today()
    )
    given = StepInput(reason=ResumeReason.REVIEW_DUE.value, comment=AUTOMATIC)
    run_each(db.session.scalars(due).all(), lambda id_: _take(id_, Event.RESUME, given))


def close_unanswered() -> None:
    """Close what nobody answered by link for ten working days (T24)."""
    asked = select(Revisit.ticket_id).where(Revisit.channel == ContactChannel.LINK)
    waiting = select(Ticket.id).where(Ticket.status == Status.PENDING_REVISIT, Ticket.id.in_(asked))
    ids = db.session.scalars(waiting).all()
    run_each(ids, lambda id_: _take(id_, Event.CLOSE_UNREACHABLE, StepInput(comment=AUTOMATIC)))


def archive_old() -> None:
    """Archive what can no longer be reopened, thirty days after it was closed (T26)."""
    for tenant in accounts.tenants():
        before = clock.now() - timedelta(days=tenant.parameters.reopen_days)
        old = select(Ticket.id).where(
            Ticket.tenant_id == tenant.id,
            Ticket.status == Status.CLOSED,
            Ticket.closed_at < before,
        )
        ids = db.session.scalars(old).all()
        run_each(ids, lambda id_: _take(id_, Event.ARCHIVE, StepInput()))


def climb_ladder() -> None:
    """On working days, urge what is near and put notes on what is late (C2.5)."""
    today = clock.today()
    near = select(Ticket.id, Ticket.tenant_id).where(
        Ticket.is_running, Ticket.warn_on <= today, Ticket.due_at.is_not(None)
    )
    found = db.session.execute(near.order_by(Ticket.id)).all()
    working = {tenant: calendar_of(tenant).is_workday(today) for tenant in {t for _, t in found}}
    run_each([id_ for id_, tenant in found if working[tenant]], service.climb)


def recompute_due() -> None:
    """Count deadlines again whose year has got its official calendar meanwhile (C2.2)."""
    unsure = (
        select(DueChange.ticket_id)
        .join(Ticket, Ticket.id == DueChange.ticket_id)
        .where(DueChange.confirmed.is_(False), Ticket.is_open)
        .distinct()
    )
    run_each(db.session.scalars(unsure).all(), service.recompute)


def _take(ticket_id: int, event: Event, given: StepInput) -> None:
    """Take a step for the timetable; what is not possible any more is left alone."""
    ticket = db.session.get_one(Ticket, ticket_id)
    try:
        service.take(ticket, event, given, actor=roles.system(ticket.tenant_id))
    except DomainError:
        return
