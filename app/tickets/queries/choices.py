"""The lists that the forms of a ticket and the register offer a choice from."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, literal, select, union_all
from sqlalchemy.orm import aliased

from app.accounts import queries as accounts
from app.accounts.models import OrgUnit, UnitKind, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.library import queries as library
from app.tickets import policy
from app.tickets.models import Category, CoTaskState, Ticket, called
from app.tickets.queries import catalogue, colleagues, readers, supervision
from app.tickets.queries.facts import HANDLING
from app.tickets.workflow.states import UNCOUNTED, NoteLevel

Option = tuple[int, str]
SAID = "："  # stands between who spoke and what was said
SHOWN = 40  # characters of a directive in a list
GROUPED = " · "  # stands between a group and what belongs to it
#: The kinds of unit that a ticket may be handed to.
HANDLING_UNITS = (
    UnitKind.OFFICE,
    UnitKind.DEPT,
    UnitKind.VERTICAL,
    UnitKind.VILLAGE,
    UnitKind.COUNTY_DEPT,
)
LEADING = (Role.CHIEF, Role.LEADER)
MOST_TWINS = 30  # tickets of one enterprise, the newest


class Need(StrEnum):
    """A list that a form offers a choice from."""

    CATEGORIES = "categories"
    SUBCATEGORIES = "subcategories"
    UNITS = "units"
    PEOPLE = "people"  # of the lead unit
    LEADERS = "leaders"
    TWINS = "twins"  # other tickets of the same enterprise
    CO_TASKS = "co_tasks"  # that wait for an opinion
    CO_GIVEN = "co_given"  # whose opinion waits for the lead unit
    UNIT_PEOPLE = "unit_people"  # who handle in the viewer's own unit
    DOCUMENTS = "documents"  # policies that an answer may cite today
    NOTES = "notes"  # supervision notes that wait for an answer
    DIRECTIVES = "directives"  # of leaders, that wait for the viewer's answer
    IN_THE_KNOW = "in_the_know"  # colleagues who may see the ticket
    MAY_READ = "may_read"  # people who may be told of a confidential ticket
    READERS = "readers"  # its named few
    DISPATCHERS = "dispatchers"


Options = Mapping[Need, Sequence[Option]]


def options(needs: Iterable[Need], ticket: Ticket, *, viewer: Actor) -> Options:
    """Return the lists that a form about `ticket` needs; one statement for each."""
    return {need: _LISTS[need](ticket, viewer) for need in needs}


@dataclass(frozen=True, slots=True)
class FilterLists:
    """What the register can be narrowed to."""

    categories: Sequence[Option]
    units: Sequence[Option]
    villages: Sequence[Option]


_CATEGORY, _UNIT = 0, 1
_LISTED: Any = union_all(
    select(
        literal(_CATEGORY).label("of"),
        Category.id.label("id"),
        Category.code.label("kind"),
        Category.name.label("name"),
        Category.name_en.label("name_en"),
        Category.sort_order.label("place"),
    )
    .where(Category.tenant_id == bindparam("tenant_id"), Category.is_active)
    .where(Category.parent_id.is_(None)),
    select(
        literal(_UNIT), OrgUnit.id, OrgUnit.kind, OrgUnit.name, literal(""), OrgUnit.sort_order
    ).where(OrgUnit.tenant_id == bindparam("tenant_id"), OrgUnit.kind != UnitKind.LEADING_GROUP),
).order_by("of", "place", "id")


def filter_lists(*, viewer: Actor) -> FilterLists:
    """Return the categories, units and villages of the tenant. One statement."""
    lines = db.session.execute(_LISTED, {"tenant_id": viewer.tenant_id}).all()
    units = [line for line in lines if line.of == _UNIT]
    return FilterLists(
        categories=[
            (line.id, f"{line.kind} {called(line.name, line.name_en)}")
            for line in lines
            if line.of == _CATEGORY
        ],
        units=[(line.id, line.name) for line in units],
        villages=[(line.id, line.name) for line in units if line.kind == UnitKind.VILLAGE],
    )


def categories(*, viewer: Actor) -> list[Option]:
    """Return the categories of the first level."""
    return catalogue.choices(viewer=viewer)


def subcategories(*, viewer: Actor) -> list[Option]:
    """Return the categories of the second level, each with the one above as that list calls it."""
    above = aliased(Category)
    lines = db.session.execute(
        select(Category.id, above.code, above.name, above.name_en, Category.name, Category.name_en)
        .join(above, above.id == Category.parent_id)
        .where(above.parent_id.is_(None))
        .where(Category.tenant_id == viewer.tenant_id, Category.is_active)
        .order_by(Category.sort_order, Category.code)
    )
    return [
        (id_, f"{code} {called(group, group_en)}{GROUPED}{called(name, name_en)}")
        for id_, code, group, group_en, name, name_en in lines
    ]


def units(*, viewer: Actor, but: int | None = None) -> list[Option]:
    """Return the units that a ticket may be handed to, without the one it complains about."""
    found = accounts.units(viewer=viewer, kinds=HANDLING_UNITS)
    return [(unit.id, unit.name) for unit in found if unit.id != but]


def _people(ticket: Ticket) -> list[Option]:
    if ticket.lead_unit_id is None:
        return []
    found = accounts.users_with_role(ticket.tenant_id, HANDLING, ticket.lead_unit_id)
    return [_person(user) for user in found]


def people_of_unit(*, viewer: Actor) -> list[Option]:
    """Return the people who handle in the viewer's own unit."""
    if viewer.unit_id is None:
        return []
    found = accounts.users_with_role(viewer.tenant_id, HANDLING, viewer.unit_id)
    return [_person(user) for user in found]


def _in_the_know(ticket: Ticket, viewer: Actor) -> list[Option]:
    found = colleagues.who_may_see(ticket)
    return [_person(user) for user in found if user.id != viewer.user_id]


def _leaders(viewer: Actor) -> list[Option]:
    return [_person(user) for user in accounts.users_with_role(viewer.tenant_id, LEADING)]


def _person(user: User) -> Option:
    return user.id, f"{user.name} {user.post}".strip()


def twins(ticket: Ticket, *, viewer: Actor) -> list[Option]:
    """Return the other tickets of the same enterprise that count, the newest first."""
    lines = db.session.execute(
        select(Ticket.id, Ticket.number, Ticket.title)
        .where(policy.visible_to(viewer, numbered=True), Ticket.number.is_not(None))
        .where(Ticket.enterprise_id == ticket.enterprise_id, Ticket.id != ticket.id)
        .where(Ticket.status.not_in(sorted(UNCOUNTED)))
        .order_by(Ticket.id.desc())
        .limit(MOST_TWINS)
    )
    return [(line.id, f"{line.number} {line.title}") for line in lines]


def _co_tasks(ticket: Ticket, viewer: Actor) -> list[Option]:
    """Return the co-tasks that wait: one's own, or for the lead unit all of them."""
    leads = viewer.unit_id == ticket.lead_unit_id
    return [
        (task.id, task.unit.name)
        for task in ticket.present_co_tasks
        if task.state is CoTaskState.OPEN and (leads or task.unit_id == viewer.unit_id)
    ]


def _co_given(ticket: Ticket) -> list[Option]:
    """Return the co-tasks whose opinion is neither accepted nor asked for again."""
    given = (t for t in ticket.present_co_tasks if t.state is CoTaskState.SUBMITTED)
    return [(task.id, task.unit.name) for task in given]


def _notes(ticket: Ticket) -> list[Option]:
    """Return the supervision notes that wait; their names are still to be translated."""
    return [
        (note.id, NoteLevel(note.level).label)
        for note in ticket.supervision_notes
        if note.answered_at is None and note.directive_id is None
    ]


def _directives(ticket: Ticket, viewer: Actor) -> list[Option]:
    """Return the directives whose answer the viewer gives, by their first words."""
    return [
        (one.id, f"{one.by.name}{SAID}{one.text[:SHOWN]}")
        for one in supervision.directives_of(ticket.id, waiting=True)
        if supervision.is_answered_by(one, ticket, viewer)
    ]


def documents(
    category_id: int | None, *, viewer: Actor, text: str = "", also: Collection[int] = ()
) -> list[Option]:
    """Return the policies that an answer may cite, those of its category first."""
    found = library.to_cite(category_id, text, also=also, viewer=viewer)
    return [(one.id, f"{one.title} {one.doc_no}".strip()) for one in found]


_LISTS: dict[Need, Callable[[Ticket, Actor], Sequence[Option]]] = {
    Need.CATEGORIES: lambda _ticket, viewer: categories(viewer=viewer),
    Need.SUBCATEGORIES: lambda _ticket, viewer: subcategories(viewer=viewer),
    Need.UNITS: lambda ticket, viewer: units(viewer=viewer, but=ticket.complained_unit_id),
    Need.PEOPLE: lambda ticket, _viewer: _people(ticket),
    Need.LEADERS: lambda _ticket, viewer: _leaders(viewer),
    Need.TWINS: lambda ticket, viewer: twins(ticket, viewer=viewer),
    Need.CO_TASKS: _co_tasks,
    Need.CO_GIVEN: lambda ticket, _viewer: _co_given(ticket),
    Need.UNIT_PEOPLE: lambda _ticket, viewer: people_of_unit(viewer=viewer),
    Need.DOCUMENTS: lambda ticket, viewer: documents(ticket.category_id, viewer=viewer),
    Need.NOTES: lambda ticket, _viewer: _notes(ticket),
    Need.DIRECTIVES: _directives,
    Need.IN_THE_KNOW: _in_the_know,
    Need.MAY_READ: lambda ticket, _viewer: readers.to_name(ticket),
    Need.READERS: lambda ticket, _viewer: readers.to_end(ticket),
    Need.DISPATCHERS: lambda ticket, _viewer: readers.dispatchers(ticket),
}
