"""Verbs: promising and accounting for messages, reading them, wording letters, choosing ways."""

from app.notifications.service.choices import ChoiceDraft, set_choices
from app.notifications.service.delivery import LEASE, RETRIES, claim, settle
from app.notifications.service.letters import sample_letter, send_test
from app.notifications.service.office import mark_all_read, mark_read, send_again
from app.notifications.service.promises import (
    Outsider,
    enqueue,
    forget,
    hush,
    remind,
    tell,
    tell_enterprise,
)
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
    "Outsider",
    "WordingDraft",
    "check_wording",
    "claim",
    "enqueue",
    "flaw_of",
    "forget",
    "hush",
    "mark_all_read",
    "mark_read",
    "remind",
    "restore_default",
    "sample_letter",
    "save_wording",
    "send_again",
    "send_test",
    "set_choices",
    "settle",
    "tell",
    "tell_enterprise",
]
