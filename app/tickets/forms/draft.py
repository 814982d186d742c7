"""A problem as somebody writes it down."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, Regexp
from wtforms.widgets import HiddenInput

from app.attachments.forms import KeepingForm, files_field, keep_field
from app.core import clock
from app.core.forms import Form
from app.tickets.forms import fields
from app.tickets.models import Ticket
from app.tickets.queries.choices import Option
from app.tickets.service import TicketDraft
from app.tickets.service.guards.opening import TEXT_SHORTEST, TITLE_LONGEST
from app.tickets.workflow.states import Source, Urgency

SAVE = "save"
SUBMIT = "submit"
END_OF_WORK = time(17, 30)


class DraftForm(KeepingForm):
    """登记企业问题: saved as a draft, or handed in.

    A draft needs an enterprise and a title; what else the office wants is asked for when it
    is handed in.
    """

    enterprise_id = IntegerField(
        _l("企业"),
        widget=HiddenInput(),
        validators=[InputRequired(), NumberRange(1, fields.MOST_ID)],
    )
    title = fields.line(_l("一句话说清问题"), most=TITLE_LONGEST, required=True)
    description = fields.words(
        _l("具体情况"), about=_l("照企业说的写：什么事、从什么时候起、影响多大。")
    )
    wish = fields.words(_l("希望怎么解决"))
    category_id = fields.pick(_l("类别"), required=False, checked=False)
    subcategory_id = fields.pick(_l("小类"), required=False, checked=False)
    contact_name = fields.line(_l("企业联系人"), most=40, about=_l("承办单位会找他。"))
    contact_phone = StringField(
        _l("联系电话"),
        validators=[
            Length(max=20),
            Regexp(r"^[0-9+\-() 转]*$", message=_l("电话只能写数字、加号、短横和括号。")),
        ],
    )
    urgency = fields.one_of(
        _l("紧急程度"), Urgency, about=_l("紧急：停产风险、停水停电停气。特急：危及人身安全。")
    )
    source = fields.one_of(_l("来源"), Source)
    complained_unit_id = fields.pick(
        _l("被反映的单位"),
        required=False,
        checked=False,
        about=_l("反映某个单位的，这件不会交给它办。"),
    )
    external_system = fields.line(_l("上级来件的系统"), most=60)
    external_no = fields.line(_l("上级来件的编号"), most=60)
    external_due_on = fields.day(
        _l("上级要求的期限"), required=False, about=_l("比我们的期限早的，按早的算。")
    )
    leader_directive = BooleanField(_l("领导批示件"))
    no_secrets = BooleanField(_l("内容不含涉密信息"))
    keep = keep_field()
    files = files_field()
    action = SelectField(choices=[SelectChoice(SAVE), SelectChoice(SUBMIT)], default=SAVE)

    def offer(
        self,
        *,
        categories: Sequence[Option],
        subcategories: Sequence[Option],
        units: Sequence[Option],
    ) -> None:
        """Take the lists to choose from; without a second level nothing is asked about it."""
        self.category_id.choices = fields.offered(categories)
        self.complained_unit_id.choices = fields.offered(units, _l("没有"))
        if subcategories:
            self.subcategory_id.choices = fields.grouped(subcategories, _l("不分小类"))
        elif "subcategory_id" in self:
            del self.subcategory_id

    def fill(self, ticket: Ticket) -> None:
        """Show the draft as it was saved, where its fields have other names or kinds."""
        due = ticket.external_due_at
        self.external_due_on.data = clock.local(due).date() if due else None

    def is_complete(self) -> bool:
        """Tell whether all is there that handing in asks for; say at each field what is not."""
        wanted: list[tuple[Field, bool, str]] = [
            (
                self.description,
                len((self.description.data or "").strip()) >= TEXT_SHORTEST,
                _l("至少要写 %(n)s 个字。", n=TEXT_SHORTEST),
            ),
            (self.category_id, self.category_id.data is not None, _l("请选问题类别。")),
            (self.contact_name, bool((self.contact_name.data or "").strip()), _l("请填写。")),
            (self.no_secrets, bool(self.no_secrets.data), fields.UNTICKED),
        ]
        for field, is_there, sentence in wanted:
            if not is_there:
                field.errors = [*field.errors, sentence]
        return all(is_there for _field, is_there, _sentence in wanted)

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - as WTForms has it
        """Check what was typed; when it is handed in, also that nothing is missing."""
        fits = bool(super().validate(extra_validators))
        return (self.is_complete() if self.submits else True) and fits

    @property
    def submits(self) -> bool:
        """Whether it is to be handed in, not only kept."""
        return bool(self.action.data == SUBMIT)

    def draft(self, of: Ticket | None = None) -> TicketDraft:
        """Return what was typed; what the form does not ask stays as `of` has it."""
        sub = self.subcategory_id.data if "subcategory_id" in self else None
        day = self.external_due_on.data
        due = datetime.combine(day, END_OF_WORK, tzinfo=clock.LOCAL) if day else None
        return TicketDraft(
            enterprise_id=self.enterprise_id.data or 0,
            title=(self.title.data or "").strip(),
            description=(self.description.data or "").strip(),
            wish=(self.wish.data or "").strip(),
            category_id=self.category_id.data,
            subcategory_id=sub,
            contact_name=(self.contact_name.data or "").strip(),
            contact_phone=(self.contact_phone.data or "").strip(),
            source=self.source.data,
            campaign=of.campaign if of else "",
            visit_id=of.visit_id if of else None,
            heard_on=of.heard_on if of else None,
            done_on_site=of.done_on_site if of else "",
            urgency=self.urgency.data,
            complained_unit_id=self.complained_unit_id.data,
            external_system=(self.external_system.data or "").strip(),
            external_no=(self.external_no.data or "").strip(),
            external_due_at=due,
            leader_directive=bool(self.leader_directive.data),
            no_secrets=bool(self.no_secrets.data),
        )


class PhoneForm(Form):
    """Asking for the whole number: the button alone."""
