"""The ways that a problem may go, one function for each, in the order of the data's days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.accounts.roles import Actor
from app.core.db import db
from app.demo.service.cast import Cast
from app.demo.service.files import TicketRow
from app.demo.service.pace import Pace
from app.demo.service.stories import asides, words
from app.demo.service.stories.acts import Act, Case
from app.demo.service.stories.story import Story
from app.tickets import service as tickets
from app.tickets.models import Ticket
from app.tickets.service import StepInput, TicketDraft
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Outcome, Solved, Source
from app.visits.models import Visit
from app.visits.service import Problem

PHONE, LINK = ContactChannel.PHONE, ContactChannel.LINK
#: At what hour the first, second, third problem of a day is heard.
HEARD = (("09:40", "10:00"), ("10:02", "10:10"), ("10:12", "10:12"))
ALONE = ("09:35", "11:20")
ON_VISITS = frozenset({"visit", "service_day"})
EXTERNAL = {"hotline": "12345政务服务便民热线", "province": "省为企服务平台", "superior": "区营商办"}


@dataclass(frozen=True, slots=True)
class Heard:
    """A problem that was heard on a visit, which is told by `visiting`."""

    firm: str
    on: date
    at: datetime
    on_service_day: bool
    problem: Problem
    case: Case

    def note(self, visit: Visit) -> None:
        """Learn which ticket it became."""
        found = select(Ticket.id).where(Ticket.visit_id == visit.id)
        self.case.ticket_id = db.session.scalars(found).one()


def tell(
    rows: Sequence[TicketRow], cast: Cast, pace: Pace
) -> tuple[list[Act], list[Heard]]:
    """Return all that happens to the problems of the year, and those that visits bring."""
    stories = [Story(row, cast, pace, turn=turn) for turn, row in enumerate(rows)]
    heard = [found for story in stories if (found := _collect(story, stories))]
    for story in stories:
        PATHS[story.row.path](story, stories)
    return [act for story in stories for act in story.acts], heard


def _collect(story: Story, stories: Sequence[Story]) -> Heard | None:
    """Let the problem be heard; one that is heard otherwise than on a visit is an act."""
    row = story.row
    same_day = [other.row for other in stories if other.row.day == row.day]
    hours = ALONE if len(same_day) == 1 else HEARD[same_day.index(row)]
    story.at = story.pace.at(row.on, *hours)
    if row.source in ON_VISITS:
        problem = Problem(
            title=row.title,
            description=row.description,
            wish=row.wish,
            category_id=story.kind.id,
            no_secrets=True,
        )
        on_day = row.source == "service_day"
        return Heard(row.firm, row.on, story.at, on_day, problem, story.case)
    story.acts.append(Act(story.at, lambda: _register(story)))
    return None


def _register(story: Story) -> None:
    row, firm = story.row, story.firm
    own = story.cast.customers.get(row.firm) if row.source == "self_service" else None
    actor: Actor = own or story.clerk
    draft = TicketDraft(
        enterprise_id=firm.id,
        title=row.title,
        description=row.description,
        wish=row.wish,
        category_id=story.kind.id,
        contact_name=firm.contact,
        contact_phone=firm.phone,
        source=Source(row.source),
        external_system=EXTERNAL.get(row.source, ""),
        external_no=f"SQ{row.on:%Y%m%d}{story.turn:03}" if row.source in EXTERNAL else "",
        no_secrets=True,
    )
    ticket = tickets.open_ticket(draft, actor=actor)
    tickets.take(ticket, Event.SUBMIT, StepInput(), actor=actor)
    story.case.ticket_id = ticket.id


# ---- parts of the way ----


def _to_unit(story: Story) -> None:
    """Accepted, dispatched, signed, the enterprise contacted, the co-unit's opinion given."""
    row = story.row
    story.accept()
    day = row.extra_day("dispatch_on") or story.workday(1, row.on)
    wrong = row.extra("return")
    if wrong:
        story.dispatch(day, unit=wrong[0])
        story.hand_back(*wrong)
        day = story.workday(1)
    story.dispatch(day)
    if row.extra("auto_sign"):
        story.at = story.pace.at(story.workday(2), "08:45", "09:30")
    else:
        story.sign()
    story.contact()
    story.co_answer(story.workday(1))


def _to_reply(story: Story, *, outcome: Outcome = Outcome.RESOLVED) -> None:
    """The unit works on it, and answers in time unless the data say otherwise."""
    row = story.row
    _to_unit(story)
    day = row.extra_day("reply_on") or _reply_day(story)
    extension, lifted = row.extra("extension"), row.extra("escalate")
    if extension:
        story.extend(date.fromisoformat(extension[0]), extension[1])
    if lifted:
        story.progress(story.workday(5))
        story.lift(date.fromisoformat(lifted[0]), lifted[1])
    if row.extra("late"):
        day = story.workday(1, story.due_day)
    _keep_telling(story, until=day)
    story.reply(day, outcome=outcome)
    if reason := row.extra("reply_returned"):
        story.send_back(reason[0])
        story.reply(story.workday(1), outcome=outcome)


def _reply_day(story: Story) -> date:
    """Return a day between the middle and the end of the limit, after what the answer tells."""
    begun, due = story.today, story.due_day
    workdays = story.pace.calendar.between(begun, due)
    share = story.pace.random.uniform(0.5, 0.8)
    early = story.workday(max(1, round(workdays * share)))
    told = max(asides.days_in(story.row.reply, begun.year), default=early)
    told = story.pace.calendar.add(told, 0)
    return min(max(early, told), due)


def _keep_telling(story: Story, until: date) -> None:
    """Write a note every few days; a hard problem wants one every ten working days."""
    every = {Complexity.SIMPLE: 2, Complexity.COMPLEX: 5, Complexity.HARD: 8}[story.complexity]
    day = story.workday(every)
    while day < until:
        story.progress(day)
        day = story.workday(every, day)


def _ask_firm(story: Story, *, solved: Solved = Solved.YES) -> None:
    story.approve()
    after = story.pace.random.choice((1, 1, 2))
    channel = story.pace.random.choice((PHONE, PHONE, ContactChannel.ON_SITE))
    story.revisit(
        story.workday(after), solved=solved, score=int(story.row.score), channel=channel
    )


# ---- ways to an end ----


def _solved(story: Story, _others: Sequence[Story]) -> None:
    _to_reply(story)
    _ask_firm(story)


def _explained(story: Story, _others: Sequence[Story]) -> None:
    """It cannot be done, and the enterprise was told why and what can be done instead."""
    _to_reply(story, outcome=Outcome.EXPLAINED)
    denied = int(story.row.score) <= 3  # noqa: PLR2004 - fairly content at best
    _ask_firm(story, solved=Solved.NO if denied else Solved.YES)


def _unreachable(story: Story, _others: Sequence[Story]) -> None:
    """Three attempts on two days, one of them by link, and nobody answers."""
    _to_reply(story)
    story.approve()
    first = story.workday(1)
    story.miss(first, PHONE, ("09:10", "11:30"), 0, office=False)
    second = story.workday(1, first)
    story.miss(second, PHONE, ("09:10", "11:30"), 1, office=False)
    story.miss(second, LINK, ("14:40", "17:00"), 2, office=True)
    comment = "三次都没有联系上，先按回访未果办结，企业随时可以再反映。"
    closes = story.take(Event.CLOSE_UNREACHABLE, story.reviewer, comment=comment)
    story.on(story.workday(2, second), closes)


def _finding(story: Story, _others: Sequence[Story]) -> None:
    """Two rounds, and what is asked cannot be given: the director finds so, the chief agrees."""
    row = story.row
    _to_unit(story)
    story.reply(story.workday(3), outcome=Outcome.EXPLAINED)
    story.approve()
    story.revisit(story.workday(1), solved=Solved.NO, said=words.NOT_SOLVED)
    story.contact_again(story.workday(1))
    again = f"经再次核实并当面说明：{row.reply}"
    story.reply(story.workday(3), again, outcome=Outcome.EXPLAINED)
    story.approve()
    story.revisit(story.workday(1), solved=Solved.NO, score=int(row.score))
    code, evidence = words.FINDING[row.category]
    asked = story.ask(
        Event.CLOSE_UNSATISFIED,
        story.cast.decides(),
        reason=code,
        evidence=evidence,
        comment="两轮都已如实答复，诉求超出政策规定，提请认定。",
    )
    story.on(story.workday(2), asked)
    story.on(story.workday(1), story.agree(story.cast.decides(chief=True), "同意认定，做好解释。"))


PATHS: dict[str, Callable[[Story, Sequence[Story]], None]] = {
    "solved": _solved,
    "explained": _explained,
    "unreachable": _unreachable,
    "finding": _finding,
}


def _plain_days(day: date) -> timedelta:
    return timedelta(days=day.day)
