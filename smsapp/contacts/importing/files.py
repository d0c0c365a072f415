"""Uploaded tables on disk: where they lie, how they are understood. The user's file name is never a path."""

import secrets
import shutil
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from flask import current_app

from smsapp.contacts.importing import workbooks
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.tables import Row, Shape, Unreadable, rows, sniff
from smsapp.text.normalise import clean_value

if TYPE_CHECKING:
    from openpyxl import Workbook

SAMPLE: Final = 200
_LONGEST_NAME: Final = 200


def folder() -> Path:
    """The folder of uploaded tables, inside the data folder."""
    data: Path = current_app.extensions["smsapp_config"].data
    path = data / "imports"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


@dataclass(frozen=True, slots=True)
class Kept:
    """An upload on disk: the table, and the workbook that it was written out from, or is still to be."""

    table: Path | None
    workbook: Path | None = None
    sheets: tuple[str, ...] = ()
    sheet: int = 0

    def remove(self) -> None:
        remove(self.table, self.workbook)


def keep(stream: IO[bytes]) -> Kept:
    """Write an upload to a file of a name that nobody can guess, and a workbook's sheet to a table, if it is not large.

    What a file is, its first bytes say and not its name. Whatever fails leaves no file. Raises Unreadable.
    """
    path = _new_path("csv")
    try:
        with path.open("xb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
        with path.open("rb") as file:
            is_workbook = file.read(len(workbooks.MARK)) == workbooks.MARK
        return _unpacked(path) if is_workbook else Kept(path)
    except BaseException:
        remove(path)
        raise


def _unpacked(path: Path) -> Kept:
    kept = read_at_once(path) or Kept(None)
    return replace(kept, workbook=path.rename(path.with_suffix(".xlsx")))


def read_at_once(workbook: Path, sheet: int | None = None) -> Kept | None:
    """As `read_workbook`, while a request waits; nothing if that would take too long."""
    if workbooks.is_large(workbook):
        return None
    try:
        return read_workbook(workbook, sheet)
    except Unreadable as error:
        if error.code != "workbook_too_long":
            raise
        return None


def read_workbook(
    workbook: Path, sheet: int | None, tick: workbooks.Tick | None = None, through: tuple[type[Exception], ...] = ()
) -> Kept:
    """A new table with this sheet, or with the first one that holds anything.

    Whatever fails leaves no table. Raises Unreadable, and what the `tick` raises if it is one of `through`.
    """
    with workbooks.opened(workbook, through) as book:
        names = tuple(each.title for each in book.worksheets)
        for number in range(len(names)) if sheet is None else (sheet,):
            table = _written_out(book, number, tick)
            if table.stat().st_size:
                return Kept(table, workbook, names, number)
            remove(table)
    raise Unreadable("empty" if sheet is None else "empty_sheet")


def _written_out(book: "Workbook", sheet: int, tick: workbooks.Tick | None) -> Path:
    table = _new_path("csv")
    try:
        workbooks.write_out(book, sheet, table, tick)
    except BaseException:
        remove(table)
        raise
    return table


def _new_path(suffix: str) -> Path:
    return folder() / f"{secrets.token_hex(16)}.{suffix}"


def remove(*paths: Path | None) -> None:
    for path in paths:
        if path is not None:
            path.unlink(missing_ok=True)


def remove_orphans(known: Set[str]) -> None:
    """Remove files whose upload or end was interrupted: no import knows them, and they are a day old."""
    oldest = time.time() - 86_400
    for path in folder().iterdir():
        if path.name not in known and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def shown_name(filename: str) -> str:
    """The user's file name as it is shown; it is never a path."""
    name = clean_value(filename.replace("\\", "/").rsplit("/", 1)[-1])[0]
    return name[:_LONGEST_NAME] or "?"


def of(job: ImportJob) -> list[Path]:
    """The files of an import that are still kept."""
    return [folder() / name for name in (job.path, job.workbook) if name]


def dates(mapping: Mapping[int, str], first: list[Row]) -> list[str]:
    """The cells of the columns that hold dates."""
    columns = [index for index, column in mapping.items() if column in ("birthday", "consent_date")]
    return [row.cells[index] for row in first for index in columns if index < len(row.cells) and row.cells[index]]


def shape_of(path: Path, encoding: str | None = None, delimiter: str | None = None) -> Shape:
    """How to read the file, with a header line or, where the first line is none, without. Raises Unreadable."""
    try:
        return sniff(path, encoding, delimiter)
    except Unreadable as error:
        if error.code != "no_header":
            raise
        return sniff(path, encoding, delimiter, has_header=False)


def sample(path: Path, shape: Shape, size: int = SAMPLE) -> list[Row]:
    """The first rows."""
    return list(islice(rows(path, shape), size))


def first_rows(job: ImportJob, size: int) -> list[Row]:
    """The first rows as the import is going to read them; none where the file is gone."""
    shape = Shape(job.encoding, job.delimiter, tuple(job.header), job.total, job.has_header)
    try:
        return sample(folder() / job.path, shape, size)
    except (OSError, Unreadable):
        return []
