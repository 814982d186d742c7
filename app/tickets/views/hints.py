"""What one should know before filling in the form of a step."""

from collections.abc import Callable

from app.core import clock, locale
from app.core.locale import spoken as _
from app.core.locale import translated
from app.tickets import clocks
from app.tickets.models import Ticket
from app.tickets.queries import Reading
from app.tickets.queries.catalogue import proposed
from app.tickets.views import supervising
from app.tickets.workflow.states import Complexity, Event, Note


def hints(ticket: Ticket, name: str, reading: Reading) -> list[str]:
    """Return the sentences above the form of a step."""
    teller = _HINTS.get(name)
    return [sentence for sentence in teller(ticket, reading) if sentence] if teller else []


def _handing_over(ticket: Ticket, reading: Reading) -> list[str]:
    complexity = ticket.complexity or Complexity.SIMPLE
    limit = clocks.limit(complexity, reading.parameters)
    due = clocks.after(reading.calendar, reading.now, limit)
    signs = clocks.sign_deadline(ticket.urgency, reading.now, reading.calendar, reading.parameters)
    external = ticket.external_due_at
    complained = ticket.complained_unit
    return [
        _(
            "%(complexity)s，%(n)s 个工作日：现在交办，最迟%(due)s办结。",
            complexity=translated(complexity.label),
            n=limit,
            due=locale.moment(due.due_at),
        ),
        _(
            "%(urgency)s件：最迟%(due)s签收。",
            urgency=translated(ticket.urgency.label),
            due=locale.moment(signs.due_at),
        ),
        _("上级要求%(due)s前办结，更早，按它算。", due=locale.moment(external))
        if external and external < due.due_at
        else "",
        _("反映的是%(unit)s，不能交给它办。", unit=complained.name) if complained else "",
        _catalogued(ticket),
        *supervising.settled(ticket, reading),
    ]


def _catalogued(ticket: Ticket) -> str:
    if ticket.category is None:
        return ""
    found = proposed(ticket.category, ticket.subcategory)
    lead = found.lead_unit.name if found.lead_unit else ""
    told = _("派单目录：%(category)s", category=ticket.category.called)
    told += _("，主办%(unit)s", unit=lead) if lead else _("，交办时再定主办")
    if found.up_units:
        told += _("；镇里办不了的，上级对口%(units)s", units=found.up_units)
    return str(told + _("。"))


def _extending(ticket: Ticket, reading: Reading) -> list[str]:
    if ticket.due_at is None:
        return []
    most = reading.parameters.extension_max_workdays
    latest = reading.calendar.add(clock.local(ticket.due_at).date(), most)
    who = _("镇主要负责同志") if ticket.extension_count else _("营商办主任")
    return [
        _(
            "现在的期限是%(due)s；一次最多延 %(n)s 个工作日，最晚到%(latest)s。由%(who)s批。",
            due=locale.moment(ticket.due_at),
            n=most,
            latest=locale.day(latest),
            who=who,
        )
    ]


def _suspending(_ticket: Ticket, reading: Reading) -> list[str]:
    return [_("复核日最晚在 %(n)s 天之内。", n=reading.parameters.suspension_days)]


def _renewing(ticket: Ticket, reading: Reading) -> list[str]:
    return [
        _(
            "现在的复核日是%(day)s，已续期 %(n)s 次，最多 %(most)s 次。",
            day=locale.day(ticket.next_review_on),
            n=ticket.renewal_count,
            most=reading.parameters.suspension_renewals,
        )
    ]


def _reworking(ticket: Ticket, reading: Reading) -> list[str]:
    return [
        _(
            "这是第 %(n)s 轮回访。企业认可就办结；不认可就转重办，最多办 %(most)s 轮。",
            n=ticket.round,
            most=reading.parameters.max_round,
        )
    ]


def _resuming(ticket: Ticket, reading: Reading) -> list[str]:
    left = max(ticket.saved_workdays or 0, reading.parameters.resume_workdays)
    due = clocks.after(reading.calendar, reading.now, left)
    return [_("重启后还有 %(n)s 个工作日，到%(due)s。", n=left, due=locale.moment(due.due_at))]


def _done_on_site(ticket: Ticket, _reading: Reading) -> list[str]:
    done = ticket.done_on_site
    return [_("走访时已经当场解决：%(done)s", done=done)] if done else []


_HINTS: dict[str, Callable[[Ticket, Reading], list[str]]] = {
    Event.ACCEPT: _done_on_site,
    Event.CLOSE_ON_SITE: _done_on_site,
    Event.DISPATCH: _handing_over,
    Event.REASSIGN: _handing_over,
    Event.APPROVE_EXTENSION: _extending,
    Event.APPROVE_SUSPENSION: _suspending,
    Event.RESUME: _resuming,
    Event.REVISIT_CLOSE: _reworking,
    Event.REVISIT_REWORK: _reworking,
    Note.RENEWED: _renewing,
    Note.DIRECTED: supervising.directing,
    Note.MEETING: supervising.returned,
}
