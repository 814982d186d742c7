"""The letters about what leaders decide and read."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import N_
from app.notifications.wordings.wording import Wording

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

ALL = (
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
