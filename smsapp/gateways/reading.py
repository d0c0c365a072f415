"""Reads the settings of a gateway, given as texts by name. Errors tell name and rule, never the value. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

MISSING, TEXT, ONE_OF, WHOLE, DECIMAL, ADDRESS = "missing", "text", "one_of", "whole", "decimal", "address"
"""What a value had to be; `gateways.words` has the sentences."""

_RULES = {
    MISSING: "it is missing",
    TEXT: "it must have 1 to {most} simple characters",
    ONE_OF: "it must be one of {allowed}",
    WHOLE: "it must be a whole number from {least} to {most}",
    DECIMAL: "it must be a number from {least} to {most}",
    ADDRESS: "it must be an address such as http://host:13013/path",
}


class Unusable(ValueError):
    """A setting that cannot be: `field` is its name, `rule` what it must be, within `limits`.

    It may be the password: the value is nowhere in here.
    """

    def __init__(self, field: str, rule: str, **limits: Any) -> None:
        super().__init__(f"{field} cannot be used: {_RULES.get(rule, rule).format(**limits)}")
        self.field, self.rule, self.limits = field, rule, limits


class Reader:
    """Reads one setting after the other; what is missing or empty is the default, and without one Unusable."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, field: str, most: int, default: str | None = None) -> str:
        """Characters of ASCII that can be printed."""
        return self.converted(field, default, text(field, most))

    def one_of(self, field: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of these words."""
        words = tuple(allowed)
        return self.converted(field, default, lambda value: _one_of(field, words, value))

    def whole(self, field: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number."""
        return self.converted(field, default, lambda value: _whole(field, least, most, value))

    def decimal(self, field: str, least: float, most: float, default: float | None = None) -> float:
        """A number, perhaps with a point."""
        return self.converted(field, default, lambda value: _decimal(field, least, most, value))

    def flag(self, field: str) -> bool:
        """1 or 0, which it is by default."""
        return self.one_of(field, ("0", "1"), "0") == "1"

    def converted(self, field: str, default: T | None, convert: Callable[[str], T]) -> T:
        """Whatever `convert` makes of the text; it raises Unusable."""
        value = self._values.get(field) or ""
        if value:
            return convert(value)
        if default is None:
            raise Unusable(field, MISSING)
        return default


def text(field: str, most: int) -> Callable[[str], str]:
    """Checks a text from anywhere, such as a password."""

    def convert(value: str) -> str:
        if not (value.isascii() and value.isprintable() and 1 <= len(value) <= most):
            raise Unusable(field, TEXT, most=most)
        return value

    return convert


def _one_of(field: str, allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise Unusable(field, ONE_OF, allowed=", ".join(allowed))
    return value


def _whole(field: str, least: int, most: int, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 20 and least <= int(value) <= most):
        raise Unusable(field, WHOLE, least=least, most=most)
    return int(value)


def _decimal(field: str, least: float, most: float, value: str) -> float:
    problem = Unusable(field, DECIMAL, least=f"{least:g}", most=f"{most:g}")
    try:
        number = float(value)
    except ValueError:
        raise problem from None
    if not least <= number <= most:
        raise problem
    return number
