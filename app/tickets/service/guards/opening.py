"""From the draft to the unit: T01 to T07, T11, T27, T28."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import Control, OrgUnit, User
from app.accounts.roles import Role
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Category, Ticket
from app.tickets.queries import facts
from app.tickets.service.guards import asking, meeting
from app.tickets.service.moving import Move
from app.tickets.workflow import codes
from app.tickets.workflow.states import TERMINAL, Complexity, Event, Status

TITLE_LONGEST = 50
TEXT_SHORTEST = 10


def submit(move: Move) -> None:
    """T01: enterprise, title, text, category, source, contact and the tick about secrets."""
    ticket = move.ticket
    check_title(ticket.title)
    asking.text(ticket.description, "description", least=TEXT_SHORTEST)
    asking.given(ticket.category_id, "category_id", N_("请选问题类别。"))
    asking.given(ticket.contact_name, "contact_name", N_("请写企业联系人，方便承办单位联系。"))
    asking.ticked(
        ticket.no_secrets, "no_secrets", N_("请确认内容不含涉密信息。涉密事项不能在这里登记。")
    )


def check_title(title: str) -> None:
    """Refuse a title that is missing or longer than the register shows."""
    asking.given(title.strip(), "title", N_("请写标题。"))
    if len(title.strip()) > TITLE_LONGEST:
        raise Invalid(
            N_("标题最多 {most} 个字，多了 {extra} 个。"),
            field="title",
            most=TITLE_LONGEST,
            extra=len(title.strip()) - TITLE_LONGEST,
        )


def accept(move: Move) -> None:
    """T02: category of the second level where there is one, urgency, complexity, duplicates."""
    given = move.given
    category = _category(move, given.category_id or move.ticket.category_id, "category_id")
    if category.rejects:
        raise Invalid(
            N_("“{name}”不在受理范围，请改用“不予受理”并告诉企业正确的渠道。"),
            field="category_id",
            name=category.called,
        )
    _check_second_level(move, category)
    asking.given(given.urgency, "urgency", N_("请选紧急程度。"))
    asking.given(given.complexity, "complexity", N_("请选难易程度，它决定办理期限。"))
    asking.ticked(given.duplicates_checked, "duplicates_checked", N_("请先核对是否重复件。"))


def _category(move: Move, category_id: int | None, field: str) -> Category:
    found = db.session.get(Category, category_id) if category_id else None
    if found is None or found.tenant_id != move.ticket.tenant_id or not found.is_active:
        raise Invalid(N_("请从列表中选一个类别。"), field=field)
    return found


def _check_second_level(move: Move, category: Category) -> None:
    if move.given.subcategory_id is None:
        below = select(Category.id).where(Category.parent_id == category.id, Category.is_active)
        if db.session.scalar(below.limit(1)) is not None:
            raise Invalid(N_("请选小类：这一类分了小类。"), field="subcategory_id")
        return
    found = _category(move, move.given.subcategory_id, "subcategory_id")
    if found.parent_id != category.id:
        raise Invalid(N_("这个小类不属于所选的类别，请重选。"), field="subcategory_id")


def reject(move: Move) -> None:
    """T03: a reason code, a text, and the right channel given to the enterprise."""
    asking.code(move.given.reason, codes.RejectReason)
    asking.text(move.given.comment, "comment", least=TEXT_SHORTEST)
    asking.text(move.given.guidance, "guidance", least=2)


def request_supplement(move: Move) -> None:
    """T04: what is missing."""
    asking.text(move.given.items, "items", least=2)


def merge(move: Move) -> None:
    """T05: same enterprise, same matter, master open or closed within thirty days."""
    given, ticket = move.given, move.ticket
    asking.given(given.master_id, "master_id", N_("请选并入哪一件。"))
    master = db.session.get(Ticket, given.master_id)
    unfit = (
        master is None
        or master.id == ticket.id
        or master.tenant_id != ticket.tenant_id
        or master.enterprise_id != ticket.enterprise_id
        or master.status is Status.DRAFT
        or not policy.is_named(move.actor, master)
    )
    if master is None or unfit:
        raise Invalid(N_("只能并入同一家企业的另一件问题。"), field="master_id")
    reopenable = (
        master.status is Status.CLOSED
        and master.closed_at is not None
        and move.at - master.closed_at <= timedelta(days=move.parameters.reopen_days)
    )
    if master.status in TERMINAL or (master.status is Status.CLOSED and not reopenable):
        raise Invalid(N_("那一件已经结束很久，请不要并单，按新问题办。"), field="master_id")
    if master.confidential != ticket.confidential:
        raise Invalid(N_("限知件和一般件不能并在一起。"), field="master_id")
    asking.ticked(given.same_matter, "same_matter", N_("请确认两件反映的是同一件事。"))


def may_close_on_site(move: Move) -> None:
    """T06: a question, or solved during the visit."""
    if move.ticket.complexity is not Complexity.CONSULT and move.ticket.visit_id is None:
        raise DomainError(N_("只有咨询件，或走访时当场解决的问题，才能现场办结。"))


def close_on_site(move: Move) -> None:
    """T06: with the answer that was given."""
    asking.text(move.given.reply, "reply", least=TEXT_SHORTEST)
    asking.given(move.given.outcome, "outcome", N_("请选办理结果。"))


def dispatch(move: Move) -> None:
    """T07: exactly one lead unit, co-units besides it, never the unit complained about.

    After two returns it is the unit that the meeting named.
    """
    lead = _units_for(move)
    meeting.check_decided(move)
    grave = move.ticket.complexity is Complexity.HARD or lead.control is not Control.TOWN
    if grave and move.actor.role is not Role.OFFICE_DIRECTOR:
        raise NotAllowed(
            N_("疑难件，或交给垂管、县管单位的，由营商办主任交办。"), field="lead_unit_id"
        )


def reassign(move: Move) -> None:
    """T11: a reason and another lead unit; after a meeting, the one that it named."""
    asking.text(move.given.comment, "comment", least=2)
    _units_for(move)
    meeting.check_decided(move)
    if move.given.lead_unit_id == move.ticket.lead_unit_id:
        raise Invalid(N_("这件本来就在这个单位，请选另一个。"), field="lead_unit_id")


def _units_for(move: Move) -> OrgUnit:
    given = move.given
    asking.given(given.lead_unit_id, "lead_unit_id", N_("请选主办单位。"))
    lead = check_unit(move, given.lead_unit_id, "lead_unit_id")
    if given.lead_unit_id in given.co_unit_ids:
        raise Invalid(N_("主办单位不能同时是协办单位。"), field="co_unit_ids")
    if len(set(given.co_unit_ids)) != len(given.co_unit_ids):
        raise Invalid(N_("同一个协办单位选了两次。"), field="co_unit_ids")
    for unit_id in given.co_unit_ids:
        check_unit(move, unit_id, "co_unit_ids")
    if given.handler_id is not None:
        check_handler(move, given.handler_id, lead.id)
    return lead


def check_unit(move: Move, unit_id: int | None, field: str) -> OrgUnit:
    """Return a unit of the tenant that may have the ticket, or raise Invalid at `field`."""
    unit = db.session.get(OrgUnit, unit_id)
    if unit is None or unit.tenant_id != move.ticket.tenant_id or not unit.is_active:
        raise Invalid(N_("没有这个单位，请从列表中选。"), field=field)
    if unit.id == move.ticket.complained_unit_id:
        raise Invalid(N_("反映的就是{unit}，不能交给它办。"), field=field, unit=unit.name)
    return unit


def cancel(move: Move) -> None:
    """T27: the enterprise withdraws, or a wrong entry; with a record."""
    asking.code(move.given.reason, codes.CancelReason)
    asking.text(move.given.comment, "comment", least=2)


def check_person(move: Move, user_id: int | None, field: str) -> User:
    """Return an active person of the tenant, or raise Invalid at `field`."""
    user = db.session.get(User, user_id) if user_id else None
    if user is None or user.tenant_id != move.ticket.tenant_id or not user.is_active:
        raise Invalid(N_("没有这个人，请从列表中选。"), field=field)
    return user


def check_handler(move: Move, user_id: int | None, unit_id: int | None) -> User:
    """Return a person who handles in the unit, or raise Invalid at `handler_id`."""
    user = check_person(move, user_id, "handler_id")
    if unit_id is None or not facts.handles_in(user.id, frozenset({unit_id})):
        raise Invalid(N_("承办人要在主办单位里选。"), field="handler_id")
    return user


OPENERS = {
    Event.CLOSE_ON_SITE: may_close_on_site,
    Event.DISPATCH: meeting.may_dispatch,
    Event.REASSIGN: meeting.may_reassign,
}
GUARDS = {
    Event.SUBMIT: submit,
    Event.ACCEPT: accept,
    Event.REJECT: reject,
    Event.REQUEST_SUPPLEMENT: request_supplement,
    Event.MERGE: merge,
    Event.CLOSE_ON_SITE: close_on_site,
    Event.DISPATCH: dispatch,
    Event.REASSIGN: reassign,
    Event.CANCEL: cancel,
}
