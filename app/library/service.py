"""Keeping the library: what stands on its two shelves is added, changed and withdrawn one way.

A draft says for which shelf it is: `DocumentDraft` for policies that answers cite, `AnswerDraft`
for answers to begin from.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar, overload
from urllib.parse import urlsplit

from app.accounts import service as accounts
from app.accounts.policy import require_own
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, check_version
from app.core.i18n import N_
from app.library import policy
from app.library.models import CannedAnswer, PolicyDocument

ANSWER_SHORTEST = 20  # characters: as short as an answer may be


@dataclass(frozen=True, slots=True)
class Verbs:
    """What keepers do on a shelf, in the words of the audit log, and under which subject."""

    subject: str
    adds: str
    edits: str
    withdraws: str


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """What is written down of a policy document."""

    kind: ClassVar[type[PolicyDocument]] = PolicyDocument

    title: str
    doc_no: str = ""
    issued_by: str = ""
    issued_on: date | None = None
    valid_to: date | None = None
    summary: str = ""
    link: str = ""
    category_id: int | None = None

    def check(self) -> None:
        """Raise Invalid at the field that is wrong."""
        if not self.title:
            raise Invalid(N_("请写文件的名称。"), field="title")
        if self.issued_on and self.valid_to and self.valid_to < self.issued_on:
            raise Invalid(N_("失效日期不能早于发文日期。"), field="valid_to")
        if self.link and not _is_address(self.link):
            raise Invalid(N_("网址要以 https:// 或 http:// 开头。"), field="link")


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """What is written down of a canned answer."""

    kind: ClassVar[type[CannedAnswer]] = CannedAnswer

    title: str
    text: str
    category_id: int | None = None

    def check(self) -> None:
        """Raise Invalid at the field that is wrong."""
        if not self.title:
            raise Invalid(N_("请写标题，方便别人选。"), field="title")
        lack = ANSWER_SHORTEST - len(self.text)
        if lack > 0:
            raise Invalid(
                N_("至少 {least} 个字，还差 {lack} 个字。"),
                field="text",
                least=ANSWER_SHORTEST,
                lack=lack,
            )


Kept = PolicyDocument | CannedAnswer
Draft = DocumentDraft | AnswerDraft
VERBS: dict[type[Kept], Verbs] = {
    PolicyDocument: Verbs(
        "policy-document", N_("收录政策文件"), N_("修改政策文件"), N_("停用政策文件")
    ),
    CannedAnswer: Verbs(
        "canned-answer", N_("收录常用答复"), N_("修改常用答复"), N_("停用常用答复")
    ),
}


@overload
def add(draft: DocumentDraft, *, actor: Actor) -> PolicyDocument: ...
@overload
def add(draft: AnswerDraft, *, actor: Actor) -> CannedAnswer: ...
def add(draft: Draft, *, actor: Actor) -> Kept:
    """Put something onto its shelf; return it."""
    policy.require_keeping(actor)
    draft.check()
    made = draft.kind(
        tenant_id=actor.tenant_id,
        created_by_id=actor.user_id,
        created_at=clock.now(),
        **asdict(draft),
    )
    db.session.add(made)
    db.session.flush()  # gives it the id that it is logged under
    verbs = VERBS[draft.kind]
    after = _called(made) | {name: value for name, value in _told(draft).items() if value}
    accounts.log(actor, verbs.adds, verbs.subject, made.id, after=after)
    return made


def edit(kept: Kept, draft: Draft, *, reason: str, version: int | None, actor: Actor) -> None:
    """Write down something else of what is in use, and say why; without a change nothing is."""
    _require(kept, version, actor)
    draft.check()
    if not kept.is_active:
        raise DomainError(N_("这一条已经停用，不能再改。"))
    was = {name: _plain(getattr(kept, name)) for name in asdict(draft)}
    before, after = accounts.changes(was, _told(draft))
    if not after:
        return
    said, of = accounts.why(reason), _called(kept)
    for name, value in asdict(draft).items():
        setattr(kept, name, value)
    verbs = VERBS[type(kept)]
    accounts.log(
        actor, verbs.edits, verbs.subject, kept.id, before=before, after=of | after, reason=said
    )


def withdraw(kept: Kept, *, reason: str, version: int | None, actor: Actor) -> None:
    """Take it out of use for good, and say why; answers that cite a policy go on citing it."""
    _require(kept, version, actor)
    if not kept.is_active:
        raise DomainError(N_("这一条已经停用了。"))
    said = accounts.why(reason)
    kept.is_active = False
    verbs = VERBS[type(kept)]
    accounts.log(actor, verbs.withdraws, verbs.subject, kept.id, after=_called(kept), reason=said)


def _require(kept: Kept, version: int | None, actor: Actor) -> None:
    policy.require_keeping(actor)
    require_own(actor, kept.tenant_id)
    check_version(kept.version, version)


def _called(kept: Kept) -> dict[str, object]:
    return {accounts.OF: kept.title}


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _told(draft: Draft) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(draft).items()}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
