"""The office's own words for its letters: checked, kept and given up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from jinja2 import TemplateError

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import Invalid, NotFound, Stale, check_version
from app.core.i18n import N_
from app.notifications import placeholders, policy, queries
from app.notifications.models import Message, OfficeWording
from app.notifications.placeholders import Fault
from app.notifications.wordings import WORDINGS, Wording

DRAFT = "draft"  # in the context of a letter that only tries words out: the words
CHANGED = N_("刚才有人改过这封信的用语，请对照最新内容后再提交。")
UNCHANGED = N_("没有改动任何用语。")
MISSING = N_("请填写。")
EMPTY = N_("条件都不成立时这里是空的，请在条件以外也写几个字。")
ONE_LINE = N_("只能写一行，请去掉换行。")
TOO_LONG = N_("最多 {most} 个字，现在有 {n} 个。")


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a part may be, and whether it is one line and must be there."""

    most: int
    one_line: bool = True
    required: bool = True


LIMITS: Mapping[str, Limit] = {
    "subject": Limit(120),
    "heading": Limit(80),
    "opening": Limit(600, one_line=False),
    "button": Limit(20),
    "closing": Limit(400, one_line=False, required=False),
}


@dataclass(frozen=True, slots=True)
class WordingDraft:
    """The words of a letter as somebody typed them."""

    subject: str
    heading: str
    opening: str
    button: str
    closing: str = ""

    @classmethod
    def of(cls, wording: Wording) -> "WordingDraft":
        """Return the words of a wording."""
        return cls(**{part: getattr(wording, part) for part in placeholders.PARTS})


def flaw_of(part: str, text: str, default: Wording) -> Fault | None:
    """Return what is wrong with one part of a wording, or None."""
    limit = LIMITS[part]
    if not text.strip():
        return Fault(MISSING) if limit.required else None
    if limit.one_line and len(text.splitlines()) > 1:
        return Fault(ONE_LINE)
    if len(text) > limit.most:
        return Fault(TOO_LONG, {"most": str(limit.most), "n": str(len(text))})
    found = placeholders.fault(text, default.names)
    if found is None and limit.required and placeholders.may_be_empty(text, default.names):
        return Fault(EMPTY)
    return found


def check_wording(draft: WordingDraft, default: Wording) -> None:
    """Raise Invalid, by its field, where a part of `draft` could not stand in a letter."""
    for part in placeholders.PARTS:
        flaw = flaw_of(part, getattr(draft, part), default)
        if flaw is not None:
            raise Invalid(flaw.message, field=part, **flaw.values)


def save_wording(
    rule: str, draft: WordingDraft, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Let letters of a rule be worded so from now on; say why.

    Raises Stale where somebody else did meanwhile; then nothing has changed.
    """
    policy.require_wordings(actor)
    default = queries.default_wording(rule)
    held = queries.office_wording(rule, viewer=actor)
    _check_version(held, version)
    check_wording(draft, default)
    before = WordingDraft.of(held.in_place_of(default) if held else default)
    if before == draft:
        raise Invalid(UNCHANGED, field="reason")
    said = accounts.why(reason)
    kept = _keep(held, rule, draft, is_used=draft != WordingDraft.of(default), actor=actor)
    _log(actor, N_("修改信件用语"), kept, default, before=before, after=draft, reason=said)


def restore_default(rule: str, *, reason: str, version: int | None, actor: Actor) -> None:
    """Let letters of a rule be worded as they are by default; say why."""
    policy.require_wordings(actor)
    default = queries.default_wording(rule)
    held = queries.office_wording(rule, viewer=actor)
    _check_version(held, version)
    if held is None or not held.is_used:
        raise NotFound(N_("这封信用的已经是默认用语。"))
    said = accounts.why(reason)
    before, after = WordingDraft.of(held.in_place_of(default)), WordingDraft.of(default)
    _keep(held, rule, after, is_used=False, actor=actor)
    _log(actor, N_("恢复默认用语"), held.id, default, before=before, after=after, reason=said)


def wording_of(message: Message) -> Wording | None:
    """Return the words that the office wrote for a message; None where the default ones hold."""
    tried = message.context.get(DRAFT)
    if tried:
        return replace(WORDINGS[tried["rule"]], **tried["words"])
    held, default = message.office_wording, WORDINGS.get(message.rule)
    if held is None or default is None or not held.is_used:
        return None
    return held.in_place_of(default)


def failure_of(wording: Wording, known: Mapping[str, Any]) -> str:
    """Return why a letter that knows this could not be written in these words; empty if it can."""
    for part in placeholders.PARTS:
        text = getattr(wording, part)
        flaw = placeholders.fault(text, wording.names)
        if flaw is not None:
            return f"{part}: {flaw.values['what']}"
        try:
            placeholders.filled(text, known)
        except TemplateError as error:
            return f"{part}: {error}"
    return ""


def sample_of(wording: Wording, *, name: str, tenant: str, is_demo: bool) -> dict[str, Any]:
    """Return what a letter of this wording is about in a preview."""
    return {**wording.sample, "tenant": tenant, "name": name, "is_demo": is_demo}


def worded_so(default: Wording, draft: WordingDraft) -> Wording:
    """Return the wording of a rule in these words."""
    return replace(default, **asdict(draft))


def _check_version(held: OfficeWording | None, version: int | None) -> None:
    try:
        check_version(held.version if held else 0, version)
    except Stale:
        raise Stale(CHANGED) from None


def _keep(
    held: OfficeWording | None, rule: str, draft: WordingDraft, *, is_used: bool, actor: Actor
) -> int:
    """Write the words down; return the id of their row. The first two at once: one is Stale."""
    known = {
        **asdict(draft),
        "is_used": is_used,
        "changed_by_id": actor.user_id,
        "changed_at": clock.now(),
    }
    if held is not None:
        for name, value in known.items():
            setattr(held, name, value)
        return held.id
    made = db.session.scalar(
        inserting(OfficeWording)
        .values(tenant_id=actor.tenant_id, rule=rule, version=1, **known)
        .on_conflict_do_nothing(index_elements=["tenant_id", "rule"])
        .returning(OfficeWording.id)
    )
    if made is None:
        raise Stale(CHANGED)
    return int(made)


def _log(
    actor: Actor,
    action: str,
    subject_id: int,
    default: Wording,
    *,
    before: WordingDraft,
    after: WordingDraft,
    reason: str,
) -> None:
    was, became = accounts.changes(asdict(before), asdict(after))
    of = {accounts.OF: default.label}
    accounts.log(actor, action, "wording", subject_id, before=was, after=of | became, reason=reason)
