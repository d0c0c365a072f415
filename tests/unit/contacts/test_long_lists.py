"""Long lists: turned over page by page, they show everybody once and in order; and how PostgreSQL finds a page."""

from itertools import chain
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, text

from smsapp.campaigns.recipient_queries import ORDERS as RECIPIENT_ORDERS
from smsapp.campaigns.recipient_queries import key_of_page as key_of_recipients
from smsapp.campaigns.recipient_queries import recipients
from smsapp.contacts.models import Contact
from smsapp.contacts.queries import JOINS, ORDERS, contact_list, key_of_page
from smsapp.extensions import db
from smsapp.web import lists
from smsapp.web.lists import paginate, rows_of_page
from tests import factories

EVERY_WAY = [f"{way}{order}" for order in ORDERS for way in ("", "-")]
RECIPIENTS_EVERY_WAY = [f"{way}{order}" for order in RECIPIENT_ORDERS for way in ("", "-")]


def some_contacts() -> None:
    firms = [factories.company(name) for name in ("Zoo AG", "Äpfel OHG")]
    for number in range(7):
        factories.contact(
            last_name=f"Alt {number % 3}",
            mobile=f"+4917155501{number % 5:02}" if number else "",
            company=firms[number % 2] if number % 3 else None,
            labels=(f"l{number % 2}", "z") if number % 4 else (),
            city=("", "Ulm", "Übersee")[number % 3],
            no_sms=number == 3,
        )


def pages_of(app: Flask, statement: Select[Any], key: Any) -> list[int]:
    found = []
    for number in range(1, 5):
        with app.test_request_context(f"/?page={number}"):
            found.append([row.id for row in paginate(statement, 2, key=key).items])
    return list(chain.from_iterable(found))


@pytest.fixture(params=["near", "far"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning of the list, or far from it."""
    if request.param == "far":
        monkeypatch.setattr(lists, "FAR", 0)


@pytest.mark.usefixtures("place")
def test_the_pages_of_contacts_are_the_whole_list_in_order(any_app: Flask) -> None:
    some_contacts()
    for sort in EVERY_WAY:
        whole = [contact.id for contact in db.session.scalars(contact_list(sort=sort))]
        assert pages_of(any_app, contact_list(sort=sort), key_of_page(sort)) == whole, sort


@pytest.mark.usefixtures("place")
def test_the_pages_of_recipients_are_the_whole_list_in_order(any_app: Flask) -> None:
    campaign = factories.campaign(recipients=7)
    for sort in RECIPIENTS_EVERY_WAY:
        whole = [delivery.id for delivery in db.session.scalars(recipients(campaign.id, sort=sort))]
        assert pages_of(any_app, recipients(campaign.id, sort=sort), key_of_recipients(sort)) == whole, sort


def plan(statement: Select[Any]) -> str:
    compiled = statement.compile(dialect=db.engine.dialect, compile_kwargs={"render_postcompile": True})
    with db.engine.connect() as connection:
        lines = connection.exec_driver_sql(f"EXPLAIN VERBOSE {compiled}", compiled.params).scalars()
        return "\n".join(lines)


def test_sqlite_sorts_keys_and_not_whole_rows_when_it_is_far(app: Flask) -> None:
    def columns(offset: int) -> str:
        return str(rows_of_page(contact_list(sort="city"), Contact.id, 50, offset)).rpartition(" IN (")[2]

    assert "consent_source" not in columns(lists.FAR)
    assert "consent_source" in columns(lists.FAR - 1)


@pytest.mark.postgres
def test_postgresql_looks_nothing_up_for_each_contact(postgres_app: Flask) -> None:
    some_contacts()
    for sort in JOINS:
        assert "SubPlan" not in plan(rows_of_page(contact_list(sort=sort), Contact.id, 50, 50)), sort


@pytest.mark.postgres
def test_postgresql_sorts_keys_and_not_whole_rows(postgres_app: Flask) -> None:
    some_contacts()
    found = plan(rows_of_page(contact_list(sort="city"), Contact.id, 50, 50))
    sorting = found[found.index("Limit") :]
    assert "Seq Scan" in sorting
    assert "consent_source" not in sorting[: sorting.index("Seq Scan")]


@pytest.mark.postgres
def test_postgresql_compiles_no_statements(postgres_app: Flask) -> None:
    assert db.session.scalar(text("SHOW jit")) == "off"
