"""What enterprises are written about visits, and what their answers say."""

from app.core.i18n import N_
from app.notifications.wordings.wording import SERVICE, Wording

ALL = (
    Wording(
        rule="visit-planned",
        for_enterprise=True,
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
        for_enterprise=True,
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
        closing=SERVICE,
        more={
            "target": N_("走访的企业或项目"),
            "day": N_("原定的日子"),
            "asked": N_("企业请换到的日子；没有请换是空的"),
            "answer": N_("企业的意见"),
            "words": N_("企业的话"),
            "is_declined": N_("企业是不是说这次不用来"),
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
