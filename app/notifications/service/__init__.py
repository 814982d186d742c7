"""Verbs: promising and accounting for messages, reading them, wording letters, ways out."""

from app.notifications.service.bounces import note_bounce
from app.notifications.service.choices import ChoiceDraft, set_choices
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
from app.notifications.service.letters import sample_letter, send_test
from app.notifications.service.office import mark_all_read, mark_read, send_again, send_all_again
from app.notifications.service.promises import (
    Outsider,
    enqueue,
    forget,
    hush,
    hush_linked,
    remind,
    tell,
    tell_enterprise,
)
from app.notifications.service.robots import RobotDraft, add_robot, announce, edit_robot
from app.notifications.service.trying import keep_trial, try_mail, try_robot, try_sms
from app.notifications.service.wordings import (
    LIMITS,
    WordingDraft,
    check_wording,
    flaw_of,
    restore_default,
    save_wording,
)

__all__ = [
    "LEASE",
    "LIMITS",
    "RETRIES",
    "ChoiceDraft",
    "GatewayDraft",
    "Outsider",
    "RobotDraft",
    "WordingDraft",
    "add_robot",
    "announce",
    "check_wording",
    "claim",
    "claim_due",
    "edit_robot",
    "end_outage",
    "enqueue",
    "flaw_of",
    "forget",
    "hush",
    "hush_linked",
    "keep",
    "keep_trial",
    "mark_all_read",
    "mark_read",
    "note_bounce",
    "note_outage",
    "remind",
    "restore_default",
    "sample_letter",
    "save_gateway",
    "save_wording",
    "send_again",
    "send_all_again",
    "send_test",
    "set_choices",
    "settle",
    "tell",
    "tell_enterprise",
    "try_mail",
    "try_robot",
    "try_sms",
]
