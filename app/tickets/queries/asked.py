"""What the ticket register can be asked to show."""

from dataclasses import dataclass
from datetime import date

from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.tickets.workflow.states import OPEN, Source, Status


class View(LabelledEnum):
    """The quick filters of the register, in the order of the page."""

    WAITING = "waiting", N_("等我办")
    OPEN = "open", N_("在办和挂账")
    TODAY = "today", N_("今天到期")
    YELLOW = "yellow", N_("临期")
    RED = "red", N_("超期")
    REVISIT = "revisit", N_("待回访")
    SUSPENDED = "suspended", N_("挂账")
    REVIEW_DUE = "review_due", N_("挂账到复核期")
    RETURNED = "returned", N_("退单")
    REWORK = "rework", N_("重办")
    CLOSED = "closed", N_("已办结")
    ALL = "all", N_("全部")


ENDED_WELL = frozenset({Status.CLOSED, Status.ARCHIVED})
#: Where somebody has a move to make, so that there is something to sort by.
WAITING = frozenset(View) - {View.CLOSED, View.ALL}


class Colour(LabelledEnum):
    """The light of the handling clock, as one may ask for it."""

    GREEN = "green", N_("正常")
    YELLOW = "yellow", N_("临期")
    RED = "red", N_("超期")
    GREY = "grey", N_("挂账、待审核、待回访")


class Sort(LabelledEnum):
    """In which order the register is read."""

    DUE = "due", N_("按到期先后")
    NEWEST = "newest", N_("新登记的在前")
    NUMBER = "number", N_("按编号")


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What the register was asked to show; an empty field asks nothing."""

    text: str = ""
    view: View | None = None
    status: Status | None = None
    light: Colour | None = None
    category_id: int | None = None
    unit_id: int | None = None
    enterprise_id: int | None = None
    village_id: int | None = None
    source: Source | None = None
    received_from: date | None = None
    received_to: date | None = None
    mine: bool = False
    sort: Sort | None = None

    @property
    def shown(self) -> View:
        """The quick filter that applies: open tickets, unless something else was asked."""
        if self.view:
            return self.view
        return View.ALL if self.text or self.status else View.OPEN

    @property
    def order(self) -> Sort:
        """The order that applies: by the next deadline where there is one, else newest first."""
        waiting = (self.shown in WAITING or self.status in OPEN) and not self.text
        if self.sort is None or (self.sort is Sort.DUE and not waiting):
            return Sort.DUE if waiting else Sort.NEWEST
        return self.sort
