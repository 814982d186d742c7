"""One action for many tickets: each by the same rules as singly, and each refusal named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.roles import Actor, Permission, Role
from app.core.errors import DomainError, NotFound
from app.core.http import RETURNING, reader
from app.core.i18n import N_
from app.core.locale import said, translated
from app.core.transactions import once
from app.tickets import queries
from app.tickets import service as tickets
from app.tickets.forms import bulk as forms
from app.tickets.forms import register
from app.tickets.models import Ticket
from app.tickets.queries.choices import Option, people_of_unit, units
from app.tickets.queries.chosen import MOST, chosen
from app.tickets.queries.register import found_ids
from app.tickets.service import StepInput
from app.tickets.views import beginnings
from app.tickets.views.blueprint import bp, reading
from app.tickets.views.supervising import dispatching
from app.tickets.workflow import table
from app.tickets.workflow.states import RUNNING, Event, Note, Status


@dataclass(frozen=True, slots=True)
class Bulk:
    """What may be done with many tickets at once."""

    name: str
    verb: str
    form: type[forms.BulkForm]
    states: frozenset[Status]  # in which it can be done at all
    may: Callable[[Actor], bool]
    work: Callable[[Ticket, forms.BulkForm, Actor], object]
    options: Callable[[Actor], list[Option]] = lambda _viewer: []


@dataclass(frozen=True, slots=True)
class Refused:
    """One ticket with which it was not done, and why."""

    id: int
    number: str
    title: str
    sentence: str


@bp.get("/bulk/<name>")
def bulk(name: str) -> ResponseReturnValue:
    """Show what would be done with the tickets that were ticked, or with all that are found."""
    action = _action(name)
    ids, unread = _asked_ids(action)
    return _page(action, action.form(), ids, unread)


@bp.post("/bulk/<name>")
def do_bulk(name: str) -> ResponseReturnValue:
    """Do it with each ticket, in a transaction of its own, and name what was refused."""
    action = _action(name)
    form = action.form()
    if RETURNING in request.form:
        return _page(action, form, form.ids.data or [])
    if not form.validate():
        if _wants_json():
            return {"errors": [str(error) for f in form for error in f.errors]}, 422
        return _page(action, form, form.ids.data or []), 422
    ids = list(dict.fromkeys(id_ for id_ in form.ids.data or [] if id_))
    refused = _do_all(action, form, ids)
    done = len(ids) - len(refused)
    if _wants_json():
        lines = [
            {"id": one.id, "number": one.number, "title": one.title, "sentence": one.sentence}
            for one in refused
        ]
        return {"done": done, "refused": lines}
    return render_template(
        "tickets/bulk_done.html",
        verb=translated(action.verb),
        done=done,
        refused=refused,
        back_url=_list_url(),
    )


def actions_for(viewer: Actor) -> list[Bulk]:
    """Return what this person may do with many tickets at once."""
    return [action for action in ACTIONS.values() if action.may(viewer)]


def _action(name: str) -> Bulk:
    action = ACTIONS.get(name)
    if action is None or not action.may(reader()):
        raise NotFound(N_("没有这个操作。"))
    return action


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _asked_ids(action: Bulk) -> tuple[list[int], tuple[str, ...]]:
    """Return the ids in the address, or those of all that its filter finds, and one too many.

    Also the labels of what in the filter could not be read: more is found than was meant.
    """
    if request.args.get("all") != "1":
        return forms.read_ids(request.args.getlist("ids")), ()
    asked = register.read(request.args, queries.filter_lists(viewer=current_user))
    by, most = reading(), MOST + 1
    ids = found_ids(asked.filter, viewer=current_user, reading=by, most=most, states=action.states)
    return ids, asked.unread


def _list_url() -> str:
    """Return the address of the list that one came from, with its filter."""
    query = register.cleaned(request.args)
    return url_for(".index") + (f"?{query}" if query else "")


def _page(
    action: Bulk, form: forms.BulkForm, ids: Sequence[int | None], unread: Sequence[str] = ()
) -> str:
    """Render what was chosen: what can be done, and beside it what cannot and why."""
    viewer = reader()
    found = chosen([id_ for id_ in ids if id_], viewer=viewer)
    form.offer(action.options(viewer))
    form.seen.data = forms.written_versions((one.id, one.version) for one in found)
    return render_template(
        "tickets/bulk.html",
        name=action.name,
        verb=translated(action.verb),
        form=form,
        ready=[ticket for ticket in found if ticket.status in action.states],
        others=[ticket for ticket in found if ticket.status not in action.states],
        told=_told(action.name),
        none_chosen=not ids and request.args.get("all") != "1",
        unread=unread,
        too_many=len(ids) > MOST,
        most=MOST,
        query=register.cleaned(request.args),
        back_url=_list_url(),
    )


def _told(name: str) -> Callable[[Ticket], str]:
    """Return what is said of a ticket before it is done."""
    return _SAID.get(name, lambda ticket: ticket.lead_unit.name if ticket.lead_unit else "")


def _accept_said(ticket: Ticket) -> str:
    start = beginnings.accepting(ticket)
    words = [ticket.category.called] if ticket.category else [_("还没有类别")]
    words += [translated(start["urgency"].label)]
    words += [translated(start["complexity"].label)] if "complexity" in start else []
    return " · ".join(words)


def _dispatch_said(ticket: Ticket) -> str:
    start = dispatching(ticket)
    unit_id = start.get("lead_unit_id")
    if unit_id is None or ticket.category is None:
        return str(_("派单目录没有对应单位，请选一个单位或单独交办"))
    candidates = [ticket.subcategory, ticket.category]
    names = {c.lead_unit_id: c.lead_unit.name for c in candidates if c and c.lead_unit}
    if unit_id not in names:
        return str(_("交给会商确定的单位"))
    return str(_("交给%(unit)s", unit=names[unit_id]))


_SAID: dict[str, Callable[[Ticket], str]] = {
    Event.ACCEPT: _accept_said,
    Event.DISPATCH: _dispatch_said,
}


def _do_all(action: Bulk, form: forms.BulkForm, ids: Sequence[int]) -> list[Refused]:
    """Do it with each, once under a key of its own, and return what was refused.

    A retry or a double click repeats nothing: what was done is found under its key. As with
    one ticket, whatever was changed since the page was read is refused.
    """
    actor, seen = reader(), form.versions
    known = {one.id: (one.number or "", one.title) for one in chosen(ids, viewer=actor)}
    refused = []
    for id_ in ids:
        key = f"{actor.user_id}-{form.idempotency_key.data}-{id_}"
        try:
            once(key, partial(_do, action, form, id_, seen.get(id_), actor), user_id=actor.user_id)
        except DomainError as error:  # the others go on, and this one is named
            number, title = known.get(id_, ("", ""))
            refused.append(Refused(id_, number, title, said(error)))
    return refused


def _do(
    action: Bulk, form: forms.BulkForm, ticket_id: int, version: int | None, actor: Actor
) -> str:
    ticket = queries.to_act_on(ticket_id, viewer=actor)
    tickets.check_version(ticket, version)
    action.work(ticket, form, actor)
    return url_for(".detail", ticket_id=ticket_id)


def _accept(ticket: Ticket, form: forms.BulkForm, actor: Actor) -> None:
    checked = bool(form["duplicates_checked"].data)
    given = StepInput(**beginnings.accepting(ticket), duplicates_checked=checked)
    tickets.take(ticket, Event.ACCEPT, given, actor=actor)


def _dispatch(ticket: Ticket, form: forms.BulkForm, actor: Actor) -> None:
    start: dict[str, Any] = {"lead_unit_id": form["lead_unit_id"].data}
    if start["lead_unit_id"] is None:
        start = dispatching(ticket)
        start["co_unit_ids"] = tuple(start.get("co_unit_ids", ()))
    given = StepInput(**start, comment=(form["comment"].data or "").strip())
    tickets.take(ticket, Event.DISPATCH, given, actor=actor)


def _urge(ticket: Ticket, form: forms.BulkForm, actor: Actor) -> None:
    tickets.urge(ticket, form["comment"].data or "", actor=actor)


def _assign(ticket: Ticket, form: forms.BulkForm, actor: Actor) -> None:
    tickets.assign_handler(ticket, form["handler_id"].data, actor=actor)


def _takes(event: Event) -> tuple[frozenset[Status], Callable[[Actor], bool]]:
    """Return from which states a step begins, and who may take it."""
    rows = [row for row in table.TABLE if row.event is event]
    who = frozenset[Role]().union(*(row.who for row in rows))
    return frozenset(row.source for row in rows), lambda actor: actor.role in who


_ACCEPTS, _DISPATCHES = _takes(Event.ACCEPT), _takes(Event.DISPATCH)
ACTIONS: dict[str, Bulk] = {
    bulk_.name: bulk_
    for bulk_ in (
        Bulk(Event.ACCEPT.value, N_("受理"), forms.BulkAcceptForm, *_ACCEPTS, _accept),
        Bulk(
            Event.DISPATCH.value,
            N_("交办"),
            forms.BulkDispatchForm,
            *_DISPATCHES,
            _dispatch,
            lambda viewer: units(viewer=viewer),
        ),
        Bulk(
            Note.URGED.value,
            N_("催办"),
            forms.BulkUrgeForm,
            RUNNING,
            lambda actor: actor.may(Permission.TICKET_URGE),
            _urge,
        ),
        Bulk(
            Note.ASSIGNED.value,
            N_("指定承办人"),
            forms.BulkAssignForm,
            RUNNING,
            lambda actor: actor.may(Permission.TICKET_ASSIGN),
            _assign,
            lambda viewer: people_of_unit(viewer=viewer),
        ),
    )
}
