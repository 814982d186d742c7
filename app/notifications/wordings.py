"""What a letter of each rule says by default: the words around its table. Pure.

Source: the office's reminder rules, C3.3. `{{ name }}` in a text is filled in from what the letter
is about; `names` lists what may stand there. The table between is the template's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import N_

#: What every letter knows; and what it knows where it counts something.
COMMON: Mapping[str, str] = {"tenant": N_("镇名"), "name": N_("收件人姓名")}
COUNTED: Mapping[str, str] = {"n": N_("共几项")}

#: When a rule's letter is sent; "R5-director" is sent when R5 is.
WHEN: Mapping[str, str] = {
    "R1": N_("每月第一个工作日"),
    "R2": N_("每月 15 日，遇休息日顺延"),
    "R3": N_("月末最后一个工作日之前 5 个工作日"),
    "R4": N_("月末最后一个工作日之前 1 个工作日"),
    "R5": N_("次月第一个工作日"),
    "R6": N_("每周第一个工作日"),
    "R7": N_("每个工作日，有到期的时候"),
    "R8": N_("每个工作日，有待回访的时候"),
    "R9": N_("挂账复核日之前 10 个和 2 个工作日"),
    "R10": N_("每月第三个工作日"),
    "R11": N_("企业家接待日之前 3 个工作日"),
    "R12": N_("节日之前 2 个工作日"),
    "R13": N_("办结 3 天后还没有评价"),
    "urge-digest": N_("每个工作日，有问题临期时"),
}
EVENT = N_("有事的时候")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one rule's letter, as the office may change them; Chinese, as letters are."""

    rule: str
    label: str  # what the office calls it, marked for translation
    to: str  # who gets it, marked for translation
    template: str  # of its table: mail/<template>.html and .txt
    subject: str
    heading: str  # the one line above everything
    opening: str
    button: str
    closing: str = ""
    more: Mapping[str, str] = field(default_factory=dict)  # placeholder, and what it stands for
    sample: Mapping[str, Any] = field(default_factory=dict)  # what a preview is filled with
    may_be_off: bool = False  # whether a person may do without it

    @property
    def when(self) -> str:
        """When it is sent, marked for translation; what no day brings is brought by an event."""
        return WHEN.get(self.rule) or WHEN.get(self.rule.partition("-")[0], EVENT)

    @property
    def names(self) -> Mapping[str, str]:
        """What may stand between braces, and what it stands for."""
        return {**COMMON, **(COUNTED if "n" in self.sample else {}), **self.more}


_SERVICE = "走访为服务性质，无事不扰、有求必应；严格落实亲清政商关系要求，不接受宴请、礼品礼金。"

_ALL = (
    Wording(
        rule="R1",
        label=N_("月初任务提醒"),
        to=N_("包联领导、联络员"),
        template="r1",
        subject="【{{tenant}}营商办】{{year}}年{{month}}月联系走访企业任务提醒（{{name}}同志，{{n}}家）",
        heading="{{month}} 月走访 {{n}} 家，{{due_day}}前完成",
        opening=(
            "按照《{{mechanism}}》{% if doc_no %}（{{doc_no}}）{% endif %}，"
            "您本月联系走访对象共{{n}}家（企业{{n_ent}}家、重点项目{{n_proj}}个），"
            "请于{{due}}前完成上门走访并在系统登记。"
        ),
        button="看本月走访和登记",
        closing=_SERVICE,
        more={
            "year": N_("年"),
            "month": N_("月"),
            "n_ent": N_("其中企业几家"),
            "n_proj": N_("其中重点项目几个"),
            "due": N_("完成期限"),
            "due_day": N_("完成期限，不带年份"),
            "mechanism": N_("机制文件名称"),
            "doc_no": N_("机制文件发文字号"),
        },
        sample={
            "year": 2026,
            "month": 10,
            "n": 1,
            "n_ent": 1,
            "n_proj": 0,
            "due": "2026年10月30日",
            "due_day": "10月30日",
            "mechanism": "领导包联企业工作机制",
            "doc_no": "霁营商办〔2026〕2号",
            "rows": [
                {
                    "no": 1,
                    "name": "塑岭管业",
                    "is_project": False,
                    "tier": "重点",
                    "partner_is": "联络员",
                    "partner": "鹿鸣谦",
                    "address": "霁川社区集镇北路 18 号",
                    "post": "运营经理",
                    "last": "9月16日",
                    "tickets": [],
                    "promise": "带上施工图",
                }
            ],
        },
    ),
    Wording(
        rule="urge-digest",
        label=N_("临期催办"),
        to=N_("承办人、承办单位负责人"),
        template="urged",
        subject="【{{tenant}}营商办】{{n}}件企业问题临期，请抓紧办理（{{name}}同志）",
        heading="{{n}} 件企业问题临期",
        opening=("下面 {{n}} 件企业问题快到办理期限，请抓紧办理；办不完的，按规定提前申请延期。"),
        button="看我的待办",
        sample={
            "n": 1,
            "rows": [
                {
                    "no": 1,
                    "title": "进厂小桥限重",
                    "number": "QS20260928-0002",
                    "enterprise": "塑岭管业",
                    "unit": "规划建设办公室",
                    "due": "10月9日 17:30",
                }
            ],
        },
    ),
)

WORDINGS: Mapping[str, Wording] = {one.rule: one for one in _ALL}
