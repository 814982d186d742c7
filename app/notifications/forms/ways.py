"""What the office types about robots, text messages, and what it looks for in the outbox."""

import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import Form, Row
from app.notifications.models import BodyKind, Channel, MessageState, Platform
from app.notifications.queries import OutboxFilter
from app.notifications.service import GatewayDraft, RobotDraft
from app.notifications.wordings import WORDINGS

PHONE = re.compile(r"\+?[0-9]{5,15}")
OUTGOING = tuple(kind for kind in Channel if kind is not Channel.INBOX)
_REASON = _l("为什么改")


def _stripped(typed: str | None) -> str:
    return (typed or "").strip()


def _secret(label: Any, most: int) -> PasswordField:  # noqa: ANN401 - a lazy text
    return PasswordField(label, validators=[Optional(), Length(max=most)], filters=[_stripped])


class OutboxFilterForm(Row):
    """What to show of the outbox."""

    state = SelectField(
        _l("状态"),
        choices=[(one.value, _l(one.label)) for one in MessageState],
        coerce=MessageState,
        default=MessageState.FAILED,
    )
    rule = SelectField(
        _l("规则"),
        choices=[("", _l("全部规则")), *((r, _l(w.label)) for r, w in WORDINGS.items())],
        default="",
    )
    channel = SelectField(
        _l("渠道"),
        choices=[("", _l("全部渠道")), *((one.value, _l(one.label)) for one in OUTGOING)],
        default="",
    )
    recipient = StringField(
        _l("收件人"), validators=[Optional(), Length(max=40)], filters=[_stripped]
    )

    def asked(self) -> OutboxFilter:
        """Return what is asked for; nonsense asks nothing."""
        self.validate()
        good = {name: field.data for name, field in self._fields.items() if not field.errors}
        channel = good.get("channel")
        return OutboxFilter(
            state=good.get("state") or MessageState.FAILED,
            rule=good.get("rule") or "",
            channel=Channel(channel) if channel else None,
            recipient=good.get("recipient") or "",
        )


class SendAgainForm(Form):
    """The confirmation of sending again."""


class TrialForm(Form):
    """The wish to try a way out with a message."""


class RobotForm(Form):
    """A robot, to be entered."""

    name = StringField(_l("名称"), validators=[DataRequired(), Length(max=40)], filters=[_stripped])
    platform = RadioField(
        _l("平台"),
        choices=[(one.value, _l(one.label)) for one in Platform],
        coerce=Platform,
        default=Platform.WECOM,
    )
    key = _secret(_l("密钥"), 300)
    signing_secret = _secret(_l("加签密钥"), 128)
    rules = SelectMultipleField(
        _l("转发哪些提醒"),
        choices=[(r, _l(w.label)) for r, w in WORDINGS.items() if r != "test"],
        validators=[Optional()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    is_active = BooleanField(_l("启用"), default=True)

    def given(self) -> RobotDraft:
        """Return what was typed, in the words of the service."""
        return RobotDraft(
            name=self.name.data or "",
            platform=self.platform.data,
            key=self.key.data or "",
            signing_secret=self.signing_secret.data or "",
            rules=tuple(self.rules.data or ()),
            is_active=self.is_active.data,
        )


class EditRobotForm(RobotForm):
    """A robot, to be changed."""

    reason = StringField(_REASON, validators=[DataRequired(), Length(max=200)])


class GatewayForm(Form):
    """The text-message service."""

    url = _secret(_l("接口地址"), 500)
    method = RadioField(_l("请求方式"), choices=[("POST", "POST"), ("GET", "GET")], default="POST")
    headers = TextAreaField(
        _l("请求头"), validators=[Optional(), Length(max=2000)], filters=[_stripped]
    )
    body_kind = RadioField(
        _l("内容格式"),
        choices=[(one.value, _l(one.label)) for one in BodyKind],
        coerce=BodyKind,
        default=BodyKind.JSON,
    )
    body = TextAreaField(
        _l("内容模板"), validators=[DataRequired(), Length(max=4000)], filters=[_stripped]
    )
    success_path = StringField(
        _l("成功标志在哪里"), validators=[Optional(), Length(max=80)], filters=[_stripped]
    )
    success_value = StringField(
        _l("成功标志是什么"), validators=[Optional(), Length(max=80)], filters=[_stripped]
    )
    is_active = BooleanField(_l("启用"), default=True)
    reason = StringField(_REASON, validators=[DataRequired(), Length(max=200)])

    def given(self) -> GatewayDraft:
        """Return what was typed, in the words of the service."""
        return GatewayDraft(
            url=self.url.data or "",
            method=self.method.data or "POST",
            headers=self.headers.data or "",
            body_kind=self.body_kind.data,
            body=self.body.data or "",
            success_path=self.success_path.data or "",
            success_value=self.success_value.data or "",
            is_active=self.is_active.data,
        )


class SmsTrialForm(Form):
    """A text message to try with, and to which number."""

    phone = StringField(
        _l("手机号"), validators=[DataRequired(), Length(max=16)], filters=[_stripped]
    )

    def validate_phone(self, field: Field) -> None:
        """Refuse what is no number."""
        if not PHONE.fullmatch(field.data or ""):
            raise ValidationError(gettext("手机号只写数字，例如 13800000000。"))
