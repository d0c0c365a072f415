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
_GLANCE = 1 << 12
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")
_WINDOWS_PAGES = ("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257")
_LETTERS = dict.fromkeys("äöüßéå", 3) | dict.fromkeys("ÄÖÜëèøæçñÅÉØÆÇ", 1)
_WINDOWS = _LETTERS | dict.fromkeys("ŠšŽž€„“”’–…§°\xa0", 1)
_ASCII = bytes(range(128))
_UTF8_PAIR = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")


def detect(path: Path) -> str | None:
    """The encoding's Python name, or None where no guess would be honest; the whole file is looked at.

    A mark (BOM) decides, then the zeros of UTF-16 without one, then valid UTF-8; then the single-byte encoding that
    gives most of the characters used in this part of Europe (Windows wins ties, and is a superset of Latin-1). Only
    where none of them fits is charset-normalizer asked for another page of Windows. UTF-8 with a few broken bytes is
    refused rather than read as "MÃ¼ller".
    """
    with path.open("rb") as file:
        head = file.read(_GLANCE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if wide := _without_mark(head):
        return wide
    if _is_utf8(path):
        return "utf-8"
    bytes_used, broken_utf8 = _high_bytes(path)
    return None if broken_utf8 else _single_byte(bytes_used) or _asked(path)


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of European text is zero, and the others never are."""
    even, odd = head[0::2], head[1::2]
    for zeros, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if 0 not in others and 4 * zeros.count(0) > 3 * len(zeros) > 0:
            return name
    return None


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
        high = chunk.translate(None, _ASCII)
        used.update({byte: high.count(byte) for byte in set(high)})
        pairs += len(_UTF8_PAIR.findall(chunk))
    return used, 2 * pairs > used.total() / 2


def _single_byte(used: Counter[int]) -> str | None:
    """The likeliest; None where most characters would be unusual even in that, so that others must be tried."""
    texts = {name: {byte: bytes([byte]).decode(name, "replace") for byte in used} for name in _SINGLE_BYTE}
    windows = texts["cp1252"]
    best = max(_SINGLE_BYTE, key=lambda name: _score(used, texts[name], _WINDOWS if name == "cp1252" else _LETTERS))
    if len(used) == 1 and "\ufffd" not in windows.values():
        best = "cp1252"  # one letter alone is no evidence against it
    if 2 * sum(used[byte] for byte, char in texts[best].items() if char in _WINDOWS) > used.total():
        return best
    return "cp1252" if len(used) <= 3 and all(map(str.isalpha, windows.values())) else None  # a few names: "João"


def _score(used: Counter[int], text: dict[int, str], weights: dict[str, int]) -> int:
    return sum(used[byte] * weights.get(char, 0) for byte, char in text.items())


def _asked(path: Path) -> str | None:
    """Which of Windows' pages charset-normalizer picks for the first lines that are not ASCII.

    Asked without that limit it took a Polish table for Icelandic from a Mac.
    """
    sample = bytearray()
    with path.open("rb") as file:
        while len(sample) < _SAMPLE and (line := file.readline(_CHUNK)):
            sample += b"" if line.isascii() else line
    best = from_bytes(bytes(sample), cp_isolation=list(_WINDOWS_PAGES)).best()
    return best.encoding if best else None
