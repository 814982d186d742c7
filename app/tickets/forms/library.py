"""What is typed about a policy document and a canned answer."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.accounts.service import REASON_LONGEST
from app.core.forms import Form, Row
from app.library.queries import DocumentFilter
from app.library.service import ANSWER_SHORTEST, AnswerDraft, DocumentDraft, Draft
from app.tickets.forms import fields
from app.tickets.queries.choices import Option

FOR_ALL = _l("各类通用")


class DocumentFilterForm(Row):
    """What the list of policy documents is narrowed to; it is a query string."""

    q = StringField(_l("名称、文号、关键词"))
    category = fields.pick(_l("类别"), required=False, checked=False)
    ended = BooleanField(_l("已失效或停用"))

    def asked(self) -> DocumentFilter:
        """Return what was asked; what cannot be read asks nothing."""
        return DocumentFilter(
            text=(self.q.data or "").strip(),
            category_id=self.category.data if isinstance(self.category.data, int) else None,
            ended=bool(self.ended.data),
        )


class KeptForm(Form):
    """What stands on a shelf: by its category, and why it is changed once it stands there."""

    category_id = fields.pick(_l("类别"), required=False)
    reason = StringField(_l("为什么改"), validators=[DataRequired(), Length(max=REASON_LONGEST)])

    def offer(self, categories: list[Option]) -> None:
        """Take the categories that there are."""
        self.category_id.choices = fields.offered(categories, FOR_ALL)

    def begins(self) -> None:
        """Ask for no reason: it is not kept yet."""
        del self["reason"]

    def given(self) -> Draft:
        """Return what was typed, in the words of the service."""
        raise NotImplementedError


class DocumentForm(KeptForm):
    """One policy document."""

    title = StringField(_l("文件名称"), validators=[DataRequired(), Length(max=120)])
    doc_no = fields.line(_l("发文字号"), most=60)
    issued_by = fields.line(_l("发文单位"), most=80)
    issued_on = fields.day(_l("发文日期"), required=False)
    valid_to = fields.day(
        _l("有效到"), required=False, about=_l("当天仍有效；没有写失效日期的，留空。")
    )
    summary = fields.words(_l("要点"), about=_l("答复企业时用得上的几句话。"))
    link = fields.line(_l("网址"), most=300)

    def given(self) -> DocumentDraft:
        """Return what was typed, in the words of the service."""
        return DocumentDraft(
            title=(self.title.data or "").strip(),
            doc_no=(self.doc_no.data or "").strip(),
            issued_by=(self.issued_by.data or "").strip(),
            issued_on=self.issued_on.data,
            valid_to=self.valid_to.data,
            summary=fields.lines_of(self.summary.data),
            link=(self.link.data or "").strip(),
            category_id=self.category_id.data,
        )


class AnswerForm(KeptForm):
    """One canned answer."""

    title = StringField(_l("标题"), validators=[DataRequired(), Length(max=60)])
    text = TextAreaField(
        _l("答复内容"), validators=[DataRequired(), Length(min=ANSWER_SHORTEST, max=2000)]
    )

    def given(self) -> AnswerDraft:
        """Return what was typed, in the words of the service."""
        return AnswerDraft(
            title=(self.title.data or "").strip(),
            text=fields.lines_of(self.text.data),
            category_id=self.category_id.data,
        )


class WithdrawForm(Form):
    """Taking something out of use, and why."""

    reason = StringField(_l("原因"), validators=[DataRequired(), Length(max=REASON_LONGEST)])
