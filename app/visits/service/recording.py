"""Recording a visit, with the problems that were heard, in one transaction."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.roles import Actor
from app.attachments import service as attachments
from app.attachments.service import Prepared
from app.core import clock, counters
from app.core.db import db
from app.core.errors import DomainError, Invalid
from app.core.i18n import N_
from app.enterprises import policy as enterprises_policy
from app.enterprises import queries as enterprises
from app.enterprises.models import Enterprise, Linkage
from app.notifications import service as outbox
from app.tickets import service as tickets
from app.tickets.models import Ticket
from app.tickets.workflow.states import Source
from app.visits import policy, queries
from app.visits.calendar import Month
from app.visits.models import Campaign, Mode, Running, Visit, VisitOutcome
from app.visits.service import following, plans
from app.visits.service.completing import complete
from app.visits.service.days import check_day
from app.visits.service.drafts import Problem, VisitDraft
from app.visits.service.owning import hold

MOST_PROBLEMS = 10
_ELSEWHERE = {  # not columns of the visit
    "visitor_ids",
    "promises",
    "promises_due_on",
    "document_ids",
    "financing",
    "labor",
    "ticks",
    "asked",
    "problems",
    "files",
}
_STANDS_STILL = frozenset({VisitOutcome.STOPPED, VisitOutcome.CLOSED_DOWN})


def record_visit(draft: VisitDraft, *, actor: Actor) -> Visit:
    """Write a visit down, complete the month's task, and hand in every problem as a ticket.

    An attempt that came to nothing is written down too, and completes nothing. Raises
    NotAllowed, or Invalid at the field that is wrong; then nothing is to be kept.
    """
    recorder_id = policy.require_record(actor)
    late = check_day(draft.visited_on, actor=actor)
    _check_words(draft)
    _check_campaign(draft, actor)
    linkages = _linkages(draft, actor)
    firm = _firm_of(draft.enterprise_id, draft.project_id, actor)
    visitors = _visitors(draft, actor)
    visit = Visit(
        **_columns(draft),
        tenant_id=actor.tenant_id,
        number=_number(actor.tenant_id),
        counts=_counts(draft, actor),
        leader_present=_leads(visitors, linkages),
        late_entry=late,
        recorded_by_id=recorder_id,
        recorded_at=clock.now(),
        visitors=list(visitors),
    )
    db.session.add(visit)
    db.session.flush()  # gives the visit the id that its tickets, files and tasks name
    for linkage in linkages:
        hold(linkage)
        complete(linkage, Month.of(draft.visited_on))
    plans.settle(linkage.id for linkage in linkages)
    _tell_who_goes_next(visit, actor)
    add_files(visit, draft.files, actor=actor)
    following.leave(visit, draft, firm=firm, actor=actor)
    for place, problem in enumerate(draft.problems):
        _hand_in(problem, place, visit=visit, firm=firm, actor=actor)
    following.tell_office(visit, actor=actor)
    told = {"number": visit.number, "visited_on": visit.visited_on, "target": visit.target_name}
    accounts.log(
        actor, N_("登记走访"), "visit", visit.id, after={**told, "problems": len(draft.problems)}
    )
    return visit


def add_problem(
    visit: Visit, problem: Problem, *, place: int = 0, solved: str = "", actor: Actor
) -> Ticket:
    """Hand in one more problem that was heard on a visit, as a ticket.

    `solved` is what was said on the spot, where that answered it. A refusal names the field of
    the problem at its place, as a form of several calls it.
    """
    policy.require_record(actor)
    firm = _firm_of(visit.enterprise_id, visit.project_id, actor)
    if solved:
        visit.solved_on_site = "\n".join(part for part in (visit.solved_on_site, solved) if part)
    return _hand_in(problem, place, visit=visit, firm=firm, actor=actor)


def _tell_who_goes_next(visit: Visit, actor: Actor) -> None:
    """Tell those who plan to go to the same enterprise soon that somebody was there."""
    went = {person.id for person in visit.visitors} | {actor.user_id}
    for one in queries.planned_after(visit, but=actor):
        outbox.tell(
            [user_id for user_id in one.user_ids if user_id not in went],
            tenant_id=visit.tenant_id,
            rule="visit-made-near",
            period=f"{visit.id}/{one.task_id}",
            subject=N_("{names}{day_on}去过{target}，您打算{planned_on}去，前后不到 7 天"),
            context={
                "names": "、".join(person.name for person in visit.visitors),
                "day_on": visit.visited_on.isoformat(),
                "target": visit.target_name,
                "planned_on": one.on.isoformat(),
            },
            link="/visits/mine",
        )


def add_files(visit: Visit, files: Sequence[Prepared], *, actor: Actor) -> None:
    """Let files belong to a visit: those that came with it, and those of its recorder later."""
    policy.require_files(actor, visit)
    for file in files:
        attachments.attach(file, actor=actor, visit_id=visit.id)


def _columns(draft: VisitDraft) -> dict[str, Any]:
    """Return what of a draft are columns of the visit; who found nobody, found it standing."""
    told = {f.name: getattr(draft, f.name) for f in fields(draft) if f.name not in _ELSEWHERE}
    return told | ({"running": Running.STOPPED} if draft.outcome in _STANDS_STILL else {})


def _counts(draft: VisitDraft, actor: Actor) -> bool:
    """Tell whether the visit completes a task, by what the tenant counts today."""
    modes = people.tenant(actor.tenant_id).parameters.counting_modes
    return draft.outcome is VisitOutcome.VISITED and draft.mode in modes


def _check_campaign(draft: VisitDraft, actor: Actor) -> None:
    """Refuse a campaign that did not run on the day of the visit."""
    if draft.campaign_id is None:
        return
    found = db.session.get(Campaign, draft.campaign_id)
    if found is None or found.tenant_id != actor.tenant_id or not found.is_active:
        raise Invalid(N_("请从列表中选正在开展的活动。"), field="campaign_id")
    if not found.runs_on(draft.visited_on):
        raise Invalid(
            N_("“{name}”从{from_on}到{to_on}，走访日期不在其中。"),
            field="campaign_id",
            name=found.name,
            from_on=found.from_on,
            to_on=found.to_on,
        )


def _check_words(draft: VisitDraft) -> None:
    if draft.began_at and draft.ended_at and draft.ended_at < draft.began_at:
        raise Invalid(N_("结束时间早于开始时间，请核对。"), field="ended_at")
    if len(draft.problems) > MOST_PROBLEMS:
        raise Invalid(N_("一次走访最多记 {n} 个问题。"), n=MOST_PROBLEMS)


def _linkages(draft: VisitDraft, actor: Actor) -> Sequence[Linkage]:
    """Return the linkages of the target that hold on the day of the visit."""
    if (draft.enterprise_id is None) == (draft.project_id is None):
        raise Invalid(N_("请选择走访了哪家企业或哪个项目。"), field="target")
    target = (
        Linkage.enterprise_id == draft.enterprise_id
        if draft.enterprise_id is not None
        else Linkage.project_id == draft.project_id
    )
    return db.session.scalars(
        select(Linkage)
        .where(
            Linkage.tenant_id == actor.tenant_id,
            target,
            enterprises_policy.active_on(draft.visited_on),
        )
        .order_by(Linkage.id)
    ).all()


def _firm_of(enterprise_id: int | None, project_id: int | None, actor: Actor) -> Enterprise | None:
    """Return the firm that was visited, or that builds the project.

    Raises NotFound where the actor may not know of the target: visitors record for what they
    look after, the office for everybody.
    """
    if enterprise_id is not None:
        return enterprises.get(enterprise_id, viewer=actor)
    project = enterprises.project(project_id or 0, viewer=actor)
    return db.session.get(Enterprise, project.enterprise_id) if project.enterprise_id else None


def _visitors(draft: VisitDraft, actor: Actor) -> Sequence[User]:
    wanted = set(draft.visitor_ids)
    if not wanted:
        raise Invalid(N_("请选择谁去走访的。"), field="visitor_ids")
    found = db.session.scalars(
        select(User).where(User.tenant_id == actor.tenant_id, User.id.in_(wanted)).order_by(User.id)
    ).all()
    if len(found) != len(wanted):
        raise Invalid(N_("请从列表中选择走访人员。"), field="visitor_ids")
    return found


def _leads(visitors: Sequence[User], linkages: Sequence[Linkage]) -> bool:
    """Tell whether the leader who looks after the target went along."""
    went = {person.id for person in visitors}
    return any(link.leader_id in went for link in linkages)


def _number(tenant_id: int) -> str:
    series = f"ZF{clock.today():%Y%m%d}"
    return f"{series}-{counters.following(tenant_id, series):04}"


def _hand_in(
    problem: Problem, place: int, *, visit: Visit, firm: Enterprise | None, actor: Actor
) -> Ticket:
    """Let one problem become a ticket. A refusal names the field of that problem."""
    if firm is None:
        raise Invalid(
            N_("这个项目还没有登记建设企业，问题没有归属。请营商办先在项目里补上企业。"),
            field="target",
        )
    try:
        ticket = tickets.hand_in(_ticket_draft(problem, visit, firm), actor=actor)
    except DomainError as refusal:
        refusal.field = f"problems-{place}-{refusal.field or 'title'}"
        raise
    hidden = tickets.is_for_few(ticket)
    for file in problem.files:
        attachments.attach(file, actor=actor, ticket_id=ticket.id, hidden=hidden)
    if problem.files:
        tickets.note_attachment(ticket, [file.name for file in problem.files], actor=actor)
    return ticket


def _ticket_draft(problem: Problem, visit: Visit, firm: Enterprise) -> tickets.TicketDraft:
    """Return the problem as a ticket asks for it; the main contact answers unless another does."""
    name, phone = problem.contact_name, problem.contact_phone
    if not name:
        contact = enterprises.primary_contact(firm.id)
        name, phone = (contact.name, contact.phone or "") if contact else ("", phone)
    return tickets.TicketDraft(
        enterprise_id=firm.id,
        title=problem.title,
        description=problem.description,
        wish=problem.wish,
        category_id=problem.category_id,
        contact_name=name,
        contact_phone=phone,
        source=Source.SERVICE_DAY if visit.mode is Mode.SERVICE_DAY else Source.VISIT,
        campaign=visit.campaign.name if visit.campaign else "",
        visit_id=visit.id,
        heard_on=visit.visited_on,
        urgency=problem.urgency,
        complained_unit_id=problem.complained_unit_id,
        no_secrets=problem.no_secrets,
        done_on_site=problem.done_on_site,
    )
