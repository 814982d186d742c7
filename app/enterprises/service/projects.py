"""Key projects of the township."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import Tenant
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises import policy, queries
from app.enterprises.models import KeyProject


@dataclass(frozen=True, slots=True)
class ProjectDraft:
    """What is written in the file of a key project."""

    name: str
    stage: str = ""
    investment_yi: float | None = None
    address: str = ""
    enterprise_id: int | None = None
    is_active: bool = True


def create_project(draft: ProjectDraft, *, actor: Actor) -> KeyProject:
    """Begin the file of a key project; raise Invalid where its name is taken."""
    policy.require_edit(actor)
    made = KeyProject(tenant_id=actor.tenant_id)
    _write(made, draft, actor=actor)
    db.session.add(made)
    db.session.flush()  # gives the project the id that the audit log names
    accounts.log(actor, N_("新建重点项目"), "project", made.id, after=asdict(draft))
    return made


def edit_project(
    project: KeyProject, draft: ProjectDraft, *, version: int | None = None, actor: Actor
) -> None:
    """Change the file of a key project; raise Invalid where its name is taken."""
    policy.require_edit(actor, project)
    check_version(project.version, version)
    before = {name: getattr(project, name) for name in asdict(draft)}
    _write(project, draft, actor=actor)
    after = asdict(draft)
    if before != after:
        accounts.log(actor, N_("修改重点项目"), "project", project.id, before=before, after=after)


def _write(project: KeyProject, draft: ProjectDraft, *, actor: Actor) -> None:
    db.session.execute(  # two who begin at the same moment come one after the other
        select(Tenant.id).where(Tenant.id == project.tenant_id).with_for_update(key_share=True)
    )
    with db.session.no_autoflush:
        twin: int | None = db.session.scalar(
            select(KeyProject.id).where(
                KeyProject.tenant_id == project.tenant_id, KeyProject.name == draft.name
            )
        )
        if twin is not None and twin != project.id:
            raise Invalid(
                N_("已有同名的重点项目，不用再建：“{name}”。"), field="name", name=draft.name
            )
        if draft.enterprise_id is not None:
            queries.get(draft.enterprise_id, viewer=actor)
    for name, value in asdict(draft).items():
        setattr(project, name, value)
