"""What the cells of a table mean."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.contacts.values import (
    BadValue,
    likely_order,
    parse_consent,
    parse_country,
    parse_date,
    parse_labels,
    parse_language,
    parse_salutation,
    parse_yes_no,
)

TODAY = date(2026, 11, 22)
PARSERS: list[Callable[[str], object]] = [
    parse_consent,
    parse_country,
    parse_date,
    parse_language,
    parse_salutation,
    parse_yes_no,
]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("raw", ["", "  ", "-", "–", "\u00a0", "\ufeff"])
def test_an_empty_cell_says_nothing(parse: Callable[[str], object], raw: str) -> None:
    assert parse(raw) is None


@pytest.mark.parametrize("raw", ["ja", "Ja", " JA ", "x", "X", "1", "yes", "wahr", "true", "y", "kyllä", "✓"])
def test_yes(raw: str) -> None:
    assert parse_yes_no(raw) is True


@pytest.mark.parametrize("raw", ["nein", "Nein", "0", "no", "falsch", "FALSE", "n", "ei"])
def test_no(raw: str) -> None:
    assert parse_yes_no(raw) is False


@pytest.mark.parametrize("raw", ["vielleicht", "2", "jaein", "?", "/"])
def test_neither_yes_nor_no_is_refused(raw: str) -> None:
    with pytest.raises(BadValue, match=r"^yes_no$"):
        parse_yes_no(raw)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("1999-12-31", date(1999, 12, 31)),
        ("31.12.1999", date(1999, 12, 31)),
        ("1.2.1999", date(1999, 2, 1)),
        ("01. 02. 1999", date(1999, 2, 1)),
        ("29.02.1992", date(1992, 2, 29)),
        ("31/12/1999", date(1999, 12, 31)),
        ("12/31/1999", date(1999, 12, 31)),
        ("5/5/1999", date(1999, 5, 5)),
        ("31-12-1999", date(1999, 12, 31)),
        ("1999/12/31", date(1999, 12, 31)),
        ("1999-12-31T00:00:00", date(1999, 12, 31)),
        ("31.12.1999 00:00", date(1999, 12, 31)),
    ],
)
def test_a_date_is_read(raw: str, day: date) -> None:
    assert parse_date(raw) == day


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1/2/1999", "ambiguous_date"),
        ("01-02-1999", "ambiguous_date"),
        ("31.12.99", "two_digit_year"),
        ("1/2/99", "two_digit_year"),
        ("31.02.1990", "date"),
        ("29.02.1990", "date"),
        ("13/13/1999", "date"),
        ("00.00.0000", "date"),
        ("31.12.0099", "date"),
        ("36525", "date"),
        ("1999", "date"),
        ("31.12.", "date"),
        ("31.12.1999 14:05", "date"),
        ("unbekannt", "date"),
    ],
)
def test_a_date_that_is_none_or_two_is_refused(raw: str, code: str) -> None:
    with pytest.raises(BadValue, match=f"^{code}$"):
        parse_date(raw)


@given(st.dates(date(1800, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_both_writings(day: date) -> None:
    assert parse_date(day.isoformat()) == parse_date(f"{day:%d.%m.}{day.year}") == day


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("D", "DE"),
        ("DEU", "DE"),
        ("Deutschland", "DE"),
        ("GERMANY", "DE"),
        ("Saksa", "DE"),
        ("Österreich", "AT"),
        ("Oesterreich", "AT"),
        ("A", "AT"),
        ("Austria", "AT"),
        ("Itävalta", "AT"),
        ("Schweiz", "CH"),
        ("Switzerland", "CH"),
        ("Sveitsi", "CH"),
        ("Finnland", "FI"),
        ("Finland", "FI"),
        ("Suomi", "FI"),
        ("FIN", "FI"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("Yhdysvallat", "US"),
        ("Vereinigte Staaten", "US"),
        ("Kanada", "CA"),
        ("Canada", "CA"),
        ("Niger", "NE"),
    ],
)
def test_a_country_is_known_by_code_and_name(raw: str, code: str) -> None:
    assert parse_country(raw) == code


@pytest.mark.parametrize("raw", ["XX", "Preußen", "49", "?", "EU"])
def test_an_unknown_country_is_refused(raw: str) -> None:
    with pytest.raises(BadValue, match=r"^country$"):
        parse_country(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("Deutsch", "de"),
        ("German", "de"),
        ("saksa", "de"),
        ("de-AT", "de"),
        ("de_CH", "de"),
        ("Finnisch", "fi"),
        ("suomi", "fi"),
        ("Englisch", "en"),
        ("en-US", "en"),
        ("Schwedisch", "sv"),
        ("svenska", "sv"),
    ],
)
def test_a_language_is_known_by_code_and_name(raw: str, code: str) -> None:
    assert parse_language(raw) == code


@pytest.mark.parametrize("raw", ["xx", "Klingonisch", "d", "de, fi"])
def test_an_unknown_language_is_refused(raw: str) -> None:
    with pytest.raises(BadValue, match=r"^language$"):
        parse_language(raw)


@pytest.mark.parametrize(
    ("raw", "labels"),
    [
        ("VIP, Messe 2026", ("VIP", "Messe 2026")),
        ("VIP;Messe  2026|\nNeu", ("VIP", "Messe 2026", "Neu")),
        ("VIP, vip, Vip,, -", ("VIP",)),
        ("B, A, b", ("B", "A")),
        ("", ()),
    ],
)
def test_labels_are_parted(raw: str, labels: tuple[str, ...]) -> None:
    assert parse_labels(raw) == labels


@pytest.mark.parametrize(
    ("raw", "salutation"),
    [
        ("Frau", "ms"),
        ("Fr.", "ms"),
        ("Frau Dr.", "ms"),
        ("Ms", "ms"),
        ("Mrs.", "ms"),
        ("rouva", "ms"),
        ("w", "ms"),
        ("Herr", "mr"),
        ("Herrn", "mr"),
        ("Herr Prof. Dr.", "mr"),
        ("Mr", "mr"),
        ("herra", "mr"),
        ("m", "mr"),
        ("Divers", ""),
        ("Mx", ""),
        ("keine Angabe", ""),
    ],
)
def test_a_salutation_is_read(raw: str, salutation: str) -> None:
    assert parse_salutation(raw) == salutation


@pytest.mark.parametrize("raw", ["Familie", "Firma", "Dr.", "?", "Frauenarzt"])
def test_an_unknown_salutation_is_refused(raw: str) -> None:
    with pytest.raises(BadValue, match=r"^salutation$"):
        parse_salutation(raw)


@pytest.mark.parametrize(
    ("raw", "consent"),
    [
        ("ja", "yes"),
        ("x", "yes"),
        ("erteilt", "yes"),
        ("Opt-in", "yes"),
        ("nein", "no"),
        ("widerrufen", "no"),
        ("opt-out", "no"),
        ("unbekannt", "unknown"),
        ("unknown", "unknown"),
        ("?", "unknown"),
        ("k. A.", "unknown"),
    ],
)
def test_consent_is_read(raw: str, consent: str) -> None:
    assert parse_consent(raw) == consent


def test_an_unclear_consent_is_refused() -> None:
    with pytest.raises(BadValue, match=r"^yes_no$"):
        parse_consent("vielleicht")


@pytest.mark.parametrize("parse", PARSERS)
@given(raw=st.text() | st.text("0123456789./-: T", max_size=24))
def test_any_text_is_read_or_refused(parse: Callable[[str], object], raw: str) -> None:
    try:
        parse(raw)
    except BadValue as refused:
        assert refused.code == str(refused)


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("08.09.10", "DMY", date(2010, 9, 8)),
        ("08.09.10", "MDY", date(2010, 8, 9)),
        ("08.09.10", "YMD", date(2008, 9, 10)),
        ("8/9/80", "DMY", date(1980, 9, 8)),
        ("8/9/26", "DMY", date(2026, 9, 8)),
        ("8/9/27", "DMY", date(1927, 9, 8)),
        ("12.31.1999", "MDY", date(1999, 12, 31)),
        ("31. 12. 1999", "DMY", date(1999, 12, 31)),
        ("1999-12-31", "MDY", date(1999, 12, 31)),
        ("", "DMY", None),
    ],
)
def test_a_date_is_read_in_a_chosen_order(cell: str, order: str, day: date | None) -> None:
    assert parse_date(cell, order, TODAY) == day


@pytest.mark.parametrize(
    ("cell", "order"),
    [("13.31.1999", "MDY"), ("1.2.999", "DMY"), ("31.12.99", "YMD"), ("1.2-99", "DMY"), ("1.2", "DMY")],
)
def test_a_date_that_does_not_fit_the_order_is_none(cell: str, order: str) -> None:
    with pytest.raises(BadValue):
        parse_date(cell, order, TODAY)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["31.12.1999", ""], ""),
        ([], ""),
        (["08.09.10", "01.02.03"], "DMY"),
        (["8/9/10"], ""),
        (["8/9/10", "8/31/10"], "MDY"),
        (["10-31-12", "99-12-31"], ""),
        (["99-12-31"], "YMD"),
    ],
)
def test_the_order_of_dates_is_only_proposed_where_it_is_likely(cells: list[str], order: str) -> None:
    assert likely_order(cells, TODAY) == order
