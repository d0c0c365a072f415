"""Tables that people upload: CSV text of unknown encoding and delimiter, read record by record in bounded memory.

A file that cannot be read is refused as a whole (Unreadable) by `sniff`, which walks through all of it once; a
record that is wrong in itself is a Row with a problem.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from smsapp.contacts.columns import field_of, word
from smsapp.contacts.encodings import detect
from smsapp.contacts.export import csv_plain

DELIMITERS = (";", ",", "\t", "|")
MAX_COLUMNS = 200
MAX_LINE = 1 << 16
MAX_LINES = 1_000_000
MAX_RECORD = (1 << 17) - 1  # characters; the csv module's own limit for a field
MAX_RECORD_LINES = 200
_GLANCE = 1 << 14

TOO_MANY_CELLS = "too_many_cells"
BAD_QUOTE = "quote"

_WORKBOOK = b"\xd0\xcf\x11\xe0"
_WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|meta|table|\?xml)\b", re.IGNORECASE)
_NOT_TEXT = (
    b"PK\x03\x04",
    b"%PDF",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"SQLite format",
    b"{\\rtf",
)
_DATUM = re.compile(r".+@.+\..+|.*\d{5}.*|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_SEPARATOR_LINE = re.compile(r"sep=([;,\t|])\s*", re.IGNORECASE)


class Unreadable(ValueError):
    """The file as a whole cannot be read; `line` is where, if it is known.

    `importing.words.unreadable_text` has a sentence for each code.
    """

    def __init__(self, code: str, line: int | None = None) -> None:
        super().__init__(code if line is None else f"{code} in line {line}")
        self.code = code
        self.line = line


@dataclass(frozen=True, slots=True)
class Shape:
    """How to read a file. `records` are the rows below the header, blank ones not counted.

    Without a header line the headings are empty texts, as many as the first row has cells.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    records: int
    has_header: bool = True


class Row(NamedTuple):
    """One record. `line` is the physical line in which it starts, from 1.

    A short row is padded to the header's width; one with more cells than that keeps them all and has the problem
    "too_many_cells"; one with text after a closing quote has the problem "quote" and its cells as well as can be.
    """

    line: int
    cells: tuple[str, ...]
    problem: str | None = None


class _Lines:
    """A file's lines for csv.reader, counted, and refused before they can fill the memory."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.number = 0
        self.ended = False
        self.begin()

    def begin(self) -> None:
        """A record starts at the next line."""
        self.start = self.number + 1
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = self.stream.readline(MAX_LINE + 1)
        if not self.last:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.size += len(self.last)
        self._check()
        return self.last

    def _check(self) -> None:
        if "\0" in self.last:
            raise Unreadable("nul", self.number)
        if self.number > MAX_LINES:
            raise Unreadable("too_many_lines", self.number)
        if len(self.last) > MAX_LINE:
            raise Unreadable("line_too_long", self.number)
        if self.size > MAX_RECORD or self.number - self.start >= MAX_RECORD_LINES:
            raise Unreadable("quote", self.start)


def sniff(path: Path, encoding: str | None = None, delimiter: str | None = None, has_header: bool = True) -> Shape:
    """Find out how to read the file, unless told, and walk through it once; raises Unreadable."""
    _refuse_binary(path)
    encoding = encoding or detect(path)
    if encoding is None:
        raise Unreadable("encoding")
    delimiter = delimiter or _delimiter(path, encoding)
    records = _records(path, encoding, delimiter)
    if has_header:
        return Shape(encoding, delimiter, _header(next(records, None)), sum(1 for _ in records))
    cells = _first_record(next(records, None))
    return Shape(encoding, delimiter, ("",) * len(cells), 1 + sum(1 for _ in records), has_header=False)


def rows(path: Path, shape: Shape) -> Iterator[Row]:
    """The records below the header, in order; blank lines and rows of empty cells are left out.

    An apostrophe that defuses a formula (see export.csv_safe) is taken off; apart from that a cell is as written.
    """
    width = len(shape.header)
    records = _records(path, shape.encoding, shape.delimiter)
    for line, cells, problem in islice(records, int(shape.has_header), None):
        if any(cells[width:]):
            problem = problem or TOO_MANY_CELLS
        else:
            cells = cells[:width] + [""] * (width - len(cells))
        yield Row(line, tuple([csv_plain(cell) if cell[:1] == "'" else cell for cell in cells]), problem)


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise Unreadable("empty")
    if head.startswith(_WORKBOOK):
        raise Unreadable("workbook")
    if _WEB_PAGE.match(head):
        raise Unreadable("web_page")
    if head.startswith(_NOT_TEXT):
        raise Unreadable("not_text")


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Line, cells and problem of every record that is not blank, the header included."""
    with path.open(encoding=encoding, newline="") as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            while True:
                lines.begin()
                cells, problem = _record(reader, lines, delimiter)
                if any(map(str.strip, cells)) and not (lines.number == 1 and _is_separator(lines.last)):
                    yield lines.start, cells, problem
        except StopIteration:
            return
        except UnicodeError:
            raise Unreadable("encoding") from None


def _record(reader: Iterator[list[str]], lines: _Lines, delimiter: str) -> tuple[list[str], str | None]:
    try:
        return next(reader), None
    except csv.Error:
        if lines.ended or lines.number > lines.start:
            raise Unreadable("quote", lines.start) from None
        return next(csv.reader([lines.last], delimiter=delimiter)), BAD_QUOTE


def _is_separator(line: str) -> bool:
    return _SEPARATOR_LINE.fullmatch(line) is not None


def _delimiter(path: Path, encoding: str) -> str:
    """What Excel's "sep=" line says, else the delimiter that makes most known headings, then most columns."""
    with path.open(encoding=encoding, newline="") as stream:
        try:
            lines = islice(iter(lambda: stream.readline(_GLANCE), ""), 1_000)
            head = list(islice(filter(str.strip, lines), 5))
        except UnicodeError:
            raise Unreadable("encoding") from None
    declared = _SEPARATOR_LINE.fullmatch(head[0]) if head else None
    return declared[1] if declared else max(DELIMITERS, key=lambda delimiter: _merit(head, delimiter))


def _merit(head: list[str], delimiter: str) -> tuple[int, int]:
    cells = next(filter(any, csv.reader(head, delimiter=delimiter)), [])
    return sum(1 for cell in cells if field_of(cell)), len(cells)


def _first_record(record: tuple[int, list[str], str | None] | None) -> list[str]:
    if record is None:
        raise Unreadable("empty")
    line, cells, problem = record
    if len(cells) > MAX_COLUMNS:
        raise Unreadable("too_many_columns", line)
    if problem:
        raise Unreadable(problem, line)
    return cells


def _header(record: tuple[int, list[str], str | None] | None) -> tuple[str, ...]:
    cells = _first_record(record)
    if not any(map(word, cells)) or (not any(map(field_of, cells)) and _has_data(cells)):
        raise Unreadable("no_header", record[0] if record else None)
    return tuple(csv_plain(cell).strip() for cell in cells)


def _has_data(cells: list[str]) -> bool:
    return any(_DATUM.fullmatch(cell.strip()[:100]) for cell in cells)
