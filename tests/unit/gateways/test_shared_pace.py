"""All workers together keep to a gateway's rate, whatever the clock does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from flask import Flask

from smsapp.extensions import db
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.shared_pace import AHEAD, MOST_PARTS, TURN, Turn, most_at_once, reserve
from tests import factories

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_without_a_rate_nobody_waits_and_nothing_is_written(app: Flask) -> None:
    factories.gateway()
    assert [reserve("smpp", [1] * 500, AT) for _ in range(3)] == [Turn(500, 0.0)] * 3
    assert db.session.query(GatewayRow).filter_by(name="smpp").one().next_at is None


def test_turns_follow_one_another_up_to_the_near_future(app: Flask) -> None:
    factories.gateway(rate=10)
    turns = [reserve("smpp", [1] * 50, AT) for _ in range(13)]
    assert turns[:11] == [Turn(10, float(number)) for number in range(11)]
    assert {turn.count for turn in turns[11:]} == {0}
    assert reserve("smpp", [1] * 50, AT + seconds(1)) == Turn(10, 10.0)


def test_who_comes_late_catches_up_on_nothing(app: Flask) -> None:
    factories.gateway(rate=10)
    reserve("smpp", [1], AT)
    assert reserve("smpp", [1] * 50, AT + HOUR) == Turn(10, 0.0)
    assert reserve("smpp", [1] * 50, AT + HOUR) == Turn(10, 1.0)


def test_each_part_counts(app: Flask) -> None:
    factories.gateway(rate=10)
    assert reserve("smpp", [3, 3, 3, 3], AT) == Turn(3, 0.0)
    assert reserve("smpp", [1], AT) == Turn(1, 0.9)


def test_one_sms_may_take_longer_than_a_turn(app: Flask) -> None:
    factories.gateway(rate=0.5)
    assert reserve("smpp", [3, 1], AT) == Turn(1, 0.0)
    assert reserve("smpp", [1], AT) == Turn(1, 6.0)


@pytest.mark.parametrize("rate", [0.1, 10.0])
def test_a_clock_that_is_set_back_makes_nobody_faster_and_nobody_wait_long(app: Flask, rate: float) -> None:
    """What was reserved before may still be going out; it is over by `latest` of the clock as it is now."""
    factories.gateway(rate=rate)
    while (last := reserve("smpp", [1] * 10, AT + HOUR)).count:
        really_over = AT + seconds(last.wait + last.count / rate)
    latest = AT + AHEAD + seconds(max(TURN, MOST_PARTS / rate))
    assert really_over <= latest
    assert reserve("smpp", [1] * 10, AT).count == 0
    turn = reserve("smpp", [1] * 10, latest - seconds(1))
    assert (turn.count, turn.wait) == (max(1, int(rate)), 1.0)


@pytest.mark.parametrize(
    ("rate", "window", "most"), [(float("inf"), 50, 50), (200.0, 50, 50), (7.9, 50, 7), (0.1, 50, 1)]
)
def test_no_more_is_claimed_than_goes_in_a_turn(rate: float, window: int, most: int) -> None:
    assert most_at_once(rate, window) == most


RATE = 20.0


def work(app: Flask, ready: Barrier) -> list[tuple[datetime, int]]:
    """A worker that hands over as soon as it may, by a clock of its own: when it began, and how many it had."""
    at, turns = AT, list[tuple[datetime, int]]()
    ready.wait()
    while len(turns) < 15:
        with app.app_context():
            turn = reserve("smpp", [1] * 7, at)
        at += seconds(turn.wait)
        if turn.count:
            turns.append((at, turn.count))
            at += seconds(turn.count / RATE)
    return turns


def test_workers_at_once_keep_to_the_rate_together(any_app: Flask) -> None:
    factories.gateway(rate=RATE)
    together = Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(work, any_app, together) for _ in range(3)]
        turns = sorted(turn for each in running for turn in each.result())
    assert sum(count for _at, count in turns) == 3 * 15 * 7
    for (began, count), (then, _count) in pairwise(turns):
        assert then - began >= seconds(count / RATE) - timedelta(microseconds=2)
    assert turns[-1][0] - turns[0][0] < seconds(3 * 15 * 7 / RATE + AHEAD.total_seconds())
