"""What is known of Kannel: settings, the addresses under which it reaches us, receipts, texts and numbers."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.gateways.base import Incoming
from smsapp.gateways.kannel.links import Links, code, named, same
from smsapp.gateways.kannel.receipts import told
from smsapp.gateways.kannel.settings import KannelSettings
from smsapp.gateways.kannel.texts import brought, number_of, would_be_cut
from smsapp.gateways.reading import Unusable
from smsapp.text.segments import measure

GIVEN = {"url": "http://kannel:13013/cgi-bin/sendsms", "username": "kurzpost", "base_url": "http://crm:8000/"}
LINKS = Links("http://crm:8000", "kannel", "a key")


def test_what_is_not_given_has_a_default() -> None:
    found = KannelSettings.from_mapping(GIVEN, "geheim")
    assert found == KannelSettings(GIVEN["url"], "kurzpost", "geheim", "http://crm:8000")
    assert (found.window, found.max_messages, found.validity) == (10, 1, timedelta(hours=24))


def test_everything_can_be_given() -> None:
    others = {"max_messages": "3", "window": "20", "rate": "2.5", "validity_hours": "0.5", "answer_seconds": "4"}
    found = KannelSettings.from_mapping(GIVEN | others, "geheim")
    assert (found.max_messages, found.window, found.rate, found.answer_seconds) == (3, 20, 2.5, 4.0)
    assert found.validity == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("url", value) for value in ("", "kannel:13013", "ftp://kannel/x", "http:///x", "http://k/a?b", "http://[")),
        *(
            ("url", value)
            for value in ("http://user:secret@kannel/cgi-bin/sendsms", "http://kannel:99999/x", "http://k/ü")
        ),
        *(("base_url", value) for value in ("", "crm", "http://crm/%d", "http://crm/ x")),
        *(("username", value) for value in ("", "ü", "a\nb", " a", "a" * 101)),
        *(("max_messages", value) for value in ("0", "11", "1.5", "viele")),
        *(("window", value) for value in ("0", "101", "nan")),
        *(("rate", value) for value in ("-1", "inf")),
        *(("validity_hours", value) for value in ("0", "337")),
        *(("answer_seconds", value) for value in ("0", "16")),
    ],
)
def test_what_cannot_be_is_named_and_never_shown(name: str, value: str) -> None:
    with pytest.raises(Unusable, match=f"^{name} cannot be used") as found:
        KannelSettings.from_mapping(GIVEN | {name: value}, "geheim")
    assert "secret" not in str(found.value)
    assert "geheim" not in str(found.value)


@pytest.mark.parametrize("password", ["", None, "a\r\nX-Kannel-To: +49", "ü", " geheim", "a" * 101])
def test_a_password_is_one_line_and_in_no_message(password: str | None) -> None:
    with pytest.raises(Unusable, match=r"^password cannot be used: it (is missing|must have 1 to 100 simple)"):
        KannelSettings.from_mapping(GIVEN, password)


def test_addresses_are_what_kannel_fills_in() -> None:
    receipt, incoming = LINKS.receipt("12-1"), LINKS.incoming()
    assert receipt == f"http://crm:8000/receipts/kannel/kannel/12-1/{LINKS.receipt_code('12-1')}?type=%d&id=%F&smsc=%i"
    assert incoming.startswith(f"http://crm:8000/incoming/kannel/kannel/{LINKS.incoming_code()}?from=%p&")


def test_a_name_with_spaces_stands_in_an_address_without_what_kannel_would_fill_in() -> None:
    links = Links("http://crm:8000", "My Kannel_2-b", "a key")
    path = links.receipt("12-1").partition("?")[0]
    assert path.startswith("http://crm:8000/receipts/kannel/My.Kannel_2-b/12-1/")
    assert named(path.split("/")[5]) == "My Kannel_2-b"
    assert links.incoming().startswith("http://crm:8000/incoming/kannel/My.Kannel_2-b/")


def test_each_address_has_a_code_of_its_own() -> None:
    others = Links("http://crm:8000", "other", "a key"), Links("http://crm:8000", "kannel", "another key")
    codes = [each.receipt_code(reference) for each in (LINKS, *others) for reference in ("12-1", "12-2")]
    codes += [each.incoming_code() for each in (LINKS, *others)] + [code("a key", "receipt", "kannel"), "a key"]
    assert len(set(codes)) == len(codes)
    assert same(LINKS.receipt_code("12-1"), LINKS.receipt_code("12-1"))
    assert not same("é", LINKS.receipt_code("12-1"))


@pytest.mark.parametrize(
    ("kind", "state", "reason"),
    [
        ("1", "delivered", None),
        ("2", "undelivered", None),
        ("8", "accepted", None),
        ("16", "undelivered", "rejected_later"),
    ],
)
def test_what_a_receipt_says(kind: str, state: str, reason: str | None) -> None:
    assert told(kind, "12-1", "raw") == Incoming("12-1", "12-1", state, reason, "raw")


def test_that_it_is_buffered_says_nothing() -> None:
    assert told("4", "12-1", "raw") is None


@pytest.mark.parametrize("kind", ["", "0", "3", "17", "-1", "1.0", "eins", "١", "1" * 9999])
def test_other_types_are_none(kind: str) -> None:
    with pytest.raises(ValueError, match="unknown type"):
        told(kind, "12-1", "raw")


@given(st.text(alphabet=st.sampled_from("aю€😀"), max_size=260))
def test_what_is_sent_is_cut_by_kannel_where_no_emoji_is(text: str) -> None:
    if would_be_cut(text, 4) is None and measure(text).encoding == "ucs2" and measure(text).units > 70:
        octets = text.encode("utf-16-be")
        parts = [octets[start : start + 134] for start in range(0, len(octets), 134)]
        assert "".join(part.decode("utf-16-be") for part in parts) == text
        assert len(parts) <= 4


@pytest.mark.parametrize(
    ("coding", "digits", "text"),
    [
        ("0", "Grüße €".encode().hex(), "Grüße €"),
        ("2", "😀 Ж".encode("utf-16-be").hex().upper(), "😀 Ж"),
        ("0", "ff", "\ufffd"),
        ("2", "00", "\ufffd"),
        ("0", "", ""),
    ],
)
def test_an_incoming_text_is_read(coding: str, digits: str, text: str) -> None:
    assert brought(coding, digits) == text


def test_what_is_no_hex_is_no_text() -> None:
    with pytest.raises(ValueError, match="non-hexadecimal"):
        brought("0", "Hallo")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+491715550001", "+491715550001"),
        ("00491715550001", "+491715550001"),
        ("491715550001", "+491715550001"),
        (" 491715550001 ", "+491715550001"),
        ("01715550001", "01715550001"),
        ("82300", "82300"),
        ("KURZPOST", "KURZPOST"),
        ("", ""),
    ],
)
def test_a_number_is_kept_with_its_plus(written: str, number: str) -> None:
    assert number_of(written) == number


def test_a_password_is_not_shown() -> None:
    made: Any = KannelSettings.from_mapping(GIVEN, "geheim")
    assert "geheim" not in repr(made)
