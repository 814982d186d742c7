"""What the pages of administration are given, and what became of it."""

from collections.abc import Callable
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import OrgUnit, User
from app.core.audit import AuditRow
from app.core.db import Base, db

Clients = Callable[[User], FlaskClient]
UNIT = {"name": "财政所", "kind": "dept", "control": "town", "sort_order": "3", "is_active": "y"}
WHY = {"reason": "分工调整"}
PERSON = {"name": "沈知夏", "username": "shenzhixia", "email": "shen@example.com"}


def key() -> str:
    return uuid4().hex


def unit(id_: int) -> OrgUnit:
    db.session.rollback()
    return db.session.get_one(OrgUnit, id_)


def user(id_: int) -> User:
    db.session.rollback()
    return db.session.get_one(User, id_)


def count(model: type[Base]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def logged() -> AuditRow:
    """Return the newest row of the audit log."""
    db.session.rollback()
    return db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()
