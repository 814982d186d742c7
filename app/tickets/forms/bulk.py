"""What is typed once for many tickets: their ids, and what holds for all of them."""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, ValidationError
from wtforms.validators import Length, Regexp

from app.core.forms import Form
from app.tickets.forms import fields
from app.tickets.queries.choices import Option
from app.tickets.queries.chosen import MOST

SEEN = r"(\d{1,10}-\d{1,10}( |$))*$"  # ids and versions
LONGEST = MOST * 22  # characters of it


class BulkForm(Form):
    """The tickets that were ticked, at what version. The attributes are the words of its page."""

    icon: ClassVar[str] = "check2"
    lead: ClassVar[str] = ""
    ids = fields.pick_some(_l("选中的企业问题"))
    seen = HiddenField(validators=[Length(max=LONGEST), Regexp(SEEN)])

    def validate_ids(self, field: Field) -> None:
        """Refuse nothing at all, and more than may be done at once."""
        if field.errors:
            return
        if not field.data:
            raise ValidationError(_l("请至少选一件。"))
        if len(field.data) > MOST:
            raise ValidationError(_l("一次最多 %(n)s 件，请分几次做。", n=MOST))

    def offer(self, options: list[Option]) -> None:
        """Take the list that the form offers a choice from, where it has one."""

    @property
    def versions(self) -> dict[int, int]:
        """The version of each ticket that the page showed."""
        pairs = (one.split("-") for one in (self.seen.data or "").split())
        return {int(id_): int(version) for id_, version in pairs}

    @property
    def questions(self) -> list[Any]:
        """The fields that people see, in their order."""
        hidden = {"version", "idempotency_key", "csrf_token", "ids", "seen"}
        return [field for field in self if field.short_name not in hidden]


class BulkAcceptForm(BulkForm):
    """Accept each as it is classified."""

    icon = "check2-square"
    lead = _l("类别照登记时选的，紧急程度和难易照派单目录；要改的，请单独受理。")
    duplicates_checked = fields.tick(_l("已逐件核对，不是重复件"))


class BulkDispatchForm(BulkForm):
    """Hand each to the unit that the catalogue proposes, or all to one."""

    icon = "send"
    lead = _l("不选单位的，每件交给派单目录对应的单位和协办单位。")
    lead_unit_id = fields.pick(_l("都交给这个单位"), required=False, checked=False)
    comment = fields.words(_l("交办意见"), most=500)

    def offer(self, options: list[Option]) -> None:
        """Take the units."""
        self.lead_unit_id.choices = fields.offered(options, str(_l("按派单目录")))


class BulkUrgeForm(BulkForm):
    """Urge the unit of each."""

    icon = "bell"
    lead = _l("承办人和单位负责人会收到。同一件一个工作日只能催一次。")
    comment = fields.words(_l("要说的话"), most=500)


class BulkAssignForm(BulkForm):
    """Name one person who handles all of them."""

    icon = "person-check"
    handler_id = fields.pick(_l("承办人"), checked=False)

    def offer(self, options: list[Option]) -> None:
        """Take the people of the unit."""
        self.handler_id.choices = fields.offered(options)


def written_versions(versions: Iterable[tuple[int, int]]) -> str:
    """Return ids and versions as `seen` holds them."""
    return " ".join(f"{id_}-{version}" for id_, version in versions)


def read_ids(values: list[str]) -> list[int]:
    """Return the ids of an address; what is no id is left out."""
    found = []
    for value in values[: MOST * 2]:
        try:
            number = fields.id_of(value)
        except ValueError:
            continue
        if number is not None:
            found.append(number)
    return list(dict.fromkeys(found))
