"""The SMPP gateway on real sockets, against an operator that loses, repeats, delays, reorders and breaks off.

Each test says what the answer must be; the operator's own log says what it took.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from smsapp.gateways.base import (
    TOO_LATE,
    Accepted,
    AcceptedInPart,
    Outgoing,
    RefusedForGood,
    RefusedForNow,
    Result,
    Unknown,
)
from smsapp.gateways.smpp.encoding import Concatenation
from smsapp.gateways.smpp.gateway import Smpp
from smsapp.gateways.smpp.session import NotBound, Session
from smsapp.text.segments import measure
from tests.faults.operator import CERTIFICATE, Operator, until
from tests.unit.gateways.handing import answers, at, message, messages

LOST, SILENT = Unknown("connection_lost"), Unknown("no_answer")
Make = Callable[..., Smpp]


@pytest.fixture
def make(operator: Operator) -> Iterator[Make]:
    """Gateways to this operator, closed at the end."""
    made: list[Smpp] = []

    def new(**settings: Any) -> Smpp:
        made.append(Smpp(operator.settings(**settings)))
        return made[-1]

    yield new
    for each in made:
        each.close()
    assert [thread.name for thread in threading.enumerate() if thread.name == "smpp"] == []


@pytest.fixture
def gateway(make: Make) -> Smpp:
    return make()


def test_an_sms_arrives_as_it_was_written(gateway: Smpp, operator: Operator) -> None:
    assert answers(gateway, [message(1, "Grüße {€} 😀"), message(2, "100 € [ok]", "+358457396")]) == [
        Accepted("m1"),
        Accepted("m2"),
    ]
    first, second = operator.seen("taken")
    assert (first["text"], first["source_addr"], first["ton"], first["data_coding"]) == (
        "Grüße {€} 😀",
        "KURZPOST",
        [5, 1],
        8,
    )
    assert (second["text"], second["source_addr"], second["ton"], second["data_coding"]) == (
        *("100 € [ok]", "358457396"),
        *([1, 1], 0),
    )
    assert {each["registered_delivery"] for each in (first, second)} == {1}
    assert 1430 <= first["minutes"] <= 1450


@pytest.mark.parametrize("how", list(Concatenation))
def test_a_long_sms_arrives_whole_however_it_is_carried(how: Concatenation, make: Make, operator: Operator) -> None:
    text = "Straße € " * 40
    [answer] = answers(make(concatenation=how), [message(1, text)])
    taken = operator.seen("taken")
    ids = tuple(each["id"] for each in taken)
    assert answer == Accepted(" ".join(ids), ids if len(ids) > 1 else ())
    assert len(taken) == (1 if how is Concatenation.PAYLOAD else measure(text).segments)
    assert "".join(each["text"] for each in taken) == text
    assert {each["registered_delivery"] for each in taken} == {1}


def test_headers_tell_the_parts_of_one_sms_from_those_of_others(gateway: Smpp, operator: Operator) -> None:
    answers(gateway, [message(1, "a" * 200), message(1, "b" * 200)])
    headers = [each["header"][0] for each in operator.seen("taken")]
    assert [header[-4:] for header in headers] == ["0201", "0202"] * 2
    assert len(list(groupby(header[4:6] for header in headers))) == 2


def test_many_go_through_a_small_window(make: Make, operator: Operator) -> None:
    operator.order("latency", ms=5)
    assert set(map(type, answers(make(window=3), messages(40)))) == {Accepted}
    assert operator.taken() == [each.number for each in messages(40)]


def test_the_bind_is_kept_between_calls(gateway: Smpp, operator: Operator) -> None:
    for _ in range(3):
        answers(gateway, messages(2))
    gateway.close()
    assert [each["event"] for each in operator.seen() if each["event"] != "taken"][:2] == ["bind_transmitter", "unbind"]


def test_an_idle_worker_keeps_its_connection_alive(make: Make, operator: Operator) -> None:
    gateway = make(enquire_seconds=0.1)
    answers(gateway, messages(1))
    until(lambda: len(operator.seen("enquire_link")) >= 3)
    assert not gateway.session().closed.is_set()


def test_a_server_that_asks_is_answered(gateway: Smpp, operator: Operator) -> None:
    answers(gateway, messages(1))
    operator.order("octets", hex="00000010000000150000000000000063")
    until(lambda: operator.seen("enquire_link_answer"))


def test_a_connection_that_broke_while_idle_is_made_anew(gateway: Smpp, operator: Operator) -> None:
    answers(gateway, messages(1))
    session = gateway.session()
    operator.order("drop")
    until(session.closed.is_set)
    assert answers(gateway, [message(2)]) == [Accepted("m2")]


def test_a_server_that_unbinds_is_bound_to_again(gateway: Smpp, operator: Operator) -> None:
    answers(gateway, messages(1))
    session = gateway.session()
    operator.order("unbind")
    until(session.closed.is_set)
    assert answers(gateway, [message(2)]) == [Accepted("m2")]


def test_a_dropped_connection_leaves_only_what_was_under_way_unknown(make: Make, operator: Operator) -> None:
    operator.order("plan", faults=["ok", "ok", "drop"])
    found = answers(make(window=2), messages(10))
    assert found[:2] == [Accepted("m1"), Accepted("m2")]
    unknown = [index for index, each in enumerate(found) if isinstance(each, Unknown)]
    assert found[2] == LOST
    assert len(unknown) <= 2
    refused = [index for index, each in enumerate(found) if isinstance(each, RefusedForNow)]
    assert len(unknown) + len(refused) == 8
    assert not {messages(10)[index].number for index in refused} & set(operator.taken())


def test_no_response_is_unknown_and_the_others_are_not(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=["ok", "none", "ok"])
    assert answers(gateway, messages(4)) == [Accepted("m1"), SILENT, Accepted("m3"), Accepted("m4")]
    assert len(operator.taken()) == 4


def test_a_server_that_has_gone_silent_is_left(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", then="none")
    session = gateway.session()
    found = answers(gateway, messages(3))
    assert SILENT in found
    assert set(found) <= {SILENT, LOST}  # who was sent a moment later is lost with the connection
    until(session.closed.is_set)


def test_a_late_response_counts_if_it_comes_in_time(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=["late"])
    assert answers(gateway, messages(2)) == [Accepted("m1"), Accepted("m2")]


def given_up(gateway: Smpp, operator: Operator, fault: str) -> Outgoing:
    """An SMS that had no answer in time, while the next one had; its own has arrived meanwhile, unread."""
    operator.order("plan", faults=[fault, "ok"])
    assert answers(gateway, messages(2))[0] == SILENT
    until(lambda: not gateway.session().answers.empty())
    return message(1)


@pytest.mark.parametrize(
    ("fault", "answer"), [("late", Accepted("m1")), ("late_refuse", RefusedForGood("number_refused"))]
)
def test_an_answer_that_comes_too_late_is_told_in_the_next_call(
    fault: str, answer: Result, make: Make, operator: Operator
) -> None:
    gateway = make(answer_seconds=0.3)
    sms = given_up(gateway, operator, fault)
    found = list(gateway.submit([message(3)]))
    assert found[0] == (sms, answer)
    assert [each for each, _ in found[1:]] == [message(3)]


def test_a_late_no_for_now_leaves_it_unknown(make: Make, operator: Operator) -> None:
    """It is never sent again by itself."""
    gateway = make(answer_seconds=0.3)
    given_up(gateway, operator, "late_throttle")
    assert answers(gateway, [message(3)]) == [Accepted("m2")]


def test_a_part_answered_late_settles_nothing_while_another_has_no_answer(make: Make, operator: Operator) -> None:
    gateway = make(answer_seconds=0.3)
    operator.order("plan", faults=["late", "none", "ok"])
    long = message(1, "a" * 400)
    assert answers(gateway, [long]) == [SILENT]
    until(lambda: not gateway.session().answers.empty())
    assert answers(gateway, [message(2)]) == [Accepted("m4")]
    assert len(operator.taken()) == 4


def test_an_answer_of_a_new_connection_settles_nothing_of_the_one_before(make: Make, operator: Operator) -> None:
    """Its sequence numbers begin anew."""
    gateway = make(answer_seconds=0.3)
    operator.order("plan", faults=["none", "ok"])
    assert answers(gateway, messages(2))[0] == SILENT
    gateway.close()
    operator.order("plan", faults=["duplicate"])
    assert answers(gateway, [message(3), message(4)]) == [Accepted("m3"), Accepted("m4")]


def test_a_doubled_response_counts_once(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=["duplicate", "duplicate"])
    assert answers(gateway, messages(3)) == [Accepted("m1"), Accepted("m2"), Accepted("m3")]


def test_responses_in_another_order_find_their_sms(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=["hold", "hold", "ok"])
    assert answers(gateway, messages(3)) == [Accepted("m1"), Accepted("m2"), Accepted("m3")]
    assert operator.taken() == [each.number for each in messages(3)]


def test_a_throttled_sms_is_refused_for_now_and_was_not_taken(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=["ok", "throttle"])
    assert answers(gateway, messages(2)) == [Accepted("m1"), RefusedForNow("throttled")]
    assert len(operator.taken()) == 1


def test_throttling_slows_down(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=["throttle"])
    answers(gateway, messages(1))
    began = time.monotonic()
    answers(gateway, messages(2))
    assert time.monotonic() - began > 0.9
    assert gateway.pace.gap > 0


def test_a_throttled_part_is_sent_again_so_that_the_sms_arrives_whole(make: Make, operator: Operator) -> None:
    operator.order("plan", faults=["ok", "throttle", "ok"])
    text = "a" * 153 + "b" * 153 + "c"
    assert answers(make(window=1), [message(1, text)]) == [Accepted("m1 m2 m3", ("m1", "m2", "m3"))]
    assert [each["text"][0] for each in operator.seen("taken")] == ["a", "b", "c"]


def test_a_part_refused_for_good_leaves_the_sms_accepted_in_part(make: Make, operator: Operator) -> None:
    operator.order("plan", faults=["ok", "refuse"])
    assert answers(make(window=1), [message(1, "a" * 400)]) == [AcceptedInPart("m1", "number_refused", ("m1",))]
    assert len(operator.taken()) == 1


def test_an_unknown_part_leaves_the_sms_unknown(gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=["ok", "none", "ok"])
    assert answers(gateway, [message(1, "a" * 400)]) == [SILENT]


def test_a_first_part_refused_keeps_the_others_back(make: Make, operator: Operator) -> None:
    operator.order("plan", faults=["refuse"])
    assert answers(make(window=1), [message(1, "a" * 400)]) == [RefusedForGood("number_refused")]
    assert operator.taken() == []


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("refuse", RefusedForGood("number_refused")),
        ("nack", RefusedForGood("not_understood")),
        ("system_error", Unknown("smpp_status_0x8")),
        ("half", SILENT),
        ("half_drop", LOST),
        ("broken", LOST),
        ("nameless", Accepted("?1-1.1")),
    ],
)
def test_whatever_is_answered_has_one_meaning(fault: str, answer: Result, gateway: Smpp, operator: Operator) -> None:
    operator.order("plan", faults=[fault])
    assert answers(gateway, messages(1)) == [answer]
    assert len(operator.taken()) == (fault not in ("refuse", "nack", "system_error"))


def test_the_next_call_works_after_any_fault(make: Make, operator: Operator) -> None:
    for fault in ("drop", "half", "half_drop", "broken", "none"):
        gateway = make(answer_seconds=0.3)
        operator.order("plan", faults=[fault])
        answers(gateway, messages(1))
        until(lambda gateway=gateway: isinstance(answers(gateway, [message(2)])[0], Accepted))  # type: ignore[misc]


def test_an_operator_that_is_away_takes_nothing(operator: Operator, make: Make) -> None:
    operator.close()
    assert answers(make(), messages(3)) == [RefusedForNow("not_connected")] * 3


def test_a_refused_bind_takes_nothing_and_shows_no_password(
    gateway: Smpp, operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    operator.order("bind", answer=0x0E)
    assert answers(gateway, messages(1)) == [RefusedForNow("bind_refused")]
    assert "0xe" in caplog.text
    assert "geheim" not in caplog.text + repr(gateway.settings)


def test_a_bind_without_an_answer_takes_nothing(gateway: Smpp, operator: Operator) -> None:
    operator.order("bind", answer="drop")
    assert answers(gateway, messages(1)) == [RefusedForNow("not_connected")]


def test_it_does_not_hammer_an_operator_that_is_away(gateway: Smpp, operator: Operator) -> None:
    operator.order("bind", answer="drop")
    for _ in range(20):
        answers(gateway, messages(1))
    assert len(operator.seen("bind_transmitter")) <= 2


def test_an_operator_that_always_drops_loses_no_more_than_a_window_a_try(make: Make, operator: Operator) -> None:
    operator.order("plan", then="drop")
    found = Counter(map(type, answers(make(window=3), messages(15))))
    assert found[Unknown] <= 3
    assert found[Unknown] + found[RefusedForNow] == 15


def test_a_transmitter_refuses_what_it_cannot_keep(make: Make, operator: Operator) -> None:
    """A transceiver that is not the receiver asks the operator to try again."""
    gateway = make(bind="transceiver")
    gateway.session()
    operator.order("deliver", pdu={"source_addr": "49171", "esm_class": 4, "short_message": "id:1 stat:DELIVRD"})
    until(lambda: operator.seen("deliver_answer"))
    assert operator.seen("deliver_answer")[0]["status"] == 0x64


def test_a_failing_taker_lets_the_operator_try_again(operator: Operator) -> None:
    def fail(_: object) -> int:
        raise OSError("the disk is full")

    session = Session(operator.settings(), "receiver", fail)
    operator.order("deliver", pdu={"source_addr": "49171", "esm_class": 4, "short_message": "id:1 stat:DELIVRD"})
    until(lambda: operator.seen("deliver_answer"))
    assert operator.seen("deliver_answer")[0]["status"] == 0x64
    assert not session.closed.is_set()
    session.close()


def test_a_closed_session_sends_nothing(operator: Operator) -> None:
    session = Session(operator.settings(), "transmitter")
    session.close()
    with pytest.raises(NotBound):
        session.send(b"octets")


@pytest.fixture
def secret_operator(tmp_path: Path) -> Iterator[Operator]:
    """One that speaks TLS only."""
    made = Operator(tmp_path, tls=True)
    yield made
    made.close()


def test_tls_carries_sms_and_asks_while_idle(secret_operator: Operator) -> None:
    gateway = Smpp(secret_operator.settings(tls=True, tls_ca=str(CERTIFICATE), enquire_seconds=0.1))
    assert set(map(type, answers(gateway, messages(30)))) == {Accepted}
    until(lambda: secret_operator.seen("enquire_link"))
    gateway.close()
    assert len(secret_operator.taken()) == 30


def test_a_certificate_that_nobody_vouches_for_gets_no_password(secret_operator: Operator) -> None:
    assert answers(Smpp(secret_operator.settings(tls=True)), messages(1)) == [RefusedForNow("not_connected")]
    assert secret_operator.seen("bind_transmitter") == []


def test_an_operator_without_tls_gets_no_password(operator: Operator) -> None:
    gateway = Smpp(operator.settings(tls=True, tls_ca=str(CERTIFICATE)))
    assert answers(gateway, messages(1)) == [RefusedForNow("not_connected")]
    assert operator.seen("bind_transmitter") == []


def test_nothing_is_handed_over_after_the_deadline(make: Make, operator: Operator) -> None:
    """The pace would allow the rest later in the same call."""
    found = Counter(answer for _, answer in make(rate=20).submit(messages(10), at(time.monotonic() + 0.2)))
    assert found[TOO_LATE] >= 5
    assert len(operator.taken()) == 10 - found[TOO_LATE]


def test_who_waits_for_the_next_turn_learns_that_there_is_none(make: Make, operator: Operator) -> None:
    ends = [math.inf]
    began, found = time.monotonic(), list[Result]()
    for _, answer in make(rate=0.1).submit(messages(3), lambda: ends[0]):
        found.append(answer)
        ends[0] = -math.inf
    assert [type(answer) for answer in found] == [Accepted, RefusedForNow, RefusedForNow]
    assert len(operator.taken()) == 1
    assert time.monotonic() - began < 5  # the second turn would have come after ten seconds


def test_after_the_deadline_nothing_is_begun(make: Make, operator: Operator) -> None:
    assert [answer for _, answer in make().submit(messages(2), at(time.monotonic()))] == [TOO_LATE] * 2
    assert len(operator.taken()) == 0


def test_a_long_sms_that_was_begun_before_the_deadline_arrives_whole(make: Make, operator: Operator) -> None:
    """Two parts of it alone would cost as much, and nobody could read them."""
    long = [message(number, "x" * 400) for number in range(1, 4)]
    found = [type(answer) for _, answer in make(rate=10).submit(long, at(time.monotonic() + 0.15))]
    assert Counter(found) == {Accepted: 1, RefusedForNow: 2}
    assert len(operator.taken()) == 3
