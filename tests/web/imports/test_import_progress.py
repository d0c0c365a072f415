"""A check and a run under way: pressed twice, interrupted, forgotten, given up."""

import io
from datetime import timedelta
from typing import Any

import pytest

from smsapp.clock import now
from smsapp.contacts.data import ContactData
from smsapp.contacts.importing import files, service, work
from smsapp.contacts.importing.forgotten import wake_forgotten_imports
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.models import Contact
from smsapp.contacts.service import save_contact
from smsapp.extensions import db_write
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.imports.importing import HEADER, TABLE, Upload, checked, columns_of, count, newest


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


def test_a_running_import_cannot_be_deleted(pages: CheckedClient, upload: Upload) -> None:
    job = checked(pages, upload)
    pages.post(f"/imports/{job.id}/run", data={"round": job.round})
    assert pages.post(f"/imports/{job.id}/delete").status_code == 409


@pytest.mark.usefixtures("any_app")
def test_each_database_wakes_what_was_forgotten(woken: list[Any]) -> None:
    service.check(service.upload(io.BytesIO(TABLE.encode("cp1252")), "kontakte.csv", None))
    woken.clear()
    assert wake_forgotten_imports(now() + timedelta(minutes=2)) == 1
    assert len(woken) == 1
