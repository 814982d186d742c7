"""The forms of a filter that is kept under a name."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField
from wtforms.validators import Length

from app.core.forms import Form
from app.tickets.forms import fields
from app.tickets.service.saved import NAME_LONGEST, QUERY_LONGEST


class ViewForm(Form):
    """A name, and whether the colleagues see it too."""

    name = fields.line(_l("名称"), most=NAME_LONGEST, required=True)
    is_shared = BooleanField(
        _l("共享给同事"), description=_l("大家都看得到这个筛选；各人只看到自己能看的问题。")
    )
    query = HiddenField(
        validators=[Length(max=QUERY_LONGEST, message=_l("条件太长，请减少一些。"))]
    )


class RemoveForm(Form):
    """Deleting it: the button alone."""
