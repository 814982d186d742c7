"""Who may change nothing, and that the log holds what was changed."""

import pytest

from app.accounts.roles import PEOPLE, Role
from app.core import clock
from app.core.audit import AuditRow, first_break
from app.core.db import db
from app.core.errors import DomainError, NotAllowed, NotFound
from app.core.transactions import transaction
from app.enterprises import service
from app.enterprises.service import (
    ContactDraft,
    EnterpriseDraft,
    LinkageDraft,
    ProjectDraft,
    YearDraft,
)
from tests import make
from tests.enterprises.given import PHONE, TODAY, start

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("role", sorted(set(PEOPLE) - {Role.DISPATCHER, Role.OFFICE_DIRECTOR}))
def test_everybody_but_the_office_is_refused_every_change(role: Role) -> None:
    enterprise = make.enterprise("一")
    contact, project = make.contact(enterprise=enterprise), make.project("二")
    viewer = make.actor(role, enterprise_id=enterprise.id)
    linkage = make.linkage(enterprise=enterprise)
    draft = LinkageDraft(linkage.leader_id, TODAY, enterprise_id=enterprise.id)
    tries = (
        lambda: service.create_enterprise(EnterpriseDraft("三"), actor=viewer),
        lambda: service.edit_enterprise(enterprise, EnterpriseDraft("三"), actor=viewer),
        lambda: service.save_year(enterprise, YearDraft(2025), actor=viewer),
        lambda: service.add_contact(enterprise, ContactDraft("甲"), actor=viewer),
        lambda: service.edit_contact(contact, ContactDraft("甲"), actor=viewer),
        lambda: service.remove_contact(contact, actor=viewer),
        lambda: service.create_project(ProjectDraft("三"), actor=viewer),
        lambda: service.edit_project(project, ProjectDraft("三"), actor=viewer),
        lambda: service.start_linkage(draft, actor=viewer),
        lambda: service.change_linkage(linkage, draft, actor=viewer),
        lambda: service.end_linkage(linkage, TODAY, actor=viewer),
    )

    for attempt in tries:
        with pytest.raises(DomainError) as refusal, transaction():
            attempt()
        assert isinstance(refusal.value, NotAllowed | NotFound)

    db.session.expire_all()
    assert (enterprise.name, project.name, linkage.valid_to) == ("一", "二", None)
    assert db.session.query(AuditRow).count() == 0


def test_the_office_of_another_township_is_refused() -> None:
    enterprise, contact, linkage = make.enterprise(), make.contact(), make.linkage()
    stranger = make.actor(tenant=make.tenant())

    for attempt in (
        lambda: service.edit_enterprise(enterprise, EnterpriseDraft("三"), actor=stranger),
        lambda: service.add_contact(enterprise, ContactDraft("甲"), actor=stranger),
        lambda: service.remove_contact(contact, actor=stranger),
        lambda: service.end_linkage(linkage, TODAY, actor=stranger),
    ):
        with pytest.raises(NotAllowed), transaction():
            attempt()


def test_the_audit_chain_holds_over_all_of_it() -> None:
    actor = make.actor()
    old = start(actor)
    with transaction():
        service.change_linkage(
            old,
            LinkageDraft(make.user(Role.LEADER).id, clock.today(), enterprise_id=old.enterprise_id),
            actor=actor,
        )
        made = service.create_enterprise(
            EnterpriseDraft("一", established_on=TODAY, registered_capital_wan=500.5), actor=actor
        )
        service.add_contact(made, ContactDraft("甲", phone=PHONE), actor=actor)
        service.save_year(made, YearDraft(2025, revenue_wan=1.5), actor=actor)

    assert first_break({}) is None
    assert db.session.query(AuditRow).count() == 5
