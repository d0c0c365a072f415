"""The popup's figures: exactly those of a plan, from one stored row for all texts with the same tags."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from campaign_data import Data, data, many, orders, store
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from smsapp.campaigns import histogram, summary
from smsapp.campaigns.models import Summary
from smsapp.campaigns.order import Order
from smsapp.campaigns.plan import Plan, work_out
from smsapp.campaigns.summary import Figures, figures, figures_of
from smsapp.clock import now
from smsapp.contacts.models import Contact, DataRevision
from smsapp.extensions import db, db_write
from smsapp.text.billing import Rule
from tests import factories


def order(text: str = "Hallo", audience_id: int = 1, **values: Any) -> Order:
    allowed = ("AT", "CH", "DE", "FI")
    defaults = {"sender": "+358457396000", "allowed_countries": allowed, "tree": factories.EVERYBODY}
    return Order(audience_id=audience_id, text=text, **{**defaults, **values})


def number(last: int) -> str:
    return f"+49171{last:07d}"


def counted(order: Order) -> Figures:
    """The figures without storing anything."""
    stored, joint = summary.count(db.session(), order)
    return figures_of(order, stored, lambda: joint, now())


def same(figures: Figures, plan: Plan) -> None:
    assert figures.contacts == plan.contacts
    assert figures.recipients == plan.recipients
    assert figures.messages == plan.messages
    assert figures.histogram == plan.histogram
    assert figures.skips == plan.skips
    assert figures.more_parts == plan.more_parts
    assert figures.too_long or (figures.shortest, figures.longest) == (plan.shortest, plan.longest)
    assert bool(figures.causes) <= bool(figures.more_parts)


@many
@given(data, orders())
def test_figures_are_those_of_a_plan(any_app: Flask, data: Data, order: Order) -> None:
    store(data)
    same(counted(order), work_out(db.session(), order))


@many
@given(data, orders(), st.integers(0, 480), st.sampled_from("a€ŵ😀"))
def test_the_words_around_the_tags_are_free(app: Flask, data: Data, order: Order, length: int, letter: str) -> None:
    """One summary serves every text with these tags: here words were added in front."""
    store(data)
    longer = replace(order, text=(letter * length)[: 480 - len(order.text)] + order.text)
    if longer.needs_a_value == order.needs_a_value:
        stored, joint = summary.count(db.session(), order)
        same(figures_of(longer, stored, lambda: joint, now()), work_out(db.session(), longer))


@pytest.fixture
def audience(any_app: Flask) -> int:
    factories.contact("Anna", "Alt", mobile=number(1), city="Ulm")
    factories.contact("", "Busch", mobile=number(2))
    factories.contact("Zoë", "Çelik", mobile=number(3))
    factories.contact("Dora", "Dorn")
    return int(factories.audience().id)


def statements(work: Any) -> list[str]:
    """What is asked of the database meanwhile."""
    found: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", remember)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", remember)
    return [each for each in found if not each.startswith("BEGIN")]


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Summary)) or 0


def test_a_key_stroke_reads_one_row(audience: int) -> None:
    figures(order("Hallo {Vorname|Kunde}", audience_id=audience))
    asked = statements(lambda: figures(order("Hallo {Vorname|Kunde}!", audience_id=audience)))
    assert len(asked) == 2
    assert all("contact" not in each for each in asked)


def test_words_substitutes_rule_and_sender_share_a_summary(audience: int) -> None:
    figures(order("Hallo {Vorname|Kunde}", audience_id=audience))
    figures(order("Hi {Vorname|Gast}, hallo", audience_id=audience))
    figures(order("Hi {Vorname|}", audience_id=audience, rule=Rule.NETWORK_SEGMENTS, sender="KURZPOST"))
    assert stored() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Hallo {Nachname|x}"},
        {"text": "Hallo {Vorname|x} {Vorname|x}"},
        {"text": "Hallo {Vorname}"},
        {"text": "{Vorname|}"},
        {"phone_field": "work"},
        {"include_fixed_line": True},
        {"allowed_countries": ("DE",)},
        {"tree": {"match": "none", "children": []}},
    ],
)
def test_what_decides_has_a_summary_of_its_own(audience: int, change: dict[str, Any]) -> None:
    before = order("Hallo {Vorname|x}", audience_id=audience)
    figures(before)
    same(figures(replace(before, **change)), work_out(db.session(), replace(before, **change)))
    assert stored() == 2


def test_changed_data_are_counted_anew(audience: int) -> None:
    assert figures(order(audience_id=audience)).recipients == 3
    with db_write() as session:
        session.execute(Contact.__table__.update().values(no_sms=True))
    assert figures(order(audience_id=audience)).recipients == 3
    with db_write() as session:
        session.execute(DataRevision.__table__.update().values(value=DataRevision.value + 1))
    assert figures(order(audience_id=audience)).skips == {"blocked": 3, "no_number": 1}


def test_empty_fields_are_counted_among_the_reachable(audience: int) -> None:
    factories.contact("", "Erd", mobile=number(2))
    factories.contact("", "Fink", mobile=number(9), no_sms=True)
    found = figures(order("{Vorname|Kunde} {Ort} {Nachname}", audience_id=audience))
    assert found.empty == {"first_name": 2, "city": 3}
    assert found.skips == {"blocked": 1, "field_empty": 3, "no_number": 1}


def test_the_characters_that_cost_parts_are_named(audience: int) -> None:
    found = figures(order("Hallo {Vorname|Kunde}" + "a" * 100, audience_id=audience))
    assert (found.more_parts, found.causes, found.messages) == (1, "ë", 3)
    found = figures(order("5 € für {Vorname|Kunde}" + "a" * 148, audience_id=audience))
    assert (found.more_parts, found.causes) == (2, "€ë")


def test_length_alone_has_no_cause(audience: int) -> None:
    found = figures(order("a" * 310, audience_id=audience))
    assert (found.more_parts, found.causes) == (3, "")


def test_the_joint_histogram_is_read_only_where_a_pair_decides(audience: int) -> None:
    text = "{Nachname}" + "a" * 147 + "€" + "a" * 152
    figures(order(text, audience_id=audience))
    assert len(statements(lambda: figures(order("{Nachname} Hallo", audience_id=audience)))) == 2
    assert len(statements(lambda: figures(order(text, audience_id=audience)))) == 3
    same(figures(order(text, audience_id=audience)), work_out(db.session(), order(text, audience_id=audience)))


def test_the_joint_histogram_is_counted_again_when_it_was_cleared_away(audience: int) -> None:
    text = "{Nachname}" + "a" * 147 + "€" + "a" * 152
    wanted = figures(order(text, audience_id=audience))
    kept, _joint = summary.count(db.session(), order(text, audience_id=audience))
    gone = lambda: summary._joint(order(text, audience_id=audience), "gone")  # noqa: E731
    assert figures_of(order(text), kept, gone, wanted.as_of) == wanted


def test_texts_that_are_too_long_are_counted_and_shown(audience: int) -> None:
    found = figures(order("{Nachname}" + "a" * 476, audience_id=audience))
    assert (found.too_long, found.recipients, found.skipped) == (2, 1, 3)
    assert (found.shortest, found.longest) == (479, 481)


def test_an_empty_text_shows_who_can_be_reached(audience: int) -> None:
    found = figures(order("", audience_id=audience))
    assert (found.recipients, found.messages, found.skips) == (3, 0, {"no_number": 1})


def test_old_summaries_are_cleared_away(audience: int) -> None:
    other = int(factories.audience().id)
    figures(order("x", audience_id=other))
    for count in range(summary.KEPT + 3):
        figures(order("{Ort|x}" * (count + 1), audience_id=audience))
    assert stored() == summary.KEPT + 1


def test_two_processes_may_count_at_once(audience: int) -> None:
    first = summary._computed(db.session(), order(audience_id=audience), "key")
    second = summary._computed(db.session(), order(audience_id=audience), "key")
    assert first == second
    assert stored() == 1


def test_a_summary_that_still_holds_is_as_of_now(audience: int) -> None:
    for moment in (datetime(2026, 11, 27, 9, tzinfo=UTC), datetime(2026, 11, 29, 14, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            assert figures(order(audience_id=audience)).as_of == moment
    assert stored() == 1


def test_shapes_are_few_however_many_contacts_there_are() -> None:
    names = [(("x" * (count % 14), "y" * (count % 37)), 1) for count in range(20_000)]
    found = histogram.count(names, [1, 1])
    assert sum(len(group[4]) for group in found.groups) < 120
    assert sum(recipients for group in found.groups for _, recipients, _ in group[4]) == 20_000
