"""Writing a problem down, before it has a number."""

from typing import cast

from sqlalchemy import Table, bindparam, select

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor, Permission
from app.core import clock, search
from app.core.db import db
from app.core.errors import Invalid, NotAllowed
from app.core.i18n import N_
from app.core.prepared import Numbers
from app.enterprises.models import Enterprise
from app.tickets.models import Category, Ticket
from app.tickets.service import moving, readers
from app.tickets.service.given import StepInput, TicketDraft
from app.tickets.service.guards.opening import check_title
from app.tickets.workflow.states import Note, Status


def open_ticket(draft: TicketDraft, *, actor: Actor) -> Ticket:
    """Write a problem down as a draft of `actor`; it is handed in with Event.SUBMIT.

    Raises NotAllowed, or Invalid at the field that is wrong.
    """
    with db.session.no_autoflush:  # the draft and its first event are written together
        ticket = begin_ticket(draft, actor)
        move = moving.begin(ticket, StepInput(), actor=actor)
    moving.close(move, Note.DRAFTED)
    return ticket


def begin_ticket(draft: TicketDraft, actor: Actor) -> Ticket:
    """Return a draft of `actor` that is not written down yet: its first event does that."""
    if not actor.may(Permission.TICKET_OPEN):
        raise NotAllowed(N_("您现在的身份不能登记企业问题。"))
    return write_down(draft, actor)


def write_down(draft: TicketDraft, actor: Actor) -> Ticket:
    """Return a draft of `actor`, whose right to write it is checked before."""
    ticket = Ticket(
        tenant_id=actor.tenant_id,
        status=Status.DRAFT,
        created_by_id=actor.user_id,
        created_at=clock.now(),
        enterprise_id=draft.enterprise_id,
        round=1,
    )
    _fill(ticket, draft, actor)
    db.session.add(ticket)
    return ticket


def edit_draft(ticket: Ticket, draft: TicketDraft, *, actor: Actor) -> None:
    """Write a draft anew. Raises NotAllowed to all but its creator, and once it is handed in."""
    if ticket.created_by_id != actor.user_id or ticket.tenant_id != actor.tenant_id:
        raise NotAllowed(N_("草稿只有起草人能改。"))
    if ticket.status is not Status.DRAFT:
        raise NotAllowed(N_("已经登记的问题不能再改原话；可以写补充说明。"))
    before: dict[str, object] = {"enterprise_id": ticket.enterprise_id}
    title, for_few = ticket.title, readers.is_for_few(ticket)
    _fill(ticket, draft, actor)
    db.session.expire(ticket, ["enterprise"])
    if not (for_few or readers.is_for_few(ticket)):
        before["title"] = title  # what is for the named few stays out of the audit log
    move = moving.begin(ticket, StepInput(), actor=actor)
    move.payload["before"] = before
    moving.close(move, Note.EDITED)
    if ticket.number is not None:  # a draft is found once it was handed in
        index(ticket)


def _fill(ticket: Ticket, draft: TicketDraft, actor: Actor) -> None:
    check_title(draft.title)
    ticket.enterprise_id = _enterprise(draft, actor)
    ticket.title, ticket.description = draft.title.strip(), draft.description.strip()
    ticket.wish = draft.wish.strip()
    ticket.category_id = _category(draft.category_id, None, "category_id", actor)
    parent = ticket.category_id
    ticket.subcategory_id = _category(draft.subcategory_id, parent, "subcategory_id", actor)
    ticket.contact_name, ticket.contact_phone = draft.contact_name.strip(), draft.contact_phone
    ticket.source, ticket.campaign, ticket.visit_id = draft.source, draft.campaign, draft.visit_id
    ticket.heard_on, ticket.done_on_site = draft.heard_on, draft.done_on_site.strip()
    ticket.urgency = draft.urgency
    ticket.complained_unit_id = _unit(draft.complained_unit_id, actor)
    ticket.external_system, ticket.external_no = draft.external_system, draft.external_no
    ticket.external_due_at = draft.external_due_at
    directed = ticket.number is not None and ticket.leader_directive  # perhaps by a leader
    ticket.leader_directive = draft.leader_directive or directed
    ticket.no_secrets = draft.no_secrets


_FIRMS = cast("Table", Enterprise.__table__)
_FIRM = Numbers(
    select(_FIRMS.c.tenant_id, _FIRMS.c.name, _FIRMS.c.short_name).where(
        _FIRMS.c.id == bindparam("enterprise_id")
    )
)
_KINDS = cast("Table", Category.__table__)
_KIND = Numbers(
    select(_KINDS.c.tenant_id, _KINDS.c.is_active, _KINDS.c.parent_id).where(
        _KINDS.c.id == bindparam("category_id")
    )
)


def _enterprise(draft: TicketDraft, actor: Actor) -> int:
    own = actor.enterprise_id in {None, draft.enterprise_id}
    tenants = [row[0] for row in _FIRM.rows({"enterprise_id": draft.enterprise_id})]
    if tenants != [actor.tenant_id] or not own:
        raise Invalid(N_("请从列表中选一家企业。"), field="enterprise_id")
    return draft.enterprise_id


def _category(
    category_id: int | None, parent_id: int | None, field: str, actor: Actor
) -> int | None:
    if category_id is None:
        return None
    if _KIND.rows({"category_id": category_id}) != [(actor.tenant_id, True, parent_id)]:
        raise Invalid(N_("请从列表中选一个类别。"), field=field)
    return category_id


def _unit(unit_id: int | None, actor: Actor) -> int | None:
    if unit_id is None:
        return None
    found = db.session.get(OrgUnit, unit_id)
    if found is None or found.tenant_id != actor.tenant_id:
        raise Invalid(N_("没有这个单位，请从列表中选。"), field="complained_unit_id")
    return unit_id


def index(ticket: Ticket) -> None:
    """Let the ticket be found by its words."""
    ((_tenant, name, short_name),) = _FIRM.rows({"enterprise_id": ticket.enterprise_id})
    words = (ticket.number or "", name, short_name, ticket.title)
    search.put(ticket.id, " ".join([*words, ticket.description, ticket.wish]))
