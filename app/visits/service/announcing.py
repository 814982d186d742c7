"""Who hears of a handover: both people, those who work with them, the enterprises, the office.

No phone number of a firm, no promise in its own words and no title of a problem goes into mail.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.accounts import queries as people
from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.enterprises.models import Linkage
from app.notifications import service as outbox
from app.visits.models import Handover, VisitTask
from app.visits.queries import handover as found
from app.visits.queries.errands import Errand, errands_to
from app.visits.queries.handover import OTHER, ROLE_OF, Left
from app.visits.queries.near import firm_of
from app.visits.service.along import invitation

RULE = "handover"  # to the enterprises
RECEIVES, GIVES = "handover-in", "handover-out"
OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)
ARRANGED = N_("{first_on}起，{giver}的{seat_label}工作移交给{successor}（{n} 家）")
CALLED_OFF = N_("原定{first_on}的移交已撤销：{giver}的{seat_label}工作仍由本人负责")
GIVEN = N_("{giver}的{seat_label}工作已移交给您，共 {n} 家")
GIVEN_AWAY = N_("您的{seat_label}工作已移交给{successor}，共 {n} 家")
PARTNER = N_("{target}等 {n} 家的{seat_label}换成了{successor}")
STUCK = N_("移交没有办成：{giver}的{seat_label}工作，{successor}现在不能接手")
ASKED = N_("{name}请营商办移交{giver}名下的 {n} 家（{seat_label}）")
UNDONE = N_("这次移交当天交回了，没有再发")
UNFIT = N_("接手的人已经停用，或者没有这个岗位了。请撤销这次移交，另选一个人。")


def arranged(handover: Handover) -> None:
    """Tell both people what is to happen, and when."""
    _tell(handover, [handover.giver_id, handover.successor_id], ARRANGED, "arranged")


def called_off(handover: Handover) -> None:
    """Tell both people that it does not happen."""
    _tell(handover, [handover.giver_id, handover.successor_id], CALLED_OFF, "called-off")


def stuck(handover: Handover) -> None:
    """Tell the office that a handover could not be carried out on its day."""
    link = f"/handovers/{handover.id}"
    _tell(handover, _office(handover.tenant_id), STUCK, "stuck", link=link)


def asked_for(held: Sequence[Left], *, actor: Actor) -> None:
    """Tell the office that somebody is about to leave, and what lies with them."""
    for left in held:
        outbox.tell(
            _office(actor.tenant_id),
            tenant_id=actor.tenant_id,
            rule="handover-asked",
            period=f"{left.user_id}:{left.seat.value}:{clock.today()}",
            subject=ASKED,
            link=f"/handovers/new?giver={left.user_id}&seat={left.seat.value}",
            context={
                "name": actor.name,
                "giver": left.name,
                "n": left.count,
                "seat_label": left.seat.label,
            },
        )


def carried_out(handover: Handover, began: Sequence[Linkage]) -> None:
    """Tell everybody whom it concerns that it has happened."""
    told = _context(handover, len(began))
    receives = told | {"rows": _rows(handover, began), "invitation": _planned(began)}
    _remind(handover.successor_id, handover, RECEIVES, GIVEN, receives)
    if db.session.get_one(User, handover.giver_id).is_active:
        _remind(handover.giver_id, handover, GIVES, GIVEN_AWAY, told | {"rows": _rows_away(began)})
    _tell_partners(handover, began)
    for link in began:
        _tell_enterprise(handover, link)


def silence(handover: Handover) -> None:
    """Send no more of a handover that was undone what was not sent yet."""
    for rule in (RULE, RECEIVES, GIVES):
        outbox.forget(
            tenant_id=handover.tenant_id, rule=rule, period=str(handover.id), reason=UNDONE
        )


def _remind(
    user_id: int, handover: Handover, rule: str, subject: str, context: dict[str, Any]
) -> None:
    outbox.remind(
        user_id,
        tenant_id=handover.tenant_id,
        rule=rule,
        period=str(handover.id),
        subject=subject,
        context={key: value for key, value in context.items() if value is not None},
        inbox=("giver", "successor", "seat_label", "n"),
        link="/visits/mine",
    )


def _tell_partners(handover: Handover, began: Sequence[Linkage]) -> None:
    """Tell those who have the other seat with whom they work from now on."""
    other = OTHER[handover.seat]
    theirs: dict[int, list[Linkage]] = {}
    for link in began:
        partner_id = link.holder_id(other)
        if partner_id is not None and partner_id != handover.successor_id:
            theirs.setdefault(partner_id, []).append(link)
    for partner_id, links in theirs.items():
        context = _context(handover, len(links)) | {"target": links[0].target.called}
        _tell(handover, [partner_id], PARTNER, "partner", context=context)


def _tell_enterprise(handover: Handover, link: Linkage) -> None:
    """Write to the enterprise who looks after it now; of two targets of one firm, once."""
    firm_id = firm_of(link)
    if firm_id is None:
        return
    partner = db.session.get(User, link.holder_id(OTHER[handover.seat]) or 0)
    outbox.tell_enterprise(
        firm_id,
        tenant_id=handover.tenant_id,
        rule=RULE,
        period=str(handover.id),
        subject=N_("{seat_label}换成了{successor}"),
        context=_context(handover, 1)
        | {
            "enterprise": link.target.called,
            "post": db.session.get_one(User, handover.successor_id).post,
            "partner_is": OTHER[handover.seat].label,
            "partner": partner.name if partner else "",
            "phone": handover.office_phone,
        },
    )


def _tell(
    handover: Handover,
    user_ids: Sequence[int],
    subject: str,
    what: str,
    *,
    context: dict[str, Any] | None = None,
    link: str = "/visits/mine",
) -> None:
    outbox.tell(
        user_ids,
        tenant_id=handover.tenant_id,
        rule=f"handover-{what}",
        period=str(handover.id),
        subject=subject,
        link=link,
        context=context or _context(handover, len(handover.items)),
    )


def _context(handover: Handover, n: int) -> dict[str, Any]:
    """Return what every message about a handover names."""
    tenant = people.tenant(handover.tenant_id)
    first = handover.from_on
    return {
        "tenant": tenant.name,
        "is_demo": tenant.is_demo,
        "n": n,
        "giver": _name(handover.giver_id),
        "successor": _name(handover.successor_id),
        "seat": handover.seat.label,
        "seat_label": handover.seat.label,
        "first_on": first.isoformat(),
        "first": f"{first.year}年{first.month}月{first.day}日",
    }


def _rows(handover: Handover, began: Sequence[Linkage]) -> list[dict[str, Any]]:
    """Return a row for each target, as its successor may know of it."""
    actor = Actor(handover.tenant_id, handover.successor_id, ROLE_OF[handover.seat])
    tasks = found.following(began, handover.from_on)
    known = errands_to(began, viewer=actor, today=clock.today())
    return [
        _row(no, errand, tasks.get(errand.linkage.id, ())) for no, errand in enumerate(known, 1)
    ]


def _row(no: int, errand: Errand, tasks: Sequence[VisitTask]) -> dict[str, Any]:
    owed = [task for task in tasks if task.is_owed]
    planned = [task.planned_on for task in owed if task.planned_on]
    return {
        "no": no,
        "name": errand.name,
        "is_project": errand.linkage.project_id is not None,
        "tier": errand.linkage.tier.label,
        "owed": len(owed),
        "due": _day(min(task.due_on for task in owed)) if owed else "",
        "planned": _day(min(planned)) if planned else "",
        "tickets": len(errand.tickets),
        "promised": bool(errand.promise),
    }


def _rows_away(began: Sequence[Linkage]) -> list[dict[str, Any]]:
    return [
        {
            "no": no,
            "name": link.target.called,
            "is_project": link.project_id is not None,
            "tier": link.tier.label,
        }
        for no, link in enumerate(began, 1)
    ]


def _planned(began: Sequence[Linkage]) -> dict[str, Any] | None:
    """Return an invitation to the visits whose day is planned already."""
    tasks = found.following(began, clock.today())
    planned = [task for of_link in tasks.values() for task in of_link if task.is_owed]
    return invitation([task for task in planned if task.planned_on])


def _office(tenant_id: int) -> list[int]:
    return [person.id for person in people.users_with_role(tenant_id, OFFICE)]


def _name(user_id: int) -> str:
    return db.session.get_one(User, user_id).name


def _day(on: date) -> str:
    return f"{on.month}月{on.day}日"
