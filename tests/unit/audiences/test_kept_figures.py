"""Figures that are kept are those of this moment, whoever changed something; on both databases."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from smsapp import create_app
from smsapp.audiences import queries
from smsapp.audiences.queries import Reach
from smsapp.contacts.company_service import save_company
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.models import Company
from smsapp.contacts.service import block_number, delete_contact, save_contact, set_no_sms, unblock
from smsapp.extensions import db
from tests import factories
from tests.conftest import TEST_OVERRIDES
from tests.unit.contacts.test_contact_lists import counted

NUMBER = "+491715550101"
IN_KIEL = {"match": "all", "children": [{"field": "company_city", "operator": "is", "value": "Kiel"}]}
ALL = factories.EVERYBODY


@pytest.fixture
def anna(any_app: Flask) -> int:
    """The only contact, who has a mobile number; the figures are known already."""
    factories.settings(allowed_countries=["DE"])
    contact_id = save_contact(ContactData(last_name="Alt", first_name="Anna", mobile=NUMBER, company="Hafenbau"))
    assert (mobile(), queries.count(ALL), queries.count(IN_KIEL), names()) == (Reach(usable=1), 1, 0, ["Alt"])
    return contact_id


def mobile() -> Reach:
    return queries.figures(ALL).reach["mobile"]


def names() -> list[str]:
    return [each.last_name for each in queries.samples(ALL)]


def by_another_process(app: Flask, work: Callable[[], object]) -> None:
    """By another application on the same database; an application shares nothing with another one in its memory."""
    other = create_app(app.extensions["smsapp_config"], TEST_OVERRIDES)
    with other.app_context():
        work()
        db.session.remove()
        db.engine.dispose()
    db.session.rollback()


def test_nothing_is_counted_twice(anna: int) -> None:
    with counted() as statements:
        assert (mobile(), queries.count(ALL), names()) == (Reach(usable=1), 1, ["Alt"])
    assert not [each for each in statements if "FROM contact" in each or "phone_number" in each]


def test_nothing_is_counted_twice_however_many_audiences_there_are(app: Flask) -> None:
    row = {"field": "company_city", "operator": "is"}
    trees = [{"match": "all", "children": [{**row, "value": f"Ort {number}"}]} for number in range(300)]
    assert sum(map(queries.count, trees)) == 0
    with counted() as statements:
        assert sum(map(queries.count, trees)) == 0
    assert not [each for each in statements if "FROM contact" in each]


def test_a_new_contact_counts_at_once(anna: int) -> None:
    save_contact(ContactData(last_name="Aal", mobile="0171 5550102"))
    assert (mobile(), queries.count(ALL), names()) == (Reach(usable=1, without_valid=1), 2, ["Aal", "Alt"])


def test_a_contact_of_another_process_counts_at_once(any_app: Flask, anna: int) -> None:
    by_another_process(any_app, lambda: save_contact(ContactData(last_name="Aal", mobile="0171 5550102")))
    assert (mobile(), queries.count(ALL), names()) == (Reach(usable=1, without_valid=1), 2, ["Aal", "Alt"])


def test_a_contact_that_another_process_deleted_is_gone_at_once(any_app: Flask, anna: int) -> None:
    by_another_process(any_app, lambda: delete_contact(anna))
    assert (mobile(), queries.count(ALL), names()) == (Reach(), 0, [])


def test_a_mark_and_the_block_list_count_at_once(anna: int) -> None:
    set_no_sms(anna, True)
    assert mobile() == Reach(not_allowed=1)
    set_no_sms(anna, False)
    assert mobile() == Reach(usable=1)
    entry = block_number(NUMBER, "Wunsch", None)
    assert mobile() == Reach(not_allowed=1)
    unblock(entry)
    assert mobile() == Reach(usable=1)


def test_a_company_that_moves_counts_at_once(anna: int) -> None:
    save_company(CompanyData(name="Hafenbau", city="Kiel"), db.session.scalar(select(Company.id)))
    assert queries.count(IN_KIEL) == 1


def test_a_country_that_is_switched_off_counts_at_once(anna: int) -> None:
    factories.settings(allowed_countries=["FI"])
    assert mobile() == Reach(not_allowed=1)
