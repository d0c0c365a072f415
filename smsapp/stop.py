"""That this process shall end: set by a signal, seen by whoever asks or waits."""

import signal
from contextlib import suppress
from queue import Empty, SimpleQueue


class Stop:
    """A `threading.Event` that a signal handler may set.

    An event waits for its lock, which the very `wait` that the signal interrupts may hold: for ever, then.
    `SimpleQueue.put` is made to be called anywhere.
    """

    def __init__(self) -> None:
        self._set, self._told = False, SimpleQueue[None]()

    def set(self) -> None:
        self._set = True
        self._told.put(None)

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float) -> bool:
        """Whether it was set before so many seconds were over."""
        if not self._set:
            with suppress(Empty):
                self._told.get(timeout=timeout)
                self._told.put(None)  # for the next who waits
        return self._set


def set_on_signals(stop: Stop) -> Stop:
    """SIGTERM and SIGINT interrupt nothing: they only set it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
