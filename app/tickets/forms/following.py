"""What the office types to make the enterprise's way in worthless."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.core.forms import Form
from app.tickets.forms import fields

AGAIN, ONLY = "again", "only"


class RevokeForm(Form):
    """Why, and whether the enterprise is sent new ones."""

    reason = fields.words(_l("为什么作废"), least=2, most=200)
    then = RadioField(
        _l("作废以后"),
        choices=[
            (AGAIN, _l("把新的链接和查询码发给企业首选联系人")),
            (ONLY, _l("先不发")),
        ],
        validators=[InputRequired()],
    )
