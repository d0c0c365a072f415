"""What tests of gateways hand over, and what they are answered."""

from smsapp.gateways.base import Gateway, Outgoing, Result
from smsapp.gateways.ending import Until
from smsapp.text.segments import measure


def message(index: int, text: str = "Guten Tag", sender: str = "KURZPOST") -> Outgoing:
    """An SMS with a number of its own for each index."""
    found = measure(text)
    return Outgoing(f"{index}-1", f"+4917155{index:06}", sender, text, found.encoding, found.segments)


def messages(count: int) -> list[Outgoing]:
    return [message(index) for index in range(1, count + 1)]


def at(moment: float) -> Until:
    return lambda: moment


def answers(gateway: Gateway, handed: list[Outgoing]) -> list[Result]:
    """What the gateway says of each, in the order in which they were handed to it."""
    found = list(gateway.submit(handed))
    assert len(found) == len(handed) == len(dict(found)), "each is answered once"
    return [dict(found)[each] for each in handed]
