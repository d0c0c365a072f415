"""Searching lists where no search key is stored: the databases make the same one as Python."""

import pytest
from flask import Flask
from sqlalchemy import literal, select

from smsapp.extensions import db
from smsapp.folding import search_key, sort_key
from smsapp.listing import alphabetical, key_of, matches

TEXTS = ["Zoë Çelik", "GRÜSSE aus der Straße", "Łódź", "Ñandú", "Ελλάδα", "ﬁne", "e\u0301", "50 % \\ _", ""]


@pytest.mark.parametrize("text", TEXTS)
def test_databases_make_the_search_key_of_python(any_app: Flask, text: str) -> None:
    assert db.session.scalar(select(key_of(literal(text)))) == search_key(text)


@pytest.mark.parametrize("typed", ["celik hamburg", "Hamburg ÇELIK", "zoe"])
def test_words_are_found_in_any_order_without_accents(any_app: Flask, typed: str) -> None:
    assert db.session.scalar(select(matches(key_of(literal("Zoë Çelik"), literal("Hamburg")), typed)))


def test_a_word_that_is_missing_is_not_found(any_app: Flask) -> None:
    assert not db.session.scalar(select(matches(key_of(literal("Zoë Çelik")), "celik hamburg")))


@pytest.mark.parametrize(
    "text", ["Zoë Çelik", "GRÜSSE aus der Straße", "Łódź", "e\u0301", "", "Äpfel", "ÖL", "Müller", "o'Neill"]
)
def test_databases_make_the_sort_key_of_python(any_app: Flask, text: str) -> None:
    assert db.session.scalar(select(alphabetical(literal(text)))) == (sort_key(text) or None)
