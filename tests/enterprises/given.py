"""What the tests of enterprises begin with."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import UnitKind, User
from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.enterprises import service
from app.enterprises.models import (
    EnterpriseContact,
    Linkage,
)
from app.enterprises.service import (
    LinkageDraft,
)
from tests import make

GOOD_CODE = "913499019D0011QH61"
BAD_CODE = "913499019D0011QH62"
TODAY = date(2026, 9, 21)
PHONE = "14200001234"


def logged() -> AuditRow:
    row = db.session.scalar(select(AuditRow).order_by(AuditRow.id.desc()).limit(1))
    assert row
    return row


def start(actor: Actor, **more: object) -> Linkage:
    values: dict[str, object] = {
        "leader_id": make.user(Role.LEADER).id,
        "valid_from": date(2026, 1, 1),
        **more,
    }
    if not {"enterprise_id", "project_id"} & set(values):
        values["enterprise_id"] = make.enterprise().id
    with transaction():
        return service.start_linkage(LinkageDraft(**values), actor=actor)  # type: ignore[arg-type]


def at_once(app: Flask, attempt: Callable[[], object], times: int = 4) -> list[object]:
    """Let several people try at the same moment; return what each got, or was refused with."""
    start_line = Barrier(times)

    def one(_number: int) -> object:
        with app.app_context():
            start_line.wait()
            try:
                with transaction():
                    attempt()
            except DomainError as refusal:
                return refusal
            finally:
                db.session.remove()
            return None

    db.session.rollback()
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


SignIn = Callable[[User | Actor], FlaskClient]
BASE = {"org_type": "company", "tier": "general", "operation": "running", "scale": "below"}
SEES = {
    Role.CHIEF,
    Role.OFFICE_DIRECTOR,
    Role.DISPATCHER,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.LIAISON,
    Role.VILLAGE_OFFICER,
    Role.ENTERPRISE_USER,
}


def post(browser: FlaskClient, address: str, data: dict[str, Any] | None = None) -> TestResponse:
    """Post, and let the test see what that changed."""
    answer = browser.post(address, data=data)
    db.session.rollback()
    return answer


def keyed(**fields: Any) -> dict[str, Any]:
    return {"idempotency_key": uuid4().hex, **fields}


def everything(role: Role) -> tuple[Actor, Linkage, EnterpriseContact]:
    """Return a person of this role, with an enterprise that lies in every scope of theirs."""
    village = make.unit(kind=UnitKind.VILLAGE)
    enterprise = make.enterprise("恒屿包装", village_id=village.id)
    contact = make.contact(enterprise=enterprise, phone=PHONE)
    actor = make.actor(role, unit=village, enterprise_id=enterprise.id)
    me = db.session.get_one(User, actor.user_id)
    persons = {role.value: me} if role in {Role.LEADER, Role.LIAISON} else {}
    return actor, make.linkage(enterprise=enterprise, **persons), contact
