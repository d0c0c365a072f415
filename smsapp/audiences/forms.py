"""The form of an audience; its conditions have an editor of their own."""

from dataclasses import asdict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from smsapp.audiences.queries import owners
from smsapp.audiences.service import LONGEST_DESCRIPTION, LONGEST_NAME, AudienceData
from smsapp.forms import TOO_LONG, CleanField, SeenForm
from smsapp.text.normalise import clean_value, line_feeds


class AudienceForm(SeenForm):
    """Name, description, whether it is active, and who looks after it."""

    name = CleanField(
        _l("Name"),
        validators=[DataRequired(_l("Please enter a name.")), Length(max=LONGEST_NAME, message=TOO_LONG)],
        render_kw={"autocomplete": "off"},
    )
    description = TextAreaField(
        _l("Description"), validators=[Length(max=LONGEST_DESCRIPTION, message=TOO_LONG)], render_kw={"rows": 3}
    )
    owner_id = SelectField(_l("Owner"), coerce=int)
    active = BooleanField(_l("Active: messages can be sent to this audience"))

    def __init__(self, data: AudienceData) -> None:
        super().__init__(data={**asdict(data), "owner_id": data.owner_id or 0})
        self.owner_id.choices = [(0, "–"), *((user.id, user.name) for user in owners(data.owner_id))]

    def validate_description(self, field: Field) -> None:
        lines = [clean_value(line) for line in line_feeds(field.data or "").split("\n")]
        field.data = "\n".join(line for line, _removed in lines).strip()
        if any(removed for _line, removed in lines):
            raise ValidationError(_("This text has an invisible control character."))

    def entered(self) -> AudienceData:
        """What the form holds."""
        description, owner_id = self.description.data or "", self.owner_id.data or None
        return AudienceData(self.name.data or "", description, bool(self.active.data), owner_id)

    def differences(self, stored: AudienceData) -> list[tuple[str, str]]:
        """Label and stored value of each field in which the form differs from what is stored."""
        entered = asdict(self.entered())
        words = {"owner_id": dict(self.owner_id.choices), "active": {True: _("active"), False: _("inactive")}}
        return [
            (str(self[name].label.text), str(words.get(name, {}).get(value or 0, value) or _("(empty)")))
            for name, value in asdict(stored).items()
            if value != entered[name]
        ]
