"""What is under way to the operator: an SMS, and each part of it that has no answer yet. Pure."""

from dataclasses import dataclass, field

from smsapp.gateways.base import Accepted, Outgoing, Result, Unknown
from smsapp.gateways.smpp.encoding import Part
from smsapp.gateways.smpp.pdus import Pdu
from smsapp.gateways.smpp.statuses import result, verdict


@dataclass(slots=True, eq=False)
class Sms:
    """An SMS on its way, and the answers to its parts so far."""

    message: Outgoing
    parts: list[Part]
    answers: dict[int, Result] = field(default_factory=dict)

    @property
    def may_arrive_whole(self) -> bool:
        """Whether no part of it was refused."""
        return all(isinstance(each, Accepted | Unknown) for each in self.answers.values())

    @property
    def result(self) -> Result | None:
        """The answer to the whole, once all parts have one."""
        done = len(self.answers) == len(self.parts)
        return verdict([self.answers[number] for number in range(len(self.parts))]) if done else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A part without an answer."""

    sms: Sms
    number: int
    at: float

    def answer(self, pdu: Pdu) -> Result:
        """What this response says of it."""
        found = result(pdu.status, pdu.message_id)
        if isinstance(found, Accepted) and not found.reference:
            return Accepted(f"?{self.sms.message.reference}.{self.number + 1}")  # no receipt will ever name it
        return found
