"""The enterprise's own answer by its link: the same steps as after a call, in the same moment."""

from collections.abc import Iterable
from dataclasses import replace

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.attachments import service as attachments
from app.attachments.service import Prepared
from app.core import links
from app.core.errors import Gone, Invalid, NotFound
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.queries import rating as queries
from app.tickets.queries.rating import Asked
from app.tickets.service import moving, revisits
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking, closing
from app.tickets.service.moving import Written
from app.tickets.workflow import codes, ratings, table
from app.tickets.workflow.codes import ContactChannel, Discontent
from app.tickets.workflow.states import Event, Solved, Status

MOST_WORDS = 1000
REFUSED = N_("拒绝代企业评价")
NO_LINK = N_("没有找到这个链接，请核对地址是否完整。")


def rate(token: str, given: StepInput, *, files: Iterable[Prepared] = (), actor: Actor) -> Written:
    """Write down what the holder of a link says of the answer, and let it take effect.

    Raises NotFound for a link that is none of ours, Gone where it asks nothing any more, and
    Invalid at the field that is wrong; then nothing has changed.
    """
    asked = queries.asked(token)
    if asked is None:
        raise NotFound(NO_LINK)
    if not asked.is_open:
        raise Gone(N_("这个链接已经不能再评价了，请看页面上的说明。"))
    ticket = asked.ticket
    given = said(given)
    table.step(ticket.status, Event.REVISIT_CLOSE)
    move = moving.begin(ticket, given, actor=actor)
    move.link_id = asked.link.id
    closing.may_revisit(move)
    written = revisits.heard(move)
    links.use(asked.link)
    _attach(ticket, files, actor)
    return written


def said(given: StepInput) -> StepInput:
    """Return what was answered as the steps want it; raise Invalid where an answer is missing.

    Whoever is not content says why, of a list; that is what the unit learns, with what was
    written for it.
    """
    asking.given(given.solved, "solved", N_("请选问题是否解决。"))
    for field in ("result_score", "attitude_score"):
        asking.given(getattr(given, field), field, N_("请选一个。"))
    closing.check_answers(given)
    for field in ("words", "comment"):
        if len(getattr(given, field)) > MOST_WORDS:
            raise Invalid(N_("最多 {most} 个字，请删减后再提交。"), field=field, most=MOST_WORDS)
    if not asks_why(given):
        return replace(given, channel=ContactChannel.LINK, reasons=(), comment="")
    asking.given(given.reasons, "reasons", N_("请至少选一个原因，好让承办单位知道哪里没有办好。"))
    if set(given.reasons) == {Discontent.OTHER.value} and not given.comment.strip():
        raise Invalid(N_("请写一句是什么原因。"), field="comment")
    return replace(given, channel=ContactChannel.LINK, comment=_why(given))


def asks_why(given: StepInput) -> bool:
    """Tell whether a reason is asked for: not solved, or one of the scores below three."""
    scores = (given.result_score, given.attitude_score)
    low = any(score is not None and score < ratings.SATISFIED for score in scores)
    return given.solved is Solved.NO or low


def _why(given: StepInput) -> str:
    told = given.comment.strip()
    return f"{_labels(given.reasons)}：{told}" if told else _labels(given.reasons)


def _labels(reasons: Iterable[str]) -> str:
    return "；".join(codes.Discontent(one).label for one in reasons)


def for_unit(asked: Asked) -> str:
    """Return what was written for the unit, without the reasons that were chosen beside it."""
    labels = _labels(asked.said.reasons if asked.said else ())
    return asked.told.removeprefix(labels).removeprefix("：")


def _attach(ticket: Ticket, files: Iterable[Prepared], actor: Actor) -> None:
    """Let pictures belong to the rating, which only those see who read it."""
    for file in files:
        attachments.attach(
            file,
            actor=actor,
            ticket_id=ticket.id,
            revisit_id=ticket.revisits[-1].id,
            hidden=True,
        )


def refuse(asked: Asked, *, actor: Actor) -> None:
    """Write down that somebody of the office's side tried to answer for the enterprise."""
    accounts.log(actor, REFUSED, "ticket", asked.ticket.id, after={"round": asked.round})


def may_rate(ticket: Ticket, *, actor: Actor) -> bool:
    """Tell whether `actor`, signed in for the enterprise, is asked to rate the answer now."""
    if not policy.is_outside(actor) or ticket.status is not Status.PENDING_REVISIT:
        return False
    link = queries.current(ticket.id)
    asked = queries.asked(links.token_of(link)) if link else None
    return asked is not None and asked.is_open and may_answer(asked, actor=actor)


def may_answer(asked: Asked, *, actor: Actor) -> bool:
    """Tell whether a person who is signed in may answer: one of this enterprise, of no office."""
    if actor.user_id is None:
        return True
    return policy.is_outside(actor) and (
        actor.enterprise_id == asked.ticket.enterprise_id
        and not policy.works_for_office(actor.user_id)
    )
