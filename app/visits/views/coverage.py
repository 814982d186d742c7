"""The board of a month: how far visits have come, who is missing, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries as accounts
from app.accounts.models import UnitKind
from app.core import clock, forms, locale
from app.core.http import page_number
from app.core.paging import Page
from app.core.pieces import Card
from app.visits import policy, queries
from app.visits.calendar import Month
from app.visits.forms import CoverageForm
from app.visits.queries import Board, Line, Standing
from app.visits.views.blueprint import bp

NAMED = 3  # targets that a title names before it says "and others"
ASKED = ("period", "by", "show", "leader", "liaison", "village", "tier", "sort")
PAGE = 100  # rows of the list on one page
TILES = 60  # targets that a row of the breakdown shows one by one


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to look at the board: a link with its count, where it has one."""

    label: str
    url: str
    current: bool
    count: int | None = None


@bp.get("/visits/coverage")
def coverage() -> ResponseReturnValue:
    """Show the figures of a month, its breakdown, and every target with its last visit."""
    policy.require_coverage(current_user)
    present = Month.of(clock.today())
    month, by, show = _asked_month(present), _asked_by(), _asked_show()
    form = CoverageForm(forms.asked(request.args))
    leaders, liaisons = queries.people_of_board(current_user)
    villages = accounts.units(viewer=current_user, kinds=(UnitKind.VILLAGE,))
    form.offer(leaders, liaisons, villages)
    found = queries.board(
        month.period, viewer=current_user, asked=form.asked(), by=by, order=form.order()
    )
    lines = found.lines if show is None else found.of(show)
    return render_template(
        "visits/coverage.html",
        board=found,
        form=form,
        card=_card(found),
        is_present=month == present,
        present=present,
        by=by,
        show=show,
        breakdowns=_breakdowns(by),
        standings=_standings(found, show),
        page=_paged(lines, page_number()),
        tiles=TILES,
        Standing=Standing,
        url=_url,
        may_record=policy.may_record(current_user),
        may_exempt=policy.may_exempt(current_user),
        at=_at(),
        today=clock.today(),
    )


def _asked_month(present: Month) -> Month:
    try:
        asked = Month.read(request.args.get("period", ""))
    except ValueError:
        return present
    return min(asked, present, key=lambda month: month.first)


def _at() -> str:
    """Return up to which moment the page counts; whole, as the page is printed too."""
    with locale.on_paper():
        return locale.moment(clock.now())


def _asked_by() -> str:
    by = request.args.get("by", "")
    return by if by in queries.KEYS else "leader"


def _asked_show() -> Standing | None:
    """Return whose rows are listed: those that are missing, unless another sort is asked for."""
    show = request.args.get("show", Standing.MISSING.value)
    if show in set(Standing):
        return Standing(show)
    return None if show == "all" else Standing.MISSING


def _url(**changed: str) -> str:
    """Return the address of this page with something else asked for."""
    kept: dict[str, Any] = {name: request.args[name] for name in ASKED if request.args.get(name)}
    return url_for(".coverage", **(kept | changed))


def _breakdowns(by: str) -> list[Choice]:
    words = {
        "leader": _("按包联领导"),
        "liaison": _("按联络员"),
        "village": _("按村（社区）"),
        "tier": _("按等级"),
    }
    return [Choice(word, _url(by=name), name == by) for name, word in words.items()]


def _standings(found: Board, show: Standing | None) -> list[Choice]:
    shown = [each for each in Standing if each is not Standing.NONE or found.of(each)]
    choices = [
        Choice(
            locale.translated(each.label),
            _url(show=each.value),
            each is show,
            len(found.of(each)),
        )
        for each in shown
    ]
    return [*choices, Choice(_("全部"), _url(show="all"), show is None, len(found.lines))]


def _paged(lines: Sequence[Line], number: int) -> Page[Line]:
    last = max(1, -(-len(lines) // PAGE))
    at = min(number, last)
    items = lines[(at - 1) * PAGE : at * PAGE]
    return Page(items, at, PAGE, len(lines), total_capped=False, has_next=at < last)


def _card(found: Board) -> Card:
    month, missing = found.month.month, found.missing
    if not missing:
        if not found.figures.completed.d:
            return Card(_("%(month)s月没有走访任务", month=month), tone="done")
        n = found.figures.completed.n
        title = _("%(month)s月该去的 %(n)s 家都去过了", month=month, n=n)
        return Card(title, _("没有等着走访的企业。"), tone="done")
    names = "、".join(line.name for line in missing[:NAMED])
    title = _("还差 %(n)s 家：%(names)s", n=len(missing), names=names)
    if len(missing) > NAMED:
        title = _("还差 %(n)s 家：%(names)s等", n=len(missing), names=names)
    return Card(title, _why(found), tone="red" if found.figures.overdue else "", **_verb(found))


def _why(found: Board) -> str:
    """Return who is meant where it is one, and until when."""
    first = found.missing[0]
    due_on = first.task.due_on if first.task else found.month.last
    until = _("%(day)s是本月最后一个工作日。", day=locale.day(due_on))
    if found.figures.overdue:
        until = _("其中 %(n)s 家已过月底，逾期未走访。", n=found.figures.overdue)
    if len(found.missing) > 1:
        return str(until)
    link = first.linkage
    who = _("包联领导%(leader)s。", leader=link.leader.name)
    if link.liaison is not None:
        who = _(
            "包联领导%(leader)s，联络员%(liaison)s。",
            leader=link.leader.name,
            liaison=link.liaison.name,
        )
    return f"{who}{until}"


def _verb(found: Board) -> dict[str, str]:
    """Return the one button: to record, for those whose visit it is; to answer, for the office."""
    awaiting = [line for line in found.missing if line.task and line.task.awaits_decision]
    if policy.may_exempt(current_user):
        if not awaiting:
            return {}
        return {"url": url_for(".exemptions"), "verb": _("答复免访申请"), "icon": "slash-circle"}
    task = found.missing[0].task
    if task is None or not policy.may_record(current_user):
        return {}
    return {
        "url": url_for(".new", task=task.id),
        "verb": _("登记走访"),
        "icon": "pencil-square",
    }
