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
    Wording(
        rule="visit-planned",
        label=N_("走访预告"),
        to=N_("企业"),
        template="visit",
        subject="【{{tenant}}营商办】{{day}}来走访{{target}}，方便吗",
        heading="{{day}}，我们来走访",
        opening=(
            "{% if before %}走访的日子从{{before}}改到{{day}}。{% endif %}"
            "{{who}}打算{{day}}到{{target}}走访，听您说困难和建议。"
            "这天可以、想换一天、这次不用来，请点下面告诉我们；不回复也不要紧。"
        ),
        button="看看并回复",
        closing=(
            "本次为服务性走访，不开展行政检查、不增加企业负担；不用准备材料，不用接待陪同。"
            "{% if phone %}也可以打电话：{{phone}}。{% endif %}"
        ),
        more={
            "target": N_("走访的企业或项目"),
            "day": N_("走访的日子"),
            "before": N_("改期前的日子；没有改期是空的"),
            "who": N_("谁来"),
            "phone": N_("营商办电话"),
        },
        sample={
            "n": 2,
            "target": "塑岭管业",
            "day": "10月14日（周三）",
            "before": "",
            "who": "镇长 阮怀青、联络员 鹿鸣谦",
            "phone": "14200000001",
            "rows": [{"target": "塑岭管业", "who": "镇长 阮怀青、联络员 鹿鸣谦"}],
        },
    ),
    Wording(
        rule="visit-called-off",
        label=N_("走访取消通知"),
        to=N_("企业"),
        template="visit",
        subject="【{{tenant}}营商办】{{day}}不来走访{{target}}了",
        heading="{{day}}不来走访了",
        opening=(
            "{{who}}原定{{day}}到{{target}}走访，现在不来了。"
            "{% if instead %}改在{{instead}}和别的同志一起来，少打扰您一次。{% endif %}"
            "给您添麻烦了，不用回复。"
        ),
        button="看看",
        closing="有事随时找我们。{% if phone %}电话：{{phone}}。{% endif %}",
        more={
            "target": N_("走访的企业或项目"),
            "day": N_("原定的日子"),
            "instead": N_("改在哪天和别人一起来；不来了是空的"),
            "who": N_("谁来"),
            "phone": N_("营商办电话"),
        },
        sample={
            "n": 2,
            "target": "塑岭管业",
            "day": "10月14日（周三）",
            "instead": "",
            "who": "镇长 阮怀青、联络员 鹿鸣谦",
            "phone": "14200000001",
            "rows": [{"target": "塑岭管业", "who": "镇长 阮怀青、联络员 鹿鸣谦"}],
        },
    ),
    Wording(
        rule="visit-answered",
        label=N_("企业回复走访"),
        to=N_("包联领导、联络员"),
        template="answered",
        subject="【{{tenant}}营商办】{{target}}回复走访：{{answer}}（{{name}}同志）",
        heading="{{target}}：{{answer}}",
        opening=(
            "您打算{{day}}走访{{target}}，企业通过链接回复了。"
            "{% if is_declined %}这一天已从安排里去掉；任务还在，可以据此申请免访。{% endif %}"
        ),
        button="看本月走访",
        closing=_SERVICE,
        more={
            "target": N_("走访的企业或项目"),
            "day": N_("原定的日子"),
            "asked": N_("企业请换到的日子；没有请换是空的"),
            "answer": N_("企业的意见"),
            "words": N_("企业的话"),
        },
        sample={
            "n": 1,
            "target": "塑岭管业",
            "day": "10月14日（周三）",
            "asked": "10月16日（周五）",
            "answer": "请换一天",
            "words": "周三设备检修，周五上午方便。",
            "is_late": False,
            "is_declined": False,
        },
    ),
)

WORDINGS: Mapping[str, Wording] = {one.rule: one for one in _ALL}
