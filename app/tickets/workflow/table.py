"""The life of a ticket, as one table.

To change how tickets move, change this table; nothing else decides it. Buttons, permissions,
proposals, history, tests and the diagram in the documentation are all read from it.

Source: the office's transition table, C2.3. `who` takes the step, or decides on it where
somebody must ask first (`asks`); `checks` stands between the two.
"""

from dataclasses import dataclass

from app.accounts.roles import Role
from app.core.errors import DomainError
from app.core.i18n import N_
from app.tickets.workflow.states import TERMINAL, Event, Status


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    Roles of `asks` propose, those of `checks` pass the proposal on, those of `who` decide.
    Where `asks` is empty, `who` acts directly. `lifts` names who asks and who decides where
    the step may also be taken as 提级重办, after the rounds are used up (T15 with T22). `own` is
    who brings it about by an answer of their own, which the rating page takes down.
    """

    id: str
    source: Status
    event: Event
    target: Status
    who: frozenset[Role]
    asks: frozenset[Role] = frozenset()
    checks: frozenset[Role] = frozenset()
    lifts: tuple[frozenset[Role], frozenset[Role]] | None = None
    own: frozenset[Role] = frozenset()

    @property
    def two_person(self) -> bool:
        """Whether one person proposes and another decides."""
        return bool(self.asks)


class IllegalStep(DomainError):
    """The ticket is not where this step could begin."""


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


D, OD, C = Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.CHIEF
LE, LI, E = Role.LEADER, Role.LIAISON, Role.ENTERPRISE_USER
DH, H, S = Role.DEPT_HEAD, Role.HANDLER, Role.SYSTEM
#: Who may be a revisitor; guards take out whoever had a part in handling.
R = (D, LI, LE)

# fmt: off
TABLE = (
    #    id     from                       event                      to                         who              asks first   checks
    Step("T01", Status.DRAFT,              Event.SUBMIT,              Status.PENDING_ACCEPTANCE, _roles(LI, LE, D, E)),
    Step("T02", Status.PENDING_ACCEPTANCE, Event.ACCEPT,              Status.PENDING_DISPATCH,   _roles(D)),
    Step("T03", Status.PENDING_ACCEPTANCE, Event.REJECT,              Status.REJECTED,           _roles(OD),      _roles(D)),
    Step("T04", Status.PENDING_ACCEPTANCE, Event.REQUEST_SUPPLEMENT,  Status.DRAFT,              _roles(D)),
    Step("T05", Status.PENDING_ACCEPTANCE, Event.MERGE,               Status.MERGED,             _roles(D)),
    Step("T05", Status.PENDING_DISPATCH,   Event.MERGE,               Status.MERGED,             _roles(D)),
    Step("T06", Status.PENDING_DISPATCH,   Event.CLOSE_ON_SITE,       Status.PENDING_REVISIT,    _roles(D)),
    Step("T07", Status.PENDING_DISPATCH,   Event.DISPATCH,            Status.PENDING_SIGN,       _roles(D, OD)),
    Step("T08", Status.PENDING_SIGN,       Event.SIGN,                Status.IN_PROGRESS,        _roles(H, DH)),
    Step("T09", Status.PENDING_SIGN,       Event.AUTO_SIGN,           Status.IN_PROGRESS,        _roles(S)),
    Step("T10", Status.PENDING_SIGN,       Event.APPROVE_RETURN,      Status.PENDING_DISPATCH,   _roles(OD),      _roles(DH)),
    Step("T10", Status.IN_PROGRESS,        Event.APPROVE_RETURN,      Status.PENDING_DISPATCH,   _roles(OD),      _roles(DH)),
    Step("T11", Status.PENDING_SIGN,       Event.REASSIGN,            Status.PENDING_SIGN,       _roles(OD)),
    Step("T11", Status.IN_PROGRESS,        Event.REASSIGN,            Status.PENDING_SIGN,       _roles(OD)),
    Step("T12", Status.IN_PROGRESS,        Event.FIRST_CONTACT,       Status.IN_PROGRESS,        _roles(H)),
    Step("T13", Status.IN_PROGRESS,        Event.PROGRESS_NOTE,       Status.IN_PROGRESS,        _roles(H)),
    Step("T14", Status.IN_PROGRESS,        Event.APPROVE_EXTENSION,   Status.IN_PROGRESS,        _roles(OD, C),   _roles(DH)),
    Step("T15", Status.IN_PROGRESS,        Event.ESCALATE,            Status.IN_PROGRESS,        _roles(C),       _roles(OD)),
    Step("T16", Status.IN_PROGRESS,        Event.APPROVE_SUSPENSION,  Status.SUSPENDED,          _roles(C),       _roles(DH),  _roles(OD)),
    Step("T17", Status.SUSPENDED,          Event.RESUME,              Status.IN_PROGRESS,        _roles(OD, S)),
    Step("T18", Status.IN_PROGRESS,        Event.SUBMIT_REPLY,        Status.PENDING_REVIEW,     _roles(DH),      _roles(H)),
    Step("T19", Status.PENDING_REVIEW,     Event.RETURN_REPLY,        Status.IN_PROGRESS,        _roles(D)),
    Step("T20", Status.PENDING_REVIEW,     Event.APPROVE_REPLY,       Status.PENDING_REVISIT,    _roles(D)),
    Step("T21", Status.PENDING_REVISIT,    Event.REVISIT_CLOSE,       Status.CLOSED,             _roles(*R),      own=_roles(E)),
    Step("T22", Status.PENDING_REVISIT,    Event.REVISIT_REWORK,      Status.IN_PROGRESS,        _roles(*R),      lifts=(_roles(OD), _roles(C)), own=_roles(E)),
    Step("T23", Status.PENDING_REVISIT,    Event.CLOSE_UNSATISFIED,   Status.CLOSED,             _roles(C),       _roles(OD)),
    Step("T24", Status.PENDING_REVISIT,    Event.CLOSE_UNREACHABLE,   Status.CLOSED,             _roles(*R, S)),
    Step("T25", Status.CLOSED,             Event.REOPEN,              Status.IN_PROGRESS,        _roles(OD),      _roles(D)),
    Step("T26", Status.CLOSED,             Event.ARCHIVE,             Status.ARCHIVED,           _roles(S, D)),
    Step("T27", Status.PENDING_ACCEPTANCE, Event.CANCEL,              Status.CANCELLED,          _roles(D)),
    Step("T27", Status.PENDING_DISPATCH,   Event.CANCEL,              Status.CANCELLED,          _roles(D)),
    Step("T27", Status.PENDING_SIGN,       Event.CANCEL,              Status.CANCELLED,          _roles(OD)),
    Step("T27", Status.IN_PROGRESS,        Event.CANCEL,              Status.CANCELLED,          _roles(OD)),
    Step("T27", Status.SUSPENDED,          Event.CANCEL,              Status.CANCELLED,          _roles(OD)),
    Step("T28", Status.DRAFT,              Event.DISCARD,             Status.CANCELLED,          _roles(LI, LE, D, E)),
)
# fmt: on

_STEPS = {(row.source, row.event): row for row in TABLE}


def step(status: Status, event: Event) -> Step:
    """Return the row for `event` from `status`; raise IllegalStep if there is none."""
    try:
        return _STEPS[status, event]
    except KeyError:
        raise IllegalStep(
            N_("这件企业问题现在是“{status}”，不能{event}。可能刚有人办过，请刷新后再看。"),
            status=status,
            event=event,
        ) from None


def steps_from(status: Status) -> tuple[Step, ...]:
    """Return the rows that begin at `status`, in table order."""
    return tuple(row for row in TABLE if row.source is status)


def is_final(status: Status) -> bool:
    """Tell whether nothing can happen any more."""
    return status in TERMINAL
