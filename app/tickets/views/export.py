"""The register as a table for spreadsheet programs: what was ticked, or all that a filter finds."""

from collections.abc import Iterator
from datetime import datetime

from flask import Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import Field, HiddenField, ValidationError
from wtforms.validators import Length

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock, csv_out
from app.core.errors import NotFound
from app.core.forms import Form
from app.core.http import RETURNING, reader
from app.core.i18n import N_
from app.core.locale import translated
from app.core.transactions import transaction
from app.tickets import policy, queries
from app.tickets.forms import fields, register
from app.tickets.forms.bulk import read_ids
from app.tickets.queries import Reading, Row, TicketFilter, View
from app.tickets.queries.register import each_row, how_many
from app.tickets.views.blueprint import bp, reading

LONGEST = register.QUERY_LONGEST  # characters of a query string
MOST = 5000  # that are ticked one by one; a filter finds more
HEADS = (
    N_("编号"),
    N_("问题"),
    N_("企业"),
    N_("轮到谁"),
    N_("状态"),
    N_("灯"),
    N_("期限"),
    N_("到期"),
    N_("挂账复核日"),
    N_("办结时间"),
)


class ExportForm(Form):
    """What is exported: some tickets by their ids, or all that a query string asks for."""

    ids = fields.pick_some("")
    query = HiddenField(validators=[Length(max=LONGEST)])

    def validate_ids(self, field: Field) -> None:
        """Refuse more than anybody ticks."""
        if len(field.data or ()) > MOST:
            raise ValidationError(_l("选得太多了，请用条件来导出。"))


@bp.get("/export")
def export_page() -> ResponseReturnValue:
    """Say how many tickets would be exported, and what will be written down about it."""
    _check_inside()
    query = register.cleaned(request.args)
    ids = [] if request.args.get("all") == "1" else read_ids(request.args.getlist("ids"))
    form = ExportForm(formdata=None, ids=ids, query=query)
    return _page(form)


@bp.post("/export")
def export() -> ResponseReturnValue:
    """Write down who exports how many, and hand out the table, row by row."""
    _check_inside()
    form = ExportForm()
    if RETURNING in request.form:
        return _page(form)
    if not form.validate():
        form.ids.data = (form.ids.data or [])[:MOST]
        return _page(form), 422
    asked, ids, _unread = _asked(form)
    viewer, by = reader(), reading()
    with transaction():
        count = how_many(asked, viewer=viewer, reading=by, ids=ids)
        accounts.log(
            viewer,
            N_("导出问题台账"),
            "ticket",
            None,
            after={"count": count, "query": form.query.data, "chosen": len(ids or ())},
        )
    name = f"tickets-{clock.local(clock.now()):%Y%m%d-%H%M}.csv"
    answer = Response(
        stream_with_context(csv_out.lines(_table(asked, ids, viewer, by))),
        mimetype="text/csv; charset=utf-8",
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _check_inside() -> None:
    if policy.is_outside(reader()):
        raise NotFound(N_("没有找到这个页面，可能已被移走，或者不在您能看的范围内。"))


def _page(form: ExportForm) -> str:
    asked, ids, unread = _asked(form)
    query = form.query.data or ""
    return render_template(
        "tickets/export.html",
        form=form,
        count=how_many(asked, viewer=reader(), reading=reading(), ids=ids),
        chosen=ids is not None,
        asked=register.described(query),
        unread=unread,
        back_url=url_for(".index") + (f"?{query}" if query else ""),
    )


def _asked(form: ExportForm) -> tuple[TicketFilter, list[int] | None, tuple[str, ...]]:
    """Return what is asked for: the ids that were ticked, else what the filter finds.

    Also the labels of what in the filter could not be read.
    """
    ids = [id_ for id_ in form.ids.data or [] if id_]
    if ids:
        return TicketFilter(view=View.ALL), ids, ()
    args = register.parsed(form.query.data)
    read = register.read(args, queries.filter_lists(viewer=current_user))
    return read.filter, None, read.unread


def _table(
    asked: TicketFilter, ids: list[int] | None, viewer: Actor, by: Reading
) -> Iterator[tuple[str, ...]]:
    yield tuple(translated(head) for head in HEADS)
    for row in each_row(asked, viewer=viewer, reading=by, ids=ids):
        yield _cells(row)


def _cells(row: Row) -> tuple[str, ...]:
    role = translated(row.mover_label) if row.mover_label else ""
    mover = " ".join(word for word in (role, row.mover) if word)
    light = translated(row.light.word).format(n=row.light.n) if row.light else ""
    due = translated(row.due_label) if row.due_label else (_("办理") if row.due_at else "")
    return (
        row.number,
        row.title,
        row.enterprise,
        mover,
        translated(row.status_label),
        light,
        due,
        _minute(row.due_at),
        row.review_on.isoformat() if row.review_on else "",
        _minute(row.closed_at),
    )


def _minute(at: datetime | None) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at else ""
