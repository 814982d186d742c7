"""The ticket register."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.roles import Permission, Role
from app.core.http import page_number, reader
from app.core.locale import translated
from app.enterprises import queries as enterprises
from app.tickets import policy, queries
from app.tickets.forms import register
from app.tickets.queries import Colour, Sort, TicketFilter, View
from app.tickets.queries.asked import WAITING
from app.tickets.queries.quick import shown_to
from app.tickets.queries.register import MOST_SHOWN
from app.tickets.queries.saved import links
from app.tickets.views.beside_page import came
from app.tickets.views.blueprint import bp, reading
from app.tickets.views.bulk import actions_for
from app.tickets.workflow.states import Source, Status

MORE = ("status", "light", "village", "source", "since", "until", "mine")  # below "more"
COUNTED = {"view", "page", "sort"}  # what may be asked while quick filters still have counts


@dataclass(frozen=True, slots=True)
class Quick:
    """A quick filter as the page shows it."""

    label: str
    url: str
    count: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    label: str
    sort_url: str = ""
    sorted: str = ""
    num: bool = False


@bp.get("")
def index() -> ResponseReturnValue:
    """List the tickets that the viewer may see."""
    viewer = reader()
    lists = queries.filter_lists(viewer=viewer)
    read = register.read(request.args, lists)
    asked = read.filter
    alone = not {name for name, value in request.args.items() if value} - COUNTED
    by = reading()
    counts = queries.counts(viewer=viewer, reading=by) if alone else {}
    page = queries.search_page(
        asked,
        viewer=viewer,
        reading=by,
        number=page_number(),
        size=current_app.config["PAGE_SIZE"],
        total=counts.get(asked.shown) if asked == TicketFilter(view=asked.view) else None,
    )
    return render_template(
        "tickets/index.html",
        page=page,
        asked=asked,
        unread=read.unread,
        lists=lists,
        statuses=Status,
        colours=Colour,
        sources=Source,
        quick=_quick(asked, counts, viewer.role, alone=alone),
        heads=_heads(asked),
        more=any(request.args.get(name) for name in MORE),
        enterprise=_enterprise(asked),
        may_open=viewer.may(Permission.TICKET_OPEN),
        bulk=actions_for(viewer),
        may_select=not policy.is_outside(viewer),
        saved=links(viewer=viewer),
        asked_query=register.cleaned(request.args),
        came=came(page.number, page.size),
    )


def _quick(asked: TicketFilter, counts: dict[View, int], role: Role, *, alone: bool) -> list[Quick]:
    """Return the quick filters; they are counted while nothing else is asked."""
    chosen = asked.view or (asked.shown if alone else None)
    views = list(shown_to(role))
    if chosen and chosen not in views:  # asked for by its address: it stands before the last
        views[-2] = chosen
    return [
        Quick(
            label=translated(view.label),
            url=_link(view=view.value),
            count=_shown(counts.get(view)),
            current=view is chosen,
        )
        for view in views
    ]


def _shown(count: int | None) -> str | None:
    if count is None:
        return None
    return f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count)


def _heads(asked: TicketFilter) -> list[Head]:
    waiting = asked.shown in WAITING and not asked.text
    due, newest = asked.order is Sort.DUE, asked.order is Sort.NEWEST
    return [
        Head(
            _("问题"),
            sort_url="" if asked.text else _link(sort=Sort.NEWEST.value, view=asked.shown.value),
            sorted="descending" if newest else "",
        ),
        Head(_("轮到谁")),
        Head(_("状态")),
        Head(
            _("到期"),
            sort_url=_link(sort=Sort.DUE.value) if waiting else "",
            sorted="ascending" if due else "",
        ),
    ]


def _link(**changed: str) -> str:
    """Return this address with something else asked, from the first page on."""
    kept: dict[str, Any] = {n: value for n, value in request.args.items() if value and n != "page"}
    return url_for(".index", **(kept | changed))


def _enterprise(asked: TicketFilter) -> str:
    """Return the name of the one enterprise whose tickets are asked for."""
    if asked.enterprise_id is None:
        return ""
    return enterprises.get(asked.enterprise_id, viewer=current_user).called
