"""How to reach a Kannel, and how it reaches us, as administrators enter it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Self
from urllib.parse import urlsplit

from smsapp.gateways.reading import ADDRESS, MISSING, TEXT, Reader, Unusable, text
from smsapp.gateways.smpp.settings import LONGEST_ANSWER, LONGEST_VALIDITY_HOURS

MOST_MESSAGES: Final = 10
LONGEST_LINE: Final = 100


@dataclass(frozen=True, slots=True)
class KannelSettings:
    """`url` is Kannel's sendsms, `base_url` our own address as Kannel reaches it: for receipts and incoming SMS."""

    url: str
    username: str
    password: str = field(repr=False)
    base_url: str = ""
    max_messages: int = 1  # as in Kannel's sendsms-user, whose default this is; it silently cuts what is longer
    window: int = 10  # requests at a time
    rate: float = 0.0  # the most SMS a second; 0 is no limit
    validity: timedelta = timedelta(hours=24)
    answer_seconds: float = 10.0

    @classmethod
    def from_mapping(cls, values: Mapping[str, str], password: str | None) -> Self:
        """Raises Unusable, which names what is wrong, and never what is in it."""
        read = Reader(values)
        if not password:
            raise Unusable("password", MISSING)
        return cls(
            url=_address("url", read.text("url", 250)),
            username=_line("username", read.text("username", LONGEST_LINE)),
            password=_line("password", password),
            base_url=_address("base_url", read.text("base_url", 250)).rstrip("/"),
            max_messages=read.whole("max_messages", 1, MOST_MESSAGES, 1),
            window=read.whole("window", 1, 100, 10),
            rate=read.decimal("rate", 0, 10_000, 0.0),
            validity=timedelta(hours=read.decimal("validity_hours", 0.1, LONGEST_VALIDITY_HOURS, 24.0)),
            answer_seconds=read.decimal("answer_seconds", 0.1, LONGEST_ANSWER, 10.0),
        )


def _line(name: str, value: str) -> str:
    """It goes into a header, where spaces at its edges are lost."""
    if value != value.strip():
        raise Unusable(name, TEXT, most=LONGEST_LINE)
    return text(name, LONGEST_LINE)(value)


def _address(name: str, value: str) -> str:
    """An address of HTTP that goes on behind this one; Kannel fills in whatever begins with a percent sign."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable or set(value) & set(' %?#\\"'):
        raise Unusable(name, ADDRESS)
    return value
