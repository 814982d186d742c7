"""What the shell of every page says: who is signed in, the menu, what waits."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from flask import current_app, g, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.queries import SignedIn
from app.accounts.roles import Permission
from app.core import clock, locale
from app.core.i18n import N_
from app.desk.queries import worklist
from app.desk.queries.parts import counted_as
from app.desk.views import navigation
from app.desk.views.navigation import Item

log = logging.getLogger(__name__)

DEMO_NOW = N_("{year}年{month}月{day}日 {time}")


@dataclass(frozen=True, slots=True)
class Role:
    """A role that the person may switch to; the id is that of the holding."""

    id: int
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """The value that layout.html prints; its names are explained there."""

    signed_in: bool = False
    tenant_name: str = ""
    unit_name: str = ""
    person_name: str = ""
    person_key: str = ""
    role_label: str = ""
    home_url: str = "/"
    inbox_url: str | None = None
    unread: int | str = 0
    nav: Sequence[Item] = ()
    nav_beside: str = ""
    nav_in_box: str = ""
    tabs: Sequence[Item] = ()
    menu: Sequence[Item] = ()
    roles: Sequence[Role] = ()
    language: str = "zh"
    theme: str = "auto"
    large_type: bool = False
    keys: bool = True
    demo: bool = False
    demo_now: str | None = None
    can_travel: bool = False


def of_page() -> Shell:
    """Return the shell for the present reader; one statement for who is signed in.

    A page that says the database failed must not fail for the same reason: it is shown as
    to somebody signed out.
    """
    if "shell" not in g:
        try:
            g.shell = _of_reader()
        except SQLAlchemyError:
            log.exception("The shell of a page could not be read")
            g.shell = Shell()
    return cast("Shell", g.shell)


def _of_reader() -> Shell:
    look = locale.look()
    if not current_user.is_authenticated or current_user.must_change_password:
        return Shell(
            language=look.language,
            theme=look.theme,
            large_type=look.large_type,
            keys=look.keys,
            home_url=url_for("desk.index"),
        )
    return _signed_in(current_user, look)


def _signed_in(person: SignedIn, look: locale.Look) -> Shell:
    waits = g.pop("waiting", None) or worklist.waiting(person)
    nav = navigation.menu(person, waiting=waits.moves, letters=waits.letters)
    inbox = "notifications.index" in current_app.view_functions
    return Shell(
        signed_in=True,
        tenant_name=person.tenant_name,
        unit_name=person.unit_name,
        person_name=person.name,
        person_key=_key(person),
        role_label=locale.translated(person.role.label),
        home_url=url_for("desk.index"),
        inbox_url=url_for("notifications.index") if inbox else None,
        unread=counted_as(waits.unread),
        nav=nav.items,
        nav_beside=nav.beside,
        nav_in_box=nav.in_box,
        tabs=nav.tabs,
        menu=navigation.person_menu(person),
        roles=_roles(person),
        language=look.language,
        theme=look.theme,
        large_type=look.large_type,
        keys=look.keys,
        demo=person.is_demo,
        demo_now=_demo_now() if person.is_demo else None,
        can_travel=_can_travel(person),
    )


def _key(person: SignedIn) -> str:
    """Return a name for the person's drafts on this machine that tells nobody who they are."""
    return hashlib.sha256(f"drafts {person.tenant_id} {person.user_id}".encode()).hexdigest()[:16]


def _roles(person: SignedIn) -> tuple[Role, ...]:
    return tuple(
        Role(
            held.id,
            " · ".join(word for word in (locale.translated(held.label), held.unit_name) if word),
            held.id == person.holding_id,
        )
        for held in person.holdings
    )


def _demo_now() -> str:
    now = clock.local(clock.now())
    return locale.translated(DEMO_NOW).format(
        year=now.year, month=now.month, day=now.day, time=f"{now:%H:%M}"
    )


def _can_travel(person: SignedIn) -> bool:
    there = "demo.travel" in current_app.view_functions
    return there and person.is_demo and person.may(Permission.DEMO_TRAVEL)
