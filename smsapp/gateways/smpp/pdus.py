"""PDUs as octets: ours are made by smpplib, a peer's are read with it as far as strangers' octets allow. Pure.

smpplib stops at optional parameters that it does not know, and cuts the last character of those without a closing
NUL; so these are read here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from smpplib import smpp

from smsapp.gateways.smpp.encoding import Part, decode, without_header
from smsapp.gateways.smpp.fields import RECEIPT_WANTED, Address, number_of
from smsapp.gateways.smpp.receipts import Told, told

HEADER: Final = struct.Struct(">LLLL")
LONGEST: Final = 70_000
"""No PDU is longer: the longest parameter has 64 KiB."""

RESPONSE: Final = 0x80000000
GENERIC_NACK: Final = 0x80000000
SUBMIT_SM: Final = 0x04
DELIVER_SM: Final = 0x05
UNBIND: Final = 0x06
ENQUIRE_LINK: Final = 0x15
_PAYLOAD, _RECEIPTED_ID, _MESSAGE_STATE = 0x0424, 0x001E, 0x0427  # tags of optional parameters (section 5.3.2)
_NUMBER, _TEXT = "?number?", b"?text?"  # where these go in what is made once for many SMS
_NAMES: Final = {DELIVER_SM: "deliver_sm", UNBIND: "unbind", ENQUIRE_LINK: "enquire_link"}


class Broken(ValueError):
    """These octets are no PDU; what follows on the connection cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """A PDU as it came."""

    command: int
    status: int
    sequence: int
    body: bytes

    @property
    def is_response(self) -> bool:
        return bool(self.command & RESPONSE)

    @property
    def message_id(self) -> str:
        """Of a submit_sm_resp: the operator's reference; empty if there is none."""
        return self.body.partition(b"\0")[0].decode("latin-1")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A deliver_sm: a receipt or an incoming SMS."""

    source: str
    destination: str
    esm_class: int
    data_coding: int
    octets: bytes
    receipted_id: str | None
    message_state: int | None

    @property
    def text(self) -> str:
        return decode(without_header(self.octets, self.esm_class), self.data_coding)

    def told(self) -> Told | None:
        """Read as a receipt. Its text is ASCII in any alphabet that an operator may name."""
        return told(self.octets.decode("latin-1"), self.receipted_id, self.message_state)


def frames(data: bytearray) -> Iterator[Pdu]:
    """The whole PDUs at the front of what was received; takes them off. Raises Broken at an impossible length."""
    while len(data) >= HEADER.size:
        length, command, status, sequence = HEADER.unpack_from(data)
        if not HEADER.size <= length <= LONGEST:
            raise Broken(f"a PDU of {length} octets")
        if len(data) < length:
            return
        body = bytes(data[HEADER.size : length])
        del data[:length]
        yield Pdu(command, status, sequence, body)


def bind(kind: str, sequence: int, system_id: str, password: str, system_type: str) -> bytes:
    return _made(f"bind_{kind}", sequence, system_id=system_id, password=password, system_type=system_type)


def submit_sm(sequence: int, source: Address, destination: Address, part: Part, validity: str) -> bytes:
    """One part; a receipt is asked for. What an SMS shares with the next one is made once."""
    if part.sar or part.as_payload:
        return _submit_sm(sequence, source, destination, part, validity)
    before, after = _shared(source, destination._replace(digits=_NUMBER), replace(part, octets=_TEXT), validity)
    body = before + destination.digits.encode() + after + bytes([len(part.octets)]) + part.octets
    return HEADER.pack(HEADER.size + len(body), SUBMIT_SM, 0, sequence) + body


@lru_cache(maxsize=256)
def _shared(source: Address, destination: Address, part: Part, validity: str) -> tuple[bytes, bytes]:
    """What stands before the number, and between it and the length of the text."""
    body = _submit_sm(0, source, destination, part, validity)[HEADER.size :]
    before, after = body.split(_NUMBER.encode())
    return before, after.removesuffix(bytes([len(_TEXT)]) + _TEXT)


def _submit_sm(sequence: int, source: Address, destination: Address, part: Part, validity: str) -> bytes:
    fields: dict[str, Any] = {
        "source_addr_ton": source.ton,
        "source_addr_npi": source.npi,
        "source_addr": source.digits,
        "dest_addr_ton": destination.ton,
        "dest_addr_npi": destination.npi,
        "destination_addr": destination.digits,
        "esm_class": part.esm_class,
        "validity_period": validity,
        "registered_delivery": RECEIPT_WANTED,
        "data_coding": part.data_coding,
        "message_payload" if part.as_payload else "short_message": part.octets,
    }
    if part.sar:
        names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
        fields |= dict(zip(names, part.sar, strict=True))
    return _made("submit_sm", sequence, **fields)


def request(command: int, sequence: int) -> bytes:
    """An enquire_link or unbind."""
    return _made(_NAMES[command], sequence)


def response(to: Pdu, status: int = 0) -> bytes:
    """The answer to a peer's request; generic_nack to one that we do not know."""
    if to.command not in _NAMES:
        return HEADER.pack(HEADER.size, GENERIC_NACK, 0x03, to.sequence)
    return _made(f"{_NAMES[to.command]}_resp", to.sequence, status=status)


def delivered(pdu: Pdu) -> Delivered | None:
    """A deliver_sm read; None if it cannot be."""
    read = smpp.make_pdu("deliver_sm", client=None, sequence=pdu.sequence)
    optional: list[bytes] = []
    read.parse_optional_params = optional.append
    try:
        read.parse_params(pdu.body)
        parameters = dict(_parameters(b"".join(optional)))
        source, destination = read.source_addr.decode("latin-1"), read.destination_addr.decode("latin-1")
        return Delivered(
            number_of(source, read.source_addr_ton),
            number_of(destination, read.dest_addr_ton),
            read.esm_class,
            read.data_coding,
            read.short_message or parameters.get(_PAYLOAD, b""),
            parameters.get(_RECEIPTED_ID, b"").rstrip(b"\0").decode("latin-1") or None,
            parameters.get(_MESSAGE_STATE, b"\0")[0] or None,
        )
    except (struct.error, ValueError, TypeError, AttributeError, IndexError):  # as a stranger's octets may go wrong
        return None


def _parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Optional parameters: tag, length, value (section 3.2.4.1); one that is cut off ends them."""
    start = 0
    while start + 4 <= len(data):
        tag, length = struct.unpack_from(">HH", data, start)
        yield tag, data[start + 4 : start + 4 + length]
        start += 4 + length


def _made(name: str, sequence: int, **fields: Any) -> bytes:
    made = smpp.make_pdu(name, client=None, sequence=sequence, **fields)
    made.sequence = sequence  # the library keeps a number of its own otherwise
    octets: bytes = made.generate()
    return octets
