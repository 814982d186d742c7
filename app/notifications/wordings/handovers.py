"""What is written where a portfolio changes hands, and of a day that was set for a visit."""

from app.core.i18n import N_
from app.notifications.wordings.wording import SERVICE, Wording

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

ALL = (
    Wording(
        rule="handover",
        for_enterprise=True,
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
        button="知道了",
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
        closing=SERVICE,
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
        rule="visit-day",
        label=N_("走访日期排好了"),
        to=N_("同去的包联领导、联络员"),
        template="planned",
        subject="【{{tenant}}营商办】{{day}}走访{{target}}（{{by}}同志排的）",
        heading="{{day}}走访{{target}}",
        opening="{{by}}同志排了{{day}}走访{{target}}。附件可以加进您的日历；改期后会再发一份，自动更新。",
        button="看本月走访",
        closing=SERVICE,
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
