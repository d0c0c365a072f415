"""How text is compared: without case in any alphabet, and for searching without accents as well."""

import unicodedata
from itertools import filterfalse

_VOWELS = str.maketrans("äöü", "aou")


def fold(text: str) -> str:
    """The form in which conditions compare text: "STRASSE" is "Straße" is "strasse"."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())


def sort_key(text: str) -> str:
    """The form in which people sort: without case, umlauts with their vowels."""
    return fold(text).translate(_VOWELS)


def search_key(*texts: str | None) -> str:
    """The form in which people search: folded and without accents, so that "celik" finds "Çelik"."""
    joined = " ".join(text for text in texts if text)
    if joined.isascii():
        return joined.lower()
    bare = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", joined)))
    return unicodedata.normalize("NFC", bare.casefold())


def contains_pattern(text: str) -> str:
    """A LIKE pattern (escape character backslash) for texts that contain this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def digits_of(text: str) -> str:
    """Only the digits, as they are searched for."""
    return "".join(filter(str.isdecimal, text))
