"""Files that are no tables, that are too large, or that were made to do harm."""

import os

import pytest
from flask import Flask

from smsapp.contacts.importing import files
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.models import Contact
from tests.web.checker import CheckedClient
from tests.web.imports.importing import HEADER, Upload, checked, count, everybody, imported, kept_files, newest

HOSTILE = "\r\n".join(
    [
        HEADER,
        'Frau;"=HYPERLINK(""http://example.org"")";<script>alert(1)</script>;{{7*7}};{Vorname};x@example.org;;;DE;',
        "Quatsch;=1+1;<b>fett</b>;;;;;;;",
        "",
    ]
)


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


def test_a_hostile_file_name_is_plain_text(pages: CheckedClient, upload: Upload) -> None:
    answer = upload(name="../../<img src=x>.csv")
    assert "<img src=x>" not in pages.get(answer.location).text
    assert newest().filename == "<img src=x>.csv"
    assert [path.parent for path in kept_files()] == [files.folder()]


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
def test_a_broken_file_gets_one_clear_error_and_leaves_nothing(upload: Upload, content: bytes) -> None:
    answer = upload(content)
    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 1
    assert (count(ImportJob), count(Contact), kept_files()) == (0, 0, [])


def test_files_that_no_import_knows_are_removed_after_a_day(upload: Upload) -> None:
    old, fresh = files.folder() / "old.csv", files.folder() / "fresh.csv"
    for path in (old, fresh):
        path.write_text("left behind")
    os.utime(old, (0, 0))
    upload()
    assert {path.name for path in kept_files()} == {"fresh.csv", newest().path}


def test_no_file_at_all_is_said(pages: CheckedClient) -> None:
    assert pages.post("/imports/", data={}).status_code == 422


def test_a_file_that_is_too_large_is_said(app: Flask, upload: Upload) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 2000
    answer = upload("x" * 3000)
    assert answer.status_code == 413
    assert kept_files() == []
