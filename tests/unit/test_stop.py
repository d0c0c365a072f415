"""A stop may be set at any point of the wait that it interrupts, as a signal does."""

import signal
import sys
import threading
from itertools import count
from types import FrameType
from typing import Any

import pytest

from smsapp.stop import Stop, set_on_signals


def set_at(stop: Stop, point: int) -> bool:
    """Set it in the middle of a wait, before this instruction of Python; whether the wait has so many."""
    seen = count()
    reached = False

    def trace(frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal reached
        frame.f_trace_opcodes = True
        if next(seen) == point:
            reached = True
            sys.settrace(None)
            stop.set()
        return None if reached else trace

    def wait() -> None:
        sys.settrace(trace)
        stop.wait(0.01)
        sys.settrace(None)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive(), f"set before instruction {point} of its wait, it waits for ever"
    return reached


def test_it_may_be_set_at_any_point_of_a_wait() -> None:
    points = 0
    while set_at(stop := Stop(), points):
        assert stop.is_set()
        points += 1
    assert points > 10
    assert not stop.is_set()


def test_who_waits_learns_of_it_at_once_and_so_does_the_next() -> None:
    stop = Stop()
    threading.Timer(0.05, stop.set).start()
    assert stop.wait(60)
    assert stop.wait(60)


def test_who_waits_in_vain_is_told_so() -> None:
    stop = Stop()
    assert not stop.wait(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_sets_it_and_interrupts_nothing(number: signal.Signals) -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop = set_on_signals(Stop())
        signal.raise_signal(number)
        assert stop.is_set()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
