"""What the register is asked to show."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.core.forms import Row
from app.tickets.forms.fields import day, id_of, member_of, named, nothing, offered
from app.tickets.queries.choices import FilterLists
from app.tickets.queries.register import Colour, Sort, TicketFilter, View
from app.tickets.workflow.states import Source, Status

MOST = 2**31 - 1  # no id is greater


class FilterForm(Row):
    """The search of the register; it lies in the address and changes nothing."""

    q = StringField(_l("编号、企业、关键词"), validators=[Length(max=40)])
    view = SelectField(
        _l("快速筛选"),
        choices=[nothing(""), *named(View)],
        coerce=member_of(View),
    )
    status = SelectField(
        _l("状态"),
        choices=[nothing(_l("全部状态")), *named(Status)],
        coerce=member_of(Status),
    )
    light = SelectField(
        _l("灯"),
        choices=[nothing(_l("全部灯")), *named(Colour)],
        coerce=member_of(Colour),
    )
    category = SelectField(_l("类别"), coerce=id_of, choices=[])
    unit = SelectField(_l("承办单位"), coerce=id_of, choices=[])
    village = SelectField(_l("村（社区）"), coerce=id_of, choices=[])
    source = SelectField(
        _l("来源"),
        choices=[nothing(_l("全部来源")), *named(Source)],
        coerce=member_of(Source),
    )
    enterprise = IntegerField(
        _l("企业"), widget=HiddenInput(), validators=[Optional(), NumberRange(1, MOST)]
    )
    since = day(_l("登记日期从"), required=False)
    until = day(_l("到"), required=False)
    mine = BooleanField(_l("只看与我有关的"))
    sort = SelectField(
        _l("排序"),
        choices=[nothing(_l("默认排序")), *named(Sort)],
        coerce=member_of(Sort),
    )

    def offer(self, lists: FilterLists) -> None:
        """Take the lists to choose from."""
        self.category.choices = offered(lists.categories, _l("全部类别"))
        self.unit.choices = offered(lists.units, _l("全部承办单位"))
        self.village.choices = offered(lists.villages, _l("全部村（社区）"))

    def asked(self) -> TicketFilter:
        """Return what was asked for; a field that cannot be read asks nothing."""
        self.validate()
        given = {field.short_name: field.data for field in self if not field.errors}
        return TicketFilter(
            text=(given.get("q") or "").strip(),
            view=given.get("view"),
            status=given.get("status"),
            light=given.get("light"),
            category_id=given.get("category"),
            unit_id=given.get("unit"),
            enterprise_id=given.get("enterprise"),
            village_id=given.get("village"),
            source=given.get("source"),
            received_from=given.get("since"),
            received_to=given.get("until"),
            mine=bool(given.get("mine")),
            sort=given.get("sort"),
        )
