"""What people type about service days, and its shape."""

from app.servicedays.forms.booking import AppointmentForm, SelfForm, WalkInForm
from app.servicedays.forms.plan import CancelForm, DayForm, StepForm
from app.servicedays.forms.reception import ReceptionForm

__all__ = [
    "AppointmentForm",
    "CancelForm",
    "DayForm",
    "ReceptionForm",
    "SelfForm",
    "StepForm",
    "WalkInForm",
]
