"""Importing a table through its pages."""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from smsapp.clock import now
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.importing import files, service, undoing, work
from smsapp.contacts.importing.forgotten import wake_forgotten_imports
from smsapp.contacts.importing.models import ImportJob, ImportNumber, ImportRow
from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import delete_contact, save_contact
from smsapp.delivery.models import Delivery
from smsapp.extensions import db, db_write
from tests import factories
from tests.web.checker import CheckedClient

HEADER = "Anrede;Vorname;Nachname;Firma;Branche;E-Mail;Mobiltelefon;Ort;Land;Stichwörter"
TABLE = "\r\n".join(
    [
        HEADER,
        "Frau;Anna;Alt;Hafenbau AG;Bau;anna@example.org;+49 171 5550101;Hamburg;DE;VIP",
        "Herr;Bernd;Büsch;;;keine;0171 5550102;Ulm;DE;",
        "Frau;Zoë;Çelik;Hafenbau AG;Bau;zoe@example.org;040 5550103;Helsinki;FI;VIP, Messe",
        "Familie;Ohne;Anrede;;;;;;;",
        "Herr;Zu;Viele;;;;;;;;EXTRA",
        "",
    ]
)
HOSTILE = "\r\n".join(
    [
        HEADER,
        'Frau;"=HYPERLINK(""http://example.org"")";<script>alert(1)</script>;{{7*7}};{Vorname};x@example.org;;;DE;',
        "Quatsch;=1+1;<b>fett</b>;;;;;;;",
        "",
    ]
)


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The jobs that were asked for: the queue is elsewhere, the tests work them off by hand."""
    jobs: list[tuple[str, int]] = []

    def wake(_queue: str, function: str, *ids: int, timeout: int = 0) -> bool:
        jobs.append((function.rpartition(".")[2], *ids))
        return True

    monkeypatch.setattr(service, "wake", wake)
    return jobs


@pytest.fixture
def pages(editor: FlaskClient) -> CheckedClient:
    return CheckedClient(editor)


Upload = Callable[..., TestResponse]


@pytest.fixture
def upload(pages: CheckedClient) -> Upload:
    def send(content: str | bytes = TABLE, name: str = "kontakte.csv", encoding: str = "cp1252") -> TestResponse:
        data = content.encode(encoding) if isinstance(content, str) else content
        return pages.post("/imports/", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")

    return send


def newest() -> ImportJob:
    db.session.rollback()
    return db.session.scalars(select(ImportJob).order_by(ImportJob.id.desc())).first()


def columns_of(job: ImportJob) -> dict[str, str]:
    return {f"column_{index}": job.columns.get(str(index), "") for index in range(len(job.header))}


def checked(pages: CheckedClient, upload: Upload, content: str = TABLE, **columns: str) -> ImportJob:
    """Upload and check; the import."""
    assert upload(content).status_code == 303
    job = newest()
    answer = pages.post(f"/imports/{job.id}/columns", data={**columns_of(job), **columns})
    assert answer.status_code == 303
    work.check(job.id)
    return newest()


def imported(pages: CheckedClient, upload: Upload, content: str = TABLE) -> ImportJob:
    job = checked(pages, upload, content)
    assert pages.post(f"/imports/{job.id}/run", data={"round": job.round}).status_code == 303
    work.run(job.id)
    return newest()


def everybody() -> list[Contact]:
    db.session.rollback()
    return list(db.session.scalars(select(Contact).order_by(Contact.id)))


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def kept_files(app: Flask) -> list[Path]:
    return list(files.folder().iterdir())


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


def test_hostile_cells_are_plain_text_on_every_page(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload, HOSTILE)
    for url in ("", "/columns", "?show=created", "?show=rejected", "/numbers"):
        page = pages.get(f"/imports/{job.id}{url}").text
        assert "<script>alert" not in page
        assert "<b>fett" not in page
        assert ">49<" not in page


def test_hostile_cells_are_stored_as_they_are(pages: CheckedClient, upload: Upload) -> None:
    imported(pages, upload, HOSTILE)
    contact = everybody()[0]
    assert contact.first_name == '=HYPERLINK("http://example.org")'
    assert (contact.last_name, contact.company.name) == ("<script>alert(1)</script>", "{{7*7}}")


def test_hostile_cells_are_defused_in_the_download(pages: CheckedClient, upload: Upload) -> None:
    job = imported(pages, upload, HOSTILE)
    assert ";'=1+1;" in pages.get(f"/imports/{job.id}/rejected.csv").text


def test_a_hostile_file_name_is_plain_text(app: Flask, pages: CheckedClient, upload: Upload) -> None:
    answer = upload(name="../../<img src=x>.csv")
    assert "<img src=x>" not in pages.get(answer.location).text
    assert newest().filename == "<img src=x>.csv"
    assert [path.parent for path in kept_files(app)] == [files.folder()]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 a workbook",
        b"\xd0\xcf\x11\xe0 an old one",
        b"<html><table><tr><td>Vorname</td></tr></table></html>",
        b"\xff\xfeV",
        b"x" * 100_000 + b"\r\n",
        b"Vorname;Nachname\r\nAn\x00na;Alt\r\n",
        b";".join(b"c%d" % number for number in range(5000)) + b"\r\n",
        b'Vorname;Nachname\r\n"Anna;Alt\r\n',
        b"Vorname;Nachname\r\n",
        b"%PDF-1.7",
    ],
)
def test_a_broken_file_gets_one_clear_error_and_leaves_nothing(app: Flask, upload: Upload, content: bytes) -> None:
    answer = upload(content)
    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 1
    assert (count(ImportJob), count(Contact), kept_files(app)) == (0, 0, [])


def test_files_that_no_import_knows_are_removed_after_a_day(app: Flask, upload: Upload) -> None:
    old, fresh = files.folder() / "old.csv", files.folder() / "fresh.csv"
    for path in (old, fresh):
        path.write_text("left behind")
    os.utime(old, (0, 0))
    upload()
    assert {path.name for path in kept_files(app)} == {"fresh.csv", newest().path}


def test_no_file_at_all_is_said(pages: CheckedClient) -> None:
    assert pages.post("/imports/", data={}).status_code == 422


def test_a_file_that_is_too_large_is_said(app: Flask, upload: Upload) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 2000
    answer = upload("x" * 3000)
    assert answer.status_code == 413
    assert kept_files(app) == []


def test_a_wrong_encoding_can_be_corrected(pages: CheckedClient, upload: Upload) -> None:
    upload()
    job = newest()
    shape = {"encoding": "mac_roman", "delimiter": ";", "has_header": "yes"}
    answer = pages.post(f"/imports/{job.id}/shape", data=shape)
    assert answer.status_code == 303
    assert "B¸sch" in pages.get(answer.location).text


def test_an_encoding_that_cannot_be_is_refused(pages: CheckedClient, upload: Upload) -> None:
    upload()
    job = newest()
    answer = pages.post(f"/imports/{job.id}/shape", data={"encoding": "utf-8", "delimiter": ";", "has_header": "yes"})
    assert answer.status_code == 422
    assert newest().encoding == "cp1252"


def test_htmx_gets_the_columns_as_a_fragment(pages: CheckedClient, upload: Upload) -> None:
    pages.get(upload().location)
    job = newest()
    shape = {"encoding": "cp1252", "delimiter": ",", "has_header": "yes"}
    answer = pages.fragment(f"/imports/{job.id}/shape", "POST", data=shape)
    assert (answer.status_code, len(newest().header)) == (200, 1)


def test_reading_anew_guesses_the_companies_addresses_anew(pages: CheckedClient, upload: Upload) -> None:
    people = (f"Frau;P{number};Alt;Firma {number % 3};;;;Ort {number % 3};DE;\r\n" for number in range(6))
    pages.get(upload(f"{HEADER}\r\n{''.join(people)}").location)
    job = newest()
    assert job.company_address
    shape = {"encoding": "utf-8", "delimiter": ";", "has_header": "yes"}
    answer = pages.fragment(f"/imports/{job.id}/shape", "POST", data=shape)
    assert 'checked id="company_address"' in answer.text


def test_a_file_without_header_line_is_read_from_its_first_line(pages: CheckedClient, upload: Upload) -> None:
    upload("Anna;Alt;anna@example.org\r\nBernd;Busch;bernd@example.org\r\n")
    job = newest()
    assert (job.has_header, job.total, job.columns) == (False, 2, {})
    columns = {"column_0": "first_name", "column_1": "last_name", "column_2": "email"}
    pages.post(f"/imports/{job.id}/columns", data=columns)
    work.check(job.id)
    assert newest().counts == {"created": 2}


def test_two_columns_cannot_fill_one_field(pages: CheckedClient, upload: Upload) -> None:
    upload()
    job = newest()
    answer = pages.post(f"/imports/{job.id}/columns", data={**columns_of(job), "column_3": "last_name"})
    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 2
    assert newest().state == "uploaded"


def test_columns_without_anybody_are_refused(pages: CheckedClient, upload: Upload) -> None:
    upload()
    job = newest()
    nothing = dict.fromkeys(columns_of(job), "")
    answer = pages.post(f"/imports/{job.id}/columns", data={**nothing, "column_7": "city"})
    assert answer.status_code == 422


def test_progress_is_polled_until_it_is_done(pages: CheckedClient, upload: Upload) -> None:
    upload()
    job = newest()
    pages.post(f"/imports/{job.id}/columns", data=columns_of(job))
    pages.get(f"/imports/{job.id}")
    assert "every 1s" in pages.fragment(f"/imports/{job.id}").text
    work.check(job.id)
    assert "every 1s" not in pages.fragment(f"/imports/{job.id}").text


def test_without_a_worker_the_page_says_so(pages: CheckedClient, upload: Upload) -> None:
    upload()
    job = newest()
    pages.post(f"/imports/{job.id}/columns", data=columns_of(job))
    assert "note-warn" in pages.get(f"/imports/{job.id}").text


def test_pressing_import_twice_imports_once(pages: CheckedClient, upload: Upload, woken: list[tuple[str, int]]) -> None:
    job = checked(pages, upload)
    for _ in range(2):
        assert pages.post(f"/imports/{job.id}/run", data={"round": job.round}).status_code == 303
    assert woken.count(("run", job.id)) == 1
    work.run(job.id)
    work.run(job.id)
    assert count(Contact) == 3


def test_a_check_that_nobody_saw_is_not_imported(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    seen = job.round
    pages.post(f"/imports/{job.id}/check")
    work.check(job.id)
    assert pages.post(f"/imports/{job.id}/run", data={"round": seen}).status_code == 409
    assert newest().state == "checked"


def test_changed_contacts_are_mentioned_before_the_import(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    assert "note-warn" not in pages.get(f"/imports/{job.id}").text
    save_contact(ContactData(last_name="Neu"))
    assert "note-warn" in pages.get(f"/imports/{job.id}").text


def test_a_correction_ends_a_check_under_way(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    task = work.Task.of(job)
    pages.post(f"/imports/{job.id}/shape", data={"encoding": "cp1252", "delimiter": ";", "has_header": "yes"})
    with db_write() as session:
        assert work._claimed(session, task, job.done) is None


def test_a_run_goes_on_behind_the_last_stored_slice(pages: CheckedClient, upload: Upload, woken: list[Any]) -> None:
    rows = "".join(f";P{number};Alt;;;;;;;\r\n" for number in range(10))
    job = checked(pages, upload, f"{HEADER}\r\n{rows}")
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    work.run(job.id, seconds=0, chunk=4)
    assert (newest().done, count(Contact), newest().state) == (4, 4, "running")
    assert woken[-1] == ("run", job.id)
    work.run(job.id, chunk=4)
    assert (newest().counts, count(Contact), newest().state) == ({"created": 10}, 10, "done")


def test_a_slice_that_fails_is_stored_not_at_all(
    pages: CheckedClient, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f";P{number};Alt;;;;;;;\r\n" for number in range(10))
    job = checked(pages, upload, f"{HEADER}\r\n{rows}")
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    real = work._record

    def killed(session: Any, job: ImportJob, decisions: Any, made: Any) -> None:
        real(session, job, decisions, made)
        if job.done == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(work, "_record", killed)
    with pytest.raises(KeyboardInterrupt):
        work.run(job.id, chunk=4)
    assert (newest().done, count(Contact)) == (4, 4)
    monkeypatch.undo()
    wake_forgotten_imports(now() + timedelta(minutes=2))
    assert "nach Zeile 4 von 10 unterbrochen" in pages.get(f"/imports/{job.id}").text
    work.run(job.id, chunk=4)
    assert (newest().counts, count(Contact)) == ({"created": 10}, 10)


def test_after_a_kill_rows_of_one_person_are_still_known_as_such(pages: CheckedClient, upload: Upload) -> None:
    factories.contact("Anna", "Alt", email="anna@example.org")
    rows = ";Anna;Alt;;;;;Ulm;;\r\n;Anna;Neu;;;anna@example.org;;;;\r\n"
    job = checked(pages, upload, f"{HEADER}\r\n{rows}")
    expected = job.counts
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    work.run(job.id, seconds=0, chunk=1)
    work.run(job.id, chunk=1)
    assert newest().counts == expected
    assert expected["reason:same_contact"] == 1


def test_a_forgotten_import_is_woken(pages: CheckedClient, upload: Upload, woken: list[Any]) -> None:
    upload()
    job = newest()
    service.check(job.id)
    woken.clear()
    assert wake_forgotten_imports(now()) == 0
    assert wake_forgotten_imports(now() + timedelta(minutes=2)) == 1
    assert woken == [("check", job.id)]
    assert "Importiert wurde nichts" in pages.get(f"/imports/{job.id}").text


def test_an_import_that_never_moves_is_given_up(pages: CheckedClient, upload: Upload, woken: list[Any]) -> None:
    job = checked(pages, upload)
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    for minutes in range(2, 14, 2):
        wake_forgotten_imports(now() + timedelta(minutes=minutes))
    assert newest().state == "failed"
    assert "note-bad" in pages.get(f"/imports/{job.id}").text
    assert pages.post(f"/imports/{job.id}/resume").status_code == 303
    work.run(job.id)
    assert (newest().state, count(Contact)) == ("done", 3)


def test_a_lost_file_is_said(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    (files.folder() / job.path).unlink()
    work.run(job.id)
    assert (newest().state, newest().error) == ("failed", "file_gone")
    assert pages.get(f"/imports/{job.id}").status_code == 200


def test_a_finished_import_keeps_its_rejected_rows_and_not_its_file(
    app: Flask, pages: CheckedClient, upload: Upload
) -> None:
    job = imported(pages, upload)
    assert kept_files(app) == []
    assert count(ImportNumber) == 0
    assert "6" in pages.get(f"/imports/{job.id}?show=rejected").text
    assert pages.get(f"/imports/{job.id}/columns").status_code == 302


def test_deleting_an_import_leaves_the_contacts(app: Flask, pages: CheckedClient, upload: Upload) -> None:
    job = imported(pages, upload)
    pages.get(f"/imports/{job.id}/delete")
    assert pages.post(f"/imports/{job.id}/delete").status_code == 303
    assert (count(ImportJob), count(ImportRow), count(Contact)) == (0, 0, 3)


def test_a_running_import_cannot_be_deleted(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    assert pages.post(f"/imports/{job.id}/delete").status_code == 409


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


def import_without_pages(content: str) -> ImportJob:
    import_id = service.upload(io.BytesIO(content.encode("cp1252")), "kontakte.csv", None)
    service.check(import_id)
    work.check(import_id)
    service.run(import_id, newest().round)
    work.run(import_id, chunk=2)
    return newest()


@pytest.mark.usefixtures("any_app")
def test_each_database_imports_the_same_file_once() -> None:
    assert import_without_pages(TABLE).counts["created"] == 3
    job = import_without_pages(TABLE)
    assert (job.state, job.counts["unchanged"], count(Contact)) == ("done", 3, 3)


@pytest.mark.usefixtures("any_app")
def test_each_database_wakes_what_was_forgotten(woken: list[Any]) -> None:
    service.check(service.upload(io.BytesIO(TABLE.encode("cp1252")), "kontakte.csv", None))
    woken.clear()
    assert wake_forgotten_imports(now() + timedelta(minutes=2)) == 1
    assert len(woken) == 1


DATED = "Vorname;Nachname;Geburtsdatum\r\nAnna;Alt;08.09.10\r\nBernd;Busch;03.04.80\r\n"


def test_dates_with_two_digit_years_are_shown_as_each_order_reads_them(pages: CheckedClient, upload: Upload) -> None:
    page = pages.get(upload(DATED).location).text
    assert "8. September 2010" in page
    assert "9. August 2010" in page
    assert '<option selected value="DMY">' in page


def test_what_each_order_makes_of_a_date_is_still_shown_beside_an_error(pages: CheckedClient, upload: Upload) -> None:
    upload(DATED)
    answer = pages.post(f"/imports/{newest().id}/columns", data={**columns_of(newest()), "column_0": "last_name"})
    assert answer.status_code == 422
    assert "9. August 2010" in answer.text


def test_dates_are_read_in_the_chosen_order(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload, DATED, date_order="MDY")
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    work.run(job.id)
    assert [str(contact.birthday) for contact in everybody()] == ["2010-08-09", "1980-03-04"]


def test_an_order_that_is_none_is_refused(pages: CheckedClient, upload: Upload) -> None:
    upload(DATED)
    job = newest()
    assert pages.post(f"/imports/{job.id}/columns", data={**columns_of(job), "date_order": "DYM"}).status_code == 422


def test_the_next_file_with_the_same_header_is_mapped_at_once(pages: CheckedClient, upload: Upload) -> None:
    checked(pages, upload, DATED, column_1="job_title", date_order="MDY")
    page = pages.get(upload(DATED.replace("Anna", "Zoë"), "zweite.csv").location).text
    assert (newest().columns["1"], newest().date_order, newest().remembered) == ("job_title", "MDY", True)
    assert "note-info" in page


def test_columns_are_remembered_for_each_user_alone(app: Flask, pages: CheckedClient, upload: Upload) -> None:
    checked(pages, upload, DATED, column_1="job_title")
    service.upload(io.BytesIO(DATED.encode()), "andere.csv", factories.user().id)
    assert (newest().columns["1"], newest().remembered) == ("last_name", False)


def workbook(*sheets: list[str]) -> bytes:
    """A workbook of the sheets' rows, cells parted by semicolons."""
    book, file = Workbook(write_only=True), io.BytesIO()
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Blatt {number}")
        for row in rows:
            sheet.append(row.split(";"))
    book.save(file)
    return file.getvalue()


BOOK = workbook([], ["Vorname;Nachname", "Anna;Alt", "Bernd;Busch"], ["Vorname;Nachname", "Zoë;Çelik"])


@pytest.mark.parametrize("name", ["kontakte.xlsx", "kontakte.csv"])
def test_a_workbook_is_imported_whatever_its_name_is(
    app: Flask, pages: CheckedClient, upload: Upload, name: str
) -> None:
    page = pages.get(upload(BOOK, name).location).text
    job = newest()
    assert (job.sheet, job.total, job.workbook != "") == (1, 2, True)
    assert "Blatt 2" in page
    pages.post(f"/imports/{job.id}/columns", data=columns_of(job))
    work.check(job.id)
    pages.post(f"/imports/{job.id}/run", data={"round": newest().round})
    work.run(job.id)
    assert [contact.full_name for contact in everybody()] == ["Anna Alt", "Bernd Busch"]
    assert kept_files(app) == []


def test_another_sheet_can_be_chosen(app: Flask, pages: CheckedClient, upload: Upload) -> None:
    upload(BOOK)
    job = newest()
    answer = pages.post(f"/imports/{job.id}/shape", data={"sheet": "2", "has_header": "yes"})
    assert "Çelik" in pages.get(answer.location).text
    assert (newest().sheet, newest().total, len(kept_files(app))) == (2, 1, 2)


def test_an_empty_sheet_is_refused_and_the_other_stays(app: Flask, pages: CheckedClient, upload: Upload) -> None:
    upload(BOOK)
    job = newest()
    answer = pages.post(f"/imports/{job.id}/shape", data={"sheet": "0", "has_header": "yes"})
    assert (answer.status_code, newest().sheet, len(kept_files(app))) == (422, 1, 2)


def test_a_table_called_a_workbook_is_read_as_the_table_that_it_is(pages: CheckedClient, upload: Upload) -> None:
    pages.get(upload(TABLE, "kontakte.xlsx").location)
    assert (newest().workbook, newest().total) == ("", 5)


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
