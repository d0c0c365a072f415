"""The Kannel gateway on real sockets, against a server that answers, refuses, breaks off and keeps silent.

Each test says what the answer must be; what the server was asked is the witness.
"""

import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from smsapp.gateways.base import TOO_LATE, Accepted, RefusedForGood, RefusedForNow, Result, Unknown
from smsapp.gateways.kannel import gateway as gateway_module
from smsapp.gateways.kannel.gateway import Kannel
from smsapp.gateways.kannel.links import Links
from smsapp.gateways.kannel.settings import KannelSettings
from tests.kannel import free_ports
from tests.unit.gateways.handing import answers, at, message, messages
from tests.unit.gateways.kannel_server import ACCEPTED, CUT, ENDLESS, HALF, QUEUED, SILENT, KannelServer

Make = Callable[..., Kannel]
LINKS = Links("http://crm:8000", "kannel", "a key")


@pytest.fixture
def server() -> Iterator[KannelServer]:
    made = KannelServer()
    yield made
    made.close()


@pytest.fixture
def make(server: KannelServer) -> Iterator[Make]:
    """Gateways to this server, closed at the end."""
    made: list[Kannel] = []

    def new(**others: Any) -> Kannel:
        how = {"port": server.port, "answer_seconds": 0.5, "max_messages": 3} | others
        url = f"http://127.0.0.1:{how.pop('port')}/cgi-bin/sendsms"
        made.append(Kannel(KannelSettings(url, "kurzpost", "geheim", **how), LINKS))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def gateway(make: Make) -> Kannel:
    return make()


def numbers(server: KannelServer) -> Counter[str]:
    return Counter(each.headers["x-kannel-to"] for each in server.asked)


def test_everything_about_an_sms_is_in_the_request(gateway: Kannel, server: KannelServer) -> None:
    assert answers(gateway, [message(1, "Grüße {€}\n😀")]) == [Accepted("1-1")]
    [asked] = server.asked
    assert asked.line == "POST /cgi-bin/sendsms HTTP/1.1"
    assert asked.text == "Grüße {€}\n😀"
    given = {name: value for name, value in asked.headers.items() if name.startswith(("x-", "content-type"))}
    assert given == {
        "content-type": "text/plain; charset=UTF-8",
        "x-kannel-username": "kurzpost",
        "x-kannel-password": "geheim",
        "x-kannel-from": "KURZPOST",
        "x-kannel-to": "+4917155000001",
        "x-kannel-coding": "2",
        "x-kannel-validity": "1440",
        "x-kannel-dlr-mask": "27",
        "x-kannel-dlr-url": LINKS.receipt("1-1"),
    }


def test_a_text_of_gsm_characters_goes_as_such(gateway: Kannel, server: KannelServer) -> None:
    answers(gateway, [message(1, "100 € für Zoë [ok]")])
    assert server.asked[0].headers["x-kannel-coding"] == "2"  # ë
    answers(gateway, [message(1, "100 € für Änne [ok]")])
    assert server.asked[1].headers["x-kannel-coding"] == "0"


def test_as_many_requests_as_the_window_has_are_under_way(make: Make, server: KannelServer) -> None:
    server.gather = 10
    assert set(answers(make(window=10, answer_seconds=10), messages(10))) == {Accepted(f"{i}-1") for i in range(1, 11)}
    server.gather = 0
    answers(make(window=3), messages(40))
    assert server.most_at_once == 10


def test_never_more_than_the_window(make: Make, server: KannelServer) -> None:
    answers(make(window=3), messages(60))
    assert server.most_at_once <= 3
    assert server.connections <= 3


def test_connections_are_kept_between_calls(make: Make, server: KannelServer) -> None:
    gateway = make(window=1)
    for _ in range(3):
        answers(gateway, messages(3))
    assert server.connections == 1


def test_queued_while_the_operator_is_away_is_told_apart(gateway: Kannel, server: KannelServer) -> None:
    server.plan = [QUEUED, ACCEPTED]
    assert answers(gateway, [message(1)]) == [Accepted("1-1", reason="waits_at_gateway")]
    assert answers(gateway, [message(1)]) == [Accepted("1-1")]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((202, "Sent. Message splits: 3"), Accepted("1-1")),
        ((202, "<html>Welcome</html>"), Unknown("kannel_202")),
        ((200, "OK"), Unknown("kannel_200")),
        ((302, ""), RefusedForNow("wrong_address")),
        ((404, "Unknown request."), RefusedForNow("wrong_address")),
        ((403, "Authorization failed for sendsms"), RefusedForNow("bind_refused")),
        ((403, "Not routable. Do not try again."), RefusedForGood("not_allowed")),
        ((403, "<html>Forbidden</html>"), Unknown("kannel_403")),
        ((400, "Number(s) has/have been denied by white- and/or black-lists."), RefusedForGood("number_refused")),
        ((400, "Sender missing and no global set, rejected"), RefusedForGood("sender_refused")),
        ((400, "Charset or body misformed, rejected"), RefusedForGood("not_understood")),
        ((415, "Unsupported content-type, rejected"), RefusedForGood("not_understood")),
        ((503, "Temporal failure, try again later."), RefusedForNow("queue_full")),
        ((503, "<html>proxy</html>"), Unknown("kannel_503")),
        ((500, "Sending failed."), Unknown("kannel_500")),
        (CUT, Unknown("connection_lost")),
        (HALF, Unknown("connection_lost")),
        (SILENT, Unknown("no_answer")),
    ],
)
def test_what_an_answer_means(answer: Any, expected: Result, gateway: Kannel, server: KannelServer) -> None:
    server.always = answer
    assert answers(gateway, [message(1)]) == [expected]
    assert len(server.asked) == 1, "asked once"


def test_without_a_connection_nothing_was_sent(make: Make) -> None:
    gateway = make(port=free_ports(1)[0])
    assert set(answers(gateway, messages(30))) == {RefusedForNow("not_connected")}


def test_after_a_failure_nothing_is_sent_for_a_while(make: Make, server: KannelServer) -> None:
    server.always = CUT
    gateway = make(window=4)
    said, before = Counter(answers(gateway, messages(30))), len(server.asked)
    assert said == {Unknown("connection_lost"): before, RefusedForNow("not_connected"): 30 - before}
    assert before <= 4, "never more unknown than the window"
    assert set(answers(gateway, messages(30))) == {RefusedForNow("not_connected")}
    assert len(server.asked) == before


def test_one_lost_answer_leaves_the_others_known(make: Make, server: KannelServer) -> None:
    server.plan = [ACCEPTED, ACCEPTED, SILENT]
    said = Counter(type(each) for each in answers(make(window=2), messages(6)))
    assert said[Unknown] == 1
    assert set(numbers(server).values()) == {1}


def test_an_answer_that_never_ends_holds_up_nobody(
    make: Make, server: KannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_module, "CALL_SECONDS", 0.2)
    monkeypatch.setattr(gateway_module, "GRACE_SECONDS", 0.1)
    server.plan = [ENDLESS]
    gateway = make(window=1, answer_seconds=0.3)
    assert answers(gateway, messages(2)) == [Unknown("no_answer"), RefusedForNow("throttled")]
    assert answers(gateway, [message(3)]) == [Accepted("3-1")]


def test_a_busy_kannel_gets_less(gateway: Kannel, server: KannelServer) -> None:
    server.plan = [(503, "Temporal failure, try again later.")]
    assert RefusedForNow("queue_full") in answers(gateway, messages(1))
    assert gateway.pace.gap > 0
    assert answers(gateway, [message(2)]) == [Accepted("2-1")]


def test_a_rate_is_kept(make: Make, server: KannelServer) -> None:
    gateway = make(rate=1000.0)
    assert gateway.pace.gap == 0.001
    answers(gateway, messages(5))
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 153 * 3 + "b", "too_many_parts"),
        ("ю" * 67 * 3 + "b", "too_many_parts"),
        ("ю" * 66 + "😀" + "ю" * 20, "emoji_cut"),
        ("ю" * 67 + "ю" * 66 + "😀", "emoji_cut"),
    ],
)
def test_what_kannel_would_cut_is_refused_before_anything_is_sent(
    text: str, code: str, gateway: Kannel, server: KannelServer
) -> None:
    assert answers(gateway, [message(1, text)]) == [RefusedForGood(code)]
    assert server.asked == []


@pytest.mark.parametrize("text", ["a" * 152 + "€" + "b" * 200, "ю" * 65 + "😀" + "ю" * 20, "😀" * 35, "a" * 459])
def test_what_kannel_carries_whole_is_sent(text: str, gateway: Kannel, server: KannelServer) -> None:
    assert answers(gateway, [message(1, text)]) == [Accepted("1-1")]
    assert server.asked[0].text == text


def test_nobody_logs_the_password_or_the_text(
    gateway: Kannel, server: KannelServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.plan = [ACCEPTED, CUT]
    answers(gateway, [message(1)])
    answers(gateway, [message(2)])
    assert "The connection to Kannel has ended" in caplog.text
    assert not {word for word in ("geheim", "Guten Tag", "HTTP Request") if word in caplog.text}
    assert "geheim" not in repr(gateway.settings)


def test_it_can_be_closed_and_leaves_no_thread(make: Make, server: KannelServer) -> None:
    gateway = make(window=2)
    answers(gateway, messages(4))
    gateway.close()
    with pytest.raises(RuntimeError):
        answers(gateway, messages(1))


def test_nothing_is_handed_over_after_the_deadline(make: Make, server: KannelServer) -> None:
    """The pace would allow the rest later in the same call."""
    found = Counter(answer for _, answer in make(rate=20).submit(messages(10), at(time.monotonic() + 0.2)))
    assert found[TOO_LATE] >= 5
    assert len(server.asked) == 10 - found[TOO_LATE]


def test_who_waits_for_the_next_turn_learns_that_there_is_none(make: Make, server: KannelServer) -> None:
    ends = [math.inf]
    began, found = time.monotonic(), list[Result]()
    for _, answer in make(rate=0.1).submit(messages(3), lambda: ends[0]):
        found.append(answer)
        ends[0] = -math.inf
    assert [type(answer) for answer in found] == [Accepted, RefusedForNow, RefusedForNow]
    assert len(server.asked) == 1
    assert time.monotonic() - began < 5  # the second turn would have come after ten seconds


def test_after_the_deadline_nothing_is_begun(make: Make, server: KannelServer) -> None:
    assert [answer for _, answer in make().submit(messages(2), at(time.monotonic()))] == [TOO_LATE] * 2
    assert len(server.asked) == 0
