"""Importing a table through its pages: what is stored, shown, downloaded and left."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from smsapp.contacts.importing import work
from smsapp.contacts.importing.models import ImportJob, ImportNumber, ImportRow
from smsapp.contacts.models import Company, Contact
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.imports.importing import (
    HEADER,
    TABLE,
    Upload,
    checked,
    count,
    everybody,
    import_without_pages,
    imported,
    kept_files,
    newest,
)


def test_an_upload_shows_columns_and_first_rows(pages: CheckedClient, upload: Upload) -> None:
    answer = upload()
    page = pages.get(answer.location).text
    assert "Büsch" in page
    assert "Hafenbau AG" in page
    assert '<option selected value="mobile">' in page
    assert '<option selected value="cp1252">' in page


def test_a_check_changes_nothing(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    assert (job.state, count(Contact), count(Company)) == ("checked", 0, 0)
    assert (job.counts["created"], job.counts["rejected"], job.done) == (3, 2, 5)


def test_an_import_does_what_its_check_said(pages: CheckedClient, upload: Upload) -> None:
    expected = checked(pages, upload).counts
    job = imported(pages, upload)
    assert job.state == "done"
    assert {name: job.counts[name] for name in ("created", "rejected", "companies")} == {
        name: expected[name] for name in ("created", "rejected", "companies")
    }


def test_contacts_are_stored_with_all_that_the_file_says(pages: CheckedClient, upload: Upload) -> None:
    imported(pages, upload)
    anna, bernd, zoe = everybody()
    assert (anna.full_name, anna.company.name, anna.company.industry) == ("Anna Alt", "Hafenbau AG", "Bau")
    assert (anna.email, anna.city, anna.country, anna.salutation) == ("anna@example.org", "Hamburg", "DE", "ms")
    assert anna.number("mobile").e164 == "+491715550101"
    assert [label.name for label in zoe.labels] == ["Messe", "VIP"]
    assert (bernd.email, bernd.number("mobile").problem) == ("", "no_country_code")
    assert zoe.company_id == anna.company_id


def test_the_same_file_twice_creates_nothing(pages: CheckedClient, upload: Upload) -> None:
    imported(pages, upload)
    job = imported(pages, upload)
    assert (job.counts.get("created"), job.counts.get("updated")) == (None, None)
    assert (job.counts["unchanged"], job.counts["rejected"]) == (3, 2)


def test_empty_cells_never_overwrite(pages: CheckedClient, upload: Upload) -> None:
    imported(pages, upload)
    imported(pages, upload, f"{HEADER}\r\n;Anna;Alt;;;anna@example.org;;Bremen;;\r\n")
    anna = everybody()[0]
    assert anna.city == "Bremen"
    assert (anna.salutation, anna.country, anna.company.name) == ("ms", "DE", "Hafenbau AG")
    assert anna.number("mobile").e164 == "+491715550101"


def test_changes_are_shown_with_old_and_new_value(pages: CheckedClient, upload: Upload) -> None:
    factories.contact("Anna", "Alt", email="anna@example.org", city="Kiel")
    job = checked(pages, upload)
    page = pages.get(f"/imports/{job.id}?show=updated").text
    assert "<del>Kiel</del>" in page
    assert "<ins>Hamburg</ins>" in page


def test_an_ambiguous_row_names_the_contacts(pages: CheckedClient, upload: Upload) -> None:
    twins = [factories.contact("Bernd", "Büsch") for _ in range(2)]
    job = checked(pages, upload)
    page = pages.get(f"/imports/{job.id}?show=rejected").text
    assert all(f'href="/contacts/{twin.id}"' in page for twin in twins)


def test_numbers_without_country_code_are_listed_old_and_new(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    page = pages.get(f"/imports/{job.id}/numbers?mend=country").text
    assert "0171 5550102" in page
    assert "+49 171 5550102" in page
    assert "+358 40 5550103" in page


def test_looking_at_mended_numbers_changes_nothing(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    pages.get(f"/imports/{job.id}/numbers?mend=DE")
    assert newest().mend == ""


def test_mended_numbers_are_imported(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    assert pages.post(f"/imports/{job.id}/numbers", data={"mend": "country"}).status_code == 303
    work.check(job.id)
    job = newest()
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    work.run(job.id)
    numbers = [contact.number("mobile").e164 for contact in everybody()]
    assert numbers == ["+491715550101", "+491715550102", "+358405550103"]


def test_the_unmended_file_does_not_spoil_mended_numbers(pages: CheckedClient, upload: Upload) -> None:
    test_mended_numbers_are_imported(pages, upload)
    job = imported(pages, upload)
    assert job.counts["unchanged"] == 3


def test_rejected_rows_are_downloaded_with_line_and_reason(pages: CheckedClient, upload: Upload) -> None:
    job = imported(pages, upload)
    answer = pages.get(f"/imports/{job.id}/rejected.csv")
    table = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [len(line) for line in table] == [12, 12, 13]
    assert [line[0] for line in table[1:]] == ["5", "6"]
    assert "Familie" in table[1][1]
    assert table[2][2:5] == ["Herr", "Zu", "Viele"]


def test_a_finished_import_keeps_its_rejected_rows_and_not_its_file(pages: CheckedClient, upload: Upload) -> None:
    job = imported(pages, upload)
    assert kept_files() == []
    assert count(ImportNumber) == 0
    page = pages.get(f"/imports/{job.id}?show=rejected").text
    assert "6" in page
    assert "Abgeschlossen" in page
    assert pages.get(f"/imports/{job.id}/columns").status_code == 302


def test_deleting_an_import_leaves_the_contacts(pages: CheckedClient, upload: Upload) -> None:
    job = imported(pages, upload)
    pages.get(f"/imports/{job.id}/delete")
    assert pages.post(f"/imports/{job.id}/delete").status_code == 303
    assert (count(ImportJob), count(ImportRow), count(Contact)) == (0, 0, 3)


def test_the_list_shows_every_import(pages: CheckedClient, upload: Upload) -> None:
    assert pages.get("/imports/").status_code == 200
    imported(pages, upload)
    upload(name="zweite.csv")
    page = pages.get("/imports/").text
    assert "kontakte.csv" in page
    assert "zweite.csv" in page


def test_an_unknown_import_is_not_there(pages: CheckedClient) -> None:
    for url in ("", "/columns", "/numbers", "/rejected.csv", "/delete"):
        assert pages.get(f"/imports/999{url}").status_code == 404


def test_viewers_do_not_import(viewer: FlaskClient) -> None:
    assert viewer.get("/imports/").status_code == 403
    assert viewer.post("/imports/", data={}).status_code == 403


@pytest.mark.usefixtures("any_app")
def test_each_database_imports_the_same_file_once() -> None:
    assert import_without_pages(TABLE).counts["created"] == 3
    job = import_without_pages(TABLE)
    assert (job.state, job.counts["unchanged"], count(Contact)) == ("done", 3, 3)
