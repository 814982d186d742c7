"""Keeping the library: policy documents, and answers to begin from."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from app.accounts import service as accounts
from app.accounts.policy import require_own
from app.accounts.roles import Actor
from app.accounts.service.audit import changes
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, check_version
from app.core.i18n import N_
from app.library import policy
from app.library.models import CannedAnswer, PolicyDocument

DOCUMENT, ANSWER = "policy-document", "canned-answer"
ANSWER_SHORTEST = 20  # characters: as short as an answer may be


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """What is written down of a policy document."""

    title: str
    doc_no: str = ""
    issued_by: str = ""
    issued_on: date | None = None
    valid_to: date | None = None
    summary: str = ""
    link: str = ""
    category_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """What is written down of a canned answer."""

    title: str
    text: str
    category_id: int | None = None


def add_document(draft: DocumentDraft, *, actor: Actor) -> PolicyDocument:
    """Put a policy document into the library."""
    policy.require_keeping(actor)
    _check_document(draft)
    made = PolicyDocument(
        tenant_id=actor.tenant_id,
        created_by_id=actor.user_id,
        created_at=clock.now(),
        **asdict(draft),
    )
    db.session.add(made)
    db.session.flush()  # gives the document the id that it is logged under
    accounts.log(actor, N_("收录政策文件"), DOCUMENT, made.id, after=_told(draft))
    return made


def edit_document(
    document: PolicyDocument, draft: DocumentDraft, *, version: int | None, actor: Actor
) -> None:
    """Write down something else of a policy document."""
    policy.require_keeping(actor)
    require_own(actor, document.tenant_id)
    check_version(document.version, version)
    _check_document(draft)
    _rewrite(document, draft, N_("修改政策文件"), DOCUMENT, actor)


def add_answer(draft: AnswerDraft, *, actor: Actor) -> CannedAnswer:
    """Keep an answer to begin from."""
    policy.require_keeping(actor)
    _check_answer(draft)
    made = CannedAnswer(
        tenant_id=actor.tenant_id,
        created_by_id=actor.user_id,
        created_at=clock.now(),
        **asdict(draft),
    )
    db.session.add(made)
    db.session.flush()  # gives the answer the id that it is logged under
    accounts.log(actor, N_("收录常用答复"), ANSWER, made.id, after=_told(draft))
    return made


def edit_answer(
    answer: CannedAnswer, draft: AnswerDraft, *, version: int | None, actor: Actor
) -> None:
    """Write down something else of a canned answer."""
    policy.require_keeping(actor)
    require_own(actor, answer.tenant_id)
    check_version(answer.version, version)
    _check_answer(draft)
    _rewrite(answer, draft, N_("修改常用答复"), ANSWER, actor)


def withdraw_document(document: PolicyDocument, *, version: int | None, actor: Actor) -> None:
    """Take a policy document out of use; answers that cite it go on citing it."""
    _withdraw(document, N_("停用政策文件"), DOCUMENT, version=version, actor=actor)


def withdraw_answer(answer: CannedAnswer, *, version: int | None, actor: Actor) -> None:
    """Take a canned answer out of use."""
    _withdraw(answer, N_("停用常用答复"), ANSWER, version=version, actor=actor)


def _withdraw(
    kept: PolicyDocument | CannedAnswer,
    verb: str,
    subject: str,
    *,
    version: int | None,
    actor: Actor,
) -> None:
    policy.require_keeping(actor)
    require_own(actor, kept.tenant_id)
    check_version(kept.version, version)
    if not kept.is_active:
        raise DomainError(N_("这一条已经停用了。"))
    kept.is_active = False
    accounts.log(actor, verb, subject, kept.id, after={"title": kept.title})


def _rewrite(
    kept: PolicyDocument | CannedAnswer,
    draft: DocumentDraft | AnswerDraft,
    verb: str,
    subject: str,
    actor: Actor,
) -> None:
    if not kept.is_active:
        raise DomainError(N_("这一条已经停用，不能再改。"))
    was = {name: _plain(getattr(kept, name)) for name in asdict(draft)}
    for name, value in asdict(draft).items():
        setattr(kept, name, value)
    before, after = changes(was, _told(draft))
    accounts.log(actor, verb, subject, kept.id, before=before, after=after)


def _check_document(draft: DocumentDraft) -> None:
    if not draft.title:
        raise Invalid(N_("请写文件的名称。"), field="title")
    if draft.issued_on and draft.valid_to and draft.valid_to < draft.issued_on:
        raise Invalid(N_("失效日期不能早于发文日期。"), field="valid_to")
    if draft.link and not _is_address(draft.link):
        raise Invalid(N_("网址要以 https:// 或 http:// 开头。"), field="link")


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _check_answer(draft: AnswerDraft) -> None:
    if not draft.title:
        raise Invalid(N_("请写标题，方便别人选。"), field="title")
    lack = ANSWER_SHORTEST - len(draft.text)
    if lack > 0:
        raise Invalid(
            N_("至少 {least} 个字，还差 {lack} 个字。"),
            field="text",
            least=ANSWER_SHORTEST,
            lack=lack,
        )


def _told(draft: DocumentDraft | AnswerDraft) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(draft).items()}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
