"""What is said of a file of a ticket after it was added."""

from wtforms import HiddenField
from wtforms.validators import AnyOf

from app.core.forms import Form

YES, NO = "yes", "no"


class ShowForm(Form):
    """Whether the enterprise may have the file: what the button says, whatever holds meanwhile."""

    shown = HiddenField(validators=[AnyOf((YES, NO))])
