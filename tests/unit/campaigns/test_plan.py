"""Planning in SQL: the same as an honest loop over the contacts, for any audience and any text."""

from dataclasses import replace
from typing import Any

import pytest
from campaign_data import Data, data, many, orders, store, value
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select

from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import skipped, work_out
from smsapp.campaigns.plan_table import ENCODING, GETS_IT, PARTS, billed_sql, row
from smsapp.campaigns.render_sql import country_names, part_sql, text_sql, value_sql
from smsapp.campaigns.skips import SkipReason
from smsapp.contacts.models import Contact
from smsapp.extensions import db
from smsapp.text import tags
from smsapp.text.billing import Rule
from smsapp.text.tag_names import FIELDS
from tests import factories
from tests.bench import baseline
from tests.tag_values import values_of


def order(text: str = "Hallo", **values: Any) -> Order:
    defaults = {"sender": "+358457396000", "allowed_countries": ("AT", "CH", "DE", "FI")}
    return Order(audience_id=1, tree=factories.EVERYBODY, text=text, **{**defaults, **values})


def number(last: int) -> str:
    return f"+49171{last:07d}"


def reasons() -> dict[str, str]:
    return {each.name: each.reason for each in db.session.execute(skipped())}


@many
@given(data, orders())
def test_a_plan_is_that_of_a_plain_loop(any_app: Flask, data: Data, order: Order) -> None:
    store(data)
    ours, lines = work_out(db.session(), order), baseline.lines(db.session(), order)
    theirs = baseline.plan(lines, order)
    same_digest = any_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    assert ours == (theirs if same_digest else replace(theirs, digest=ours.digest))
    columns = (row.contact_id, row.name, row.number, row.country, row.text, billed_sql(order.rule), PARTS, ENCODING)
    sent = db.session.execute(select(*columns).where(GETS_IT).order_by(row.contact_id))
    assert [tuple(each) for each in sent] == [
        (line.contact_id, line.name, line.number, line.country, line.text, line.billed, measured.segments, measured[0])
        for line in lines
        if (measured := line.measure)
    ]
    assert [tuple(each) for each in db.session.execute(skipped())] == [
        (line.contact_id, line.name, line.raw_number, line.reason, line.detail, line.twin_id)
        for line in lines
        if line.reason
    ]


VALUES = (
    select(*(value_sql(field.key).label(field.key) for field in FIELDS))
    .select_from(Contact)
    .outerjoin(Contact.company)
    .order_by(Contact.id)
)


@many
@given(data)
def test_values_in_sql_are_those_in_python(any_app: Flask, data: Data) -> None:
    store(data)
    found = [dict(each._mapping) for each in db.session.execute(VALUES)]
    assert found == [values_of(contact) for contact in db.session.scalars(select(Contact).order_by(Contact.id))]


@many
@given(orders(), st.lists(value, min_size=17, max_size=17))
def test_a_text_in_sql_is_the_rendered_text(any_app: Flask, order: Order, values: list[str]) -> None:
    by_field = dict(zip((field.key for field in FIELDS), values, strict=True))
    expression = text_sql(order.template, {key: literal(text) for key, text in by_field.items()})
    assert db.session.scalar(select(expression)) == tags.render(order.template, by_field)


def test_a_missing_company_swallows_no_text(any_app: Flask) -> None:
    factories.contact(mobile=number(1))
    work_out(db.session(), order("An {Firma}{Firma Ort}: {Vorname}", leave_empty=("company_name", "company_city")))
    assert db.session.scalar(select(row.text)) == "An : Anna"


def test_words_follow_the_contacts_language(any_app: Flask) -> None:
    for last, language in enumerate(("de", "en", "fi", "")):
        factories.contact(language, mobile=number(last), language=language, salutation="ms", country="FI")
    work_out(db.session(), order("{Vorname}: {Anrede}, {Land}", leave_empty=("first_name",)))
    texts = db.session.scalars(select(row.text).order_by(row.contact_id)).all()
    assert texts == ["de: Frau, Finnland", "en: Ms, Finland", "fi: Frau, Finnland", ": Frau, Finnland"]


def test_every_country_has_a_name() -> None:
    assert country_names("de")["CH"] == "Schweiz"
    assert len(country_names("en")) > 240


def test_a_part_that_may_stay_empty_needs_no_case() -> None:
    assert part_sql(tags.Tag("city", ""), {"city": literal("x")}).compile().string == ":param_1"


def test_each_reason_is_the_first_that_applies(any_app: Flask) -> None:
    factories.block(number(7))
    factories.contact("ohne", "")
    factories.contact("strich", "", mobile="-")
    factories.contact("vorwahl", "", mobile="0171 1234567", no_sms=True)
    factories.contact("kaputt", "", mobile="4,91711E+12", no_sms=True)
    factories.contact("festnetz", "", mobile="+49 40 123456", no_sms=True)
    factories.contact("amerika", "", mobile="+1 202 555 0143", no_sms=True)
    factories.contact("gesperrt", "", mobile=number(7))
    factories.contact("keine", "", mobile=number(8), no_sms=True)
    factories.contact("leer", "", mobile=number(1))
    factories.contact("erster", "Alt", mobile=number(1), city="Ulm")
    factories.contact("zweiter", "Alt", mobile=number(1), city="Ulm")
    factories.contact("lang", "Alt", mobile=number(2), city="U" * 90)
    plan = work_out(db.session(), order("{Nachname} {Ort}" + "a" * 400))
    assert reasons() == {
        "ohne": "no_number",
        "strich": "no_number",
        "vorwahl": "no_country_code",
        "kaputt": "invalid",
        "festnetz": "kind",
        "amerika": "country",
        "gesperrt": "blocked",
        "keine": "blocked",
        "leer": "field_empty",
        "zweiter Alt": "duplicate",
        "lang Alt": "too_long",
    }
    assert (plan.recipients, plan.skipped, plan.contacts) == (1, 11, 12)
    assert set(plan.skips) == set(SkipReason) - {SkipReason.GONE}


def test_a_fixed_line_gets_an_sms_only_where_it_was_ticked(any_app: Flask) -> None:
    factories.contact(mobile="+49 40 123456")
    factories.contact(mobile="+49 900 1234567")
    assert work_out(db.session(), order()).skips == {"kind": 2}
    assert work_out(db.session(), order(include_fixed_line=True)).skips == {"kind": 1}


def test_a_twin_is_named_and_the_lowest_id_gets_the_sms(any_app: Flask) -> None:
    first = factories.contact("Bernd", "Busch", mobile=number(1))
    factories.contact("Anna", "Alt", mobile="0049 171 0000001")
    work_out(db.session(), order())
    assert db.session.execute(skipped("duplicate")).one()[3:] == ("duplicate", "Bernd Busch", first.id)


def test_nobody_replaces_a_twin_whose_text_is_too_long(any_app: Flask) -> None:
    factories.contact("A" * 90, "", mobile=number(1))
    factories.contact("Anna", "", mobile=number(1))
    assert work_out(db.session(), order("a" * 400 + "{Vorname}")).skips == {"duplicate": 1, "too_long": 1}


def test_a_number_that_somebody_wants_no_sms_at_gets_none_for_anybody(any_app: Flask) -> None:
    factories.contact("Anna", mobile=number(1))
    factories.contact("Bert", work=number(1), no_sms=True)
    factories.contact("Carl", mobile=number(2))
    plan = work_out(db.session(), order())
    assert (plan.recipients, plan.skips) == (1, {"blocked": 1, "no_number": 1})


@pytest.mark.parametrize("text", ["{Vorname|}\n{Ort}", "{Vorname|\u200b}\n{Ort}"])
def test_a_text_of_nothing_but_empty_tags_is_not_sent(any_app: Flask, text: str) -> None:
    factories.contact("", "Alt", mobile=number(1))
    factories.contact("Anna", "Alt", mobile=number(1))
    plan = work_out(db.session(), order(text, leave_empty=("city",)))
    assert (plan.skips, plan.messages) == ({"field_empty": 1}, 1)
    assert db.session.execute(skipped()).one().detail == "first_name"


def test_other_phone_fields_count_only_where_they_are_chosen(any_app: Flask) -> None:
    factories.contact(mobile=number(1), work=number(2))
    factories.contact(home=number(2))
    assert work_out(db.session(), order(phone_field="work")).skips == {"no_number": 1}


def test_only_contacts_of_the_audience_are_planned(any_app: Flask) -> None:
    factories.contact(mobile=number(1), city="Hamburg")
    factories.contact(mobile=number(1), city="Ulm")
    row = {"field": "city", "operator": "is", "value": "ulm"}
    tree = {"match": "all", "children": [row]}
    plan = work_out(db.session(), replace(order(), tree=tree))
    assert (plan.contacts, plan.recipients, plan.skips) == (1, 1, {})


def test_parts_are_billed_only_under_their_rule(any_app: Flask) -> None:
    factories.contact("Zoë", "", mobile=number(1))
    text = "{Vorname}" + "a" * 100
    by_characters = work_out(db.session(), order(text))
    by_parts = work_out(db.session(), order(text, rule=Rule.NETWORK_SEGMENTS))
    assert (by_characters.histogram, by_characters.more_parts) == ({1: 1}, 1)
    assert (by_parts.histogram, by_parts.more_parts) == ({2: 1}, 0)


def test_an_empty_audience_has_a_plan(any_app: Flask) -> None:
    plan = work_out(db.session(), order("Hallo {Vorname}"))
    assert (plan.contacts, plan.recipients, plan.messages, plan.histogram) == (0, 0, 0, {})
    assert plan.digest


@pytest.mark.parametrize(
    "change",
    [
        {"text": "hallo {Nachname}"},
        {"sender": "KURZPOST"},
        {"rule": Rule.NETWORK_SEGMENTS},
        {"allowed_countries": ("DE",)},
        {"include_fixed_line": True},
        {"phone_field": "work"},
    ],
)
def test_the_digest_tells_orders_apart(any_app: Flask, change: dict[str, Any]) -> None:
    factories.contact(mobile=number(1), work=number(1))
    before = order("Hallo {Nachname}")
    assert work_out(db.session(), before).digest != work_out(db.session(), replace(before, **change)).digest


def test_the_digest_tells_contacts_numbers_and_skips_apart(any_app: Flask) -> None:
    digests = set()
    same_text = {"mobile": number(1), "first_name": "Anna"}
    someone = {"salutation": "", "first_name": "", "mobile": ""}
    for contacts in (
        [same_text],
        [someone, same_text],
        [same_text, someone],
        [{**same_text, "mobile": number(2)}],
        [{**same_text, "first_name": "Anne"}],
        [same_text, {**same_text, "mobile": number(2)}],
    ):
        store(Data(contacts))
        digests.add(work_out(db.session(), order("{Vorname}", leave_empty=("first_name",))).digest)
    assert len(digests) == 6


def test_the_digest_is_of_rows_in_id_order(any_app: Flask) -> None:
    """Rows that reach the table in another order, and numbers that sort against the ids, change nothing."""
    for last in (9, 5, 7, 1, 3):
        factories.contact(f"A{last}", mobile=number(last), city="b" if last > 4 else "a")
    plain = work_out(db.session(), order("{Vorname}"))
    lines = baseline.plan(baseline.lines(db.session(), order("{Vorname}")), order("{Vorname}"))
    children = [{"field": "city", "operator": "one_of", "value": ["b", "a"]}]
    chosen = work_out(db.session(), replace(order("{Vorname}"), tree={"match": "any", "children": children}))
    assert plain.digest == chosen.digest
    if any_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        assert plain.digest == lines.digest


def test_a_plan_leaves_nothing_behind(any_app: Flask) -> None:
    factories.contact(mobile=number(1))
    for _ in range(3):
        assert work_out(db.session(), order()).recipients == 1
    db.session.rollback()
    assert work_out(db.session(), order()).recipients == 1
