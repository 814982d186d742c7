"""At the unit: T08 to T10, T12 to T18."""

from datetime import timedelta

from app.core import clock
from app.core.errors import DomainError, Invalid
from app.core.i18n import N_
from app.tickets.clocks import return_deadline
from app.tickets.models import CoTaskState, Dispatch
from app.tickets.queries import facts
from app.tickets.service.guards import asking, citing, meeting
from app.tickets.service.guards.opening import check_handler, check_person, check_unit
from app.tickets.service.moving import Move
from app.tickets.workflow import codes
from app.tickets.workflow.states import Event, NoteLevel, Outcome

NOTE_SHORTEST = 10
REPLY_SHORTEST = 20


def newest_dispatch(move: Move) -> Dispatch:
    """Return the dispatch under which the unit works; raise where there is none."""
    if not move.ticket.dispatches:
        raise DomainError(N_("这件还没有交办。"))
    return move.ticket.dispatches[-1]


def may_auto_sign(move: Move) -> None:
    """T09: past the sign deadline, and nobody asked for a return."""
    due = move.ticket.sign_due_at
    if due is None or move.at <= due:
        raise DomainError(N_("还没到签收期限。"))
    if any(p.is_open and p.event is Event.APPROVE_RETURN for p in move.ticket.proposals):
        raise DomainError(N_("退单申请还没有决定，不自动签收。"))


def may_return(move: Move) -> None:
    """T10: within one working day of the dispatch, once for each unit, and not locked.

    The window is judged when the unit asks; the ruling may come later.
    """
    dispatch = newest_dispatch(move)
    if any(
        one.return_locked and one.lead_unit_id == dispatch.lead_unit_id
        for one in move.ticket.dispatches
    ):
        raise DomainError(N_("退单：主任已经定过由您单位办，不能再退。"))
    if facts.was_returned_by(move.ticket.id, dispatch.lead_unit_id):
        raise DomainError(N_("退单：您单位退过一次，不能再退。"))
    meeting.check_not_settled(move, dispatch.lead_unit_id)
    until = return_deadline(dispatch.dispatched_at, move.calendar, move.parameters)
    asked_at = move.proposal.asked_at if move.proposal else move.at
    if asked_at > until:
        raise DomainError(
            N_("退单：交办后 {n} 个工作日内可提，已过。"), n=move.parameters.return_window_workdays
        )


def approve_return(move: Move) -> None:
    """T10: a reason and the unit that should have it."""
    asking.text(move.given.comment, "comment", least=NOTE_SHORTEST)
    asking.given(move.given.suggested_unit_id, "suggested_unit_id", N_("请写明该由哪个单位办。"))
    if move.given.suggested_unit_id == move.ticket.lead_unit_id:
        raise Invalid(N_("建议的单位不能是本单位。"), field="suggested_unit_id")
    check_unit(move, move.given.suggested_unit_id, "suggested_unit_id")


def first_contact(move: Move) -> None:
    """T12: channel, person, time not in the future, summary."""
    given = move.given
    asking.given(given.channel, "channel", N_("请选怎么联系的。"))
    asking.given(given.person.strip(), "person", N_("请写联系到了谁。"))
    at = asking.given(given.at, "at", N_("请写什么时候联系的。"))
    if at > move.at:
        raise Invalid(N_("联系时间不能晚于现在。"), field="at")
    if move.ticket.dispatched_at and at < move.ticket.dispatched_at - timedelta(days=1):
        raise Invalid(N_("联系时间早于交办，请核对。"), field="at")
    asking.text(given.comment, "comment", least=2)


def may_contact_first(move: Move) -> None:
    """T12: the first contact is recorded once a dispatch."""
    if move.ticket.first_contact_at is not None:
        raise DomainError(N_("已经登记过首次联系，之后的联系请写进展。"))


def progress_note(move: Move) -> None:
    """T13: at least ten characters."""
    asking.text(move.given.comment, "comment", least=NOTE_SHORTEST)


def may_extend(move: Move) -> None:
    """T14: asked at least a working day before the deadline; once, a second time by the chief."""
    ticket, rules = move.ticket, move.parameters
    if ticket.due_at is None:
        raise DomainError(N_("这件没有办理期限。"))
    asked_at = move.proposal.asked_at if move.proposal else move.at
    if asked_at > ticket.due_at:
        raise DomainError(N_("延期：已经超期，不能再延。"))
    left = move.calendar.remaining(ticket.due_at, clock.local(asked_at).date())
    if left < rules.extension_lead_workdays:
        raise DomainError(
            N_("延期：最晚在到期前 {n} 个工作日提出，已过。"), n=rules.extension_lead_workdays
        )
    if ticket.extension_count >= 2:  # noqa: PLR2004 - once, and once more by the chief
        raise DomainError(N_("延期：已经延过两次，不能再延。"))


def approve_extension(move: Move) -> None:
    """T14: reason, a working day at most ten working days later, the enterprise told."""
    given, ticket = move.given, move.ticket
    asking.text(given.comment, "comment", least=NOTE_SHORTEST)
    new = asking.given(given.new_due_on, "new_due_on", N_("请选新的期限。"))
    if ticket.due_at is None:
        return
    due_on = clock.local(ticket.due_at).date()
    latest = move.calendar.add(due_on, move.parameters.extension_max_workdays)
    if new <= due_on:
        raise Invalid(N_("新的期限要晚于现在的期限。"), field="new_due_on")
    if not move.calendar.is_workday(new):
        raise Invalid(N_("新的期限要选工作日。"), field="new_due_on")
    if new > latest:
        raise Invalid(
            N_("一次最多延 {n} 个工作日，最晚到 {latest}。"),
            field="new_due_on",
            n=move.parameters.extension_max_workdays,
            latest=latest.isoformat(),
        )
    asking.ticked(given.told_enterprise, "told_enterprise", N_("请先告诉企业，再申请延期。"))


def escalate(move: Move) -> None:
    """T15: a reason that holds, a level, and a leader who takes it."""
    reason = asking.code(move.given.reason, codes.EscalationReason)
    if reason is codes.EscalationReason.TWO_ROUNDS and move.ticket.round < 2:  # noqa: PLR2004
        raise Invalid(N_("这件还在第一轮办理，请选别的理由。"), field="reason")
    if reason is codes.EscalationReason.RED_UNANSWERED and not _red_unanswered(move):
        raise Invalid(N_("没有未答复的红色督办单，请选别的理由。"), field="reason")
    check_level(move)
    asking.text(move.given.comment, "comment", least=NOTE_SHORTEST)


def check_level(move: Move) -> None:
    """Ask for a level from 1 to 3, above the present one, and for its leader."""
    level = asking.given(move.given.level, "level", N_("请选提到哪一级。"))
    if level not in {1, 2, 3}:
        raise Invalid(N_("请选提到哪一级。"), field="level")
    if level <= move.ticket.escalation_level:
        raise Invalid(N_("已经提到这一级，请选更高一级。"), field="level")
    check_person(move, move.given.owner_id, "owner_id")


def _red_unanswered(move: Move) -> bool:
    notes = move.ticket.supervision_notes
    return any(n.level is NoteLevel.RED and n.answered_at is None for n in notes)


def may_suspend(move: Move) -> None:
    """T16: not overdue when asked, unless escalated."""
    asked_at = move.proposal.asked_at if move.proposal else move.at
    due = move.ticket.due_at
    if due and asked_at > due and not move.ticket.escalation_level:
        raise DomainError(N_("挂账：已经超期，先提级办理才能挂账。"))


def approve_suspension(move: Move) -> None:
    """T16: cause, plan, a review day within ninety days, the enterprise told and its opinion."""
    given = move.given
    asking.code(given.reason, codes.SuspensionCause)
    asking.text(given.plan, "plan", least=NOTE_SHORTEST)
    check_review_day(move)
    asking.ticked(given.told_enterprise, "told_enterprise", N_("请先告诉企业，再申请挂账。"))
    asking.text(given.opinion, "opinion", least=2)


def check_review_day(move: Move) -> None:
    """Ask for a review day after today and within the longest interval."""
    day = asking.given(move.given.next_review_on, "next_review_on", N_("请选复核日。"))
    today = clock.local(move.at).date()
    if day <= today:
        raise Invalid(N_("复核日要晚于今天。"), field="next_review_on")
    asked = clock.local(move.proposal.asked_at).date() if move.proposal else today
    if day > asked + timedelta(days=move.parameters.suspension_days):
        raise Invalid(
            N_("复核日最晚在 {n} 天之内。"),
            field="next_review_on",
            n=move.parameters.suspension_days,
        )


def may_reply(move: Move) -> None:
    """T18: the enterprise was contacted, and every co-unit answered or was waived."""
    if move.ticket.first_contact_at is None:
        raise DomainError(N_("答复：先联系企业并登记，再提交答复。"))
    waiting = [t.unit.name for t in move.ticket.present_co_tasks if t.state is CoTaskState.OPEN]
    if waiting:
        raise DomainError(
            N_("答复：{units}的协办意见还没有交，催交或写明免交理由后再提交。"),
            units="、".join(waiting),
        )


def submit_reply(move: Move) -> None:
    """T18: an outcome, at least twenty characters, a policy basis unless it is resolved.

    A document that is cited is such a basis.
    """
    given = move.given
    outcome = asking.given(given.outcome, "outcome", N_("请选办理结果。"))
    asking.text(given.reply, "reply", least=REPLY_SHORTEST)
    citing.check(move)
    if outcome is not Outcome.RESOLVED and not given.citation_ids:
        asking.text(given.basis, "basis", least=NOTE_SHORTEST)


def resume(move: Move) -> None:
    """T17: the condition is met, or the review day has come."""
    reason = asking.code(move.given.reason, codes.ResumeReason)
    asking.text(move.given.comment, "comment", least=2)
    day = move.ticket.next_review_on
    if reason is codes.ResumeReason.REVIEW_DUE and day and clock.local(move.at).date() < day:
        raise Invalid(N_("还没到复核日，请选别的理由。"), field="reason")


def sign(move: Move) -> None:
    """T08: whoever is named to handle belongs to the lead unit."""
    if move.given.handler_id is not None:
        check_handler(move, move.given.handler_id, move.ticket.lead_unit_id)


OPENERS = {
    Event.AUTO_SIGN: may_auto_sign,
    Event.APPROVE_RETURN: may_return,
    Event.FIRST_CONTACT: may_contact_first,
    Event.APPROVE_EXTENSION: may_extend,
    Event.APPROVE_SUSPENSION: may_suspend,
    Event.SUBMIT_REPLY: may_reply,
}
GUARDS = {
    Event.SIGN: sign,
    Event.APPROVE_RETURN: approve_return,
    Event.FIRST_CONTACT: first_contact,
    Event.PROGRESS_NOTE: progress_note,
    Event.APPROVE_EXTENSION: approve_extension,
    Event.ESCALATE: escalate,
    Event.APPROVE_SUSPENSION: approve_suspension,
    Event.SUBMIT_REPLY: submit_reply,
    Event.RESUME: resume,
}
