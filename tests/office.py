"""A whole township to test the loop in: one person for each role, and a ticket to walk.

`Office` holds ids, not rows: each step reads afresh, as a request does.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from app.accounts import roles
from app.accounts.models import Control, OrgUnit, Tenant, User
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import Category, Proposal, Ticket, TicketEvent
from app.tickets.service import StepInput, TicketDraft
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Outcome, Solved, Status, Urgency
from app.workdays import service as workdays
from app.workdays.queries import calendar_of
from tests import make, remembered

REPLY = "已经会同有关单位到现场办理，并把结果当面告诉了企业负责人。"
WORDS = "我们到现场看过，正在和有关单位商量办法。"


@dataclass
class Office:
    """A township with its people; `ticket_id` is the ticket that is walked."""

    tenant_id: int
    unit_id: int
    other_unit_id: int
    enterprise_id: int
    category_id: int
    people: dict[Role, Actor]
    more: dict[str, Actor] = field(default_factory=dict)
    ticket_id: int = 0

    @property
    def ticket(self) -> Ticket:
        return db.session.get_one(Ticket, self.ticket_id)

    @property
    def proposal(self) -> Proposal:
        return next(p for p in reversed(self.ticket.proposals) if p.is_open)

    def actor(self, role: Role) -> Actor:
        return roles.system(self.tenant_id) if role is Role.SYSTEM else self.people[role]

    def take(self, event: Event, role: Role, **given: Any) -> TicketEvent:
        with transaction():
            return service.take(
                self.ticket, event, self.given(event, **given), actor=self.actor(role)
            )

    def propose(self, event: Event, role: Role, **given: Any) -> Proposal:
        with transaction():
            return service.propose(
                self.ticket, event, self.given(event, **given), actor=self.actor(role)
            )

    def decide(self, role: Role, *, approve: bool = True, comment: str = "同意") -> TicketEvent:
        given = StepInput(comment=comment)
        with transaction():
            return service.decide(self.proposal, given, approve=approve, actor=self.actor(role))

    def revisit(self, role: Role = Role.LIAISON, **given: Any) -> TicketEvent:
        answers: dict[str, Any] = {
            "channel": ContactChannel.PHONE,
            "solved": Solved.YES,
            "result_score": 5,
            "comment": "企业说的",
        }
        with transaction():
            return service.revisit(
                self.ticket, StepInput(**(answers | given)), actor=self.actor(role)
            )

    def open(self, role: Role = Role.LIAISON, **more: Any) -> int:
        """Write a draft down, and make it the ticket that is walked."""
        with transaction():
            ticket = service.open_ticket(self.draft(**more), actor=self.actor(role))
            self.ticket_id = ticket.id
        return self.ticket_id

    def draft(self, **more: Any) -> TicketDraft:
        words: dict[str, Any] = {
            "enterprise_id": self.enterprise_id,
            "title": "园区东路限高架挡住大件运输",
            "description": "园区东路北口的限高架只有 3.2 米，大件运不出去。",
            "category_id": self.category_id,
            "contact_name": "宋主任",
            "contact_phone": "14200000001",
            "no_secrets": True,
        }
        return TicketDraft(**(words | more))

    def given(self, event: Event, **more: Any) -> StepInput:
        """Return what the step asks for, filled in well; `more` says otherwise."""
        due = clock.local(self.ticket.due_at).date() if self.ticket.due_at else clock.today()
        filled: dict[Event, dict[str, Any]] = {
            Event.ACCEPT: {
                "urgency": Urgency.NORMAL,
                "complexity": Complexity.SIMPLE,
                "duplicates_checked": True,
            },
            Event.REJECT: {
                "reason": "litigation",
                "comment": "已经在法院立案的合同纠纷",
                "guidance": "请向法院反映",
            },
            Event.REQUEST_SUPPLEMENT: {"items": "现场照片"},
            Event.CLOSE_ON_SITE: {"reply": REPLY, "outcome": Outcome.RESOLVED},
            Event.DISPATCH: {"lead_unit_id": self.unit_id},
            Event.APPROVE_RETURN: {
                "comment": "这条路不归我们管，归公路站",
                "suggested_unit_id": self.other_unit_id,
            },
            Event.REASSIGN: {"lead_unit_id": self.other_unit_id, "comment": "归另一个单位管"},
            Event.FIRST_CONTACT: {
                "channel": ContactChannel.PHONE,
                "person": "宋主任",
                "at": clock.now(),
                "comment": "说明了办法",
            },
            Event.PROGRESS_NOTE: {"comment": WORDS},
            Event.APPROVE_EXTENSION: {
                "comment": "设备要从外地调来，需要时间",
                "new_due_on": self.workday_after(due),
                "told_enterprise": True,
            },
            Event.ESCALATE: {
                "reason": "cross",
                "level": 1,
                "owner_id": self.people[Role.LEADER].user_id,
                "comment": "涉及两级三个部门，请领导牵头",
            },
            Event.APPROVE_SUSPENSION: {
                "reason": "planning",
                "plan": "等镇国土空间规划批复后再办",
                "next_review_on": clock.today() + timedelta(days=60),
                "told_enterprise": True,
                "opinion": "理解",
                "comment": "等规划",
            },
            Event.RESUME: {"reason": "condition_met", "comment": "规划已经批复"},
            Event.SUBMIT_REPLY: {"outcome": Outcome.RESOLVED, "reply": REPLY},
            Event.RETURN_REPLY: {"reason": "no_basis", "comment": "请写明依据"},
            Event.REVISIT_CLOSE: {
                "channel": ContactChannel.PHONE,
                "solved": Solved.YES,
                "result_score": 5,
            },
            Event.REVISIT_REWORK: {
                "channel": ContactChannel.PHONE,
                "solved": Solved.NO,
                "result_score": 1,
                "comment": "还是过不去",
            },
            Event.CLOSE_UNSATISFIED: {
                "reason": "beyond_policy",
                "evidence": "电价由省里统一规定，不能单独调整",
            },
            Event.REOPEN: {"statement": "限高架又装回去了，请再办一次"},
            Event.CANCEL: {"reason": "withdrawn", "comment": "企业来电撤回"},
        }
        return StepInput(**(filled.get(event, {}) | more))

    def workday_after(self, day: date, n: int = 1) -> date:
        return calendar_of(self.tenant_id).add(day, n)

    # ---- walking ----

    def walk_to(self, status: Status) -> Ticket:
        """Open a ticket and walk it to `status`, each step as the person whose it is."""
        self.ticket_id = remembered.once(f"{self} {status}", lambda: self._walk(status))
        return self.ticket

    def _walk(self, status: Status) -> int:
        self.open()
        for step in ROADS[status]:
            step(self)
        assert self.ticket.status is status
        return self.ticket_id

    def merge_master(self) -> int:
        """Return another open ticket of the enterprise; the walked one stays the same."""
        walked = self.ticket_id
        self.open(title="同一件事的另一张单")
        self.take(Event.SUBMIT, Role.LIAISON)
        master, self.ticket_id = self.ticket_id, walked
        return master


def _submit(office: Office) -> None:
    office.take(Event.SUBMIT, Role.LIAISON)


def _accept(office: Office) -> None:
    office.take(Event.ACCEPT, Role.DISPATCHER)


def _dispatch(office: Office) -> None:
    office.take(Event.DISPATCH, Role.DISPATCHER)


def _sign(office: Office) -> None:
    office.take(Event.SIGN, Role.HANDLER)


def _contact(office: Office) -> None:
    office.take(Event.FIRST_CONTACT, Role.HANDLER)


def reply(office: Office) -> None:
    """Draft an answer as the handler, and sign it off as the head."""
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
    office.decide(Role.DEPT_HEAD)


def approve(office: Office) -> None:
    """Approve the answer as the office."""
    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)


def _suspend(office: Office) -> None:
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)


def _close(office: Office) -> None:
    office.revisit()


TO_PROGRESS = (_submit, _accept, _dispatch, _sign)
TO_REVIEW = (*TO_PROGRESS, _contact, reply)
ROADS = {
    Status.DRAFT: (),
    Status.PENDING_ACCEPTANCE: (_submit,),
    Status.PENDING_DISPATCH: (_submit, _accept),
    Status.PENDING_SIGN: (_submit, _accept, _dispatch),
    Status.IN_PROGRESS: TO_PROGRESS,
    Status.PENDING_REVIEW: TO_REVIEW,
    Status.PENDING_REVISIT: (*TO_REVIEW, approve),
    Status.SUSPENDED: (*TO_PROGRESS, _suspend),
    Status.CLOSED: (*TO_REVIEW, approve, _close),
}


def open_office() -> Office:
    """Make the township."""
    return remembered.once("office", _open_office)


def _open_office() -> Office:
    house = make.the_tenant()
    with transaction():
        tenant = db.session.get_one(Tenant, house.id)
        workdays.seed(tenant, (2025, 2026), actor=roles.system(tenant.id))
    lead, other, far = make.unit(), make.unit(), make.unit(control=Control.VERTICAL)
    people = {role: make.actor(role, unit=_seat(role, lead)) for role in PEOPLE}
    firm = make.enterprise()
    people[Role.ENTERPRISE_USER] = make.actor(Role.ENTERPRISE_USER, enterprise_id=firm.id)
    make.linkage(
        enterprise=firm,
        leader=_user(people[Role.LEADER]),
        liaison=_user(people[Role.LIAISON]),
    )
    category = Category(tenant_id=house.id, code="07", name="交通物流")
    with transaction():
        db.session.add(category)
    more = {
        "other head": make.actor(Role.DEPT_HEAD, unit=other),
        "other handler": make.actor(Role.HANDLER, unit=other),
        "colleague": make.actor(Role.HANDLER, unit=lead),
        "second dispatcher": make.actor(Role.DISPATCHER),
        "vertical head": make.actor(Role.DEPT_HEAD, unit=far),
    }
    return Office(
        tenant_id=house.id,
        unit_id=lead.id,
        other_unit_id=other.id,
        enterprise_id=firm.id,
        category_id=category.id,
        people=people,
        more=more,
    )


def _seat(role: Role, lead: OrgUnit) -> OrgUnit | None:
    return lead if role in {Role.DEPT_HEAD, Role.HANDLER} else None


def _user(actor: Actor) -> User:
    return db.session.get_one(User, actor.user_id)


def moment(text: str) -> datetime:
    """Return the moment that the office's clock shows as `text`: 2026-09-18T10:00."""
    day, hour = text.split("T")
    return clock.at(date.fromisoformat(day), time.fromisoformat(hour))
