"""What is written of service days: to the house, and to enterprises."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import N_
from app.notifications.wordings.wording import Wording

_DAY: Mapping[str, str] = {
    "kind": N_("服务企业家日或企业家接待日"),
    "date": N_("哪一天"),
    "hours": N_("几点到几点"),
    "place": N_("地点"),
    "host": N_("接待领导"),
    "units": N_("到场单位"),
    "focus": N_("主题"),
    "days": N_("还有几个工作日"),
    "reason": N_("取消的原因"),
    "is_cancelled": N_("是否取消"),
}
_DAY_SAMPLE: Mapping[str, Any] = {
    "kind": "企业家接待日",
    "date": "10月15日（周四）",
    "hours": "09:00–11:30",
    "place": "镇政府二楼会议室",
    "host": "栾亦辰",
    "units": "经济发展办公室、规划建设办公室",
    "focus": "工矿企业用工和物流",
    "notes": "",
    "online": "",
    "days": 3,
    "reason": "",
    "is_cancelled": False,
    "changes": [],
    "n": 1,
    "rows": [
        {"no": 1, "name": "塑岭管业", "topic": "进厂小桥限重", "slot": "09:30", "online": False}
    ],
}
_DAY_CHANGE: Mapping[str, Any] = {
    "changes": [{"what": "地点", "was": "镇政府二楼会议室", "now": "企业服务中心"}]
}
_DAY_RESULTS: Mapping[str, Any] = {
    "m": 1,
    "rows": [
        {
            "no": 1,
            "name": "塑岭管业",
            "problems": [
                {
                    "number": "QS20261015-0001",
                    "title": "进厂小桥限重",
                    "unit": "规划建设办公室",
                    "status": "办理中",
                }
            ],
        }
    ],
}
_CHANGE_OF = "{{date}}{{kind}}{% if is_cancelled %}取消{% else %}有改动{% endif %}"
_CHANGED = (
    "{% if is_cancelled %}{{date}}的{{kind}}取消了：{{reason}}"
    "{% else %}{{kind}}的安排有改动，请以下面的为准。{% endif %}"
)


ALL = (
    Wording(
        rule="R11",
        label=N_("服务日预告"),
        to=N_("接待领导、分管领导、到场单位负责人"),
        template="r11",
        subject="【{{tenant}}营商办】{{date}}{{kind}}预告（已约{{n}}家）",
        heading="{{date}}{{kind}}，已约 {{n}} 家",
        opening=(
            "{{kind}}定在{{date}}{{hours}}举办，{{host}}接待。"
            "{% if n %}已有 {{n}} 家企业预约，请提前了解下面的事。"
            "{% else %}还没有企业预约。{% endif %}"
        ),
        button="看安排和预约",
        closing="问题当场登记、闭环办理，逐一销号。",
        more=_DAY,
        sample=_DAY_SAMPLE,
    ),
    Wording(
        rule="R11-enterprise",
        for_enterprise=True,
        label=N_("服务日邀请企业"),
        to=N_("企业"),
        template="r11",
        subject="【{{tenant}}营商办】{{date}}{{kind}}，欢迎预约",
        heading="{{date}}{{kind}}，欢迎您来",
        opening="{{date}}{{hours}}，{{host}}在{{place}}接待企业，有什么难处可以当面说。",
        button="预约时段",
        closing="自愿参加，不收费用，不开展检查；不来也不影响您以后反映问题。",
        more=_DAY,
        sample={**_DAY_SAMPLE, "rows": [], "n": 0},
    ),
    Wording(
        rule="R11-changed",
        label=N_("服务日改动或取消"),
        to=N_("通知过的人"),
        template="r11",
        subject="【{{tenant}}营商办】" + _CHANGE_OF,
        heading=_CHANGE_OF,
        opening=_CHANGED,
        button="看现在的安排",
        more=_DAY,
        sample={**_DAY_SAMPLE, **_DAY_CHANGE},
    ),
    Wording(
        rule="R11-changed-enterprise",
        for_enterprise=True,
        label=N_("服务日改动或取消（给企业）"),
        to=N_("通知过和预约了的企业"),
        template="r11",
        subject="【{{tenant}}营商办】" + _CHANGE_OF,
        heading=_CHANGE_OF,
        opening=_CHANGED,
        button="看安排，改预约",
        closing="给您添麻烦了。有急事可以直接联系营商办或您的联络员。",
        more=_DAY,
        sample={**_DAY_SAMPLE, **_DAY_CHANGE, "rows": [], "n": 0},
    ),
    Wording(
        rule="service-day-results",
        label=N_("服务日结果"),
        to=N_("接待领导、分管领导、到场单位负责人"),
        template="service_day_results",
        subject="【{{tenant}}营商办】{{date}}{{kind}}：到场{{n}}家，收到{{m}}个问题",
        heading="{{date}}{{kind}}到场 {{n}} 家，收到 {{m}} 个问题",
        opening=(
            "{{date}}{{kind}}已经举办。{% if m %}问题都已登记，办理情况随时可以在系统里看。"
            "{% else %}没有收到问题。{% endif %}"
        ),
        button="看结果",
        more={**_DAY, "m": N_("收到几个问题")},
        sample={**_DAY_SAMPLE, **_DAY_RESULTS},
    ),
    Wording(
        rule="service-day-finished",
        label=N_("服务日问题全部办结"),
        to=N_("接待领导"),
        template="service_day_results",
        subject="【{{tenant}}营商办】{{date}}{{kind}}的{{m}}个问题全部办结",
        heading="{{date}}{{kind}}的 {{m}} 个问题全部办结",
        opening="{{date}}{{kind}}收到的 {{m}} 个问题已经全部办结，逐一销号。",
        button="看结果",
        more={**_DAY, "m": N_("收到几个问题")},
        sample={**_DAY_SAMPLE, **_DAY_RESULTS},
    ),
)
