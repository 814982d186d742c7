"""From the review to the archive: T19 to T26."""

from datetime import timedelta

from app.accounts.roles import Role
from app.core import clock
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.queries import facts, family
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.guards.handling import check_level
from app.tickets.service.moving import Move
from app.tickets.workflow import codes, ratings
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.ratings import Said
from app.tickets.workflow.states import Event

NAME_LONGEST = 60
LINK_WAIT = 10  # working days without an answer to a link


def return_reply(move: Move) -> None:
    """T19: a reason code and a text."""
    asking.code(move.given.reason, codes.ReturnReplyReason)
    asking.text(move.given.comment, "comment", least=2)


def may_review(move: Move) -> None:
    """T20: the reviewer had no part in handling, nor has their unit."""
    if move.actor.user_id in facts.handled_by(move.ticket.id):
        raise NotAllowed(N_("您办过这件，不能由您审核。"))
    _had_no_part(move, N_("您或您所在的单位办过这件，不能由您审核。"))


def _had_no_part(move: Move, refusal: str) -> None:
    """Raise NotAllowed where the actor is of those whom the enterprise rates."""
    if policy.is_rated(move.actor, move.ticket.id):
        raise NotAllowed(refusal)


def may_revisit(move: Move) -> None:
    """T21, T22, T24: the revisitor neither handled the ticket nor belongs to who did.

    What was split is revisited as a whole when every part has ended.
    Source: the note on `revisitor` below the roles table, C2.6.
    """
    check_parts(move)
    actor = move.actor
    if actor.role is Role.SYSTEM:
        return
    if actor.role is Role.ENTERPRISE_USER:
        _may_answer(move)
        return
    if actor.user_id in facts.handled_by(move.ticket.id):
        raise NotAllowed(N_("您参与过这件的办理，不能由您回访。"))
    _had_no_part(move, N_("您或您所在的单位办过这件，不能由您回访。"))


def _may_answer(move: Move) -> None:
    """T21, T22: the enterprise answers for itself, by its link, and no other one does.

    A guest has an address but no account; whoever has one belongs to no office at all.
    """
    actor, firm_id = move.actor, move.ticket.enterprise_id
    inside = actor.user_id is not None and policy.works_for_office(actor.user_id)
    if move.link_id is None or actor.enterprise_id != firm_id or inside:
        raise NotAllowed(N_("评价只能由企业自己填写。"))


def check_parts(move: Move) -> None:
    """T21 to T24: nothing that was split off is still being handled."""
    waiting = family.open_parts(move.ticket.id)
    if waiting:
        raise DomainError(N_("回访：分出的还有 {n} 件没有办完，都办完了再回访。"), n=waiting)


def answered(given: StepInput) -> None:
    """T21, T22: the enterprise was reached and said whether it is solved."""
    if not given.reached:
        raise Invalid(N_("没有联系上，请登记为未联系上。"), field="reached")
    asking.given(given.channel, "channel", N_("请选怎么回访的。"))
    asking.given(given.solved, "solved", N_("请选问题是否解决。"))
    check_answers(given)


def check_answers(given: StepInput) -> None:
    """See that scores are of five, that reasons are of the list, and that names fit."""
    for field in ("result_score", "attitude_score"):
        score = getattr(given, field)
        if score is not None and score not in range(1, 6):
            raise Invalid(N_("请选 1 到 5 分。"), field=field)
    for one in given.reasons:
        asking.code(one, codes.Discontent, "reasons")
    for field in ("said_by", "said_by_post"):
        if len(getattr(given, field)) > NAME_LONGEST:
            raise Invalid(N_("最多 {most} 个字，请缩短一些。"), field=field, most=NAME_LONGEST)


def is_satisfied(move: Move) -> bool:
    """Tell whether what the enterprise said lets the ticket be closed (T21) or not (T22)."""
    given = move.given
    return ratings.is_content(Said(given.solved, given.result_score), move.ticket.outcome)


def revisit_close(move: Move) -> None:
    """T21: solved at least in part, or explained; the result not below three."""
    answered(move.given)
    if not is_satisfied(move):
        raise DomainError(N_("企业没有认可，不能办结；请转重办。"))


def revisit_rework(move: Move) -> None:
    """T22: not solved, or the result below three; a round is left, or it is lifted."""
    answered(move.given)
    if is_satisfied(move):
        raise DomainError(N_("企业已经认可，不用重办；请办结。"))
    asking.text(move.given.comment, "comment", least=2)
    if move.lifted:
        check_level(move)
        return
    if move.ticket.round >= move.parameters.max_round:
        raise DomainError(
            N_("已经办了 {n} 轮。先登记回访结果，再由营商办主任提请提级重办或不满意认定。"),
            n=move.ticket.round,
        )


def may_close_unsatisfied(move: Move) -> None:
    """T23: not before the second round, when the enterprise said no, by who had no part."""
    _had_no_part(move, N_("您或您所在的单位办过这件，不能由您认定。"))
    check_parts(move)
    if move.ticket.round < 2:  # noqa: PLR2004 - as the rule says
        raise DomainError(N_("不满意认定：第二轮办理之后才能提。"))
    said = facts.attempts(move.ticket.id, move.ticket.round)
    if not any(r.reached for r in said):
        raise DomainError(N_("不满意认定：先登记这一轮的回访结果。"))


def close_unsatisfied(move: Move) -> None:
    """T23: a finding and its evidence."""
    asking.code(move.given.reason, codes.UnsatisfiedFinding)
    asking.text(move.given.evidence, "evidence", least=10)


def may_close_unreachable(move: Move) -> None:
    """T24: three attempts on two days, one by link; or a link unanswered for ten working days.

    A letter that did not go out, or came back, asked nobody.
    """
    may_revisit(move)
    tries = [r for r in facts.attempts(move.ticket.id, move.ticket.round) if r.counts]
    if any(r.reached for r in tries):
        raise DomainError(N_("回访未果：这一轮已经联系上企业。"))
    by_link = [r for r in tries if r.channel is ContactChannel.LINK]
    waited = any(move.at > move.calendar.due_at(r.went_at, LINK_WAIT) for r in by_link)
    days = {clock.local(r.went_at).date() for r in tries}
    rules = move.parameters
    enough = len(tries) >= rules.revisit_attempts and len(days) >= rules.revisit_days
    if not waited and not (enough and by_link):
        raise DomainError(
            N_("回访未果：至少联系 {n} 次、分在 {days} 天，其中一次用短信或链接；现在 {had} 次。"),
            n=rules.revisit_attempts,
            days=rules.revisit_days,
            had=len(tries),
        )


def may_reopen(move: Move) -> None:
    """T25: within thirty days of closing, by who had no part."""
    _had_no_part(move, N_("您或您所在的单位办过这件，不能由您重启。"))
    closed_at = move.ticket.closed_at
    asked_at = move.proposal.asked_at if move.proposal else move.at
    if closed_at is None or asked_at - closed_at > timedelta(days=move.parameters.reopen_days):
        raise DomainError(
            N_("重启：办结 {n} 天内可以，已过；请登记为新问题。"), n=move.parameters.reopen_days
        )


def reopen(move: Move) -> None:
    """T25: what the enterprise says."""
    asking.text(move.given.statement, "statement", least=10)


def may_archive(move: Move) -> None:
    """T26: by the timetable only when it can no longer be reopened; by hand at any time."""
    if move.actor.role is not Role.SYSTEM:
        return
    days, closed_at = move.parameters.reopen_days, move.ticket.closed_at
    if closed_at is None or move.at - closed_at <= timedelta(days=days):
        raise DomainError(N_("办结满 {n} 天才自动归档。"), n=days)
    if any(p.is_open and p.event is Event.REOPEN for p in move.ticket.proposals):
        raise DomainError(N_("重启申请还没有决定，不自动归档。"))


OPENERS = {
    Event.APPROVE_REPLY: may_review,
    Event.REVISIT_CLOSE: may_revisit,
    Event.REVISIT_REWORK: may_revisit,
    Event.CLOSE_UNSATISFIED: may_close_unsatisfied,
    Event.CLOSE_UNREACHABLE: may_close_unreachable,
    Event.REOPEN: may_reopen,
    Event.ARCHIVE: may_archive,
}
GUARDS = {
    Event.RETURN_REPLY: return_reply,
    Event.REVISIT_CLOSE: revisit_close,
    Event.REVISIT_REWORK: revisit_rework,
    Event.CLOSE_UNSATISFIED: close_unsatisfied,
    Event.REOPEN: reopen,
}
