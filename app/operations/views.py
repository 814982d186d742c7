"""The page of the timetable: whether it runs, what it did, and what waits for it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import locale
from app.operations import queries, wordings
from app.operations.queries import FAILED, FINE, LATE, NEVER, RUNNING, STANDINGS, JobStatus, Status

bp = Blueprint("operations", __name__)

LIGHTS = {
    RUNNING: ("green", "arrow-repeat"),
    FINE: ("green", "check-circle"),
    FAILED: ("red", "exclamation-octagon"),
    LATE: ("yellow", "exclamation-triangle"),
    NEVER: ("grey", "circle"),
}


@bp.get("/admin/timetable")
def timetable() -> ResponseReturnValue:
    """Show each job, when it ran and runs next, and what waits."""
    found = queries.status_for(current_user)
    return render_template(
        "operations/timetable.html",
        found=found,
        card=_card(found),
        when=when,
        light=light,
        duration=duration,
        is_demo=current_user.is_demo,
    )


def when(status: JobStatus) -> str:
    """Return when a job runs, in words."""
    text, values = wordings.when(status.job.when)
    return locale.translated(text).format(**values)


def light(status: JobStatus) -> dict[str, str]:
    """Return how a job stands: a colour that is never alone."""
    colour, icon = LIGHTS[status.standing]
    word = locale.translated(STANDINGS[status.standing])
    return {"colour": colour, "icon": icon, "word": word}


def duration(status: JobStatus) -> str:
    """Return how long the last run took; a dash where it has not ended."""
    seconds = status.seconds
    if seconds is None:
        return "—"
    return str(_("不到 1 秒") if seconds < 1 else _("%(n)s 秒", n=round(seconds)))


def _card(found: Status) -> dict[str, str]:
    if not found.is_alive:
        last = found.last_beat_at
        since = _("最近一次是 %(at)s。", at=locale.moment(last)) if last else _("从来没有运行过。")
        what = _(
            "提醒发不出去，任务不会生成。请运行系统的人启动：flask serve，或者 flask scheduler。"
        )
        return {"title": _("时刻表没有在运行"), "text": f"{since}{what}", "tone": "red"}
    failed = sum(one.standing == FAILED for one in found.jobs)
    if failed:
        text = _("会自动再试；一直不好，请运行系统的人看日志。")
        return {"title": _("有 %(n)s 项上次没有办成", n=failed), "text": text, "tone": "red"}
    if found.waiting.slots:
        title = _("有 %(n)s 项到点了还没有运行", n=found.waiting.slots)
        return {"title": title, "text": _("正在赶，几分钟后再看。")}
    return {"title": _("时刻表在正常运行"), "text": _("没有落下的。"), "tone": "done"}
