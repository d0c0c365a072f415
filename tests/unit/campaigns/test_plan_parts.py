"""The database counts parts exactly as `measure` does, and texts of many tags are no trouble to it."""

import pytest
from campaign_data import many
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, literal, select

from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import work_out
from smsapp.campaigns.plan_table import row
from smsapp.extensions import db
from smsapp.text.gsm import BASIC, EXTENSION
from smsapp.text.segments import measure
from tests import factories
from tests.bench import baseline

run = st.builds(lambda letter, count: letter * count, st.sampled_from("aä\n€[^\f]ŵ中😀`"), st.integers(1, 160))
runs = st.lists(run, max_size=6).map("".join)
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
pairs = st.lists(st.sampled_from(["a" * 20, "€", "ŵ", "😀", "a"]), max_size=60).map("".join)


def signed(text: str) -> int:
    found = measure(text)
    return found.segments if found.encoding == "gsm7" else -found.segments


def in_sql(texts: list[str]) -> list[int]:
    parts = db.session.execute(select(*(func.smsapp_parts(literal(text)) for text in texts))).one()
    return list(parts)


@many
@given(st.lists(runs | any_text | pairs, min_size=1, max_size=20))
def test_parts_in_sql_are_those_of_measure(any_app: Flask, texts: list[str]) -> None:
    assert in_sql(texts) == [signed(text) for text in texts]


def test_every_character_of_the_alphabet_is_known(any_app: Flask) -> None:
    texts = [*BASIC, *EXTENSION]
    assert in_sql(texts) == [1] * len(texts)


@pytest.mark.parametrize("letters", ["`", "\t", "ç", "Ğ", "\u200d", "😀", "ÿ", "\x1b"])
def test_other_characters_make_a_text_ucs2(any_app: Flask, letters: str) -> None:
    assert in_sql([letters, "a" * 100 + letters]) == [-1, -2]


def test_no_text_has_no_parts(any_app: Flask) -> None:
    assert db.session.scalar(select(func.smsapp_parts(None))) is None


@pytest.mark.parametrize("text", ["{PLZ}" * 96, "{Land}" * 80, "{Anrede|x}{Land|y}" * 26])
def test_a_text_may_be_full_of_tags(any_app: Flask, text: str) -> None:
    factories.contact(mobile="+491711234567", postcode="2", country="DE", salutation="ms")
    order = Order(1, factories.EVERYBODY, text, "+358457396000", allowed_countries=("DE",))
    plan, lines = work_out(db.session(), order), baseline.lines(db.session(), order)
    assert plan.skips == baseline.plan(lines, order).skips
    assert db.session.scalar(select(row.text)) == lines[0].text
