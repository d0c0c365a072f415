"""Undoing an import."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.importing import undoing
from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import delete_contact, save_contact
from smsapp.delivery.models import Delivery
from smsapp.extensions import db, db_write
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.imports.importing import Upload, checked, count, everybody, import_without_pages, imported, newest


def stored() -> list[Any]:
    """All that an undone import must have left as it was."""
    people = [ContactData.of(contact) for contact in everybody()]
    companies = [CompanyData.of(company) for company in db.session.scalars(select(Company).order_by(Company.id))]
    return [people, companies]


def a_stored_contact() -> int:
    return save_contact(
        ContactData(
            first_name="Anna",
            last_name="Alt",
            company="Werft",
            email="anna@example.org",
            mobile="+49 171 5550109",
            labels=("Messe",),
            consent="no",
            consent_on=date(2025, 1, 1),
        )
    )


CONSENTED = (
    "Vorname;Nachname;Firma;Branche;E-Mail;Mobiltelefon;Stichwörter;SMS-Einwilligung;Einwilligung am;Geburtsdatum\r\n"
    "Anna;Alt;Hafen AG;Bau;anna@example.org;+49 171 5550101;VIP;ja;2026-01-01;1980-09-08\r\n"
    "Bernd;Busch;Hafen AG;Bau;bernd@example.org;;;;;\r\n"
    "Zoë;Çelik;Werft;IT;zoe@example.org;;;;;\r\n"
)


def test_undoing_is_asked_with_figures_and_leaves_everything_as_it_was(pages: CheckedClient, upload: Upload) -> None:
    a_stored_contact()
    before = stored()
    job = imported(pages, upload, CONSENTED)
    assert (job.counts["created"], job.counts["updated"], stored() != before) == (2, 1, True)
    page = pages.get(f"/imports/{job.id}/undo").text
    assert all(f"<li>{number} " in page for number in (1, 2))
    assert pages.post(f"/imports/{job.id}/undo").status_code == 303
    assert stored() == before
    assert newest().state == "undone"
    assert "note-info" in pages.get(f"/imports/{job.id}").text


def test_a_label_with_a_comma_is_whole_again_after_undoing(pages: CheckedClient, upload: Upload) -> None:
    save_contact(ContactData(first_name="Anna", last_name="Alt", email="anna@example.org", labels=("Kunde, alt",)))
    before = stored()
    job = imported(pages, upload, CONSENTED)
    page = pages.get(f"/imports/{job.id}?show=updated").text
    assert "<del>Kunde, alt</del>" in page
    assert "<ins>Kunde, alt, VIP</ins>" in page
    pages.post(f"/imports/{job.id}/undo")
    assert stored() == before


def test_an_import_is_undone_once(pages: CheckedClient, upload: Upload) -> None:
    job = imported(pages, upload)
    assert [pages.post(f"/imports/{job.id}/undo").status_code for _ in range(2)] == [303, 409]
    assert count(Contact) == 0


def test_undone_and_imported_again_everybody_is_there_once(pages: CheckedClient, upload: Upload) -> None:
    pages.post(f"/imports/{imported(pages, upload).id}/undo")
    assert imported(pages, upload).counts["created"] == count(Contact) == 3


def change(contact: Contact) -> None:
    save_contact(replace(ContactData.of(contact), city="Ulm"), contact.id)


def send(contact: Contact) -> None:
    campaign = factories.campaign(recipients=1)
    with db_write() as session:
        session.execute(update(Delivery).where(Delivery.campaign_id == campaign.id).values(contact_id=contact.id))


@pytest.mark.parametrize("depend", [change, send, lambda contact: delete_contact(contact.id)])
def test_what_something_depends_on_is_not_undone(
    pages: CheckedClient, upload: Upload, depend: Callable[[Contact], None]
) -> None:
    job = imported(pages, upload)
    depend(everybody()[0])
    before = stored()
    page = pages.get(f"/imports/{job.id}/undo").text
    assert "<li>1 " in page
    assert f'action="/imports/{job.id}/undo"' not in page
    assert pages.post(f"/imports/{job.id}/undo").status_code == 409
    assert (stored(), newest().state) == (before, "done")


def test_a_company_that_others_have_come_to_stays(pages: CheckedClient, upload: Upload) -> None:
    job = imported(pages, upload)
    save_contact(ContactData(last_name="Neu", company="Hafenbau AG"))
    assert pages.post(f"/imports/{job.id}/undo").status_code == 303
    assert [contact.company.name for contact in everybody()] == ["Hafenbau AG"]


@pytest.mark.usefixtures("any_app")
def test_each_database_undoes_an_import() -> None:
    a_stored_contact()
    before = stored()
    job = import_without_pages(CONSENTED)
    undoing.undo(job.id, select(Delivery.contact_id))
    assert stored() == before


def test_only_a_finished_import_can_be_undone(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    assert pages.get(f"/imports/{job.id}/undo").status_code == 200
    assert pages.post(f"/imports/{job.id}/undo").status_code == 409
