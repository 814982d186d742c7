"""Who may do what: the twelve roles, their rights, and the person who acts in one.

Source: the roles × rights table of the office's ticket rules (C2.6). Which role may take
which step of a ticket stands in the workflow table; here is all the rest.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.core.enums import LabelledEnum
from app.core.i18n import N_


class Role(LabelledEnum):
    """The function in which a person acts."""

    SYS_ADMIN = "sys_admin", N_("系统管理员")
    AUDIT_ADMIN = "audit_admin", N_("审计员")
    CHIEF = "chief", N_("镇主要负责同志")
    LEADER = "leader", N_("包联领导")
    OFFICE_DIRECTOR = "office_director", N_("营商办主任")
    DISPATCHER = "dispatcher", N_("交办员")
    DEPT_HEAD = "dept_head", N_("承办单位负责人")
    HANDLER = "handler", N_("承办人")
    LIAISON = "liaison", N_("联络员")
    SUPERVISOR = "supervisor", N_("督查员")
    VILLAGE_OFFICER = "village_officer", N_("村（社区）干部")
    ENTERPRISE_USER = "enterprise_user", N_("企业用户")
    SYSTEM = "system", N_("系统")


#: The roles that people hold; SYSTEM is the timetable's.
PEOPLE = tuple(role for role in Role if role is not Role.SYSTEM)


class Permission(StrEnum):
    """A thing that some people may do, named noun:verb."""

    TICKET_SEE_ALL = "ticket:see-all"
    TICKET_OPEN = "ticket:open"
    TICKET_URGE = "ticket:urge"
    TICKET_REVISIT = "ticket:revisit"
    TICKET_ASSIGN = "ticket:assign"
    TICKET_COMMENT = "ticket:comment"
    ENTERPRISE_SEE_ALL = "enterprise:see-all"
    ENTERPRISE_EDIT = "enterprise:edit"
    LINKAGE_EDIT = "linkage:edit"
    VISIT_SEE_ALL = "visit:see-all"
    VISIT_RECORD = "visit:record"
    VISIT_RECORD_LATE = "visit:record-late"
    VISIT_EXEMPT = "visit:exempt"
    CAMPAIGN_MANAGE = "campaign:manage"
    NEED_MANAGE = "need:manage"
    TELLING_CLEAR = "telling:clear"
    SERVICE_DAY_SEE_ALL = "service-day:see-all"
    SERVICE_DAY_MANAGE = "service-day:manage"
    SERVICE_DAY_BOOK = "service-day:book"
    OUTBOX_MANAGE = "outbox:manage"
    WORDING_MANAGE = "wording:manage"
    ACCOUNT_MANAGE = "account:manage"
    CATALOGUE_MANAGE = "catalogue:manage"
    LIBRARY_MANAGE = "library:manage"
    LIBRARY_READ = "library:read"
    CALENDAR_MANAGE = "calendar:manage"
    CALENDAR_SEE = "calendar:see"
    PARAMETER_MANAGE = "parameter:manage"
    AUDIT_READ = "audit:read"
    TIMETABLE_SEE = "timetable:see"
    DEMO_TRAVEL = "demo:travel"


_OFFICE = frozenset(
    {
        Permission.TICKET_SEE_ALL,
        Permission.TICKET_OPEN,
        Permission.TICKET_URGE,
        Permission.TICKET_REVISIT,
        Permission.TICKET_COMMENT,
        Permission.ENTERPRISE_SEE_ALL,
        Permission.ENTERPRISE_EDIT,
        Permission.LINKAGE_EDIT,
        Permission.VISIT_SEE_ALL,
        Permission.VISIT_RECORD,
        Permission.VISIT_RECORD_LATE,
        Permission.VISIT_EXEMPT,
        Permission.CAMPAIGN_MANAGE,
        Permission.NEED_MANAGE,
        Permission.TELLING_CLEAR,
        Permission.SERVICE_DAY_SEE_ALL,
        Permission.SERVICE_DAY_MANAGE,
        Permission.SERVICE_DAY_BOOK,
        Permission.OUTBOX_MANAGE,
        Permission.LIBRARY_MANAGE,
        Permission.LIBRARY_READ,
        Permission.CALENDAR_SEE,
        Permission.DEMO_TRAVEL,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.SYS_ADMIN: frozenset(
        {
            Permission.ACCOUNT_MANAGE,
            Permission.CATALOGUE_MANAGE,
            Permission.LIBRARY_MANAGE,
            Permission.LIBRARY_READ,
            Permission.CALENDAR_MANAGE,
            Permission.CALENDAR_SEE,
            Permission.PARAMETER_MANAGE,
            Permission.OUTBOX_MANAGE,
            Permission.WORDING_MANAGE,
            Permission.TIMETABLE_SEE,
            Permission.DEMO_TRAVEL,
        }
    ),
    Role.AUDIT_ADMIN: frozenset({Permission.AUDIT_READ}),
    Role.CHIEF: frozenset(
        {
            Permission.TICKET_SEE_ALL,
            Permission.TICKET_URGE,
            Permission.ENTERPRISE_SEE_ALL,
            Permission.VISIT_SEE_ALL,
            Permission.SERVICE_DAY_SEE_ALL,
            Permission.LIBRARY_READ,
            Permission.CALENDAR_SEE,
        }
    ),
    Role.LEADER: frozenset(
        {
            Permission.TICKET_OPEN,
            Permission.TICKET_URGE,
            Permission.TICKET_REVISIT,
            Permission.VISIT_RECORD,
            Permission.LIBRARY_READ,
            Permission.CALENDAR_SEE,
        }
    ),
    Role.OFFICE_DIRECTOR: _OFFICE - {Permission.TICKET_OPEN}
    | {Permission.CATALOGUE_MANAGE, Permission.WORDING_MANAGE, Permission.TIMETABLE_SEE},
    Role.DISPATCHER: _OFFICE,
    Role.DEPT_HEAD: frozenset(
        {
            Permission.TICKET_ASSIGN,
            Permission.TICKET_COMMENT,
            Permission.LIBRARY_READ,
            Permission.CALENDAR_SEE,
        }
    ),
    Role.HANDLER: frozenset(
        {Permission.TICKET_COMMENT, Permission.LIBRARY_READ, Permission.CALENDAR_SEE}
    ),
    Role.LIAISON: frozenset(
        {
            Permission.TICKET_OPEN,
            Permission.TICKET_REVISIT,
            Permission.VISIT_RECORD,
            Permission.SERVICE_DAY_BOOK,
            Permission.LIBRARY_READ,
            Permission.CALENDAR_SEE,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.TICKET_SEE_ALL,
            Permission.TICKET_URGE,
            Permission.ENTERPRISE_SEE_ALL,
            Permission.VISIT_SEE_ALL,
            Permission.SERVICE_DAY_SEE_ALL,
            Permission.LIBRARY_READ,
            Permission.CALENDAR_SEE,
        }
    ),
    Role.VILLAGE_OFFICER: frozenset(),
    Role.ENTERPRISE_USER: frozenset({Permission.TICKET_OPEN}),
    Role.SYSTEM: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, in the one role in which they act now.

    `user_id` is None for the timetable. `unit_id` and `enterprise_id` are those of the role
    that is held, and may be missing: a missing scope sees nothing. `stands_in_for` names the
    colleagues in this role who are away and whose deputy the person is: what is theirs is the
    deputy's to see and to do meanwhile.
    """

    tenant_id: int
    user_id: int | None
    role: Role
    name: str = ""
    unit_id: int | None = None
    enterprise_id: int | None = None
    ip: str = ""
    stands_in_for: tuple[int, ...] = ()

    @property
    def seat(self) -> "Actor":
        """The actor without name and address: what scope follows from, to remember it by."""
        return Actor(
            tenant_id=self.tenant_id,
            user_id=self.user_id,
            role=self.role,
            unit_id=self.unit_id,
            enterprise_id=self.enterprise_id,
            stands_in_for=self.stands_in_for,
        )

    def acts_for(self, user_id: int | None) -> bool:
        """Tell whether `user_id` is the person, or a colleague for whom they stand in."""
        return user_id is not None and user_id in {self.user_id, *self.stands_in_for}

    def may(self, permission: Permission) -> bool:
        """Tell whether the role grants `permission`."""
        return permission in GRANTS[self.role]


def system(tenant_id: int) -> Actor:
    """Return the timetable as an actor of one tenant."""
    return Actor(tenant_id=tenant_id, user_id=None, role=Role.SYSTEM, name=Role.SYSTEM.label)


def guest(tenant_id: int, enterprise_id: int | None, *, name: str = "", ip: str = "") -> Actor:
    """Return somebody of an enterprise without an account: for what a link or a code opens.

    Without an account there is no page to sign in to: rules that ask for `user_id` refuse.
    """
    return Actor(
        tenant_id=tenant_id,
        user_id=None,
        role=Role.ENTERPRISE_USER,
        name=name,
        enterprise_id=enterprise_id,
        ip=ip,
    )
