"""The worklist, one's own settings, help, and every component on one page."""

from flask import Response, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.roles import Permission
from app.core import clock, locale
from app.core.http import public, reader, submitted
from app.desk import service
from app.desk.forms import CardForm, ReminderForm
from app.desk.queries import health, people, worklist
from app.desk.queries.parts import Link, Now, Worklist
from app.desk.views import rows, words
from app.desk.views.blueprint import bp
from app.notifications import queries
from app.notifications import service as outbox
from app.notifications.wordings import WORDINGS

REMINDERS = "reminders-"  # before the fields of the second form of the settings


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show what the person has to do now, in the role in which they act."""
    desk = worklist.of(reader())
    g.waiting = desk.waiting  # the shell need not count again
    return render_template(
        "desk/index.html",
        desk=desk,
        card=_card(desk.now),
        heading=_heading(desk),
        open_url=words.address(Link("tickets.new")) if desk.opens else "",
        record_url=words.address(Link("visits.new")) if desk.records else "",
        coverage_url=_coverage_url(),
        calendar_url=_calendar_url(),
        say=words.say,
        address=words.address,
        printed=rows.printer(),
    )


@bp.get("/settings")
def settings() -> ResponseReturnValue:
    """Show what the person may change about themselves and their pages."""
    return _settings()


@bp.post("/settings")
def save_settings() -> ResponseReturnValue:
    """Keep the person's own post and address."""
    actor, form = current_user, CardForm()

    def work() -> str:
        service.change_card(form.given(), version=form.version.data, actor=actor)
        return url_for(".settings")

    return submitted(form, work, page=lambda: _settings(form), flash=_("已保存。"))


@bp.post("/settings/reminders")
def save_reminders() -> ResponseReturnValue:
    """Keep how the person wants to be reminded."""
    actor, form = current_user, ReminderForm(prefix=REMINDERS)
    form.offer(queries.optional_wordings())

    def work() -> str:
        outbox.set_choices(form.given(), version=form.version.data, actor=actor)
        return url_for(".settings")

    return submitted(
        form,
        work,
        page=lambda: _settings(reminders=form),
        flash=_("提醒方式已保存。站内消息一条也不会少。"),
    )


@bp.get("/help")
def help_page() -> ResponseReturnValue:
    """Show the keys, the words, and how a deadline is counted."""
    return render_template("desk/help.html", calendar_url=_calendar_url())


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


def _card(now: Now) -> dict[str, str]:
    """Return the opening card as `ui.now` prints it."""
    url = words.address(now.link)
    texts = [words.say(text) for text in (now.text, *now.more) if text is not None]
    return {
        "title": words.say(now.title),
        "text": " ".join(text for text in texts if text),
        "tone": now.tone,
        "url": url,
        "verb": locale.translated(now.verb),
        "icon": now.icon,
    }


def _heading(desk: Worklist) -> str:
    """Return the day and the hour, and the next working day where it is not tomorrow."""
    now = clock.local(clock.now())
    weekday = locale.translated(locale.WEEKDAYS[now.weekday()])
    here = _(
        "%(year)s年%(month)s月%(day)s日 %(weekday)s %(hour)s",
        year=now.year,
        month=now.month,
        day=now.day,
        weekday=weekday,
        hour=f"{now:%H:%M}",
    )
    if desk.next_workday is None:
        return str(here)
    return str(_("%(here)s · 下一个工作日是 %(day)s", here=here, day=locale.day(desk.next_workday)))


def _coverage_url() -> str:
    """Return where the office and the chief see who has not been visited; empty for others."""
    may = current_user.may(Permission.VISIT_SEE_ALL)
    return words.address(Link("visits.coverage")) if may else ""


def _calendar_url() -> str:
    """Return where the reader may look deadlines up; empty where they may not."""
    may = current_user.may(Permission.CALENDAR_SEE)
    return words.address(Link("workdays.index")) if may else ""


def _settings(card: CardForm | None = None, reminders: ReminderForm | None = None) -> str:
    person = people.oneself(current_user)
    chosen = queries.choice_of(person.id)
    version = chosen.version if chosen else 0
    optional = queries.optional_wordings()
    if reminders is None:
        off = set(chosen.off) if chosen else set()
        reminders = ReminderForm(
            formdata=None,
            prefix=REMINDERS,
            mail=[one.rule for one in optional if one.rule not in off],
            by_sms=chosen is not None and chosen.by_sms,
            version=version,
        )
    reminders.offer(optional)
    reminders.renew(version)
    return render_template(
        "desk/settings.html",
        form=card or CardForm(formdata=None, obj=person),
        reminders=reminders,
        person=person,
        duties=[one for one in WORDINGS.values() if not one.may_be_off],
    )
