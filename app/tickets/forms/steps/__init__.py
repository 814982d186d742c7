"""One form for each step, and for what happens beside the steps."""

from app.tickets.forms.steps import (
    beside,
    closing,
    comments,
    handling,
    joint,
    naming,
    opening,
    supervising,
)
from app.tickets.forms.steps.base import StepForm
from app.tickets.forms.steps.beside import AttachForm, DecideForm, WithdrawForm
from app.tickets.forms.steps.closing import LiftForm
from app.tickets.queries.choices import Need, Options
from app.tickets.workflow.states import Event, Note

__all__ = [
    "FORMS",
    "AttachForm",
    "DecideForm",
    "LiftForm",
    "Need",
    "Options",
    "StepForm",
    "WithdrawForm",
]

#: The form of each step by its name. `AUTO_SIGN` is the timetable's: nobody fills it in.
FORMS: dict[str, type[StepForm]] = {
    Event.SUBMIT: opening.SubmitForm,
    Event.ACCEPT: opening.AcceptForm,
    Event.REJECT: opening.RejectForm,
    Event.REQUEST_SUPPLEMENT: opening.SupplementForm,
    Event.MERGE: opening.MergeForm,
    Event.CLOSE_ON_SITE: opening.OnSiteForm,
    Event.DISPATCH: opening.DispatchForm,
    Event.SIGN: handling.SignForm,
    Event.APPROVE_RETURN: handling.ReturnForm,
    Event.REASSIGN: opening.ReassignForm,
    Event.FIRST_CONTACT: handling.FirstContactForm,
    Event.PROGRESS_NOTE: handling.ProgressForm,
    Event.APPROVE_EXTENSION: handling.ExtensionForm,
    Event.ESCALATE: handling.EscalateForm,
    Event.APPROVE_SUSPENSION: handling.SuspensionForm,
    Event.RESUME: handling.ResumeForm,
    Event.SUBMIT_REPLY: handling.ReplyForm,
    Event.RETURN_REPLY: closing.ReturnReplyForm,
    Event.APPROVE_REPLY: closing.ApproveReplyForm,
    Event.REVISIT_CLOSE: closing.RevisitForm,
    Event.REVISIT_REWORK: closing.RevisitForm,
    Event.CLOSE_UNSATISFIED: closing.UnsatisfiedForm,
    Event.CLOSE_UNREACHABLE: closing.UnreachableForm,
    Event.REOPEN: closing.ReopenForm,
    Event.ARCHIVE: closing.ArchiveForm,
    Event.CANCEL: opening.CancelForm,
    Event.DISCARD: opening.DiscardForm,
    Note.URGED: beside.UrgeForm,
    Note.ASSIGNED: beside.AssignForm,
    Note.CO_SUBMITTED: beside.CoAnswerForm,
    Note.CO_WAIVED: beside.CoWaiveForm,
    **joint.FORMS,
    Note.SUPERVISION_ANSWERED: beside.SupervisionForm,
    Note.RENEWED: beside.RenewForm,
    Note.ATTACHED: beside.AttachForm,
    Note.COMMENTED: comments.CommentForm,
    Note.DIRECTED: supervising.DirectiveForm,
    Note.DIRECTIVE_ANSWERED: supervising.DirectiveAnswerForm,
    Note.MEETING: supervising.MeetingForm,
    Note.MADE_CONFIDENTIAL: naming.ConfidentialForm,
    Note.MADE_OPEN: naming.OpenForm,
    Note.READER_ADDED: naming.ReaderForm,
    Note.READER_ENDED: naming.EndReaderForm,
}
