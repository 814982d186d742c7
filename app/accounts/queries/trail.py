"""Who changed the rules, when, from what to what, and why: for those who may change them."""

from sqlalchemy import Select, select

from app.accounts import policy
from app.accounts.roles import Actor, Permission
from app.core.audit import AuditRow
from app.core.enums import LabelledEnum
from app.core.i18n import N_


class Area(LabelledEnum):
    """What somebody keeps, and whose changes they may read."""

    PARAMETERS = "parameters", N_("参数")
    CATALOGUE = "catalogue", N_("派单目录")
    CALENDAR = "calendar", N_("工作日历")
    PEOPLE = "people", N_("人员与权限")
    UNITS = "units", N_("单位")
    LIBRARY = "library", N_("资料库")
    WORDINGS = "wordings", N_("信件用语")
    OUTBOX = "outbox", N_("发件箱")


#: Under which subjects an area is logged, and who keeps it.
KEPT: dict[Area, tuple[tuple[str, ...], Permission]] = {
    Area.PARAMETERS: (("parameters",), Permission.PARAMETER_MANAGE),
    Area.CATALOGUE: (("category",), Permission.CATALOGUE_MANAGE),
    Area.CALENDAR: (("calendar",), Permission.CALENDAR_MANAGE),
    Area.PEOPLE: (("user",), Permission.ACCOUNT_MANAGE),
    Area.UNITS: (("unit",), Permission.ACCOUNT_MANAGE),
    Area.LIBRARY: (("policy-document", "canned-answer"), Permission.LIBRARY_MANAGE),
    Area.WORDINGS: (("wording",), Permission.WORDING_MANAGE),
    Area.OUTBOX: (("robot", "sms-gateway", "resend"), Permission.OUTBOX_MANAGE),
}


def trail(area: Area, *, viewer: Actor) -> Select[AuditRow]:
    """Return the changes of one area, the newest first; NotAllowed to who does not keep it."""
    subjects, right = KEPT[area]
    policy.require(viewer, right)
    return (
        select(AuditRow)
        .where(AuditRow.tenant_id == viewer.tenant_id, AuditRow.subject.in_(subjects))
        .order_by(AuditRow.id.desc())
    )
