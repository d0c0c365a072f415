"""The popup's form."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Regexp, StopValidation

from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.normalise import ControlCharacter, normalise
from smsapp.text.tag_names import FIELDS

OPERATOR = ""
SEND_KEY = r"^[0-9a-f]{32}$"


class ComposeForm(FlaskForm):
    """Sender, phone field, options and text. `template` is the parsed text once it is valid."""

    template: tags.Template | None = None

    sender = SelectField(_l("Sender"), default=OPERATOR)
    phone_field = SelectField(_l("Phone number"), default="mobile")
    include_fixed_line = BooleanField(_l("Include fixed line numbers"))
    leave_empty = SelectMultipleField(choices=[(field.key, field.key) for field in FIELDS])
    text = TextAreaField(_l("Message"), render_kw={"rows": 4, "required": False})
    send_key = HiddenField(validators=[Regexp(SEND_KEY)])

    def __init__(self, senders: Sequence[tuple[str, str]], phone_fields: Sequence[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self.sender.choices = list(senders)
        self.phone_field.choices = list(phone_fields)

    def validate_text(self, field: TextAreaField) -> None:
        """Normalise the text, refuse what cannot be sent, and read its tags."""
        try:
            field.data = normalise(field.data or "")
            self.template = tags.parse(field.data)
        except ControlCharacter as error:
            raise StopValidation(_("The text contains a character that cannot be sent (position %(position)s). "
                                   "Please delete it.", position=error.position + 1)) from error
        except tags.TagError as error:
            raise StopValidation(tag_message(error)) from error
        if not field.data.strip():
            raise StopValidation(_("Please write a message."))
        if len(field.data) > MAX_CHARACTERS:
            raise StopValidation(too_long_message(len(field.data)))


class TagForm(FlaskForm):
    """Which tag goes where: positions are the browser's, in UTF-16 units; none means the end of the text."""

    text = StringField()
    tag = SelectField(choices=[(field.key, field.key) for field in FIELDS])
    substitute = StringField(validators=[Length(max=100)])
    selection_start = StringField()
    selection_end = StringField()


def too_long_message(characters: int) -> str:
    """What to do about a text of more than 480 characters."""
    return str(
        _("The text has %(characters)s characters, %(maximum)s are possible. Please shorten it, or write an e-mail.",
          characters=characters, maximum=MAX_CHARACTERS)
    )


def tag_message(error: tags.TagError) -> str:
    """What is wrong with a tag, and what was probably meant."""
    if isinstance(error, tags.UnknownTag) and error.suggestion:
        return str(_("There is no tag {%(name)s}. Did you mean {%(suggestion)s}?",
                     name=error.name[:40], suggestion=error.suggestion))
    if isinstance(error, tags.UnknownTag):
        return str(_("There is no tag {%(name)s}. Please choose one from the list.", name=error.name[:40]))
    if isinstance(error, tags.LoneBrace):
        return str(_("A brace stands alone at position %(position)s. Write %(doubled)s for a brace as text.",
                     position=error.position + 1, doubled=error.suggestion))
    if isinstance(error, tags.SecondBar):
        return str(_("A tag has one substitute only: {%(name)s|substitute}.", name=error.name[:40]))
    return str(_("A tag has no name at position %(position)s.", position=error.position + 1))
