"""What the page of an enterprise shows of packages above it: problems, visits, needs, promises."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounts.models import Tenant
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.paging import Page
from app.tickets import queries as tickets
from app.tickets.queries import Reading, Row, Sort, TicketFilter, View
from app.visits import queries as visits
from app.visits.models import Promise, Visit
from app.visits.queries import Need
from app.workdays.queries import calendar_of

SHOWN = 6  # rows of each sort


@dataclass(frozen=True, slots=True)
class Extras:
    """The problems of an enterprise, the open ones first, its latest visits, and what they left."""

    tickets: Sequence[Row]
    ticket_count: int
    open_count: int
    is_capped: bool
    visits: Sequence[Visit]
    needs: Sequence[Need]
    promises: Sequence[Promise]
    may_visit: bool
    may_open: bool

    @property
    def urgent(self) -> Row | None:
        """The open problem with the earliest deadline."""
        return self.tickets[0] if self.open_count and self.tickets else None


def enterprise_extras(enterprise_id: int, viewer: Actor) -> Extras:
    """Return what the page of one enterprise shows besides its file.

    Only what the viewer may know of, whoever asks.
    """
    open_ones = _tickets(enterprise_id, viewer, View.OPEN, Sort.DUE)
    newest = _tickets(enterprise_id, viewer, View.ALL, Sort.NEWEST)
    seen = {row.id for row in open_ones.items}
    rows = [*open_ones.items, *(row for row in newest.items if row.id not in seen)]
    made = visits.search(visits.VisitFilter(enterprise_id=enterprise_id), viewer=viewer)
    return Extras(
        tickets=rows[:SHOWN],
        ticket_count=newest.total,
        open_count=open_ones.total,
        is_capped=newest.total_capped,
        visits=db.session.scalars(made.limit(SHOWN)).all(),
        needs=visits.needs_of(enterprise_id, viewer=viewer),
        promises=visits.promises_to(enterprise_id, viewer=viewer),
        may_visit=viewer.may(Permission.VISIT_RECORD),
        may_open=viewer.may(Permission.TICKET_OPEN) and viewer.role is not Role.ENTERPRISE_USER,
    )


def _tickets(enterprise_id: int, viewer: Actor, view: View, sort: Sort) -> Page[Row]:
    tenant = db.session.get_one(Tenant, viewer.tenant_id)
    return tickets.search_page(
        TicketFilter(enterprise_id=enterprise_id, view=view, sort=sort),
        viewer=viewer,
        reading=Reading(calendar_of(viewer.tenant_id), tenant.parameters, clock.now()),
        size=SHOWN,
    )
