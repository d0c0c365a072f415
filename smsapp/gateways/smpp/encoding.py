"""Texts as octets, and long ones as parts that a phone puts together again. Pure.

The library's own encoding is not used: it maps the backtick to § and cuts pairs at the parts' edges.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsapp.text.gsm import BASIC, ESC
from smsapp.text.segments import Encoding, measure, split

DATA_CODING: Final[dict[Encoding, int]] = {"gsm7": 0x00, "ucs2": 0x08}
"""The operator's default alphabet, which is GSM 03.38 with an octet for each septet, and UCS-2 (section 5.2.19)."""

UDH_INDICATOR: Final = 0x40
"""The bit of esm_class that says that the message begins with a header (section 5.2.12)."""

_EXTENSION: Final = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
"""3GPP TS 23.038, section 6.2.1.1."""

_ESC: Final = ord(ESC)
_CODES: Final = {character: code + (code >= _ESC) for code, character in enumerate(BASIC)}
_OCTETS: Final = {
    **{character: bytes([code]) for character, code in _CODES.items()},
    **{character: bytes([_ESC, code]) for character, code in _EXTENSION.items()},
}
_CHARACTERS: Final = {code: character for character, code in _CODES.items()}
_EXTENDED: Final = {code: character for character, code in _EXTENSION.items()}


class Concatenation(StrEnum):
    """How an operator wants long messages: with headers, with sar_ parameters, or whole as message_payload."""

    UDH = "udh"
    SAR = "sar"
    PAYLOAD = "payload"


@dataclass(frozen=True, slots=True)
class Part:
    """What is particular to one submit_sm; `sar` is reference, number of parts and this part's number."""

    octets: bytes
    data_coding: int
    esm_class: int = 0
    sar: tuple[int, int, int] | None = None
    as_payload: bool = False


def encode(text: str, encoding: Encoding) -> bytes:
    """The text's octets; KeyError for a character that GSM 03.38 does not have, if that is the encoding."""
    if encoding == "ucs2":
        return text.encode("utf-16-be")
    return b"".join(_OCTETS[character] for character in text)


def decode_gsm(octets: bytes) -> str:
    """What a phone shows: an unknown extension is the character of the default alphabet, as TS 23.038 asks."""
    text, extended = "", False
    for octet in octets:
        if octet == _ESC and not extended:
            extended = True
            continue
        text += (_EXTENDED.get(octet) if extended else None) or _CHARACTERS.get(octet, "\ufffd")
        extended = False
    return text


def decode(octets: bytes, data_coding: int) -> str:
    """An incoming message as text, whatever it is; what cannot be read is replaced."""
    match data_coding:
        case 0x00:
            return decode_gsm(octets)
        case 0x08:
            return octets.decode("utf-16-be", errors="replace")
        case _:  # ASCII (1) and Latin 1 (3); octets of no alphabet are at least kept
            return octets.decode("latin-1")


def without_header(octets: bytes, esm_class: int) -> bytes:
    """The message after its user data header, if it has one."""
    return octets[octets[0] + 1 :] if esm_class & UDH_INDICATOR and octets else octets


def parts(text: str, how: Concatenation, reference: int) -> list[Part]:
    """The submit_sm that carry this text, as many as `measure` counts (one if it goes as payload).

    `reference` tells the parts of one message from those of others to the same phone; its low 8 bits count.
    """
    encoding, texts = measure(text).encoding, split(text)
    coding = DATA_CODING[encoding]
    if len(texts) <= 1:
        return [Part(encode(text, encoding), coding)]
    if how is Concatenation.PAYLOAD:
        return [Part(encode(text, encoding), coding, as_payload=True)]
    octets = [encode(each, encoding) for each in texts]
    total, reference = len(octets), reference & 0xFF
    if how is Concatenation.SAR:
        return [Part(each, coding, sar=(reference, total, number)) for number, each in enumerate(octets, 1)]
    return [
        Part(bytes([5, 0, 3, reference, total, number]) + each, coding, UDH_INDICATOR)
        for number, each in enumerate(octets, 1)
    ]
