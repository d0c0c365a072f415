"""What PostgreSQL lets happen at once with an import; SQLite has one writer at a time."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from smsapp.contacts.company_service import delete_company, save_company
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.importing import service, undoing, work
from smsapp.contacts.importing.models import CHECKING, RUNNING, ImportJob
from smsapp.contacts.mending_service import Change, mend_numbers
from smsapp.contacts.models import Contact
from smsapp.contacts.service import block_number, delete_contact, save_contact, set_no_sms
from smsapp.delivery import incoming
from smsapp.delivery.models import Delivery
from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db, db_write
from tests.racing import race

pytestmark = pytest.mark.postgres
TABLE = b"Vorname;Nachname;E-Mail;Ort\r\nAnna;Alt;anna@example.org;Bonn\r\n"
MOBILE = "0171 5550101"
BLOCKED = "+491715550102"
SWAPPED = {0: "last_name", 1: "first_name", 2: "email"}


@pytest.fixture(autouse=True)
def not_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue is elsewhere; the tests work its jobs off by hand."""
    monkeypatch.setattr(service, "wake", lambda *_job, timeout: True)


@pytest.fixture
def anna(postgres_app: Flask) -> int:
    return save_contact(
        ContactData(first_name="Anna", last_name="Alt", company="Werft", email="anna@example.org", mobile=MOBILE)
    )


@pytest.fixture
def checked(postgres_app: Flask) -> ImportJob:
    import_id = service.upload(io.BytesIO(TABLE), "kontakte.csv", None)
    service.check(import_id)
    work.check(import_id)
    return job(import_id)


def job(import_id: int) -> ImportJob:
    db.session.rollback()
    found = db.session.get_one(ImportJob, import_id)
    db.session.rollback()
    return found


def company_of(contact: int) -> int:
    found = db.session.scalars(select(Contact.company_id).where(Contact.id == contact)).one()
    db.session.rollback()
    assert found
    return found


WRITERS: list[Callable[[int], object]] = [
    lambda anna: set_no_sms(anna, True, "Wunsch"),
    lambda anna: save_contact(ContactData(last_name="Neu"), anna),
    delete_contact,
    lambda anna: mend_numbers("mobile", [Change(anna, MOBILE, "+49 171 5550101")]),
    lambda anna: save_company(CompanyData(name="Neue Werft"), company_of(anna)),
    lambda anna: delete_company(company_of(anna)),
]


@pytest.mark.parametrize("write", WRITERS)
def test_who_writes_while_an_import_runs_waits_for_its_slice(
    postgres_app: Flask, anna: int, checked: ImportJob, write: Callable[[int], object]
) -> None:
    service.run(checked.id, checked.round)
    race(postgres_app, lambda: work.run(checked.id), lambda: write(anna), held_at="UPDATE contact ")
    assert job(checked.id).state == "done"


def test_who_is_marked_while_an_import_is_undone_stays_marked(
    postgres_app: Flask, anna: int, checked: ImportJob
) -> None:
    service.run(checked.id, checked.round)
    work.run(checked.id)
    race(
        postgres_app,
        lambda: undoing.undo(checked.id, select(Delivery.contact_id)),
        lambda: set_no_sms(anna, True),
        held_at="UPDATE contact ",
    )
    assert job(checked.id).state == "undone"
    assert db.session.get_one(Contact, anna).no_sms


def test_a_number_that_asks_to_stop_while_a_person_blocks_it_is_blocked_once(postgres_app: Flask) -> None:
    asked = incoming.Arrived(BLOCKED, "+491715550100", "STOP")
    answers = race(
        postgres_app,
        lambda: block_number(BLOCKED, "Wunsch", None),
        lambda: incoming.store("simulator", asked),
        held_at="INSERT INTO block",
    )
    assert isinstance(answers[0], int)


def test_an_import_never_runs_with_columns_that_nobody_checked(postgres_app: Flask, checked: ImportJob) -> None:
    _, refused = race(
        postgres_app,
        lambda: service.check(checked.id, SWAPPED),
        lambda: service.run(checked.id, checked.round),
    )
    assert isinstance(refused, Conflict)
    assert job(checked.id).state == CHECKING


def test_an_import_that_has_just_begun_cannot_be_deleted(postgres_app: Flask, checked: ImportJob) -> None:
    _, refused = race(postgres_app, lambda: service.run(checked.id, checked.round), lambda: service.delete(checked.id))
    assert isinstance(refused, Conflict)
    assert job(checked.id).state == RUNNING


def test_an_import_that_is_just_deleted_does_not_go_on(postgres_app: Flask, checked: ImportJob) -> None:
    with db_write() as session:
        service.fail(session.get_one(ImportJob, checked.id), service.GAVE_UP)
    _, refused = race(postgres_app, lambda: service.delete(checked.id), lambda: service.resume(checked.id))
    assert isinstance(refused, NotThere)
