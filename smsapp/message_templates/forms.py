"""The form of a message template."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from smsapp.campaigns.forms import problem_text
from smsapp.campaigns.problems import FieldProblem
from smsapp.contacts.numbers import display
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.forms import TOO_LONG, CleanField, SeenForm, choices_of
from smsapp.message_templates.models import MessageTemplate
from smsapp.message_templates.service import LONGEST_NAME, TemplateData
from smsapp.settings.queries import active_senders, current_settings
from smsapp.text.normalise import line_feeds


class TemplateForm(SeenForm):
    """Name, text, and the sender and number it is meant for."""

    name = CleanField(
        _l("Name"),
        validators=[DataRequired(_l("Please enter a name.")), Length(max=LONGEST_NAME, message=TOO_LONG)],
        render_kw={"autocomplete": "off"},
    )
    text = TextAreaField(
        _l("Message"), validators=[InputRequired(_l("Please write a message."))], render_kw={"rows": 6}
    )
    sender = SelectField(_l("Sender"))
    phone_field = SelectField(_l("Phone number"))
    shared = BooleanField(_l("Everybody who sends may use this template"))

    def __init__(self, template: MessageTemplate | None = None) -> None:
        super().__init__(obj=template)
        self.phone_field.choices = choices_of(PHONE_FIELD_LABELS)
        self.sender.choices = _senders(template.sender if template else "")

    def entered(self) -> TemplateData:
        """What the form holds."""
        return TemplateData(
            name=self.name.data or "",
            text=line_feeds(self.text.data or ""),
            sender=self.sender.data or "",
            phone_field=self.phone_field.data or "",
            shared=bool(self.shared.data),
        )

    def add_problem(self, problem: FieldProblem) -> None:
        """Show a service's complaint at its field."""
        field = self[problem.field]
        field.errors = [*field.errors, problem_text(problem, len(line_feeds(self.text.data or "")))]


def _senders(kept: str) -> list[tuple[str, str]]:
    """The operator number and the active names; the one that a template has stays on offer, whatever became of it."""
    number = current_settings().operator_number
    operator = str(_("Operator number (%(number)s)", number=display(number) if number else _("not set")))
    names = [sender.name for sender in active_senders()]
    lost = [(kept, str(_("%(name)s (not active any more)", name=kept)))] if kept and kept not in names else []
    return [("", operator), *((name, name) for name in names), *lost]
