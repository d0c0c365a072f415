"""In which encoding a text file of unknown origin was written. Pure but for reading the file; memory is bounded."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "mac_roman", "cp850")
"""What a person may choose where the guess was wrong."""

_CHUNK = 1 << 16
_SAMPLE = 1 << 18
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")
_EXPECTED = frozenset("äöüÄÖÜßåÅéèêëáàâçÇñíóôúøØæÆ€„“”‚‘’–—…§°«»®·\xa0")
_ASCII = bytes(range(128))
_UTF8_PAIR = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")


def detect(path: Path) -> str | None:
    """The encoding's Python name, or None where no guess would be honest; the whole file is looked at.

    A mark (BOM) decides, then valid UTF-8; then the single-byte encoding that gives most of the characters used
    in this part of Europe (Windows wins ties, and is a superset of Latin-1). Only where none of them fits is
    charset-normalizer asked. UTF-8 with a few broken bytes is refused rather than read as "MÃ¼ller".
    """
    with path.open("rb") as file:
        head = file.read(4)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if _is_utf8(path):
        return "utf-8"
    bytes_used, broken_utf8 = _high_bytes(path)
    return None if broken_utf8 else _single_byte(bytes_used) or _asked(path)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _high_bytes(path: Path) -> tuple[Counter[int], bool]:
    """How often each byte above ASCII occurs, and whether most of them are pairs of UTF-8."""
    used: Counter[int] = Counter()
    pairs = 0
    for chunk in _chunks(path):
        used.update(chunk.translate(None, _ASCII))
        pairs += len(_UTF8_PAIR.findall(chunk))
    return used, 2 * pairs > used.total() / 2


def _single_byte(used: Counter[int]) -> str | None:
    scores = {name: _score(used, name) for name in _SINGLE_BYTE}
    best = max(_SINGLE_BYTE, key=lambda name: scores[name])
    return best if 2 * scores[best] > used.total() else None


def _score(used: Counter[int], encoding: str) -> int:
    try:
        characters = {byte: bytes([byte]).decode(encoding) for byte in used}
    except UnicodeDecodeError:
        return 0
    return sum(count for byte, count in used.items() if characters[byte] in _EXPECTED)


def _asked(path: Path) -> str | None:
    """What charset-normalizer says of the first lines that are not ASCII."""
    sample = bytearray()
    with path.open("rb") as file:
        while len(sample) < _SAMPLE and (line := file.readline(_CHUNK)):
            sample += b"" if line.isascii() else line
    best = from_bytes(bytes(sample)).best()
    return best.encoding if best else None
