"""A small township whose people sign in: one of each whom a problem passes on its way."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.accounts import queries, roles
from app.accounts.models import Control, OrgUnit, Tenant, UnitKind, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import Category, Ticket, TicketEvent
from app.tickets.service import StepInput, TicketDraft, catalogue
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Urgency
from app.visits import service as visits
from app.workdays import service as workdays
from tests import make

FIRM = "明岫拾光精密机械有限公司"
SHORT = "拾光精密"
CATEGORY = "07 交通物流"
ROAD = "进厂道路"
TITLE = "园区东路限高架挡住大件运输"
STORY = "园区东路北口的限高架只有 3.2 米，大件设备运不出去，每趟要绕行四十公里。"
UNIT, CO_UNIT = "规划建设办公室", "派出所"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """Somebody who signs in, and what the history says of them."""

    username: str
    name: str
    role: Role


LIAISON = Person("ximuyang", "席沐阳", Role.LIAISON)
DISPATCHER = Person("shenzhixia", "沈知夏", Role.DISPATCHER)
COLLEAGUE = Person("luqingyue", "陆清越", Role.DISPATCHER)
HANDLER = Person("chengwangchuan", "程望川", Role.HANDLER)
HELPER = Person("xunyebai", "巡夜白", Role.HANDLER)
HEAD = Person("fangyangeng", "方砚耕", Role.DEPT_HEAD)
FIRM_USER = Person("qiye01", "宋拾光", Role.ENTERPRISE_USER)
DIRECTOR = Person("yujinglan", "虞景澜", Role.OFFICE_DIRECTOR)
CHIEF = Person("ruanhuaiqing", "阮怀青", Role.CHIEF)
LEADER = Person("luanyichen", "栾亦辰", Role.LEADER)
SUPERVISOR = Person("ducha", "文砚秋", Role.SUPERVISOR)
VILLAGER = Person("cun01", "霍近邻", Role.VILLAGE_OFFICER)
ADMIN = Person("admin", "顾问渠", Role.SYS_ADMIN)
AUDITOR = Person("shenji", "秦镜明", Role.AUDIT_ADMIN)
EVERYBODY = (
    LIAISON,
    DISPATCHER,
    COLLEAGUE,
    HANDLER,
    HELPER,
    HEAD,
    FIRM_USER,
    DIRECTOR,
    CHIEF,
    LEADER,
    SUPERVISOR,
    VILLAGER,
    ADMIN,
    AUDITOR,
)


@dataclass
class Town:
    """Ids, not rows: each step reads afresh, as a request does."""

    firm_id: int
    unit_id: int
    co_unit_id: int
    ticket_id: int = 0

    def actor(self, person: Person) -> Actor:
        found = select(User.id).where(User.username == person.username)
        return queries.actor_for(db.session.scalars(found).one(), person.role)

    @property
    def ticket(self) -> Ticket:
        db.session.rollback()  # the browsers write beside us
        return db.session.get_one(Ticket, self.ticket_id)

    def events(self, kind: str) -> list[TicketEvent]:
        """Return what happened to the ticket, of one kind."""
        return [event for event in self.ticket.events if event.kind == kind]

    def take(self, event: Event, by: Person, **given: Any) -> None:
        with transaction():
            service.take(self.ticket, event, StepInput(**given), actor=self.actor(by))

    def report(self, title: str = TITLE, **more: Any) -> int:
        """Let the liaison officer report the problem that the tests speak of; return its id."""
        category = select(Category.id).where(Category.name == "交通物流")
        given: dict[str, Any] = {
            "enterprise_id": self.firm_id,
            "title": title,
            "description": STORY,
            "category_id": db.session.scalars(category).one(),
            "contact_name": "宋主任",
            "contact_phone": "14200001234",
            "no_secrets": True,
        }
        draft = TicketDraft(**given | more)
        with transaction():
            ticket = service.open_ticket(draft, actor=self.actor(LIAISON))
            service.take(ticket, Event.SUBMIT, StepInput(), actor=self.actor(LIAISON))
            self.ticket_id = ticket.id
        return self.ticket_id

    @property
    def unit(self) -> OrgUnit:
        """The unit that handles it."""
        return db.session.get_one(OrgUnit, self.unit_id)

    @property
    def road_id(self) -> int:
        """The kind of problem that the tests speak of."""
        return db.session.scalars(select(Category.id).where(Category.name == ROAD)).one()

    def accept(self, **more: Any) -> None:
        """Take it in, as the office does."""
        given = {"urgency": Urgency.NORMAL, "complexity": Complexity.SIMPLE} | more
        road = self.road_id
        self.take(Event.ACCEPT, DISPATCHER, subcategory_id=road, duplicates_checked=True, **given)

    def hand_over(self) -> None:
        """Report it, and bring it to the unit and the co-unit."""
        self.report()
        self.accept()
        self.take(
            Event.DISPATCH,
            DISPATCHER,
            lead_unit_id=self.unit_id,
            co_unit_ids=(self.co_unit_id,),
        )

    def begin(self) -> None:
        """Report it, and bring it so far that the unit works on it."""
        self.hand_over()
        self.sign_and_call()

    def sign_and_call(self) -> None:
        """Sign for it, and call the firm."""
        self.take(Event.SIGN, HANDLER)
        self.take(
            Event.FIRST_CONTACT,
            HANDLER,
            channel=ContactChannel.PHONE,
            person="宋主任",
            at=clock.now(),
            comment="说明了办法",
        )


def settle() -> Town:
    """Make the township: units, people, one firm with its linkage, the visits of the month."""
    house = make.the_tenant()
    office = make.unit("营商环境办公室", kind=UnitKind.OFFICE)
    units = {
        Role.DISPATCHER: office,
        Role.OFFICE_DIRECTOR: office,
        Role.HANDLER: make.unit(UNIT),
        Role.VILLAGE_OFFICER: make.unit("霁川社区", kind=UnitKind.VILLAGE),
    }
    units[Role.DEPT_HEAD] = units[Role.HANDLER]
    police = make.unit(CO_UNIT, kind=UnitKind.VERTICAL, control=Control.VERTICAL)
    firm = make.enterprise(FIRM, short_name=SHORT, village_id=units[Role.VILLAGE_OFFICER].id)
    make.contact(enterprise=firm, name="宋主任", post="办公室主任", is_primary=True)
    people: dict[Person, User] = {}
    for person in EVERYBODY:
        people[person] = make.user(
            person.role,
            unit=police if person is HELPER else units.get(person.role),
            enterprise_id=firm.id if person is FIRM_USER else None,
            username=person.username,
            name=person.name,
            password=make.PASSWORD,
        )
    make.linkage(
        enterprise=firm, leader=people[LEADER], liaison=people[LIAISON], created_at=LONG_AGO
    )
    _provide(house.id, [units[Role.HANDLER], police])
    return Town(firm.id, units[Role.HANDLER].id, police.id)


def _provide(tenant_id: int, units: list[OrgUnit]) -> None:
    """Give the township its calendar, its dispatch catalogue and the visits it owes."""
    system = roles.system(tenant_id)
    manager = make.actor(Role.SYS_ADMIN, name="建档人")
    with transaction():
        workdays.seed(db.session.get_one(Tenant, tenant_id), (2026,), actor=system)
        catalogue.seed(tenant_id, {unit.name: unit for unit in units}, actor=manager)
        visits.generate_tasks(tenant_id, "2026-09")
