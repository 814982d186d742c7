"""What an event noted and what a proposal asks for, in sentences instead of keys and ids."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from app.core import locale
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.core.locale import spoken as _
from app.core.locale import translated
from app.tickets.queries import Names
from app.tickets.workflow import codes
from app.tickets.workflow.states import (
    Complexity,
    Event,
    NoteLevel,
    Outcome,
    Solved,
    Urgency,
)

Told = Callable[[Any, Names], str]

#: Of which list the code is that a step names as its reason.
REASONS: dict[str, type[LabelledEnum]] = {
    Event.REJECT: codes.RejectReason,
    Event.RETURN_REPLY: codes.ReturnReplyReason,
    Event.ESCALATE: codes.EscalationReason,
    Event.APPROVE_SUSPENSION: codes.SuspensionCause,
    Event.RESUME: codes.ResumeReason,
    Event.CLOSE_UNSATISFIED: codes.UnsatisfiedFinding,
    Event.CANCEL: codes.CancelReason,
}
HASH_SHOWN = 12  # characters of a SHA-256 that people compare


def told(kind: str, payload: Mapping[str, Any], names: Names) -> list[str]:
    """Return what an event noted, a sentence for each thing; unknown things are passed over."""
    sentences = [_reason(kind, payload)]
    for key in sorted(NOTED.keys() & payload.keys(), key=_PLACES.__getitem__):
        value = payload[key]
        if value is None or value in ("", []):
            continue
        text, teller = NOTED[key]
        said = teller(value, names)
        sentences.append(_(text, said=said) if said else "")
    return [sentence for sentence in sentences if sentence]


def asked(event: Event, payload: Mapping[str, Any], names: Names) -> list[tuple[str, str]]:
    """Return what a proposal asks for, as labels and values."""
    facts = [(_("理由"), _reason(event, payload))]
    for key, (label, teller) in ASKED.items():
        if payload.get(key):
            facts.append((translated(label), teller(payload[key], names)))
    return [(label, value) for label, value in facts if value]


def _reason(kind: str, payload: Mapping[str, Any]) -> str:
    code = payload.get("reason") or payload.get("cause") or payload.get("finding")
    listed = REASONS.get(kind)
    return _word(listed, code) if listed and code else ""


def _word(listed: type[LabelledEnum], value: object) -> str:
    """Return the word of a code, or nothing where it is none of the list."""
    try:
        return translated(listed(str(value)).label)
    except ValueError:
        return ""


def _of(listed: type[LabelledEnum]) -> Told:
    return lambda value, _names: _word(listed, value)


def _reasons(value: object) -> str:
    codes_ = value if isinstance(value, list) else []
    return _("、").join(word for one in codes_ if (word := _word(codes.Discontent, one)))


def _text(value: object, _names: Names) -> str:
    return str(value)


def _list(value: object, _names: Names) -> str:
    return _("、").join(str(one) for one in value) if isinstance(value, list) else str(value)


def _day(value: object, _names: Names) -> str:
    try:
        return locale.day(date.fromisoformat(str(value)))
    except ValueError:
        return ""


def _moment(value: object, _names: Names) -> str:
    try:
        return locale.moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return ""


def _number(value: object, _names: Names) -> str:
    """Return the number of a ticket, or of a version of an answer."""
    return _("第 %(n)s 版答复", n=value) if isinstance(value, int) else str(value)


def _level(value: object, _names: Names) -> str:
    return _word(codes.EscalationLevel, value) or _word(NoteLevel, value)


def _documents(value: object, names: Names) -> str:
    ids = value if isinstance(value, list) else []
    return _("；").join(names.documents[one] for one in ids if one in names.documents)


def _yes(text: str) -> Told:
    return lambda value, _names: translated(text) if value else ""


def _yes_or_no(yes: str, no: str) -> Told:
    return lambda value, _names: translated(yes if value else no)


#: What an event notes: the sentence, and what it says.
NOTED: dict[str, tuple[str, Told]] = {
    "number": ("%(said)s", _number),
    "category_id": (N_("类别：%(said)s"), lambda value, names: names.categories.get(value, "")),
    "urgency": (N_("紧急程度：%(said)s"), _of(Urgency)),
    "complexity": (N_("难易程度：%(said)s"), _of(Complexity)),
    "guidance": (N_("正确的渠道：%(said)s"), _text),
    "items": (N_("缺：%(said)s"), _text),
    "master_number": (N_("并入 %(said)s"), _text),
    "held_on": (N_("%(said)s会商"), _day),
    "units": (N_("%(said)s参加"), _list),
    "lead_unit": (N_("%(said)s主办"), _text),
    "co_units": (N_("%(said)s协办"), _list),
    "is_request": ("%(said)s", _yes(N_("商请函"))),
    "limit_workdays": (N_("%(said)s 个工作日内办结"), _text),
    "unit_id": (N_("%(said)s退回"), lambda value, names: names.units.get(value, "")),
    "suggested_unit_id": (
        N_("建议由%(said)s办"),
        lambda value, names: names.units.get(value, ""),
    ),
    "unit": ("%(said)s", _text),
    "was": (N_("原来是%(said)s"), _text),
    "handler": (N_("由%(said)s承办"), _text),
    "contact_now": (N_("由%(said)s接手"), _text),
    "accepted": (N_("采纳%(said)s的协办意见"), _list),
    "co_round": (N_("第 %(said)s 次征求意见"), _text),
    "parent": (N_("从 %(said)s 分出"), _text),
    "children": (N_("分出 %(said)s"), _list),
    "channel": ("%(said)s", _of(codes.ContactChannel)),
    "person": (N_("联系到%(said)s"), _text),
    "contact": (N_("企业联系人：%(said)s"), _text),
    "contacted_at": (N_("联系时间：%(said)s"), _moment),
    "reached": ("%(said)s", _yes_or_no(N_("联系上了"), N_("没有联系上"))),
    "solved": (N_("企业说：%(said)s"), _of(Solved)),
    "result_score": (N_("对结果%(said)s"), _of(codes.Score)),
    "attitude_score": (N_("对态度%(said)s"), _of(codes.Score)),
    "missed": ("%(said)s", _of(codes.Missed)),
    "reasons": (N_("不满意的是：%(said)s"), lambda value, _names: _reasons(value)),
    "outcome": (N_("结果：%(said)s"), _of(Outcome)),
    "reply": (N_("答复：%(said)s"), _text),
    "recheck": (N_("企业说：%(said)s"), lambda value, _names: translated(str(value))),
    "on_visit": (N_("走访 %(said)s"), _text),
    "on_time": ("%(said)s", _yes_or_no(N_("按时答复"), N_("超期答复"))),
    "new_due_on": (N_("延到%(said)s"), _day),
    "level": ("%(said)s", _level),
    "late": ("%(said)s", _yes(N_("过了答复期限"))),
    "owner_id": (N_("%(said)s牵头"), lambda value, names: names.users.get(value, "")),
    "plan": (N_("打算：%(said)s"), _text),
    "opinion": (N_("企业意见：%(said)s"), _text),
    "next_review_on": (N_("复核日：%(said)s"), _day),
    "saved_workdays": (N_("留下 %(said)s 个工作日"), _text),
    "round": (N_("第 %(said)s 轮办理"), _text),
    "evidence": (N_("依据：%(said)s"), _text),
    "statement": (N_("企业说：%(said)s"), _text),
    "names": ("%(said)s", _list),
    "mentions": (N_("提到%(said)s"), _list),
    "reader": ("%(said)s", _text),
    "common": (N_("共性问题 %(said)s"), _text),
    "sha256": (N_("快照校验码 %(said)s"), lambda value, _names: str(value)[:HASH_SHOWN]),
    "asked_by_id": (N_("%(said)s提出"), lambda value, names: names.users.get(value, "")),
    "decision": (N_("意见：%(said)s"), _text),
}
_PLACES = {key: place for place, key in enumerate(NOTED)}  # the order in which it is told
#: What a proposal asks for: the label, and the value.
ASKED: dict[str, tuple[str, Told]] = {
    "outcome": (N_("办理结果"), _of(Outcome)),
    "reply": (N_("答复内容"), _text),
    "basis": (N_("政策依据和解释"), _text),
    "citation_ids": (N_("引用政策文件"), _documents),
    "guidance": (N_("该走哪个渠道"), _text),
    "suggested_unit_id": (N_("建议的单位"), lambda value, names: names.units.get(value, "")),
    "new_due_on": (N_("延到"), _day),
    "plan": (N_("接下来怎么办"), _text),
    "next_review_on": (N_("复核日"), _day),
    "opinion": (N_("企业的意见"), _text),
    "told_enterprise": (N_("已告诉企业"), _yes(N_("是"))),
    "level": (N_("提到哪一级"), _level),
    "owner_id": (N_("由谁牵头"), lambda value, names: names.users.get(value, "")),
    "solved": (N_("企业说"), _of(Solved)),
    "result_score": (N_("对办理结果"), _of(codes.Score)),
    "evidence": (N_("依据和证明材料"), _text),
    "statement": (N_("企业怎么说"), _text),
    "comment": (N_("说明"), _text),
}
