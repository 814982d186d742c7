"""The menu of each role: only pages that the role may use."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from flask import current_app, get_template_attribute, request, url_for
from markupsafe import Markup

from app.accounts.roles import Actor, Permission, Role
from app.core import locale
from app.core.i18n import N_
from app.desk.queries.parts import COUNTED, counted_as

MENUS = 500  # that a process remembers
TABS = 4  # at the bottom of a phone
HOME = "desk.index"
LETTERS = "portal.held"
MAIN = ("index", "mine")  # the page of a blueprint that its other pages belong to


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the menu."""

    label: str
    url: str
    icon: str
    count: int | str | None = None
    current: bool = False
    short: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """The menu of a role on one page, and its links as they are printed in the two places.

    `tabs` are those at the bottom of a phone.
    """

    items: tuple[Item, ...]
    tabs: tuple[Item, ...]
    beside: Markup
    in_box: Markup


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu: which, for whom, and its word on a phone."""

    endpoint: str
    label: str
    icon: str
    roles: frozenset[Role] = frozenset()
    permission: Permission | None = None
    short: str = ""
    group: str = ""

    def is_for(self, viewer: Actor) -> bool:
        """Tell whether the page is of use to `viewer`, and there at all."""
        if self.endpoint not in current_app.view_functions:
            return False
        if self.permission is not None and viewer.may(self.permission):
            return True
        return viewer.role in self.roles


PROBLEMS, VISITS, HEARD, RECORDS, MANAGE = (
    N_("问题"),
    N_("走访和企业"),
    N_("回访评价"),
    N_("资料"),
    N_("管理"),
)
GROUPS = ("", PROBLEMS, VISITS, HEARD, RECORDS, MANAGE)  # as they stand in the menu


def _managed(
    endpoint: str, label: str, icon: str, permission: Permission, *, short: str = ""
) -> Entry:
    return Entry(endpoint, label, icon, permission=permission, short=short, group=MANAGE)


OFFICE = frozenset({Role.DISPATCHER, Role.OFFICE_DIRECTOR})
UNIT = frozenset({Role.DEPT_HEAD, Role.HANDLER})
VISITORS = frozenset({Role.LEADER, Role.LIAISON})
WATCHERS = frozenset({Role.CHIEF, Role.SUPERVISOR})
LEADERS = frozenset({Role.LEADER})
ASKED = frozenset({Role.CHIEF, Role.LEADER, Role.OFFICE_DIRECTOR})  # for whose word digests wait
EVERYBODY = frozenset(Role) - {Role.SYSTEM}
TELLERS = VISITORS | {Role.ENTERPRISE_USER}

ENTRIES = (
    Entry("desk.index", N_("待办"), "inbox", EVERYBODY),
    Entry("reports.digest", N_("本周要您定的"), "check2-square", ASKED, short=N_("要定的")),
    Entry("visits.mine", N_("本月走访"), "geo-alt", VISITORS, short=N_("走访"), group=VISITS),
    Entry("tickets.index", N_("问题台账"), "list-task", OFFICE | WATCHERS, short=N_("台账")),
    Entry("tickets.index", N_("本单位问题"), "list-task", UNIT, short=N_("问题")),
    Entry("tickets.index", N_("企业问题"), "list-task", TELLERS, short=N_("问题")),
    Entry(
        "visits.index", N_("联系走访"), "geo-alt", OFFICE | WATCHERS, short=N_("走访"), group=VISITS
    ),
    Entry(
        "visits.quotas",
        N_("走访指标"),
        "list-check",
        OFFICE | WATCHERS | LEADERS,
        short=N_("指标"),
        group=VISITS,
    ),
    Entry(
        "visits.needs",
        N_("融资用工需求"),
        "cash-stack",
        OFFICE | WATCHERS,
        short=N_("需求"),
        group=VISITS,
    ),
    Entry(
        "tickets.supervision",
        N_("督办"),
        "megaphone",
        OFFICE | WATCHERS | LEADERS,
        short=N_("督办页"),  # its English word is too long for a phone
        group=PROBLEMS,
    ),
    Entry("enterprises.index", N_("企业"), "building", OFFICE | WATCHERS | VISITORS, group=VISITS),
    Entry(
        "visits.coverage",
        N_("走访覆盖"),
        "pie-chart",
        OFFICE | WATCHERS | VISITORS,
        short=N_("覆盖"),
        group=VISITS,
    ),
    Entry(
        "enterprises.projects",
        N_("重点项目"),
        "buildings",
        OFFICE | WATCHERS | VISITORS,
        group=VISITS,
    ),
    Entry(
        "servicedays.index",
        N_("服务企业家日"),
        "calendar-event",
        OFFICE | WATCHERS | VISITORS | UNIT,
        short=N_("服务日"),
        group=VISITS,
    ),
    Entry(
        "portal.held",
        N_("待核实来信"),
        "envelope-exclamation",
        OFFICE,
        short=N_("来信"),
        group=PROBLEMS,
    ),
    Entry(
        "portal.posters",
        N_("反映问题二维码"),
        "qr-code",
        OFFICE | VISITORS,
        short=N_("二维码"),
        group=PROBLEMS,
    ),
    Entry(
        "tickets.commons", N_("共性问题"), "collection", OFFICE | WATCHERS | UNIT, group=PROBLEMS
    ),
    Entry(
        "reports.index", N_("月报"), "file-earmark-text", OFFICE | WATCHERS | LEADERS, group=RECORDS
    ),
    Entry("tickets.revisits", N_("待我回访"), "telephone-outbound", OFFICE | VISITORS, group=HEARD),
    Entry("tickets.spot_checks", N_("抽查回访"), "shuffle", OFFICE, group=HEARD),
    Entry(
        "reports.ratings", N_("评价情况"), "chat-left-text", OFFICE | WATCHERS | UNIT, group=HEARD
    ),
    Entry(
        "library.index",
        N_("资料库"),
        "journal-text",
        permission=Permission.LIBRARY_READ,
        group=RECORDS,
    ),
    _managed("visits.handovers", N_("工作移交"), "arrow-left-right", Permission.LINKAGE_EDIT),
    _managed("catalogue.index", N_("派单目录"), "signpost-split", Permission.CATALOGUE_MANAGE),
    _managed("workdays.index", N_("工作日历"), "calendar3", Permission.CALENDAR_SEE),
    _managed(
        "accounts.users",
        N_("人员与权限"),
        "people",
        Permission.ACCOUNT_MANAGE,
        short=N_("人员"),
    ),
    _managed("accounts.units", N_("单位"), "diagram-3", Permission.ACCOUNT_MANAGE),
    _managed("desk.absences", N_("外出与代理"), "person-fill-up", Permission.ACCOUNT_MANAGE),
    _managed("accounts.parameters", N_("参数"), "sliders", Permission.PARAMETER_MANAGE),
    _managed("accounts.audit", N_("审计"), "shield-check", Permission.AUDIT_READ),
    _managed("notifications.outbox", N_("发件箱"), "send", Permission.OUTBOX_MANAGE),
    _managed("letters.index", N_("信件用语"), "envelope-paper", Permission.WORDING_MANAGE),
    _managed("operations.timetable", N_("时刻表"), "clock-history", Permission.TIMETABLE_SEE),
)
MENU = (
    Entry("desk.settings", N_("设置"), "gear", EVERYBODY),
    Entry("accounts.password", N_("修改密码"), "key", EVERYBODY),
    Entry("desk.help_page", N_("帮助"), "question-circle", EVERYBODY),
)


def menu(viewer: Actor, *, waiting: int, letters: int = 0) -> Menu:
    """Return the side menu, with the number of moves, and of the letters among them."""
    most = COUNTED + 1
    return _menu_of(viewer.role, _page(), min(waiting, most), min(letters, most))


def person_menu(viewer: Actor) -> tuple[Item, ...]:
    """Return the further links of the person's own menu."""
    return _person_menu_of(viewer.role, _page())


def _page() -> tuple[str, str, str]:
    """Return what a menu depends on besides the role: the same for everybody on one page."""
    return (request.endpoint or "", request.script_root, locale.language())


@lru_cache(maxsize=MENUS)
def _menu_of(role: Role, page: tuple[str, str, str], waiting: int, letters: int) -> Menu:
    del page  # the request says it again
    anyone = Actor(tenant_id=0, user_id=None, role=role)
    found = list(_items(ENTRIES, anyone, {HOME: waiting, LETTERS: letters}))
    tabs = tuple(item for item, _group in found[:TABS]) if len(found) > 1 else ()
    items = tuple(_grouped(sorted(found, key=_place)))
    links = get_template_attribute("components/shell.html", "nav_links")
    return Menu(items, tabs, beside=links(items, heads=True), in_box=links(items, "bh-menuitem"))


@lru_cache(maxsize=MENUS)
def _person_menu_of(role: Role, page: tuple[str, str, str]) -> tuple[Item, ...]:
    del page
    anyone = Actor(tenant_id=0, user_id=None, role=role)
    return tuple(item for item, _ in _items(MENU, anyone, {}))


def _place(of: tuple[Item, str]) -> int:
    """Return where the group of an item stands in the menu."""
    return GROUPS.index(of[1])


def _items(
    entries: tuple[Entry, ...], viewer: Actor, counts: Mapping[str, int]
) -> Iterator[tuple[Item, str]]:
    shown = [entry for entry in entries if entry.is_for(viewer)]
    here = _current(shown)
    for entry in shown:
        item = Item(
            label=locale.translated(entry.label),
            url=url_for(entry.endpoint),
            icon=entry.icon,
            count=counted_as(n) if (n := counts.get(entry.endpoint, 0)) else None,
            current=entry is here,
            short=locale.translated(entry.short),
        )
        yield item, entry.group


def _grouped(items: Iterable[tuple[Item, str]]) -> Iterator[Item]:
    """Give the heading of a group to the first item in it; one page alone is no group."""
    for group, members in groupby(items, key=itemgetter(1)):
        first, *rest = [item for item, _ in members]
        yield replace(first, group=locale.translated(group)) if group and rest else first
        yield from rest


def _current(entries: list[Entry]) -> Entry | None:
    """Return the page of the menu that the reader is on, or that leads to where they are.

    `accounts.user` belongs to `accounts.users`, `tickets.detail` to `tickets.index`.
    """
    here = request.endpoint or ""
    exact = [entry for entry in entries if entry.endpoint == here]
    below = [entry for entry in entries if here.startswith(entry.endpoint.rstrip("s"))]
    main = [
        entry
        for entry in entries
        if entry.endpoint != HOME
        and entry.endpoint in {f"{request.blueprint}.{name}" for name in MAIN}
    ]
    return next(iter([*exact, *below, *main]), None)
