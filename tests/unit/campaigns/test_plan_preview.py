"""The preview shows the real text of the real recipients, in the order of the plan."""

from typing import Any

import pytest
from campaign_data import Data, data, many, orders, store
from flask import Flask
from hypothesis import given
from sqlalchemy import select

from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import work_out
from smsapp.campaigns.plan_table import ENCODING, GETS_IT, PARTS, billed_sql, row
from smsapp.campaigns.preview import Preview, preview
from smsapp.extensions import db
from tests import factories


def order(text: str) -> Order:
    return Order(1, factories.EVERYBODY, text, "+358457396000", allowed_countries=("DE",))


def facts(shown: Preview | None) -> tuple[Any, ...]:
    assert shown is not None
    return shown.contact_id, shown.name, shown.number, shown.text, shown.billed, shown.parts, shown.encoding


@many
@given(data, orders())
def test_previews_are_the_rows_of_the_plan(any_app: Flask, data: Data, order: Order) -> None:
    store(data)
    total = work_out(db.session(), order).recipients
    columns = (row.contact_id, row.name, row.number, row.text, billed_sql(order.rule), PARTS, ENCODING)
    rows = db.session.execute(select(*columns).where(GETS_IT).order_by(row.contact_id)).all()
    shown = [facts(preview(db.session(), order, place, total)) for place in range(1, total + 1)]
    assert shown == [tuple(each) for each in rows]


@pytest.fixture
def two(any_app: Flask) -> None:
    for name, mobile in (("Anna", "+491711234567"), ("Zwilling", "+491711234567"), ("Bernd", "+491711234568")):
        factories.contact(name, "", mobile=mobile)


@pytest.mark.parametrize(
    ("asked", "position", "text"), [(0, 1, "Anna"), (1, 1, "Anna"), (2, 2, "Bernd"), (9, 2, "Bernd")]
)
def test_positions_out_of_range_are_brought_back(two: None, asked: int, position: int, text: str) -> None:
    shown = preview(db.session(), order("{Vorname}"), asked, 2)
    assert shown is not None
    assert (shown.position, shown.total, shown.text, shown.characters) == (position, 2, text, len(text))


def test_without_recipients_there_is_no_preview(any_app: Flask) -> None:
    assert preview(db.session(), order("Hallo"), 1, 0) is None


def test_an_empty_text_still_shows_who_is_first(two: None) -> None:
    shown = preview(db.session(), order(""), 1, 2)
    assert shown is not None
    assert (shown.name, shown.text, shown.billed) == ("Anna", "", 0)


def test_the_last_one_is_shown_when_there_are_fewer_than_thought(two: None) -> None:
    shown = preview(db.session(), order("{Vorname}"), 7, 7)
    assert shown is not None
    assert shown.text == "Bernd"
