"""A template as SQL: the database writes every recipient's text, equal to `text.tags.render` with their values.

`{Anrede}` is a word and `{Land}` a name in the contact's language: English for "en", German for all others.
"""

from collections.abc import Callable, Mapping
from functools import cache, reduce
from typing import Any, Final

from babel import Locale
from sqlalchemy import ColumnElement, String, case, func, literal

from smsapp.contacts.models import Company, Contact
from smsapp.text.tag_names import FIELDS
from smsapp.text.tags import Literal, Tag, Template

Text = ColumnElement[str]

SALUTATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"ms": "Ms", "mr": "Mr"},
    "de": {"ms": "Frau", "mr": "Herr"},
}


@cache
def country_names(language: str) -> Mapping[str, str]:
    """ISO code -> name in a language, the countries of most contacts first."""
    names = Locale(language).territories
    codes = dict.fromkeys(("DE", "AT", "CH", "FI", *sorted(names)))
    return {code: names[code] for code in codes if len(code) == 2 and code.isalpha()}


def value_sql(field: str) -> Text:
    """The value of a tag's field for a row of contacts joined with companies; "" when there is none, never NULL."""
    return func.coalesce(_VALUES_SQL[field](), "", type_=String)


def text_sql(template: Template, values: Mapping[str, Text]) -> Text:
    """The final text from the expressions of the used fields' values, which must not be NULL."""
    parts = [part_sql(part, values) for part in template.parts]
    return reduce(lambda text, part: text + part, parts) if parts else literal("", String)


def part_sql(part: Literal | Tag, values: Mapping[str, Text]) -> Text:
    """What one part adds: its text, or the value, or the substitute of an empty value."""
    if isinstance(part, Literal):
        return literal(part.text, String)
    value = values[part.field]
    return case((value == "", literal(part.substitute, String)), else_=value) if part.substitute else value


def _by_language(words: Callable[[str], Text]) -> Text:
    return case((func.substr(Contact.language, 1, 2) == "en", words("en")), else_=words("de"))


def _salutation_sql() -> Text:
    return _by_language(lambda language: case(SALUTATIONS[language], value=Contact.salutation, else_=""))


def _country_sql(column: Any) -> Text:
    return _by_language(lambda language: case(country_names(language), value=column, else_=column))


def _company_column(field: str) -> Any:
    return getattr(Company, field.removeprefix("company_"))


_SPECIAL_SQL: Final[Mapping[str, Callable[[], Text]]] = {
    "salutation": _salutation_sql,
    "country": lambda: _country_sql(Contact.country),
    "company_country": lambda: _country_sql(Company.country),
}


def _plain_sql(field: str, owner: str) -> Callable[[], Any]:
    return lambda: getattr(Contact, field) if owner == "contact" else _company_column(field)


_VALUES_SQL: Final = {field.key: _SPECIAL_SQL.get(field.key) or _plain_sql(field.key, field.owner) for field in FIELDS}
