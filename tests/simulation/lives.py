"""What people do with their tickets: one thing at a time, well or badly, as the dice fall."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import CoTask, CoTaskState, Proposal, ProposalState, Ticket
from app.tickets.service import StepInput, TicketDraft
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Outcome, Solved, Status, Urgency
from app.workdays.queries import calendar_of
from tests.simulation.town import Firm, Town, Unit

REPLY = "已经会同有关单位到现场办理，并把结果当面告诉了企业负责人。"
WORDS = "我们到现场看过，正在和有关单位商量办法。"
BASIS = "依据省里关于电价的统一规定，不能单独调整。"
PHONE = ContactChannel.PHONE


@dataclass
class Lives:
    """The people at work. `done` counts what they did, `refused` what the rules did not let."""

    town: Town
    dice: Random
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent

    def attempt(self, name: str, work: Callable[[], object]) -> bool:
        """Let somebody do something, as a form does: in a transaction, or not at all."""
        try:
            with transaction():
                work()
        except DomainError:
            self.refused[name] += 1
            return False
        self.done[name] += 1
        return True

    # ---- the beginning ----

    def hand_in(self, number: int) -> int:
        """Write a problem down; return the ticket."""
        firm = self.dice.choice(self.town.firms)
        draft = TicketDraft(
            enterprise_id=firm.id,
            title=f"园区道路第{number}处限高架挡住大件运输",
            description="限高架只有 3.2 米，大件运不出去，请有关单位看看。",
            category_id=self.town.category_id,
            contact_name="宋主任",
            contact_phone="14200000001",
            no_secrets=True,
        )
        with transaction():
            return service.hand_in(draft, actor=firm.liaison).id

    def go_away(self) -> None:
        """Let somebody of a unit be away for some days; a colleague stands in."""
        unit = self.dice.choice([unit for unit in self.town.units if unit.handlers])
        away, deputy = self.dice.sample(unit.handlers, 2)
        days = self.dice.randint(1, 9)
        draft = accounts.AbsenceDraft(
            user_id=away.user_id,
            deputy_id=deputy.user_id,
            from_on=clock.today() + timedelta(days=1),
            to_on=clock.today() + timedelta(days=days),
            reason="培训",
        )
        self.attempt("absence", lambda: accounts.note_absence(draft, actor=unit.head))

    # ---- one look at one ticket ----

    def look(self, ticket_id: int) -> bool:
        """Do the next thing about a ticket; tell whether anything may still come."""
        db.session.rollback()
        ticket = db.session.get_one(Ticket, ticket_id)
        if ticket.is_over or (ticket.status is Status.CLOSED and not self.chance(25)):
            return False
        asked = next((p for p in ticket.proposals if p.is_open), None)
        if asked is not None:
            self.decide(asked.id)
        elif ticket.status in _OF:
            _OF[ticket.status](self, ticket_id)
        if self.chance(12):
            self.urge(ticket_id)
        if self.chance(4):
            self.direct(ticket_id)
        return True

    def ticket(self, ticket_id: int) -> Ticket:
        return db.session.get_one(Ticket, ticket_id)

    def firm(self, ticket_id: int) -> Firm:
        firm_id = self.ticket(ticket_id).enterprise_id
        return next(firm for firm in self.town.firms if firm.id == firm_id)

    def unit(self, ticket_id: int) -> Unit:
        return self.town.unit(self.ticket(ticket_id).lead_unit_id)

    def handler(self, ticket_id: int) -> Actor:
        """Return who handles it: who was named, anybody of the unit, or its head alone."""
        unit, named = self.unit(ticket_id), self.ticket(ticket_id).handler_id
        own = [actor for actor in unit.handlers if named in {None, actor.user_id}]
        return self.dice.choice(own) if own else unit.head

    def take(self, ticket_id: int, event: Event, actor: Actor, **given: Any) -> bool:
        def work() -> object:
            return service.take(self.ticket(ticket_id), event, StepInput(**given), actor=actor)

        return self.attempt(event.value, work)

    def ask(self, ticket_id: int, event: Event, actor: Actor, **given: Any) -> bool:
        def work() -> object:
            return service.propose(self.ticket(ticket_id), event, StepInput(**given), actor=actor)

        return self.attempt(f"ask {event.value}", work)

    def urge(self, ticket_id: int) -> None:
        actor = self.dice.choice([self.town.supervisor, *self.town.dispatchers, *self.town.leaders])
        self.attempt("urge", lambda: service.urge(self.ticket(ticket_id), "请抓紧", actor=actor))

    def direct(self, ticket_id: int) -> None:
        """Let the leader who looks after the firm, or the chief, write on it."""
        actor = self.dice.choice([self.firm(ticket_id).leader, self.town.chief])
        words = "请抓紧办，本周内给企业一个说法。"
        self.attempt(
            "directive", lambda: service.give_directive(self.ticket(ticket_id), words, actor=actor)
        )

    def answer_directive(self, ticket_id: int, actor: Actor) -> None:
        def work() -> object:
            given = next(one for one in self.ticket(ticket_id).directives if not one.answered_at)
            return service.answer_directive(given, "已经会同有关单位看过现场。", actor=actor)

        self.attempt("answer directive", work)

    def decide(self, proposal_id: int) -> None:
        """Let whoever may decide do so; those who may not are refused by the rules."""
        proposal = db.session.get_one(Proposal, proposal_id)
        event, ticket_id = proposal.event, proposal.ticket_id
        approve = self.chance(75)
        words = StepInput(comment="意见如上")
        checked = proposal.state is ProposalState.CHECKED
        deciders = {
            Event.SUBMIT_REPLY: [self.unit(ticket_id).head] if event is Event.SUBMIT_REPLY else [],
            Event.APPROVE_SUSPENSION: [self.town.chief if checked else self.town.director],
            Event.ESCALATE: [self.town.chief],
            Event.REVISIT_REWORK: [self.town.chief],
            Event.CLOSE_UNSATISFIED: [self.town.chief],
            Event.APPROVE_EXTENSION: [self.town.director, self.town.chief],
        }.get(event, [self.town.director])

        def work(actor: Actor) -> Callable[[], object]:
            return lambda: service.decide(
                db.session.get_one(Proposal, proposal_id), words, approve=approve, actor=actor
            )

        name = f"{'approve' if approve else 'refuse'} {event.value}"
        if not any(self.attempt(name, work(actor)) for actor in deciders):
            self.withdraw(proposal_id)

    def withdraw(self, proposal_id: int) -> None:
        """Take back what nobody can approve any more."""
        proposal = db.session.get_one(Proposal, proposal_id)
        actor = Actor(
            tenant_id=self.town.tenant_id, user_id=proposal.asked_by_id, role=proposal.asked_role
        )
        self.attempt(
            "withdraw",
            lambda: service.withdraw(db.session.get_one(Proposal, proposal_id), actor=actor),
        )

    # ---- what is done in each state ----

    def draft(self, ticket_id: int) -> None:
        self.take(ticket_id, Event.SUBMIT, self.firm(ticket_id).liaison)

    def accept(self, ticket_id: int) -> None:
        roll, dispatcher = self.dice.randrange(100), self.dice.choice(self.town.dispatchers)
        if roll < 4:
            self.take(ticket_id, Event.REQUEST_SUPPLEMENT, dispatcher, items="现场照片")
        elif roll < 9:
            self.ask(
                ticket_id,
                Event.REJECT,
                dispatcher,
                reason="litigation",
                comment="已经在法院立案的合同纠纷",
                guidance="请向法院反映",
            )
        elif roll < 12:
            self.take(ticket_id, Event.CANCEL, dispatcher, reason="withdrawn", comment="企业撤回")
        elif roll < 18 and (master := self.master(ticket_id)):
            self.take(ticket_id, Event.MERGE, dispatcher, master_id=master, same_matter=True)
        else:
            level = self.dice.choices(list(Complexity), [10, 55, 25, 10])[0]
            urgency = self.dice.choices(list(Urgency), [80, 15, 5])[0]
            self.take(
                ticket_id,
                Event.ACCEPT,
                dispatcher,
                urgency=urgency,
                complexity=level,
                duplicates_checked=True,
            )

    def master(self, ticket_id: int) -> int | None:
        """Return another open ticket of the same enterprise."""
        firm_id = self.ticket(ticket_id).enterprise_id
        found = db.session.query(Ticket.id).filter(
            Ticket.enterprise_id == firm_id, Ticket.is_open, Ticket.id != ticket_id
        )
        return found.order_by(Ticket.id).limit(1).scalar()

    def dispatch(self, ticket_id: int) -> None:
        if self.chance(6):
            actor = self.dice.choice(self.town.dispatchers)
            self.take(ticket_id, Event.CLOSE_ON_SITE, actor, reply=REPLY, outcome=Outcome.RESOLVED)
            return
        units = self.dice.sample(self.town.units, 3)
        co_units = [unit.id for unit in units[1:]] if self.chance(20) else []
        hard = self.ticket(ticket_id).complexity is Complexity.HARD
        self.take(
            ticket_id,
            Event.DISPATCH,
            self.town.director if hard else self.dice.choice(self.town.dispatchers),
            lead_unit_id=units[0].id,
            co_unit_ids=tuple(co_units),
        )

    def sign(self, ticket_id: int) -> None:
        roll = self.dice.randrange(100)
        if roll < 10:
            self.ask_return(ticket_id)
        elif roll < 14:
            self.reassign(ticket_id)
        elif roll < 70:
            self.take(ticket_id, Event.SIGN, self.handler(ticket_id))

    def ask_return(self, ticket_id: int) -> None:
        unit = self.unit(ticket_id)
        other = self.dice.choice([one for one in self.town.units if one.id != unit.id])
        self.ask(
            ticket_id,
            Event.APPROVE_RETURN,
            unit.head,
            comment="这条路不归我们管，归公路站",
            suggested_unit_id=other.id,
        )

    def reassign(self, ticket_id: int) -> None:
        now = self.ticket(ticket_id).lead_unit_id
        other = self.dice.choice([one for one in self.town.units if one.id != now])
        self.take(
            ticket_id,
            Event.REASSIGN,
            self.town.director,
            lead_unit_id=other.id,
            comment="归另一个单位管",
        )

    def handle(self, ticket_id: int) -> None:
        ticket = self.ticket(ticket_id)
        if ticket.lead_unit_id is None:  # answered on the spot, and the enterprise said no
            self.reassign(ticket_id)
            return
        head = self.unit(ticket_id).head
        if any(one.answered_at is None for one in ticket.directives) and self.chance(40):
            self.answer_directive(ticket_id, head)
        notes = ticket.supervision_notes
        waiting = [note for note in notes if not note.answered_at and not note.directive_id]
        if waiting and self.chance(55):
            self.answer_note(ticket_id, head)
        owed = [task.id for task in ticket.co_tasks if task.state is CoTaskState.OPEN]
        if owed:
            self.co_task(owed[0], head)
        if self.ticket(ticket_id).first_contact_at is None:
            if self.chance(75):
                self.contact(ticket_id)
            return
        self.work_on(ticket_id, head)

    def work_on(self, ticket_id: int, head: Actor) -> None:
        """Do one of the things that a unit does once it has spoken with the enterprise."""
        roll = self.dice.randrange(100)
        if roll < 12:
            self.take(ticket_id, Event.PROGRESS_NOTE, self.handler(ticket_id), comment=WORDS)
        elif roll < 20:
            self.extend(ticket_id, head)
        elif roll < 25:
            self.suspend(ticket_id, head)
        elif roll < 29:
            self.escalate(ticket_id)
        elif roll < 31:
            self.reassign(ticket_id)
        elif roll < 32:
            self.cancel(ticket_id)
        elif roll < 85:
            self.reply(ticket_id)

    def cancel(self, ticket_id: int) -> None:
        director = self.town.director
        self.take(ticket_id, Event.CANCEL, director, reason="withdrawn", comment="企业撤回")

    def contact(self, ticket_id: int) -> None:
        self.take(
            ticket_id,
            Event.FIRST_CONTACT,
            self.handler(ticket_id),
            channel=PHONE,
            person="宋主任",
            at=clock.now(),
            comment="说明了办法",
        )

    def answer_note(self, ticket_id: int, head: Actor) -> None:
        def work() -> object:
            notes = self.ticket(ticket_id).supervision_notes
            note = next(note for note in notes if not note.answered_at and not note.directive_id)
            return service.answer_supervision(note, "已经排好日程，本周内办完。", actor=head)

        self.attempt("answer note", work)

    def co_task(self, task_id: int, head: Actor) -> None:
        task = db.session.get_one(CoTask, task_id)
        theirs = self.town.unit(task.unit_id).head

        def work() -> object:
            found = db.session.get_one(CoTask, task_id)
            if self.chance(70):
                return service.answer_co_task(found, "同意主办单位的意见，没有补充。", actor=theirs)
            return service.waive_co_task(found, "那边的事不用他们办了", actor=head)

        self.attempt("co-task", work)

    def extend(self, ticket_id: int, head: Actor) -> None:
        due_at = self.ticket(ticket_id).due_at
        if due_at is None:
            return
        later = self.dice.randint(1, 10)
        day = calendar_of(self.town.tenant_id).add(clock.local(due_at).date(), later)
        self.ask(
            ticket_id,
            Event.APPROVE_EXTENSION,
            head,
            comment="设备要从外地调来，需要时间",
            new_due_on=day,
            told_enterprise=True,
        )

    def suspend(self, ticket_id: int, head: Actor) -> None:
        self.ask(
            ticket_id,
            Event.APPROVE_SUSPENSION,
            head,
            reason="planning",
            plan="等镇国土空间规划批复后再办",
            next_review_on=clock.today() + timedelta(days=self.dice.randint(5, 60)),
            told_enterprise=True,
            opinion="理解",
            comment="等规划",
        )

    def escalate(self, ticket_id: int) -> None:
        self.ask(
            ticket_id,
            Event.ESCALATE,
            self.town.director,
            reason="cross",
            level=min(self.ticket(ticket_id).escalation_level + 1, 3),
            owner_id=self.dice.choice(self.town.leaders).user_id,
            comment="涉及两级三个部门，请领导牵头",
        )

    def reply(self, ticket_id: int) -> None:
        outcome = self.dice.choice(list(Outcome))
        given = {"outcome": outcome, "reply": REPLY, "basis": BASIS}
        actor = self.handler(ticket_id)
        if actor == self.unit(ticket_id).head:  # a unit of one person
            self.take(ticket_id, Event.SUBMIT_REPLY, actor, **given)
        else:
            self.ask(ticket_id, Event.SUBMIT_REPLY, actor, **given)

    def review(self, ticket_id: int) -> None:
        dispatcher = self.dice.choice(self.town.dispatchers)
        if self.chance(25):
            self.take(
                ticket_id,
                Event.RETURN_REPLY,
                dispatcher,
                reason="no_basis",
                comment="请写明依据",
            )
        else:
            self.take(ticket_id, Event.APPROVE_REPLY, dispatcher)

    def revisit(self, ticket_id: int) -> None:
        ticket = self.ticket(ticket_id)
        heard = any(r.reached and r.round == ticket.round for r in ticket.revisits)
        if heard:  # the enterprise said no, and no round is left
            self.end_badly(ticket_id)
            return
        roll = self.dice.randrange(100)
        if roll < 15:
            answers = StepInput(reached=False, channel=self.dice.choice(list(ContactChannel)))
        elif roll < 40:
            answers = StepInput(
                channel=PHONE, solved=Solved.NO, result_score=1, comment="还是过不去"
            )
        else:
            answers = StepInput(channel=PHONE, solved=Solved.YES, result_score=5, comment="好了")
        firm = self.firm(ticket_id)
        actor = self.dice.choice([firm.liaison, firm.liaison, *self.town.dispatchers])
        self.attempt(
            f"revisit {answers.solved}",
            lambda: service.revisit(self.ticket(ticket_id), answers, actor=actor),
        )
        if roll < 15 and self.chance(50):
            self.take(ticket_id, Event.CLOSE_UNREACHABLE, firm.liaison, comment="三次都没有联系上")

    def end_badly(self, ticket_id: int) -> None:
        level = self.ticket(ticket_id).escalation_level
        if level < 3 and self.chance(50):
            owner = self.dice.choice(self.town.leaders).user_id
            self.ask(
                ticket_id,
                Event.REVISIT_REWORK,
                self.town.director,
                level=level + 1,
                owner_id=owner,
                comment="请领导牵头再办一次",
            )
        else:
            self.ask(
                ticket_id,
                Event.CLOSE_UNSATISFIED,
                self.town.director,
                reason="beyond_policy",
                evidence="电价由省里统一规定，不能单独调整",
            )

    def suspended(self, ticket_id: int) -> None:
        if self.chance(25):
            self.take(
                ticket_id,
                Event.RESUME,
                self.town.director,
                reason="condition_met",
                comment="规划已经批复",
            )
        elif self.chance(30):
            day = clock.today() + timedelta(days=self.dice.randint(10, 40))
            self.attempt(
                "renew",
                lambda: service.renew_suspension(
                    self.ticket(ticket_id), day, "还在等批复", actor=self.town.director
                ),
            )

    def closed(self, ticket_id: int) -> None:
        dispatcher = self.dice.choice(self.town.dispatchers)
        self.ask(ticket_id, Event.REOPEN, dispatcher, statement="限高架又装回去了，请再办一次")


_OF = {
    Status.DRAFT: Lives.draft,
    Status.PENDING_ACCEPTANCE: Lives.accept,
    Status.PENDING_DISPATCH: Lives.dispatch,
    Status.PENDING_SIGN: Lives.sign,
    Status.IN_PROGRESS: Lives.handle,
    Status.PENDING_REVIEW: Lives.review,
    Status.PENDING_REVISIT: Lives.revisit,
    Status.SUSPENDED: Lives.suspended,
    Status.CLOSED: Lives.closed,
}
