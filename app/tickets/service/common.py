"""A problem that several enterprises have: one lead unit, one answer, and each its own revisit.

Nothing here moves a ticket by itself: members are dispatched, and answered, by the real steps of
the table, each by its own rules; what a rule refuses is named and stays as it was.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import OrgUnit
from app.accounts.policy import require_own
from app.accounts.roles import Actor, Role
from app.core import clock, counters
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, check_version
from app.core.i18n import N_
from app.library.models import Standing
from app.tickets import policy
from app.tickets.models import Category, CommonProblem, CommonState, Ticket
from app.tickets.queries import common as queries
from app.tickets.queries import facts
from app.tickets.service import membership, moving, steps
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking, citing
from app.tickets.service.guards.handling import NOTE_SHORTEST, REPLY_SHORTEST
from app.tickets.service.guards.opening import check_title
from app.tickets.service.membership import SUBJECT
from app.tickets.workflow import table
from app.tickets.workflow.states import TERMINAL, Event, Outcome, Status

SERIES = "GX"
OFFICE = frozenset({Role.DISPATCHER, Role.OFFICE_DIRECTOR})
UNIT = frozenset({Role.HANDLER, Role.DEPT_HEAD})


@dataclass(frozen=True, slots=True)
class CommonDraft:
    """What is written down of a common problem."""

    title: str
    description: str = ""
    category_id: int | None = None
    lead_unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer for all members."""

    text: str
    outcome: Outcome | None = None
    basis: str = ""
    citation_ids: tuple[int, ...] = ()  # policy documents


@dataclass(frozen=True, slots=True)
class Refused:
    """A member that stayed as it was, and the rule that said so."""

    ticket_id: int
    number: str
    title: str
    why: DomainError


@dataclass(frozen=True, slots=True)
class Done:
    """How many members took a step, and which did not."""

    count: int
    refused: tuple[Refused, ...]


# ---- its file ----


def begin(draft: CommonDraft, *, actor: Actor) -> CommonProblem:
    """Begin a common problem, for now without members."""
    require_keeper(actor)
    _check(draft, actor)
    day = clock.local(clock.now()).strftime("%Y%m%d")
    count = counters.following(actor.tenant_id, f"{SERIES}{day}")
    made = CommonProblem(
        tenant_id=actor.tenant_id,
        number=f"{SERIES}{day}-{count:03}",
        created_at=clock.now(),
        created_by_id=actor.user_id,
        **_written(draft),
    )
    db.session.add(made)
    db.session.flush()  # gives it the id that its members refer to
    told = {"number": made.number} | _written(draft)
    accounts.log(actor, N_("建立共性问题"), SUBJECT, made.id, after=told)
    return made


def edit(common: CommonProblem, draft: CommonDraft, *, version: int | None, actor: Actor) -> None:
    """Write down something else of a common problem that has no answer yet."""
    require_keeper(actor)
    require_own(actor, common.tenant_id)
    check_version(common.version, version)
    if common.state is not CommonState.OPEN:
        raise DomainError(N_("已经有统一答复，不能再改。"))
    _check(draft, actor)
    before = {name: getattr(common, name) for name in _written(draft)}
    if draft.lead_unit_id != common.lead_unit_id:
        _forget_draft(common)  # another unit answers for itself
    for name, value in _written(draft).items():
        setattr(common, name, value)
    accounts.log(
        actor, N_("修改共性问题"), SUBJECT, common.id, before=before, after=_written(draft)
    )


def end(common: CommonProblem, *, actor: Actor) -> None:
    """End a common problem when nothing can be done for any member any more.

    By hand it may end as soon as every member is closed; by itself (with the timetable for
    `actor`) when none of them can be opened again.
    """
    if actor.role is not Role.SYSTEM:
        require_keeper(actor)
    require_own(actor, common.tenant_id)
    membership.hold(common)
    if common.state is CommonState.ENDED:
        raise DomainError(N_("这个共性问题已经结束。"))
    waiting = queries.to_act_on(common, viewer=actor)
    if waiting:
        raise DomainError(N_("还有 {n} 件没有办完，办完才能结束。"), n=len(waiting))
    common.state = CommonState.ENDED
    accounts.log(actor, N_("结束共性问题"), SUBJECT, common.id, after={"number": common.number})


# ---- its members ----


def group(ticket: Ticket, common: CommonProblem, *, actor: Actor) -> None:
    """Put a ticket into a common problem; it stays a ticket of its own."""
    require_keeper(actor)
    require_own(actor, common.tenant_id)
    membership.hold(common)
    _check_joins(ticket, common, actor)
    membership.join(ticket, common, actor=actor)


def ungroup(ticket: Ticket, common: CommonProblem, reason: str, *, actor: Actor) -> None:
    """Take a ticket out of a common problem, and say why."""
    require_keeper(actor)
    require_own(actor, common.tenant_id)
    if ticket.common_id != common.id:
        raise DomainError(N_("这件不在这个共性问题里，可能刚被移出。"))
    membership.leave(ticket, asking.text(reason, "reason", least=2), actor=actor)


def may_group(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether `actor`, who sees it, may put the ticket into a common problem."""
    return actor.role in OFFICE and ticket.has_a_mover and not ticket.confidential


def _check_joins(ticket: Ticket, common: CommonProblem, actor: Actor) -> None:
    if ticket.tenant_id != common.tenant_id or not policy.may_see(actor, ticket):
        raise Invalid(N_("没有这件企业问题，请从列表中选。"), field="ticket_id")
    if common.state is CommonState.ENDED:
        raise DomainError(N_("这个共性问题已经结束，请另建一个。"))
    if ticket.common_id is not None:
        raise DomainError(N_("这件已经归入一个共性问题，先移出才能换。"))
    if ticket.confidential:
        raise DomainError(N_("限知件不能归入共性问题。"))
    if not ticket.has_a_mover:
        raise DomainError(
            N_("这件现在是“{status}”，只有在办的能归入共性问题。"), status=ticket.status
        )
    same_firm = select(Ticket.id).where(
        Ticket.common_id == common.id,
        Ticket.enterprise_id == ticket.enterprise_id,
        Ticket.status.not_in(sorted(TERMINAL)),
    )
    if db.session.scalar(same_firm.limit(1)) is not None:
        raise DomainError(N_("这家企业已有一件在里面；同一家企业的同一件事，请并单。"))


# ---- one lead unit ----


def dispatch_all(common: CommonProblem, *, version: int | None, actor: Actor) -> Done:
    """Hand every member that waits for it to the lead unit, by the real step (T07)."""
    require_keeper(actor)
    require_own(actor, common.tenant_id)
    check_version(common.version, version)
    if common.lead_unit_id is None:
        raise DomainError(N_("先定牵头单位，再交办。"))
    given = StepInput(lead_unit_id=common.lead_unit_id, comment=f"{common.number} {common.title}")
    waiting = [
        ticket
        for ticket in queries.to_act_on(common, viewer=actor)
        if ticket.status is Status.PENDING_DISPATCH
    ]
    return _each(waiting, lambda ticket: steps.take(ticket, Event.DISPATCH, given, actor=actor))


# ---- one answer ----


def draft_answer(
    common: CommonProblem, answer: Answer, *, version: int | None, actor: Actor
) -> None:
    """Write the answer for all members; another person of the lead unit publishes it."""
    _require_unit(common, actor)
    check_version(common.version, version)
    if not may_draft(common, actor):
        raise DomainError(N_("已经有统一答复，不能再改。"))
    outcome = asking.given(answer.outcome, "outcome", N_("请选办理结果。"))
    asking.text(answer.text, "answer", least=REPLY_SHORTEST)
    cited = citing.documents(answer.citation_ids, tenant_id=common.tenant_id)
    if outcome is not Outcome.RESOLVED and not cited:
        asking.text(answer.basis, "basis", least=NOTE_SHORTEST)
    _forget_draft(common)
    common.answer, common.basis = answer.text.strip(), answer.basis.strip()
    common.outcome, common.citations = outcome, cited
    common.drafted_by_id, common.drafted_at = actor.user_id, clock.now()
    told: dict[str, object] = {"outcome": outcome, "answer": common.answer, "basis": common.basis}
    told["citations"] = [one.title for one in cited]
    accounts.log(actor, N_("起草统一答复"), SUBJECT, common.id, after=told)


def may_publish(common: CommonProblem, actor: Actor) -> bool:
    """Tell whether `actor` may sign off the answer: the head, who did not draft it.

    In a unit of one person the one who drafted it does, as with every answer (T18).
    """
    if common.drafted_by_id is None or common.state is CommonState.ENDED:
        return False
    if not _is_of_unit(common, actor) or actor.user_id is None:
        return False
    if common.lead_unit_id is not None and facts.people_in(common.lead_unit_id) == 1:
        return True
    return actor.role is Role.DEPT_HEAD and common.drafted_by_id != actor.user_id


def publish(common: CommonProblem, *, version: int | None, actor: Actor) -> Done:
    """Sign the answer off for every member that the lead unit is handling, by the real step (T18).

    Each is still reviewed and revisited on its own. Where no member could take it, nothing has
    changed; who is handed to the unit later is answered by publishing once more.
    """
    _require_unit(common, actor)
    check_version(common.version, version)
    if common.drafted_by_id is None:
        raise DomainError(N_("先起草统一答复。"))
    if not may_publish(common, actor):
        raise NotAllowed(N_("统一答复由起草人以外的单位负责人发布。"))
    done = _each(
        [t for t in queries.to_act_on(common, viewer=actor) if _is_handled(t)],
        lambda ticket: _answer(ticket, common, actor),
    )
    if done.count and common.state is CommonState.OPEN:
        common.state = CommonState.PUBLISHED
        common.published_at, common.published_by_id = clock.now(), actor.user_id
    if done.count:
        refused = [one.number for one in done.refused]
        told = {"answered": done.count, "refused": refused}
        accounts.log(actor, N_("发布统一答复"), SUBJECT, common.id, after=told)
    return done


def _is_handled(ticket: Ticket) -> bool:
    """Tell whether the ticket waits for the unit that has it, or will."""
    return ticket.status in {Status.PENDING_DISPATCH, Status.PENDING_SIGN, Status.IN_PROGRESS}


def _answer(ticket: Ticket, common: CommonProblem, actor: Actor) -> None:
    """Take T18 with the common answer; its draft by another person is what is signed off."""
    step = table.step(ticket.status, Event.SUBMIT_REPLY)
    if ticket.lead_unit_id != common.lead_unit_id:
        raise DomainError(N_("这件不是由牵头单位主办，要单独答复。"))
    if ticket.replies and not _was_returned(ticket, common):
        raise DomainError(N_("这件已经答复过，要单独答复。"))
    steps.authorise(step, ticket, actor)
    given = StepInput(
        reply=common.answer,
        outcome=common.outcome,
        basis=common.basis,
        citation_ids=tuple(one.id for one in common.citations),
    )
    move = moving.begin(ticket, given, actor=actor)
    move.payload = {"common": common.number, "asked_by_id": common.drafted_by_id}
    steps.carry_out(step, move)
    ticket.replies[-1].drafted_by_id = common.drafted_by_id


def _was_returned(ticket: Ticket, common: CommonProblem) -> bool:
    """Tell whether the review sent the answer of this round back, and it was written anew since.

    Whoever said no in the revisit is answered for themselves.
    """
    last = ticket.replies[-1]
    return (
        last.round == ticket.round
        and common.drafted_at is not None
        and common.drafted_at > last.submitted_at
    )


def _each(tickets: Iterable[Ticket], act: Callable[[Ticket], object]) -> Done:
    """Do the same with each ticket; what a rule refuses is named, and leaves no trace."""
    count, refused = 0, []
    for ticket in tickets:
        try:
            act(ticket)
        except DomainError as error:
            refused.append(Refused(ticket.id, ticket.number or "", ticket.title, error))
        else:
            count += 1
    return Done(count, tuple(refused))


# ---- who may, and what is written down ----


def is_keeper(actor: Actor) -> bool:
    """Tell whether `actor` keeps common problems: begins, groups, dispatches, ends."""
    return actor.role in OFFICE


def may_draft(common: CommonProblem, actor: Actor) -> bool:
    """Tell whether `actor` may write the answer for all.

    Once it is published, only where the review sent it back, or a policy that it cites holds
    no longer; what was told to whom stays as it was told.
    """
    if common.state is CommonState.ENDED or not _is_of_unit(common, actor):
        return False
    if common.state is CommonState.OPEN:
        return True
    today = clock.today()
    holds = all(one.standing(today) is Standing.VALID for one in common.citations)
    return not holds or queries.has_returned(common)


def _is_of_unit(common: CommonProblem, actor: Actor) -> bool:
    return (
        actor.tenant_id == common.tenant_id
        and actor.role in UNIT
        and actor.unit_id is not None
        and actor.unit_id == common.lead_unit_id
    )


def require_keeper(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` keeps common problems."""
    if actor.role not in OFFICE:
        raise NotAllowed(N_("共性问题由营商办建立和归并。"))


def _require_unit(common: CommonProblem, actor: Actor) -> None:
    if not _is_of_unit(common, actor):
        raise NotAllowed(N_("统一答复由牵头单位起草和发布。"))


def _check(draft: CommonDraft, actor: Actor) -> None:
    check_title(draft.title)
    if len(draft.description) > asking.LONGEST:
        raise Invalid(
            N_("最多 {most} 个字，请删减后再提交。"), field="description", most=asking.LONGEST
        )
    category = db.session.get(Category, draft.category_id) if draft.category_id else None
    if draft.category_id and (category is None or category.tenant_id != actor.tenant_id):
        raise Invalid(N_("请从列表中选一个类别。"), field="category_id")
    unit = db.session.get(OrgUnit, draft.lead_unit_id) if draft.lead_unit_id else None
    if draft.lead_unit_id and (
        unit is None or unit.tenant_id != actor.tenant_id or not unit.is_active
    ):
        raise Invalid(N_("没有这个单位，请从列表中选。"), field="lead_unit_id")


def _written(draft: CommonDraft) -> dict[str, object]:
    return {
        "title": draft.title.strip(),
        "description": draft.description.strip(),
        "category_id": draft.category_id,
        "lead_unit_id": draft.lead_unit_id,
    }


def _forget_draft(common: CommonProblem) -> None:
    common.answer, common.basis, common.outcome = "", "", None
    common.citations = []
    common.drafted_by_id = common.drafted_at = None
    common.published_by_id = common.published_at = None
    common.state = CommonState.OPEN
