"""What sends are called: words that a person would look for, never the raw text with its tags."""

import pytest

from smsapp.campaigns.naming import name_of
from smsapp.text import tags


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\nb  c", "a b c"),
        ("x" * 50, "x" * 39 + "…"),
        ("Am 3. Dezember ist Winterabend. Willkommen!", "Am 3. Dezember ist Winterabend…"),
        ("Am 3. Dezember ist unser Abend – Sie sind herzlich eingeladen", "Am 3. Dezember ist unser Abend – Sie…"),
        ("Am 3. Dezember ist Winterabend bei uns – herzlich willkommen", "Am 3. Dezember ist Winterabend bei uns…"),
        ("{{x}}", "{x}"),
        ("Hallo {Vorname|Kunde}!", "Hallo …!"),
        ("Ihr Termin in {Ort} ist bestätigt", "Ihr Termin in … ist bestätigt"),
        ("Wir laden alle ein, auch Sie, {Vorname}!", "Wir laden alle ein, auch Sie, …!"),
        ("{Vorname} {Nachname}", "Vorname, Nachname"),
    ],
)
def test_a_send_is_called_by_its_first_words(text: str, name: str) -> None:
    assert name_of(tags.parse(text), "de") == name
    assert len(name) <= 40


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hallo {Firma Ort}, am 3. Dezember laden wir Sie herzlich ein", "Am 3. Dezember laden wir Sie herzlich…"),
        ("Guten Tag {Anrede} {Nachname}!\nHeute zu: Kasse 2", "Heute zu: Kasse 2"),
        ("{Briefanrede}, Ihr Paket ist da.", "Ihr Paket ist da."),
        ("Hallo {Vorname}, {Nachname}!", "Hallo …, …!"),
    ],
)
def test_its_greeting_with_tags_is_left_off_where_words_follow(text: str, name: str) -> None:
    assert name_of(tags.parse(text), "de") == name


def test_tags_are_called_as_the_reader_knows_them() -> None:
    assert name_of(tags.parse("{Vorname}"), "en") == "First name"
