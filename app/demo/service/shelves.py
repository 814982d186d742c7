"""The invented township's library: a few policies to cite, and answers to begin from.

All of it is invented, and says so: no such document was ever issued.
"""

from datetime import date

from app.demo.service.cast import Cast
from app.library import service as library
from app.library.service import AnswerDraft, DocumentDraft

INVENTED = "演示用，纯属虚构，不是真实文件。"
ISSUER = "霁川镇人民政府"
#: Category code, title, number, from, to, what it says.
DOCUMENTS: tuple[tuple[str, str, str, date, date | None, str], ...] = (
    (
        "06",
        "霁川镇工业用水用电保障办法",
        "霁政办〔2025〕41号",
        date(2025, 5, 12),
        None,
        "连续生产企业列入保供名单；计划停水停电提前 3 天告知，高峰期错峰安排先听企业意见。",
    ),
    (
        "09",
        "霁川镇惠企政策兑现工作规程",
        "霁政办〔2025〕52号",
        date(2025, 8, 1),
        date(2026, 12, 31),
        "材料齐全的 10 个工作日内审核，资金到位后 5 个工作日内拨付；缺材料一次告知。",
    ),
    (
        "01",
        "霁川镇企业续贷周转服务办法",
        "霁政办〔2025〕47号",
        date(2025, 6, 20),
        date(2026, 12, 31),
        "到期前 30 天由联络员对接银行和担保机构，符合条件的可申请无还本续贷。",
    ),
    (
        "02",
        "霁川镇企业用工服务十条",
        "霁政办〔2024〕18号",
        date(2024, 3, 1),
        date(2026, 2, 28),
        "每季度一次专场招聘；新招本镇职工给予岗前培训补助。",
    ),
    (
        "",
        "霁川镇企业问题办理规程",
        "霁政办〔2025〕60号",
        date(2025, 12, 1),
        None,
        "一个问题一个主办单位，先联系企业再办理，企业确认后办结。",
    ),
)
#: Category code, title, words to begin from.
ANSWERS: tuple[tuple[str, str, str], ...] = (
    (
        "06",
        "停水停电、水压不足",
        (
            "您反映的（停水、停电、水压不足）问题，我们已会同（供水、供电单位）到现场核实，"
            "原因是（原因）。（已经做了什么），（哪天）起恢复正常；再出现请直接联系（姓名、电话）。"
        ),
    ),
    (
        "09",
        "政策兑现进度",
        (
            "您申报的（项目）材料已经收到并审核通过，资金预计（哪天）拨付到账。"
            "如到时没有到账，请联系（姓名、电话），我们负责查清。"
        ),
    ),
    (
        "01",
        "续贷周转",
        (
            "我们已联系（银行）和担保机构，与您一起核对了续贷条件。您可在（哪天）前提交（材料），"
            "银行承诺（几）个工作日内答复；结果由联络员告诉您。"
        ),
    ),
    (
        "02",
        "招工",
        (
            "您需要的（工种、人数）已列入（哪天）的专场招聘，并推送到各村（社区）。"
            "招聘后一周内，我们会回访到岗情况，不足的继续推荐。"
        ),
    ),
    (
        "",
        "镇里没有权限，已转上级",
        (
            "您反映的事项由（上级单位）决定，镇里没有权限。我们已于（哪天）正式转报，"
            "经办人（姓名、电话）；有结果的当天告诉您，没有结果的每 10 个工作日告诉您一次进度。"
        ),
    ),
)


def fill(cast: Cast) -> None:
    """Put the documents and the answers onto their shelves."""
    clerk = cast.dispatchers[0]
    for code, title, number, since, until, says in DOCUMENTS:
        document = DocumentDraft(
            title=title,
            doc_no=number,
            issued_by=ISSUER,
            issued_on=since,
            valid_to=until,
            summary=f"{says}\n{INVENTED}",
            category_id=_kind(cast, code),
        )
        cast.documents.append(library.add(document, actor=clerk).id)
    for code, title, words in ANSWERS:
        library.add(AnswerDraft(title, words, _kind(cast, code)), actor=clerk)


def _kind(cast: Cast, code: str) -> int | None:
    return cast.kinds[code].id if code else None
