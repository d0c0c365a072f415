"""The forms of contacts, companies and the block list."""

from dataclasses import asdict
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import DataRequired, Optional

from smsapp.clock import now
from smsapp.contacts.data import CompanyData, ContactData, check_company, check_contact, clean_company, clean_contact
from smsapp.contacts.fields import DataForm, DayField, YesNoField, countries, languages, typed_text
from smsapp.contacts.numbers import normalise
from smsapp.contacts.values import parse_labels
from smsapp.contacts.words import CONSENTS, SALUTATIONS
from smsapp.forms import CleanField, SeenForm, choices_of
from smsapp.settings.queries import current_settings

OFF = {"autocomplete": "off"}


class ContactForm(SeenForm, DataForm):
    """All of a contact."""

    salutation = SelectField(_l("Salutation"), choices=choices_of(SALUTATIONS))
    first_name = CleanField(_l("First name"), render_kw=OFF)
    last_name = CleanField(_l("Last name"), render_kw=OFF)
    job_title = CleanField(_l("Job title"), render_kw=OFF)
    birthday = DayField(_l("Birthday"), validators=[Optional()])
    language = SelectField(_l("Language"))
    company = CleanField(_l("Company"), render_kw=OFF)
    email = CleanField(_l("E-mail"), render_kw={**OFF, "inputmode": "email"})
    mobile = CleanField(_l("Mobile phone"), render_kw={**OFF, "inputmode": "tel"})
    work = CleanField(_l("Work phone"), render_kw={**OFF, "inputmode": "tel"})
    home = CleanField(_l("Home phone"), render_kw={**OFF, "inputmode": "tel"})
    street = CleanField(_l("Street and number"), render_kw=OFF)
    postcode = CleanField(_l("Postcode"), render_kw=OFF)
    city = CleanField(_l("City"), render_kw=OFF)
    country = SelectField(_l("Country"))
    newsletter = YesNoField(_l("Newsletter"))
    no_sms = BooleanField(_l("No SMS: this contact never gets one"))
    no_sms_reason = CleanField(_l("Reason for “no SMS”"), render_kw=OFF)
    consent = SelectField(_l("Consent"), choices=choices_of(CONSENTS), default="unknown")
    consent_on = DayField(_l("Consent given on"), validators=[Optional()])
    consent_source = CleanField(_l("Source of the consent"), render_kw=OFF)
    labels = CleanField(_l("Labels"), render_kw=OFF)

    def __init__(self, data: ContactData) -> None:
        super().__init__(data={**asdict(data), "labels": ", ".join(data.labels)})
        self.language.choices = languages(data.language)
        self.country.choices = countries(current_settings().allowed_countries, data.country)

    def entered(self) -> ContactData:
        """What the form holds, cleaned as it is kept."""
        values: dict[str, Any] = {name: self[name].data for name in asdict(ContactData()) if name != "labels"}
        values["newsletter"] = self.newsletter.value
        return clean_contact(ContactData(**values, labels=parse_labels(typed_text(self.labels))))

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields each by itself, then the whole as it would be kept."""
        right: bool = super().validate(extra_validators)
        if right:
            self.show(problems := check_contact(self.entered(), now().date()))
            right = not problems
        return right


class CompanyForm(SeenForm, DataForm):
    """All of a company."""

    name = CleanField(_l("Name"), render_kw=OFF)
    industry = CleanField(_l("Industry"), render_kw={**OFF, "list": "industries"})
    street = CleanField(_l("Street and number"), render_kw=OFF)
    postcode = CleanField(_l("Postcode"), render_kw=OFF)
    city = CleanField(_l("City"), render_kw=OFF)
    country = SelectField(_l("Country"))
    website = CleanField(_l("Website"), render_kw={**OFF, "inputmode": "url"})
    phone = CleanField(_l("Phone"), render_kw={**OFF, "inputmode": "tel"})

    def __init__(self, data: CompanyData) -> None:
        super().__init__(data=asdict(data))
        self.country.choices = countries(current_settings().allowed_countries, data.country)

    def entered(self) -> CompanyData:
        """What the form holds, cleaned as it is kept."""
        return clean_company(CompanyData(**{name: self[name].data for name in asdict(CompanyData())}))

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields each by itself, then the whole as it would be kept."""
        right: bool = super().validate(extra_validators)
        if right:
            self.show(problems := check_company(self.entered()))
            right = not problems
        return right


class ReasonForm(DataForm):
    """Why a contact is marked "keine SMS"; nobody has to say."""

    no_sms_reason = CleanField(_l("Reason"), render_kw=OFF)


class BlockForm(DataForm):
    """A number for the block list."""

    number = CleanField(_l("Phone number"), render_kw={**OFF, "inputmode": "tel"})
    reason = CleanField(
        _l("Reason"), validators=[DataRequired(_l("Please say why; others will want to know."))], render_kw=OFF
    )

    @property
    def e164(self) -> str | None:
        """The number, if it was understood."""
        return normalise(typed_text(self.number)).e164
