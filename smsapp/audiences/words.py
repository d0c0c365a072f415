"""The words of conditions: fields, operators, values, mistakes."""

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from smsapp.audiences.conditions import MAX_ROWS, MAX_TEXT, MAX_VALUES, ConditionError
from smsapp.audiences.fields import FIELDS, Field, Kind, Operator
from smsapp.contacts.values import BadValue, parse_date
from smsapp.contacts.words import CONSENTS, PHONE_FIELD_LABELS, SALUTATIONS, country_name, language_name

OWNERS = {"contact": _l("Contact"), "phone": _l("Contact"), "company": _l("Company")}
FIELD_LABELS = {
    "salutation": _l("Salutation"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "job_title": _l("Job title"),
    "email": _l("E-mail"),
    "labels": _l("Label"),
    "newsletter": _l("Newsletter"),
    "street": _l("Street and number"),
    "postcode": _l("Postcode"),
    "city": _l("City"),
    "country": _l("Country"),
    "language": _l("Language"),
    "birthday": _l("Birthday"),
    "no_sms": _l("No SMS"),
    "consent": _l("SMS consent"),
    "consent_on": _l("Consent given on"),
    **PHONE_FIELD_LABELS,
    "company_name": _l("Name"),
    "company_industry": _l("Industry"),
    "company_street": _l("Street and number"),
    "company_postcode": _l("Postcode"),
    "company_city": _l("City"),
    "company_country": _l("Country"),
    "company_website": _l("Website"),
}
OPERATORS = {
    Operator.IS: _l("is"),
    Operator.IS_NOT: _l("is not"),
    Operator.CONTAINS: _l("contains"),
    Operator.BEGINS_WITH: _l("begins with"),
    Operator.ONE_OF: _l("is one of"),
    Operator.BEFORE: _l("is before"),
    Operator.AFTER: _l("is after"),
    Operator.BETWEEN: _l("is between"),
    Operator.HAS: _l("has"),
    Operator.HAS_NOT: _l("does not have"),
    Operator.HAS_ANY_OF: _l("has one of"),
    Operator.IS_EMPTY: _l("is empty"),
    Operator.IS_NOT_EMPTY: _l("is not empty"),
}
PROBLEMS = {
    "no_field": _l("Please choose a field."),
    "empty_value": _l("Please enter a value."),
    "too_long": _l("At most %(limit)s characters are possible here.", limit=MAX_TEXT),
    "too_many_values": _l("At most %(limit)s values are possible here.", limit=MAX_VALUES),
    "too_many_rows": _l("At most %(limit)s conditions are possible.", limit=MAX_ROWS),
    "control_character": _l("This text has an invisible control character."),
    "unknown_choice": _l("Please choose one of the offered values."),
    "bad_date": _l("This is not a date. Please write it as 31.12.1999."),
    "dates_reversed": _l("The first date is after the last one."),
    "no_country_code": _l("Please begin with the country code, as in +49."),
    "empty_group": _l("A group needs at least one condition."),
}


def field_label(key: str) -> str:
    """A field as it is offered: "Company: City"."""
    return f"{OWNERS[FIELDS[key].owner]}: {FIELD_LABELS[key]}"


def field_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """All fields as they are offered, below the headings Contact and Company."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, field in FIELDS.items():
        found.setdefault(str(OWNERS[field.owner]), []).append((key, field_label(key)))
    return list(found.items())


def operator_choices(field: Field) -> list[tuple[str, str]]:
    """The operators of a field."""
    return [(operator.value, str(OPERATORS[operator])) for operator in field.operators]


def value_label(field: Field, value: str) -> str:
    """A stored value as people read it: a choice, a country, a day; text is itself."""
    if field.key == "salutation":
        return str(SALUTATIONS.get(value, value))
    if field.kind is Kind.CHOICE:
        return str(CONSENTS.get(value, value))
    if field.kind is Kind.CODE:
        return country_name(value.upper()) if field.column == "country" else language_name(value.lower())
    if field.kind is Kind.DATE:
        return _day(value)
    return value


def _day(value: str) -> str:
    try:
        return str(format_date(parse_date(value), "medium"))
    except BadValue:
        return value


def problem_text(problem: ConditionError) -> str:
    """What is wrong with a condition, and what to do."""
    return str(PROBLEMS.get(problem.code) or _("This cannot be compared like this. Please choose again."))
