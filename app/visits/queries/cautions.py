"""What stands against a handover, and what should be known before it: each one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from app.accounts.models import OrgUnit, User
from app.accounts.queries import absences
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage, Seat
from app.tickets.models import LeaderDirective, Ticket
from app.tickets.queries import passing
from app.tickets.workflow.states import Status
from app.visits.models import Handover
from app.visits.queries import handover as handovers
from app.visits.queries.handover import OTHER, HandoverDraft, Portfolio, key_of

AHEAD = timedelta(days=31)  # absences that begin later are somebody else's worry
LONGEST = timedelta(days=366)

SAME = N_("接手的人要是另一个人。")
UNFIT = N_("{name}没有“{seat}”这个岗位（代理别人的不算），请系统管理员先给岗位，或者另选一个人。")
PAST = N_("最早从今天开始移交。")
TOO_FAR = N_("最远排到 {day}。")
NOTHING = N_("从 {day} 起，{name}名下没有可以移交的包联。")
TAKEN = N_("“{target}”已经排定 {day} 由{giver}移交给{successor}，请先撤销那一次，或者不选这一家。")
AWAY = N_("{name} {first} 到 {last} 外出，由{deputy}代理；其间的走访和回访由代理人办。")
COMPLAINT = N_("有 {n} 件问题反映的是{name}所在的单位，不会交给{name}，由营商办接着办。")
BOTH = N_("移交后，“{target}”等 {n} 家的包联领导和联络员是同一个人。")
OTHER_SEAT = N_("另外已经排定：{day} {giver}的{seat}移交给{successor}，其中 {n} 家和这次相同。")
HANDLED = N_("有 {n} 件要回访的，{name}办理过或者在办理单位，不能由{name}回访，营商办另外安排人。")
ENDING = N_("有 {n} 家的包联在 {day} 以前结束，不移交：{targets}。")
IN_CHARGE = N_("{name}还分管{units}，请系统管理员在“单位”里另外指定。")
STANDS_IN = N_("{name}还要在 {first} 到 {last} 代理{other}，请另外安排代理人。")
DIRECTED = N_(
    "{name}批示过、还没有答复的 {n} 件，批示仍算{name}的：答复送到{name}名下，不随移交过去；"
    "要接着过问的，请{successor}另写批示。"
)
REST = N_("没有选的 {n} 家仍在{name}名下，而{name}的账号已经停用，没有人去走访。")


@dataclass(frozen=True, slots=True)
class Caution:
    """One sentence, marked for translation, with what it names. `is_grave`: it may not be done."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    is_grave: bool = False
    place: str = ""  # the field that it speaks of


def against(draft: HandoverDraft, *, tenant_id: int) -> Iterator[Caution]:
    """Return why a handover may not be arranged so, the first reason first."""
    today = clock.today()
    if draft.giver_id == draft.successor_id:
        yield Caution(SAME, is_grave=True, place="successor")
    if draft.from_on < today:
        yield Caution(PAST, is_grave=True, place="from_on")
    if draft.from_on > today + LONGEST:
        yield Caution(TOO_FAR, {"day": today + LONGEST}, is_grave=True, place="from_on")
    if not handovers.is_fit(draft.successor_id, draft.seat, tenant_id=tenant_id):
        unfit = {"name": _name(draft.successor_id), "seat": draft.seat}
        yield Caution(UNFIT, unfit, is_grave=True, place="successor")
    links = handovers.chosen(draft)
    if not links:
        nothing = {"day": draft.from_on, "name": _name(draft.giver_id)}
        yield Caution(NOTHING, nothing, is_grave=True, place="target")
    yield from _taken(draft, links, tenant_id=tenant_id)


def _taken(draft: HandoverDraft, links: Sequence[Linkage], *, tenant_id: int) -> Iterator[Caution]:
    """Return what another handover has already, of the same seat of the same person."""
    for other in handovers.waiting_handovers(tenant_id):
        if other.seat is draft.seat and other.giver_id == draft.giver_id:
            for link in _common(other, links):
                told = _told(other) | {"target": link.target.called}
                yield Caution(TAKEN, told, is_grave=True, place="target")


def before(found: Portfolio, *, viewer: Actor) -> Iterator[Caution]:
    """Return what should be known before it is arranged."""
    yield from against(found.draft, tenant_id=viewer.tenant_id)
    yield from _of_the_successor(found)
    yield from _of_the_seats(found, viewer=viewer)
    yield from _of_the_giver(found)


def _of_the_successor(found: Portfolio) -> Iterator[Caution]:
    name, first = found.successor.name, found.draft.from_on
    away = absences.overlapping(first, first + AHEAD, away=found.successor.id)
    if away is not None:
        told = {"name": name, "first": away.from_on, "last": away.to_on}
        yield Caution(AWAY, told | {"deputy": away.deputy.name})
    if n := _count(found.tickets, passing.complains_about(found.successor.id)):
        yield Caution(COMPLAINT, {"n": n, "name": name})
    revisits = [ticket for ticket in found.tickets if ticket.status is Status.PENDING_REVISIT]
    if n := _count(revisits, passing.had_a_part_in(found.successor.id)):
        yield Caution(HANDLED, {"n": n, "name": name})


def _count(tickets: Sequence[Ticket], where: ColumnElement[bool]) -> int:
    ids = [ticket.id for ticket in tickets]
    found = select(func.count(Ticket.id)).where(Ticket.id.in_(ids), where)
    return (db.session.scalar(found) or 0) if ids else 0


def _of_the_seats(found: Portfolio, *, viewer: Actor) -> Iterator[Caution]:
    seat, links = found.draft.seat, [line.linkage for line in found.lines]
    both = [link for link in links if link.holder_id(OTHER[seat]) == found.successor.id]
    if both:
        yield Caution(BOTH, {"target": both[0].target.called, "n": len(both)})
    for other in handovers.waiting_handovers(viewer.tenant_id):
        if other.seat is not seat and (common := _common(other, links)):
            told = _told(other) | {"seat": other.seat, "n": len(common)}
            yield Caution(OTHER_SEAT, told)
    if found.ending:
        names = "、".join(link.target.called for link in found.ending)
        told = {"n": len(found.ending), "day": found.draft.from_on, "targets": names}
        yield Caution(ENDING, told)


def _of_the_giver(found: Portfolio) -> Iterator[Caution]:
    giver, draft = found.giver, found.draft
    units = db.session.scalars(
        select(OrgUnit.name)
        .where(OrgUnit.in_charge_id == giver.id, OrgUnit.is_active)
        .order_by(OrgUnit.sort_order, OrgUnit.id)
    ).all()
    if units and draft.seat is Seat.LEADER:
        yield Caution(IN_CHARGE, {"name": giver.name, "units": "、".join(units)})
    waiting = _unanswered(giver.id) if draft.seat is Seat.LEADER else 0
    if waiting:
        told = {"name": giver.name, "n": waiting, "successor": found.successor.name}
        yield Caution(DIRECTED, told)
    duty = absences.overlapping(draft.from_on, draft.from_on + LONGEST, deputy=giver.id)
    if duty is not None:
        told = {"name": giver.name, "first": duty.from_on, "last": duty.to_on}
        yield Caution(STANDS_IN, told | {"other": duty.user.name})
    if not giver.is_active and not draft.is_whole:
        all_of_it = enterprises.portfolio(giver.id, draft.seat, draft.from_on)
        if rest := len(all_of_it) - len(found.lines):
            yield Caution(REST, {"n": rest, "name": giver.name})


def _unanswered(person_id: int) -> int:
    """Return how many instructions of a person wait for an answer: those of open tickets."""
    found = (
        select(func.count(LeaderDirective.id))
        .join(Ticket, Ticket.id == LeaderDirective.ticket_id)
        .where(LeaderDirective.by_id == person_id, LeaderDirective.answered_at.is_(None))
        .where(Ticket.is_open)
    )
    return db.session.scalar(found) or 0


def _common(other: Handover, links: Sequence[Linkage]) -> list[Linkage]:
    """Return the linkages that another handover moves as well."""
    if other.is_whole:
        return [link for link in links if link.holder_id(other.seat) == other.giver_id]
    keys = {key_of(item) for item in other.items}
    return [link for link in links if key_of(link) in keys]


def _told(other: Handover) -> dict[str, object]:
    return {
        "day": other.from_on,
        "giver": other.giver.name,
        "successor": other.successor.name,
    }


def _name(user_id: int) -> str:
    person = db.session.get(User, user_id)
    return person.name if person else ""
