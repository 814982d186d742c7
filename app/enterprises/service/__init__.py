"""The only code that writes enterprises, key projects and linkages."""

from app.enterprises.service.contacts import (
    ContactDraft,
    add_contact,
    edit_contact,
    phone_doubt,
    remove_contact,
    reveal_phone,
)
from app.enterprises.service.enterprises import (
    EnterpriseDraft,
    YearDraft,
    code_doubt,
    create_enterprise,
    edit_enterprise,
    plain_code,
    save_year,
)
from app.enterprises.service.handing_on import hand_on
from app.enterprises.service.linkages import (
    LinkageDraft,
    change_linkage,
    end_linkage,
    start_linkage,
)
from app.enterprises.service.projects import ProjectDraft, create_project, edit_project

__all__ = [
    "ContactDraft",
    "EnterpriseDraft",
    "LinkageDraft",
    "ProjectDraft",
    "YearDraft",
    "add_contact",
    "change_linkage",
    "code_doubt",
    "create_enterprise",
    "create_project",
    "edit_contact",
    "edit_enterprise",
    "edit_project",
    "end_linkage",
    "hand_on",
    "phone_doubt",
    "plain_code",
    "remove_contact",
    "reveal_phone",
    "save_year",
    "start_linkage",
]
