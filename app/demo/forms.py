"""What is typed on the page that moves the clock."""

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import Optional

from app.core.forms import Form


class TravelForm(Form):
    """A day to go to: one of the buttons, or any other."""

    quick = DateField(_l("近的日子"), validators=[Optional()])
    to = DateField(_l("到哪一天"), validators=[Optional()])

    def chosen(self) -> date | None:
        """Return the day of the button, else the one that was typed."""
        day: date | None = self.quick.data or self.to.data
        return day
