"""The fields that a condition can name, and how each can be compared. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What a field holds, and so how it can be compared."""

    TEXT = "text"
    CODE = "code"  # a country or language
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    LABELS = "labels"
    PHONE = "phone"


class Operator(StrEnum):
    """How a field is compared."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    BEGINS_WITH = "begins_with"
    ONE_OF = "one_of"
    BEFORE = "before"
    AFTER = "after"
    BETWEEN = "between"
    HAS = "has"
    HAS_NOT = "has_not"
    HAS_ANY_OF = "has_any_of"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"


WITHOUT_VALUE: Final = frozenset({Operator.IS_EMPTY, Operator.IS_NOT_EMPTY})
WITH_VALUES: Final = frozenset({Operator.ONE_OF, Operator.HAS_ANY_OF})
_EMPTINESS: Final = (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY)
_OPERATORS: Final[Mapping[Kind, tuple[Operator, ...]]] = {
    Kind.TEXT: (Operator.IS, Operator.IS_NOT, Operator.CONTAINS, Operator.BEGINS_WITH, Operator.ONE_OF, *_EMPTINESS),
    Kind.CODE: (Operator.IS, Operator.IS_NOT, Operator.ONE_OF, *_EMPTINESS),
    Kind.CHOICE: (Operator.IS, Operator.IS_NOT, *_EMPTINESS),
    Kind.YES_NO: (Operator.IS, *_EMPTINESS),
    Kind.DATE: (Operator.IS, Operator.BEFORE, Operator.AFTER, Operator.BETWEEN, *_EMPTINESS),
    Kind.LABELS: (Operator.HAS, Operator.HAS_NOT, Operator.HAS_ANY_OF, *_EMPTINESS),
    Kind.PHONE: (Operator.BEGINS_WITH, *_EMPTINESS),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a condition can name: whose it is, its column, and the choices if they are fixed."""

    key: str
    owner: str  # "contact", "phone" or "company"
    column: str
    kind: Kind
    choices: tuple[str, ...] = ()
    nullable: bool = True

    @property
    def operators(self) -> tuple[Operator, ...]:
        found = _OPERATORS[self.kind]
        return found if self.nullable else tuple(each for each in found if each not in _EMPTINESS)


def _contact(key: str, kind: Kind = Kind.TEXT, choices: tuple[str, ...] = (), nullable: bool = True) -> Field:
    return Field(key, "contact", key, kind, choices, nullable)


def _company(column: str, kind: Kind = Kind.TEXT) -> Field:
    return Field(f"company_{column}", "company", column, kind)


_ALL: Final = (
    _contact("salutation", Kind.CHOICE, ("ms", "mr")),
    _contact("first_name"),
    _contact("last_name"),
    _contact("job_title"),
    _contact("email"),
    _contact("labels", Kind.LABELS),
    _contact("newsletter", Kind.YES_NO),
    _contact("street"),
    _contact("postcode"),
    _contact("city"),
    _contact("country", Kind.CODE),
    _contact("language", Kind.CODE),
    _contact("birthday", Kind.DATE),
    _contact("no_sms", Kind.YES_NO, nullable=False),
    _contact("consent", Kind.CHOICE, ("yes", "no", "unknown"), nullable=False),
    _contact("consent_on", Kind.DATE),
    Field("mobile", "phone", "mobile", Kind.PHONE),
    Field("work", "phone", "work", Kind.PHONE),
    Field("home", "phone", "home", Kind.PHONE),
    _company("name"),
    _company("industry"),
    _company("street"),
    _company("postcode"),
    _company("city"),
    _company("country", Kind.CODE),
    _company("website"),
)
FIELDS: Final[Mapping[str, Field]] = MappingProxyType({each.key: each for each in _ALL})
"""Every field by its key, in the order in which they are offered."""
