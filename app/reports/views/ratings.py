"""What enterprises say 评价情况: a unit reads its own sums, the office reads all."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core.http import reader
from app.core.locale import translated
from app.core.pieces import Card
from app.reports import policy
from app.reports.queries import ratings as queries
from app.reports.queries.suppression import LEAST
from app.reports.views.blueprint import bp
from app.tickets.workflow.codes import Discontent

WORDS = {one.value: one.label for one in Discontent}


@bp.get("/reports/ratings")
def ratings() -> ResponseReturnValue:
    """Show what enterprises say: of the viewer's own unit in sums, or of every unit."""
    viewer = reader()
    if policy.is_rated(viewer):
        return _of_unit(queries.of_unit(viewer))
    overall, units = queries.overall(viewer), queries.by_unit(viewer)
    own = queries.own_units(viewer) if overall.is_partial else []
    return render_template(
        "reports/ratings.html",
        overall=overall,
        units=units,
        own=own,
        least=LEAST,
        reason=reason,
        card=Card(
            _("今年回访 %(n)s 家次有回答", n=sum(unit.answered for unit in units)),
            _("每个数都带分子和分母；承办单位只看得到本单位的合计，看不到是谁说的。"),
            tone="done",
        ),
    )


def _of_unit(blocks: list[queries.Block]) -> str:
    text = _(
        "满 %(n)s 家回答才显示，按整月合计；不到的并到后面的月份，看不出是哪一家说的。", n=LEAST
    )
    title = _("企业对本单位办理的评价") if blocks else _("还不能显示：回答的不到 %(n)s 家", n=LEAST)
    return render_template(
        "reports/unit_ratings.html",
        blocks=blocks,
        reason=reason,
        card=Card(title, text, tone="done"),
    )


def reason(code: str) -> str:
    """Return the word of a reason; of what was merged, 其他."""
    return translated(WORDS[code]) if code in WORDS else _("其他（合并）")
