"""Tables as they come from other people's programs, and back."""

import tracemalloc
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.contacts.columns import FIELDS
from smsapp.contacts.export import csv_plain, csv_safe, write_csv
from smsapp.contacts.guessing import guess_columns
from smsapp.contacts.tables import MAX_LINE, MAX_LINES, Row, Shape, Unreadable, rows, sniff

Write = Callable[[str | bytes], Path]

GERMAN_EXPORT = (
    "Anrede;Vorname;Nachname;Firma;Mobiltelefon;Telefon geschäftlich;Stichwörter\r\n"
    "Frau;Zoë;O'Neill-Çelik;Müller & Söhne „Bau“ GmbH;+49 171 5550101;;VIP, Messe 2026\r\n"
    'Herr;"Mehr\r\nZeilen";Zelle;"Zwei; Firmen";0171 5550102;+49 30 24656381;\r\n'
    "\r\n"
    "Herr;Zuwenig\r\n"
    ";;;;;;\r\n"
    "Herr;Zuviele;Spalten;;;;;EXTRA\r\n"
    "Frau;Nur;Leere;;;;;;;\r\n"
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def read(path: Path) -> list[Row]:
    return list(rows(path, sniff(path)))


def cells(path: Path) -> list[tuple[str, ...]]:
    return [row.cells for row in read(path)]


def refusal(path: Path) -> tuple[str, int | None]:
    with pytest.raises(Unreadable) as refused:
        sniff(path)
    return refused.value.code, refused.value.line


def test_a_german_export_is_read_as_it_was_meant(write: Write) -> None:
    path = write(GERMAN_EXPORT.encode("cp1252"))
    shape = sniff(path)
    assert (shape.encoding, shape.delimiter, shape.records) == ("cp1252", ";", 5)
    assert shape.header[5:] == ("Telefon geschäftlich", "Stichwörter")
    assert list(rows(path, shape)) == [
        Row(2, ("Frau", "Zoë", "O'Neill-Çelik", "Müller & Söhne „Bau“ GmbH", "+49 171 5550101", "", "VIP, Messe 2026")),
        Row(3, ("Herr", "Mehr\r\nZeilen", "Zelle", "Zwei; Firmen", "0171 5550102", "+49 30 24656381", "")),
        Row(6, ("Herr", "Zuwenig", "", "", "", "", "")),
        Row(8, ("Herr", "Zuviele", "Spalten", "", "", "", "", "EXTRA"), "too_many_cells"),
        Row(9, ("Frau", "Nur", "Leere", "", "", "", "")),
    ]


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac_roman"),
    ],
)
def test_the_encoding_is_found(write: Write, codec: str, found: str) -> None:
    path = write(GERMAN_EXPORT.encode(codec))
    assert sniff(path).encoding == found
    assert cells(path)[0][1:4] == ("Zoë", "O'Neill-Çelik", "Müller & Söhne „Bau“ GmbH")


def test_utf_16_with_either_mark_is_read(write: Write) -> None:
    path = write(b"\xfe\xff" + GERMAN_EXPORT.encode("utf-16-be"))
    assert sniff(path).encoding == "utf-16"
    assert cells(path)[0][1] == "Zoë"


def test_latin_1_with_umlauts_is_read(write: Write) -> None:
    assert cells(write("Vorname;Ort\nJürgen;Köln\nZoë;Genève\n".encode("latin-1"))) == [
        ("Jürgen", "Köln"),
        ("Zoë", "Genève"),
    ]


def test_an_old_dos_table_is_read(write: Write) -> None:
    path = write("Vorname;Ort\nJürgen;Köln\nÄnne;Weißenfels\n".encode("cp850"))
    assert sniff(path).encoding == "cp850"
    assert cells(path)[1] == ("Änne", "Weißenfels")


def test_a_finnish_table_from_a_mac_is_read(write: Write) -> None:
    path = write("Etunimi;Kaupunki\nVäinö;Hyvinkää\n".encode("mac_roman"))
    assert sniff(path).encoding == "mac_roman"


def test_a_lone_euro_sign_or_quotation_mark_is_windows(write: Write) -> None:
    assert cells(write("Firma;Branche\nEuro € GmbH;„Bau“ – Tief…\n".encode("cp1252"))) == [
        ("Euro € GmbH", "„Bau“ – Tief…")
    ]


@pytest.mark.parametrize("name", ["Šimon", "Jörg", "Zoë", "Özgür", "Renée", "Søren", "João", "García Núñez"])
def test_a_single_name_is_windows(write: Write, name: str) -> None:
    assert cells(write(f"Vorname;Ort\n{name};Bonn\n".encode("cp1252"))) == [(name, "Bonn")]


def test_a_stray_byte_in_a_windows_table_is_refused(write: Write) -> None:
    assert refusal(write("Vorname;Ort\nMüller;Köln\n".encode("cp1252") + b"J\x81rg;Bonn\n")) == ("encoding", None)


def test_a_russian_table_asks_the_library(write: Write) -> None:
    text = "Имя;Город\n" + "Иван Иванович;Москва\nОльга Петровна;Казань\n" * 20
    assert cells(write(text.encode("cp1251")))[0] == ("Иван Иванович", "Москва")


def test_a_polish_table_asks_the_library(write: Write) -> None:
    text = (
        "Imię;Nazwisko;Miasto\n" + "Łukasz;Śliwiński;Łódź\nMałgorzata;Wójcik;Gdańsk\nGrażyna;Błażejewska;Kraków\n" * 30
    )
    assert cells(write(text.encode("cp1250")))[0] == ("Łukasz", "Śliwiński", "Łódź")


def test_an_umlaut_at_the_very_end_still_decides(write: Write) -> None:
    path = write(b"Vorname;Ort\n" + b"Anna;Bonn\n" * 30_000 + "Jörg;Köln\n".encode("cp1252"))
    assert sniff(path).encoding == "cp1252"


def test_utf_8_with_a_broken_byte_is_refused(write: Write) -> None:
    assert refusal(write("Vorname;Ort\nJürgen;Köln\nÄnne;Görlitz\n".encode() + b"J\xf6rg;Bonn\n"))[0] == "encoding"


def test_an_encoding_chosen_by_a_person_that_does_not_fit_is_refused(write: Write) -> None:
    path = write("Vorname;Ort\nJürgen;Köln\n".encode("cp1252"))
    assert sniff(path, encoding="mac_roman").encoding == "mac_roman"
    with pytest.raises(Unreadable, match="encoding"):
        sniff(path, encoding="utf-8")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(write: Write, delimiter: str) -> None:
    path = write("Vorname|Nachname|Stichwörter\nAnna|Alt|'x; y, z'\n".replace("|", delimiter).replace("'", '"'))
    assert sniff(path).delimiter == delimiter
    assert cells(path) == [("Anna", "Alt", "x; y, z")]


def test_commas_in_a_heading_do_not_make_a_delimiter(write: Write) -> None:
    assert sniff(write('Vorname;Name, Titel, Zusatz, Sonstiges;"Ort"\na;b;c\n')).header == (
        "Vorname",
        "Name, Titel, Zusatz, Sonstiges",
        "Ort",
    )


def test_a_delimiter_chosen_by_a_person_is_kept(write: Write) -> None:
    assert sniff(write("Vorname;Ort,Land\na;b,c\n"), delimiter=",").header == ("Vorname;Ort", "Land")


def test_the_line_that_tells_excel_the_delimiter_is_no_header(write: Write) -> None:
    path = write("sep=|\r\nVorname|Ort\r\nAnna|Bonn; Köln\r\n")
    assert sniff(path) == Shape("utf-8", "|", ("Vorname", "Ort"), 1)
    assert read(path) == [Row(3, ("Anna", "Bonn; Köln"))]


@pytest.mark.parametrize("declared", ['"', "\r", " ", "x"])
def test_an_odd_declared_delimiter_is_not_believed(write: Write, declared: str) -> None:
    assert sniff(write(f"sep={declared}\r\nVorname;Ort\r\n")).delimiter == ";"


def test_one_column_is_a_table(write: Write) -> None:
    assert cells(write("Mobiltelefon\n+49 171 5550101\n")) == [("+49 171 5550101",)]


def test_a_header_alone_has_no_records(write: Write) -> None:
    assert sniff(write("Vorname;Nachname")).records == 0


def test_mixed_line_ends_are_read(write: Write) -> None:
    path = write("Vorname;Ort\rA;a\r\nB;b\nC;c\r\r\nD;d")
    assert [(row.line, row.cells[0]) for row in read(path)] == [(2, "A"), (3, "B"), (4, "C"), (6, "D")]


def test_characters_that_only_look_like_line_ends_stay_in_the_cell(write: Write) -> None:
    assert cells(write("Vorname;Ort\nA\u2028\x0b\x85\x0c;b\n")) == [("A\u2028\x0b\x85\x0c", "b")]


def test_blanks_around_cells_are_kept(write: Write) -> None:
    assert cells(write("Vorname ; Ort\n A ;\u00a0b\n")) == [(" A ", "\u00a0b")]


def test_a_quote_in_the_middle_of_a_cell_is_a_quote(write: Write) -> None:
    assert cells(write('Firma;Ort\n5" Rohre GmbH;Bonn\n"""Bau"" AG";Köln\n')) == [
        ('5" Rohre GmbH', "Bonn"),
        ('"Bau" AG', "Köln"),
    ]


def test_text_after_a_closing_quote_is_that_rows_problem(write: Write) -> None:
    assert read(write('Firma;Ort\n"Bau" GmbH;Bonn\nB;Köln\n')) == [
        Row(2, ("Bau GmbH", "Bonn"), "quote"),
        Row(3, ("B", "Köln")),
    ]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "empty", None),
        (b"\xef\xbb\xbf", "empty", None),
        (b"\r\n \r\n\r\n", "empty", None),
        (b";;;\r\n", "no_header", 1),
        (b"\r\n---;---\r\n", "no_header", 2),
        (b"PK\x03\x04\x14\x00\x06\x00", "not_text", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook", None),
        (b"%PDF-1.7\n", "not_text", None),
        (b"\x89PNG\r\n\x1a\n", "not_text", None),
        (b"\x1f\x8b\x08\x00", "not_text", None),
        (b"Vorname;Ort\nAnna;Bo\0nn\n", "nul", 2),
        (b"\xff\xfe\x00\x00V\x00\x00\x00", "nul", 1),
        (b"\xff\xfeV\x00o\x00r\x00n\x00a\x00m\x00e\x00\n", "encoding", None),
        (b'Vorname;Ort\nAnna;"Bonn\nBert;Trier\n', "quote", 2),
        (b'Vorname;Ort\nAnna;"Bonn\nBert;"Trier"\n', "quote", 2),
        (b'Vorname;"Ort', "quote", 1),
        (b"anna@example.org;0171 5550101\nbert@example.org;\n", "no_header", 1),
        (b"Frau;Anna;+49 171 5550101\nHerr;Bert;\n", "no_header", 1),
        (b"Frau;Anna;31.12.1999\n", "no_header", 1),
        (b"x" + b";" * 4_999 + b"\n", "too_many_columns", 1),
        (b",".join(b"c%d" % n for n in range(5_000)) + b"\n1,2\n", "too_many_columns", 1),
        (b"Vorname" + b";x" * 200 + b"\n", "too_many_columns", 1),
    ],
)
def test_a_file_that_is_no_table_is_refused(write: Write, content: bytes, code: str, line: int | None) -> None:
    assert refusal(write(content)) == (code, line)


def test_200_columns_are_read(write: Write) -> None:
    assert len(sniff(write("Vorname" + ";x" * 199 + "\n")).header) == 200


def test_a_row_of_5000_cells_is_that_rows_problem(write: Write) -> None:
    (row,) = read(write("Vorname;Ort\n" + ";" * 4_999 + "x\n"))
    assert (row.problem, len(row.cells)) == ("too_many_cells", 5_000)


def test_a_line_may_have_64_kib_and_no_more(write: Write) -> None:
    head = "Vorname;Ort\nA;"
    assert len(cells(write(head + "x" * (MAX_LINE - 3) + "\nB;b\n"))) == 2
    assert refusal(write(head + "x" * (MAX_LINE - 2) + "\nB;b\n")) == ("line_too_long", 2)


@pytest.mark.parametrize(
    ("start", "filling", "code"),
    [
        (b"", b"x", "line_too_long"),
        (b"Vorname;Ort\n", b"\xe4", "line_too_long"),
        (b'Vorname;Ort\nA;"', b"x\n", "quote"),
        (b'Vorname;Ort\nA;"', b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;xxx\r\n" * 100, "quote"),
        (b'Vorname;Ort\nA;"', b'x\n";"', "quote"),
    ],
)
def test_hostile_files_stay_out_of_the_memory(write: Write, start: bytes, filling: bytes, code: str) -> None:
    path = write(start + filling * (8_000_000 // len(filling)))
    tracemalloc.start()
    try:
        assert refusal(path)[0] == code
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_more_lines_than_any_import_has_are_refused(write: Write) -> None:
    assert refusal(write(b"Vorname;Ort\n" + b"\n" * MAX_LINES)) == ("too_many_lines", MAX_LINES + 1)


def test_a_large_table_is_read_row_by_row(write: Write) -> None:
    path = write("Vorname;Nachname;Ort\n" + "Anna;Alt;Köln\n" * 100_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows(path, sniff(path))) == 100_000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=300) | st.text(';,"\r\n\tAnä@\0', max_size=60).map(str.encode))
def test_any_bytes_are_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        shape = sniff(path)
    except Unreadable:
        return
    found = list(rows(path, shape))
    assert len(found) == shape.records
    assert all(len(row.cells) == len(shape.header) for row in found if row.problem is None)


REAL_HEADER = (
    "Anrede;Vorname;Nachname;Firma;Branche;Funktion;E-Mail;Mobiltelefon;Telefon geschäftlich;Telefon privat;PLZ;Ort;"
    "Land;Sprache;Geburtsdatum;Newsletter;Stichwörter"
)
REAL_FIELDS = (
    "salutation first_name last_name company industry job_title email mobile work_phone home_phone postcode city "
    "country language birthday newsletter labels"
)
HEADERS = [
    (REAL_HEADER, REAL_FIELDS),
    ("VORNAME;nachname;E-MAIL-ADRESSE;Strasse;Straße;geschaeftlich", "first_name last_name email street - -"),
    (
        "First Name;Surname;E-mail;Cell;ZIP Code;City;Date of birth",
        "first_name last_name email mobile postcode city birthday",
    ),
    ("Etunimi;Sukunimi;Sähköposti;Matkapuhelin;Yritys;Maa", "first_name last_name email mobile company country"),
    (
        "Keine SMS;SMS-Einwilligung;Einwilligung am;Quelle der Einwilligung",
        "no_sms sms_consent consent_date consent_source",
    ),
    ("Vorname;Name;Telefon (Handy);Telefon", "first_name last_name mobile work_phone"),
    ("Name;Fußnote;;Firma Telefon", "- - - -"),
    ("E-Mail;Email;Mail", "email - -"),
    ("_mobil_;\ufeffFirma;PLZ/;Geb.", "mobile company postcode birthday"),
]


@pytest.mark.parametrize(("header", "fields"), HEADERS)
def test_headings_are_understood(header: str, fields: str) -> None:
    guess = {index: field for index, field in enumerate(fields.split()) if field != "-"}
    assert guess_columns(header.split(";"), []) == guess


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        (["+49 171 5550101", "", "+358 40 420 4358"], "mobile"),
        (["+49 30 24656381", "+49 171 5550101"], "work_phone"),
        (["0171 5550101"], "work_phone"),
        ([], "work_phone"),
    ],
)
def test_a_mere_telephone_is_told_by_its_numbers(numbers: list[str], field: str) -> None:
    assert guess_columns(["Telefon"], [Row(2, (number,)) for number in numbers]) == {0: field}


@given(st.lists(st.sampled_from([*REAL_HEADER.split(";"), "Telefon", "Name", "x", ""])))
def test_no_field_is_given_to_two_columns(header: list[str]) -> None:
    fields = list(guess_columns(header, []).values())
    assert len(fields) == len(set(fields))
    assert set(fields) <= set(FIELDS)


@pytest.mark.parametrize(
    "value",
    [
        "=HYPERLINK(1)",
        "+491711234567",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\n=x",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        "\ufeff=1",
        "'=1",
    ],
)
def test_a_formula_is_defused_and_comes_back(value: str) -> None:
    assert csv_safe(value) == "'" + value
    assert csv_plain(csv_safe(value)) == value


@pytest.mark.parametrize("value", ["", "Anna", "'n Abend", "O'Neill", "0171 5550101", "a=b", "1-2", "x@example.org"])
def test_a_harmless_text_is_left_alone(value: str) -> None:
    assert csv_safe(value) == csv_plain(value) == value


def test_the_file_has_mark_semicolons_and_crlf() -> None:
    table = [("Name", "Zahl", "Tag", "Leer"), ("Müller; Söhne", -5, date(2026, 1, 2), None), ("=1", True, "", 1.5)]
    assert "".join(write_csv(table)) == (
        '\ufeffName;Zahl;Tag;Leer\r\n"Müller; Söhne";-5;2026-01-02;\r\n\'=1;True;;1.5\r\n'
    )


def test_a_large_table_is_written_in_chunks() -> None:
    def endless() -> Iterable[tuple[str, ...]]:
        while True:
            yield ("Anna", "Alt")

    assert len(next(iter(write_csv(endless())))) < 40_000
    parts = list(write_csv([("Anna", "Alt")] * 10_000))
    assert len(parts) > 2
    assert "".join(parts) == "\ufeff" + "Anna;Alt\r\n" * 10_000


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30) | st.text(
    "'=+-@\t ;\"\n\r1a", max_size=8
)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8))
def test_what_is_exported_comes_back_by_the_import(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.csv"
    header = ("Vorname", "Nachname", "Ort")
    path.write_text("".join(write_csv([header, *table])), encoding="utf-8", newline="")
    shape = sniff(path)
    assert (shape.encoding, shape.delimiter, shape.header) == ("utf-8-sig", ";", header)
    expected = [tuple(row) for row in table if any(csv_safe(cell).strip() for cell in row)]
    assert [row.cells for row in rows(path, shape)] == expected


def test_a_file_without_header_line_gives_all_its_rows(write: Write) -> None:
    path = write("Anna;Alt;+49 171 5550101\nBernd;Busch;\n")
    shape = sniff(path, has_header=False)
    assert (shape.header, shape.records) == (("", "", ""), 2)
    assert [row.cells[0] for row in rows(path, shape)] == ["Anna", "Bernd"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read(write: Write, codec: str) -> None:
    path = write(GERMAN_EXPORT.encode(codec))
    assert sniff(path).encoding == codec
    assert cells(path)[0][1] == "Zoë"


def test_a_line_of_a_gigabyte_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"Vorname;Nachname\r\n")
        file.write(b"A" * (1 << 20))
        file.truncate(1 << 30)  # zeros that take no room
    tracemalloc.start()
    try:
        assert refusal(path) == ("line_too_long", 2)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body><table>", "web_page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook>", "web_page"),
        (b"  <!DOCTYPE html>", "web_page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"PK\x03\x04", "not_text"),
    ],
)
def test_what_is_no_text_is_named(write: Write, content: bytes, code: str) -> None:
    assert refusal(write(content))[0] == code


def test_headings_that_come_twice_are_two_columns(write: Write) -> None:
    path = write("Vorname;Nachname;Nachname\nAnna;Alt;Busch\n")
    assert sniff(path).header == ("Vorname", "Nachname", "Nachname")
    assert guess_columns(sniff(path).header, read(path)) == {0: "first_name", 1: "last_name"}
