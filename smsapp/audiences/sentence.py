"""Conditions read back as one sentence: "Contacts whose company is in Hamburg and who have the label VIP."

Each condition is a relative clause; `%(either)s` is empty, or the word that opens a choice ("either "), wherever the
language wants it in the first clause of that choice.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from babel.lists import format_list
from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from smsapp.audiences.conditions import Group, Row
from smsapp.audiences.fields import FIELDS, Kind, Operator
from smsapp.audiences.words import value_label

NOUNS = {
    "first_name": _l("first name"),
    "last_name": _l("last name"),
    "job_title": _l("job title"),
    "email": _l("e-mail address"),
    "street": _l("street"),
    "postcode": _l("postcode"),
    "city": _l("city"),
    "country": _l("country"),
    "language": _l("language"),
    "birthday": _l("date of birth"),
    "consent_on": _l("day of consent"),
    "salutation": _l("salutation"),
    "mobile": _l("mobile number"),
    "work": _l("work phone number"),
    "home": _l("private phone number"),
    "company_name": _l("company name"),
    "company_industry": _l("company industry"),
    "company_street": _l("company street"),
    "company_postcode": _l("company postcode"),
    "company_city": _l("company city"),
    "company_country": _l("company country"),
    "company_website": _l("company website"),
}
USUAL = {
    Operator.IS: _l("whose %(noun)s is %(either)s%(value)s"),
    Operator.ONE_OF: _l("whose %(noun)s is %(either)s%(value)s"),
    Operator.IS_NOT: _l("whose %(noun)s is %(either)snot %(value)s"),
    Operator.CONTAINS: _l("whose %(noun)s %(either)scontains “%(value)s”"),
    Operator.BEGINS_WITH: _l("whose %(noun)s %(either)sbegins with “%(value)s”"),
    Operator.BEFORE: _l("whose %(noun)s is %(either)sbefore %(value)s"),
    Operator.AFTER: _l("whose %(noun)s is %(either)safter %(value)s"),
    Operator.BETWEEN: _l("whose %(noun)s is %(either)sbetween %(value)s and %(last)s"),
    Operator.IS_EMPTY: _l("whose %(noun)s is %(either)smissing"),
    Operator.IS_NOT_EMPTY: _l("whose %(noun)s is %(either)sknown"),
}
_IN_COMPANY = _l("who %(either)sbelong to the company %(value)s")
_IN_CITY = _l("whose company is %(either)sin %(value)s")
_IN_INDUSTRY = _l("whose company belongs %(either)sto %(value)s")
SPECIAL: dict[tuple[str, Any], Any] = {
    ("salutation", Operator.IS): _l("who are %(either)saddressed as %(value)s"),
    ("salutation", Operator.IS_NOT): _l("who are %(either)snot addressed as %(value)s"),
    ("birthday", Operator.IS): _l("who were %(either)sborn on %(value)s"),
    ("birthday", Operator.BEFORE): _l("who were %(either)sborn before %(value)s"),
    ("birthday", Operator.AFTER): _l("who were %(either)sborn after %(value)s"),
    ("birthday", Operator.BETWEEN): _l("who were %(either)sborn between %(value)s and %(last)s"),
    ("labels", Operator.HAS): _l("who %(either)shave the label %(value)s"),
    ("labels", Operator.HAS_NOT): _l("who %(either)sdo not have the label %(value)s"),
    ("labels", Operator.HAS_ANY_OF): _l("who %(either)shave one of the labels %(value)s"),
    ("labels", Operator.IS_EMPTY): _l("who %(either)shave no label"),
    ("labels", Operator.IS_NOT_EMPTY): _l("who %(either)shave some label"),
    ("newsletter", True): _l("who %(either)sreceive the newsletter"),
    ("newsletter", False): _l("who %(either)sdo not receive the newsletter"),
    ("newsletter", Operator.IS_EMPTY): _l("of whom it is %(either)snot known whether they receive the newsletter"),
    ("newsletter", Operator.IS_NOT_EMPTY): _l("of whom it is %(either)sknown whether they receive the newsletter"),
    ("no_sms", True): _l("who %(either)sare to get no SMS"),
    ("no_sms", False): _l("who %(either)smay get SMS"),
    ("consent", Operator.IS): _l("whose SMS consent is %(either)s“%(value)s”"),
    ("consent", Operator.IS_NOT): _l("whose SMS consent is %(either)snot “%(value)s”"),
    ("consent_on", Operator.IS): _l("who consented %(either)son %(value)s"),
    ("company_name", Operator.IS): _IN_COMPANY,
    ("company_name", Operator.ONE_OF): _IN_COMPANY,
    ("company_name", Operator.IS_EMPTY): _l("who %(either)sbelong to no company"),
    ("company_name", Operator.IS_NOT_EMPTY): _l("who %(either)sbelong to some company"),
    ("company_city", Operator.IS): _IN_CITY,
    ("company_city", Operator.ONE_OF): _IN_CITY,
    ("company_city", Operator.IS_NOT): _l("whose company is %(either)snot in %(value)s"),
    ("company_industry", Operator.IS): _IN_INDUSTRY,
    ("company_industry", Operator.ONE_OF): _IN_INDUSTRY,
    ("company_industry", Operator.IS_NOT): _l("whose company does %(either)snot belong to %(value)s"),
}
NUMBERS = {
    Operator.BEGINS_WITH: _l("whose %(noun)s %(either)sbegins with %(value)s"),
    Operator.IS_EMPTY: _l("who %(either)shave no %(noun)s"),
    Operator.IS_NOT_EMPTY: _l("who %(either)shave a %(noun)s"),
}
PAIRS = {
    "all": (_l("%(first)s and %(second)s"), _l("%(first)s, and %(second)s")),
    "any": (_l("%(first)s or %(second)s"), _l("%(first)s, or %(second)s")),
    "also": (_l("%(first)s and also %(second)s"), _l("%(first)s, and also %(second)s")),
}
"""What stands between two clauses, and between them where the first is a choice or an exception by itself."""


def sentence(group: Group, contacts: int) -> str:
    """What the conditions choose; `contacts` is how many there are, for the words of no conditions at all."""
    if not group.children:
        number = format_decimal(contacts)
        return str(ngettext("All %(count)s contact.", "All %(count)s contacts.", contacts, count=number))
    if group.match == "none":
        return str(_("All contacts except those %(clauses)s.", clauses=_clauses(group.children, "any")))
    return str(_("Contacts %(clauses)s.", clauses=_part(group)))


def _part(part: Row | Group, either: str = "", around: str = "") -> str:
    """The clause of a condition or group; `around` is how the group around it joins its clauses."""
    if isinstance(part, Row):
        return _row(part, either)
    if part.match == "none":
        clauses = _clauses(part.children, "any")
        return str(_("who are %(either)snot among those %(clauses)s", either=either, clauses=clauses))
    if part.match == "any":
        opens = around != "any" and len(part.children) > 1
        return _clauses(part.children, "any", either or (str(_("either")) + " " if opens else ""))
    return _clauses(part.children, "also" if around in ("any", "also") else "all", either)


def _clauses(children: Sequence[Row | Group], joint: str, either: str = "") -> str:
    text = _part(children[0], either, joint)
    for before, child in pairwise(children):
        by_itself = isinstance(before, Group) and (before.match == "none" or len(before.children) > 1)
        text = str(PAIRS[joint][by_itself]) % {"first": text, "second": _part(child, "", joint)}
    return text


def _row(row: Row, either: str) -> str:
    field, case = FIELDS[row.field], row.value if isinstance(row.value, bool) else row.operator
    template = SPECIAL.get((row.field, case)) or USUAL[row.operator]
    if field.kind is Kind.PHONE:
        template = NUMBERS[row.operator]
    values = row.value if isinstance(row.value, tuple) else (str(row.value),)
    words = [value_label(field, value) for value in values]
    between = row.operator is Operator.BETWEEN
    value = words[0] if between else format_list(words, style="or", locale=get_locale() or "en")
    return str(template) % {"noun": NOUNS.get(row.field, ""), "either": either, "value": value, "last": words[-1]}
