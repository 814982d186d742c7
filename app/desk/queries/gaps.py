"""What an administrator has not set up yet."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row as Line
from sqlalchemy import ScalarSelect, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Actor, Permission, Role
from app.core.db import db
from app.core.i18n import N_
from app.desk.queries.parts import Gap, Link, Words
from app.desk.queries.reading import Reading
from app.notifications.models import Channel, Message, MessageState
from app.tickets.models import Category
from app.workdays.queries import unconfirmed_years

#: Without one of each, the loop stands still.
NEEDED = (Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.CHIEF)

YEAR = N_("{year}年的节假日安排还没有录入")
YEAR_WHY = N_("期限暂按周一到周五计算，国务院公布后录入，期限会自动重算。")
ROLE = N_("还没有{role}")
ROLE_WHY = N_("没有人担任，企业问题走不完一圈。")
NO_MAIL = N_("{n} 人没有邮箱")
NO_MAIL_WHY = N_("月初任务提醒发不到，他们只能在站内看到。")
FAILED = N_("{n} 封邮件没有发出去")
FAILED_WHY = N_("看发件箱里的原因，改好后重发。")
NO_UNIT = N_("{n} 个问题类别没有配承办单位")
NO_UNIT_WHY = N_("交办时没有目录建议，要由交办员自己选单位。")


def of(viewer: Actor, reading: Reading) -> tuple[Gap, ...]:
    """Return what is missing, the gravest first; nothing to who cannot mend it.

    One statement, beside the calendar.
    """
    if not viewer.may(Permission.ACCOUNT_MANAGE):
        return ()
    line = db.session.execute(select(*_counts(viewer.tenant_id))).one()
    return (*_roles(line), *_years(viewer, reading), *_counted(line))


def _counts(tenant_id: int) -> list[Any]:
    held = [_holders(tenant_id, role).label(role.value) for role in NEEDED]
    no_mail = and_(User.tenant_id == tenant_id, User.is_active, User.email == "")
    failed = and_(
        Message.tenant_id == tenant_id,
        Message.channel == Channel.MAIL,
        Message.state == MessageState.FAILED,
    )
    no_unit = and_(
        Category.tenant_id == tenant_id,
        Category.is_active,
        Category.parent_id.is_(None),
        Category.rejects.is_(False),
        Category.lead_unit_id.is_(None),
    )
    return [
        *held,
        _count(User.id, no_mail).label("no_mail"),
        _count(Message.id, failed).label("failed"),
        _count(Category.id, no_unit).label("no_unit"),
    ]


def _count(what: InstrumentedAttribute[int], where: Any) -> ScalarSelect[int]:  # noqa: ANN401
    return select(func.count(what)).where(where).scalar_subquery()


def _holders(tenant_id: int, role: Role) -> ScalarSelect[int]:
    return (
        select(func.count(RoleHolding.id))
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.tenant_id == tenant_id, RoleHolding.role == role)
        .where(RoleHolding.is_active, User.is_active)
        .scalar_subquery()
    )


def _roles(line: Line[Any]) -> Iterator[Gap]:
    for role in NEEDED:
        if not getattr(line, role.value):
            yield Gap(
                Words(ROLE, {"role": role}), Words(ROLE_WHY), Link("accounts.users"), N_("去指定")
            )


def _years(_viewer: Actor, reading: Reading) -> Iterator[Gap]:
    for year in unconfirmed_years(reading.calendar, reading.today):
        link = Link("workdays.index", {"year": year})
        yield Gap(Words(YEAR, {"year": year}), Words(YEAR_WHY), link, N_("去录入"))


def _counted(line: Line[Any]) -> Iterator[Gap]:
    if line.failed:
        link = Link("notifications.outbox", {"state": MessageState.FAILED.value})
        yield Gap(Words(FAILED, {"n": line.failed}), Words(FAILED_WHY), link, N_("看发件箱"))
    if line.no_unit:
        link = Link("catalogue.index")
        yield Gap(Words(NO_UNIT, {"n": line.no_unit}), Words(NO_UNIT_WHY), link, N_("去配置"))
    if line.no_mail:
        link = Link("accounts.users")
        yield Gap(Words(NO_MAIL, {"n": line.no_mail}), Words(NO_MAIL_WHY), link, N_("去补上"))
