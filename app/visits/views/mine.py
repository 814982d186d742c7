"""The month of a visitor: whom to visit, what to take along, who was visited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock, locale
from app.core.errors import NotFound
from app.core.forms import Form
from app.core.i18n import N_
from app.core.pieces import Card
from app.core.transactions import transaction
from app.enterprises import service as enterprises
from app.visits import policy, queries
from app.visits.calendar import Month
from app.visits.models import Visit, VisitTask
from app.visits.queries import Errand
from app.visits.views.blueprint import bp, due_light, may_join, task_light
from app.workdays import queries as workdays

NAMED = 2  # targets that a title names before it says "and others"


@dataclass(frozen=True, slots=True)
class Tasks:
    """A month of one person, sorted by what is still to be done."""

    month: Month
    due_on: date
    late_until: date
    owed: Sequence[VisitTask]
    done: Sequence[VisitTask]
    waived: Sequence[VisitTask]

    @property
    def total(self) -> int:
        """How many visits the month asks for."""
        return len(self.owed) + len(self.done)


@bp.get("/visits/mine")
def mine() -> ResponseReturnValue:
    """Show the viewer's month."""
    return _page()


@bp.post("/visits/tasks/<int:task_id>/phone")
def reveal(task_id: int) -> ResponseReturnValue:
    """Show the viewer's month with the number of one firm; the audit log knows of it.

    There is no redirect: the number must not lie in an address or in a cookie.
    """
    task = queries.get_task(task_id, viewer=current_user)
    found = queries.errands([task], viewer=current_user, today=clock.today())[0]
    if found.contact is None:
        raise NotFound(N_("这家企业还没有登记联系人。"))
    with transaction():
        number = enterprises.reveal_phone(found.contact, actor=current_user)
    return _page(Month.read(task.period), revealed={task_id: number})


def _page(month: Month | None = None, *, revealed: dict[int, str] | None = None) -> str:
    present = Month.of(clock.today())
    found = _tasks(month or _asked_month(present))
    before = _tasks(present.preceding) if found.month == present else None
    late = before.owed if before and clock.today() <= before.late_until else ()
    errands = queries.errands(found.owed, viewer=current_user, today=clock.today())
    return render_template(
        "visits/mine.html",
        found=found,
        person_name=current_user.name,
        is_present=found.month == present,
        present=present,
        card=_card(found, late, errands),
        errands=errands,
        late=late,
        late_until=before.late_until if before else None,
        due_light=due_light(found.due_on, viewer=current_user),
        task_light=task_light,
        problems=queries.problems_of(_visit_ids(found.done), viewer=current_user),
        reported=queries.own_open_tickets(current_user),
        revealed=revealed or {},
        may_record=policy.may_record(current_user),
        leads=bool(policy.leads(current_user)),
        companions=_companions,
        may_join=may_join,
        button=lambda task: Form(formdata=None, version=task.version),
    )


def _asked_month(present: Month) -> Month:
    try:
        asked = Month.read(request.args.get("period", ""))
    except ValueError:
        return present
    return min(asked, present, key=lambda month: month.first)


def _tasks(month: Month) -> Tasks:
    calendar = workdays.calendar_of(current_user.tenant_id)
    tasks = queries.month_of(current_user, month.period)
    return Tasks(
        month=month,
        due_on=month.due_on(calendar),
        late_until=month.late_entry_until(calendar, current_user.parameters.late_entry_workdays),
        owed=[task for task in tasks if task.is_owed],
        done=[task for task in tasks if task.is_done],
        waived=[task for task in tasks if task.is_waived],
    )


def _card(found: Tasks, late: Sequence[VisitTask], errands: Sequence[Errand]) -> Card:
    if late:
        return _late_card(late)
    if errands:
        return _owed_card(found, errands)
    following = found.month.following
    first = workdays.calendar_of(current_user.tenant_id).first_workday(
        following.year, following.month
    )
    text = _("下个月的任务%(day)s上午出来。", day=locale.day(first))
    if found.total or found.waived:
        title = _("%(month)s月的 %(n)s 家都去过了", month=found.month.month, n=found.total)
        return Card(title, text, tone="done")
    return Card(_("%(month)s月没有走访任务", month=found.month.month), text, tone="done")


def _late_card(late: Sequence[VisitTask]) -> Card:
    month = Month.read(late[0].period)
    until = month.late_entry_until(
        workdays.calendar_of(current_user.tenant_id), current_user.parameters.late_entry_workdays
    )
    return Card(
        _("%(month)s月还有 %(n)s 家没有登记", month=month.month, n=len(late)),
        _("如果去过，%(day)s前可以补登；之后只有营商办能补。", day=locale.day(until)),
        tone="red",
        url=url_for(".new", task=late[0].id),
        verb=_("补登走访"),
        icon="pencil-square",
    )


def _owed_card(found: Tasks, errands: Sequence[Errand]) -> Card:
    names = "、".join(errand.name for errand in errands[:NAMED])
    title = _("还差 %(n)s 家：%(names)s", n=len(errands), names=names)
    if len(errands) > NAMED:
        title = _("还差 %(n)s 家：%(names)s等", n=len(errands), names=names)
    today = clock.today()
    text = _("%(day)s前完成。", day=locale.day(found.due_on))
    if today == found.due_on:
        until = locale.day(found.late_until)
        text = _("今天是本月最后一个工作日。去过但来不及登记的，%(day)s前还可以补登。", day=until)
    first = errands[0].task
    return Card(
        title,
        text,
        tone="red" if today > found.due_on else "",
        url=url_for(".new", task=first.id if first else None),
        verb=_("登记这次走访") if len(errands) == 1 else _("登记走访"),
        icon="pencil-square",
    )


def _visit_ids(tasks: Sequence[VisitTask]) -> list[int]:
    return [task.visit_id for task in tasks if task.visit_id is not None]


def _companions(visit: Visit) -> str:
    """Return who else went along, as the viewer reads it."""
    names = [person.name for person in visit.visitors if person.id != current_user.user_id]
    return "、".join(names)
