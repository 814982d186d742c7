"""Handing a portfolio to another person on a day: arranged, called off, carried out whole.

Nothing that was is rewritten: the old linkages end the day before, and visits, answers and
reports stay with whoever made them. What is still to be done goes along.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from app.accounts import service as accounts
from app.accounts.models import Tenant
from app.accounts.roles import Actor, system
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, Stale, check_version
from app.core.i18n import N_
from app.enterprises import policy as enterprises_policy
from app.enterprises import service as enterprises
from app.enterprises.models import Linkage
from app.tickets import service as tickets
from app.tickets.models import Ticket
from app.tickets.queries import passing
from app.tickets.queries.passing import Passing
from app.visits.models import Handover, HandoverItem, TaskState, VisitTask
from app.visits.queries import cautions
from app.visits.queries import handover as found
from app.visits.queries.handover import FOLLOWS, HandoverDraft, key_of
from app.visits.service import announcing

SUBJECT = "handover"
REASON_SHORTEST = 2
PASSED = "passed"  # the ids of the tickets that went along, so that it can be undone
DAY = timedelta(days=1)


def arrange_handover(draft: HandoverDraft, *, seen: str, actor: Actor) -> Handover:
    """Arrange a handover; what is for today is carried out at once.

    Raises Invalid where something stands against it, and Stale where what moves is no longer
    what was `seen`.
    """
    enterprises_policy.require_link(actor)
    hold(actor.tenant_id)
    for one in cautions.against(draft, tenant_id=actor.tenant_id):
        raise Invalid(one.text, field=one.place, **one.values)
    if len(draft.reason.strip()) < REASON_SHORTEST:
        raise Invalid(N_("请写明原因，例如：调离、退休、分工调整。"), field="reason")
    moving = found.portfolio(draft, viewer=actor)
    if moving.print_of_it != seen:
        raise Stale(N_("要移交的内容刚才有变化，请对照下面最新的清单，再确认一次。"))
    made = Handover(
        tenant_id=actor.tenant_id,
        seat=draft.seat,
        giver_id=draft.giver_id,
        successor_id=draft.successor_id,
        from_on=draft.from_on,
        is_whole=draft.is_whole,
        reason=draft.reason.strip(),
        office_phone=draft.office_phone.strip(),
        noted_by_id=actor.user_id,
        noted_at=clock.now(),
        items=[item_of(line.linkage) for line in moving.lines],
    )
    db.session.add(made)
    db.session.flush()  # gives the handover the id that the log and its messages name
    accounts.log(actor, N_("排定移交"), SUBJECT, made.id, after=told_of(made), reason=made.reason)
    if made.from_on <= clock.today():
        carry_out_handover(made.id)
    else:
        announcing.arranged(made)
    return made


def call_off_handover(
    handover: Handover, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Undo a handover whose day has not come, or that could not be carried out."""
    enterprises_policy.require_link(actor)
    check_version(handover.version, version)
    if not handover.is_waiting or (handover.from_on <= clock.today() and not handover.problem):
        raise Invalid(N_("这次移交已经生效，不能撤销：当天可以交回，过后请再移交一次。"))
    handover.cancelled_at, handover.cancelled_by_id = clock.now(), actor.user_id
    accounts.log(
        actor, N_("撤销移交"), SUBJECT, handover.id, before=told_of(handover), reason=reason
    )
    announcing.called_off(handover)


def carry_out_handover(handover_id: int) -> None:
    """Let the successor have it all, in one transaction; a second run changes nothing.

    Where the successor may not have the seat any more, nothing moves, and the office is told once.
    """
    handover = db.session.get_one(Handover, handover_id, with_for_update=True)
    if not handover.is_waiting or handover.from_on > clock.today():
        return
    if not found.is_fit(handover.successor_id, handover.seat, tenant_id=handover.tenant_id):
        if not handover.problem:
            handover.problem = announcing.UNFIT
            announcing.stuck(handover)
        return
    draft = draft_of(handover)
    old = found.chosen(draft)
    given = found.passing_of(draft, old, tenant_id=handover.tenant_id)
    moved = move(handover, old, given, passing.to_pass_ids(given))
    handover.carried_out_at, handover.problem = clock.now(), ""
    db.session.flush()  # whoever is told reads how it is now
    accounts.log(
        system(handover.tenant_id),
        N_("移交生效"),
        SUBJECT,
        handover.id,
        after=told_of(handover) | counted(handover),
        reason=handover.reason,
    )
    announcing.carried_out(handover, moved)


def ask_for_handover(user_id: int, *, actor: Actor) -> None:
    """Ask the office to hand on what a colleague has, who is about to leave a post."""
    held = found.held_by(user_id, viewer=actor)
    if not held:
        raise Invalid(N_("名下没有包联，不用移交。"))
    announcing.asked_for(held, actor=actor)


def counted(handover: Handover) -> dict[str, object]:
    """Return how much a handover moved, without which tickets those were."""
    return {name: number for name, number in handover.result.items() if name != PASSED}


def move(
    handover: Handover, old: Sequence[Linkage], given: Passing, ticket_ids: Sequence[int]
) -> Sequence[Linkage]:
    """Move linkages, tasks and tickets; return the linkages that begin."""
    firms = {key_of(item): item for item in handover.items}
    began, tasks = [], 0
    for link in old:
        new = enterprises.hand_on(
            link,
            handover.seat,
            handover.successor_id,
            from_on=handover.from_on,
            reason=handover.reason,
            actor=system(handover.tenant_id),
        )
        tasks += _follow(link, new, handover)
        item = firms.get(key_of(link)) or item_of(link)
        if item not in handover.items:
            handover.items.append(item)
        item.old_linkage_id, item.new_linkage_id = link.id, new.id
        began.append(new)
    passed = [id_ for id_ in ticket_ids if tickets.pass_on(id_, given)]
    plain = select(Ticket.id).where(Ticket.id.in_(passed), Ticket.confidential.is_(False))
    told = len(db.session.scalars(plain.where(Ticket.number.is_not(None))).all())
    handover.result = {"targets": len(began), "tasks": tasks, "tickets": told, PASSED: passed}
    return began


def _follow(old: Linkage, new: Linkage, handover: Handover) -> int:
    """Let what is still to be visited follow the new linkage; return how many tasks that is.

    What is done stays where it was done. What was due before the day and was not done is the
    giver's: it is overdue, and not cancelled because the linkage has ended.
    """
    of_old = VisitTask.linkage_id == old.id
    followed = db.session.execute(
        update(VisitTask)
        .where(of_old, VisitTask.due_on >= handover.from_on)
        .where(VisitTask.state.in_(sorted(FOLLOWS)))
        .values(linkage_id=new.id, version=VisitTask.version + 1)
        .returning(VisitTask.id)
    ).all()
    db.session.execute(
        update(VisitTask)
        .where(of_old, VisitTask.due_on < handover.from_on)
        .where(VisitTask.state == TaskState.PLANNED)
        .values(state=TaskState.OVERDUE, version=VisitTask.version + 1)
    )
    return len(followed)


def draft_of(handover: Handover) -> HandoverDraft:
    """Return a handover as it was arranged."""
    keys = None if handover.is_whole else frozenset(key_of(item) for item in handover.items)
    return HandoverDraft(
        giver_id=handover.giver_id,
        seat=handover.seat,
        successor_id=handover.successor_id,
        from_on=handover.from_on,
        targets=keys,
        reason=handover.reason,
        office_phone=handover.office_phone,
    )


def hold(tenant_id: int) -> None:
    """Let two who arrange at the same moment come one after the other."""
    db.session.execute(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update())


def item_of(link: Linkage) -> HandoverItem:
    """Return a target as a handover lists it."""
    return HandoverItem(
        enterprise_id=link.enterprise_id, project_id=link.project_id, name=link.target.called
    )


def told_of(handover: Handover) -> dict[str, object]:
    """Return what the log tells of a handover."""
    return {
        "seat": handover.seat,
        "giver_id": handover.giver_id,
        "successor_id": handover.successor_id,
        "from_on": handover.from_on,
        "is_whole": handover.is_whole,
        "targets": "、".join(item.name for item in handover.items),
    }
