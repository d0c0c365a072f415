"""Workbooks of Excel (XLSX): one sheet is written out as CSV, and that is imported.

Only values count: of a formula what it gave last. Raises Unreadable (see `contacts.tables`) with the codes of
`workbook_parts.opened`, and too_many_columns, too_many_lines, line_too_long.
"""

import csv
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from smsapp.contacts.importing.workbook_parts import Book, Texts, opened, pieces
from smsapp.contacts.tables import MAX_COLUMNS, MAX_LINE, MAX_LINES, Unreadable

DELIMITER: Final = ";"
ENCODING: Final = "utf-8"
LINE_SEPARATOR: Final = "\u2028"
"""Stands for a line break in a cell, so that lines of the CSV are rows of the sheet."""
_DATE: Final = "date"
_NO_DATE: Final = 2_958_466
"""The day that begins the year 10000, from which on numbers are no dates, whatever they are shown as."""
_LINE_BREAK: Final = re.compile("\r\n?|\n")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")


def sheets(path: Path) -> list[str]:
    """The names of the sheets, in their order."""
    with opened(path) as book:
        return [name for name, _ in book.sheets]


def write_out(path: Path, sheet: int, target: Path) -> None:
    """Write a sheet (counted from 0) as CSV; a line of the file is a row of the sheet."""
    with opened(path) as book, target.open("w", encoding=ENCODING, newline="") as file:
        writer, written = csv.writer(file, delimiter=DELIMITER, lineterminator="\r\n"), 0
        for number, cells in _rows(book, book.sheets[sheet][1]):
            if number > MAX_LINES:
                raise Unreadable("too_many_lines")
            file.write("\r\n" * (number - written - 1))
            writer.writerow(cells)
            written = number


class _Sheet:
    """Collects the cells of rows while the XML of a sheet goes by."""

    def __init__(self, book: Book) -> None:
        self.book, self.texts = book, Texts(book.file)
        self.done: list[tuple[int, list[str]]] = []
        self.row = 0
        self.cells: list[str] = []
        self._begin_cell("", "")
        self.column = 0
        self.inside = False

    def _begin_cell(self, kind: str, style: str) -> None:
        self.kind, self.style, self.said, self.length = kind, style, list[str](), 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self.row, self.column, self.cells = int(attributes.get("r", self.row + 1)), 0, []
        elif name == "c":
            place = attributes.get("r")
            self.column = _column(place) if place else self.column + 1
            self._begin_cell(attributes.get("t", "n"), attributes.get("s", ""))
        self.inside = name in ("v", "t")

    def text(self, text: str) -> None:
        if self.inside:
            self.said.append(text)
            self.length += len(text)
            if self.length > MAX_LINE:
                raise Unreadable("line_too_long", self.row)

    def end(self, name: str) -> None:
        self.inside = False
        if name == "c" and self.said:
            self._take("".join(self.said))
        elif name == "row" and any(self.cells):
            self.done.append((self.row, self.cells))

    def _take(self, raw: str) -> None:
        value = self._value(raw)
        if not value:
            return
        if self.column > MAX_COLUMNS:
            raise Unreadable("too_many_columns", self.row)
        self.cells.extend([""] * (self.column - len(self.cells)))
        self.cells[self.column - 1] = value

    def _value(self, raw: str) -> str:
        """A cell as text; an error (#N/A) says nothing."""
        if self.kind == "s":
            return _plain(self.texts[int(raw)])
        if self.kind == "b":
            return "true" if raw.strip() == "1" else "false"
        if self.kind == "e":
            return ""
        if self.kind == "d":
            return raw.strip().removesuffix("T00:00:00")
        return _plain(raw) if self.kind in ("str", "inlineStr") else self._number(raw.strip())

    def _number(self, raw: str) -> str:
        """A number as its digits, whatever way it is stored in; a date as ISO writes it."""
        if not raw:
            return ""
        number = float(raw)
        style = int(self.style or 0)
        shown = self.book.formats[style] if style < len(self.book.formats) else ""
        if shown == _DATE and 0 <= number < _NO_DATE:
            return _moment(self.book.since, number)
        if not number.is_integer() or abs(number) >= 1e15:
            return raw
        return str(int(number)).zfill(0 if shown == _DATE else len(shown))


def _rows(book: Book, part: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, as they come."""
    sheet = _Sheet(book)
    for _ in pieces(book.file, part, sheet.start, sheet.end, sheet.text):
        yield from sheet.done
        sheet.done.clear()


def _column(place: str) -> int:
    """ "AB12" is 28."""
    number = 0
    for letter in place.rstrip("0123456789"):
        number = 26 * number + ord(letter) - 64
    return number


def _moment(since: datetime, number: float) -> str:
    days, rest = divmod(round(number * 86_400), 86_400)
    moment = since + timedelta(days=days + (since.year == 1899 and 0 < days < 60), seconds=rest)  # Excel's 29.2.1900
    if days == 0:
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}" if rest else f"{moment:%Y-%m-%d}"


def _plain(text: str) -> str:
    """The text without Excel's way of writing characters that XML cannot hold, on one line."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: _character(int(found[1], 16)), text)
    return _LINE_BREAK.sub(LINE_SEPARATOR, text)


def _character(code: int) -> str:
    return chr(code) if code in (9, 10, 13) or (code >= 32 and not 0xD800 <= code < 0xE000) else ""
