"""An audience's contacts as a table, with the columns and words that our import understands."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from smsapp.audiences.compile import as_group, where
from smsapp.contacts.importing.words import COLUMN_LABELS
from smsapp.contacts.models import PHONE_FIELDS, Company, Contact, Label, PhoneNumber, contact_label
from smsapp.contacts.words import CONSENTS, SALUTATIONS
from smsapp.extensions import db

_PHONES = {field: aliased(PhoneNumber) for field in PHONE_FIELDS}
_LABELS = (
    select(func.aggregate_strings(Label.name, ", "))
    .join(contact_label, contact_label.c.label_id == Label.id)
    .where(contact_label.c.contact_id == Contact.id)
    .scalar_subquery()
)
_COLUMNS: Mapping[str, Any] = {
    "salutation": Contact.salutation,
    "first_name": Contact.first_name,
    "last_name": Contact.last_name,
    "job_title": Contact.job_title,
    "company": Company.name,
    "industry": Company.industry,
    "website": Company.website,
    "email": Contact.email,
    "mobile": func.coalesce(_PHONES["mobile"].e164, _PHONES["mobile"].raw),
    "work_phone": func.coalesce(_PHONES["work"].e164, _PHONES["work"].raw),
    "home_phone": func.coalesce(_PHONES["home"].e164, _PHONES["home"].raw),
    "street": Contact.street,
    "postcode": Contact.postcode,
    "city": Contact.city,
    "country": Contact.country,
    "language": Contact.language,
    "birthday": Contact.birthday,
    "newsletter": Contact.newsletter,
    "labels": _LABELS,
    "no_sms": Contact.no_sms,
    "sms_consent": Contact.consent,
    "consent_date": Contact.consent_on,
    "consent_source": Contact.consent_source,
}


def rows(tree: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    """The headings, then each contact by name, read while it is written."""
    yield [str(COLUMN_LABELS[name]) for name in _COLUMNS]
    words: dict[str, dict[Any, str]] = {
        "salutation": {"": "", **{code: str(word) for code, word in SALUTATIONS.items() if code}},
        "sms_consent": {code: str(word) for code, word in CONSENTS.items()},
        "newsletter": (yes_no := {True: str(_("yes")), False: str(_("no"))}),
        "no_sms": yes_no,
    }
    for row in db.session.execute(_statement(tree).execution_options(yield_per=1000)):
        yield [words[name].get(value) if name in words else value for name, value in row._mapping.items()]


def _statement(tree: Mapping[str, Any]) -> Select[Any]:
    statement = select(*(column.label(name) for name, column in _COLUMNS.items())).select_from(Contact)
    statement = statement.outerjoin(Company, Company.id == Contact.company_id)
    for field, number in _PHONES.items():
        statement = statement.outerjoin(number, (number.contact_id == Contact.id) & (number.field == field))
    return statement.where(where(as_group(tree))).order_by(Contact.search_key, Contact.id)
