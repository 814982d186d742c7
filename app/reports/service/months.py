"""Freezing the figures of a month, and telling the office's director that the draft is there.

Source: rule R10 of the office's reminders (C3.3), and the workflow of the monthly report (C6.1).
"""

from typing import Any

from app.accounts import service as accounts
from app.accounts.models import Tenant, User
from app.accounts.roles import Actor, Role, system
from app.core import clock
from app.core.db import db, inserting
from app.core.i18n import N_
from app.notifications import service as outbox
from app.reports.calendar import span_of
from app.reports.models import ReportSnapshot
from app.reports.queries import months
from app.reports.queries.months import Reported
from app.tickets.queries.figures import Rate
from app.visits.calendar import Month

R10 = "R10"
INBOX = N_("{year}年{month}月的月报草稿已经生成，请核对")
KEY = ["tenant_id", "period"]


def freeze(tenant_id: int, period: str) -> bool:
    """Count a month at its cut-off and keep it, once; tell whether it is a new snapshot.

    It is never counted again and never changed: what was entered later is seen in the next report.
    A month of which there is nothing to tell, as before an office began, has no report.
    """
    month = Month.read(period)
    if months.find(tenant_id, month) is not None:
        return False
    content = months.content_of(tenant_id, month)
    if not months.tells_anything(content):
        return False
    made = db.session.execute(
        inserting(ReportSnapshot)
        .values(
            tenant_id=tenant_id,
            period=month.period,
            cutoff_at=span_of(month).ends,
            frozen_at=clock.now(),
            content=content,
            sha256=months.digest(content),
        )
        .on_conflict_do_nothing(index_elements=KEY)
        .returning(ReportSnapshot.id)
    ).first()
    if made is None:
        return False
    accounts.log(
        system(tenant_id),
        N_("冻结月报数据"),
        "report",
        made[0],
        after={"period": month.period, "sha256": months.digest(content)},
    )
    return True


def announce(user_id: int, period: str) -> bool:
    """Promise the director R10: the draft of a month is there. Freeze it first where it is not."""
    person = db.session.get_one(User, user_id)
    month = Month.read(period)
    freeze(person.tenant_id, period)
    snapshot = months.find(person.tenant_id, month)
    if snapshot is None:
        return False
    tenant = db.session.get_one(Tenant, person.tenant_id)
    director = Actor(tenant_id=tenant.id, user_id=person.id, role=Role.OFFICE_DIRECTOR)
    return outbox.remind(
        person.id,
        tenant_id=tenant.id,
        rule=R10,
        period=period,
        subject=INBOX,
        context={
            "tenant": tenant.name,
            "name": person.name,
            "year": month.year,
            "month": month.month,
            "n": 1,
            "rows": _rows(months.for_reader(months.read(snapshot), director)),
            "is_demo": tenant.is_demo,
        },
        inbox=("year", "month"),
        link=f"/reports/{period}",
    )


def _rows(reported: Reported) -> list[dict[str, Any]]:
    """Return the sums that the mail tells; they name nobody."""
    rates = reported.rates
    counts = (
        ("受理", f"{reported.counts['accepted']} 件"),
        ("办结", f"{reported.counts['closed']} 件"),
    )
    shown = (
        ("按时办结率", rates["K09"]),
        ("解决率", rates["K11"]),
        ("满意率", rates["K13"]),
        ("走访任务完成率", reported.visits["V1"]),
    )
    told = [{"label": label, "value": value, "nd": ""} for label, value in counts]
    return told + [
        {"label": label, "value": rate.percent, "nd": _counted(rate)} for label, rate in shown
    ]


def _counted(rate: Rate) -> str:
    if not rate.d:
        return ""
    return f"{rate.n} / {rate.d}{'，样本不足' if rate.is_small else ''}"
