"""Pages: the robots of chat groups."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.forms import differences
from app.core.http import submitted
from app.core.transactions import transaction
from app.notifications import policy, queries, service
from app.notifications.forms import EditRobotForm, RobotForm, TrialForm
from app.notifications.models import GroupRobot
from app.notifications.views.blueprint import bp
from app.notifications.views.settings import trial_key, tried
from app.notifications.wordings import WORDINGS


@bp.get("/outbox/robots")
def outbox_robots() -> ResponseReturnValue:
    """List the robots of the office."""
    return render_template(
        "notifications/robots.html",
        robots=queries.robots(current_user),
        labels={rule: wording.label for rule, wording in WORDINGS.items()},
    )


@bp.get("/outbox/robots/new")
def outbox_new_robot() -> ResponseReturnValue:
    """Show the form for a new robot."""
    policy.require_outbox(current_user)
    return _robot_page(RobotForm(formdata=None), None)


@bp.post("/outbox/robots")
def outbox_add_robot() -> ResponseReturnValue:
    """Enter a robot."""
    policy.require_outbox(current_user)
    form = RobotForm()

    def work() -> str:
        made = service.add_robot(form.given(), actor=current_user)
        return url_for(".outbox_robot", robot_id=made.id)

    done = _("机器人已登记。发一条测试消息看看群里收到没有。")
    return submitted(form, work, page=lambda: _robot_page(form, None), flash=done)


@bp.get("/outbox/robots/<int:robot_id>")
def outbox_robot(robot_id: int) -> ResponseReturnValue:
    """Show one robot to be changed, and to be tried."""
    found = queries.robot(robot_id, viewer=current_user)
    form = EditRobotForm(
        formdata=None,
        version=found.version,
        name=found.name,
        platform=found.platform,
        rules=found.rules,
        is_active=found.is_active,
    )
    return _robot_page(form, found)


@bp.post("/outbox/robots/<int:robot_id>")
def outbox_save_robot(robot_id: int) -> ResponseReturnValue:
    """Change a robot."""
    found = queries.robot(robot_id, viewer=current_user)
    form = EditRobotForm()

    def work() -> str:
        service.edit_robot(
            found,
            form.given(),
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".outbox_robots")

    return submitted(form, work, page=lambda: _robot_page(form, found), flash=_("已保存。"))


@bp.post("/outbox/robots/<int:robot_id>/test")
def outbox_try_robot(robot_id: int) -> ResponseReturnValue:
    """Let a robot say something now, and show the platform's answer."""
    found = queries.robot(robot_id, viewer=current_user)
    with transaction():
        letter = service.try_robot(found, trial_key(), actor=current_user)
    tried(letter)
    return redirect(url_for(".outbox_robot", robot_id=robot_id), 303)


def _robot_page(form: RobotForm, found: GroupRobot | None) -> str:
    conflict = []
    if found is not None:
        if form.version.data not in (None, found.version):
            conflict = [one for one in differences(form, found) if one.label in _open(form)]
        form.renew(found.version)
    return render_template(
        "notifications/robot.html",
        form=form,
        trial=TrialForm(formdata=None),
        robot=found,
        conflict=conflict,
    )


def _open(form: RobotForm) -> set[str]:
    """Return the labels of the fields that are no secrets."""
    return {field.label.text for field in (form.name, form.platform, form.rules, form.is_active)}
