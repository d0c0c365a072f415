"""Octets and parts of an SMS: as many as `measure` counts, joined they are the text, and no pair is cut."""

from hypothesis import example, given
from hypothesis import strategies as st

from smsapp.gateways.smpp.encoding import (
    UDH_INDICATOR,
    Concatenation,
    Part,
    decode,
    decode_gsm,
    encode,
    parts,
    without_header,
)
from smsapp.text.gsm import BASIC, EXTENSION, is_gsm
from smsapp.text.segments import Encoding, measure

GSM_TEXTS = st.text(st.sampled_from(BASIC + EXTENSION * 4), max_size=500)
ANY_TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("😀ä€x"), max_size=300)
TEXTS = GSM_TEXTS | ANY_TEXTS


def made(text: str, how: Concatenation, reference: int = 7) -> list[Part]:
    return parts(text, how, reference)


def body(part: Part) -> bytes:
    return without_header(part.octets, part.esm_class)


def longest(encoding: Encoding) -> int:
    """Octets of user data that one SMS carries: 160 septets or 140 octets."""
    return 160 if encoding == "gsm7" else 140


def test_each_character_has_the_code_of_the_table() -> None:
    known = {"@": "00", "£": "01", "_": "11", "Δ": "10", "Æ": "1c", " ": "20", "¡": "40", "Ä": "5b", "§": "5f"}
    known |= {"¿": "60", "ä": "7b", "à": "7f", "\n": "0a", "\r": "0d", "É": "1f", "A": "41", "z": "7a"}
    assert {character: encode(character, "gsm7").hex() for character in known} == known


def test_extension_characters_are_two_octets() -> None:
    known = {"\f": "1b0a", "^": "1b14", "{": "1b28", "}": "1b29", "\\": "1b2f", "[": "1b3c", "~": "1b3d"}
    known |= {"]": "1b3e", "|": "1b40", "€": "1b65"}
    assert {character: encode(character, "gsm7").hex() for character in EXTENSION} == known


def test_a_backtick_travels_as_ucs2() -> None:
    [part] = made("`", Concatenation.UDH)
    assert (part.octets, part.data_coding) == (b"\x00\x60", 8)


def test_an_emoji_is_its_two_surrogates() -> None:
    assert encode("😀", "ucs2").hex() == "d83dde00"


def test_an_unknown_extension_shows_the_character_of_the_default_alphabet() -> None:
    assert decode_gsm(b"\x1b\x41x\x1b\x65") == "Ax€"


def test_latin_1_and_broken_octets_are_kept_somehow() -> None:
    assert decode(b"gr\xfc\xdfe", 3) == "grüße"
    assert decode(b"\x00", 8) == "\ufffd"


def test_the_header_of_a_part_counts_it() -> None:
    texts = made("a" * 307, Concatenation.UDH, reference=0x1FF)
    assert [part.octets[:6].hex() for part in texts] == ["050003ff0301", "050003ff0302", "050003ff0303"]
    assert {part.esm_class for part in texts} == {UDH_INDICATOR}


def test_sar_parameters_count_the_part() -> None:
    texts = made("a" * 307, Concatenation.SAR)
    assert [part.sar for part in texts] == [(7, 3, 1), (7, 3, 2), (7, 3, 3)]
    assert {part.esm_class for part in texts} == {0}


def test_a_payload_is_whole() -> None:
    [part] = made("a" * 307, Concatenation.PAYLOAD)
    assert (part.octets, part.as_payload) == (b"a" * 307, True)


def test_a_short_text_needs_none_of_it() -> None:
    for how in Concatenation:
        assert made("a" * 160, how) == [Part(b"a" * 160, 0)]


@given(ANY_TEXTS.filter(is_gsm) | GSM_TEXTS)
def test_what_is_encoded_reads_the_same(text: str) -> None:
    assert decode(encode(text, "gsm7"), 0) == text


@given(TEXTS.filter(bool), st.sampled_from([Concatenation.UDH, Concatenation.SAR]))
@example("]" * 153, Concatenation.UDH)
@example("a" * 152 + "€" * 80, Concatenation.SAR)
@example("😀" * 36, Concatenation.UDH)
def test_there_are_as_many_parts_as_measured_and_no_pair_is_cut(text: str, how: Concatenation) -> None:
    found = made(text, how)
    assert len(found) == measure(text).segments
    assert "".join(decode(body(part), part.data_coding) for part in found) == text
    for part in found:
        own = decode(body(part), part.data_coding)
        assert encode(own, measure(text).encoding) == body(part)


@given(TEXTS.filter(bool))
def test_every_part_fits_into_one_sms(text: str) -> None:
    encoding = measure(text).encoding
    header = 7 if encoding == "gsm7" else 6  # septets or octets that the header takes
    for part in made(text, Concatenation.UDH):
        taken = header if part.esm_class else 0
        assert len(body(part)) + taken <= longest(encoding)
