"""What the office does with a telling that is held."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.core.forms import Form
from app.enterprises.forms import EnterpriseForm
from app.tickets.forms import fields


class ReleaseForm(Form):
    """Letting a telling in: to which enterprise it belongs."""

    enterprise_name = fields.line(_l("属于哪家企业"), most=80, required=True)


class FileForm(EnterpriseForm):
    """Letting a telling in to an enterprise that has no file yet: the least that a file needs."""

    keeps_contact = BooleanField(_l("把来信的人记为首选联系人"))


class DiscardForm(Form):
    """Not taking a telling: why."""

    why = fields.line(_l("为什么不收"), most=200, required=True)


class StepForm(Form):
    """A button alone."""
