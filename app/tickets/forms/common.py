"""What is typed about a problem that several enterprises have."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.core.forms import Form
from app.tickets.forms import fields
from app.tickets.queries.choices import Option
from app.tickets.service.common import Answer, CommonDraft
from app.tickets.service.guards.handling import REPLY_SHORTEST
from app.tickets.service.guards.opening import TITLE_LONGEST
from app.tickets.workflow.states import Outcome


class CommonForm(Form):
    """What it is about, and who leads."""

    title = StringField(
        _l("是什么问题"),
        validators=[DataRequired(), Length(max=TITLE_LONGEST)],
        description=_l("不写企业名称。"),
    )
    description = fields.words(_l("情况"), about=_l("几家企业共同的情况，和打算怎么研究。"))
    category_id = fields.pick(_l("类别"), required=False, checked=False)
    lead_unit_id = fields.pick(
        _l("牵头单位"),
        required=False,
        checked=False,
        about=_l("归进来的都交给它办，由它统一答复。"),
    )

    def offer(self, categories: list[Option], units: list[Option]) -> None:
        """Take the categories and the units."""
        self.category_id.choices = fields.offered(categories)
        self.lead_unit_id.choices = fields.offered(units, _l("以后再定"))

    def given(self) -> CommonDraft:
        """Return what was typed, in the words of the service."""
        return CommonDraft(
            title=(self.title.data or "").strip(),
            description=fields.lines_of(self.description.data),
            category_id=self.category_id.data,
            lead_unit_id=self.lead_unit_id.data,
        )


class JoinForm(Form):
    """Which common problem a ticket belongs to."""

    common_id = RadioField(
        _l("归入哪一个"),
        coerce=fields.id_of,
        choices=[],
        validators=[InputRequired()],
        validate_choice=False,
    )

    def offer(self, options: list[Option]) -> None:
        """Take the common problems."""
        self.common_id.choices = fields.listed(options)


class LeaveForm(Form):
    """Why a ticket is taken out."""

    reason = fields.words(_l("移出的理由"), least=2, most=500)


class AnswerForm(Form):
    """One answer for all."""

    outcome = fields.one_of(_l("办理结果"), Outcome)
    answer = fields.words(
        _l("答复内容"),
        least=REPLY_SHORTEST,
        about=_l("写给每一家企业看，不要提到别家企业。"),
    )
    basis = fields.words(
        _l("政策依据和解释"), about=_l("结果不是“已解决”的，必须写，或者引用政策文件。")
    )
    citation_ids = fields.pick_some(
        _l("引用政策文件"), about=_l("最多 5 份，答复里企业也能看到名称和文号。")
    )

    def given(self) -> Answer:
        """Return what was typed, in the words of the service."""
        return Answer(
            text=(self.answer.data or "").strip(),
            outcome=self.outcome.data,
            basis=(self.basis.data or "").strip(),
            citation_ids=tuple(id_ for id_ in self.citation_ids.data or () if id_),
        )


class ButtonForm(Form):
    """Dispatching, publishing, ending: the button alone."""
