"""What enterprises are written about an answer: whether it solved their problem, and R13."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import N_
from app.notifications.wordings.wording import Wording

_MORE: Mapping[str, str] = {
    "target": N_("企业"),
    "title": N_("反映的问题；限知件是空的"),
    "number": N_("问题编号；限知件是空的"),
    "code": N_("查询码；限知件是空的"),
    "unit": N_("办理单位；限知件是空的"),
    "phone": N_("营商办电话"),
}
_SAMPLE: Mapping[str, Any] = {
    "target": "塑岭管业",
    "title": "进厂小桥限重",
    "number": "QS20260928-0002",
    "code": "402617",
    "unit": "规划建设办公室",
    "phone": "14200000001",
}
_ABOUT = "{% if title %}“{{title}}”{% else %}您反映的一件事{% endif %}"
_CLOSING = (
    "只有您自己说了才算，不回答不会当作满意。评价不影响您以后反映问题。"
    "{% if phone %}也可以打电话：{{phone}}。{% endif %}"
)

ALL = (
    Wording(
        rule="rating",
        label=N_("请企业评价"),
        to=N_("企业"),
        template="rating",
        for_enterprise=True,
        subject="【{{tenant}}营商办】" + _ABOUT + "办得怎么样，请您说了算",
        heading="这件事解决了吗？",
        opening=(
            "{{target}}反映的" + _ABOUT + "已经答复，轮到您了。"
            "请点下面看看答复，说说解决了没有、满不满意，"
            "一两分钟就好。没解决的，马上退回重办。"
        ),
        button="看答复，评价",
        closing=_CLOSING,
        more=_MORE,
        sample=_SAMPLE,
    ),
    Wording(
        rule="R13",
        label=N_("未评价的再请一次"),
        to=N_("企业"),
        template="rating",
        for_enterprise=True,
        subject="【{{tenant}}营商办】还想听您说说：" + _ABOUT + "解决了吗",
        heading="还想听您说一句",
        opening=(
            "前几天请您评价" + _ABOUT + "的办理结果，还没有收到，还是轮到您。"
            "解决了、没解决，都请您点下面告诉我们；没解决的，马上退回重办。"
        ),
        button="看答复，评价",
        closing=_CLOSING,
        more=_MORE,
        sample=_SAMPLE,
    ),
)
