"""What waits for a leader: one page to read, to decide from, to write one instruction on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.roles import Actor
from app.core import clock, locale
from app.core.http import reader, submitted
from app.core.locale import spoken as _
from app.core.pieces import Card
from app.notifications.channels import worded
from app.reports import calendar, policy, service
from app.reports.calendar import Week
from app.reports.forms import DirectForm, ReadForm, direct_form
from app.reports.models import Digest
from app.reports.queries import asks, digests, seats
from app.reports.queries.asks import Item
from app.reports.queries.seats import Seat
from app.reports.views.blueprint import bp
from app.reports.workflow import Ask
from app.tickets.clocks import Light
from app.workdays import queries as workdays

NAMED = 2  # digests that a sentence names before it says "and others"


@dataclass(frozen=True, slots=True)
class Door:
    """Where an item leads; `holding_id` where the person has to change roles on the way."""

    url: str
    holding_id: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as the page prints it."""

    item: Item
    why: Sequence[str]
    look: Door
    act: Door | None
    verb: str
    light: Light | None
    word: str
    form: DirectForm | None


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one kind."""

    ask: Ask
    items: Sequence[Shown]


@bp.get("/digest")
def digest() -> ResponseReturnValue:
    """Show what waits for the person's decision or word."""
    return _page()


@bp.post("/digest/read")
def confirm() -> ResponseReturnValue:
    """Note that the person read what was sent to them: a deliberate click, once."""
    form = ReadForm()

    def work() -> str:
        service.confirm(form.seen.data or 0, actor=current_user)
        return url_for(".digest")

    return submitted(form, work, page=_page, flash=_("已记下：您已阅。"))


@bp.post("/digest/tickets/<int:ticket_id>")
def direct(ticket_id: int) -> ResponseReturnValue:
    """Write an instruction on one problem, right there."""
    seats.to_direct(ticket_id, _seats(reader()))
    form = direct_form(ticket_id, filled=True)

    def work() -> str:
        text = (form.comment.data or "").strip()
        service.direct(ticket_id, text, form.version.data, actor=current_user)
        return url_for(".digest")

    done = _("批示已发出，承办单位会在期限内答复您。")
    return submitted(form, work, page=lambda: _page(ticket_id, form), flash=done)


def _page(ticket_id: int = 0, form: DirectForm | None = None) -> str:
    viewer = reader()
    held = _seats(viewer)
    found = asks.of(held)
    owners = [viewer.user_id, *sorted(seats.stood_in_for(held))]
    waiting = digests.open_for(owners, viewer.user_id)
    shown = [_shown(item, viewer, form if item.ticket_id == ticket_id else None) for item in found]
    return render_template(
        "reports/digest.html",
        card=_card(found, viewer),
        groups=[
            Group(ask, list(items)) for ask, items in groupby(shown, key=lambda one: one.item.ask)
        ],
        waiting=waiting,
        sent=_named(waiting, viewer),
        read_form=ReadForm(formdata=None, seen=waiting[0].id if waiting else 0),
        last=digests.last_reading(owners),
        written=digests.written_by([seat.actor for seat in held]),
        sole=form
        if form is not None and ticket_id not in {one.ticket_id for one in found}
        else None,
    )


def _seats(viewer: Actor) -> tuple[Seat, ...]:
    """Return the seats of the reader, that in which they act first; or raise NotAllowed."""
    held = seats.of(viewer.user_id or 0, first=viewer.role, ip=viewer.ip)
    policy.require_asked(seat.actor.role for seat in held)
    return held


def _card(found: Sequence[Item], viewer: Actor) -> Card:
    if not found:
        following = Week(Week.of(clock.today()).monday + calendar.WEEK)
        sends_at = following.sends_at(workdays.calendar_of(viewer.tenant_id))
        text = _("有要您定的，会再发邮件给您。")
        if sends_at is not None:
            text = _("有要您定的，%(day)s再发邮件给您。", day=locale.day(sends_at))
        return Card(_("现在没有要您定的事"), text, tone="done")
    decides = sum(item.ask is Ask.DECIDE for item in found)
    if decides:
        title = _("%(n)s 件要您定，其中 %(m)s 件等您批准", n=len(found), m=decides)
    else:
        title = _("%(n)s 件要您定", n=len(found))
    return Card(title, _("每件点一下可以看，写一句就批了；都看过请点“我已阅”。"))


def _named(waiting: Sequence[Digest], viewer: Actor) -> str:
    """Return which digests wait to be confirmed, the newest by name."""
    names = "、".join(_called(one, viewer) for one in waiting[:NAMED])
    if len(waiting) <= NAMED:
        return names
    return _("%(names)s等 %(n)s 份", names=names, n=len(waiting))


def _called(one: Digest, viewer: Actor) -> str:
    """Return which digest it is, and for whom it is read where that is somebody else."""
    told = _(
        "%(day)s送的%(rule)s",
        day=locale.day(one.promised_at),
        rule=locale.translated(one.rule.label),
    )
    if one.user_id == viewer.user_id:
        return told
    return _("%(told)s（代%(name)s）", told=told, name=one.user.name)


def _shown(item: Item, viewer: Actor, form: DirectForm | None) -> Shown:
    if item.may_direct and form is None:
        form = direct_form(item.ticket_id or 0, item.version)
    elif form is not None and form.version.data != item.version:
        form.renew(item.version)
    light = item.light
    said = (asks.LATE, asks.LATE_TODAY) if light else ()  # its light says it
    return Shown(
        item=item,
        why=[worded(words.text, words.values) for words in item.why if words.text not in said],
        look=_door(_look(item), item, viewer),
        act=_door(_act(item), item, viewer) if _act(item) else None,
        verb=_verb(item),
        light=light,
        word=locale.translated(light.word).format(n=light.n) if light else "",
        form=form,
    )


def _look(item: Item) -> str:
    if item.task_id is not None:
        return url_for("visits.new", task=item.task_id)
    return url_for("tickets.detail", ticket_id=item.ticket_id)


def _act(item: Item) -> str:
    """Return the page on which the item is decided or moved; empty where one only looks."""
    if item.proposal_id is not None:
        return url_for("tickets.proposal", ticket_id=item.ticket_id, proposal_id=item.proposal_id)
    if item.step:
        return url_for("tickets.step", ticket_id=item.ticket_id, name=item.step)
    return ""


def _verb(item: Item) -> str:
    if item.proposal_id is not None:
        return _("去决定")
    return _("去办") if item.step else ""


def _door(url: str, item: Item, viewer: Actor) -> Door:
    """Return where it leads; through a change of roles where the present one may not enter."""
    seat = item.seat
    return Door(url) if seat.actor.role is viewer.role else Door(url, seat.holding_id)
