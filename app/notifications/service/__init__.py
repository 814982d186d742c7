"""Verbs: promising and accounting for messages, reading them, wording letters, choosing ways."""

from app.notifications.service.choices import ChoiceDraft, set_choices
from app.notifications.service.inbox import mark_all_read, mark_read
from app.notifications.service.letters import sample_letter, send_test, tell_of_flaw
from app.notifications.service.outbox import (
    LEASE,
    RETRIES,
    Outsider,
    claim,
    enqueue,
    forget,
    hush,
    remind,
    send_again,
    settle,
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
    "tell_of_flaw",
]
