"""What a person changes about themselves."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Email, Length, Optional

from app.core.forms import Form
from app.desk.service import Card


class CardForm(Form):
    """How a person is reached, and what they are."""

    post = StringField(_l("职务"), validators=[Length(max=60)])
    email = StringField(_l("邮箱"), validators=[Optional(), Length(max=120), Email()])

    def given(self) -> Card:
        """Return what was typed."""
        return Card(post=(self.post.data or "").strip(), email=(self.email.data or "").strip())
