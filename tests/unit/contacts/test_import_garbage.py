"""Importing looks for garbage only among what it made itself, and leaves the collector as it was."""

import gc
import io

import pytest

from smsapp.contacts.importing import rounds, service, work
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.importing.reading import Reader
from smsapp.extensions import db

TABLE = b"Vorname;Nachname\nAnna;Alt\n"


@pytest.mark.usefixtures("app")
def test_what_was_loaded_before_is_frozen_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[int] = []
    read = Reader.read

    def counted(reader: Reader, number: int, row: rounds.Row) -> object:
        frozen.append(gc.get_freeze_count())
        return read(reader, number, row)

    monkeypatch.setattr(Reader, "read", counted)
    import_id = service.upload(io.BytesIO(TABLE), "k.csv", None)
    service.check(import_id)
    work.check(import_id)
    service.run(import_id, db.session.get_one(ImportJob, import_id).round)
    work.run(import_id)
    assert len(frozen) == 2
    assert min(frozen) > 10_000
    assert gc.get_freeze_count() == 0
