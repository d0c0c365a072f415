"""Writing contacts, companies and the block list."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from smsapp.contacts import company_service, service
from smsapp.contacts.company_service import NameTaken, delete_company, save_company
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.models import Company, Contact, DataRevision, Label, PhoneNumber, contact_label
from smsapp.contacts.service import BadData, Names, apply, block_number, save_contact, set_no_sms, unblock
from smsapp.delivery.models import Delivery
from smsapp.errors import AppError, Changed, NotThere
from smsapp.extensions import db, db_write
from tests import factories

MOBILE = "+491715550101"


@pytest.fixture(autouse=True)
def in_context(app: Flask) -> None:
    """Every test here has an application and its database."""


def stored(contact_id: int) -> Contact:
    db.session.expire_all()
    return db.session.get_one(Contact, contact_id)


def revision() -> int:
    db.session.expire_all()
    return db.session.get_one(DataRevision, 1).value


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_numbers_are_normalised_and_kept_as_typed() -> None:
    contact = stored(save_contact(ContactData(last_name="Alt", mobile="0049 (0)171 5550101", work="0171 1")))
    mobile, work = contact.number("mobile"), contact.number("work")
    assert mobile and (mobile.raw, mobile.e164, mobile.kind) == ("0049 (0)171 5550101", MOBILE, "mobile")
    assert work and (work.raw, work.e164, work.problem) == ("0171 1", None, "no_country_code")


def test_an_emptied_number_is_gone() -> None:
    contact_id = save_contact(ContactData(last_name="Alt", mobile=MOBILE))
    save_contact(ContactData(last_name="Alt", mobile=" "), contact_id)
    assert stored(contact_id).numbers == []
    assert count(PhoneNumber) == 0


def test_the_greeting_follows_salutation_and_language() -> None:
    contact_id = save_contact(ContactData(salutation="ms", last_name="Alt", language="de"))
    assert stored(contact_id).letter_greeting == "Sehr geehrte Frau Alt"
    save_contact(ContactData(salutation="ms", last_name="Alt", language="en"), contact_id)
    assert stored(contact_id).letter_greeting == "Dear Ms Alt"


def test_the_search_key_begins_with_the_last_name_and_ends_with_digits() -> None:
    data = ContactData(
        first_name="Zoë", last_name="Çelik", company="Bau AG", city="Köln", email="z@y.org", mobile=MOBILE
    )
    assert stored(save_contact(data)).search_key == "celik zoe bau ag z@y.org koln 491715550101"


def test_an_unknown_company_is_made() -> None:
    contact = stored(save_contact(ContactData(last_name="Alt", company="Alt & Söhne")))
    assert contact.company and contact.company.name == "Alt & Söhne"


def test_a_known_company_is_found_whatever_its_case() -> None:
    company = factories.company("Straße & Söhne")
    assert stored(save_contact(ContactData(last_name="Alt", company="STRASSE & SÖHNE"))).company_id == company.id


def test_a_contact_stays_in_its_company_though_an_older_one_has_the_same_name() -> None:
    factories.company("Alt")
    younger = factories.company("Alt")
    contact = factories.contact(company=younger)
    save_contact(ContactData(last_name="Neu", company="alt"), contact.id)
    assert stored(contact.id).company_id == younger.id


def test_labels_are_shared_whatever_their_case() -> None:
    first = save_contact(ContactData(last_name="A", labels=("VIP",)))
    second = save_contact(ContactData(last_name="B", labels=("vip",)))
    assert [label.name for label in stored(first).labels + stored(second).labels] == ["VIP", "VIP"]
    assert count(Label) == 1


def test_the_latest_version_may_be_saved() -> None:
    contact_id = save_contact(ContactData(last_name="Alt"))
    save_contact(ContactData(last_name="Neu"), contact_id, stored(contact_id).updated_at)
    assert stored(contact_id).last_name == "Neu"


def test_bad_data_is_refused_with_its_fields() -> None:
    with pytest.raises(BadData) as refused:
        save_contact(ContactData(last_name="x" * 101, email="nix"))
    assert [problem.field for problem in refused.value.problems] == ["last_name", "email"]
    assert count(Contact) == 0


def test_apply_says_whether_anything_changed() -> None:
    data = ContactData(last_name="Alt", company="Bau AG", mobile=MOBILE, labels=("VIP",))
    contact_id = save_contact(data)
    assert changes(contact_id, data) is False
    assert changes(contact_id, ContactData(last_name="Alt", company="BAU AG", mobile=MOBILE, labels=("vip",))) is False
    assert changes(contact_id, ContactData(last_name="Alt", company="Bau AG", mobile=MOBILE, labels=())) is True


def changes(contact_id: int, data: ContactData) -> bool:
    with db_write() as session:
        return apply(session, session.get_one(Contact, contact_id), data)


def test_what_changed_nothing_keeps_its_time() -> None:
    contact_id = save_contact(ContactData(last_name="Alt"))
    before = stored(contact_id).updated_at
    changes(contact_id, ContactData(last_name="Alt"))
    assert stored(contact_id).updated_at == before


def test_many_rows_share_new_companies_and_labels() -> None:
    with db_write() as session:
        names = Names(session)
        for number in range(3):
            apply(session, Contact(), ContactData(last_name=str(number), company="Neu", labels=("X",)), names)
    assert (count(Contact), count(Company), count(Label)) == (3, 1, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda contact, _block, _company: save_contact(ContactData(last_name="Neu"), contact),
        lambda contact, _block, _company: service.delete_contact(contact),
        lambda contact, _block, _company: set_no_sms(contact, True),
        lambda _contact, _block, _company: block_number(MOBILE, "Wunsch", None),
        lambda _contact, block, _company: unblock(block),
        lambda _contact, _block, _company: save_company(CompanyData(name="Neu")),
        lambda _contact, _block, company: delete_company(company),
    ],
)
def test_every_change_counts_as_a_change_of_data(change: Callable[[int, int, int], object]) -> None:
    there = factories.contact().id, factories.block("+491715550199").id, factories.company("Weg").id
    before = revision()
    change(*there)
    assert revision() == before + 1


def test_a_refused_change_does_not_count() -> None:
    before = revision()
    with pytest.raises(BadData):
        save_contact(ContactData())
    assert revision() == before


def test_deleting_a_contact_keeps_what_was_sent() -> None:
    contact_id = save_contact(ContactData(last_name="Alt", mobile=MOBILE, labels=("VIP",)))
    campaign = factories.campaign(1)
    with db_write() as session:
        session.query(Delivery).filter_by(campaign_id=campaign.id).update({"contact_id": contact_id})
    service.delete_contact(contact_id)
    assert db.session.get(Contact, contact_id) is None
    assert (count(PhoneNumber), db.session.scalar(select(func.count()).select_from(contact_label))) == (0, 0)
    assert [delivery.contact_id for delivery in db.session.scalars(select(Delivery))] == [contact_id]


@pytest.mark.parametrize(
    "change",
    [
        lambda: save_contact(ContactData(last_name="Alt"), 99),
        lambda: service.delete_contact(99),
        lambda: set_no_sms(99, True),
        lambda: unblock(99),
        lambda: save_company(CompanyData(name="Alt"), 99),
        lambda: delete_company(99),
    ],
)
def test_what_is_gone_cannot_be_changed(change: object) -> None:
    with pytest.raises(NotThere):
        change()  # type: ignore[operator]


def test_no_sms_has_a_reason_until_it_is_taken_away() -> None:
    contact = factories.contact()
    set_no_sms(contact.id, True, " Wunsch\0 ")
    assert (stored(contact.id).no_sms, stored(contact.id).no_sms_reason) == (True, "Wunsch")
    set_no_sms(contact.id, False, "egal")
    assert (stored(contact.id).no_sms, stored(contact.id).no_sms_reason) == (False, "")


def test_a_mark_makes_an_open_form_stale() -> None:
    contact_id = save_contact(ContactData(last_name="Alt"))
    seen = stored(contact_id).updated_at
    set_no_sms(contact_id, True)
    with pytest.raises(Changed):
        save_contact(ContactData(last_name="Alt"), contact_id, seen)


@pytest.mark.parametrize("number", ["", "0171 5550101", "+49 171 5550101", "+49171"])
def test_only_full_numbers_are_blocked(number: str) -> None:
    with pytest.raises(AppError):
        block_number(number, "Wunsch", None)


def test_a_reason_has_a_longest_length() -> None:
    with pytest.raises(BadData):
        block_number(MOBILE, "x" * 201, None)
    with pytest.raises(BadData):
        set_no_sms(factories.contact().id, True, "x" * 201)


def test_renaming_a_company_leaves_open_contact_forms_alone() -> None:
    company_id = save_company(CompanyData(name="Alt AG"))
    contact_id = save_contact(ContactData(last_name="Kunz", company="Alt AG"))
    before = stored(contact_id).updated_at
    save_company(CompanyData(name="Neu AG"), company_id)
    assert stored(contact_id).updated_at == before


def test_two_companies_cannot_have_one_name() -> None:
    save_company(CompanyData(name="Alt AG"))
    other = save_company(CompanyData(name="Neu AG"))
    with pytest.raises(NameTaken):
        save_company(CompanyData(name="ALT ag"))
    with pytest.raises(NameTaken):
        save_company(CompanyData(name="alt AG"), other)


def test_a_company_keeps_its_name_in_another_case() -> None:
    company_id = save_company(CompanyData(name="Alt AG"))
    assert save_company(CompanyData(name="ALT AG"), company_id) == company_id


def test_a_stale_company_is_refused() -> None:
    company_id = save_company(CompanyData(name="Alt AG"))
    seen = db.session.get_one(Company, company_id).updated_at
    with pytest.raises(Changed):
        save_company(CompanyData(name="Alt AG"), company_id, seen - timedelta(microseconds=1))


def test_the_company_of_a_name_is_the_oldest() -> None:
    first = factories.company("Alt")
    factories.company("alt")
    with db_write() as session:
        found = service.company_named(session, "ALT")
        assert found and found.id == first.id


def test_writing_a_company_derives_its_search_key() -> None:
    company = Company()
    company_service.write_company(company, CompanyData(name="Müller", industry="Bau", city="Köln"))
    assert company.search_key == "muller bau koln"
