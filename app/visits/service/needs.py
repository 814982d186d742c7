"""Following what enterprises need, until it is met."""

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.visits import policy
from app.visits.models import FinancingNeed, LaborNeed, NeedState


def follow_need(
    need: FinancingNeed | LaborNeed,
    state: NeedState,
    *,
    reported_to: str,
    note: str,
    version: int | None,
    actor: Actor,
) -> None:
    """Say how far a need has come. What was reported names to whom."""
    policy.require_needs(actor)
    policy.require_visible(actor, need.tenant_id)
    check_version(need.version, version)
    to = reported_to.strip() or need.reported_to
    if state is not NeedState.SURVEYED and not to:
        raise Invalid(N_("请写明报给或对接了哪个单位、银行。"), field="reported_to")
    was = {"state": need.state, "reported_to": need.reported_to, "note": need.note}
    before, after = accounts.changes(was, {"state": state, "reported_to": to, "note": note.strip()})
    if not after:
        raise Invalid(N_("没有改动。"), field="state")
    need.state, need.reported_to, need.note = state, to, note.strip()
    need.changed_at = clock.now()
    of = {accounts.OF: need.target_name}
    accounts.log(
        actor, N_("登记需求进度"), need.__tablename__, need.id, before=before, after=of | after
    )
