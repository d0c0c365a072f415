"""A gateway that sends nothing: it takes time, refuses some, drops some, and makes up receipts, some of them odd.

What happens to an SMS follows from its number (and attempt) alone, so tests and demonstrations repeat. It keeps two
things in its own folder, as an operator would on its side: `handed_over.log` with one line for each hand-over,
which the application never reads (the witness of tests), and a spool of the receipts that are still to come.
"""

import hashlib
import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from smsapp.clock import now
from smsapp.gateways.base import (
    TOO_LATE,
    Accepted,
    Incoming,
    Outgoing,
    RefusedForGood,
    RefusedForNow,
    Result,
    Unknown,
    parse_attempt_reference,
)
from smsapp.gateways.ending import Until, forever

_PREFIX = "SMSAPP_SIMULATOR_"
_REASONS = {"undelivered": "number_unassigned", "expired": "phone_off"}
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS receipt (
        id INTEGER PRIMARY KEY, due_at REAL NOT NULL, reference TEXT NOT NULL, attempt_reference TEXT NOT NULL,
        state TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS receipt_due_at ON receipt (due_at);
"""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How it behaves; rates are shares of 1. Each comes from SMSAPP_SIMULATOR_ and its name in capitals."""

    window: int = 100
    latency_ms: float = 5.0
    receipt_seconds_min: float = 2.0
    receipt_seconds_max: float = 8.0
    rejected: float = 0.01
    busy: float = 0.0  # refused for now, each attempt anew
    lost: float = 0.0  # taken, but the answer is lost: unknown
    dropped: float = 0.0  # lost on the way to it: unknown, too, and not taken
    undelivered: float = 0.02
    expired: float = 0.0
    silent: float = 0.0  # no receipt ever
    doubled: float = 0.0  # the receipt comes twice
    reordered: float = 0.0  # an earlier word, that the operator has it, comes after the last one
    die_at: int = 0  # kill the own process right after so many hand-overs, as a power cut would; 0 is never

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Behaviour":
        """Read what is given, e.g. SMSAPP_SIMULATOR_LATENCY_MS=20; ValueError names a value that is no number."""
        values = {}
        for name, default in cls._defaults().items():
            text = environ.get(_PREFIX + name.upper())
            if text:
                values[name] = _number(_PREFIX + name.upper(), text, type(default))
        return cls(**values)  # type: ignore[arg-type]

    @classmethod
    def from_mapping(cls, values: Mapping[str, str], _password: str | None = None) -> "Behaviour":
        """The environment's: it is for tests and demonstrations, so no page sets it."""
        return cls.from_env(os.environ)

    @classmethod
    def _defaults(cls) -> dict[str, float]:
        standard = cls()
        return {name: getattr(standard, name) for name in cls.__slots__}


def _number(name: str, text: str, kind: type[float]) -> float:
    try:
        number = kind(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}") from None
    if number < 0:
        raise ValueError(f"{name} must not be negative")
    return number


class Simulator:
    """The gateway in this folder; several processes may share it."""

    def __init__(self, folder: Path, behaviour: Behaviour | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.behaviour = behaviour or Behaviour()
        self.window = max(1, self.behaviour.window)
        self._log = folder / "handed_over.log"
        self._spool = folder / "spool.db"
        self._handed_over = 0

    def submit(self, messages: Sequence[Outgoing], until: Until = forever) -> Iterator[tuple[Outgoing, Result]]:
        """Take all of them one after the other, then answer: a crash in between leaves them unanswered."""
        answers = self._take(messages, until)
        taken = [(message, reference) for message, _, reference in answers if reference]
        self._remember_receipts(taken)
        for message, answer, _ in answers:
            yield message, answer

    def due_receipts(self, now: datetime, limit: int) -> Sequence[Incoming]:
        """The receipts that are due, oldest first."""
        with closing(self._open_spool()) as spool:
            rows = spool.execute(
                "SELECT id, reference, attempt_reference, state FROM receipt WHERE due_at <= ?"
                " ORDER BY due_at, id LIMIT ?",
                (now.timestamp(), limit),
            ).fetchall()
        return [_incoming(*row) for row in rows]

    def forget(self, receipts: Sequence[Incoming]) -> None:
        """Drop these receipts."""
        with closing(self._open_spool()) as spool, spool:
            spool.executemany(
                "DELETE FROM receipt WHERE id = ?", [(json.loads(receipt.raw)[0],) for receipt in receipts]
            )

    def _take(self, messages: Sequence[Outgoing], until: Until) -> list[tuple[Outgoing, Result, str | None]]:
        """Hand them over, each with a single write to the log, unless refused; with what we call those taken."""
        answers: list[tuple[Outgoing, Result, str | None]] = []
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for message in messages:
                if self.behaviour.latency_ms:
                    time.sleep(self.behaviour.latency_ms / 1000)
                if untaken := TOO_LATE if time.monotonic() >= until() else self._untaken(message):
                    answers.append((message, untaken, None))
                    continue
                os.write(log, _line(message))
                self._count()
                reference = uuid4().hex[:16]
                lost = _falls(message.number, "lost", self.behaviour.lost)
                answers.append((message, Unknown("connection_lost") if lost else Accepted(reference), reference))
        finally:
            os.close(log)
        return answers

    def _count(self) -> None:
        self._handed_over += 1
        if self._handed_over == self.behaviour.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _untaken(self, message: Outgoing) -> RefusedForNow | RefusedForGood | Unknown | None:
        if _falls(message.number, "rejected", self.behaviour.rejected):
            return RefusedForGood("not_allowed")
        _, attempt = parse_attempt_reference(message.reference) or (0, 0)
        if _falls(message.number, f"busy {attempt}", self.behaviour.busy):
            return RefusedForNow("throttled")
        if _falls(message.number, "dropped", self.behaviour.dropped):
            return Unknown("connection_lost")
        return None

    def _remember_receipts(self, taken: Sequence[tuple[Outgoing, str]]) -> None:
        due = [row for message, reference in taken for row in self._receipts(message, reference)]
        if due:
            with closing(self._open_spool()) as spool, spool:
                spool.executemany(
                    "INSERT INTO receipt (due_at, reference, attempt_reference, state) VALUES (?, ?, ?, ?)", due
                )

    def _receipts(self, message: Outgoing, reference: str) -> Iterator[tuple[float, str, str, str]]:
        """As rows of the spool, in the order in which they come."""
        behaviour = self.behaviour
        if _falls(message.number, "silent", behaviour.silent):
            return
        span = behaviour.receipt_seconds_max - behaviour.receipt_seconds_min
        due = now().timestamp() + behaviour.receipt_seconds_min + span * _dice(message.number, "delay")
        fate = _dice(message.number, "fate")
        failed = "undelivered" if fate < behaviour.undelivered else "expired"
        state = failed if fate < behaviour.undelivered + behaviour.expired else "delivered"
        yield due, reference, message.reference, state
        if _falls(message.number, "doubled", behaviour.doubled):
            yield due, reference, message.reference, state
        if _falls(message.number, "reordered", behaviour.reordered):
            yield due, reference, message.reference, "accepted"

    def _open_spool(self) -> sqlite3.Connection:
        spool = sqlite3.connect(self._spool, timeout=30)
        spool.execute("PRAGMA synchronous=OFF")  # a process may die at any moment; the machine's death is not simulated
        spool.executescript(_SCHEMA)
        return spool


def _incoming(row_id: int, reference: str, echo: str, state: str) -> Incoming:
    return Incoming(reference, echo, state, _REASONS.get(state), json.dumps([row_id, reference, echo, state]))


def _line(message: Outgoing) -> bytes:
    fields = {
        "reference": message.reference,
        "number": message.number,
        "sender": message.sender,
        "text": message.text,
        "time": now().isoformat(),
    }
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _falls(number: str, purpose: str, rate: float) -> bool:
    """Whether it happens to this number, as to this share of all numbers."""
    return rate > 0 and _dice(number, purpose) < rate


def _dice(number: str, purpose: str) -> float:
    """The same number between 0 and 1 for the same phone number and purpose, always."""
    digest = hashlib.sha256(f"{purpose}:{number}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
