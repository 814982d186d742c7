"""The random call-back 抽查回访: drawing lots, and writing down what is said on the second call."""

import secrets
from dataclasses import dataclass

from app.accounts import roles
from app.accounts import service as accounts
from app.accounts.models import Tenant
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.notifications import service as outbox
from app.tickets import policy
from app.tickets.models import SpotCall, SpotCheck, SpotDraw, Ticket
from app.tickets.queries import facts, spot_checks
from app.tickets.queries.facts import Holders
from app.tickets.service import proposals, readers, sealing
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking, closing
from app.tickets.service.offers import Kind, offers
from app.tickets.workflow import ratings
from app.tickets.workflow.codes import Discontent
from app.tickets.workflow.states import Event, Solved

RULE = "spot-check"
FOUND = N_("抽查回访：{name}说没有解决（{number}）")
FOUND_FOR_FEW = N_("抽查回访：一件限知件，企业说没有解决")
SAYS = N_("抽查回访时企业说问题没有解决。")
WORDED = N_("原话见抽查回访记录。")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a second call: whether it differs, and whether reopening was proposed."""

    differs: bool = False
    proposed: bool = False


def draw(tenant_id: int, *, seed: str = "") -> SpotDraw | None:
    """Decide of every rating that closed a ticket and was not decided yet: by lot, once.

    The seed is made here, after the ratings were given: nobody can know it before. A second
    run finds nothing to decide. Without anything to decide there is no draw.
    """
    waiting = spot_checks.undecided(tenant_id)
    if not waiting:
        return None
    percent = db.session.get_one(Tenant, tenant_id).parameters.spot_check_percent
    seed = seed or secrets.token_hex(32)
    decided = [(one.id, ratings.is_chosen(seed, one.id, percent)) for one in waiting]
    made = SpotDraw(
        tenant_id=tenant_id,
        at=clock.now(),
        seed=seed,
        percent=percent,
        decided=len(decided),
        chosen=sum(chosen for _id, chosen in decided),
        digest=ratings.digest_of(seed, percent, decided),
    )
    db.session.add(made)
    db.session.flush()  # gives the draw the id that its rows refer to
    of = {one.id: one.ticket_id for one in waiting}
    db.session.add_all(
        SpotCheck(
            tenant_id=tenant_id,
            draw_id=made.id,
            ticket_id=of[revisit_id],
            revisit_id=revisit_id,
            chosen=chosen,
        )
        for revisit_id, chosen in decided
    )
    after = {"percent": percent, "decided": made.decided, "chosen": made.chosen}
    accounts.log(
        roles.system(tenant_id),
        N_("抽取抽查回访"),
        "spot-draw",
        made.id,
        after=after | {"digest": made.digest},
    )
    return made


def check_may_call(check: SpotCheck, actor: Actor) -> None:
    """Raise NotAllowed unless `actor` may make the second call.

    That is the office; never who made the first call, nor who had a part in the handling.
    """
    policy.require_check(actor)
    policy.check_named(actor, check.ticket)
    if actor.tenant_id != check.tenant_id:
        raise NotAllowed(N_("抽查回访由营商办来做。"))
    if actor.acts_for(check.revisit.by_id):
        raise NotAllowed(N_("第一次是您回访的，抽查要换一个人。"))
    if policy.is_rated(actor, check.ticket_id):
        raise NotAllowed(N_("您或您所在的单位办过这件，不能由您回访。"))


def record(check: SpotCheck, given: StepInput, *, actor: Actor) -> Recorded:
    """Write down a second call. The first rating stays as it was given.

    Whoever says now that it is not solved is to be heard: a dispatcher's call proposes the
    reopening (T25) at once; after the director's, the dispatchers are told to.
    """
    check_may_call(check, actor)
    if not check.chosen:
        raise DomainError(N_("这一件没有抽中，不用再打电话。"))
    if check.answer is not None:
        raise DomainError(N_("这一件已经抽查过了。"))
    _check_given(given)
    call = _call(check, given, actor)
    check.calls.append(call)
    db.session.flush()  # a message names the call, and so does the log
    after = {"reached": call.reached, "call": call.id, "seal": sealing.of_call(call)}
    accounts.log(actor, N_("登记抽查回访"), "ticket", check.ticket_id, after=after)
    if not call.reached:
        return Recorded()
    first, again = spot_checks.said_of(check.revisit), spot_checks.said_of(call)
    lost = again.solved is Solved.NO and first.solved is not Solved.NO
    return Recorded(
        differs=ratings.differs(first, again), proposed=lost and _reopen(check, call, actor)
    )


def _check_given(given: StepInput) -> None:
    asking.given(given.channel, "channel", N_("请选怎么联系的。"))
    if given.reached:
        closing.answered(given)
        return
    said = (given.solved, given.result_score, given.attitude_score)
    if any(value is not None for value in said):
        raise Invalid(N_("没有联系上，就不能填企业的评价。"), field="reached")


def _call(check: SpotCheck, given: StepInput, actor: Actor) -> SpotCall:
    assert given.channel is not None  # noqa: S101 - it was asked for above
    assert actor.user_id is not None  # noqa: S101 - nobody else belongs to the office
    heard = given.reached
    return SpotCall(
        check_id=check.id,
        at=clock.now(),
        by_id=actor.user_id,
        channel=given.channel,
        reached=heard,
        missed=None if heard else given.missed,
        said_by=given.said_by.strip(),
        said_by_post=given.said_by_post.strip(),
        solved=given.solved if heard else None,
        result_score=given.result_score if heard else None,
        attitude_score=given.attitude_score if heard else None,
        contacted=given.contacted if heard else None,
        reasons=list(given.reasons) if heard else [],
        words=given.words.strip(),
    )


def _reopen(check: SpotCheck, call: SpotCall, actor: Actor) -> bool:
    """Propose the reopening where this actor may; tell the dispatchers where not."""
    ticket = check.ticket
    may = any(
        offer.event is Event.REOPEN and offer.kind is Kind.ASK and offer.refusal is None
        for offer in offers(ticket, actor=actor)
    )
    if may:
        given = StepInput(statement=_statement(call), comment=SAYS)
        proposals.propose(ticket, Event.REOPEN, given, actor=actor)
        return True
    _tell_dispatchers(ticket, call)
    return False


def _statement(call: SpotCall) -> str:
    """Return why it is to be reopened, which the units read too: reasons, and no word of theirs."""
    chosen = "；".join(Discontent(one).label for one in call.reasons)
    return "".join((SAYS, f"{chosen}。" if chosen else "", WORDED if call.words else ""))


def _tell_dispatchers(ticket: Ticket, call: SpotCall) -> None:
    ids = facts.holders(ticket.tenant_id, Holders(frozenset({Role.DISPATCHER})))
    hidden = ticket.confidential
    outbox.tell(
        [id_ for id_ in (readers.told(ticket, ids) if hidden else ids) if id_ != call.by_id],
        tenant_id=ticket.tenant_id,
        rule=RULE,
        period=str(call.id),
        subject=FOUND_FOR_FEW if hidden else FOUND,
        link=f"/tickets/{ticket.id}",
        context={} if hidden else {"name": ticket.enterprise.called, "number": ticket.number},
        deputies=not hidden,
    )
