"""How to reach an operator by SMPP: from the environment, so that the password is in no database and on no page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

from smsapp.gateways.smpp.encoding import Concatenation
from smsapp.gateways.smpp.fields import LONGEST_VALIDITY

PREFIX: Final = "SMSAPP_SMPP_"
LONGEST_ANSWER: Final = 15.0
"""Seconds; a window must end clearly before its worker's lease does."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """Each comes from SMSAPP_SMPP_ and its name in capitals; host, system_id and password have no default."""

    host: str
    system_id: str
    password: str = field(repr=False)
    port: int = 2775
    system_type: str = ""
    tls: bool = False
    tls_ca: str | None = None  # a file of certificates to trust instead of the machine's
    bind: str = "separate"  # a transmitter and a receiver; or "transceiver" for both
    window: int = 10  # submit_sm without an answer yet
    rate: float = 0.0  # the most SMS a second of one worker; 0 is no limit
    concatenation: Concatenation = Concatenation.UDH
    validity: timedelta = timedelta(hours=24)
    answer_seconds: float = 10.0
    enquire_seconds: float = 30.0


def from_env(environ: Mapping[str, str]) -> SmppSettings | None:
    """None unless a host is named; ValueError says which variable is wrong, and never what is in it."""
    read = _Reader(environ)
    if not environ.get(PREFIX + "HOST"):
        return None
    return SmppSettings(
        host=read("HOST", "", str),
        system_id=read("SYSTEM_ID", "", _text(15)),
        password=read("PASSWORD", "", _text(8)),
        port=read("PORT", "2775", _whole(1, 65535)),
        system_type=environ.get(PREFIX + "SYSTEM_TYPE", "") and read("SYSTEM_TYPE", "", _text(12)),
        tls=read("TLS", "0", _one_of("0", "1")) == "1",
        tls_ca=environ.get(PREFIX + "TLS_CA") or None,
        bind=read("BIND", "separate", _one_of("separate", "transceiver")),
        window=read("WINDOW", "10", _whole(1, 1000)),
        rate=read("RATE", "0", _decimal(0, 10_000)),
        concatenation=read("CONCATENATION", "udh", Concatenation),
        validity=timedelta(hours=read("VALIDITY_HOURS", "24", _decimal(0.1, LONGEST_VALIDITY.total_seconds() / 3600))),
        answer_seconds=read("ANSWER_SECONDS", "10", _decimal(0.1, LONGEST_ANSWER)),
        enquire_seconds=read("ENQUIRE_SECONDS", "30", _decimal(0.1, 600)),
    )


class _Reader:
    """Reads one variable; the value is in no message, as one of them is the password."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, name: str, default: str, convert: Callable[[str], T]) -> T:
        try:
            return convert(self._environ.get(PREFIX + name) or default)
        except ValueError as error:
            reason = "" if isinstance(convert, type) else f": {error}"
            raise ValueError(f"{PREFIX}{name} cannot be used{reason}") from None


def _text(longest: int) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if not (value.isascii() and 1 <= len(value) <= longest):
            raise ValueError(f"it must have 1 to {longest} simple characters")
        return value

    return convert


def _one_of(*allowed: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"it must be one of {', '.join(allowed)}")
        return value

    return convert


def _whole(least: int, most: int) -> Callable[[str], int]:
    def convert(value: str) -> int:
        if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
            raise ValueError(f"it must be a whole number from {least} to {most}")
        return int(value)

    return convert


def _decimal(least: float, most: float) -> Callable[[str], float]:
    def convert(value: str) -> float:
        problem = ValueError(f"it must be a number from {least:g} to {most:g}")
        try:
            number = float(value)
        except ValueError:
            raise problem from None
        if not least <= number <= most:
            raise problem
        return number

    return convert
