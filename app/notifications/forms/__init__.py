"""What the office types about its letters, and about the ways they take."""

from app.notifications.forms.letters import Fits, RestoreForm, WordingForm
from app.notifications.forms.ways import (
    OUTGOING,
    PHONE,
    EditRobotForm,
    GatewayForm,
    OutboxFilterForm,
    RobotForm,
    SendAgainForm,
    SmsTrialForm,
    TrialForm,
)

__all__ = [
    "OUTGOING",
    "PHONE",
    "EditRobotForm",
    "Fits",
    "GatewayForm",
    "OutboxFilterForm",
    "RestoreForm",
    "RobotForm",
    "SendAgainForm",
    "SmsTrialForm",
    "TrialForm",
    "WordingForm",
]
