"""What belongs on the worklist of each role: its groups, as a table.

`asks` says what a part holds; `rows` reads it. A part that `is_mine` holds moves of the
viewer's own and is counted in the menu; the others are there to keep an eye on.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_

from app.accounts.roles import Actor, Role
from app.core.i18n import N_
from app.desk.queries import calling_again, handing, letters, moves, naming, near_days, watching
from app.desk.queries.ask import EDIT, Ask, Kind, Moment, Verbs
from app.tickets.models import Ticket
from app.tickets.queries import deciding, supervision
from app.tickets.workflow.states import Event, Note, Status

OFFICE_VERBS: Verbs = {
    Status.PENDING_ACCEPTANCE: (N_("受理"), Event.ACCEPT),
    Status.PENDING_DISPATCH: (N_("交办"), Event.DISPATCH),
    Status.PENDING_REVIEW: (N_("审核"), Event.APPROVE_REPLY),
    Status.PENDING_REVISIT: (N_("回访"), Event.REVISIT_CLOSE),
}
DIRECTOR_VERBS: Verbs = {
    Status.PENDING_DISPATCH: (N_("交办"), Event.DISPATCH),
    Status.PENDING_REVISIT: (N_("提请认定"), ""),
    Status.SUSPENDED: (N_("复核"), Note.RENEWED),
    Status.IN_PROGRESS: (N_("改派"), Event.REASSIGN),
}
UNIT_VERBS: Verbs = {
    Status.PENDING_SIGN: (N_("签收"), Event.SIGN),
    Status.IN_PROGRESS: (N_("办理"), ""),
}
URGE_VERBS: Verbs = {
    Status.PENDING_SIGN: (N_("催办"), Note.URGED),
    Status.IN_PROGRESS: (N_("催办"), Note.URGED),
}
OWN_VERBS: Verbs = {
    Status.DRAFT: (N_("补充"), EDIT),
    Status.PENDING_REVISIT: (N_("回访"), Event.REVISIT_CLOSE),
}
DRAFT_VERBS: Verbs = {Status.DRAFT: (N_("接着写"), EDIT)}

OPEN_VIEW = {"view": "open"}
VISITS = Ask("visits", N_("要去的"), Kind.VISITS)
EXEMPTIONS = Ask("exempt", N_("免访申请，等营商办批准"), Kind.EXEMPTIONS)


def of(viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    """Return the parts of the viewer's worklist, in the order of the page."""
    rule = _OF_ROLE.get(viewer.role)
    return rule(viewer, at) if rule else ()


def _dispatcher(viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    mine = (moves.to_accept(), moves.to_dispatch(), moves.to_review(), deciding.to_revisit())
    return (
        Ask(
            "mine",
            N_("轮到营商办"),
            Kind.TICKETS,
            mine,
            sub=N_("按到期先后"),
            nothing=N_("没有轮到营商办的事。"),
            verbs=OFFICE_VERBS,
            register=OPEN_VIEW,
        ),
        letters.part(),
        calling_again.part(),
        watching.directives(viewer),
        EXEMPTIONS,
        handing.left_behind(),
        _watched_by_office(at),
        Ask(
            "review",
            N_("挂账到复核"),
            Kind.TICKETS,
            (deciding.to_review_suspension(at.today),),
            is_mine=False,
            sub=N_("由主任复核"),
            register={"view": "suspended"},
        ),
        near_days.part(),
        _asked(viewer),
    )


def _director(viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    mine = (
        deciding.to_dispatch_by_director(),
        deciding.to_find(),
        deciding.to_review_suspension(at.today),
        deciding.to_give_a_unit(),
    )
    with_office = (
        moves.to_accept(),
        and_(moves.to_dispatch(), ~deciding.to_dispatch_by_director()),
        moves.to_review(),
    )
    return (
        _decisions(viewer, N_("等您决定")),
        Ask(
            "mine",
            N_("轮到您办"),
            Kind.TICKETS,
            mine,
            sub=N_("疑难件和垂管单位的交办、挂账复核、提请认定"),
            nothing=N_("没有要您交办或复核的事。"),
            verbs=DIRECTOR_VERBS,
            register=OPEN_VIEW,
        ),
        letters.part(),
        naming.to_name_a_dispatcher(),
        watching.meetings(),
        watching.to_lift(),
        calling_again.part(),
        watching.directives(viewer),
        EXEMPTIONS,
        handing.left_behind(),
        _watched_by_office(at),
        Ask(
            "office",
            N_("交办员手里的"),
            Kind.TICKETS,
            tuple(and_(each, Ticket.move_due_at <= at.soon) for each in with_office),
            is_mine=False,
            sub=N_("受理、交办、审核，临期和超期的"),
            register=OPEN_VIEW,
        ),
        near_days.part(),
        _asked(viewer),
    )


def _chief(viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    return (
        _decisions(viewer, N_("等您批准")),
        _overdue(at),
        _notes("red", N_("红色督办单，还没有答复"), moves.red_notes(), hot=True),
        watching.own_directives(viewer, at),
    )


def _leader(viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    mine = (moves.returned_to(viewer), moves.to_revisit_by_leader(viewer))
    return (
        VISITS,
        Ask("mine", N_("要您补充和回访的"), Kind.TICKETS, mine, verbs=OWN_VERBS),
        Ask(
            "lifted",
            N_("提级由您牵头的"),
            Kind.TICKETS,
            (deciding.lifted_to(viewer),),
            is_mine=False,
            watched=True,
            verbs=URGE_VERBS,
        ),
        Ask(
            "watch",
            N_("要您过问的"),
            Kind.TICKETS,
            (moves.yellow_or_red(at.today), moves.with_note_only(at.today)),
            is_mine=False,
            watched=True,
            hot=True,
            sub=N_("您包联的企业和分管的单位，临期和超期的"),
            nothing=N_("您包联的企业和分管的单位，没有临期或超期的问题。"),
            verbs=URGE_VERBS,
            register={"view": "open"},
        ),
        near_days.part(),
        watching.own_directives(viewer, at),
        _drafts(viewer),
    )


def _head(viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    handling = and_(moves.with_unit(viewer), moves.to_handle())
    return (
        _decisions(viewer, N_("等您签发")),
        Ask(
            "mine",
            N_("要签收的"),
            Kind.TICKETS,
            (and_(moves.with_unit(viewer), moves.to_sign()),),
            verbs=UNIT_VERBS,
            register={"status": Status.PENDING_SIGN},
        ),
        Ask(
            "notes",
            N_("督办单，等本单位答复"),
            Kind.NOTES,
            (moves.to_answer(),),
            about=and_(moves.with_unit(viewer), Ticket.is_open.is_(True)),
            verb=N_("答复"),
        ),
        watching.directives(viewer),
        _co_tasks(viewer),
        near_days.part(),
        Ask(
            "near",
            N_("要盯住的"),
            Kind.TICKETS,
            (and_(handling, moves.near(at.today, at.soon)),),
            is_mine=False,
            hot=True,
            sub=N_("承办人手里，临期和超期的"),
            nothing=N_("承办人手里没有临期或超期的事。"),
            register={"status": Status.IN_PROGRESS},
        ),
        Ask(
            "later",
            N_("还在办的"),
            Kind.TICKETS,
            (and_(handling, ~moves.near(at.today, at.soon)),),
            is_mine=False,
            register={"status": Status.IN_PROGRESS},
        ),
        Ask(
            "waits",
            N_("等别人"),
            Kind.TICKETS,
            tuple(and_(moves.with_unit(viewer), each) for each in moves.resting()),
            is_mine=False,
            watched=True,
            register=OPEN_VIEW,
        ),
    )


def _handler(viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    mine, near = moves.handled_by(viewer), moves.near(at.today, at.soon)
    own = (and_(mine, moves.to_sign()), and_(mine, moves.to_handle()))
    return (
        Ask(
            "today",
            N_("今天"),
            Kind.TICKETS,
            tuple(and_(each, near) for each in own),
            nothing=N_("今天没有要赶的事。"),
            verbs=UNIT_VERBS,
            register=OPEN_VIEW,
        ),
        _co_tasks(viewer),
        Ask(
            "later",
            N_("不急"),
            Kind.TICKETS,
            tuple(and_(each, ~near) for each in own),
            verbs=UNIT_VERBS,
            register=OPEN_VIEW,
        ),
        Ask(
            "waits",
            N_("等别人"),
            Kind.TICKETS,
            tuple(and_(mine, each) for each in moves.resting()),
            is_mine=False,
            watched=True,
            nothing=N_("没有等别人的事。"),
            register=OPEN_VIEW,
        ),
    )


def _liaison(viewer: Actor, _at: Moment) -> tuple[Ask, ...]:
    return (
        VISITS,
        Ask(
            "mine",
            N_("要回访和补充的"),
            Kind.TICKETS,
            (moves.to_revisit_by_liaison(viewer), moves.returned_to(viewer)),
            sub=N_("问企业解决没有"),
            verbs=OWN_VERBS,
            register={"view": "revisit"},
        ),
        _drafts(viewer),
        _reported(viewer),
    )


def _supervisor(_viewer: Actor, at: Moment) -> tuple[Ask, ...]:
    return (
        _notes("notes", N_("督办单，还没有答复"), moves.unanswered(), hot=True),
        _overdue(at),
    )


def _enterprise(viewer: Actor, _at: Moment) -> tuple[Ask, ...]:
    drafts = (moves.returned_to(viewer), moves.drafted_by(viewer))
    return (
        Ask("mine", N_("要您补充的"), Kind.TICKETS, drafts, verbs=OWN_VERBS),
        Ask(
            "open",
            N_("正在办的"),
            Kind.TICKETS,
            (moves.open_of_enterprise(viewer),),
            is_mine=False,
            watched=True,
            nothing=N_("没有正在办的问题。"),
            register=OPEN_VIEW,
        ),
    )


_OF_ROLE: dict[Role, Callable[[Actor, Moment], tuple[Ask, ...]]] = {
    Role.DISPATCHER: _dispatcher,
    Role.OFFICE_DIRECTOR: _director,
    Role.CHIEF: _chief,
    Role.LEADER: _leader,
    Role.DEPT_HEAD: _head,
    Role.HANDLER: _handler,
    Role.LIAISON: _liaison,
    Role.SUPERVISOR: _supervisor,
    Role.ENTERPRISE_USER: _enterprise,
}


def _watched_by_office(at: Moment) -> Ask:
    return Ask(
        "watch",
        N_("要盯住的"),
        Kind.TICKETS,
        (moves.yellow_or_red(at.today), moves.with_note_only(at.today)),
        is_mine=False,
        watched=True,
        hot=True,
        sub=N_("轮到承办单位，营商办盯着"),
        nothing=N_("承办单位手里没有临期、超期或等督办答复的事。"),
        verbs=URGE_VERBS,
        register=OPEN_VIEW,
    )


def _decisions(viewer: Actor, title: str) -> Ask:
    return Ask(
        "decide",
        title,
        Kind.DECISIONS,
        (deciding.decided_by(viewer),),
        about=deciding.decided_about(viewer),
        hot=True,
    )


def _asked(viewer: Actor) -> Ask:
    return Ask("asked", N_("等别人"), Kind.DECISIONS, (moves.asked_by(viewer),), is_mine=False)


def _overdue(at: Moment) -> Ask:
    return Ask(
        "overdue",
        N_("超期的"),
        Kind.TICKETS,
        (supervision.overdue(at.now),),
        is_mine=False,
        watched=True,
        hot=True,
        nothing=N_("没有超期的企业问题。"),
        verbs=URGE_VERBS,
        register={"view": "red"},
    )


def _notes(key: str, title: str, where: ColumnElement[bool], *, hot: bool = False) -> Ask:
    about = Ticket.is_open.is_(True)
    return Ask(key, title, Kind.NOTES, (where,), about=about, is_mine=False, hot=hot)


def _co_tasks(viewer: Actor) -> Ask:
    return Ask("co", N_("要交协办意见的"), Kind.CO_TASKS, (moves.owed_by_unit(viewer),))


def _drafts(viewer: Actor) -> Ask:
    return Ask(
        "drafts",
        N_("还没有登记的草稿"),
        Kind.TICKETS,
        (moves.drafted_by(viewer),),
        verbs=DRAFT_VERBS,
    )


def _reported(viewer: Actor) -> Ask:
    return Ask(
        "reported",
        N_("我报的问题"),
        Kind.TICKETS,
        (moves.reported_by(viewer),),
        is_mine=False,
        watched=True,
        nothing=N_("您报的问题都办完了。"),
        register={"mine": "1"},
    )
