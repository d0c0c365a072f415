"""PDUs as octets, ours and a stranger's."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp

from smsapp.gateways.smpp import pdus
from smsapp.gateways.smpp.encoding import Part
from smsapp.gateways.smpp.fields import Address
from smsapp.gateways.smpp.pdus import Broken, Pdu
from smsapp.gateways.smpp.receipts import Told

HEADER = struct.Struct(">LLLL")


def a_frame(command: int, status: int = 0, sequence: int = 1, body: bytes = b"") -> bytes:
    return HEADER.pack(16 + len(body), command, status, sequence) + body


def a_deliver_sm(text: bytes, esm_class: int = 4, optional: bytes = b"", coding: int = 0) -> Pdu:
    head = b"\0\x01\x01491711234567\0\x01\x0135845\0" + bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, coding, 0])
    return Pdu(pdus.DELIVER_SM, 0, 9, head + bytes([len(text)]) + text + optional)


def test_frames_are_taken_as_they_become_whole() -> None:
    whole = a_frame(0x80000004, 0, 5, b"id\0") + a_frame(0x15, 0, 6)
    data, seen = bytearray(), []
    for octet in whole:
        data.append(octet)
        seen += list(pdus.frames(data))
    assert [(pdu.command, pdu.sequence, pdu.message_id) for pdu in seen] == [(0x80000004, 5, "id"), (0x15, 6, "")]
    assert not data


@pytest.mark.parametrize("length", [0, 15, 0xFFFFFFFF])
def test_an_impossible_length_ends_the_trust(length: int) -> None:
    with pytest.raises(Broken):
        list(pdus.frames(bytearray(HEADER.pack(length, 4, 0, 1))))


def test_a_submit_sm_is_as_the_specification_says() -> None:
    part = Part(b"Hej", 0)
    octets = pdus.submit_sm(7, Address(5, 0, "KURZPOST"), Address(1, 1, "4917155"), part, "000002000000000R")
    body = b"\0\x05\0KURZPOST\0\x01\x014917155\0\0\0\0\x00000002000000000R\0\x01\0\0\0\x03Hej"
    assert octets == a_frame(0x04, 0, 7, body)


@given(
    st.integers(1, 0x7FFFFFFF),
    st.sampled_from([Address(5, 0, "KURZPOST"), Address(3, 0, "72000"), Address(1, 1, "358457396000")]),
    st.from_regex("[0-9]{1,15}", fullmatch=True),
    st.builds(Part, st.binary(max_size=140), st.sampled_from([0, 8]), st.sampled_from([0, 0x40])),
)
def test_a_submit_sm_is_what_smpplib_makes(sequence: int, source: Address, digits: str, part: Part) -> None:
    validity = "000001000000000R"
    whole = smpp.make_pdu(
        "submit_sm",
        client=None,
        sequence=sequence,
        source_addr_ton=source.ton,
        source_addr_npi=source.npi,
        source_addr=source.digits,
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr=digits,
        esm_class=part.esm_class,
        validity_period=validity,
        registered_delivery=1,
        data_coding=part.data_coding,
        short_message=part.octets,
    )
    whole.sequence = sequence
    assert pdus.submit_sm(sequence, source, Address(1, 1, digits), part, validity) == whole.generate()


def test_a_payload_and_sar_are_parameters() -> None:
    to = Address(1, 1, "49")
    payload = pdus.submit_sm(7, to, to, Part(b"a" * 300, 0, as_payload=True), "")
    assert payload.endswith(b"\x04\x24\x01\x2c" + b"a" * 300)
    sar = pdus.submit_sm(7, to, to, Part(b"a", 0, sar=(200, 2, 1)), "")
    assert sar.endswith(b"\x02\x0c\0\x02\0\xc8\x02\x0e\0\x01\x02\x02\x0f\0\x01\x01")


def test_answers_carry_the_number_of_what_they_answer() -> None:
    assert pdus.response(Pdu(pdus.ENQUIRE_LINK, 0, 77, b"")) == a_frame(0x80000015, 0, 77)
    assert pdus.response(Pdu(pdus.DELIVER_SM, 0, 78, b""), 0x64) == a_frame(0x80000005, 0x64, 78, b"\0")
    assert pdus.response(Pdu(0x103, 0, 79, b"")) == a_frame(0x80000000, 3, 79)


def test_a_receipt_is_read() -> None:
    read = pdus.delivered(a_deliver_sm(b"id:12 stat:DELIVRD err:000 text:"))
    assert read is not None
    assert (read.source, read.destination) == ("+491711234567", "+35845")
    assert read.told() == Told("12", "delivered", None)


def test_parameters_with_and_without_a_closing_nul_are_read() -> None:
    for value in (b"1f2e", b"1f2e\0"):
        optional = struct.pack(">HH", 0x1E, len(value)) + value + b"\x04\x27\0\x01\x05"
        read = pdus.delivered(a_deliver_sm(b"", optional=optional))
        assert read is not None
        assert read.told() == Told("1f2e", "undelivered", None)


def test_parameters_that_nobody_knows_are_passed_over() -> None:
    read = pdus.delivered(a_deliver_sm(b"id:1 stat:EXPIRED", optional=b"\x14\x01\0\x02hi\x02\x04\0\x03abc\x1d"))
    assert read is not None
    assert read.told() == Told("1", "expired", None)


def test_a_long_incoming_sms_is_in_its_payload() -> None:
    read = pdus.delivered(a_deliver_sm(b"", esm_class=0, optional=b"\x04\x24\0\x03abc"))
    assert read is not None
    assert read.text == "abc"


def test_an_incoming_sms_loses_its_header_and_keeps_its_letters() -> None:
    read = pdus.delivered(a_deliver_sm(b"\x05\0\x03\x01\x02\x01" + "Grüße 😀".encode("utf-16-be"), 0x40, coding=8))
    assert read is not None
    assert read.text == "Grüße 😀"


@given(st.binary(max_size=120))
def test_no_octets_break_the_reading(body: bytes) -> None:
    read = pdus.delivered(Pdu(pdus.DELIVER_SM, 0, 1, body))
    if read is not None:
        assert isinstance(read.text, str)
        read.told()
