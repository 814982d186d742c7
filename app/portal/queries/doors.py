"""Where a visitor of the public page comes in: by its bare address, or by somebody's code."""

from dataclasses import dataclass

from sqlalchemy import SQLColumnExpression, bindparam, func, or_, select

from app.accounts import queries as accounts
from app.accounts.models import Tenant, User
from app.core import links
from app.core.db import db
from app.core.links import PublicLink, Standing
from app.enterprises.models import Enterprise

PURPOSE = "tell"
OPEN = "open"  # the subject of the bare address
SPACES = str.maketrans({"（": "(", "）": ")", " ": None, "\u3000": None})


@dataclass(frozen=True, slots=True)
class Door:
    """Which township hears, and whom or what the code named. `subject` signs its form."""

    tenant: Tenant
    enterprise: Enterprise | None = None
    officer: User | None = None
    link: PublicLink | None = None
    standing: Standing = Standing.GOOD

    @property
    def subject(self) -> str:
        """What the form of this door is signed for."""
        return f"{self.link.id}" if self.link else f"{OPEN}:{self.tenant.id}"


def bare() -> Door | None:
    """Return the door without a code: there is one where there is one township."""
    found = accounts.tenants()
    return Door(found[0]) if len(found) == 1 else None


def by_code(token: str) -> Door | None:
    """Return the door of a code; None where it is none of ours."""
    found = links.find(token, PURPOSE)
    if found is None:
        return None
    link = found.link
    kind = link.subject.partition(":")[0]
    tenant = accounts.tenant(link.tenant_id)
    if kind == "enterprise":
        firm = db.session.get(Enterprise, link.subject_id)
        return Door(tenant, enterprise=firm, link=link, standing=found.standing)
    if kind == "user":
        person = db.session.get(User, link.subject_id)
        standing = found.standing if person and person.is_active else Standing.REVOKED
        return Door(tenant, officer=person, link=link, standing=standing)
    return Door(tenant, link=link, standing=found.standing)


def firm_named(tenant_id: int, name: str) -> Enterprise | None:
    """Return the enterprise that is called so, by its name or its short name, if exactly one is.

    Brackets and spaces are typed in many ways, and make no other firm.
    """
    wanted = plain_name(name)
    if not wanted:
        return None
    asked = {"tenant_id": tenant_id, "wanted": wanted}
    found = db.session.scalars(_NAMED, asked).all()
    return found[0] if len(found) == 1 else None


def plain_name(name: str) -> str:
    """Return a name as names are compared."""
    return "".join(name.split()).translate(SPACES).lower()


def _plain(column: SQLColumnExpression[str]) -> SQLColumnExpression[str]:
    plain: SQLColumnExpression[str] = func.lower(column)
    for typed, kept in (("（", "("), ("）", ")"), (" ", ""), ("\u3000", "")):
        plain = func.replace(plain, typed, kept)
    return plain


#: Built once: it is asked for every telling.
_NAMED = (
    select(Enterprise)
    .where(
        Enterprise.tenant_id == bindparam("tenant_id"),
        or_(
            _plain(Enterprise.name) == bindparam("wanted"),
            _plain(Enterprise.short_name) == bindparam("wanted"),
        ),
    )
    .limit(2)
)
