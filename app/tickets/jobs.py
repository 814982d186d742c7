"""What the timetable does with tickets. Each may run twice; each item stands alone."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts import roles
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.core.jobs import each_id, last_finished, run_each, run_pages, work_once
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.clocks import move_light
from app.tickets.models import CommonProblem, DueChange, Proposal, Revisit, Ticket
from app.tickets.queries import common as common_problems
from app.tickets.queries import covers, rating, readers, supervision, vacant
from app.tickets.service import Digest, StepInput, common, confidential, spot_checks
from app.tickets.service.presence import forget_presences
from app.tickets.workflow.codes import ContactChannel, ResumeReason
from app.tickets.workflow.states import Event, Status
from app.workdays.calendar import WorkCalendar, may_remind, week_begins_on
from app.workdays.queries import calendar_of

AUTOMATIC = "到期自动办理"


def auto_sign() -> None:
    """Sign what no unit signed in time, unless it asks to return it (T09)."""
    asked = select(Proposal.ticket_id).where(
        Proposal.event == Event.APPROVE_RETURN,
        Proposal.waiting(),
    )
    late = select(Ticket.id).where(
        Ticket.status == Status.PENDING_SIGN,
        Ticket.sign_due_at < clock.now(),
        Ticket.id.not_in(asked),
    )
    ids = each_id(late, Ticket.id)
    run_each(ids, lambda id_: _take(id_, Event.AUTO_SIGN, StepInput()))


def resume_due() -> None:
    """Resume what was suspended until today and not renewed (T17)."""
    due = select(Ticket.id).where(
        Ticket.status == Status.SUSPENDED, Ticket.next_review_on <= clock.today()
    )
    given = StepInput(reason=ResumeReason.REVIEW_DUE.value, comment=AUTOMATIC)
    run_each(db.session.scalars(due).all(), lambda id_: _take(id_, Event.RESUME, given))


def close_unanswered() -> None:
    """Close what nobody answered by link for ten working days (T24)."""
    by_link = Revisit.channel == ContactChannel.LINK
    asked = select(Revisit.ticket_id).where(by_link, Revisit.counted())
    waiting = select(Ticket.id).where(Ticket.status == Status.PENDING_REVISIT, Ticket.id.in_(asked))
    ids = db.session.scalars(waiting).all()
    run_each(ids, lambda id_: _take(id_, Event.CLOSE_UNREACHABLE, StepInput(comment=AUTOMATIC)))


def draw_spot_checks() -> None:
    """Decide by lot which of the ratings since the last night are asked for again (抽查回访)."""
    ids = [tenant.id for tenant in accounts.tenants()]
    run_each(ids, _draw)


def _draw(tenant_id: int) -> None:
    spot_checks.draw(tenant_id)


def ask_for_ratings() -> None:
    """In the hours for reminders, ask enterprises whether an answer solved it; once more (R13)."""
    for tenant_id, calendar, now in _to_remind():
        rules = accounts.tenant(tenant_id).parameters
        due = [
            one.ticket_id
            for one in rating.waiting(tenant_id)
            if rating.is_due(one, calendar=calendar, parameters=rules, now=now)
        ]
        run_each(due, service.ask_for_rating)


def tell_unreached() -> None:
    """In the hours for reminders, tell who revisits to call where no letter reaches the firm."""
    for tenant_id, _calendar, _now in _to_remind():
        run_each(rating.unreached_ids(tenant_id), service.call_instead)


def archive_old() -> None:
    """Archive what can no longer be reopened, thirty days after it was closed (T26)."""
    for tenant in accounts.tenants():
        before = clock.now() - timedelta(days=tenant.parameters.reopen_days)
        old = select(Ticket.id).where(
            Ticket.tenant_id == tenant.id,
            Ticket.status == Status.CLOSED,
            Ticket.closed_at < before,
        )
        ids = each_id(old, Ticket.id)
        run_each(ids, lambda id_: _take(id_, Event.ARCHIVE, StepInput()))


def climb_ladder() -> None:
    """In working time, urge what is near and put notes on what is late (C2.5)."""
    now = clock.now()
    for tenant in accounts.tenants():
        if calendar_of(tenant.id).is_working_time(now):
            run_each(supervision.to_climb_ids(tenant.id, now), service.climb)


def mail_urges() -> None:
    """On working days, mail everybody at most once what they were urged about (C2.5, step 1)."""
    today = clock.today()
    for tenant in accounts.tenants():
        calendar = calendar_of(tenant.id)
        if not calendar.is_workday(today):
            continue
        on = (calendar.preceding(today), today)

        def mail(user_id: int, on: tuple[date, ...] = on) -> None:
            service.mail_urges(user_id, on)

        run_each(service.to_mail(tenant.id, on), mail)


def remind_week() -> None:
    """From the first workday of a week on, tell each head once what lies with the unit (R6)."""
    for tenant_id, calendar, now in _to_remind():
        week = week_begins_on(calendar, clock.today())
        plan = partial(service.begin_week, tenant_id, week, now)
        work_once("R6", f"{tenant_id}/{week}", partial(_planned, plan))


def remind_due() -> None:
    """On working days, tell whoever handles what is due today or late (R7)."""
    for tenant_id, _calendar, now in _to_remind():
        plan = partial(service.begin_due, tenant_id, now)
        work_once("R7", f"{tenant_id}/{clock.today()}", partial(_planned, plan))


def remind_calls() -> None:
    """On working days, tell whoever is to hear the enterprises which ones (R8)."""
    for tenant_id, _calendar, now in _to_remind():
        plan = partial(service.begin_calls, tenant_id, now)
        work_once("R8", f"{tenant_id}/{clock.today()}", partial(_planned, plan))


def remind_reviews() -> None:
    """Ten and two workdays before a suspension is reviewed, tell who has a part in it (R9)."""
    for tenant_id, _calendar, now in _to_remind():
        last = last_finished("R9", f"{tenant_id}/").rpartition("/")[2]
        since = date.fromisoformat(last) if last else None
        plan = partial(service.begin_reviews, tenant_id, since, now)
        work_once("R9", f"{tenant_id}/{clock.today()}", partial(_planned, plan))


def _planned(plan: Callable[[], Digest]) -> bool:
    """Read what is to be told, and tell everybody theirs; say whether all of it worked."""
    found = plan()
    return run_pages(found.user_ids, partial(service.remind_of, found=found))


def _to_remind() -> Iterator[tuple[int, WorkCalendar, datetime]]:
    """Return every tenant in which mail may go out now, its calendar, and the moment."""
    now = clock.now()
    for tenant_id in [tenant.id for tenant in accounts.tenants()]:
        calendar = calendar_of(tenant_id)
        if may_remind(calendar, now):
            yield tenant_id, calendar, now


def cover_absences() -> None:
    """Hand to the deputies what lies with people who are away, and back what is over."""
    run_each(covers.ticket_ids(), service.settle)
    run_each(covers.co_task_ids(), service.settle_co_task)


def vacate_seats() -> None:
    """Give back to the unit what lies with people who have left it, or whose account is closed."""
    run_each(vacant.ticket_ids(), service.vacate)
    run_each(vacant.co_task_ids(), service.vacate_co_task)


def hand_on_readers() -> None:
    """Keep confidential tickets from being lost when all who directed have changed."""
    left = each_id(readers.without_a_namer(confidential.NAMES), Ticket.id)
    run_each(left, lambda id_: confidential.hand_on(db.session.get_one(Ticket, id_)))


def end_common() -> None:
    """End the common problems of whose members none can be opened again."""
    run_each(each_id(common_problems.over_ids(), CommonProblem.id), _end_common)


def _end_common(common_id: int) -> None:
    found = db.session.get_one(CommonProblem, common_id)
    common.end(found, actor=roles.system(found.tenant_id))


def remind_co_tasks() -> None:
    """On working days, tell who owes an opinion: once when it is near, once when it is late."""
    now = clock.now()
    owed: dict[int, bool] = {}
    for tenant in accounts.tenants():
        calendar = calendar_of(tenant.id)
        if not calendar.is_workday(clock.today()):
            continue
        for task_id, due_at in covers.owed(tenant.id):
            light = move_light(
                due_at,
                tenant.parameters.co_unit_workdays,
                calendar=calendar,
                parameters=tenant.parameters,
                now=now,
            )
            if light is not None and light.colour != "green":
                owed[task_id] = light.colour == "red"
    run_each(owed, lambda id_: service.remind_of_co_task(id_, late=owed[id_]))


def recompute_due() -> None:
    """Count deadlines again whose year has got its official calendar meanwhile (C2.2).

    And let lights turn on the day that the calendar and the settings name now.
    """
    unsure = select(DueChange.ticket_id).where(DueChange.confirmed.is_(False))
    found = select(Ticket.id).where(Ticket.is_open, Ticket.id.in_(unsure))
    run_each(each_id(found, Ticket.id), service.recompute)
    for tenant in accounts.tenants():
        _turn_lights(tenant.id)


def _turn_lights(tenant_id: int) -> None:
    last: int | None = 0
    while last is not None:
        with transaction():
            last = service.turn_lights(tenant_id, after=last)


def tidy() -> None:
    """Forget who had which form open long ago."""
    with transaction():
        forget_presences()


def _take(ticket_id: int, event: Event, given: StepInput) -> None:
    """Take a step for the timetable; what is not possible any more is left alone."""
    ticket = db.session.get_one(Ticket, ticket_id)
    try:
        service.take(ticket, event, given, actor=roles.system(ticket.tenant_id))
    except DomainError:
        return
