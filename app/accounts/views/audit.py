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
from app.accounts.parameters import described
from app.accounts.queries import SUBJECTS
from app.accounts.roles import Role
from app.accounts.service.units import HOURS
from app.accounts.views.blueprint import bp
from app.core import clock, csv_out
from app.core.audit import AuditRow
from app.core.db import db
from app.core.http import page_number
from app.core.i18n import N_
from app.core.locale import translated
from app.core.paging import Page, paged

#: What the fields of accounts are called; other features log their own words.
FIELDS = {
    "name": N_("名称"),
    "username": N_("账号"),
    "post": N_("职务"),
    "email": N_("邮箱"),
    "phone": N_("电话"),
    "role": N_("岗位"),
    "unit": N_("单位"),
    "kind": N_("类型"),
    "control": N_("管理关系"),
    "in_charge": N_("分管领导"),
    "sort_order": N_("排序"),
    "is_active": N_("在用"),
    "ip": N_("网络地址"),
    "of": N_("对象"),
    "code": N_("编号"),
    "name_en": N_("英文名称"),
    "items": N_("典型事项"),
    "lead_unit": N_("主办单位"),
    "co_units": N_("协办单位"),
    "up_units": N_("上级对口部门"),
    "complexity": N_("难易程度"),
    "urgency": N_("紧急程度"),
    "quantity": N_("成效数量"),
    "rejects": N_("不受理"),
    "guidance": N_("引导语"),
    "confidential": N_("限知类别"),
    "categories": N_("类别数"),
    "from_on": N_("从哪天"),
    "to_on": N_("到哪天"),
    "deputy": N_("代理人"),
    "stands_in_for": N_("代理谁"),
    "day": N_("日期"),
    "days": N_("节假日和调休"),
    "years": N_("年份"),
    "title": N_("名称"),
    "doc_no": N_("发文字号"),
    "issued_by": N_("发文单位"),
    "issued_on": N_("发文日期"),
    "valid_to": N_("有效到"),
    "summary": N_("要点"),
    "link": N_("网址"),
    "text": N_("内容"),
    "category_id": N_("类别序号"),
    "subject": N_("主题"),
    "heading": N_("大标题"),
    "opening": N_("开头"),
    "button": N_("按钮"),
    "closing": N_("结尾"),
    "by_sms": N_("另发短信"),
    "off": N_("不发邮件的提醒"),
    "platform": N_("平台"),
    "rules": N_("转发哪些提醒"),
    "signed": N_("加签"),
    "key": N_("密钥"),
    "url": N_("接口地址"),
    "method": N_("请求方式"),
    "headers": N_("请求头"),
    "body_kind": N_("内容格式"),
    "body": N_("内容模板"),
    "success_path": N_("成功标志在哪里"),
    "success_value": N_("成功标志是什么"),
    "n": N_("几条"),
    "seal": N_("封存码"),
    **{one.name: one.metadata["label"] for one in described()},
}
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
    return tuple(
        (_word(name), _shown(before.get(name), name), _shown(after.get(name), name))
        for name in dict.fromkeys([*before, *after])
        if name != but
    )


def _word(name: str) -> str:
    return translated(FIELDS.get(name, name))


def _role(value: str) -> str:
    return translated(Role(value).label) if value in set(Role) else value


def _shown(value: Any, name: str = "") -> str:  # noqa: ANN401 - whatever was logged
    if value is None or value in ("", []):
        return "—"
    if name in HOURS and isinstance(value, int):
        return f"{value // 100:02}:{value % 100:02}"
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return str(_("、")).join(translated(one) for one in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return translated(value)


def _written(values: dict[str, Any] | None) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
