"""Founding the invented township: its house, its people, its enterprises.

Each function is one thing that somebody does, through the services, in a transaction that
the caller opens.
"""

from dataclasses import fields, replace
from datetime import date

from sqlalchemy import select

from app.accounts import queries as accounts_queries
from app.accounts import service as accounts
from app.accounts.models import Control, OrgUnit, UnitKind, User
from app.accounts.roles import Actor, Role, system
from app.core import clock
from app.core.db import db
from app.demo.models import DemoClock
from app.demo.service.cast import Cast, Firm, Kind
from app.demo.service.files import Files, FirmRow
from app.enterprises import queries as enterprise_queries
from app.enterprises import service as enterprises
from app.enterprises.models import Operation, OrgType, Scale, Tier
from app.notifications import service as outbox
from app.tickets.models import Category
from app.tickets.service import catalogue
from app.tickets.workflow.states import Urgency
from app.workdays import service as workdays

TENANT = "霁川镇"
FOUNDED = "演示乡镇初次录入"
LINKED_FROM = date(2026, 1, 1)
PROJECTS_LINKED_FROM = date(2026, 10, 1)
LAST_YEAR = 2025
CALENDAR = (2025, 2026)
DOC_NO = "霁委办〔2025〕36号"
PROJECTS_DOC_NO = "霁委办〔2026〕29号"
FOUNDRY = {"47": Scale.CONSTRUCTION, "52": Scale.TRADE, "61": Scale.CATERING}
SMALL, MEDIUM = 20, 300  # employees, in industry
PROJECT_FIRMS = {
    "晨岫新材料产业园": "晨岫新材料科技",
    "拾光精密二期": "拾光精密机械",
    "岭东磁铁矿绿色矿山改造": "岭东磁铁矿业",
}
STREETS = ("东", "南", "西", "北")
STOPPED_FIRST = "循屿再生资源"  # stands still from January to April; see `visiting`


def open_house(cast: Cast, files: Files) -> None:
    """Make the tenant, its clock that does not run yet, calendar, units and catalogue."""
    tenant = accounts.create_tenant(TENANT, is_demo=True)
    cast.tenant_id = tenant.id
    db.session.add(DemoClock(tenant_id=tenant.id, shift_seconds=0, beat_at=clock.machine_now()))
    founder = system(tenant.id)
    workdays.seed(tenant, CALENDAR, actor=founder)
    units = {}
    for order, row in enumerate(files.units):
        draft = accounts.UnitDraft(
            row.name, UnitKind(row.kind), Control(row.control), sort_order=order
        )
        units[row.name] = accounts.create_unit(draft, actor=founder)
    catalogue.seed(tenant.id, units, actor=founder)
    cast.units = {name: unit.id for name, unit in units.items()}
    _note_kinds(cast)


def _note_kinds(cast: Cast) -> None:
    rows = db.session.scalars(select(Category).order_by(Category.id)).all()
    for row in rows:
        if row.parent_id is None:
            below = tuple((item.id, item.name) for item in rows if item.parent_id == row.id)
            cast.kinds[row.code] = Kind(row.id, row.urgency is Urgency.URGENT, below)


def hire(cast: Cast, files: Files, password_hash: str) -> None:
    """Give everybody an account, with the one password, and their roles."""
    for number, row in enumerate(files.leaders, start=1):
        roles = [Role(name) for name in row.roles.split()]
        first = _person(cast, (row.username, row.name, row.post), number, password_hash)
        for role in roles:
            _seat(cast, first, role, "")
        cast.leaders[row.id] = first.id
    for number, officer in enumerate(files.liaisons, start=101):
        user = _person(cast, (officer.username, officer.name, "联络员"), number, password_hash)
        cast.liaisons[officer.id] = _seat(cast, user, Role.LIAISON, officer.unit)
    for number, one in enumerate(files.staff, start=201):
        if Role(one.role) is not Role.ENTERPRISE_USER:
            user = _person(cast, (one.username, one.name, one.post), number, password_hash)
            _seat(cast, user, Role(one.role), one.unit)


def _person(cast: Cast, called: tuple[str, str, str], number: int, password_hash: str) -> User:
    """Add a person with a user name, a name and a post."""
    username, name, post = called
    draft = accounts.UserDraft(
        username, name, post, email=f"{username}@example.com", phone=f"1420000{number:04}"
    )
    made = accounts.create_user(
        draft, actor=system(cast.tenant_id), password_hash=password_hash, must_change=False
    )
    return made.user


def _seat(cast: Cast, user: User, role: Role, unit: str) -> Actor:
    """Give a person a role, and note who they are in it."""
    unit_id = cast.units[unit] if unit else None
    founder = system(cast.tenant_id)
    accounts.give_role(user, role, unit_id=unit_id, reason=FOUNDED, actor=founder)
    actor = Actor(cast.tenant_id, user.id, role, user.name, unit_id)
    cast.people.setdefault(user.username, actor)
    if role is Role.DEPT_HEAD:
        cast.heads[unit] = actor
    elif role is Role.HANDLER:
        cast.handlers[unit] = actor
    elif role is Role.CHIEF:
        cast.chief = actor
    elif role is Role.OFFICE_DIRECTOR:
        cast.director = actor
    return actor


def put_in_charge(cast: Cast, files: Files) -> None:
    """Say which leader is in charge of which unit."""
    founder = system(cast.tenant_id)
    for row in files.leaders:
        for name in row.in_charge.split():
            unit: OrgUnit = accounts_queries.unit(cast.units[name], viewer=founder)
            draft = accounts.UnitDraft(
                unit.name, unit.kind, unit.control, cast.leaders[row.id], unit.sort_order
            )
            accounts.edit_unit(unit, draft, reason=FOUNDED, version=None, actor=founder)


def open_files(cast: Cast, files: Files) -> None:
    """Begin the file of every enterprise, with a contact, last year's figures and its linkage."""
    clerk = cast.dispatchers[0]
    for number, row in enumerate(files.firms, start=1):
        firm = enterprises.create_enterprise(_draft(cast, row, number), actor=clerk)
        phone = f"1420000{1000 + number}"
        contact = enterprises.ContactDraft(row.contact, row.contact_post, phone, is_primary=True)
        enterprises.add_contact(firm, contact, actor=clerk)
        enterprises.save_year(firm, _figures(row), actor=clerk)
        link = enterprises.start_linkage(
            enterprises.LinkageDraft(
                leader_id=cast.leaders[row.leader_id],
                liaison_id=cast.liaisons[row.liaison_id].user_id,
                enterprise_id=firm.id,
                valid_from=LINKED_FROM,
                tier=_tier(row),
                doc_no=DOC_NO,
            ),
            actor=clerk,
        )
        cast.firms[row.short_name] = Firm(
            id=firm.id,
            name=row.short_name,
            is_key=_tier(row) is Tier.KEY,
            linkage_id=link.id,
            leader_id=link.leader_id,
            liaison=cast.liaisons[row.liaison_id],
            contact=row.contact,
            contact_post=row.contact_post,
            phone=phone,
            employees=int(row.employees),
        )


def _draft(cast: Cast, row: FirmRow, number: int) -> enterprises.EnterpriseDraft:
    cooperative = row.scale == "社"
    building = row.scale == "在建"
    stopped = row.short_name == STOPPED_FIRST
    running = Operation.STOPPED if stopped else Operation.RUNNING
    return enterprises.EnterpriseDraft(
        name=row.name,
        short_name=row.short_name,
        uscc=row.uscc,
        org_type=OrgType.COOPERATIVE if cooperative else OrgType.COMPANY,
        industry_code=row.industry_code,
        industry=row.industry,
        legal_rep=row.contact,
        address=_address(row, number),
        village_id=cast.units[row.village],
        operation=Operation.BUILDING if building else running,
        scale=_scale(row),
        near_scale=row.scale == "临规",
        size_class=_size(int(row.employees)),
        tier=_tier(row),
    )


def _tier(row: FirmRow) -> Tier:
    return Tier.KEY if row.tier == "重点" else Tier.GENERAL


def _scale(row: FirmRow) -> Scale:
    if row.scale not in {"规上", "限上"}:
        return Scale.BELOW
    return FOUNDRY.get(row.industry_code, Scale.INDUSTRY)


def _size(employees: int) -> str:
    if employees < SMALL:
        return "微"
    return "小" if employees < MEDIUM else "中"


def _address(row: FirmRow, number: int) -> str:
    if row.village.endswith("社区"):
        return f"{row.village}集镇{STREETS[number % 4]}路 {number * 3} 号"
    return f"{row.village}第 {number % 7 + 1} 组"


def _figures(row: FirmRow) -> enterprises.YearDraft:
    return enterprises.YearDraft(
        year=LAST_YEAR,
        revenue_wan=float(row.revenue_wan),
        tax_wan=float(row.tax_wan),
        employees=int(row.employees),
        source="企业年报",
    )


def welcome_customers(cast: Cast, files: Files, password_hash: str) -> None:
    """Give the two enterprises that asked for it an account of their own."""
    founder = system(cast.tenant_id)
    by_contact = {firm.contact: firm for firm in cast.firms.values()}
    wanted = [row for row in files.staff if Role(row.role) is Role.ENTERPRISE_USER]
    for number, row in enumerate(wanted, start=301):
        user = _person(cast, (row.username, row.name, row.post), number, password_hash)
        firm = by_contact[row.name]
        accounts.give_role(user, Role.ENTERPRISE_USER, enterprise_id=firm.id, actor=founder)
        cast.customers[firm.name] = Actor(
            cast.tenant_id, user.id, Role.ENTERPRISE_USER, user.name, enterprise_id=firm.id
        )


def begin_projects(cast: Cast, files: Files) -> None:
    """Begin the files of the key projects; who looks after them begins in October."""
    for row in files.projects:
        firm = PROJECT_FIRMS.get(row.name)
        draft = enterprises.ProjectDraft(
            name=row.name,
            stage=row.stage,
            investment_yi=float(row.investment_yi),
            address=TENANT,
            enterprise_id=cast.firms[firm].id if firm else None,
        )
        made = enterprises.create_project(draft, actor=cast.dispatchers[0])
        cast.projects[row.name] = made.id


def link_projects(cast: Cast, files: Files) -> None:
    """Let leaders look after the key projects, from October on.

    So the tasks of January to September are those of the enterprises, 36 each month.
    """
    for row in files.projects:
        draft = enterprises.LinkageDraft(
            leader_id=cast.leaders[row.leader_id],
            liaison_id=cast.liaisons[row.liaison_id].user_id,
            project_id=cast.projects[row.name],
            valid_from=PROJECTS_LINKED_FROM,
            tier=Tier.KEY,
            doc_no=PROJECTS_DOC_NO,
        )
        enterprises.start_linkage(draft, actor=cast.dispatchers[0])


def say_it_runs(cast: Cast, firm: str, operation: Operation) -> None:
    """Write into the file of an enterprise that it stands still, or runs again."""
    clerk = cast.dispatchers[1]
    found = enterprise_queries.get(cast.firms[firm].id, viewer=clerk)
    names = [field.name for field in fields(enterprises.EnterpriseDraft)]
    draft = enterprises.EnterpriseDraft(**{name: getattr(found, name) for name in names})
    enterprises.edit_enterprise(found, replace(draft, operation=operation), actor=clerk)


def read_messages(cast: Cast) -> None:
    """Let everybody have read what was written to them so far."""
    for actor in (*cast.people.values(), *cast.customers.values()):
        outbox.mark_all_read(actor=actor)
