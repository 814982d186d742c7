"""The audit log, for auditors."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries
from app.accounts.forms import AuditFilterForm
from app.accounts.queries import SUBJECTS
from app.accounts.roles import Role
from app.accounts.views.audit_words import NOTHING, shown, word
from app.accounts.views.blueprint import bp
from app.core import clock, csv_out
from app.core.audit import AuditRow
from app.core.db import db
from app.core.http import page_number
from app.core.locale import translated
from app.core.paging import Page, paged

AT_ONCE = 500  # rows of an export that are held in memory


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the log, in the reader's language."""

    row: AuditRow
    person: str
    role: str
    action: str
    subject: str
    changes: tuple[tuple[str, str, str], ...]


@bp.get("/admin/audit")
def audit() -> ResponseReturnValue:
    """Show the log, the newest first."""
    form = AuditFilterForm(request.args, queries.actions(viewer=current_user))
    good = form.validate()
    asked = form.given() if good else queries.AuditFilter()
    page = paged(queries.audit_rows(asked, viewer=current_user), page_number())
    return _audit_page(form, page)


@bp.get("/admin/audit.csv")
def audit_csv() -> ResponseReturnValue:
    """Export the rows that the filter leaves, all of them."""
    form = AuditFilterForm(request.args, queries.actions(viewer=current_user))
    if not form.validate():
        page = paged(queries.audit_rows(queries.AuditFilter(), viewer=current_user), 1)
        return _audit_page(form, page), 422
    found = queries.audit_rows(form.given(), viewer=current_user)
    rows = db.session.scalars(found, execution_options={"yield_per": AT_ONCE})
    body = stream_with_context(csv_out.lines(_table(rows.partitions())))
    name = f"audit-{clock.today():%Y%m%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="text/csv", headers=headers)


def _audit_page(form: AuditFilterForm, page: Page[AuditRow]) -> str:
    yesterday = clock.now() - timedelta(days=1)
    return render_template(
        "accounts/audit.html",
        form=form,
        page=page,
        lines=lines(page.items),
        refused=queries.refused_since(yesterday, viewer=current_user),
        refusal=queries.REFUSED,
    )


def lines(rows: Sequence[AuditRow], *, but: str = "") -> list[Line]:
    """Return rows of the log in the reader's language, without the key `but`."""
    names = queries.names_of(row.user_id for row in rows)
    return [
        Line(
            row=row,
            person=names.get(row.user_id or 0, ""),
            role=_role(row.role),
            action=translated(row.action),
            subject=translated(SUBJECTS.get(row.subject, row.subject)),
            changes=_changes(row.before or {}, row.after or {}, but=but),
        )
        for row in rows
    ]


def _table(chunks: Iterable[Sequence[AuditRow]]) -> Iterator[list[object]]:
    """Return the head of the export and its rows, in the order of the page."""
    yield [
        _("序号"),
        _("时间"),
        _("谁"),
        _("身份"),
        _("网络地址"),
        _("做了什么"),
        _("对什么"),
        _("编号"),
        _("改之前"),
        _("改之后"),
        _("原因"),
    ]
    for chunk in chunks:
        for line in lines(chunk):
            row = line.row
            yield [
                row.id,
                f"{clock.local(row.at):%Y-%m-%d %H:%M:%S}",
                line.person,
                line.role,
                row.ip,
                line.action,
                line.subject,
                row.subject_id,
                _written(row.before),
                _written(row.after),
                row.reason,
            ]


def _changes(
    before: dict[str, Any], after: dict[str, Any], *, but: str
) -> tuple[tuple[str, str, str], ...]:
    """Return what each field is called, what it was where that changed, and what it is.

    What was empty and is empty is left out.
    """
    told = []
    for name in dict.fromkeys([*before, *after]):
        was, became = shown(before.get(name), name), shown(after.get(name), name)
        changed = name in before and was != became
        if name != but and (changed or became != NOTHING):
            told.append((word(name), was if changed else "", became))
    return tuple(told)


def _role(value: str) -> str:
    return translated(Role(value).label) if value in set(Role) else value


def _written(values: dict[str, Any] | None) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
