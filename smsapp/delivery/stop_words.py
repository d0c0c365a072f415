"""Whether an incoming SMS asks for no more. Pure."""

import unicodedata
from collections.abc import Iterable


def key_of(text: str) -> str:
    """What counts of a word: its letters and digits, whatever their case, with what is between them left out."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def asks_to_stop(text: str, words: Iterable[str]) -> bool:
    """Whether it is one of the words and nothing else."""
    return key_of(text) in {key_of(word) for word in words}
