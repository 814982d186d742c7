"""Trying words out on oneself, and telling the office of words that failed when they were sent."""

import hashlib
import logging
from dataclasses import asdict

from app.accounts import queries as people
from app.accounts.models import User
from app.accounts.roles import GRANTS, Actor, Permission
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.i18n import N_
from app.notifications import policy, queries
from app.notifications.channels import Letter
from app.notifications.models import Channel, Message, OfficeWording
from app.notifications.service import promises, wordings
from app.notifications.service.wordings import WordingDraft
from app.notifications.wordings import Wording

log = logging.getLogger(__name__)

TRIED = "letter-test"
FLAWED = "wording-flaw"
TRY = N_("试发：{letter_label}")
TRIED_MARK = "（试发）"  # letters are Chinese
FLAW = N_("“{letter_label}”里营商办改过的用语填不上，信已按默认用语发出，请改好")
KEEPERS = tuple(role for role, granted in GRANTS.items() if Permission.WORDING_MANAGE in granted)
ADDRESS = "preview@localhost"
SAMPLE_LINK = "/"
SAMPLE_CONTACT = "宋主任"  # of an enterprise


def sample_letter(rule: str, draft: WordingDraft, *, viewer: Actor) -> Letter:
    """Return a letter in these words about invented things, as `viewer` would get it.

    Raises Invalid where the words could not stand in a letter.
    """
    policy.require_wordings(viewer)
    default = queries.default_wording(rule)
    wordings.check_wording(draft, default)
    tenant = people.own_tenant(viewer=viewer)
    return Letter(
        id=0,
        attempt=0,
        message_id="preview",
        name=SAMPLE_CONTACT if default.for_enterprise else viewer.name,
        address=ADDRESS,
        rule=rule,
        subject="",
        context=wordings.sample_of(
            default, name=viewer.name, tenant=tenant.name, is_demo=tenant.is_demo
        ),
        link=SAMPLE_LINK,
        written_at=clock.now(),
        needs_sign_in=not default.for_enterprise,
        wording=wordings.worded_so(default, draft),
    )


def send_test(rule: str, draft: WordingDraft, *, key: str, actor: Actor) -> str:
    """Promise the actor a letter in these words, with invented contents; return where it goes.

    The same words under the same `key` are sent once.
    """
    letter = sample_letter(rule, draft, viewer=actor)
    person = db.session.get_one(User, actor.user_id)
    if not person.email:
        raise Invalid(N_("您还没有填邮箱。请先在“设置”里填上，再试发。"))
    words = {**asdict(draft), "subject": f"{TRIED_MARK}{draft.subject}"}
    promises.enqueue(
        person.id,
        tenant_id=actor.tenant_id,
        rule=TRIED,
        period=_digest(key, *words.values()),
        channel=Channel.MAIL,
        subject=TRY,
        context={
            **letter.context,
            "letter_label": queries.default_wording(rule).label,
            wordings.DRAFT: {"rule": rule, "words": words},
        },
        link=letter.link,
    )
    return person.email


def own_words(message: Message) -> Wording | None:
    """Return the words that the office wrote for a message; None where the default ones hold.

    Words that could not be filled in give way to the default, and their keepers are told.
    """
    own = wordings.wording_of(message)
    if own is None:
        return None
    flaw = wordings.failure_of(own, {"name": message.recipient_name, **message.context})
    if not flaw:
        return own
    log.warning("The office's words for message %s do not fit: %s", message.id, flaw)
    if message.office_wording is not None:
        _tell_of_flaw(message.office_wording)
    return None


def _tell_of_flaw(held: OfficeWording) -> None:
    """Tell who keeps the words that these failed; once for each version of them."""
    keepers = people.users_with_role(held.tenant_id, KEEPERS)
    promises.tell(
        [one.id for one in keepers],
        tenant_id=held.tenant_id,
        rule=FLAWED,
        period=f"{held.rule}:{held.version}",
        subject=FLAW,
        context={"letter_label": queries.default_wording(held.rule).label},
        link=f"/admin/letters/{held.rule}",
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
