"""Attaching files to tickets and visits.

The slow part comes first and outside of any transaction: `prepare` checks, redraws and keeps
the content. `attach` then only inserts a row.
"""

from dataclasses import dataclass
from typing import BinaryIO

from app.accounts import service as accounts
from app.accounts.roles import Actor, Role
from app.attachments import queries
from app.attachments.models import Attachment
from app.attachments.service.contents import JPEG, MAX_SIZE, PNG, clean_name, kind_of
from app.attachments.service.images import redrawn
from app.core import clock, files
from app.core.db import db
from app.core.errors import Invalid, NotAllowed
from app.core.i18n import N_

MAX_FILES = 10  # for one ticket or visit


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file whose content was checked and lies where it will stay."""

    name: str
    media_type: str
    size: int
    sha256: str


def prepare(filename: str, stream: BinaryIO) -> Prepared:
    """Check a file, redraw it if it is a picture, and keep its content.

    Raises Invalid with a sentence that names the file. Call it outside of any transaction.
    """
    name = clean_name(filename)
    content = stream.read(MAX_SIZE + 1)
    kind = kind_of(name, content)
    if kind.media_type in {JPEG, PNG}:
        content = redrawn(name, content, kind.media_type)
    return Prepared(name, kind.media_type, len(content), files.put(content))


def attach(
    prepared: Prepared,
    *,
    actor: Actor,
    ticket_id: int | None = None,
    visit_id: int | None = None,
    revisit_id: int | None = None,
    telling_id: int | None = None,
    hidden: bool = False,
    for_enterprise: bool = False,
) -> Attachment:
    """Let a prepared file belong to one ticket, visit or telling; to a rating of the ticket.

    Whether `actor` may add to it is for the service of the ticket or visit to say, and whether
    its name stays out of the audit log: that of something `hidden` says too much. What the
    enterprise sends is for it; what others add only where they say so.
    """
    if actor.user_id is None and actor.role is not Role.ENTERPRISE_USER:  # a guest may
        raise NotAllowed(N_("请先登录再上传附件。"))
    owner = {"ticket_id": ticket_id, "visit_id": visit_id, "telling_id": telling_id}
    if queries.count(**owner, revisit_id=revisit_id) >= MAX_FILES:
        raise Invalid(
            N_("最多 {n} 个附件，“{name}”没有加上。"),
            field="files",
            n=MAX_FILES,
            name=prepared.name,
        )
    added = Attachment(
        tenant_id=actor.tenant_id,
        ticket_id=ticket_id,
        visit_id=visit_id,
        revisit_id=revisit_id,
        telling_id=telling_id,
        name=prepared.name,
        media_type=prepared.media_type,
        size=prepared.size,
        sha256=prepared.sha256,
        added_by_id=actor.user_id,
        added_at=clock.now(),
        for_enterprise=for_enterprise or actor.role is Role.ENTERPRISE_USER,
    )
    db.session.add(added)
    db.session.flush()  # gives the attachment the id that the audit log names
    described = _described(added, hidden=hidden)
    accounts.log(actor, N_("上传附件"), "attachment", added.id, after=described)
    return added


def show_to_enterprise(
    attachment: Attachment, *, shown: bool, actor: Actor, hidden: bool = False
) -> None:
    """Let the enterprise have a file, or have it no longer; of two at once the second is told.

    Whether `actor` decides about it is for the service of what it belongs to. Pictures of a
    rating stay with the rating. Raises Invalid where it is as asked already.
    """
    db.session.refresh(attachment, with_for_update=True)
    if attachment.revisit_id is not None:
        raise Invalid(N_("企业评价时附的照片只跟着评价走，不能另外给企业看。"))
    if attachment.for_enterprise is shown:
        raise Invalid(
            N_("“{name}”企业已经看得到了。") if shown else N_("“{name}”企业本来就看不到。"),
            name=attachment.name,
        )
    described = _described(attachment, hidden=hidden)
    before = described | {"for_enterprise": attachment.for_enterprise}
    attachment.for_enterprise = shown
    accounts.log(
        actor,
        N_("附件给企业看") if shown else N_("附件不再给企业看"),
        "attachment",
        attachment.id,
        before=before,
        after=described | {"for_enterprise": shown},
    )


def hand_on(*, telling_id: int, ticket_id: int, actor: Actor, hidden: bool = False) -> None:
    """Let what belongs to a telling belong to the ticket that it became."""
    for one in queries.belonging_to(viewer=actor, telling_id=telling_id):
        one.telling_id, one.ticket_id = None, ticket_id
        described = _described(one, hidden=hidden)
        accounts.log(actor, N_("上传附件"), "attachment", one.id, after=described)


def let_go(*, telling_id: int, actor: Actor) -> None:
    """Take away all files of a telling that was not taken; their names are told to no log."""
    for one in queries.belonging_to(viewer=actor, telling_id=telling_id):
        before = _described(one, hidden=True)
        accounts.log(actor, N_("移除附件"), "attachment", one.id, before=before)
        db.session.delete(one)


def remove(attachment: Attachment, *, actor: Actor, hidden: bool = False) -> None:
    """Take an attachment away again; only the one who added it may.

    Whether what it belongs to may still change is for the caller to have asked. The content
    stays: another attachment may have the same.
    """
    own = actor.user_id is not None and attachment.added_by_id == actor.user_id
    if not own or attachment.tenant_id != actor.tenant_id:
        raise NotAllowed(N_("只有上传的人可以移除附件“{name}”。"), name=attachment.name)
    before = _described(attachment, hidden=hidden)
    accounts.log(actor, N_("移除附件"), "attachment", attachment.id, before=before)
    db.session.delete(attachment)


def _described(attachment: Attachment, *, hidden: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "ticket_id": attachment.ticket_id,
        "visit_id": attachment.visit_id,
        "telling_id": attachment.telling_id,
        "sha256": attachment.sha256,
    }
    return told if hidden else told | {"name": attachment.name}
