"""What a visit leaves behind beside its problems, and what it settles of visits before it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, check_version
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.library import queries as library
from app.notifications import service as outbox
from app.tickets import queries as tickets
from app.tickets import service as ticket_service
from app.visits import policy
from app.visits.models import (
    FinancingNeed,
    LaborNeed,
    PolicyPush,
    Promise,
    PromiseState,
    Recheck,
    StillFine,
    Visit,
    VisitOutcome,
)
from app.visits.service.drafts import Asked, Tick, VisitDraft

OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)
MOST_PROMISES = 10
LONGEST_PROMISE = 300
SAID = (PromiseState.OPEN, PromiseState.KEPT, PromiseState.NOT_KEPT)
#: What the office is told at once: its file may have to say so too.
TOLD = frozenset({VisitOutcome.STOPPED, VisitOutcome.CLOSED_DOWN})


def leave(visit: Visit, draft: VisitDraft, *, firm: Enterprise | None, actor: Actor) -> None:
    """Write down what the visit promised, heard of needs, explained, and asked about.

    Raises Invalid at the field that is wrong, or NotFound for what the actor may not know of.
    """
    db.session.add_all(_promises(visit, draft))
    db.session.add_all(_needs(visit, draft, firm))
    db.session.add_all(_pushes(visit, draft))
    for tick in draft.ticks:
        _settle_on(visit, tick, actor)
    for asked in draft.asked:
        _ask(visit, asked, firm, actor)


def settle(
    promise: Promise, state: PromiseState, note: str, *, version: int | None, actor: Actor
) -> None:
    """Say how a promise stands, between two visits.

    Raises NotAllowed to those who record no visits, and Invalid where it is settled already.
    """
    policy.require_record(actor)
    policy.require_visible(actor, promise.tenant_id)
    check_version(promise.version, version)
    if not promise.is_open:
        raise DomainError(N_("这件答应的事已经有结果了：{state}。"), state=promise.state)
    _write(promise, state, note, actor=actor)


def tell_office(visit: Visit, *, actor: Actor) -> None:
    """Tell the office that a firm stands still or is gone, so that its file may say so."""
    if visit.outcome not in TOLD:
        return
    firm_id = visit.enterprise_id
    outbox.tell(
        [person.id for person in people.users_with_role(visit.tenant_id, OFFICE)],
        tenant_id=visit.tenant_id,
        rule="visit-found-still",
        period=str(visit.id),
        subject=N_("{name}走访{target}：{outcome_label}，请核对经营状态"),
        context={
            "name": actor.name,
            "target": visit.target_name,
            "outcome_label": visit.outcome.label,
        },
        link=f"/enterprises/{firm_id}/edit" if firm_id else f"/visits/{visit.id}",
    )


def _promises(visit: Visit, draft: VisitDraft) -> Iterator[Promise]:
    """Return a promise for each line that was written."""
    lines = [line.strip() for line in draft.promises.splitlines() if line.strip()]
    if len(lines) > MOST_PROMISES or any(len(line) > LONGEST_PROMISE for line in lines):
        raise Invalid(
            N_("一次最多记 {n} 件答应的事，一行一件，每件 {most} 个字以内。"),
            field="promises",
            n=MOST_PROMISES,
            most=LONGEST_PROMISE,
        )
    due_on = draft.promises_due_on
    if due_on is not None and due_on < draft.visited_on:
        raise Invalid(N_("兑现的日期不能早于走访的日期。"), field="promises_due_on")
    for line in lines:
        yield Promise(
            tenant_id=visit.tenant_id, visit_id=visit.id, text=line, due_on=due_on, note=""
        )


def _needs(
    visit: Visit, draft: VisitDraft, firm: Enterprise | None
) -> Iterator[FinancingNeed | LaborNeed]:
    whose: dict[str, Any] = {
        "tenant_id": visit.tenant_id,
        "visit_id": visit.id,
        "enterprise_id": firm.id if firm else None,
        "changed_at": clock.now(),
    }
    for money in draft.financing:
        yield FinancingNeed(
            **whose, amount_wan=money.amount_wan, term=money.term, purpose=money.purpose
        )
    for hands in draft.labor:
        yield LaborNeed(**whose, headcount=hands.headcount, posts=hands.posts)


def _pushes(visit: Visit, draft: VisitDraft) -> Iterator[PolicyPush]:
    wanted = set(draft.document_ids)
    found = library.citable(wanted, tenant_id=visit.tenant_id)
    if len(found) != len(wanted):
        raise Invalid(N_("请从列表里选今天有效的政策文件。"), field="document_ids")
    for document in found:
        yield PolicyPush(visit_id=visit.id, document_id=document.id)


def _settle_on(visit: Visit, tick: Tick, actor: Actor) -> None:
    """Write down how a promise to the same target stands, as the visit found it."""
    promise: Promise | None = db.session.scalar(
        select(Promise)
        .join(Visit, Visit.id == Promise.visit_id)
        .where(
            Promise.id == tick.promise_id,
            Promise.tenant_id == visit.tenant_id,
            Visit.enterprise_id == visit.enterprise_id
            if visit.enterprise_id is not None
            else Visit.project_id == visit.project_id,
        )
    )
    if promise is None:
        raise Invalid(N_("这件事不是答应这家企业的，请刷新后再填。"), field="target")
    if not promise.is_open:
        return  # a colleague has settled it meanwhile, and it stays as they said
    try:
        _write(promise, tick.state, tick.note, actor=actor, visit=visit)
    except DomainError as refusal:
        refusal.field = f"{tick.place}-{refusal.field}" if tick.place else refusal.field
        raise


def _write(
    promise: Promise, state: PromiseState, note: str, *, actor: Actor, visit: Visit | None = None
) -> None:
    if state not in SAID:
        raise Invalid(N_("请选已兑现、还没有，或者兑现不了。"), field="answer")
    if state is PromiseState.NOT_KEPT and not note.strip():
        raise Invalid(N_("兑现不了的，请写明原因和怎么向企业说明的。"), field="note")
    promise.state, promise.note = state, note.strip()
    promise.asked_at, promise.asked_by_id = clock.now(), actor.user_id
    promise.asked_visit_id = visit.id if visit else None
    told = {"promise": promise.text, "state": state}
    accounts.log(actor, N_("登记兑现情况"), "visit", promise.visit_id, after=told, reason=note)


def _ask(visit: Visit, asked: Asked, firm: Enterprise | None, actor: Actor) -> None:
    """Write down what the firm says of a closed problem; where it came back, tell the office."""
    ticket = tickets.get(asked.ticket_id, viewer=actor)
    if firm is None or ticket.enterprise_id != firm.id or ticket.confidential:
        raise NotAllowed(N_("这件企业问题不是这家企业的，请刷新后再填。"), field="target")
    if asked.answer is StillFine.BACK and not asked.note.strip():
        field = f"{asked.place}-note" if asked.place else "note"
        raise Invalid(N_("又出现了的，请写明现在是什么情况。"), field=field)
    db.session.add(
        Recheck(
            visit_id=visit.id, ticket_id=ticket.id, answer=asked.answer, note=asked.note.strip()
        )
    )
    ticket_service.note_recheck(
        ticket,
        asked.answer.label,
        asked.note.strip(),
        visit_number=visit.number,
        came_back=asked.answer is StillFine.BACK,
        actor=actor,
    )
    if asked.answer is StillFine.BACK:
        outbox.tell(
            [person.id for person in people.users_with_role(visit.tenant_id, OFFICE)],
            tenant_id=visit.tenant_id,
            rule="problem-came-back",
            period=f"{visit.id}/{ticket.id}",
            subject=N_("{target}说，办结的问题又出现了：{number}"),
            context={"target": visit.target_name, "number": ticket.number or ""},
            link=f"/tickets/{ticket.id}",
        )
