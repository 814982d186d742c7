"""What is set for sending, without its secrets; and a mail to oneself to see whether it works."""

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.locale import translated
from app.core.transactions import transaction
from app.notifications import channels, policy, queries, service
from app.notifications.channels.letters import End, Letter, Outcome, sent_alone
from app.notifications.forms import TrialForm
from app.notifications.views.blueprint import bp


@bp.get("/outbox/settings")
def outbox_settings() -> ResponseReturnValue:
    """Show what is set for each way out, and what it said last."""
    policy.require_outbox(current_user)
    return render_template("notifications/settings.html", **_shown(TrialForm(formdata=None)))


@bp.post("/outbox/settings/mail")
def outbox_try_mail() -> ResponseReturnValue:
    """Send a mail to oneself now, and show the whole answer."""
    policy.require_outbox(current_user)
    with transaction():
        letter = service.try_mail(trial_key(), actor=current_user)
    tried(letter)
    return redirect(url_for(".outbox_settings"), 303)


def trial_key() -> str:
    """Return the key of the form that asks for a trial, so that a double click is one."""
    form = TrialForm()
    form.validate()
    return str(form.idempotency_key.data)


def tried(letter: Letter | None) -> None:
    """Send a letter that was taken up, outside any transaction; tell how it ended."""
    if letter is None:
        return
    outcome = sent_alone(channels.channel(letter.channel), letter)
    with transaction():
        service.keep_trial(outcome)
    flash(_told(outcome), "success" if outcome.end is End.SENT else "error")


def _told(outcome: Outcome) -> str:
    answer = outcome.answer or _("没有回答")
    if outcome.end is End.SENT:
        return str(_("发出去了。对方的回答：%(answer)s", answer=answer))
    reason = translated(outcome.reason)
    return str(_("没有发出去：%(reason)s。回答：%(answer)s", reason=reason, answer=answer))


def _shown(form: TrialForm) -> dict[str, Any]:
    config = current_app.config
    robots = queries.robots(current_user)
    return {
        "form": form,
        "config": config,
        "outages": queries.outages(),
        "robots": robots,
        "gateway": queries.gateway(current_user.tenant_id),
        "me": queries.person(current_user),
    }
