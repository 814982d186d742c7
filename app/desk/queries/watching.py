"""The parts of a worklist about supervision: directives, meetings, suggested escalations."""

from app.accounts.roles import Actor
from app.core.i18n import N_
from app.desk.queries import moves
from app.desk.queries.ask import Ask, Kind, Moment, Verbs
from app.tickets.queries import supervision
from app.tickets.workflow.states import Event, Note, Status

MEET_VERBS: Verbs = {Status.PENDING_DISPATCH: (N_("会商"), Note.MEETING)}
LIFT_VERBS: Verbs = {Status.IN_PROGRESS: (N_("提请提级"), Event.ESCALATE)}


def directives(viewer: Actor) -> Ask:
    """Return the directives whose answer the viewer owes."""
    return Ask(
        "directives",
        N_("要答复的批示"),
        Kind.DIRECTIVES,
        (moves.directed_in(viewer),),
        about=supervision.answered_by(viewer),
        verb=N_("答复"),
    )


def own_directives(viewer: Actor, at: Moment) -> Ask:
    """Return the directives that the viewer gave: they wait, or were answered lately."""
    return Ask(
        "directed",
        N_("我的批示"),
        Kind.DIRECTIVES,
        (moves.directed_by(viewer, at.lately),),
        is_mine=False,
        sub=N_("等答复的在前，答复了的留两个星期"),
    )


def meetings() -> Ask:
    """Return the tickets for which the director has to hold a meeting."""
    return Ask(
        "meet",
        N_("退了两次，要会商定责"),
        Kind.TICKETS,
        (supervision.to_meet(),),
        sub=N_("登记会商后再交办"),
        verbs=MEET_VERBS,
    )


def to_lift() -> Ask:
    """Return the tickets whose escalation is suggested to the director."""
    return Ask(
        "lift",
        N_("建议提请提级"),
        Kind.TICKETS,
        (supervision.to_be_lifted(),),
        watched=True,
        hot=True,
        sub=N_("红色督办单还没有答复，您提出，镇主要负责同志批准"),
        verbs=LIFT_VERBS,
    )
