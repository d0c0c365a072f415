"""The addresses under which Kannel reaches us; what is in them is the only right that it needs. Pure.

Each has a code made with this installation's key, for this purpose alone: who knows one receipt's address can forge
that receipt and no other.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

_DIGITS: Final = 32
_RECEIPT: Final = "type=%d&id=%F&smsc=%i"
_SMS: Final = "from=%p&to=%P&coding=%c&text=%e"
"""Kannel fills these in: the type of receipt, the operator's reference, the connection; numbers, the text in hex."""


@dataclass(frozen=True, slots=True)
class Links:
    """Of one gateway. `key` is the secret for gateways, which is not used as it is."""

    base_url: str
    gateway: str
    key: str

    def receipt(self, reference: str) -> str:
        """Where Kannel tells what became of this attempt."""
        where = f"{segment(self.gateway)}/{reference}/{self.receipt_code(reference)}"
        return f"{self.base_url}/receipts/kannel/{where}?{_RECEIPT}"

    def incoming(self) -> str:
        """Where Kannel brings SMS: the get-url of its sms-service."""
        return f"{self.base_url}/incoming/kannel/{segment(self.gateway)}/{self.incoming_code()}?{_SMS}"

    def receipt_code(self, reference: str) -> str:
        return code(self.key, "receipt", self.gateway, reference)

    def incoming_code(self) -> str:
        return code(self.key, "incoming", self.gateway)


def segment(gateway: str) -> str:
    """A gateway's name as it stands in these addresses: %20 for a space would be one of Kannel's own signs."""
    return gateway.replace(" ", ".")


def named(segment: str) -> str:
    """The gateway that is meant; no name has a dot."""
    return segment.replace(".", " ")


def code(key: str, *meant: str) -> str:
    """A code that only this key makes, for this alone."""
    own = hmac.new(key.encode(), b"smsapp kannel", hashlib.sha256).digest()
    return hmac.new(own, "\n".join(meant).encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def same(given: str, right: str) -> bool:
    """Whether a stranger gave the right code; how long it takes says nothing of where it differs."""
    return hmac.compare_digest(given.encode(), right.encode())
