"""Searching and sorting contacts, companies and blocks, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from smsapp.contacts import block_queries, company_queries, queries
from smsapp.contacts.company_service import delete_company, save_company
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.service import block_number, save_contact
from smsapp.extensions import db
from tests import factories


@pytest.fixture(autouse=True)
def in_request(any_app: Flask) -> None:
    """Every test here runs on SQLite and on PostgreSQL."""


def person(last_name: str, **values: Any) -> int:
    return save_contact(ContactData(last_name=last_name, **values))


def found(search: str = "", sort: str = "name", label_id: int | None = None) -> list[str]:
    contacts = db.session.scalars(queries.contact_list(search, sort, label_id))
    return [contact.last_name for contact in contacts]


FINDING = (
    *("çelik", "CELIK", "celi", "zoe celik", "celik hafen", "koln", "zoe@", "5550101", "0171 5550101"),
    *("+49 171 5550101", "0049171", "+49 (0)171-555 01 01", "(0171) 5550101", "celik 0171"),
)


def test_a_contact_is_found_by_name_company_city_e_mail_and_number_however_written() -> None:
    person("Çelik", first_name="Zoë", company="Hafenbau", city="Köln", email="zoe@example.org", mobile="+491715550101")
    person("Alt")
    assert {search: found(search) for search in FINDING} == {key: ["Çelik"] for key in FINDING}


def test_all_words_must_occur_and_signs_stand_for_themselves() -> None:
    person("Çelik", first_name="Zoë", mobile="+491715550101")
    searches = ("celik xaver", "%", "_", "\\", "0172", "'", '"')
    assert {search: found(search) for search in searches} == {key: [] for key in searches}


def test_a_number_without_country_code_is_found_by_its_digits() -> None:
    person("Alt", mobile="0171 / 5550101")
    assert found("01715550101") == ["Alt"]


def test_digits_in_a_name_are_found_as_written() -> None:
    person("Alt", company="Studio 08-15")
    assert found("08-15") == ["Alt"]


def test_a_strange_search_finds_nothing_or_everything_but_never_fails() -> None:
    person("Alt")
    assert [found(search) for search in ("x" * 100_000, "x " * 50_000, "%" * 500)] == [[], [], []]
    assert [found(search) for search in ("\0", "\0" * 1_000, " ")] == [["Alt"]] * 3


def test_names_are_sorted_without_accents() -> None:
    for name in ("Zander", "Özil", "Oz", "ahrens", "Äpfel"):
        person(name)
    assert found() == ["ahrens", "Äpfel", "Oz", "Özil", "Zander"]
    assert found(sort="-name") == ["Zander", "Özil", "Oz", "Äpfel", "ahrens"]


def test_every_column_sorts_and_the_empty_come_last() -> None:
    person("Leer")
    person("Hoch", company="Neu AG", city="Übersee", mobile="+491715550102", labels=("b",))
    person("Tief", company="Alt AG", city="Thale", mobile="+491715550101", labels=("a", "z"))
    for sort in ("company", "city", "mobile", "labels"):
        assert found(sort=sort) == ["Tief", "Hoch", "Leer"], sort
        assert found(sort="-" + sort) == ["Hoch", "Tief", "Leer"], sort


def test_an_umlaut_is_sorted_with_its_vowel() -> None:
    person("Zwei", city="Wien")
    person("Eins", city="Übersee")
    assert found(sort="city") == ["Eins", "Zwei"]


def test_the_status_sorts_those_who_get_nothing_before_the_others() -> None:
    person("Gesperrt", mobile="+491715550101")
    person("Keine", no_sms=True)
    person("Alle")
    block_number("+491715550101", "Wunsch", None)
    assert found(sort="status") == ["Keine", "Gesperrt", "Alle"]


def test_a_label_filters() -> None:
    person("Mit", labels=("VIP", "Messe"))
    person("Ohne", labels=("Messe",))
    (vip,) = [label for label in queries.used_labels() if label.name == "VIP"]
    assert found(label_id=vip.id) == ["Mit"]


def test_labels_that_nobody_carries_are_not_offered() -> None:
    contact_id = person("Alt", labels=("VIP", "Messe"))
    save_contact(ContactData(last_name="Alt", labels=("Messe",)), contact_id)
    assert [label.name for label in queries.used_labels()] == ["Messe"]


def test_a_list_costs_the_same_number_of_queries_whatever_its_length() -> None:
    assert queries_for(2) == queries_for(20)


def queries_for(contacts: int) -> int:
    for number in range(contacts):
        person(f"P{number}", company=f"C{number}", mobile="+491715550101", labels=(f"L{number}",))
    db.session.expunge_all()
    with counted() as statements:
        page = db.session.scalars(queries.contact_list()).all()
        queries.blocks_of(page)
        for contact in page:
            assert contact.company and contact.labels and contact.number("mobile")
    return len(statements)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the database gets meanwhile."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_company_is_renamed_and_deleted_by_the_same_number_of_queries_whoever_works_there() -> None:
    assert queries_for_a_company(2) == queries_for_a_company(20)


def queries_for_a_company(contacts: int) -> list[int]:
    company_id = save_company(CompanyData(name=f"Zu {contacts}"))
    for number in range(contacts):
        person(f"P{number}", company=f"Zu {contacts}", mobile="+491715550101", labels=(f"L{number}",))
    with counted() as renaming:
        save_company(CompanyData(name=f"Mit {contacts}"), company_id)
    with counted() as deleting:
        delete_company(company_id)
    return [len(renaming), len(deleting)]


def companies(search: str = "", sort: str = "name") -> list[tuple[str, int]]:
    rows = db.session.execute(company_queries.company_list(search, sort))
    return [(company.name, contacts) for company, contacts in rows]


def test_companies_are_listed_with_the_number_of_their_contacts() -> None:
    person("A", company="Zwei")
    person("B", company="Zwei")
    save_company(CompanyData(name="Keine"))
    assert companies() == [("Keine", 0), ("Zwei", 2)]
    assert companies(sort="-contacts") == [("Zwei", 2), ("Keine", 0)]


def test_companies_are_found_by_industry_and_city() -> None:
    save_company(CompanyData(name="Alt", industry="Handel", city="Köln"))
    save_company(CompanyData(name="Neu", industry="Handel", city="Bonn"))
    assert companies("handel koln") == [("Alt", 0)]


def test_companies_are_suggested_by_any_word() -> None:
    save_company(CompanyData(name="Alt & Söhne"))
    save_company(CompanyData(name="Bau AG"))
    assert company_queries.suggestions("sohn") == ["Alt & Söhne"]
    assert company_queries.suggestions("") == []


def test_a_company_is_new_until_it_exists() -> None:
    assert company_queries.is_new("Bau AG")
    save_company(CompanyData(name="Bau AG"))
    assert not company_queries.is_new("bau ag")
    assert not company_queries.is_new("")


def blocked(search: str = "", sort: str = "-since") -> list[str]:
    return [entry.reason for entry, _name in db.session.execute(block_queries.block_list(search, sort))]


def test_a_block_is_found_by_reason_number_and_person() -> None:
    block_number("+491715550101", "War böse", factories.user(name="Káthe Müller").id)
    block_number("+358457396001", "Wunsch", None)
    for search in ("böse", "Bose", "0171 5550101", "+49171", "Müller", "káthe"):
        assert blocked(search) == ["War böse"], search


def test_blocks_are_sorted_by_any_column() -> None:
    block_number("+491715550102", "B", factories.user(name="Anna").id)
    block_number("+491715550101", "C", None)
    block_number("+491715550103", "a", factories.user(name="Zoë").id)
    assert blocked() == ["a", "C", "B"]
    assert blocked(sort="number") == ["C", "B", "a"]
    assert blocked(sort="reason") == ["a", "B", "C"]
    assert blocked(sort="by") == ["B", "a", "C"]


def test_blocks_know_the_contacts_that_have_their_number() -> None:
    person("Eins", mobile="+491715550101", work="+491715550101")
    person("Zwei", home="+491715550101")
    person("Drei", mobile="+491715550102")
    found = block_queries.contacts_with(["+491715550101"])
    assert [contact.last_name for contact in found["+491715550101"]] == ["Eins", "Zwei"]
