"""What stands in a row of the audit log, in words: names of fields, and values."""

import json
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.accounts.parameters import described
from app.accounts.service.units import HOURS
from app.core import clock
from app.core.i18n import N_
from app.core.locale import translated

#: What is logged under which name, by accounts and by all above them.
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
    "status": N_("状态"),
    "due_at": N_("办理期限"),
    "event": N_("经过记录"),
    "revisit": N_("回访记录"),
    "revisit_seal": N_("回访封存码"),
    "call": N_("抽查记录"),
    "number": N_("编号"),
    "contact": N_("联系人"),
    "level": N_("级别"),
    "reason": N_("事由"),
    "owner_id": N_("牵头领导序号"),
    "unit_id": N_("单位序号"),
    "suggested_unit_id": N_("建议的单位序号"),
    "channel": N_("联系方式"),
    "person": N_("联系了谁"),
    "contacted_at": N_("联系时间"),
    "new_due_on": N_("延到哪天"),
    "cause": N_("挂账原因"),
    "plan": N_("挂账计划"),
    "opinion": N_("意见"),
    "next_review_on": N_("下次复核"),
    "saved_workdays": N_("剩下的工作日"),
    "outcome": N_("办理结果"),
    "accepted": N_("采纳了谁的协办意见"),
    "master_id": N_("并入哪件的序号"),
    "master_number": N_("并入哪件"),
    "reply": N_("答复"),
    "is_request": N_("商请"),
    "limit_workdays": N_("办理时限（工作日）"),
    "on_time": N_("按期"),
    "round": N_("第几轮"),
    "finding": N_("认定结果"),
    "evidence": N_("依据"),
    "statement": N_("企业的说法"),
    "snapshot": N_("归档快照"),
    "sha256": N_("校验码"),
    "asked_by_id": N_("提出人序号"),
    "decision": N_("决定时的意见"),
    "held_on": N_("会商日期"),
    "units": N_("参加单位"),
    "was": N_("原来是谁"),
    "contact_now": N_("现在是谁"),
    "changed": N_("换了什么"),
    "before": N_("原来的"),
    "handler": N_("承办人"),
    "late": N_("过了期限"),
    "answer_due_at": N_("答复期限"),
    "directive_id": N_("批示序号"),
    "step": N_("催办到哪一步"),
    "names": N_("文件"),
    "reader": N_("名单上的人"),
    "children": N_("拆出的各件"),
    "parent_id": N_("从哪件拆出的序号"),
    "parent": N_("从哪件拆出"),
    "mentions": N_("提到了谁"),
    "common": N_("共性问题"),
    "common_id": N_("共性问题序号"),
    "co_round": N_("协办第几轮"),
    "recheck": N_("复查结果"),
    "on_visit": N_("哪次走访"),
    "came_back": N_("又出现了"),
    "reached": N_("联系上了"),
    **{one.name: one.metadata["label"] for one in described()},
}


NOTHING = "—"
STEPS = {"yellow": N_("临期"), "overdue": N_("超期")}  # of the ladder, at which it is urged


def word(name: str) -> str:
    """Return what a field is called, in the reader's language."""
    return translated(FIELDS.get(name, name))


def shown(value: Any, name: str = "") -> str:  # noqa: ANN401 - whatever was logged
    """Return a value in the reader's language; a moment as the office's clock shows it."""
    if value is None or value in ("", []):
        return NOTHING
    if name in HOURS and isinstance(value, int):
        return f"{value // 100:02}:{value % 100:02}"
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return str(_("、")).join(translated(one) for one in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return _moment(value) or translated(STEPS.get(value, value) if name == "step" else value)


def _moment(value: object) -> str:
    """Return a moment that was logged, for people; nothing where it is none."""
    if not isinstance(value, str) or "T" not in value:
        return ""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at.tzinfo else ""
