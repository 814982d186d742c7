"""What enterprises without an account are written about their problems."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import N_
from app.notifications.wordings.wording import Wording

_NAMES: Mapping[str, str] = {
    "title": N_("反映的问题；限知件是空的"),
    "number": N_("工单编号；限知件是空的"),
    "phone": N_("营商办电话"),
}
_SAMPLE: Mapping[str, Any] = {
    "title": "园区东路限高架挡住大件运输",
    "number": "QS20260910-0003",
    "code_secret": "604172",
    "phone": "14200000001",
    "due": "9月11日（周五）17:30",
    "why": "诉讼、仲裁、复议",
    "guidance": "请向人民法院反映",
    "items": "现场照片、运单复印件",
    "news": "还要多一些时间，最迟10月16日（周五）17:30答复您。承办单位接着办，您不用做什么。",
}
_CALL = "{% if phone %}打电话也可以：{{phone}}。{% endif %}"
_CLOSING = "这个链接只给您用，请不要转发。链接打不开时，凭工单编号和查询码也能查。" + _CALL


def _about(
    rule: str,
    label: str,
    *,
    subject: str,
    heading: str,
    opening: str,
    button: str,
    names: Mapping[str, str] | None = None,
) -> Wording:
    """Return the wording of one letter about one problem."""
    return Wording(
        rule=rule,
        label=label,
        to=N_("企业"),
        template="followed",
        for_enterprise=True,
        subject="【{{tenant}}营商办】" + subject,
        heading=heading,
        opening=opening,
        button=button,
        closing=_CLOSING,
        more={**_NAMES, **(names or {})},
        sample=_SAMPLE,
    )


_WHAT = "您反映的{% if title %}“{{title}}”{% else %}问题{% endif %}"

ALL = (
    _about(
        "firm-received",
        N_("告诉企业：收到了"),
        subject="收到您反映的问题{% if number %}（{{number}}）{% endif %}",
        heading="收到了，我们来办",
        opening=(
            _WHAT + "收到了。现在是营商办在看归谁办，受理不受理都会告诉您，您不用做什么。"
            "请记下编号和查询码，换手机也能查进度。"
        ),
        button="看办到哪一步",
    ),
    _about(
        "firm-accepted",
        N_("告诉企业：受理了"),
        subject="受理了您反映的问题{% if number %}（{{number}}）{% endif %}",
        heading="受理了",
        opening=_WHAT
        + "受理了{% if due %}，最迟{{due}}交给承办单位{% endif %}。"
        + "现在是营商办在办，您不用做什么；交出去以后，承办单位会联系您。",
        button="看办到哪一步",
        names={"due": N_("最迟什么时候交给承办单位；限知件是空的")},
    ),
    _about(
        "firm-rejected",
        N_("告诉企业：不予受理"),
        subject="您反映的问题该找哪里{% if number %}（{{number}}）{% endif %}",
        heading="这件事不归我们受理",
        opening=(
            _WHAT + "不在营商办受理范围{% if why %}（{{why}}）{% endif %}。"
            "{% if guidance %}该走的渠道：{{guidance}}。{% endif %}"
            "接下来请您走那边的渠道，这里不再办了。"
        ),
        button="看为什么",
        names={
            "why": N_("不予受理的原因；限知件是空的"),
            "guidance": N_("正确的渠道；限知件是空的"),
        },
    ),
    _about(
        "firm-supplement",
        N_("告诉企业：要补充"),
        subject="请补充几样，好接着办{% if number %}（{{number}}）{% endif %}",
        heading="请补充几样",
        opening=(
            _WHAT + "还差一些情况{% if items %}：{{items}}{% endif %}。"
            "轮到您了：点下面写上或传上来，就接着办；不用登录。"
        ),
        button="去补充",
        names={"items": N_("缺什么；限知件是空的")},
    ),
    _about(
        "firm-answered",
        N_("告诉企业：有答复了"),
        subject="您反映的问题有答复了{% if number %}（{{number}}）{% endif %}",
        heading="有答复了",
        opening=_WHAT + "有答复了，请先看看。接下来会请您评价，那时轮到您：您说解决了才算办结。",
        button="看答复",
    ),
    _about(
        "firm-closed",
        N_("告诉企业：办结了"),
        subject="您反映的问题办结了{% if number %}（{{number}}）{% endif %}",
        heading="办结了",
        opening=(
            _WHAT + "办结了，谢谢您，不用再做什么。"
            "事情又出来，请打电话给营商办，点下面看得到哪天以前能接着办。"
        ),
        button="看经过",
    ),
    _about(
        "firm-news",
        N_("告诉企业：有新消息"),
        subject="您反映的问题有新消息{% if number %}（{{number}}）{% endif %}",
        heading="有新消息",
        opening=_WHAT + "有新消息。{{news}}",
        button="看办到哪一步",
        names={"news": N_("什么新消息；限知件是空的")},
    ),
    _about(
        "firm-link",
        N_("告诉企业：换了链接"),
        subject="您查进度的新链接{% if number %}（{{number}}）{% endif %}",
        heading="查进度的链接换新了",
        opening=_WHAT + "，查进度的链接换了新的，以前的不能用了。",
        button="看办到哪一步",
    ),
)
