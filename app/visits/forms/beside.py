"""What people type about campaigns, needs, promises, village days, and files that come later."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.accounts.models import OrgUnit, User
from app.attachments.forms import KeepingForm, files_field, keep_field
from app.core.forms import Form
from app.visits.forms.parts import id_or_none, labelled, stripped
from app.visits.models import NeedState, PromiseState
from app.visits.service import CampaignDraft, VillageDraft


class CampaignDaysForm(Form):
    """From when to when a campaign runs."""

    from_on = DateField(_l("从哪天"), validators=[InputRequired()])
    to_on = DateField(_l("到哪天"), validators=[InputRequired()])


class CampaignForm(CampaignDaysForm):
    """A new campaign."""

    name = StringField(
        _l("活动名称"), filters=[stripped], validators=[DataRequired(), Length(max=60)]
    )

    def given(self) -> CampaignDraft:
        """Return what was typed, in the words of the service."""
        return CampaignDraft(
            self.name.data or "", self.from_on.data or date.min, self.to_on.data or date.min
        )


class EndForm(Form):
    """A button that ends something."""


class NeedForm(Form):
    """How far a need has come."""

    state = RadioField(_l("进度"), validators=[InputRequired()])
    reported_to = StringField(_l("报给、对接了谁"), filters=[stripped], validators=[Length(max=80)])
    note = StringField(_l("说明"), filters=[stripped], validators=[Length(max=200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        self.state.choices = labelled(NeedState)


class PromiseForm(Form):
    """How a promise stands."""

    answer = RadioField(_l("兑现了吗"), validators=[InputRequired()])
    note = StringField(_l("说明"), filters=[stripped], validators=[Length(max=200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on to WTForms
        super().__init__(*args, **kwargs)
        said = (PromiseState.KEPT, PromiseState.OPEN, PromiseState.NOT_KEPT)
        self.answer.choices = [(one.value, gettext(one.label)) for one in said]


class VillageForm(Form):
    """A leader's day in a village."""

    leader_id = SelectField(_l("班子成员"), coerce=id_or_none, validators=[InputRequired()])
    village_id = SelectField(_l("村（社区）"), coerce=id_or_none, validators=[InputRequired()])
    visited_on = DateField(_l("日期"), validators=[InputRequired()])
    findings = TextAreaField(
        _l("看了什么、发现什么"),
        filters=[stripped],
        validators=[DataRequired(), Length(min=10, max=4000)],
    )

    def offer(self, leaders: Sequence[User], villages: Sequence[OrgUnit]) -> None:
        """Fill the lists to choose from; who records for one alone need not choose."""
        self.leader_id.choices = _listed(leaders)
        self.village_id.choices = _listed(villages)

    def given(self) -> VillageDraft:
        """Return what was typed, in the words of the service."""
        return VillageDraft(
            leader_id=self.leader_id.data or 0,
            village_id=self.village_id.data or 0,
            visited_on=self.visited_on.data or date.min,
            findings=self.findings.data or "",
        )


class HouseholdForm(Form):
    """How many households a leader called on in a month: the number alone.

    `seen` holds the versions that the page showed, one for each leader to choose from.
    """

    seen = HiddenField()
    leader_id = SelectField(_l("班子成员"), coerce=id_or_none, validators=[InputRequired()])
    number = IntegerField(
        _l("走访脱贫户、包保户（户次）"), validators=[InputRequired(), NumberRange(0, 999)]
    )

    def offer(self, leaders: Sequence[User]) -> None:
        """Fill the list to choose from."""
        self.leader_id.choices = _listed(leaders)

    def show_versions(self, versions: Mapping[int, int]) -> None:
        """Let the next submit be one that has seen these versions, by leader."""
        self.seen.data = ",".join(f"{leader}:{version}" for leader, version in versions.items())
        self.seen.raw_data = None

    @property
    def version_seen(self) -> int | None:
        """Return the version of the leader who was chosen; None where the page showed none."""
        pairs = dict(
            pair.split(":", 1) for pair in (self.seen.data or "").split(",") if ":" in pair
        )
        seen = pairs.get(str(self.leader_id.data), "")
        return int(seen) if seen.isdecimal() else None


class FilesForm(KeepingForm):
    """Files that come to a visit later."""

    keep = keep_field()
    files = files_field(_l("补充照片或文件"))


def _listed(things: Sequence[User] | Sequence[OrgUnit]) -> list[tuple[int | str, str]]:
    named: list[tuple[int | str, str]] = [(one.id, one.name) for one in things]
    return named if len(named) == 1 else [("", gettext("请选择")), *named]
