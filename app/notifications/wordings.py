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

_HANDED_ON = {
    "giver": N_("移交人姓名"),
    "successor": N_("接手人姓名"),
    "seat": N_("包联领导或联络员"),
    "first": N_("从哪天起"),
}
_HANDED_SAMPLE = {
    "giver": "席沐阳",
    "successor": "鹿鸣谦",
    "seat": "联络员",
    "first": "2026年10月8日",
}

_HANDOVERS = (
    Wording(
        rule="handover",
        label=N_("更换联系人，告诉企业"),
        to=N_("企业联系人"),
        template="handover",
        subject="【{{tenant}}营商办】{{enterprise}}的{{seat}}换成了{{successor}}同志",
        heading="您的{{seat}}换成了{{successor}}同志",
        opening=(
            "自{{first}}起，{{enterprise}}的{{seat}}由{{successor}}同志"
            "{% if post %}（{{post}}）{% endif %}担任，{{giver}}同志不再负责。"
            "已经反映的问题、答应的事和约好的走访都接着办，不用重新说一遍。"
        ),
        button="",
        closing="{% if phone %}有事可以拨打营商办电话 {{phone}}。{% endif %}",
        more=_HANDED_ON
        | {
            "enterprise": N_("企业或项目"),
            "post": N_("接手人职务"),
            "partner_is": N_("另一位是包联领导还是联络员"),
            "partner": N_("另一位的姓名"),
            "phone": N_("营商办电话，选择告诉企业时才有"),
        },
        sample=_HANDED_SAMPLE
        | {
            "n": 1,
            "enterprise": "塑岭管业",
            "post": "规划建设办公室干事",
            "partner_is": "包联领导",
            "partner": "宓采薇",
            "phone": "0570-0000000",
        },
    ),
    Wording(
        rule="handover-in",
        label=N_("工作移交，告诉接手的人"),
        to=N_("接手的包联领导、联络员"),
        template="handed_in",
        subject="【{{tenant}}营商办】{{giver}}同志的{{n}}家移交给您（{{successor}}同志）",
        heading="{{giver}}同志的 {{n}} 家移交给您",
        opening=(
            "自{{first}}起，{{giver}}同志的{{seat}}工作由您接手，共{{n}}家。"
            "本月还没有走访的、在办的问题、要回访和要补充的都已经转到您名下。"
        ),
        button="看我的走访和待办",
        closing=_SERVICE,
        more=_HANDED_ON,
        sample=_HANDED_SAMPLE
        | {
            "n": 1,
            "rows": [
                {
                    "no": 1,
                    "name": "塑岭管业",
                    "is_project": False,
                    "tier": "重点",
                    "owed": 1,
                    "due": "10月30日",
                    "planned": "10月12日",
                    "tickets": 2,
                    "promised": True,
                }
            ],
        },
    ),
    Wording(
        rule="handover-out",
        label=N_("工作移交，告诉移交的人"),
        to=N_("移交的包联领导、联络员"),
        template="handed_out",
        subject="【{{tenant}}营商办】您的{{n}}家已移交给{{successor}}同志",
        heading="您的 {{n}} 家已移交给{{successor}}同志",
        opening=(
            "自{{first}}起，您的{{seat}}工作由{{successor}}同志接手，共{{n}}家。"
            "您走访过、答复过的都还记在您名下。还有没来得及登记的走访，请尽快告诉营商办补登。"
        ),
        button="看我的走访",
        more=_HANDED_ON,
        sample=_HANDED_SAMPLE
        | {
            "n": 1,
            "rows": [{"no": 1, "name": "塑岭管业", "is_project": False, "tier": "重点"}],
        },
    ),
    Wording(
        rule="visit-planned",
        label=N_("走访日期排好了"),
        to=N_("同去的包联领导、联络员"),
        template="planned",
        subject="【{{tenant}}营商办】{{day}}走访{{target}}（{{by}}同志排的）",
        heading="{{day}}走访{{target}}",
        opening="{{by}}同志排了{{day}}走访{{target}}。附件可以加进您的日历；改期后会再发一份，自动更新。",
        button="看本月走访",
        closing=_SERVICE,
        more={"target": N_("企业或项目"), "by": N_("谁排的"), "day": N_("哪天去")},
        sample={
            "n": 1,
            "target": "塑岭管业",
            "by": "鹿鸣谦",
            "day": "10月12日",
            "rows": [{"name": "塑岭管业", "address": "霁川社区集镇北路 18 号"}],
        },
    ),
)

WORDINGS: Mapping[str, Wording] = {one.rule: one for one in (*_ALL, *_HANDOVERS)}
