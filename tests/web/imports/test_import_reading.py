"""How a file is read: its encoding, header, columns, dates and sheets."""

import io

import pytest
from openpyxl import Workbook

from smsapp.contacts.importing import service, work
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.imports.importing import HEADER, TABLE, Upload, checked, columns_of, everybody, kept_files, newest

DATED = "Vorname;Nachname;Geburtsdatum\r\nAnna;Alt;08.09.10\r\nBernd;Busch;03.04.80\r\n"


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


def test_columns_are_remembered_for_each_user_alone(pages: CheckedClient, upload: Upload) -> None:
    checked(pages, upload, DATED, column_1="job_title")
    service.upload(io.BytesIO(DATED.encode()), "andere.csv", factories.user().id)
    assert (newest().columns["1"], newest().remembered) == ("last_name", False)


@pytest.mark.parametrize("name", ["kontakte.xlsx", "kontakte.csv"])
def test_a_workbook_is_imported_whatever_its_name_is(pages: CheckedClient, upload: Upload, name: str) -> None:
    page = pages.get(upload(BOOK, name).location).text
    job = newest()
    assert (job.sheet, job.total, job.workbook != "") == (1, 2, True)
    assert "Blatt 2" in page
    pages.post(f"/imports/{job.id}/columns", data=columns_of(job))
    work.check(job.id)
    pages.post(f"/imports/{job.id}/run", data={"round": newest().round})
    work.run(job.id)
    assert [contact.full_name for contact in everybody()] == ["Anna Alt", "Bernd Busch"]
    assert kept_files() == []


def test_another_sheet_can_be_chosen(pages: CheckedClient, upload: Upload) -> None:
    upload(BOOK)
    job = newest()
    answer = pages.post(f"/imports/{job.id}/shape", data={"sheet": "2", "has_header": "yes"})
    assert "Çelik" in pages.get(answer.location).text
    assert (newest().sheet, newest().total, len(kept_files())) == (2, 1, 2)


def test_an_empty_sheet_is_refused_and_the_other_stays(pages: CheckedClient, upload: Upload) -> None:
    upload(BOOK)
    job = newest()
    answer = pages.post(f"/imports/{job.id}/shape", data={"sheet": "0", "has_header": "yes"})
    assert (answer.status_code, newest().sheet, len(kept_files())) == (422, 1, 2)


def test_a_table_called_a_workbook_is_read_as_the_table_that_it_is(pages: CheckedClient, upload: Upload) -> None:
    pages.get(upload(TABLE, "kontakte.xlsx").location)
    assert (newest().workbook, newest().total) == ("", 5)
