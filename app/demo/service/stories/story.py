"""The verbs of a story: each takes one step through the real services, at its moment."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from app.accounts.roles import Actor
from app.core import clock
from app.demo.service.cast import Cast, Firm
from app.demo.service.files import TicketRow
from app.demo.service.pace import Pace
from app.demo.service.stories import words
from app.demo.service.stories.acts import Act, Case
from app.tickets import service as tickets
from app.tickets.service import StepInput
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Outcome, Solved, Urgency

LIMITS = {Complexity.SIMPLE: 5, Complexity.COMPLEX: 15, Complexity.HARD: 30}
VERTICAL = frozenset(
    {"自然资源所", "市场监管所", "税务分局", "派出所", "司法所", "供电所", "水务站"}
)
MORNING = ("08:50", "11:30")


class Story:
    """One problem on its way; `at` is how far the story is told."""

    def __init__(self, row: TicketRow, cast: Cast, pace: Pace, *, turn: int) -> None:
        self.row, self.cast, self.pace = row, cast, pace
        self.case = Case()
        self.firm: Firm = cast.firms[row.firm]
        self.kind = cast.kinds[row.category]
        self.complexity = Complexity(row.complexity)
        self.clerk, self.reviewer = (
            cast.dispatchers if turn % 2 == 0 else tuple(reversed(cast.dispatchers))
        )
        self.turn = turn
        self.at = self.due = clock.at(row.on, time(0))
        self.acts: list[Act] = []

    # ---- time ----

    def then(self, run: Callable[[], None], least: int = 8, most: int = 60) -> None:
        """Let something follow, some minutes later."""
        self._act(self.pace.after(self.at, least, most), run)

    def on(
        self, day: date, run: Callable[[], None], earliest: str = "08:50", latest: str = "16:30"
    ) -> None:
        """Let something follow on a day, between two hours, and after what was before."""
        moment = self.pace.at(day, earliest, latest)
        self._act(moment if moment > self.at else self.pace.after(self.at), run)

    def _act(self, moment: datetime, run: Callable[[], None]) -> None:
        self.at = moment
        self.acts.append(Act(moment, run))

    def workday(self, n: int, since: date | None = None) -> date:
        """Return the n-th workday after a day, or after that on which the story stands."""
        return self.pace.calendar.add(since or self.today, n)

    @property
    def today(self) -> date:
        """The day on which the story stands."""
        return self.pace.calendar.effective_date(self.at)

    @property
    def due_day(self) -> date:
        """The day until which the unit has to answer."""
        return self.pace.calendar.effective_date(self.due - timedelta(minutes=1))

    def say(self, choices: tuple[str, ...]) -> str:
        """Return one of several ways to say it."""
        chosen = self.pace.random.choice(choices)
        return chosen.format(person=self.firm.contact, firm=self.firm.name, unit=self.row.lead)

    # ---- steps ----

    def take(self, event: Event, actor: Actor, **given: Any) -> Callable[[], None]:  # noqa: ANN401 - StepInput's
        """Return the act of one person."""
        filled = StepInput(**given)

        def run() -> None:
            tickets.take(self.case.ticket, event, filled, actor=actor)

        return run

    def ask(self, event: Event, actor: Actor, **given: Any) -> Callable[[], None]:  # noqa: ANN401 - StepInput's
        """Return the act of the one who proposes."""
        filled = StepInput(**given)

        def run() -> None:
            tickets.propose(self.case.ticket, event, filled, actor=actor)

        return run

    def agree(self, actor: Actor, words_said: str) -> Callable[[], None]:
        """Return the act of the one who decides."""

        def run() -> None:
            given = StepInput(comment=words_said)
            tickets.decide(self.case.asked, given, approve=True, actor=actor)

        return run

    # ---- from the office to the unit ----

    def accept(self, least: int = 40, most: int = 200) -> None:
        """Classify it, as the office does."""
        found = [id_ for id_, name in self.kind.items if name in self.row.title]
        listed = [id_ for id_, _name in self.kind.items]
        self.then(
            self.take(
                Event.ACCEPT,
                self.clerk,
                category_id=self.kind.id,
                subcategory_id=next(iter(found + listed), None),
                urgency=Urgency.URGENT if self.kind.is_urgent else Urgency.NORMAL,
                complexity=self.complexity,
                duplicates_checked=True,
            ),
            least,
            most,
        )

    def dispatch(
        self, day: date, unit: str = "", earliest: str = "08:50", latest: str = "10:30"
    ) -> None:
        """Hand it to the lead unit; the director does, where it is grave or not ours."""
        lead = unit or self.row.lead
        grave = self.complexity is Complexity.HARD or lead in VERTICAL
        helpers = () if unit else tuple(filter(None, [self.row.co]))
        self.on(
            day,
            self.take(
                Event.DISPATCH,
                self.cast.decides() if grave else self.clerk,
                lead_unit_id=self.cast.units[lead],
                co_unit_ids=tuple(self.cast.units[name] for name in helpers),
            ),
            earliest,
            latest,
        )
        self.due = self.pace.calendar.due_at(self.at, LIMITS[self.complexity])

    def sign(self, least: int = 10, most: int = 60) -> None:
        """Sign for it, as the unit does."""
        self.then(self.take(Event.SIGN, self.cast.handler(self.row.lead)), least, most)

    def contact(self, least: int = 15, most: int = 80) -> None:
        """Speak with the enterprise, and write it down."""
        on_site = self.pace.random.random() < 0.3  # noqa: PLR2004 - three of ten go there
        channel = ContactChannel.ON_SITE if on_site else ContactChannel.PHONE
        said = self.say(words.CONTACTED)

        def run_at(moment: datetime) -> Callable[[], None]:
            return self.take(
                Event.FIRST_CONTACT,
                self.cast.handler(self.row.lead),
                channel=channel,
                person=self.firm.contact,
                at=moment,
                comment=said,
            )

        moment = self.pace.after(self.at, least, most)
        self._act(moment, run_at(moment - timedelta(minutes=5)))

    def progress(self, day: date, text: str = "", *, seen: bool | None = None) -> None:
        """Write how it goes."""
        shown = self.pace.random.random() < 0.5 if seen is None else seen  # noqa: PLR2004 - half
        said = text or self.say(words.PROGRESS)
        handler = self.cast.handler(self.row.lead)
        self.on(day, self.take(Event.PROGRESS_NOTE, handler, comment=said, for_enterprise=shown))

    def co_answer(self, day: date) -> None:
        """Give the opinion of the co-unit, where there is one."""
        if not self.row.co:
            return
        actor, said = self.cast.handler(self.row.co), self.say(words.CO_ANSWERS)

        def run() -> None:
            task = next(t for t in self.case.ticket.co_tasks if t.unit_id == actor.unit_id)
            tickets.answer_co_task(task, said, actor=actor)

        self.on(day, run, "09:00", "17:00")

    # ---- two-person steps at the unit ----

    def extend(self, new_due_on: date, reason: str) -> None:
        """Ask for more time two days before the end, as the head; the director agrees."""
        head = self.cast.heads[self.row.lead]
        asked = self.pace.calendar.add(self.due_day, -2)
        self.on(
            asked,
            self.ask(
                Event.APPROVE_EXTENSION,
                head,
                comment=reason,
                new_due_on=new_due_on,
                told_enterprise=True,
            ),
        )
        self.then(self.agree(self.cast.decides(), words.EXTENSION_AGREED), 30, 150)
        self.due = self.pace.calendar.end_of(new_due_on)

    def hand_back(self, unit: str, reason: str) -> None:
        """Hand back what was given wrongly; the director agrees the same day."""
        self.then(
            self.ask(
                Event.APPROVE_RETURN,
                self.cast.heads[unit],
                comment=reason,
                suggested_unit_id=self.cast.units[self.row.lead],
            ),
            40,
            110,
        )
        agreed = words.RETURN_AGREED.format(unit=self.row.lead)
        self.then(self.agree(self.cast.decides(), agreed), 20, 70)

    def lift(self, day: date, reason: str) -> None:
        """Propose that a leader takes it, as the director; the chief agrees the next day."""
        self.on(
            day,
            self.ask(
                Event.ESCALATE,
                self.cast.decides(),
                reason="cross",
                level=1,
                owner_id=self.cast.leaders["L10"],
                comment=reason,
            ),
        )
        self.on(self.workday(1), self.agree(self.cast.decides(chief=True), words.ESCALATION_AGREED))
        self.due = self.pace.calendar.due_at(self.at, 10)

    def reply(
        self,
        day: date,
        text: str = "",
        *,
        outcome: Outcome = Outcome.RESOLVED,
        hours: tuple[str, str] = ("09:00", "15:20"),
        signed: tuple[str, str] | None = None,
    ) -> None:
        """Draft the answer as the handler; the head signs it off the same day."""
        lead = self.row.lead
        basis = "" if outcome is Outcome.RESOLVED else words.BASIS[self.row.category]
        asked = self.ask(
            Event.SUBMIT_REPLY,
            self.cast.handler(lead),
            outcome=outcome,
            reply=text or self.row.reply,
            basis=basis,
        )
        self.on(day, asked, *hours)
        agreed = self.agree(self.cast.heads[lead], self.say(words.AGREED))
        if signed:
            self.on(day, agreed, *signed)
        else:
            self.then(agreed, 10, 60)

    # ---- review and revisit ----

    def send_back(self, reason: str) -> None:
        """Return the answer the next day, and say what it lacks."""
        said = words.PLEASE_MEND[reason]
        returned = self.take(Event.RETURN_REPLY, self.reviewer, reason=reason, comment=said)
        self.on(self.workday(1), returned, *MORNING)

    def approve(self, day: date | None = None) -> None:
        """Find the answer good, the next working day."""
        comment = self.say(words.REVIEWED)
        reviewed = self.take(Event.APPROVE_REPLY, self.reviewer, comment=comment)
        self.on(day or self.workday(1), reviewed, *MORNING)

    def revisit(
        self,
        day: date,
        *,
        solved: Solved = Solved.YES,
        score: int | None = None,
        said: str = "",
        channel: ContactChannel = ContactChannel.PHONE,
        hours: tuple[str, str] = ("09:00", "17:00"),
    ) -> None:
        """Ask the enterprise whether it is solved, as its own liaison officer."""
        least = self.pace.random.choice((score, min(5, score + 1))) if score else None
        self._revisit(
            day,
            hours,
            StepInput(
                channel=channel,
                contacted=True,
                solved=solved,
                result_score=score,
                attitude_score=least,
                words=said or self.say(words.SATISFIED.get(score or 0, ("",))),
                comment=said,
            ),
        )

    def miss(
        self,
        day: date,
        channel: ContactChannel,
        hours: tuple[str, str],
        n: int,
        *,
        office: bool = False,
    ) -> None:
        """Ask, and hear nothing."""
        given = StepInput(reached=False, channel=channel, comment=words.NOBODY[n])
        self._revisit(day, hours, given, office=office)

    def _revisit(
        self, day: date, hours: tuple[str, str], given: StepInput, *, office: bool = False
    ) -> None:
        actor = self.reviewer if office else self.firm.liaison

        def run() -> None:
            tickets.revisit(self.case.ticket, given, actor=actor)

        self.on(day, run, *hours)
