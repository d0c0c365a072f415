"""The greeting of a letter."""

import pytest

from smsapp.text.greeting import letter_greeting


@pytest.mark.parametrize(
    ("salutation", "first_name", "last_name", "language", "greeting"),
    [
        ("ms", "Anna", "Alt", "de", "Sehr geehrte Frau Alt"),
        ("mr", "Otto", "Alt", "de", "Sehr geehrter Herr Alt"),
        ("", "Zoë", "Çelik", "de", "Guten Tag Zoë Çelik"),
        ("ms", "Anna", "", "de", "Guten Tag Anna"),
        ("ms", "", "Alt", "de", "Sehr geehrte Frau Alt"),
        ("", "", "Alt", "de", "Guten Tag Alt"),
        ("ms", "Anna", "Alt", "en", "Dear Ms Alt"),
        ("mr", "Otto", "Alt", "en", "Dear Mr Alt"),
        ("", "Zoë", "Çelik", "en-GB", "Dear Zoë Çelik"),
        ("ms", "Anna", "Alt", "fi", "Hyvä Anna Alt"),
        ("mr", "", "Alt", "fi", "Hyvä Alt"),
        ("ms", "Anna", "Alt", "fr", "Sehr geehrte Frau Alt"),
        ("ms", "Anna", "Alt", "", "Sehr geehrte Frau Alt"),
        ("ms", "Anna", "Alt", "de_AT", "Sehr geehrte Frau Alt"),
        ("dr", "Anna", "Alt", "de", "Guten Tag Anna Alt"),
        ("", "{Nachname}", "<b>", "de", "Guten Tag {Nachname} <b>"),
    ],
)
def test_greetings(salutation: str, first_name: str, last_name: str, language: str, greeting: str) -> None:
    assert letter_greeting(salutation, first_name, last_name, language) == greeting


@pytest.mark.parametrize("language", ["de", "en", "fi", ""])
@pytest.mark.parametrize("salutation", ["ms", "mr", ""])
def test_nobody_is_greeted_with_nothing(salutation: str, language: str) -> None:
    assert letter_greeting(salutation, "", "", language) == ""
