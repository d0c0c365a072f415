"""The circuit breaker of a gateway: opens after failures in a row, lets one window try, grows, and closes by itself."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from smsapp.clock import now
from smsapp.delivery import breaker, claims, sending
from smsapp.delivery.breaker import LONGEST_WHILE, OPENS_AFTER, TRIAL, Permit, ask, give_back, learn, open_until
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.queries import work_is_due
from smsapp.delivery.sweep import sweep_once
from smsapp.extensions import db, db_write
from smsapp.gateways.base import TOO_LATE, Accepted, Outgoing, RefusedForGood, RefusedForNow, Result, Unknown
from smsapp.gateways.ending import Until
from smsapp.gateways.models import GatewayRow
from smsapp.queue import SEND, queue
from tests import factories
from tests.racing import race
from tests.sending import deliveries, states, use_gateway
from tests.servers import QueueServer

pytestmark = pytest.mark.usefixtures("invariants_hold")
NAME = "simulator"
AWAY, TAKEN, BUSY = RefusedForNow("not_connected"), Accepted("r"), RefusedForNow("throttled")


class Line:
    """A gateway that answers everything alike, as the test has set it."""

    window = 2

    def __init__(self, answer: Result) -> None:
        self.answer = answer
        self.windows = 0

    def submit(self, messages: Sequence[Outgoing], _until: Until) -> Iterator[tuple[Outgoing, Result]]:
        self.windows += 1
        for message in messages:
            yield message, Accepted(message.reference) if isinstance(self.answer, Accepted) else self.answer


@pytest.fixture(autouse=True)
def ready(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("postgres_app" if "postgres_app" in request.fixturenames else "app")
    factories.settings()


@pytest.fixture
def line() -> Line:
    """A gateway that is away."""
    made = Line(AWAY)
    use_gateway(made)
    return made


@pytest.fixture
def clock(time_machine: Any) -> Callable[[timedelta], None]:
    time_machine.move_to("2026-11-28 09:00:00+00:00", tick=False)
    return lambda passed: time_machine.shift(passed)  # type: ignore[no-any-return]


def fails(times: int = OPENS_AFTER) -> None:
    for _ in range(times):
        learn(NAME, Permit(True, failures=row()[0]), [AWAY], now())


def row() -> tuple[int, datetime | None, str | None]:
    db.session.rollback()
    found = db.session.scalars(select(GatewayRow).where(GatewayRow.name == NAME)).one()
    return found.failures, found.open_until, found.open_reason


def asked() -> Permit:
    db.session.rollback()
    return ask(NAME, now())


def test_failures_in_a_row_open_it_and_the_reason_is_kept() -> None:
    fails(OPENS_AFTER - 1)
    assert row()[1] is None
    fails(1)
    failures, until, reason = row()
    assert (failures, reason) == (OPENS_AFTER, "not_connected")
    assert until is not None
    assert not asked().given


def test_a_success_between_them_starts_the_count_anew() -> None:
    fails(OPENS_AFTER - 1)
    learn(NAME, asked(), [AWAY, TAKEN], now())
    assert row()[0] == 0


def test_a_failure_counted_since_one_was_let_is_over_with_a_success() -> None:
    permit = asked()
    learn(NAME, permit, [AWAY], now())
    learn(NAME, permit, [TAKEN], now())
    assert row()[0] == 0


@pytest.mark.parametrize("results", [[], [RefusedForNow("lease_over")], [TOO_LATE]])
def test_who_tries_and_hands_nothing_over_lets_the_next_try_at_once(
    results: list[Result], clock: Callable[[timedelta], None]
) -> None:
    fails()
    clock(LONGEST_WHILE)
    permit = asked()
    assert permit.trial
    assert not asked().given
    learn(NAME, permit, results, now())
    assert asked().trial


@pytest.mark.parametrize("answer", [TAKEN, RefusedForGood("number_refused")])
def test_any_answer_shows_that_it_works(answer: Result) -> None:
    fails(2)
    learn(NAME, asked(), [BUSY, answer], now())
    assert row()[0] == 0


def test_windows_without_any_answer_are_failures() -> None:
    for _ in range(OPENS_AFTER):
        learn(NAME, asked(), [Unknown("no_answer"), BUSY], now())
    assert not asked().given


def test_our_own_lateness_is_no_failure_of_the_gateway() -> None:
    for _ in range(OPENS_AFTER):
        learn(NAME, Permit(True), [RefusedForNow("lease_over")], now())
        learn(NAME, Permit(True), [], now())
    assert row()[0] == 0


def test_an_open_one_is_left_in_peace_by_every_worker(line: Line) -> None:
    campaign = factories.campaign(recipients=4)
    fails()
    assert not sending.drain(campaign.id)
    assert line.windows == 0
    assert states(campaign.id) == {"queued": 4}


def test_a_worker_does_not_come_back_by_itself_while_it_is_open() -> None:
    campaign = factories.campaign()
    assert work_is_due(campaign.id)
    fails()
    assert not work_is_due(campaign.id)


def test_then_one_window_tries_and_the_while_grows(line: Line, clock: Callable[[timedelta], None]) -> None:
    campaign = factories.campaign(recipients=6)
    fails()
    for seconds in (5, 10, 20, 40, 80, 160, 320, 600, 600):
        until = row()[1]
        assert until == now() + timedelta(seconds=seconds)
        clock(timedelta(seconds=seconds))
        no_waiting()
        windows = line.windows
        sending.drain(campaign.id)
        assert line.windows == windows + 1
    assert timedelta(seconds=600) == LONGEST_WHILE


def no_waiting() -> None:
    """No recipient waits for its own next try."""
    with db_write() as session:
        session.execute(update(Delivery).values(not_before=None))


def test_when_it_works_again_the_send_goes_on_by_itself(line: Line, clock: Callable[[timedelta], None]) -> None:
    campaign = factories.campaign(recipients=6)
    fails()
    clock(timedelta(seconds=30))
    line.answer = TAKEN
    sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 6}
    assert row() == (0, None, None)


def test_while_one_tries_nobody_else_does(clock: Callable[[timedelta], None]) -> None:
    fails()
    clock(timedelta(seconds=30))
    assert asked() == Permit(True, trial=True, failures=OPENS_AFTER)
    assert not asked().given


def test_who_was_killed_while_trying_is_replaced(clock: Callable[[timedelta], None]) -> None:
    fails()
    clock(timedelta(seconds=30))
    assert asked().trial
    clock(TRIAL)
    assert asked().trial


def test_who_has_nothing_to_try_with_lets_the_next_one(line: Line, clock: Callable[[timedelta], None]) -> None:
    fails()
    clock(timedelta(seconds=30))
    sending.drain(factories.campaign(recipients=0).id)
    line.answer = TAKEN
    campaign = factories.campaign()
    sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 3}


def test_what_fails_beside_the_trial_or_late_is_the_same_failure(clock: Callable[[timedelta], None]) -> None:
    fails(OPENS_AFTER + 5)
    assert row()[0] == OPENS_AFTER
    clock(timedelta(seconds=30))
    trial = asked()
    learn(NAME, Permit(True), [AWAY], now())
    assert row()[0] == OPENS_AFTER
    learn(NAME, trial, [AWAY], now())
    assert row()[0] == OPENS_AFTER + 1


def test_what_fails_at_once_at_several_workers_counts_once() -> None:
    permits = [asked() for _ in range(OPENS_AFTER)]
    for permit in permits:
        learn(NAME, permit, [AWAY], now())
    assert row()[0] == 1


def test_a_clock_that_was_set_back_does_not_keep_it_open(clock: Callable[[timedelta], None]) -> None:
    fails()
    clock(timedelta(days=-1))
    assert asked().trial
    assert open_until(NAME, now()) is not None  # for as long as one tries


def test_another_gateway_is_another_one() -> None:
    fails()
    factories.gateway("second", kind="simulator", password=None)
    assert ask("second", now()).given
    campaign = factories.campaign(gateway="second")
    assert work_is_due(campaign.id)


def test_a_gateway_that_is_gone_is_for_others_to_tell() -> None:
    assert ask("gone", now()) == Permit(True)
    give_back("gone", Permit(True, trial=True), now())
    learn("gone", Permit(True), [AWAY], now())


def test_the_sweep_wakes_no_worker_before_the_next_attempt(app: Flask, queue_server: QueueServer) -> None:
    queue_server.use(app)
    factories.campaign()
    fails()
    sweep_once(now() + timedelta(seconds=4))
    assert queue(SEND).count == 0
    sweep_once(now() + timedelta(seconds=6))
    assert queue(SEND).count == 1


@pytest.mark.postgres
def test_of_two_workers_at_the_same_moment_one_tries(postgres_app: Flask) -> None:
    fails()
    with db_write() as session:
        session.execute(update(GatewayRow).values(open_until=now()))
    later = now() + timedelta(seconds=1)
    permits = race(postgres_app, lambda: ask(NAME, later), lambda: ask(NAME, later))
    assert sorted(isinstance(each, Permit) and each.given for each in permits) == [False, True]


def test_what_a_failed_trial_had_claimed_waits_again(line: Line, clock: Callable[[timedelta], None]) -> None:
    campaign = factories.campaign(recipients=6)
    fails()
    clock(timedelta(seconds=30))
    sending.drain(campaign.id)
    assert states(campaign.id) == {"queued": 6}
    assert [delivery.attempt for delivery in deliveries(campaign.id)] == [1, 1, 0, 0, 0, 0]
    assert claims.claim(campaign.id, "w", 6)  # the breaker is asked by who drains
    assert db.session.get_one(Campaign, campaign.id).state == "sending"
    assert breaker.ask(NAME, now()).given is False
