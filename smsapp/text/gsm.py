"""The characters of the GSM 7 bit default alphabet (3GPP TS 23.038, section 6.2.1).

`BASIC` characters take one septet, `EXTENSION` characters two (ESC and a code). ESC itself only introduces
the extension table: nobody may send it, so it is in neither string.
"""

import re
from typing import Final

ESC: Final = "\x1b"

_TABLE: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    f"Δ_ΦΓΛΩΠΨΣΘΞ{ESC}ÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

BASIC: Final = _TABLE.replace(ESC, "")
"""The 127 characters of one septet, in the order of their codes (ESC, 0x1B, is left out)."""

EXTENSION: Final = "\f^{}\\[~]|€"
"""The 10 characters of two septets, form feed included."""

_FOREIGN: Final = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")


def is_gsm(text: str) -> bool:
    """Whether every character is in the alphabet; one that is not makes the whole text UCS-2."""
    return _FOREIGN.search(text) is None


def non_gsm_characters(text: str) -> str:
    """The characters that make the text UCS-2: each once, in the order of appearance."""
    return "".join(dict.fromkeys(_FOREIGN.findall(text)))


def extension_count(text: str) -> int:
    """How many characters of the extension table the text has, whatever else is in it."""
    return sum(map(text.count, EXTENSION))
