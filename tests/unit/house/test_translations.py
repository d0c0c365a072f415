"""The German catalogue: every text of the pages is in it, complete and in the words of the house.

To bring it up to date: extract with the mappings of pyproject.toml and the keyword `_l`, then `pybabel update`.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
GERMAN = ROOT / "smsapp" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
OURS = ("smsapp", "templates")
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[ds]")

WORDS = {
    "Audience": "Zielgruppe",
    "Conditions": "Bedingungen",
    "Quota": "Kontingent",
    "Sender": "Absender",
    "Phone number": "Telefonnummer",
    "Messages": "Nachrichten",
    "Recipients": "Empfänger",
    "Skipped": "Übersprungen",
    "Block list": "Sperrliste",
    "SMS sends": "SMS-Versand",
    "Send SMS messages": "SMS-Nachrichten senden",
    "Add tag": "Tag hinzufügen",
    "Send messages now?": "Nachrichten jetzt senden?",
    "queued": "in Warteschlange",
    "being sent": "wird gesendet",
    "handed over": "übergeben",
    "delivered": "zugestellt",
    "not delivered": "nicht zugestellt",
    "expired": "abgelaufen",
    "without delivery receipt": "ohne Zustellbericht",
    "rejected": "abgelehnt",
    "unclear": "unklar",
    "cancelled": "abgebrochen",
    "blocked": "gesperrt",
}
"""What the manual and the pages must call by one name only."""


@cache
def _said() -> frozenset[tuple[str | None, str | tuple[str, ...]]]:
    """Context and text of everything that the code and the templates say."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    found = extract_from_dir(
        str(ROOT),
        [(mapping["pattern"], mapping["method"]) for mapping in mappings],
        keywords=KEYWORDS,
        directory_filter=lambda path: Path(path).relative_to(ROOT).parts[0] in OURS,
    )
    return frozenset((context, text) for _file, _line, text, _comments, context in found)


@cache
def _catalog() -> Catalog:
    with GERMAN.open("rb") as file:
        return read_po(file, locale="de")


def _messages() -> Iterator[Message]:
    return (message for message in _catalog() if message.id)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _pairs() -> Iterator[tuple[str, str]]:
    """Each English form with its German one."""
    for message in _messages():
        yield from zip(_forms(message.id), _forms(message.string), strict=True)


def test_every_text_is_in_the_catalogue() -> None:
    known = {(message.context, message.id) for message in _messages()}
    assert sorted(map(str, _said() - known)) == []


def test_nothing_is_in_the_catalogue_that_nobody_says() -> None:
    known = {(message.context, message.id) for message in _messages()}
    assert sorted(map(str, known - _said())) == []
    assert not _catalog().obsolete


def test_every_text_is_translated_with_all_its_plural_forms() -> None:
    assert [m.id for m in _messages() if m.fuzzy] == []
    assert [m.id for m in _messages() if not all(form.strip() for form in _forms(m.string))] == []
    assert [m.id for m in _messages() if len(_forms(m.id)) != len(_forms(m.string))] == []


def test_german_has_two_plural_forms() -> None:
    assert (_catalog().num_plurals, _catalog().plural_expr) == (2, "(n != 1)")


def test_the_header_says_only_what_is_so() -> None:
    header = GERMAN.read_text("utf-8").split("\n\n", 1)[0]
    assert "charset=utf-8" in header
    assert not re.search(r"PROJECT|VERSION|ORGANIZATION|EMAIL|FIRST AUTHOR|fuzzy|-Date", header)


def test_placeholders_stay() -> None:
    def names(form: str) -> set[str]:
        return set(PLACEHOLDER.findall(form))

    assert [pair for pair in _pairs() if names(pair[0]) != names(pair[1])] == []


def test_a_percent_sign_is_a_placeholder_or_doubled() -> None:
    assert [form for pair in _pairs() for form in pair if "%" in PLACEHOLDER.sub("", form)] == []


@pytest.mark.parametrize("word", WORDS)
def test_the_words_of_the_house(word: str) -> None:
    message = _catalog().get(word)
    assert message is not None
    assert message.string == WORDS[word]


def test_segments_are_never_shown() -> None:
    assert [form for pair in _pairs() for form in pair if "segment" in form.lower()] == []


def test_handed_over_is_not_delivered() -> None:
    pairs = [(text.lower(), german.lower()) for text, german in _pairs()]
    assert [each for each in pairs if ("delivered" in each[0]) != ("zugestellt" in each[1])] == []
    assert [each for each in pairs if "handed over" in each[0] and "übergeben" not in each[1]] == []


def test_users_are_addressed_with_sie() -> None:
    familiar = re.compile(r"\b(du|dich|dir|dein(e[mnrs]?)?)\b", re.IGNORECASE)
    assert [german for _text, german in _pairs() if familiar.search(german)] == []


def test_each_language_has_its_own_quotation_marks() -> None:
    assert [text for text, _german in _pairs() if re.search('["„]', text) or text.count("“") != text.count("”")] == []
    assert [german for _text, german in _pairs() if re.search('["”]', german)] == []
    assert [german for _text, german in _pairs() if german.count("„") != german.count("“")] == []


def test_a_text_is_one_line_without_stray_spaces() -> None:
    assert [form for pair in _pairs() for form in pair if re.search(r"\s{2}|[\n\t]|^\s", form)] == []


def test_sentences_end_alike_in_both_languages() -> None:
    def end(form: str) -> str:
        last = form.strip()[-1:]
        return last if last in tuple(".?!:…") else ""

    assert [pair for pair in _pairs() if end(pair[0]) != end(pair[1])] == []
