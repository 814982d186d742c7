"""The clock of the demo: begun with the load, set going at its end, moved forward by travel."""

import math
from datetime import datetime, timedelta

from app.accounts import service as accounts
from app.accounts.policy import require
from app.accounts.roles import Actor, Permission
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.demo.models import DemoClock


def beat(tenant_id: int) -> None:
    """Show that somebody works on the load."""
    db.session.get_one(DemoClock, tenant_id).beat_at = clock.machine_now()


def set_going(tenant_id: int, moment: datetime) -> None:
    """Let the office's clock show `moment` now, and run on from there: the load is done."""
    row = db.session.get_one(DemoClock, tenant_id)
    row.loaded_at = clock.machine_now()
    row.shift_seconds = _shift(moment)


def move(moment: datetime, *, actor: Actor) -> None:
    """Set the office's clock forward to `moment`. It never goes back: then nothing happens."""
    require(actor, Permission.DEMO_TRAVEL)
    row = db.session.get_one(DemoClock, actor.tenant_id, with_for_update=True)
    shown = clock.machine_now() + timedelta(seconds=row.shift_seconds)
    if moment <= shown:
        return
    row.shift_seconds = _shift(moment)
    accounts.log(
        actor,
        N_("拨快时间"),
        "demo",
        None,
        before={"day": clock.local(shown).date()},
        after={"day": clock.local(moment).date()},
        at=moment,
    )


def _shift(moment: datetime) -> int:
    return math.ceil((moment - clock.machine_now()).total_seconds())
