"""What differs between databases when contacts are written: each test runs on SQLite and on PostgreSQL."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsapp.contacts.company_service import delete_company, save_company
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.models import Block, Company, Contact, Label
from smsapp.contacts.service import Names, block_number, save_contact
from smsapp.errors import AppError, Changed
from smsapp.extensions import db, db_write

MOBILE = "+491715550101"


@pytest.fixture(autouse=True)
def on_each_database(any_app: Flask) -> None:
    """An application on one of the databases."""


def stored(contact_id: int) -> Contact:
    db.session.expire_all()
    return db.session.get_one(Contact, contact_id)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_all_fields_are_kept() -> None:
    data = ContactData(
        salutation="ms",
        first_name="Zoë",
        last_name="Çelik",
        company="Hafenbau AG",
        email="zoe@example.org",
        newsletter=True,
        consent="yes",
        mobile="0049 (0)171 5550101",
        work="040 123456",
        labels=("Messe 2026", "VIP"),
    )
    assert ContactData.of(stored(save_contact(data))) == data


def test_a_stale_save_is_refused_and_changes_nothing() -> None:
    contact_id = save_contact(ContactData(last_name="Alt"))
    seen = stored(contact_id).updated_at
    save_contact(ContactData(last_name="Erste"), contact_id, seen)
    with pytest.raises(Changed):
        save_contact(ContactData(last_name="Zweite"), contact_id, seen)
    assert stored(contact_id).last_name == "Erste"


def test_a_search_key_stays_short_enough_for_an_index() -> None:
    contact_id = save_contact(ContactData(last_name="\ufdfa" * 100, first_name="字" * 100, company="語" * 200))
    assert len(stored(contact_id).search_key.encode()) < 2_700


def test_a_number_is_blocked_once() -> None:
    block_number(MOBILE, "Wunsch", None)
    with pytest.raises(AppError):
        block_number(MOBILE, "noch einmal", None)
    assert [block.reason for block in db.session.scalars(select(Block))] == ["Wunsch"]


def test_contacts_are_found_by_their_companys_new_name() -> None:
    company_id = save_company(CompanyData(name="Alt AG"))
    contact_id = save_contact(ContactData(last_name="Kunz", company="Alt AG", mobile=MOBILE))
    save_company(CompanyData(name="Neu AG"), company_id)
    assert stored(contact_id).search_key == "kunz neu ag 491715550101"


def test_deleting_a_company_leaves_its_contacts_without_one() -> None:
    company_id = save_company(CompanyData(name="Alt AG"))
    contact_id = save_contact(ContactData(last_name="Kunz", company="Alt AG"))
    assert delete_company(company_id) == 1
    contact = stored(contact_id)
    assert (contact.company_id, contact.search_key) == (None, "kunz")
    assert count(Company) == 0


def test_a_label_made_meanwhile_is_used() -> None:
    save_contact(ContactData(last_name="A", labels=("VIP",)))
    with db_write() as session:
        assert _label_unseen(session).name == "VIP"
    assert count(Label) == 1


def _label_unseen(session: Session) -> Label:
    """What happens where the label is committed by somebody else between the look and the insert."""
    return Names(session)._new_label("vip", "vip")
