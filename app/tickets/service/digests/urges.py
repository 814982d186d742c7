"""The mail that goes with the urges of a working day: one for each person, of all that is near.

Source: C2.5, step 1 (in-app and mail digest), and C3.3: nobody gets more than one digest a rule
and day; no telephone number and no figure of a firm goes into mail.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.accounts.models import Tenant, User
from app.core.db import db
from app.core.i18n import N_
from app.core.private import without_figures
from app.notifications import service as outbox
from app.notifications.models import Channel
from app.tickets.queries import digests
from app.tickets.queries.digests import Near
from app.tickets.service.digests.letters import HIDDEN, moment
from app.tickets.service.telling import RULE

SUBJECT = N_("【{tenant}营商办】{n}件企业问题临期，请抓紧办理（{name}同志）")
LINK = "/"


def to_mail(tenant_id: int, on: Sequence[date]) -> Sequence[int]:
    """Return who was urged for these working days and had no mail about it today."""
    return digests.urged_ids(tenant_id, RULE, on)


def mail_urges(user_id: int, on: Sequence[date]) -> bool:
    """Promise one mail about all on which a person was urged for these working days.

    The last of `on` is today. Tell whether it is a new promise: once a day, and no urge twice.
    """
    person = db.session.get_one(User, user_id)
    found = digests.near(person.tenant_id, RULE, on, of=user_id)
    if not found:
        return False
    tenant = db.session.get_one(Tenant, person.tenant_id)
    return outbox.enqueue(
        person.id,
        tenant_id=tenant.id,
        rule=digests.RULE,
        period=on[-1].isoformat(),
        channel=Channel.MAIL,
        subject=SUBJECT,
        context={
            "tenant": tenant.name,
            "name": person.name,
            "n": len(found),
            "rows": [_row(place, one) for place, one in enumerate(found, start=1)],
            "is_demo": tenant.is_demo,
        },
        link=LINK,
    )


def _row(place: int, one: Near) -> dict[str, Any]:
    due = moment(one.due_at)
    if one.confidential:
        return {"no": place, "title": HIDDEN, "due": due}
    return {
        "no": place,
        "title": without_figures(one.title),
        "number": one.number,
        "enterprise": one.enterprise_short or one.enterprise_name,
        "unit": one.unit or "",
        "due": due,
    }
