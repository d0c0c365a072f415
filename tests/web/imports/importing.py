"""A table that is imported through its pages, and what came of it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from smsapp.contacts.importing import files, service, work
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.models import Contact
from smsapp.extensions import db
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
Upload = Callable[..., TestResponse]


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


def import_without_pages(content: str) -> ImportJob:
    import_id = service.upload(io.BytesIO(content.encode("cp1252")), "kontakte.csv", None)
    service.check(import_id)
    work.check(import_id)
    service.run(import_id, newest().round)
    work.run(import_id, chunk=2)
    return newest()


def everybody() -> list[Contact]:
    db.session.rollback()
    return list(db.session.scalars(select(Contact).order_by(Contact.id)))


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def kept_files() -> list[Path]:
    return list(files.folder().iterdir())
