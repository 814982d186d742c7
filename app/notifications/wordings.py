"""What a letter of each rule says by default: the words around its table. Pure.

Source: the office's reminder rules, C3.3. `{{ name }}` in a text is filled in from what the letter
is about; `names` lists what may stand there. The table between is the template's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import N_

#: What every letter knows.
COMMON: Mapping[str, str] = {"tenant": N_("镇名"), "name": N_("收件人姓名"), "n": N_("共几项")}


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
    def names(self) -> Mapping[str, str]:
        """What may stand between braces, and what it stands for."""
        return {**COMMON, **self.more}


_SERVICE = "走访为服务性质，无事不扰、有求必应；严格落实亲清政商关系要求，不接受宴请、礼品礼金。"

_DIGEST: Mapping[str, Any] = {
    "n": 2,
    "month": 9,
    "day": "10月12日",
    "more": 0,
    "rows": [
        {
            "no": 1,
            "ask": "等您决定",
            "title": "塘口机耕路水毁",
            "why": "方砚耕提出挂账：等县级资金",
            "enterprise": "樟湾水产养殖",
            "number": "QS20260901-0002",
            "unit": "规划建设办公室",
            "due": "10月13日 17:30",
        },
        {"no": 2, "ask": "督办单还没有答复", "title": "一件限知件", "why": "", "due": ""},
    ],
}

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
    Wording(
        rule="weekly",
        label=N_("每周要定的"),
        to=N_("镇主要负责同志、包联领导、营商办主任"),
        template="digest",
        subject="【{{tenant}}营商办】本周有{{n}}件事要您定（{{name}}同志）",
        heading="本周有 {{n}} 件事要您定",
        opening=(
            "下面 {{n}} 件事等您决定或者批示。点开按钮，每件都可以看、可以当场批；"
            "看完请点“我已阅”，营商办以此掌握送阅情况。"
        ),
        button="看本周要您定的",
        closing="批示写清要谁、什么时候、办到什么程度，承办单位会在期限内答复您。",
        more={"day": N_("送出的日子")},
        sample=_DIGEST,
    ),
    Wording(
        rule="monthly-leaders",
        label=N_("每月要定的"),
        to=N_("镇主要负责同志、包联领导、营商办主任"),
        template="digest",
        subject="【{{tenant}}营商办】{{month}}月还有{{n}}件事要您定（{{name}}同志）",
        heading="{{month}} 月还有 {{n}} 件事要您定",
        opening=(
            "{{month}} 月已经过去，下面 {{n}} 件事还等您决定或者批示。点开按钮，每件都可以看、"
            "可以当场批；看完请点“我已阅”。"
        ),
        button="看要您定的",
        closing="批示写清要谁、什么时候、办到什么程度，承办单位会在期限内答复您。",
        more={"month": N_("月"), "day": N_("送出的日子")},
        sample=_DIGEST,
    ),
    Wording(
        rule="R10",
        label=N_("月报草稿"),
        to=N_("营商办主任"),
        template="month",
        subject="【{{tenant}}营商办】{{year}}年{{month}}月的月报草稿已经生成（{{name}}同志）",
        heading="{{year}} 年 {{month}} 月的月报草稿",
        opening=(
            "{{year}} 年 {{month}} 月的数据已经按月底截止冻结，月报草稿在下面的链接里，请核对。"
            "数据不能改；月底以后补登的，在下个月的月报里体现。"
        ),
        button="看月报草稿",
        more={"year": N_("年"), "month": N_("月")},
        sample={
            "year": 2026,
            "month": 9,
            "n": 1,
            "rows": [
                {"label": "受理", "value": "9 件", "nd": ""},
                {"label": "按时办结率", "value": "75.0%", "nd": "3 / 4"},
            ],
        },
    ),
)

WORDINGS: Mapping[str, Wording] = {one.rule: one for one in _ALL}
