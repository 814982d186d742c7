"""The supervision page: what is late, near, noted, directed, lifted, urged or passed round."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import locale
from app.core.errors import NotAllowed
from app.core.http import page_number, reader
from app.core.i18n import N_
from app.core.locale import translated
from app.core.paging import Page
from app.core.pieces import Card
from app.tickets.queries import watched
from app.tickets.queries.watched import MOST_SHOWN, Watch, Watched
from app.tickets.views.blueprint import bp, reading
from app.tickets.views.people import COLOURS
from app.tickets.workflow.states import Event

#: What is looked at first where there is any of it: the gravest.
GRAVEST = (
    Watch.LIFT,
    Watch.MEETING,
    Watch.OVERDUE,
    Watch.NOTES,
    Watch.DIRECTIVES,
    Watch.YELLOW,
)
GRAVE = frozenset({Watch.LIFT, Watch.MEETING, Watch.OVERDUE})
TOLD: dict[Watch, str] = {
    Watch.LIFT: N_("有 %(n)s 件建议提请提级办理：红色督办单没有答复"),
    Watch.MEETING: N_("有 %(n)s 件退了两次，等会商定责"),
    Watch.OVERDUE: N_("有 %(n)s 件超期"),
    Watch.NOTES: N_("有 %(n)s 张督办单等答复"),
    Watch.DIRECTIVES: N_("有 %(n)s 条批示等答复"),
    Watch.YELLOW: N_("有 %(n)s 件临期"),
}
SUBS: dict[Watch, str] = {
    Watch.OVERDUE: N_("超期最久的在前"),
    Watch.YELLOW: N_("到期早的在前"),
    Watch.NOTES: N_("答复期限早的在前"),
    Watch.DIRECTIVES: N_("答复期限早的在前"),
    Watch.LIFT: N_("红色督办单没有答复，由营商办主任提出、镇主要负责同志批准"),
    Watch.URGED: N_("系统和人工催办，新的在前"),
    Watch.MEETING: N_("会商定责后才能再交办，由营商办主任登记"),
}
NOTHING: dict[Watch, str] = {
    Watch.OVERDUE: N_("没有超期的企业问题"),
    Watch.YELLOW: N_("没有临期的企业问题"),
    Watch.NOTES: N_("督办单都答复了"),
    Watch.DIRECTIVES: N_("批示都答复了"),
    Watch.LIFT: N_("没有建议提级的企业问题"),
    Watch.URGED: N_("今天还没有催过"),
    Watch.MEETING: N_("没有退了两次的企业问题"),
}


@dataclass(frozen=True, slots=True)
class Quick:
    """A quick filter as the page shows it."""

    label: str
    url: str
    count: str
    current: bool


@bp.get("/supervision")
def supervision() -> ResponseReturnValue:
    """Show what somebody has to keep an eye on, within what they may see."""
    viewer = reader()
    if not watched.may_supervise(viewer):
        raise NotAllowed(N_("督办页面给营商办、督查员和领导看。"))
    by = reading()
    counts = watched.counts(viewer=viewer, now=by.now)
    watch = _asked()
    page = watched.page(
        watch,
        viewer=viewer,
        reading=by,
        total=counts[watch],
        number=page_number(),
        size=current_app.config["PAGE_SIZE"],
    )
    return render_template(
        "tickets/supervision.html",
        page=page,
        watch=watch,
        card=_card(counts, watch, page),
        quick=[_quick(one, counts[one], watch) for one in Watch],
        sub=translated(SUBS[watch]),
        nothing=translated(NOTHING[watch]),
        answers=watch in {Watch.NOTES, Watch.DIRECTIVES},
        colours=COLOURS,
        lifts=watch is Watch.LIFT and watched.may_lift(viewer),
        lift=Event.ESCALATE.value,
    )


def _asked() -> Watch:
    """Return the quick filter that is asked for; nonsense asks for what is overdue."""
    try:
        return Watch(request.args.get("show", ""))
    except ValueError:
        return Watch.OVERDUE


def _quick(watch: Watch, count: int, current: Watch) -> Quick:
    shown = f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count)
    return Quick(translated(watch.label), _url(watch), shown, watch is current)


def _url(watch: Watch) -> str:
    return url_for(".supervision", show=watch.value)


def _card(counts: dict[Watch, int], watch: Watch, page: Page[Watched]) -> Card:
    """Return what to look at first: the gravest there is, and in a sentence the rest.

    Where its list is shown already, the first of it.
    """
    there = [watch for watch in GRAVEST if counts[watch]]
    if not there:
        return Card(_("现在没有要督办的"), _("临期的企业问题会出现在这里。"), tone="done")
    first, *rest = there
    here = first is watch and page.number == 1 and page.items
    told: list[Any] = [_(TOLD[watch], n=counts[watch]) for watch in rest]
    return Card(
        title=_(TOLD[first], n=counts[first]),
        text=_("另外%(more)s。", more=locale.spoken("；").join(told)) if told else "",
        tone="red" if first in GRAVE else "",
        url=url_for(".detail", ticket_id=page.items[0].id) if here else _url(first),
        verb=_("先看第一件") if here else _("先看这些"),
        icon="eye",
    )
