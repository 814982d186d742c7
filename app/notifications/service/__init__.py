"""Putting messages in the outbox and the inbox, and accounting for their delivery."""

from app.notifications.service.bounces import note_bounce
from app.notifications.service.delivery import (
    LEASE,
    RETRIES,
    claim,
    claim_due,
    end_outage,
    keep,
    note_outage,
    settle,
)
from app.notifications.service.gateways import GatewayDraft
from app.notifications.service.gateways import save as save_gateway
from app.notifications.service.office import (
    mark_all_read,
    mark_read,
    send_again,
    send_all_again,
)
from app.notifications.service.promises import (
    Outsider,
    enqueue,
    forget,
    hush,
    remind,
    tell,
    tell_enterprise,
)
from app.notifications.service.robots import RobotDraft, add_robot, announce, edit_robot
from app.notifications.service.trying import keep_trial, try_mail, try_robot, try_sms

__all__ = [
    "LEASE",
    "RETRIES",
    "GatewayDraft",
    "Outsider",
    "RobotDraft",
    "add_robot",
    "announce",
    "claim",
    "claim_due",
    "edit_robot",
    "end_outage",
    "enqueue",
    "forget",
    "hush",
    "keep",
    "keep_trial",
    "mark_all_read",
    "mark_read",
    "note_bounce",
    "note_outage",
    "remind",
    "save_gateway",
    "send_again",
    "send_all_again",
    "settle",
    "tell",
    "tell_enterprise",
    "try_mail",
    "try_robot",
    "try_sms",
]
