"""The text-message service of an office: entering it, and what it comes to."""

import re
from dataclasses import asdict, dataclass, replace

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.notifications import policy, queries
from app.notifications.channels import sms, sms_channel
from app.notifications.channels.letters import SmsAccount
from app.notifications.models import BodyKind, SmsGateway

METHODS = ("POST", "GET")
HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
SECRETS = frozenset({"url", "headers"})  # never written into the log, nor shown again
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class GatewayDraft:
    """What is written down of a text-message service; an empty secret keeps the one there is."""

    url: str = ""
    method: str = "POST"
    headers: str = ""
    body_kind: BodyKind = BodyKind.JSON
    body: str = ""
    success_path: str = ""
    success_value: str = ""
    is_active: bool = True


def save(draft: GatewayDraft, *, reason: str, version: int | None, actor: Actor) -> SmsGateway:
    """Enter the service, or change it, and say why; raise Invalid at the field that is wrong."""
    policy.require_outbox(actor)
    renewed = {name: HIDDEN for name in sorted(SECRETS) if getattr(draft, name)}
    found = queries.gateway(actor.tenant_id)
    if found is not None:
        check_version(found.version, version)
        draft = replace(
            draft,
            url=draft.url or found.url or "",
            headers=draft.headers or found.headers or "",
        )
    way = sms_channel()
    sms.check(_account(draft), way.hosts, allow_private=way.allow_private)
    said = accounts.why(reason)
    made = found or SmsGateway(tenant_id=actor.tenant_id)
    was = _told(made) if found is not None else {}
    for name, value in asdict(draft).items():
        setattr(made, name, value)
    db.session.add(made)
    db.session.flush()  # gives it the id that it is logged under
    before, after = accounts.changes(was, _told(made))
    accounts.log(
        actor,
        N_("设置短信"),
        "sms-gateway",
        made.id,
        before=before,
        after=after | renewed,
        reason=said,
    )
    return made


def account(tenant_id: int) -> SmsAccount | None:
    """Return what is asked of the tenant's service; None where there is none in use."""
    found = queries.gateway(tenant_id)
    if found is None or not found.is_active:
        return None
    return _account(found)


def _account(of: SmsGateway | GatewayDraft) -> SmsAccount:
    return SmsAccount(
        url=of.url or "",
        method=of.method,
        headers=_headers(of.headers or ""),
        body_kind=of.body_kind,
        body=of.body,
        success_path=of.success_path,
        success_value=of.success_value,
    )


def _headers(lines: str) -> dict[str, str]:
    """Return headers of which each stands on a line of its own: `Name: value`."""
    found = {}
    for line in lines.splitlines():
        name, _colon, value = line.partition(":")
        if not line.strip():
            continue
        if not HEADER.fullmatch(name.strip()) or not value.strip().isascii():
            raise Invalid(N_("请求头每行一条，写成 名称: 值。"), field="headers")
        found[name.strip()] = value.strip()
    return found


def _told(made: SmsGateway) -> dict[str, object]:
    """Return what the log may say of it."""
    values = {name: getattr(made, name) for name in asdict(GatewayDraft())}
    return {name: HIDDEN if name in SECRETS and value else value for name, value in values.items()}
