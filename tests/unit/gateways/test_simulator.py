"""The simulator: what happens to a number is always the same, each hand-over is one line, no receipt is lost."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.clock import now
from smsapp.gateways.base import (
    TOO_LATE,
    Accepted,
    Outgoing,
    RefusedForGood,
    RefusedForNow,
    Result,
    Unknown,
    attempt_reference,
    parse_attempt_reference,
)
from smsapp.gateways.simulator import Behaviour, Simulator
from tests.unit.gateways.handing import at

AT_ONCE = {"latency_ms": 0.0, "receipt_seconds_min": 0.0, "receipt_seconds_max": 0.0, "rejected": 0.0}


def messages(count: int, attempt: int = 1) -> list[Outgoing]:
    return [
        Outgoing(attempt_reference(index + 1, attempt), f"+4917155{index:06}", "KURZPOST", f"Grüße {index}", "gsm7", 1)
        for index in range(count)
    ]


def simulator(folder: Path, **behaviour: float) -> Simulator:
    return Simulator(folder, Behaviour(**{**AT_ONCE, **behaviour}))  # type: ignore[arg-type]


def witnessed(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "handed_over.log").read_text().splitlines()]


def answers(gateway: Simulator, handed: list[Outgoing]) -> list[Result]:
    found = dict(gateway.submit(handed))
    return [found[message] for message in handed]


def test_each_hand_over_is_one_line_with_the_text(tmp_path: Path) -> None:
    handed = messages(3)
    assert all(isinstance(answer, Accepted) for answer in answers(simulator(tmp_path), handed))
    lines = witnessed(tmp_path)
    assert [(line["reference"], line["number"], line["sender"], line["text"]) for line in lines] == [
        (message.reference, message.number, message.sender, message.text) for message in handed
    ]
    assert datetime.fromisoformat(lines[0]["time"]) <= now()


def test_after_the_deadline_nothing_is_handed_over(tmp_path: Path) -> None:
    slow = simulator(tmp_path, latency_ms=20.0)
    late = [answer for _, answer in slow.submit(messages(20), at(time.monotonic() + 0.1)) if answer == TOO_LATE]
    assert len(witnessed(tmp_path)) == 20 - len(late) < 20


def test_what_is_refused_is_not_handed_over(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, rejected=0.3, busy=0.3)
    found = answers(gateway, messages(200))
    kinds = {kind: sum(isinstance(answer, kind) for answer in found) for kind in (RefusedForGood, RefusedForNow)}
    assert 35 < kinds[RefusedForGood] < 85
    assert 20 < kinds[RefusedForNow] < 70
    assert len(witnessed(tmp_path)) == sum(isinstance(answer, Accepted) for answer in found)


def test_a_lost_answer_is_a_hand_over_with_a_receipt(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, lost=1.0)
    assert answers(gateway, messages(2)) == [Unknown("connection_lost")] * 2
    assert len(witnessed(tmp_path)) == 2
    assert {receipt.attempt_reference for receipt in gateway.due_receipts(now(), 10)} == {"1-1", "2-1"}


def test_what_is_dropped_on_the_way_has_no_answer_and_never_arrives(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, dropped=0.5)
    found = answers(gateway, messages(40))
    taken = sum(isinstance(answer, Accepted) for answer in found)
    assert 0 < taken < 40
    assert found.count(Unknown("connection_lost")) == 40 - taken
    assert len(witnessed(tmp_path)) == len(gateway.due_receipts(now(), 50)) == taken


def test_everything_repeats(tmp_path: Path) -> None:
    rates = {"rejected": 0.2, "busy": 0.2, "lost": 0.2}
    once, again = (
        [type(answer) for answer in answers(simulator(tmp_path / name, **rates), messages(100))] for name in "ab"
    )
    assert once == again
    assert len(set(once)) == 4


def test_who_was_busy_may_be_free_at_the_next_attempt(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, busy=0.5)
    first, second = (answers(gateway, messages(50, attempt)) for attempt in (1, 2))
    assert any(isinstance(a, RefusedForNow) and isinstance(b, Accepted) for a, b in zip(first, second, strict=True))


def test_receipts_come_when_they_are_due_and_until_they_are_forgotten(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, receipt_seconds_min=2.0, receipt_seconds_max=8.0)
    begun = now()
    answers(gateway, messages(20))
    assert not gateway.due_receipts(begun + timedelta(seconds=1.9), 100)
    late = now() + timedelta(seconds=8)
    due = gateway.due_receipts(late, 100)
    assert len(due) == 20
    assert gateway.due_receipts(late, 100) == due
    gateway.forget(due[:15])
    assert gateway.due_receipts(late, 100) == due[15:]


def test_a_receipt_echoes_our_reference_and_the_gateways(tmp_path: Path) -> None:
    gateway = simulator(tmp_path)
    (answer,) = answers(gateway, messages(1))
    (receipt,) = gateway.due_receipts(now(), 10)
    assert isinstance(answer, Accepted)
    assert (receipt.reference, receipt.attempt_reference, receipt.state) == (answer.reference, "1-1", "delivered")
    assert answer.reference != "1-1"


def test_some_are_not_delivered_and_some_stay_silent(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, undelivered=0.2, expired=0.2, silent=0.2)
    answers(gateway, messages(300))
    states = [receipt.state for receipt in gateway.due_receipts(now(), 500)]
    assert 200 < len(states) < 280
    assert set(states) == {"delivered", "undelivered", "expired"}


def test_a_receipt_may_come_twice_also_after_it_was_forgotten_once(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, doubled=1.0)
    answers(gateway, messages(2))
    first = gateway.due_receipts(now(), 1)
    gateway.forget(first)
    again = gateway.due_receipts(now(), 1)
    assert (again[0].reference, again[0].state) == (first[0].reference, first[0].state)
    assert len(gateway.due_receipts(now(), 10)) == 3


def test_an_earlier_word_may_come_after_the_last_one(tmp_path: Path) -> None:
    gateway = simulator(tmp_path, reordered=1.0)
    answers(gateway, messages(1))
    assert [receipt.state for receipt in gateway.due_receipts(now(), 10)] == ["delivered", "accepted"]


def test_the_environment_decides(tmp_path: Path) -> None:
    found = Behaviour.from_env({"SMSAPP_SIMULATOR_LATENCY_MS": "20", "SMSAPP_SIMULATOR_WINDOW": "7", "OTHER": "1"})
    assert (found.latency_ms, found.window, found.undelivered) == (20.0, 7, Behaviour().undelivered)


@pytest.mark.parametrize("text", ["soon", "-1", "1,5"])
def test_a_setting_that_is_no_number_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="SMSAPP_SIMULATOR_LATENCY_MS"):
        Behaviour.from_env({"SMSAPP_SIMULATOR_LATENCY_MS": text})


def test_it_can_die_in_the_midst_of_a_window(tmp_path: Path) -> None:
    code = f"""if True:
        from pathlib import Path
        from tests.unit.gateways.test_simulator import messages, simulator
        list(simulator(Path({str(tmp_path)!r}), die_at=3).submit(messages(10)))
    """
    ended = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(witnessed(tmp_path)) == 3


@given(st.integers(1, 10**18 - 1), st.integers(1, 10**9 - 1))
def test_our_reference_reads_back(delivery_id: int, attempt: int) -> None:
    assert parse_attempt_reference(attempt_reference(delivery_id, attempt)) == (delivery_id, attempt)


@pytest.mark.parametrize(
    "text", [None, "", "7", "7-", "-7", "07-1", "7-0", "7-1 ", "7-1\n", "x-1", "٧-1", "9" * 19 + "-1"]
)
def test_what_we_never_wrote_is_no_reference(text: str | None) -> None:
    assert parse_attempt_reference(text) is None


def test_times_are_aware(tmp_path: Path) -> None:
    answers(simulator(tmp_path), messages(1))
    assert datetime.fromisoformat(witnessed(tmp_path)[0]["time"]).tzinfo == UTC
