"""The page of text messages: the service that sends them, and a message to try it with."""

from urllib.parse import urlsplit

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.http import submitted
from app.core.transactions import transaction
from app.notifications import policy, queries, service
from app.notifications.channels.lines import ONE_PART, parts
from app.notifications.forms import GatewayForm, SmsTrialForm
from app.notifications.models import SmsGateway
from app.notifications.views.blueprint import bp
from app.notifications.views.settings import tried

SAMPLE = "【霁川镇政府】您反映的问题（QS20261009-0017）已办结，请评价。查询码 482913"
TEMPLATE = '{"mobile": "{{phone}}", "content": "{{text}}"}'


@bp.get("/outbox/sms")
def outbox_sms() -> ResponseReturnValue:
    """Show the service, to be entered or changed."""
    policy.require_outbox(current_user)
    return _page(_filled(queries.gateway(current_user.tenant_id)), SmsTrialForm(formdata=None))


@bp.post("/outbox/sms")
def outbox_save_sms() -> ResponseReturnValue:
    """Enter the service, or change it."""
    policy.require_outbox(current_user)
    form = GatewayForm()

    def work() -> str:
        service.save_gateway(
            form.given(),
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".outbox_sms")

    done = _("短信设置已保存。发一条测试短信看看收到没有。")
    page = lambda: _page(form, SmsTrialForm(formdata=None))  # noqa: E731
    return submitted(form, work, page=page, flash=done)


@bp.post("/outbox/sms/test")
def outbox_try_sms() -> ResponseReturnValue:
    """Send a text message now, and show the service's answer."""
    policy.require_outbox(current_user)
    form = SmsTrialForm()
    if not form.validate():
        return _page(_filled(queries.gateway(current_user.tenant_id)), form), 422
    with transaction():
        key = str(form.idempotency_key.data)
        letter = service.try_sms(form.phone.data or "", key, actor=current_user)
    tried(letter)
    return redirect(url_for(".outbox_sms"), 303)


def _filled(found: SmsGateway | None) -> GatewayForm:
    if found is None:
        return GatewayForm(formdata=None, body=TEMPLATE)
    return GatewayForm(
        formdata=None,
        version=found.version,
        method=found.method,
        body_kind=found.body_kind,
        body=found.body,
        success_path=found.success_path,
        success_value=found.success_value,
        is_active=found.is_active,
    )


def _page(form: GatewayForm, trial: SmsTrialForm) -> str:
    found = queries.gateway(current_user.tenant_id)
    if found is not None:
        form.renew(found.version)
    return render_template(
        "notifications/sms.html",
        form=form,
        trial=trial,
        gateway=found,
        host=urlsplit(found.url or "").hostname if found else "",
        hosts=str(current_app.config["SMS_HOSTS"]).replace(",", " ").split(),
        sample=SAMPLE,
        sample_parts=parts(SAMPLE),
        one_part=ONE_PART,
    )
