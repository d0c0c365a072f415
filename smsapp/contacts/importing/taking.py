"""A table that lies on disk becomes that of an import: how it is read, and what its columns may hold."""

from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.guessing import guess_columns, is_company_address
from smsapp.contacts.importing import files, workbooks
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.importing.remembering import remembered
from smsapp.contacts.tables import Row, Shape, Unreadable
from smsapp.contacts.values import likely_order


def new_job(kept: files.Kept, filename: str, user_id: int | None) -> ImportJob:
    """The import of an upload; how its table is read is not known yet."""
    size, name = sum(path.stat().st_size for path in (kept.workbook or kept.table,) if path), files.shown_name(filename)
    job = ImportJob(user_id=user_id, filename=name, size=size, header=[], columns={}, total=0)
    job.encoding, job.delimiter = workbooks.ENCODING, workbooks.DELIMITER
    take_files(job, kept)
    return job


def take_files(job: ImportJob, kept: files.Kept) -> None:
    """Where its table and workbook lie."""
    job.path, job.workbook = (path.name if path else "" for path in (kept.table, kept.workbook))
    job.sheets, job.sheet = list(kept.sheets), kept.sheet


def looked_at(kept: files.Kept) -> tuple[Shape, list[Row]]:
    """How to read the table, and its first rows. Raises Unreadable, also where there are none."""
    if kept.table is None:
        raise Unreadable("empty")
    way = (workbooks.ENCODING, workbooks.DELIMITER) if kept.workbook else (None, None)
    shape = files.shape_of(kept.table, *way)
    if not shape.records:
        raise Unreadable("no_rows")
    return shape, files.sample(kept.table, shape)


def take_shape(session: Session, job: ImportJob, shape: Shape, first: list[Row]) -> None:
    """How to read the file, and its columns: as the user said of the last file with this header, else a guess."""
    job.encoding, job.delimiter, job.has_header = shape.encoding, shape.delimiter, shape.has_header
    job.header, job.total, job.done = list(shape.header), shape.records, 0
    if known := remembered(session, job):
        job.columns, job.company_address, job.date_order = known.columns, known.company_address, known.date_order
    else:
        mapping = guess_columns(shape.header, first)
        job.company_address = is_company_address(mapping, first)
        job.columns = {str(index): field for index, field in mapping.items()}
        job.date_order = likely_order(files.dates(mapping, first), now().date())
    job.remembered = known is not None
