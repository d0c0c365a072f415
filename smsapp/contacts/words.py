"""The words for what is stored of contacts as codes: phone fields, kinds and problems of numbers, mistakes."""

from collections.abc import Iterable
from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from smsapp.contacts import numbers
from smsapp.contacts.data import Problem
from smsapp.contacts.models import Contact
from smsapp.folding import search_key

PHONE_FIELD_LABELS = {"mobile": _l("Mobile phone"), "work": _l("Work phone"), "home": _l("Home phone")}
SALUTATIONS = {"": _l("none"), "ms": _l("Ms"), "mr": _l("Mr")}
CONSENTS = {"unknown": _l("unknown"), "yes": _l("yes"), "no": _l("no")}

KINDS = {
    numbers.MOBILE: _l("mobile"),
    numbers.FIXED_LINE_OR_MOBILE: _l("fixed line or mobile"),
    numbers.UNKNOWN: _l("unknown kind"),
    numbers.VOIP: _l("internet telephony"),
    numbers.FIXED_LINE: _l("fixed line"),
    numbers.PREMIUM: _l("premium rate"),
    numbers.SHARED_COST: _l("shared cost"),
    numbers.TOLL_FREE: _l("toll-free"),
    numbers.PAGER: _l("pager"),
    numbers.UAN: _l("company number (UAN)"),
    numbers.PERSONAL: _l("personal number"),
    numbers.VOICEMAIL: _l("voicemail"),
}
PROBLEMS = {
    numbers.MISSING: _l("no number"),
    numbers.NO_COUNTRY_CODE: _l("country code missing"),
    numbers.INVALID: _l("invalid number"),
}
MISTAKES = {
    "email": _l("This does not look like an e-mail address, for example anna@example.org."),
    "choice": _l("Please choose one of the offered values."),
    "future": _l("This date is in the future."),
    "too_early": _l("This date is too long ago."),
    "required": _l("Please fill in this field."),
    "nobody": _l("Please enter a name, a company or an e-mail address."),
}


def problem_sentence(problem: Problem) -> str:
    """What is wrong with a field, and what is allowed."""
    if problem.code == "too_long":
        return str(_("At most %(limit)s characters are possible here.", limit=problem.limit))
    if problem.code == "too_many":
        return str(_("At most %(limit)s labels are possible.", limit=problem.limit))
    return str(MISTAKES[problem.code])


def number_advice(problem: str, example: str | None = None) -> str:
    """What to do about a number's problem; `example` is the number as it would be with a country code."""
    if problem == numbers.NO_COUNTRY_CODE and example:
        return str(_("Please write the number with its country code: %(example)s.", example=example))
    if problem == numbers.NO_COUNTRY_CODE:
        return str(_("Please begin with the country code, as in +49."))
    if problem == numbers.INVALID:
        return str(_("There is no such phone number: please check the digits, one number only."))
    return ""


def kind_advice(kind: str) -> str:
    """Why a number of this kind gets no SMS; empty for one that does."""
    if kind in numbers.USABLE_KINDS:
        return ""
    if kind == numbers.FIXED_LINE:
        return str(_("Gets an SMS only if the sender includes fixed lines."))
    return str(_("Numbers of this kind get no SMS."))


def title_of(contact: Contact | Any) -> str:
    """What a contact is called on the screen: the name, else the company, else the e-mail address."""
    company = contact.company.name if contact.company else ""
    return contact.full_name or company or contact.email or str(_("Contact %(number)s", number=contact.id))


def country_name(code: str) -> str:
    """A country in the user's language; the code itself where it has no name."""
    return str((get_locale() or Locale("de")).territories.get(code, code))


def by_country_name(codes: Iterable[str]) -> list[str]:
    """The countries in the order of people: "Österreich" is with O."""
    return sorted(codes, key=lambda code: search_key(country_name(code)))


def language_name(code: str) -> str:
    """A language in the user's language."""
    return str((get_locale() or Locale("de")).languages.get(code, code))
