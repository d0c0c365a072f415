"""Workbooks of Excel as they come, and as somebody could make them who means harm."""

import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from smsapp.contacts.importing import workbooks
from smsapp.contacts.importing.workbooks import LINE_SEPARATOR
from smsapp.contacts.tables import Unreadable, rows, sniff

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATED = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/{}"'
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
KINDS = {"workbook": "sheet.main", "styles": "styles", "sharedStrings": "sharedStrings"}
CONTENT_TYPES = (
    f"<Types {PACKAGE.format('content-types')}>"
    + "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{OFFICE.format(kind)}"/>' for part, kind in KINDS.items()
    )
    + "</Types>"
)
WORKSHEET = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
STYLES = (
    f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="[$-407]dd/\\ mmm\\ yyyy"/>'
    '<numFmt numFmtId="165" formatCode="00000"/><numFmt numFmtId="166" formatCode="0.00&quot; days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>'
)
PLAIN, DATE, OWN_DATE, POSTCODE, OTHER = range(5)
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>Vorname</t></is></c><c r="B1" t="s"><v>0</v></c></row>'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(
        *sheets: str, texts: Sequence[str] = ("Nachname",), settings: str = "", extra: dict[str, str] | None = None
    ) -> Path:
        named = "".join(f'<sheet name="Blatt {n}" sheetId="{n}" r:id="id{n}"/>' for n in range(1, len(sheets) + 1))
        targets = "".join(
            f'<Relationship Id="id{n}" Type="{WORKSHEET}" Target="worksheets/s{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
        parts = {
            "[Content_Types].xml": CONTENT_TYPES,
            "xl/workbook.xml": f"<workbook {MAIN} {RELATED}>{settings}<sheets>{named}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships {PACKAGE.format('relationships')}>{targets}</Relationships>",
            "xl/styles.xml": STYLES,
            "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
            **{f"xl/worksheets/s{n}.xml": sheet_of(rows) for n, rows in enumerate(sheets, 1)},
            **(extra or {}),
        }
        path = tmp_path / "table.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for name, text in parts.items():
                file.writestr(name, text)
        return path

    return write_file


def sheet_of(rows_of_it: str) -> str:
    return f"<worksheet {MAIN}><dimension ref='A1:B2'/><sheetData>{rows_of_it}</sheetData></worksheet>"


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def cell(place: str, value: str, kind: str = "n", style: int = PLAIN) -> str:
    return f'<c r="{place}" t="{kind}" s="{style}"><v>{escape(value)}</v></c>'


def table(path: Path, sheet: int = 0) -> Path:
    target = path.with_suffix(".csv")
    with workbooks.opened(path) as book:
        workbooks.write_out(book, sheet, target)
    return target


def read(path: Path, sheet: int = 0) -> list[tuple[int, tuple[str, ...]]]:
    found = table(path, sheet)
    shape = sniff(found, workbooks.ENCODING, workbooks.DELIMITER, has_header=False)
    return [(each.line, each.cells) for each in rows(found, shape)]


def value_of(write: Write, cell_of_it: str, **more: str) -> str:
    return (read(write(row(1, cell("A1", "x", "str"), cell_of_it), **more))[0][1] + ("",))[1]


def refusal(path: Path) -> str:
    with pytest.raises(Unreadable) as refused:
        read(path)
    return refused.value.code


def test_the_sheets_are_named_in_their_order(write: Write) -> None:
    with workbooks.opened(write(HEADER, HEADER)) as book:
        assert book.sheetnames == ["Blatt 1", "Blatt 2"]


def test_a_chosen_sheet_is_read(write: Write) -> None:
    path = write(HEADER, row(1, cell("A1", "Nur hier", "str")))
    assert read(path) == [(1, ("Vorname", "Nachname"))]
    assert read(path, 1) == [(1, ("Nur hier",))]


@pytest.mark.parametrize("stored", ["4.91711234567E+11", "491711234567", "491711234567.0", "4.91711234567E11"])
def test_a_number_is_its_digits_however_it_is_stored(write: Write, stored: str) -> None:
    assert value_of(write, cell("B1", stored)) == "491711234567"


@pytest.mark.parametrize(
    ("stored", "style", "shown"),
    [
        ("29465", DATE, "1980-09-01"),
        ("29465", OWN_DATE, "1980-09-01"),
        ("29465.5", DATE, "1980-09-01T12:00:00"),
        ("0.75", DATE, "18:00"),
        ("61", DATE, "1900-03-01"),
        ("59", DATE, "1900-02-28"),
        ("1e300", DATE, ""),
        ("1e300", PLAIN, "1e+300"),
        ("1067", POSTCODE, "01067"),
        ("12.5", OTHER, "12.5"),
        ("3", OTHER, "3"),
    ],
)
def test_a_number_is_read_as_it_is_shown(write: Write, stored: str, style: int, shown: str) -> None:
    assert value_of(write, cell("B1", stored, style=style)) == shown


def test_a_workbook_of_an_old_mac_counts_from_1904(write: Write) -> None:
    assert value_of(write, cell("B1", "28003", style=DATE), settings='<workbookPr date1904="1"/>') == "1980-09-01"


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ('<c r="B1" t="str"><f>A1&amp;"!"</f><v>x!</v></c>', "x!"),
        ('<c r="B1"><f>1+1</f></c>', ""),
        ('<c r="B1" t="e"><v>#N/A</v></c>', ""),
        ('<c r="B1" t="b"><v>1</v></c>', "true"),
        ('<c r="B1" t="d"><v>1980-09-01T00:00:00</v></c>', "1980-09-01"),
        ('<c r="B1" t="inlineStr"><is><r><t>An</t></r><r><t>na</t></r></is></c>', "Anna"),
        ('<c r="B1" t="str"><v>An_x000D__x0000_na_x0041_</v></c>', f"An{LINE_SEPARATOR}naA"),
        ('<c r="B1" t="str"><v>zwei\nZeilen</v></c>', f"zwei{LINE_SEPARATOR}Zeilen"),
        ('<c t="str"><v>ohne Ort</v></c>', "ohne Ort"),
    ],
)
def test_only_values_count(write: Write, found: str, text: str) -> None:
    assert value_of(write, found) == text


def test_how_japanese_is_read_aloud_is_no_text(write: Write) -> None:
    shared = f"<sst {MAIN}><si><t>田中</t><rPh sb='0' eb='1'><t>タナカ</t></rPh></si></sst>"
    path = write(row(1, cell("A1", "0", "s")), extra={"xl/sharedStrings.xml": shared})
    assert read(path) == [(1, ("田中",))]


def test_lines_are_rows_of_the_sheet(write: Write) -> None:
    path = write(HEADER + row(2, cell("A2", "zwei\nZeilen", "str")) + row(9, cell("B9", "Alt", "str")))
    assert [line for line, _ in read(path)] == [1, 2, 9]


def test_a_table_ends_before_a_thousand_empty_rows(write: Write) -> None:
    ends = row(1_000, cell("A1000", "noch", "str")), row(2_001, cell("A2001", "nicht mehr", "str"))
    assert [line for line, _ in read(write(HEADER + "".join(ends)))] == [1, 1_000]


def test_drop_down_lists_are_left_out(write: Write) -> None:
    sheet = sheet_of(HEADER).replace("</worksheet>", '<extLst><ext uri="{CCE6A557}"/></extLst></worksheet>')
    assert read(write("", extra={"xl/worksheets/s1.xml": sheet})) == [(1, ("Vorname", "Nachname"))]


def test_a_million_empty_rows_behind_the_last_cost_nothing(write: Write) -> None:
    empty = "".join(f'<row r="{number}" ht="15" customHeight="1"/>' for number in range(2, 1_000_002))
    path = write(HEADER + empty)
    tracemalloc.start()
    try:
        found = table(path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert found.stat().st_size < 100


@pytest.mark.parametrize(
    ("sheet", "extra", "code"),
    [
        ("", {"xl/media/image1.png": "0" * (32 << 20)}, "workbook_too_large"),
        ("", {"xl/worksheets/s1.xml": sheet_of("<row/>" * (1 << 20))}, "workbook_too_large"),
        ("", {"xl/sharedStrings.xml": "".join(map(hex, range(1 << 22)))}, "workbook_too_large"),
        (row(2, cell("GS2", "x", "str")), {}, "too_many_columns"),
        (row(2, cell("A2", "x" * 70_000, "str")), {}, "line_too_long"),
        (row(2, cell("A2", "7", "s")), {}, "workbook_broken"),
        (row(2, cell("A2", "x")), {}, "workbook_broken"),
        (row(2, cell("A2", "1", style=99)), {}, "workbook_broken"),
        ("<row>", {}, "workbook_broken"),
    ],
)
def test_a_workbook_that_is_no_table_is_refused(write: Write, sheet: str, extra: dict[str, str], code: str) -> None:
    assert refusal(write(HEADER + sheet, extra=extra)) == code


def test_a_workbook_with_very_many_cells_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(HEADER + row(2, *(cell(f"{column}2", "") for column in "ABCDEF")))
    assert len(read(path)) == 1
    monkeypatch.setattr(workbooks, "AT_ONCE_CELLS", 9)
    assert refusal(path) == "workbook_too_long"


def test_who_has_the_time_reads_more_cells_and_hears_of_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(HEADER + "".join(row(number, cell(f"A{number}", "Anna", "str")) for number in range(2, 10)))
    monkeypatch.setattr(workbooks, "AT_ONCE_CELLS", 9)
    monkeypatch.setattr(workbooks, "TICK_ROWS", 4)
    heard: list[int] = []
    with workbooks.opened(path) as book:
        workbooks.write_out(book, 0, path.with_suffix(".csv"), heard.append)
    assert heard == [4, 8]
    monkeypatch.setattr(workbooks, "MOST_CELLS", 16)
    with pytest.raises(Unreadable, match="workbook_too_long"), workbooks.opened(path) as book:
        workbooks.write_out(book, 0, path.with_suffix(".csv"), heard.append)


def test_a_workbook_is_large_by_what_its_parts_unpack_to(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(HEADER, extra={"xl/media/image1.png": "0" * 20_000})
    monkeypatch.setattr(workbooks, "AT_ONCE_UNPACKED", 10_000)
    assert not workbooks.is_large(path)
    assert workbooks.is_large(write(HEADER, texts=["Nachname"] * 1000))


def test_a_sheet_may_be_larger_than_what_is_held_in_memory(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(HEADER + row(2, cell("A2", "x" * 20_000, "str")))
    monkeypatch.setattr(workbooks, "_MOST_UNPACKED", 10_000)
    assert len(read(path)) == 2
    monkeypatch.setattr(workbooks, "_MOST_SHEETS", 10_000)
    assert refusal(path) == "workbook_too_large"


def test_memory_does_not_grow_with_the_rows(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "Anna" * 250
    path = write(HEADER + "".join(row(n, cell(f"A{n}", f"{n} {long}", "str")) for n in range(2, 3002)))
    monkeypatch.setattr(workbooks, "TICK_ROWS", 500)
    held: list[int] = []
    tracemalloc.start()
    try:
        with workbooks.opened(path) as book:
            workbooks.write_out(
                book, 0, path.with_suffix(".csv"), lambda _: held.append(tracemalloc.get_traced_memory()[0])
            )
    finally:
        tracemalloc.stop()
    assert path.with_suffix(".csv").stat().st_size > 3_000_000
    assert held[-1] - held[0] < 600_000, held


def test_entities_are_never_read(write: Write) -> None:
    text = f'<!DOCTYPE x [<!ENTITY name "Nachname">]><sst {MAIN}><si><t>&name;</t></si></sst>'
    assert refusal(write(HEADER, extra={"xl/sharedStrings.xml": text})) == "workbook_broken"


def test_what_claims_to_be_smaller_than_it_is_is_refused(write: Write) -> None:
    path = write(HEADER + "".join(row(number, cell(f"A{number}", "Anna", "str")) for number in range(2, 5000)))
    data = path.read_bytes()
    size = next(part.file_size for part in zipfile.ZipFile(path).infolist() if part.filename.endswith("s1.xml"))
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert refusal(path) == "workbook_broken"


@pytest.mark.parametrize("length", [4, 100, -1])
def test_half_a_workbook_is_refused(write: Write, length: int) -> None:
    path = write(HEADER)
    path.write_bytes(path.read_bytes()[:length])
    assert refusal(path) == "workbook_broken"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("[Content_Types].xml", f"<Types {PACKAGE.format('content-types')}/>"),
    ],
)
def test_another_kind_of_zip_is_named(tmp_path: Path, part: str, text: str) -> None:
    path = tmp_path / "table.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(part, text)
    assert refusal(path) == "workbook_other"


def test_a_workbook_without_a_sheet_is_refused(write: Write) -> None:
    assert refusal(write()) == "workbook_broken"


def test_what_a_broken_workbook_broke_on_is_logged_without_its_content(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    assert refusal(write(HEADER + row(2, cell("A2", "geheim")))) == "workbook_broken"
    assert "ValueError in " in caplog.text
    assert "geheim" not in caplog.text
