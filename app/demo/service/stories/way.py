"""The parts of the way that most problems share: heard, handed over, answered, asked about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.core.db import db
from app.demo.service.stories.acts import Act, Case
from app.demo.service.stories.story import Story
from app.tickets import service as tickets
from app.tickets.models import Ticket
from app.tickets.service import TicketDraft
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Outcome, Solved, Source
from app.visits.models import Visit
from app.visits.service import Problem

#: At what hour the first, second, third problem of a day is heard.
HEARD = (("09:40", "10:00"), ("10:02", "10:10"), ("10:12", "10:12"))
ALONE = ("09:35", "11:20")
ON_VISITS = frozenset({"visit", "service_day"})
EXTERNAL = {
    "hotline": "12345政务服务便民热线",
    "province": "省为企服务平台",
    "superior": "区营商办",
}
NOTE_EVERY = {Complexity.SIMPLE: 2, Complexity.COMPLEX: 5, Complexity.HARD: 8}  # working days
DAY_TOLD = re.compile(r"(\d+) 月 (\d+) 日")


@dataclass(frozen=True, slots=True)
class Heard:
    """A problem that was heard on a visit; `visiting` lets that visit be made."""

    firm: str
    at: datetime
    on_service_day: bool
    problem: Problem
    case: Case

    def note(self, visit: Visit) -> None:
        """Learn which ticket it became."""
        found = select(Ticket.id).where(Ticket.visit_id == visit.id)
        self.case.ticket_id = db.session.scalars(found).one()


def hear(story: Story, same_day: Sequence[Story]) -> Heard | None:
    """Let the problem be heard; one that is heard otherwise than on a visit is an act."""
    row = story.row
    hours = ALONE if len(same_day) == 1 else HEARD[same_day.index(story)]
    story.at = story.pace.at(row.on, *hours)
    if row.source not in ON_VISITS:
        story.acts.append(Act(story.at, lambda: _register(story)))
        return None
    problem = Problem(
        title=row.title,
        description=row.description,
        wish=row.wish,
        category_id=story.kind.id,
        no_secrets=True,
    )
    return Heard(row.firm, story.at, row.source == "service_day", problem, story.case)


def _register(story: Story) -> None:
    """Write the problem down: the enterprise itself, or the office for it."""
    row, firm = story.row, story.firm
    own = story.cast.customers.get(row.firm) if row.source == "self_service" else None
    actor = own or story.clerk
    external = EXTERNAL.get(row.source, "")
    draft = TicketDraft(
        enterprise_id=firm.id,
        title=row.title,
        description=row.description,
        wish=row.wish,
        category_id=story.kind.id,
        contact_name=firm.contact,
        contact_phone=firm.phone,
        source=Source(row.source),
        external_system=external,
        external_no=f"{row.on:%Y%m%d}{story.turn + 100}" if external else "",
        no_secrets=True,
    )
    ticket = tickets.hand_in(draft, actor=actor)
    story.case.ticket_id = ticket.id


def to_unit(story: Story) -> None:
    """Bring it to the unit: until it is signed, the enterprise contacted, the co-unit heard."""
    row = story.row
    story.accept()
    day = row.aside_day("dispatch_on") or story.workday(1, row.on)
    wrong = row.aside("return")
    if wrong:
        story.dispatch(day, unit=wrong[0])
        story.hand_back(*wrong)
        day = story.workday(1)
    story.dispatch(day)
    if row.aside("auto_sign"):
        story.at = story.pace.at(story.workday(2), "08:45", "09:30")
    else:
        story.sign()
    story.contact()
    story.co_answer(story.workday(1))


def to_reply(story: Story, *, outcome: Outcome = Outcome.RESOLVED) -> None:
    """Work on it, and answer in time unless the data say otherwise."""
    row = story.row
    to_unit(story)
    day = row.aside_day("reply_on") or _reply_day(story)
    extension, lifted = row.aside("extension"), row.aside("escalate")
    if extension:
        story.extend(date.fromisoformat(extension[0]), extension[1])
    if lifted:
        story.progress(story.workday(8))
        story.lift(date.fromisoformat(lifted[0]), lifted[1])
    if row.aside("late"):
        day = story.workday(1, story.due_day)
    keep_telling(story, until=day)
    story.reply(day, outcome=outcome)
    if reason := row.aside("reply_returned"):
        story.send_back(reason[0])
        story.reply(story.workday(1), outcome=outcome)


def _reply_day(story: Story) -> date:
    """Return a day in the second half of the limit, not before what the answer tells of."""
    begun, due = story.today, story.due_day
    workdays = story.pace.calendar.between(begun, due)
    share = story.pace.random.uniform(0.5, 0.8)
    early = story.workday(max(1, round(workdays * share)))
    told = DAY_TOLD.findall(story.row.reply)
    newest = max((date(begun.year, int(m), int(d)) for m, d in told), default=early)
    return min(max(early, story.pace.calendar.add(newest, 0)), due)


def keep_telling(story: Story, until: date) -> None:
    """Write a note every few days; a hard problem wants one every ten working days."""
    every = NOTE_EVERY[story.complexity]
    day = story.workday(every)
    while day < until:
        story.progress(day)
        day = story.workday(every, day)


def ask_firm(story: Story, *, solved: Solved = Solved.YES) -> None:
    """Approve the answer as the office, and ask the enterprise as its liaison officer."""
    story.approve()
    after = story.pace.random.choice((1, 1, 2))
    usual = ContactChannel.PHONE
    channel = story.pace.random.choice((usual, usual, ContactChannel.ON_SITE))
    score = int(story.row.score)
    story.revisit(story.workday(after), solved=solved, score=score, channel=channel)
