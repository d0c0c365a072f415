"""Workbooks that are too large to be read while a request waits: a worker reads them, and the page waits."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from smsapp.clock import now
from smsapp.contacts.importing import files, jobs, service, unpacking, work, workbooks
from smsapp.contacts.importing.forgotten import wake_forgotten_imports
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.models import Contact
from smsapp.errors import Conflict
from smsapp.extensions import db, db_write
from tests.web.checker import CheckedClient
from tests.web.imports.importing import Upload, kept_files, newest

HEADER = ("Vorname", "Nachname", "Geburtsdatum")
PEOPLE = [(f"P{number}", "Alt", date(1980, 3, 1 + number)) for number in range(9)]
OTHERS = [("Zoë", "Çelik", date(1990, 1, 2))]
Large = Callable[..., ImportJob]


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any workbook is a large one, and the worker shows after two rows how far it is."""
    monkeypatch.setattr(workbooks, "AT_ONCE_UNPACKED", 0)
    monkeypatch.setattr(workbooks, "TICK_ROWS", 2)


@pytest.fixture
def upload(upload: Upload) -> Large:
    def send(content: bytes | None = None) -> ImportJob:
        content = content or book([], [HEADER, *PEOPLE], [HEADER, *OTHERS], [])
        assert upload(content, "kontakte.xlsx").status_code == 303
        return newest()

    return send


def book(*sheets: list[Any]) -> bytes:
    made, file = Workbook(write_only=True), io.BytesIO()
    for rows in sheets:
        sheet = made.create_sheet()
        for row in rows:
            sheet.append(row)
    made.save(file)
    return file.getvalue()


def kept() -> set[str]:
    return {path.name for path in kept_files()}


def read_by(job: ImportJob) -> ImportJob:
    jobs.read(job.id)
    return newest()


def ended_at_row(monkeypatch: pytest.MonkeyPatch, row: int, ending: Callable[[], object]) -> None:
    """Let this happen when so many rows are read, before the worker says so."""
    real = unpacking.Task.noted

    def noted(task: unpacking.Task, rows: int) -> None:
        if rows == row:
            ending()
        real(task, rows)

    monkeypatch.setattr(unpacking.Task, "noted", noted)


def killed() -> None:
    raise KeyboardInterrupt


def test_the_upload_returns_before_the_workbook_is_read(pages: CheckedClient, upload: Large, woken: list[Any]) -> None:
    job = upload()
    assert (job.state, job.total, kept(), woken) == ("reading", 0, {job.workbook}, [("read", job.id)])
    assert pages.get(f"/imports/{job.id}/columns").location == f"/imports/{job.id}"
    page = pages.get(f"/imports/{job.id}").text
    assert "Die Arbeitsmappe wird gelesen …" in page
    assert 'hx-trigger="every 1s"' in page
    assert "wird gelesen" in pages.get("/imports/").text


def test_the_waiting_page_goes_on_to_the_columns(pages: CheckedClient, upload: Large) -> None:
    job = read_by(upload())
    assert (job.state, job.total, job.sheet) == ("uploaded", 9, 1)
    answer = pages.get(f"/imports/{job.id}", headers={"HX-Request": "true"})
    assert f"/imports/{job.id}/columns" in str(answer.headers)
    assert "P0" in pages.get(f"/imports/{job.id}/columns").text


def test_a_large_workbook_is_understood_as_a_small_one_is(
    pages: CheckedClient, upload: Large, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(job: ImportJob) -> tuple[Any, ...]:
        table = (files.folder() / job.path).read_bytes()
        return job.header, job.columns, job.date_order, job.has_header, job.total, job.sheets, job.sheet, table

    large = found(read_by(upload()))
    with db_write() as session:
        session.delete(session.scalars(select(ImportJob)).one())
    monkeypatch.setattr(workbooks, "AT_ONCE_UNPACKED", 1 << 20)
    small = upload()
    assert small.state == "uploaded"
    assert found(small) == large


def test_it_is_imported_as_any_other(pages: CheckedClient, upload: Large) -> None:
    job = read_by(upload())
    columns = {f"column_{index}": field for index, field in job.columns.items()}
    assert pages.post(f"/imports/{job.id}/columns", data=columns).status_code == 303
    work.check(job.id)
    service.run(job.id, newest().round)
    work.run(job.id)
    people = db.session.scalars(select(Contact).order_by(Contact.id)).all()
    assert [(person.first_name, person.birthday) for person in people] == [(name, day) for name, _, day in PEOPLE]
    assert kept() == set()


def test_what_only_turns_out_to_be_large_is_read_in_the_background(
    upload: Large, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "AT_ONCE_UNPACKED", 1 << 20)
    monkeypatch.setattr(workbooks, "AT_ONCE_CELLS", 10)
    job = upload()
    assert (job.state, kept()) == ("reading", {job.workbook})
    assert read_by(job).total == 9


def test_the_page_shows_how_far_it_is(pages: CheckedClient, upload: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    job = upload()
    ended_at_row(monkeypatch, 6, killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.read(job.id)
    assert "bisher 4 Zeilen" in pages.get(f"/imports/{job.id}").text


def test_a_worker_that_is_killed_has_changed_nothing_and_the_next_one_starts_again(
    pages: CheckedClient, upload: Large, woken: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload()
    with monkeypatch.context() as meanwhile:
        ended_at_row(meanwhile, 6, killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.read(job.id)
    assert (newest().state, kept()) == ("reading", {job.workbook})
    woken.clear()
    assert wake_forgotten_imports(now() + timedelta(minutes=2)) == 1
    assert woken == [("read", job.id)]
    assert "beginnt von selbst noch einmal" in pages.get(f"/imports/{job.id}").text
    job = read_by(job)
    assert (job.state, job.total, kept()) == ("uploaded", 9, {job.path, job.workbook})


def test_a_job_that_comes_twice_changes_nothing(upload: Large) -> None:
    job = read_by(upload())
    before = (job.path, job.round, kept())
    job = read_by(job)
    assert (job.path, job.round, kept()) == before


def test_of_two_workers_the_later_one_counts(upload: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    job = upload()
    with monkeypatch.context() as meanwhile:
        ended_at_row(meanwhile, 6, lambda: (meanwhile.undo(), jobs.read(job.id)))
        jobs.read(job.id)
    job = newest()
    assert (job.state, job.total, kept()) == ("uploaded", 9, {job.path, job.workbook})


def test_an_import_can_be_deleted_while_it_is_read(
    pages: CheckedClient, upload: Large, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload()
    number = job.id
    ended_at_row(monkeypatch, 4, lambda: service.delete(number))
    jobs.read(number)
    assert (kept(), pages.get(f"/imports/{number}").status_code) == (set(), 404)


def test_a_database_that_is_away_is_no_fault_of_the_workbook(upload: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked() -> None:
        raise OperationalError("", {}, Exception("database is locked"))

    job = upload()
    ended_at_row(monkeypatch, 4, locked)
    with pytest.raises(OperationalError):
        jobs.read(job.id)
    assert (newest().state, kept()) == ("reading", {job.workbook})


def test_a_workbook_that_is_broken_is_said(
    pages: CheckedClient,
    upload: Large,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumbled() -> None:
        raise KeyError("geheim")

    job = upload()
    ended_at_row(monkeypatch, 4, stumbled)
    jobs.read(job.id)
    page = pages.get(f"/imports/{job.id}").text
    assert (newest().state, newest().error, kept()) == ("failed", "workbook_broken", {job.workbook})
    assert "Die Arbeitsmappe konnte nicht gelesen werden." in page
    assert "Diese Arbeitsmappe ist beschädigt." in page
    assert "/resume" not in page
    assert "KeyError in " in caplog.text
    assert "geheim" not in caplog.text


@pytest.mark.parametrize(
    ("content", "error"),
    [(book([], []), "empty"), (book([HEADER]), "no_rows"), (book([HEADER, ["x" * 30_000] * 3]), "line_too_long")],
)
def test_a_workbook_without_a_table_is_said(pages: CheckedClient, upload: Large, content: bytes, error: str) -> None:
    job = read_by(upload(content))
    assert (job.state, job.error, kept()) == ("failed", error, {job.workbook})
    assert pages.get(f"/imports/{job.id}").text.count('role="alert"') == 1
    service.delete(job.id)
    assert kept() == set()


def test_one_with_far_too_many_cells_is_said(
    pages: CheckedClient, upload: Large, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_CELLS", 20)
    job = read_by(upload())
    assert (job.state, kept()) == ("failed", {job.workbook})
    assert "mehr als 3.000.000 Zellen" in pages.get(f"/imports/{job.id}").text


def test_a_workbook_that_is_lost_is_said(pages: CheckedClient, upload: Large) -> None:
    job = upload()
    (files.folder() / job.workbook).unlink()
    assert read_by(job).error == "file_gone"
    assert pages.get(f"/imports/{job.id}").status_code == 200


def test_what_stopped_too_often_can_be_read_again(pages: CheckedClient, upload: Large, woken: list[Any]) -> None:
    job = upload()
    for minutes in range(2, 14, 2):
        wake_forgotten_imports(now() + timedelta(minutes=minutes))
    assert "Neu lesen" in pages.get(f"/imports/{job.id}").text
    woken.clear()
    assert pages.post(f"/imports/{job.id}/resume").status_code == 303
    assert (newest().state, woken) == ("reading", [("read", job.id)])


def chosen(pages: CheckedClient, job: ImportJob, sheet: int) -> None:
    answer = pages.post(f"/imports/{job.id}/shape", data={"sheet": str(sheet), "has_header": "yes"})
    assert answer.status_code == 303


def test_another_sheet_is_read_in_the_background(pages: CheckedClient, upload: Large, woken: list[Any]) -> None:
    job = read_by(upload())
    woken.clear()
    chosen(pages, job, 2)
    assert (newest().state, woken) == ("reading", [("read", job.id)])
    assert pages.get(f"/imports/{job.id}/columns").location == f"/imports/{job.id}"
    job = read_by(job)
    assert (job.state, job.sheet, job.total, kept()) == ("uploaded", 2, 1, {job.path, job.workbook})
    assert "Çelik" in pages.get(f"/imports/{job.id}/columns").text


def test_htmx_is_led_to_the_waiting_page(pages: CheckedClient, upload: Large) -> None:
    job = read_by(upload())
    data = {"sheet": "2", "has_header": "yes"}
    answer = pages.post(f"/imports/{job.id}/shape", data=data, headers={"HX-Request": "true"})
    assert f"/imports/{job.id}/columns" in str(answer.headers)


def test_a_sheet_that_cannot_be_read_leaves_the_present_one(pages: CheckedClient, upload: Large) -> None:
    job = read_by(upload())
    before = (job.path, job.sheet, job.total, job.header, kept())
    chosen(pages, job, 3)
    job = read_by(job)
    assert (job.state, job.path, job.sheet, job.total, job.header, kept()) == ("uploaded", *before)
    page = pages.get(f"/imports/{job.id}/columns").text
    assert "Das andere Tabellenblatt konnte nicht gelesen werden. Dieses Tabellenblatt ist leer." in page


def test_the_header_of_the_present_sheet_is_chosen_at_once(pages: CheckedClient, upload: Large) -> None:
    job = read_by(upload())
    pages.post(f"/imports/{job.id}/shape", data={"sheet": "1", "has_header": "no"})
    job = newest()
    assert (job.state, job.total, job.has_header, kept()) == ("uploaded", 10, False, {job.path, job.workbook})


def test_nothing_else_begins_while_a_sheet_is_read(pages: CheckedClient, upload: Large) -> None:
    job = read_by(upload())
    chosen(pages, job, 2)
    with pytest.raises(Conflict, match="wird noch gelesen"):
        service.check(job.id, {0: "first_name"})
    assert newest().state == "reading"


def test_another_kind_of_zip_is_refused_at_once(pages: CheckedClient) -> None:
    data = {"file": (io.BytesIO(b"PK\x03\x04 no workbook"), "kontakte.xlsx")}
    answer = pages.post("/imports/", data=data, content_type="multipart/form-data")
    assert (answer.status_code, kept()) == (422, set())
