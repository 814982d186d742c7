"""Until when something of a month may still be written down.

Source: the office's visit rules, C3.1: until the fifth workday of the next month, then only the
office.
"""

from datetime import date

from app.accounts import queries as people
from app.accounts.roles import Actor
from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import N_
from app.visits import policy
from app.visits.calendar import Month
from app.workdays import queries as workdays


def check_day(day: date, *, actor: Actor, field: str = "visited_on") -> bool:
    """Tell whether an entry is late; refuse a day to come, and a month that is closed."""
    today = clock.today()
    if day > today:
        raise Invalid(N_("走访日期不能晚于今天。"), field=field)
    month = Month.of(day)
    if month == Month.of(today):
        return False
    until = open_until(month, actor.tenant_id)
    if today > until and not policy.may_record_late(actor):
        raise Invalid(
            N_("{month}月的走访只能补登到{last_month}月{last_day}日，已经过了。请联系营商办补登。"),
            field=field,
            month=month.month,
            last_month=until.month,
            last_day=until.day,
        )
    return True


def open_from(*, actor: Actor) -> date:
    """Return the first day of which the actor may still write something down."""
    if policy.may_record_late(actor):
        return date.min
    today = clock.today()
    month = Month.of(today)
    before = month.preceding
    return before.first if today <= open_until(before, actor.tenant_id) else month.first


def open_until(month: Month, tenant_id: int) -> date:
    """Return the last day on which everybody may still write down something of a month."""
    calendar = workdays.calendar_of(tenant_id)
    parameters = people.tenant(tenant_id).parameters
    return month.late_entry_until(calendar, parameters.late_entry_workdays)
