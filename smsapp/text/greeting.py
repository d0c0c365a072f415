"""The greeting that begins a letter to a contact, by salutation and language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Greeting(NamedTuple):
    """A language's words before a last name by salutation (None: it has none), and before plain names."""

    ms: str | None
    mr: str | None
    plain: str


GREETINGS: Final[Mapping[str, Greeting]] = MappingProxyType(
    {
        "de": Greeting("Sehr geehrte Frau", "Sehr geehrter Herr", "Guten Tag"),
        "en": Greeting("Dear Ms", "Dear Mr", "Dear"),
        "fi": Greeting(None, None, "Hyvä"),
    }
)


def letter_greeting(salutation: str, first_name: str, last_name: str, language: str) -> str:
    """ "Sehr geehrte Frau Alt", or with names alone "Guten Tag Zoë Çelik"; "" for a contact without a name.

    Salutations are "ms", "mr" or ""; a language without words of its own ("", "fr") is greeted in German.
    """
    words = GREETINGS.get(language.lower().replace("_", "-").split("-")[0], GREETINGS["de"])
    formal = {"ms": words.ms, "mr": words.mr}.get(salutation)
    if formal and last_name:
        return f"{formal} {last_name}"
    names = " ".join(name for name in (first_name, last_name) if name)
    return f"{words.plain} {names}" if names else ""
