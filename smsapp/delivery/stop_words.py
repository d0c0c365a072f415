"""Whether an incoming SMS asks for no more. Pure."""

from typing import Final

STOP_WORDS: Final = frozenset({"stop", "stopp", "ende", "abmelden", "lopeta", "unsubscribe"})


def asks_to_stop(text: str) -> bool:
    """Whether it is one of the words and nothing else, whatever its case, spaces and punctuation."""
    return "".join(character for character in text.casefold() if character.isalnum()) in STOP_WORDS
