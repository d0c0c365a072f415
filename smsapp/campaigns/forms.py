"""The popup's form: what it offers, what was posted, and what is wrong with it in words."""

from typing import Final
from unicodedata import category

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from smsapp.campaigns.order import Composed
from smsapp.campaigns.problems import FieldProblem
from smsapp.contacts.numbers import display
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.settings.queries import active_senders, all_senders, current_settings
from smsapp.settings.senders import chosen_id
from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.normalise import ControlCharacter, line_feeds
from smsapp.text.tag_names import FIELDS

LEAVE_EMPTY = "empty_"  # with a tag's field: "skip" or "leave"


class ComposeForm(FlaskForm):
    """Sender, phone field, options and text; the services judge what is posted, not this form."""

    sender = SelectField(_l("Sender"), validate_choice=False)
    phone_field = SelectField(_l("Phone number"), validate_choice=False)
    include_fixed_line = BooleanField(_l("Include fixed line numbers"))
    text = TextAreaField(_l("Message"))
    deadline = StringField(_l("Do not send after"))
    send_key = HiddenField()

    leave_empty: tuple[str, ...] = ()
    maximum: Final = MAX_CHARACTERS

    @property
    def typed(self) -> str:
        """The text as the browser shows it."""
        return line_feeds(self.text.data or "")

    @property
    def shown(self) -> str:
        """The text as it goes back into the field; no page can carry control characters."""
        return "".join(each for each in self.typed if each in "\n\t" or category(each) != "Cc")

    def composed(self, audience_id: int) -> Composed:
        """What the form says, for the services. An unknown sender becomes one that does not exist."""
        return Composed(
            audience_id=audience_id,
            text=self.typed,
            sender_id=chosen_id(self.sender.data),
            phone_field=self.phone_field.data or "",
            include_fixed_line=bool(self.include_fixed_line.data),
            leave_empty=self.leave_empty,
            deadline=(self.deadline.data or "").strip(),
        )

    @property
    def sender_name(self) -> str:
        """The chosen sender's name, "" for the operator number."""
        return next((each.name for each in all_senders() if str(each.id) == self.sender.data), "")

    def hidden(self) -> list[tuple[str, str]]:
        """What the confirmation carries on: names and values of hidden fields."""
        values = [
            ("sender", self.sender.data or ""),
            ("phone_field", self.phone_field.data or ""),
            ("text", self.typed),
            ("deadline", self.deadline.data or ""),
            ("send_key", self.send_key.data or ""),
        ]
        fixed = [("include_fixed_line", "y")] if self.include_fixed_line.data else []
        return [*values, *fixed, *((LEAVE_EMPTY + field, "leave") for field in self.leave_empty)]

    def choose(self, sender: str, phone_field: str) -> None:
        """Choose a sender by its name ("": operator number) and a phone field; what is gone is shown as lost."""
        ids = {each.name: str(each.id) for each in all_senders()}
        self.sender.data, self.phone_field.data = ids.get(sender, sender), phone_field
        offer_choices(self)

    def add_problem(self, problem: FieldProblem) -> None:
        """Show a service's complaint at its field."""
        field = self[problem.field]
        field.errors = list(dict.fromkeys([*field.errors, problem_text(problem, len(self.typed))]))


def posted_form() -> ComposeForm:
    """The form as it was posted."""
    form = ComposeForm()
    form.leave_empty = tuple(field.key for field in FIELDS if request.form.get(LEAVE_EMPTY + field.key) == "leave")
    return offer_choices(form)


def form_of(composed: Composed, send_key: str) -> ComposeForm:
    """The form that shows a draft."""
    form = ComposeForm(
        formdata=None,
        sender="" if composed.sender_id is None else str(composed.sender_id),
        phone_field=composed.phone_field,
        include_fixed_line=composed.include_fixed_line,
        text=composed.text,
        deadline=composed.deadline,
        send_key=send_key,
    )
    form.leave_empty = composed.leave_empty
    return offer_choices(form)


def offer_choices(form: ComposeForm) -> ComposeForm:
    """The operator number first, then the names that are active, and the phone fields.

    What was chosen and is not to be had any more stays the choice, so that nothing else is sent from unseen.
    """
    number = current_settings().operator_number
    operator = _("Operator number (%(number)s)", number=display(number) if number else _("not set"))
    names = [SelectChoice(str(sender.id), sender.name) for sender in active_senders()]
    names_by_id = {str(sender.id): sender.name for sender in all_senders()}
    lost = names_by_id.get(form.sender.data or "", form.sender.data or "")
    form.sender.choices = with_lost_choice([SelectChoice("", operator), *names], form.sender.data, lost)
    fields = [SelectChoice(*pair) for pair in PHONE_FIELD_LABELS.items()]
    form.phone_field.choices = with_lost_choice(fields, form.phone_field.data)
    return form


def with_lost_choice(choices: list[SelectChoice], chosen: str | None, name: str = "") -> list[SelectChoice]:
    """The choices, and what is chosen though it is none of them."""
    if (chosen or "") in {choice.value for choice in choices}:
        return choices
    label = _("%(name)s (not available any more)", name=name).strip()
    return [*choices, SelectChoice(chosen or "", label, {"class": "lost"})]


def sender_label(form: ComposeForm) -> str:
    """The chosen sender as the confirmation names it."""
    if not form.sender.data:
        return str(_("Operator number %(number)s", number=display(current_settings().operator_number)))
    return next((str(choice.label) for choice in form.sender.choices or () if choice.value == form.sender.data), "")


def problem_text(problem: FieldProblem, characters: int) -> str:
    """What is wrong, and what to do about it."""
    cause = problem.__cause__
    if isinstance(cause, tags.TagError):
        return tag_message(cause)
    if isinstance(cause, ControlCharacter):
        return str(
            _("The text has a character that cannot be sent at position %(position)s. Please delete it.",
              position=cause.position + 1)
        )  # fmt: skip
    if problem.code == "too_long":
        return str(
            _("The text has %(characters)s characters, %(maximum)s are possible. "
              "Please shorten it, or write an e-mail.", characters=characters, maximum=MAX_CHARACTERS)
        )  # fmt: skip
    return problem.message


def tag_message(error: tags.TagError) -> str:
    """What is wrong with a tag, and what was probably meant."""
    name = error.name[:40]
    if isinstance(error, tags.UnknownTag) and error.suggestion:
        suggestion = error.suggestion
        return str(_("There is no tag {%(name)s}. Did you mean {%(suggestion)s}?", name=name, suggestion=suggestion))
    if isinstance(error, tags.UnknownTag):
        return str(_("There is no tag {%(name)s}. Please choose one from the list.", name=name))
    if isinstance(error, tags.LoneBrace):
        return str(
            _("A brace stands alone at position %(position)s. A tag needs both, as in {First name}; "
              "for a brace as text please write %(doubled)s.",
              position=error.position + 1, doubled=error.suggestion)
        )  # fmt: skip
    if isinstance(error, tags.SecondBar):
        return str(_("A tag can have one substitute only: {%(name)s|substitute}.", name=name))
    return str(_("The tag at position %(position)s has no name.", position=error.position + 1))
