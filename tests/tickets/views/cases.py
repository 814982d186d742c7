"""Every form about a ticket: how to come to it, whose it is, and what is typed into it well."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import SupervisionNote, Ticket
from app.tickets.queries.supervision import directives_of
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, NoteLevel, Solved, Status
from tests.office import REPLY, WORDS, Office, approve, reply
from tests.tickets.returning import CONCLUSION, returned_twice

Typed = dict[str, Any]
KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Case:
    """One form. `leaves` is what its history says afterwards."""

    name: str
    come: Callable[[Office], object]
    role: Role
    typed: Callable[[Office], Typed]
    leaves: str
    asks: bool = False
    by: str = ""  # one of the further people of the office
    ids: tuple[str, ...] = ()  # fields that name a thing by its id
    needs: tuple[str, ...] = ()  # fields without which it is refused
    late: Callable[[Office], object] | None = field(default=None)  # where it is impossible
    leads: str = ""  # where it leads, if not back to the ticket

    def actor(self, office: Office) -> Actor:
        return office.more[self.by] if self.by else office.actor(self.role)


def at(status: Status) -> Callable[[Office], object]:
    return lambda office: office.walk_to(status)


def contacted(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)


def for_the_few(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    clerk = office.people[Role.DISPATCHER].user_id
    director = office.actor(Role.OFFICE_DIRECTOR)
    with transaction():
        service.make_confidential(office.ticket, "反映的是作风", clerk, actor=director)


def with_twin(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.merge_master()


def consulted(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.CONSULT)


def helped(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))


def advised(office: Office) -> None:
    """Let the co-unit give its opinion."""
    helped(office)
    office.take(Event.SIGN, Role.HANDLER)
    with transaction():
        task = office.ticket.co_tasks[0]
        service.answer_co_task(task, WORDS, actor=office.more["other head"])


def supervised(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    now = clock.now()
    with transaction():
        note = SupervisionNote(
            ticket_id=office.ticket_id,
            level=NoteLevel.BLUE,
            of_due_at=now,
            raised_at=now,
            answer_due_at=now + timedelta(days=2),
        )
        db.session.add(note)


def refused_twice(office: Office) -> None:
    """Walk two rounds that the enterprise did not find good."""
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit(solved=Solved.NO, result_score=1)
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=1)


def never_reached(office: Office) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    for channel, hours in (
        (ContactChannel.LINK, 0),
        (ContactChannel.PHONE, 1),
        (ContactChannel.PHONE, 25),
    ):
        with clock.held(clock.now() - timedelta(hours=hours)):
            office.revisit(reached=False, channel=channel, solved=None, result_score=None)


def directed(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        leader = office.actor(Role.LEADER)
        service.give_directive(office.ticket, "请抓紧办", actor=leader)


def withdrawn(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.CANCEL, Role.DISPATCHER)


def twin(office: Office) -> int:
    walked = office.ticket_id
    found = [id_ for id_ in (walked - 1, walked + 1) if _exists(id_)]
    return found[0]


def _exists(ticket_id: int) -> bool:
    return db.session.get(Ticket, ticket_id) is not None


def units(office: Office) -> Typed:
    return {"lead_unit_id": office.unit_id}


def local(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%dT%H:%M}"


CASES = (
    Case(
        "directed",
        at(Status.IN_PROGRESS),
        Role.LEADER,
        lambda _: {"comment": "请抓紧办，本周内给企业一个说法"},
        "directed",
        needs=("comment",),
        late=withdrawn,
    ),
    Case(
        "directive_answered",
        directed,
        Role.DEPT_HEAD,
        lambda office: {
            "directive_id": directives_of(office.ticket_id)[0].id,
            "comment": WORDS,
        },
        "directive_answered",
        ids=("directive_id",),
        needs=("directive_id", "comment"),
    ),
    Case(
        "meeting",
        returned_twice,
        Role.OFFICE_DIRECTOR,
        lambda office: {
            "held_on": clock.today(),
            "unit_ids": [office.unit_id, office.other_unit_id],
            "lead_unit_id": office.unit_id,
            "comment": CONCLUSION,
        },
        "meeting",
        ids=("lead_unit_id",),
        needs=("held_on", "unit_ids", "lead_unit_id", "comment"),
    ),
    Case(
        "commented",
        at(Status.IN_PROGRESS),
        Role.DISPATCHER,
        lambda office: {
            "comment": "先和村里通个气",
            "mentions": office.actor(Role.DEPT_HEAD).user_id,
        },
        "commented",
        ids=("mentions",),
        needs=("comment",),
        late=withdrawn,
    ),
    Case(
        "submit",
        lambda office: office.open(),
        Role.LIAISON,
        lambda _: {},
        "submit",
        late=at(Status.PENDING_ACCEPTANCE),
    ),
    Case(
        "accept",
        at(Status.PENDING_ACCEPTANCE),
        Role.DISPATCHER,
        lambda office: {
            "category_id": office.category_id,
            "urgency": "normal",
            "complexity": "simple",
            "duplicates_checked": "y",
            "comment": "属于受理范围",
        },
        "accept",
        ids=("category_id",),
        needs=("category_id", "urgency", "complexity", "duplicates_checked"),
    ),
    Case(
        "reject",
        at(Status.PENDING_ACCEPTANCE),
        Role.DISPATCHER,
        lambda _: {
            "reason": "litigation",
            "comment": "已经在法院立案的合同纠纷",
            "guidance": "请向法院反映",
        },
        "proposed",
        asks=True,
        needs=("reason", "comment", "guidance"),
    ),
    Case(
        "request_supplement",
        at(Status.PENDING_ACCEPTANCE),
        Role.DISPATCHER,
        lambda _: {"items": "现场照片"},
        "request_supplement",
        needs=("items",),
    ),
    Case(
        "merge",
        with_twin,
        Role.DISPATCHER,
        lambda office: {"master_id": twin(office), "same_matter": "y", "comment": "同一件事"},
        "merge",
        ids=("master_id",),
        needs=("master_id", "same_matter"),
    ),
    Case(
        "close_on_site",
        consulted,
        Role.DISPATCHER,
        lambda _: {"outcome": "explained", "reply": REPLY},
        "close_on_site",
        needs=("outcome", "reply"),
    ),
    Case(
        "dispatch",
        at(Status.PENDING_DISPATCH),
        Role.DISPATCHER,
        lambda office: {
            "lead_unit_id": office.unit_id,
            "co_unit_ids": office.other_unit_id,
            "comment": "请抓紧办理",
        },
        "dispatch",
        ids=("lead_unit_id", "co_unit_ids"),
        needs=("lead_unit_id",),
    ),
    Case("sign", at(Status.PENDING_SIGN), Role.HANDLER, lambda _: {}, "sign", ids=("handler_id",)),
    Case(
        "approve_return",
        at(Status.PENDING_SIGN),
        Role.DEPT_HEAD,
        lambda office: {
            "comment": "这条路不归我们管，归公路站",
            "suggested_unit_id": office.other_unit_id,
        },
        "proposed",
        asks=True,
        ids=("suggested_unit_id",),
        needs=("comment", "suggested_unit_id"),
    ),
    Case(
        "reassign",
        at(Status.IN_PROGRESS),
        Role.OFFICE_DIRECTOR,
        lambda office: {"lead_unit_id": office.other_unit_id, "comment": "归另一个单位管"},
        "reassign",
        ids=("lead_unit_id", "co_unit_ids"),
        needs=("lead_unit_id", "comment"),
    ),
    Case(
        "first_contact",
        at(Status.IN_PROGRESS),
        Role.HANDLER,
        lambda _: {
            "channel": "phone",
            "person": "宋主任",
            "at": local(clock.now()),
            "comment": "说明了办法",
        },
        "first_contact",
        needs=("channel", "person", "at", "comment"),
    ),
    Case(
        "progress_note",
        at(Status.IN_PROGRESS),
        Role.HANDLER,
        lambda _: {"comment": WORDS, "for_enterprise": "y"},
        "progress_note",
        needs=("comment",),
    ),
    Case(
        "approve_extension",
        at(Status.IN_PROGRESS),
        Role.DEPT_HEAD,
        lambda office: {
            "new_due_on": office.given(Event.APPROVE_EXTENSION).new_due_on,
            "comment": "设备要从外地调来，需要时间",
            "told_enterprise": "y",
        },
        "proposed",
        asks=True,
        needs=("new_due_on", "comment", "told_enterprise"),
    ),
    Case(
        "escalate",
        at(Status.IN_PROGRESS),
        Role.OFFICE_DIRECTOR,
        lambda office: {
            "reason": "cross",
            "level": "1",
            "owner_id": office.actor(Role.LEADER).user_id,
            "comment": "涉及两级三个部门，请领导牵头",
        },
        "proposed",
        asks=True,
        ids=("owner_id",),
        needs=("reason", "level", "owner_id", "comment"),
    ),
    Case(
        "approve_suspension",
        at(Status.IN_PROGRESS),
        Role.DEPT_HEAD,
        lambda _: {
            "reason": "planning",
            "plan": "等镇国土空间规划批复后再办",
            "next_review_on": clock.today() + timedelta(days=60),
            "opinion": "理解",
            "told_enterprise": "y",
        },
        "proposed",
        asks=True,
        needs=("reason", "plan", "next_review_on", "opinion", "told_enterprise"),
    ),
    Case(
        "resume",
        at(Status.SUSPENDED),
        Role.OFFICE_DIRECTOR,
        lambda _: {"reason": "condition_met", "comment": "规划已经批复"},
        "resume",
        needs=("reason", "comment"),
    ),
    Case(
        "submit_reply",
        contacted,
        Role.HANDLER,
        lambda _: {
            "outcome": "explained",
            "reply": REPLY,
            "basis": "电价由省里统一规定，不能单独调整",
        },
        "proposed",
        asks=True,
        needs=("outcome", "reply"),
    ),
    Case(
        "return_reply",
        at(Status.PENDING_REVIEW),
        Role.DISPATCHER,
        lambda _: {"reason": "no_basis", "comment": "请写明依据"},
        "return_reply",
        needs=("reason", "comment"),
    ),
    Case(
        "approve_reply",
        at(Status.PENDING_REVIEW),
        Role.DISPATCHER,
        lambda _: {"comment": "答复清楚"},
        "approve_reply",
    ),
    Case(
        "revisit_close",
        at(Status.PENDING_REVISIT),
        Role.LIAISON,
        lambda _: {
            "reached": "yes",
            "channel": "phone",
            "solved": "yes",
            "result_score": "5",
            "attitude_score": "4",
            "contacted": "yes",
            "words": "路通了，谢谢",
        },
        "revisit_close",
        needs=("reached", "channel", "solved"),
    ),
    Case(
        "revisit_rework",
        refused_twice,
        Role.OFFICE_DIRECTOR,
        lambda office: {
            "level": "1",
            "owner_id": office.actor(Role.LEADER).user_id,
            "comment": "还是过不去，请领导牵头",
        },
        "proposed",
        asks=True,
        ids=("owner_id",),
        needs=("level", "owner_id", "comment"),
    ),
    Case(
        "close_unsatisfied",
        refused_twice,
        Role.OFFICE_DIRECTOR,
        lambda _: {"reason": "beyond_policy", "evidence": "电价由省里统一规定，不能单独调整"},
        "proposed",
        asks=True,
        needs=("reason", "evidence"),
    ),
    Case(
        "close_unreachable",
        never_reached,
        Role.LIAISON,
        lambda _: {"comment": "三次都没有人接"},
        "close_unreachable",
    ),
    Case(
        "reopen",
        at(Status.CLOSED),
        Role.DISPATCHER,
        lambda _: {"statement": "限高架又装回去了，请再办一次"},
        "proposed",
        asks=True,
        needs=("statement",),
        late=at(Status.PENDING_REVISIT),
    ),
    Case(
        "archive",
        at(Status.CLOSED),
        Role.DISPATCHER,
        lambda _: {},
        "archive",
        late=at(Status.PENDING_REVISIT),
    ),
    Case(
        "cancel",
        at(Status.PENDING_DISPATCH),
        Role.DISPATCHER,
        lambda _: {"reason": "withdrawn", "comment": "企业来电撤回"},
        "cancel",
        needs=("reason", "comment"),
    ),
    Case(
        "discard",
        lambda office: office.open(),
        Role.LIAISON,
        lambda _: {},
        "discard",
        late=at(Status.PENDING_ACCEPTANCE),
    ),
    Case(
        "urged", at(Status.IN_PROGRESS), Role.DISPATCHER, lambda _: {"comment": "请抓紧"}, "urged"
    ),
    Case(
        "assigned",
        at(Status.IN_PROGRESS),
        Role.DEPT_HEAD,
        lambda office: {"handler_id": office.more["colleague"].user_id},
        "assigned",
        ids=("handler_id",),
        needs=("handler_id",),
    ),
    Case(
        "co_submitted",
        helped,
        Role.DEPT_HEAD,
        lambda office: {"co_task_id": office.ticket.co_tasks[0].id, "comment": WORDS},
        "co_submitted",
        by="other head",
        ids=("co_task_id",),
        needs=("co_task_id", "comment"),
    ),
    Case(
        "co_waived",
        helped,
        Role.DEPT_HEAD,
        lambda office: {"co_task_id": office.ticket.co_tasks[0].id, "comment": "不涉及他们"},
        "co_waived",
        ids=("co_task_id",),
        needs=("co_task_id", "comment"),
    ),
    Case(
        "co_accepted",
        advised,
        Role.HANDLER,
        lambda office: {"co_task_id": office.ticket.co_tasks[0].id, "comment": "照办"},
        "co_accepted",
        ids=("co_task_id",),
        needs=("co_task_id",),
        late=helped,
    ),
    Case(
        "co_returned",
        advised,
        Role.DEPT_HEAD,
        lambda office: {"co_task_id": office.ticket.co_tasks[0].id, "comment": "请写明依据"},
        "co_returned",
        ids=("co_task_id",),
        needs=("co_task_id", "comment"),
        late=helped,
    ),
    Case(
        "co_assigned",
        helped,
        Role.DEPT_HEAD,
        lambda office: {
            "co_task_id": office.ticket.co_tasks[0].id,
            "handler_id": office.more["other handler"].user_id,
            "comment": "熟悉情况",
        },
        "co_assigned",
        by="other head",
        ids=("co_task_id", "handler_id"),
        needs=("co_task_id", "handler_id"),
        late=advised,
    ),
    Case(
        "co_opened",
        at(Status.IN_PROGRESS),
        Role.DEPT_HEAD,
        lambda office: {"unit_id": office.other_unit_id, "comment": "核对产权"},
        "co_opened",
        ids=("unit_id",),
        needs=("unit_id", "comment"),
    ),
    Case(
        "handed_over",
        at(Status.IN_PROGRESS),
        Role.HANDLER,
        lambda office: {
            "handler_id": office.more["colleague"].user_id,
            "comment": "下周去党校",
        },
        "handed_over",
        ids=("handler_id",),
        needs=("handler_id", "comment"),
        leads="/",
    ),
    Case(
        "split",
        at(Status.PENDING_DISPATCH),
        Role.DISPATCHER,
        lambda office: {
            "title_1": "东路路面破损",
            "description_1": "园区东路三百米路面破损，雨天积水。",
            "lead_unit_id_1": office.other_unit_id,
            "title_2": "路灯不亮",
            "description_2": "园区东路北口一段路灯不亮，夜里看不清。",
            "lead_unit_id_2": office.unit_id,
            "co_unit_ids_2": office.other_unit_id,
        },
        "split",
        ids=("lead_unit_id_1", "co_unit_ids_2"),
        needs=("title_1", "description_1", "lead_unit_id_1", "title_2", "lead_unit_id_2"),
    ),
    Case(
        "made_confidential",
        at(Status.IN_PROGRESS),
        Role.OFFICE_DIRECTOR,
        lambda office: {
            "reader_id": office.people[Role.DISPATCHER].user_id,
            "comment": "反映的是作风",
        },
        "made_confidential",
        ids=("reader_id",),
        needs=("reader_id", "comment"),
        late=for_the_few,
    ),
    Case(
        "made_open",
        for_the_few,
        Role.OFFICE_DIRECTOR,
        lambda _: {"comment": "已经核实，可以公开办"},
        "made_open",
        needs=("comment",),
        late=at(Status.IN_PROGRESS),
    ),
    Case(
        "reader_added",
        for_the_few,
        Role.OFFICE_DIRECTOR,
        lambda office: {
            "reader_id": office.people[Role.SUPERVISOR].user_id,
            "comment": "由督查跟进",
        },
        "reader_added",
        ids=("reader_id",),
        needs=("reader_id", "comment"),
        late=at(Status.IN_PROGRESS),
    ),
    Case(
        "reader_ended",
        for_the_few,
        Role.OFFICE_DIRECTOR,
        lambda office: {
            "reader_id": office.people[Role.DISPATCHER].user_id,
            "comment": "改由主任跟办",
        },
        "reader_ended",
        ids=("reader_id",),
        needs=("reader_id", "comment"),
        late=at(Status.IN_PROGRESS),
    ),
    Case(
        "supervision_answered",
        supervised,
        Role.DEPT_HEAD,
        lambda office: {"note_id": office.ticket.supervision_notes[0].id, "comment": WORDS},
        "supervision_answered",
        ids=("note_id",),
        needs=("note_id", "comment"),
    ),
    Case(
        "renewed",
        at(Status.SUSPENDED),
        Role.OFFICE_DIRECTOR,
        lambda _: {
            "next_review_on": clock.today() + timedelta(days=80),
            "comment": "规划还没有批复",
        },
        "renewed",
        needs=("next_review_on", "comment"),
    ),
)
