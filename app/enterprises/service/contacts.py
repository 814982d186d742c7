"""The people of an enterprise whom one may call. Their numbers lie encrypted."""

from dataclasses import dataclass

import phonenumbers
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises import policy, queries
from app.enterprises.models import Enterprise, EnterpriseContact

REGION = "CN"
MAX_CONTACTS = 20
KEPT_APART = str.maketrans("", "", " -‐－—()（）")


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A person to call. An empty number leaves the stored one as it is."""

    name: str
    post: str = ""
    phone: str = ""
    email: str = ""
    is_primary: bool = False


def plain_phone(given: str) -> str:
    """Return a number as it is stored: without spaces, strokes and brackets."""
    return given.strip().translate(KEPT_APART)


def phone_doubt(given: str) -> str:
    """Return what is odd about a number, as a sentence; nothing where it may well be right.

    A doubt warns and never blocks: offices have short numbers and extensions.
    """
    plain = plain_phone(given)
    if not plain:
        return ""
    try:
        number = phonenumbers.parse(plain, REGION)
    except phonenumbers.NumberParseException:
        return N_("电话号码看起来不完整，请再核对一遍。")
    if not phonenumbers.is_valid_number(number):
        return N_("电话号码不像常用的手机号或座机号，请再核对一遍。")
    return ""


def add_contact(enterprise: Enterprise, draft: ContactDraft, *, actor: Actor) -> EnterpriseContact:
    """Add a person to the file of an enterprise; the first one is the one to call."""
    _refuse_strangers(enterprise, actor)
    if len(enterprise.contacts) >= MAX_CONTACTS:
        raise Invalid(N_("一家企业最多登记 {n} 位联系人。"), n=MAX_CONTACTS)
    made = EnterpriseContact(name=draft.name, is_primary=not enterprise.contacts)
    enterprise.contacts.append(made)
    _write(made, draft)
    db.session.flush()  # gives the contact the id that the audit log names
    accounts.log(actor, N_("添加联系人"), "contact", made.id, after=_told(made))
    return made


def edit_contact(
    contact: EnterpriseContact, draft: ContactDraft, *, version: int | None = None, actor: Actor
) -> None:
    """Change a person; an empty number leaves the stored one as it is."""
    _refuse_strangers(contact.enterprise, actor)
    check_version(contact.version, version)
    before, number = _told(contact), contact.phone
    _write(contact, draft)
    after = _told(contact) | {"phone_changed": contact.phone != number}
    accounts.log(actor, N_("修改联系人"), "contact", contact.id, before=before, after=after)


def remove_contact(contact: EnterpriseContact, *, version: int | None = None, actor: Actor) -> None:
    """Take a person out of the file; the number is gone with them."""
    enterprise = contact.enterprise
    _refuse_strangers(enterprise, actor)
    check_version(contact.version, version)
    accounts.log(actor, N_("移除联系人"), "contact", contact.id, before=_told(contact))
    enterprise.contacts.remove(contact)
    if enterprise.contacts and not any(other.is_primary for other in enterprise.contacts):
        enterprise.contacts[0].is_primary = True


def reveal_phone(contact: EnterpriseContact, *, actor: Actor) -> str:
    """Return the whole number, and log who asked for it."""
    queries.get(contact.enterprise_id, viewer=actor)  # raises NotFound to strangers
    accounts.log(
        actor,
        N_("查看联系电话"),
        "contact",
        contact.id,
        after={"enterprise_id": contact.enterprise_id, "name": contact.name},
    )
    return contact.phone or ""


def _write(contact: EnterpriseContact, draft: ContactDraft) -> None:
    contact.name, contact.post, contact.email = draft.name, draft.post, draft.email
    number = plain_phone(draft.phone)
    if number:
        contact.phone = number
    if draft.is_primary and not contact.is_primary:
        for other in contact.enterprise.contacts:
            other.is_primary = other is contact


def _refuse_strangers(enterprise: Enterprise, actor: Actor) -> None:
    policy.require_edit(actor, enterprise)
    # Two who add at the same moment come one after the other.
    db.session.execute(
        select(Enterprise.id).where(Enterprise.id == enterprise.id).with_for_update(key_share=True)
    )
    db.session.refresh(enterprise, ["contacts"])


def _told(contact: EnterpriseContact) -> dict[str, object]:
    """Return what the audit log may know: never the number."""
    return {
        "enterprise_id": contact.enterprise_id,
        "name": contact.name,
        "post": contact.post,
        "email": contact.email,
        "is_primary": contact.is_primary,
    }
