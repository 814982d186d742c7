"""The worklist, one's own settings, help, and every component on one page."""

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.http import public, submitted
from app.desk import service
from app.desk.forms import CardForm
from app.desk.queries import health, people, worklist
from app.desk.views import words
from app.desk.views.blueprint import bp


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show what the person has to do now, in the role in which they act."""
    desk = worklist.of(current_user)
    return render_template(
        "desk/index.html",
        desk=desk,
        now=clock.now(),
        say=words.say,
        address=words.address,
    )


@bp.get("/settings")
def settings() -> ResponseReturnValue:
    """Show what the person may change about themselves and their pages."""
    return _settings(CardForm(obj=people.oneself(current_user)))


@bp.post("/settings")
def save_settings() -> ResponseReturnValue:
    """Keep the person's own post and address."""
    actor, form = current_user, CardForm()

    def work() -> str:
        service.change_card(form.given(), version=form.version.data, actor=actor)
        return url_for(".settings")

    return submitted(form, work, page=lambda: _settings(form), flash=_("已保存。"))


@bp.get("/help")
def help_page() -> ResponseReturnValue:
    """Show the keys, the words, and how a deadline is counted."""
    return render_template("desk/help.html")


@bp.get("/components")
def components() -> ResponseReturnValue:
    """Show every component of the product on one page."""
    return render_template("desk/components.html")


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the product and its database are there."""
    health.database_answers()
    return Response("ok\n", mimetype="text/plain")


def _settings(form: CardForm) -> str:
    person = people.oneself(current_user)
    return render_template("desk/settings.html", form=form, person=person)
