"""Key projects."""

import pytest

from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.transactions import transaction
from app.enterprises import service
from app.enterprises.models import (
    KeyProject,
)
from app.enterprises.service import (
    ProjectDraft,
)
from tests import make
from tests.enterprises.given import logged

pytestmark = pytest.mark.usefixtures("app")


def test_a_project_is_begun_changed_and_logged() -> None:
    actor = make.actor()
    with transaction():
        made = service.create_project(
            ProjectDraft("冷链仓储中心", stage="在建", investment_yi=0.42), actor=actor
        )

    with transaction():
        draft = ProjectDraft("冷链仓储中心", stage="完工", investment_yi=0.42, is_active=False)
        service.edit_project(made, draft, version=made.version, actor=actor)

    assert (made.stage, made.is_active, made.called) == ("完工", False, "冷链仓储中心")
    assert logged().action == "修改重点项目"


def test_a_project_with_a_taken_name_or_a_foreign_builder_is_refused() -> None:
    actor = make.actor()
    make.project("冷链仓储中心")
    foreign = make.enterprise(tenant=make.tenant())

    with pytest.raises(Invalid) as refusal, transaction():
        service.create_project(ProjectDraft("冷链仓储中心"), actor=actor)
    assert refusal.value.field == "name"
    with pytest.raises(NotFound), transaction():
        service.create_project(ProjectDraft("新的", enterprise_id=foreign.id), actor=actor)
    assert db.session.query(KeyProject).count() == 1
