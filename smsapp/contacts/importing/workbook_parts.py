"""The parts of a workbook of Excel (XLSX), read with what Python brings, however hostile the file is.

A workbook is a ZIP of XML files. Before any of it is unpacked, the sizes that it claims are looked at; it is read in
pieces, and no XML that declares a document type (and with it entities) is read at all.
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.parsers import expat

from smsapp.contacts.tables import Unreadable

MARK: Final = b"PK\x03\x04"

_MOST_UNPACKED: Final = 512 << 20
_MOST_TEXT: Final = 96 << 20
_SUSPECT: Final = 16 << 20
_HIGHEST_RATIO: Final = 250
_PIECE: Final = 1 << 18
_WORKBOOK: Final = "xl/workbook.xml"
_FORMAT_TEXT: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_BUILT_IN_DATES: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(slots=True)
class Book:
    """What must be known to read a sheet: its part, the texts, and how numbers are shown."""

    file: zipfile.ZipFile
    sheets: list[tuple[str, str]]
    since: datetime
    formats: list[str]


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """A workbook; whatever is wrong with it, while it is read, too, raises Unreadable: workbook_broken,
    workbook_other (another kind of ZIP) or workbook_too_large."""
    try:
        with zipfile.ZipFile(path) as file:
            _refuse_bombs(file)
            if _WORKBOOK not in file.namelist():
                raise Unreadable("workbook_other")
            yield _read_book(file)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, ValueError, IndexError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("workbook_broken") from error
    except (NotImplementedError, RuntimeError) as error:  # another compression, or a password
        raise Unreadable("workbook_broken") from error


def _refuse_bombs(file: zipfile.ZipFile) -> None:
    """Sizes are those that the file claims: zipfile gives no more than them, and fails where that is not all."""
    parts = file.infolist()
    dense = (part.file_size > max(_SUSPECT, _HIGHEST_RATIO * part.compress_size) for part in parts)
    if sum(part.file_size for part in parts) > _MOST_UNPACKED or any(dense):
        raise Unreadable("workbook_too_large")


def pieces(
    file: zipfile.ZipFile, part: str, start: Start, end: End | None = None, text: Text | None = None
) -> Iterator[None]:
    """Walk through the XML of a part, piece by piece; prefixes of names are left out."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text:
        parser.CharacterDataHandler = text
    with file.open(part) as stream:
        while piece := stream.read(_PIECE):
            parser.Parse(piece)
            yield
        parser.Parse(b"", True)
        yield


def parse(file: zipfile.ZipFile, part: str, start: Start, end: End | None = None, text: Text | None = None) -> None:
    for _ in pieces(file, part, start, end, text):
        pass


def _refuse_doctype(*_declared: object) -> None:
    raise Unreadable("workbook_broken")


def _read_book(file: zipfile.ZipFile) -> Book:
    found: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    flags: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes["Target"]
            targets[attributes["Id"]] = target[1:] if target.startswith("/") else f"xl/{target}"

    def element(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            flags.update(attributes)
        if name == "sheet":
            found.append((attributes["name"], next(value for key, value in attributes.items() if key.endswith(":id"))))

    parse(file, "xl/_rels/workbook.xml.rels", relation)
    parse(file, _WORKBOOK, element)
    parts = [(name, targets[key]) for name, key in found if "worksheets/" in targets[key]]
    since = datetime(1904, 1, 1) if flags.get("date1904") in ("1", "true") else datetime(1899, 12, 30)
    return Book(file, parts, since, _formats(file))


def _formats(file: zipfile.ZipFile) -> list[str]:
    """By style of a cell how its number is shown: "date", zeros for a number of so many digits, or ""."""
    own: dict[int, str] = {}
    styles: list[str] = []
    inside: list[str] = []

    def leave(_name: str) -> None:
        inside.pop()

    def element(name: str, attributes: dict[str, str]) -> None:
        inside.append(name)
        if name == "numFmt":
            own[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        if name == "xf" and "cellXfs" in inside:
            styles.append(_shown_as(int(attributes.get("numFmtId", 0)), own))

    if "xl/styles.xml" in file.namelist():
        parse(file, "xl/styles.xml", element, leave)
    return styles


def _shown_as(number: int, own: dict[int, str]) -> str:
    if number not in own:
        return "date" if number in _BUILT_IN_DATES else ""
    code = _FORMAT_TEXT.sub("", own[number].split(";")[0]).lower()
    if code.strip("0") == "":
        return code
    return "date" if set("dmyhs") & set(code) and "general" not in code else ""


class Texts:
    """The texts that cells share, in one piece of memory."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", (0,))
        self._ignored = self._inside = False
        if "xl/sharedStrings.xml" in file.namelist():
            parse(file, "xl/sharedStrings.xml", self._start, self._end, self._text)

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._inside = name == "t" and not self._ignored
        self._ignored = self._ignored or name == "rPh"  # how Japanese is read aloud

    def _end(self, name: str) -> None:
        self._inside = False
        if name == "rPh":
            self._ignored = False
        if name == "si":
            self._ends.append(len(self._bytes))

    def _text(self, text: str) -> None:
        if self._inside:
            self._bytes += text.encode()
            if len(self._bytes) > _MOST_TEXT:
                raise Unreadable("workbook_too_large")
