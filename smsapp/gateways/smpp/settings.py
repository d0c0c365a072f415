"""How to reach an operator by SMPP, as administrators enter it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Self

from smsapp.gateways.reading import MISSING, Reader, Unusable, text
from smsapp.gateways.smpp.encoding import Concatenation
from smsapp.gateways.smpp.fields import LONGEST_VALIDITY

LONGEST_ANSWER: Final = 15.0
"""Seconds; a window must end clearly before its worker's lease does."""
LONGEST_VALIDITY_HOURS: Final = LONGEST_VALIDITY.total_seconds() / 3600
BINDS: Final = ("separate", "transceiver")


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """`from_mapping` reads each by its name, with the password apart; host, system_id and password have no default."""

    host: str
    system_id: str
    password: str = field(repr=False)
    port: int = 2775
    system_type: str = ""
    tls: bool = False
    tls_ca: str | None = None  # a file of certificates to trust instead of the machine's
    bind: str = "separate"  # a transmitter and a receiver; or "transceiver" for both
    window: int = 10  # submit_sm without an answer yet
    rate: float = 0.0  # the most SMS a second; 0 is no limit. All workers together: `shared_pace`
    concatenation: Concatenation = Concatenation.UDH
    validity: timedelta = timedelta(hours=24)
    answer_seconds: float = 10.0
    enquire_seconds: float = 30.0

    @classmethod
    def from_mapping(cls, values: Mapping[str, str], password: str | None) -> Self:
        """Raises Unusable, which names what is wrong, and never what is in it."""
        read = Reader(values)
        if not password:
            raise Unusable("password", MISSING)
        return cls(
            host=read.text("host", 253),
            system_id=read.text("system_id", 15),
            password=text("password", 8)(password),
            port=read.whole("port", 1, 65535, 2775),
            system_type=read.text("system_type", 12, ""),
            tls=read.flag("tls"),
            tls_ca=read.text("tls_ca", 250, "") or None,
            bind=read.one_of("bind", BINDS, "separate"),
            window=read.whole("window", 1, 1000, 10),
            rate=read.decimal("rate", 0, 10_000, 0.0),
            concatenation=Concatenation(read.one_of("concatenation", Concatenation, Concatenation.UDH)),
            validity=timedelta(hours=read.decimal("validity_hours", 0.1, LONGEST_VALIDITY_HOURS, 24.0)),
            answer_seconds=read.decimal("answer_seconds", 0.1, LONGEST_ANSWER, 10.0),
            enquire_seconds=read.decimal("enquire_seconds", 0.1, 600, 30.0),
        )
