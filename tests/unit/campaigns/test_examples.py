"""Recipients worth a look before a send."""

import pytest
from campaign_data import Data, data, many, orders, store
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from smsapp.campaigns.examples import Kind, examples
from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import work_out
from smsapp.campaigns.preview import preview
from smsapp.extensions import db
from tests import factories


def order(text: str) -> Order:
    return Order(1, factories.EVERYBODY, text, "+358457396000", allowed_countries=("DE",))


def names(kind: Kind, text: str = "{Vorname|Kunde} {Ort|da}", search: str = "") -> list[str]:
    return [shown.name for shown in examples(db.session(), order(text), kind, search)]


@pytest.fixture
def people(any_app: Flask) -> None:
    for index, (name, city) in enumerate([("Bo", ""), ("Maximiliane", "Ulm"), ("Çelik", "Ulm"), ("", "")]):
        factories.contact(name, "", mobile=f"+49171123450{index}", city=city)
    factories.contact("Ohne Nummer", "mit sehr langem Namen")


def test_the_longest_text_comes_first(people: None) -> None:
    assert names(Kind.LONGEST)[0] == "Maximiliane"
    assert len(names(Kind.LONGEST)) == 3


def test_the_emptiest_fields_come_first_and_full_ones_not_at_all(people: None) -> None:
    assert names(Kind.EMPTIEST) == ["", "Bo"]


def test_without_tags_nobody_lacks_a_value(people: None) -> None:
    assert names(Kind.EMPTIEST, "Hallo") == []


def test_random_ones_are_recipients(people: None) -> None:
    assert len(names(Kind.RANDOM)) == 3
    assert "Ohne Nummer mit sehr langem Namen" not in names(Kind.RANDOM)


def test_a_recipient_is_found_by_name_and_by_number(people: None) -> None:
    assert names(Kind.FOUND, search="celik") == ["Çelik"]
    assert names(Kind.FOUND, search="nobody") == []


@many
@given(data, orders(), st.sampled_from(Kind))
def test_an_example_is_what_the_preview_shows_there(any_app: Flask, data: Data, order: Order, kind: Kind) -> None:
    store(data)
    total = work_out(db.session(), order).recipients
    for shown in examples(db.session(), order, kind, ""):
        assert shown == preview(db.session(), order, shown.position, total)
