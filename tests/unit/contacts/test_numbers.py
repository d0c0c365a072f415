"""Phone numbers as people and their spreadsheets write them."""

import time

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.contacts import numbers
from smsapp.contacts.numbers import USABLE_KINDS, Number, display, mend, normalise

GERMAN = "+491715550101"

UNDERSTOOD = {
    "+49 (0)171 / 123-4567": "+491711234567",
    "+49 171 5550101": GERMAN,
    "0049 171 5550101": GERMAN,
    "0049 (0) 171 / 555 01 01": GERMAN,
    "00491715550101": GERMAN,
    "(+49) 171 5550101": GERMAN,
    "(0049)171/5550101": GERMAN,
    "+49(0171)5550101": GERMAN,
    "+49 0171 5550101": GERMAN,
    "+49.171.5550101": GERMAN,
    "'+49 (0)170 / 829-5575": "+491708295575",
    "'0049 171 5550101": GERMAN,
    "’+49 171 5550101": GERMAN,
    "tel:+49-171-5550101": GERMAN,
    "TEL: +49 171 5550101": GERMAN,
    "\u202a+49 171 5550101\u202c": GERMAN,
    "\u200e+49\u200f171\u20665550101\u2069": GERMAN,
    "\ufeff+49\u200b171\u20605550101": GERMAN,
    "+49\u00a0171\u202f555\u20090101": GERMAN,
    "+49\u00ad171\u00ad5550101": GERMAN,
    "+49–171—5550101": GERMAN,
    "+49−171‑5550101": GERMAN,
    "＋４９（０）１７１／５５５０１０１": GERMAN,
    "٠٠٤٩ ١٧١ ٥٥٥٠١٠١": GERMAN,
    "  +49 171 5550101\t": GERMAN,
    "+49 171 / 048-2741": "+491710482741",
    "+358 (0)45 5505251": "+358455505251",
    "00358408323252": "+358408323252",
    "+44 (0)20 7946 0958": "+442079460958",
    "+41 (0)79 555 01 01": "+41795550101",
    "+39 (0)6 1234 5678": "+390612345678",
    "+39 06 1234 5678": "+390612345678",
    "+39 (0)333 1234567": "+393331234567",
}


@pytest.mark.parametrize(("raw", "e164"), UNDERSTOOD.items())
def test_many_ways_of_writing_are_understood(raw: str, e164: str) -> None:
    number = normalise(raw)
    assert (number.e164, number.problem) == (e164, None)


@pytest.mark.parametrize("raw", ["", " ", "\t", "\u00a0\u2009", "-", "–", " - ", "'", "\ufeff", "\u200e\u200f", "--"])
def test_nothing_written_is_missing(raw: str) -> None:
    assert normalise(raw) == Number(problem="missing")


@pytest.mark.parametrize(
    "raw",
    [
        "0171 5550101",
        "171 5550101",
        "491715550101",
        "'0151 52490543",
        "0170/5487255",
        "(0)171 5550101",
        "(0171) 5550101",
        "040 4292118",
        "358404292118",
        "tel:0171-5550101",
        "0 049 171 5550101",
        "011 49 171 5550101",
    ],
)
def test_a_number_without_country_code_is_never_given_one(raw: str) -> None:
    assert normalise(raw) == Number(problem="no_country_code")


@pytest.mark.parametrize(
    "raw",
    [
        "4,91711E+12",
        "4.91711E+12",
        "k. A.",
        "keine",
        "+49 171 VANITY",
        "+1 800 FLOWERS",
        "x",
        "?",
        "()",
        "/",
        ".",
        "+49 171 5550101 ext 5",
        "+49 171 5550101;ext=5",
        "+49 171 5550101 x5",
        "+49 171 5550101#5",
        "0",
        "110",
        "+49 171 5550101 / +49 171 5550102",
        "+49 171 5550101, +49 171 5550102",
        "+49 171 5550101;0171 5550102",
        "+49 171 5550101 / 0171 5550102",
        "+49 171 5550101 0171 5550102",
        "0171 5550101 / 0171 5550102",
        "+49 171 5550101\n+49 171 5550102",
        "+49 30 12345678/79",
        "0171+5550101",
        "++49 171 5550101",
        "+",
        "00",
        "+49",
        "+49 171",
        "+49 171 5550101²",
        "+49 171 55501½",
        "+491(0)715550101",
        "+999 171 5550101",
        "+358 9 9387360",
        "+49 171 5550101\0",
        "\0",
        "+0049 171 5550101",
        "\ud800",
        "📱 +49 171 5550101",
    ],
)
def test_what_is_no_number_is_invalid(raw: str) -> None:
    assert normalise(raw) == Number(problem="invalid")


@pytest.mark.parametrize(
    ("raw", "kind", "country"),
    [
        ("+49 171 5550101", "mobile", "DE"),
        ("+358 40 420 4358", "mobile", "FI"),
        ("+1 202 555 0123", "fixed_line_or_mobile", "US"),
        ("+1 416 555 0123", "fixed_line_or_mobile", "CA"),
        ("+49 30 24656381", "fixed_line", "DE"),
        ("+49 900 1234567", "premium", "DE"),
        ("+49 180 5123456", "shared_cost", "DE"),
        ("+49 800 1234567", "toll_free", "DE"),
        ("+44 56 0000 0000", "voip", "GB"),
        ("+44 70 1234 5678", "personal", "GB"),
        ("+44 76 4012 3456", "pager", "GB"),
        ("+44 55 1234 5678", "uan", "GB"),
        ("+41 860 79 123 45 67", "voicemail", "CH"),
        ("+800 1234 5678", "toll_free", "001"),
    ],
)
def test_a_number_has_kind_and_country(raw: str, kind: str, country: str) -> None:
    number = normalise(raw)
    assert (number.kind, number.country, number.problem) == (kind, country, None)


def test_every_kind_of_the_library_is_known() -> None:
    library = {value for name, value in vars(phonenumbers.PhoneNumberType).items() if name.isupper()}
    assert set(numbers.KINDS) == library - {phonenumbers.PhoneNumberType.UNKNOWN}


def test_only_four_kinds_are_usable() -> None:
    assert {"mobile", "fixed_line_or_mobile", "unknown", "voip"} == USABLE_KINDS


@given(st.text() | st.text("0123456789+-/() .'E,\n\u202a\u00a0٤４", max_size=40))
def test_no_text_at_all_raises(raw: str) -> None:
    number = normalise(raw)
    assert (number.e164 is None) != (number.problem is None)
    assert (number.e164 is None) == (number.kind is None) == (number.country is None)


DIALLED = st.builds(
    "{}{}{}".format,
    st.sampled_from(["+", "00"]),
    st.sampled_from([49, 358, 43, 41, 1, 39, 44, 7, 33, 225, 800, 55]),
    st.text("0123456789", min_size=3, max_size=12),
)


@given(DIALLED)
def test_a_number_understood_is_valid_and_stays_itself(raw: str) -> None:
    number = normalise(raw)
    if number.e164:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number.e164))
        assert normalise(number.e164) == normalise(display(number.e164)) == number


@given(DIALLED)
def test_invalid_is_what_the_library_calls_invalid(raw: str) -> None:
    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse("+" + raw.removeprefix("00").removeprefix("+")))
    except phonenumbers.NumberParseException:
        valid = False
    assert (normalise(raw).problem is None) == valid


@given(st.text("0123456789 ()/-.", max_size=30).filter(lambda raw: not raw.strip("( ").startswith("00")))
def test_no_country_is_made_up(raw: str) -> None:
    assert normalise(raw).e164 is None
    assert mend(raw, "ZZ") == normalise(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "+" * 5_000_000,
        " " * 5_000_000 + "x" * 100,
        "+49" + "1" * 1_000_000,
        "+4/" * 21,
        "(0)" * 21,
        "+49 1" + "/7" * 29,
    ],
)
def test_hostile_input_is_refused_quickly(raw: str) -> None:
    started = time.perf_counter()
    assert normalise(raw).problem == "invalid"
    assert time.perf_counter() - started < 0.5


def test_64_characters_are_read_and_65_are_not() -> None:
    assert normalise("+49 171" + " " * 50 + "5550101").e164 == GERMAN
    assert normalise("+49 171" + " " * 51 + "5550101").problem == "invalid"


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        (GERMAN, "+49 171 5550101"),
        ("+358404204358", "+358 40 4204358"),
        ("+390612345678", "+39 06 1234 5678"),
        ("+99999999", "+99999999"),
        ("", ""),
        ("k. A.", "k. A."),
        ("0171 5550101", "0171 5550101"),
        ("+٤٩١٧١٥٥٥٠١٠١", "+٤٩١٧١٥٥٥٠١٠١"),
    ],
)
def test_numbers_are_shown_in_groups_and_the_rest_as_it_is(e164: str, shown: str) -> None:
    assert display(e164) == shown


@given(st.text() | DIALLED)
def test_anything_can_be_shown(text: str) -> None:
    assert numbers._digits(display(text)) == numbers._digits(text)


MENDED = [
    ("0171 5550101", "DE", GERMAN),
    ("'0151 52490543", "de", "+4915152490543"),
    ("(0)171 / 555-0101", "DE", GERMAN),
    ("171 5550101", "DE", GERMAN),
    ("491715550101", "DE", GERMAN),
    ("49 (171) 5550101", "DE", GERMAN),
    ("040 4292118", "FI", "+358404292118"),
    ("40 4292118", "FI", "+358404292118"),
    ("358404292118", "FI", "+358404292118"),
    ("06 1234 5678", "IT", "+390612345678"),
    ("393 1234567", "IT", "+393931234567"),
    ("39 333 1234567", "IT", "+393331234567"),
    ("(202) 555-0123", "US", "+12025550123"),
    ("1 202 555 0123", "US", "+12025550123"),
    ("0664 1234567", "AT", "+436641234567"),
    ("0491 7112345", "DE", "+494917112345"),
    ("491 7112345", "DE", "+494917112345"),
]


@pytest.mark.parametrize(("raw", "region", "e164"), MENDED)
def test_a_country_code_is_added_where_a_person_asks_for_it(raw: str, region: str, e164: str) -> None:
    assert normalise(raw).problem == "no_country_code"
    assert mend(raw, region) == normalise(e164)


@pytest.mark.parametrize("raw", ["+49 171 5550101", "0049 171 5550101", "", "k. A.", "4,91711E+12"])
def test_mending_leaves_alone_what_does_not_lack_a_country_code(raw: str) -> None:
    assert mend(raw, "FI") == normalise(raw)


@pytest.mark.parametrize("region", ["", "XX", "001", "Deutschland"])
def test_mending_for_no_country_changes_nothing(region: str) -> None:
    assert mend("0171 5550101", region) == Number(problem="no_country_code")


def test_what_is_still_no_number_in_that_country_is_invalid() -> None:
    assert mend("0171 5550101", "FI") == Number(problem="invalid")


@given(st.text("0123456789 /-", max_size=20), st.sampled_from(["DE", "FI", "IT", "US", "AT", "RU", "GB"]))
def test_mending_never_leads_abroad(raw: str, region: str) -> None:
    mended = mend(raw, region)
    if mended != normalise(raw) and mended.e164:
        assert mended.e164.startswith(f"+{phonenumbers.country_code_for_region(region)}")


@given(st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)), st.integers(10, 10**15))
def test_the_short_way_of_parsing_finds_what_the_library_does(code: int, rest: int) -> None:
    short = numbers._plainly_parsed(f"+{code}{rest}")
    assert short is None or short == phonenumbers.parse(f"+{code}{rest}")


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_short_way_of_parsing_knows_every_country(region: str) -> None:
    number = phonenumbers.example_number(region)
    text = f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
    assert numbers._plainly_parsed(text) in (None, phonenumbers.parse(text))


def test_most_mobile_numbers_are_parsed_the_short_way() -> None:
    texts = ("+491715550101", "+436641234567", "+358401234567")
    assert all(numbers._plainly_parsed(text) for text in texts)
