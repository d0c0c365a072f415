"""Workbooks of Excel (XLSX), read by openpyxl: one sheet is written out as CSV, and that is imported.

Only values count: of a formula what it gave last. openpyxl takes up to 30 µs for a cell, so that a large workbook is
read in the background, and that there is a limit to the number of cells; it reads XML through defusedxml, which refuses
entities. Sheets are read row by row, the texts that they share (xl/sharedStrings.xml) are held in memory.
"""

import csv
import logging
import re
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from smsapp.contacts.tables import MAX_COLUMNS, Unreadable

if TYPE_CHECKING:  # five megabytes and a tenth of a second, which no process needs that never meets a workbook
    from openpyxl import Workbook

log = logging.getLogger(__name__)

MARK: Final = b"PK\x03\x04"
"""What the file of a workbook begins with, as any ZIP does."""
DELIMITER: Final = ";"
ENCODING: Final = "utf-8"
LINE_SEPARATOR: Final = "\u2028"
"""Stands for a line break in a cell, so that lines of the CSV are rows of the sheet."""
AT_ONCE_CELLS: Final = 300_000
"""So many are read while a request waits, at most."""
AT_ONCE_UNPACKED: Final = 8 << 20
MOST_CELLS: Final = 3_000_000
TICK_ROWS: Final = 2_000
_MOST_EMPTY_ROWS: Final = 1_000
"""A table is at its end here; many sheets have a million rows that are empty, but formatted."""
_MOST_SHEETS: Final = 256 << 20
_MOST_UNPACKED: Final = 64 << 20
"""Of all that is not a sheet, and may be held in memory."""
_MOST_TEXTS: Final = 30 << 20
_SUSPECT: Final = 4 << 20
_HIGHEST_RATIO: Final = 100
_LINE_BREAK: Final = re.compile("\r\n?|\n")
_FORMAT_TEXT: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')

Tick = Callable[[int], None]
"""Is told now and then how many rows are read."""


@contextmanager
def opened(path: Path, through: tuple[type[Exception], ...] = ()) -> Iterator["Workbook"]:
    """A workbook to read from; whatever is wrong with it, while it is read, too, raises Unreadable: workbook_broken,
    workbook_other (another kind of ZIP) or workbook_too_large. What is no fault of the workbook goes `through`."""
    with path.open("rb") as file, _judging(through):
        _refuse_bombs(file)
        yield _loaded(file)


def is_large(path: Path) -> bool:
    """Whether reading it would take too long for a request, as far as its parts tell. Raises Unreadable as `opened`."""
    with path.open("rb") as file, _judging():
        parts = _refuse_bombs(file)
    return sum(part.file_size for part in parts if part.filename.lower().endswith(".xml")) > AT_ONCE_UNPACKED


@contextmanager
def _judging(through: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    others: tuple[type[Exception], ...] = (Unreadable, OSError, *through)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="openpyxl")  # they name what is left out, such as drop-down lists
        try:
            yield
        except others:
            raise
        except Exception as error:  # a damaged part makes openpyxl stumble over anything: KeyError, TypeError ...
            _log(error)
            raise Unreadable("workbook_broken") from error


def _log(error: Exception) -> None:
    """What it was and where, without the message: that may quote a cell."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.warning("A workbook could not be read: %s in %s:%s", type(error).__name__, where.filename, where.lineno)


def write_out(book: "Workbook", sheet: int, target: Path, tick: Tick | None = None) -> None:
    """Write a sheet (counted from 0) as CSV; a line of the file is a row of the sheet.

    Who has the time for a large one gives a `tick`. Raises Unreadable: too_many_columns and workbook_too_long.
    """
    with target.open("w", encoding=ENCODING, errors="ignore", newline="") as file:
        csv.writer(file, delimiter=DELIMITER, lineterminator="\r\n").writerows(_rows(book.worksheets[sheet], tick))


def _refuse_bombs(file: IO[bytes]) -> list[zipfile.ZipInfo]:
    """Sizes are those that the file claims: zipfile gives no more than them, and fails where that is not all."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise Unreadable("workbook_other")
    sheets, texts, every = (_size(parts, start) for start in ("xl/worksheets/", "xl/sharedstrings", ""))
    dense = (part.file_size > max(_SUSPECT, _HIGHEST_RATIO * part.compress_size) for part in parts)
    if sheets > _MOST_SHEETS or texts > _MOST_TEXTS or every - sheets > _MOST_UNPACKED or any(dense):
        raise Unreadable("workbook_too_large")
    return parts


def _size(parts: list[zipfile.ZipInfo], start: str) -> int:
    return sum(part.file_size for part in parts if part.filename.lower().startswith(start))


def _loaded(file: IO[bytes]) -> "Workbook":
    from openpyxl import load_workbook

    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except OSError as error:  # what a text document is, for example
        raise Unreadable("workbook_other") from error
    if not book.worksheets:
        raise Unreadable("workbook_broken")
    return book


def _rows(sheet: Any, tick: Tick | None) -> Iterator[list[str]]:
    """The rows down to the last one that holds anything; empty cells behind the others are left out."""
    sheet.reset_dimensions()  # what a file says of them is often wrong
    cells = empty = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells += 1 + len(row)
        if cells > (MOST_CELLS if tick else AT_ONCE_CELLS):
            raise Unreadable("workbook_too_long")
        if tick and not number % TICK_ROWS:
            tick(number)
        texts = _texts(row)
        if len(texts) > MAX_COLUMNS:
            raise Unreadable("too_many_columns", number)
        if texts:
            yield from [[]] * empty
            yield texts
        empty = 0 if texts else empty + 1
        if empty == _MOST_EMPTY_ROWS:
            return


def _texts(row: tuple[Any, ...]) -> list[str]:
    texts = [_text(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: Any) -> str:
    """A cell as text: dates and times as ISO writes them; an error (#N/A) says nothing."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, str):
        return _LINE_BREAK.sub(LINE_SEPARATOR, _unescaped(value).replace("\0", ""))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").removesuffix("T00:00:00")
    return value.isoformat(timespec="minutes") if isinstance(value, time) else str(value)


def _unescaped(text: str) -> str:
    """Excel writes characters that XML cannot have as _x000B_."""
    if "_x" not in text:
        return text
    from openpyxl.utils.escape import unescape

    return str(unescape(text))


def _number(value: float, shown_as: str) -> str:
    """A number as its digits, whatever way it is stored in, with the zeros in front that it is shown with."""
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= 1e15:
            return str(value)
        value = int(value)
    return str(value).zfill(_digits(shown_as))


@lru_cache(maxsize=200)
def _digits(shown_as: str) -> int:
    """How many digits a format of nothing but zeros shows at least, such as "00000" of postcodes; 0 for others."""
    code = _FORMAT_TEXT.sub("", shown_as.partition(";")[0])
    return len(code) if not code.strip("0") else 0
