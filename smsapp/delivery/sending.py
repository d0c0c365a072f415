"""Draining a campaign: claim, mark, hand over with no transaction open, record; again until the time is over."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from uuid import uuid4

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from smsapp.clock import now
from smsapp.delivery import breaker, claims, service
from smsapp.delivery.breaker import Permit
from smsapp.delivery.claims import Held, Window
from smsapp.delivery.limits import expire_overdue
from smsapp.delivery.queries import Route, is_stopped, route, work_is_due
from smsapp.gateways import shared_pace
from smsapp.gateways.base import Gateway, RefusedForNow, Result
from smsapp.gateways.ending import Until
from smsapp.gateways.registry import GatewayOff, NoSuchGateway, gateway
from smsapp.queue import stop_event, stopping

CHUNK_SECONDS = 20.0
WATCH_SECONDS = 1.0
WINDOWS_PER_CLAIM = 4
RECORD_AGAIN = (0.5, 2.0, 5.0)
"""Seconds to wait before trying again. Recording twice does no harm: the second time finds nothing to change."""

log = logging.getLogger(__name__)


class GatewayFailed(Exception):
    """The gateway broke its promise to answer; whatever was not answered is unknown."""


def drain(campaign_id: int, seconds: float = CHUNK_SECONDS) -> bool:
    """Send what is due for a while; whether more is due right now.

    Stops between two windows when the worker shall end or the campaign was paused. If the gateway fails in a way
    that it should not, or is not here any more, the campaign is paused for a person to look: going on might make all
    of it unknown.
    """
    way = route(campaign_id)
    if way is None:
        return False
    owner = uuid4().hex
    try:
        calm = _send_windows(way, owner, time.monotonic() + seconds)
    except GatewayOff:
        service.pause_after_failure(campaign_id, service.GATEWAY_OFF)
        return False
    except (GatewayFailed, NoSuchGateway):
        log.exception("Campaign %s is paused: its gateway failed.", campaign_id)
        service.pause_after_failure(campaign_id)
        return False
    finally:
        claims.release(campaign_id, owner)
        expire_overdue(now(), campaign_id)
        service.finish(campaign_id)
    return calm and work_is_due(campaign_id)


def _send_windows(way: Route, owner: str, deadline: float) -> bool:
    """Whether the gateway is still taking SMS."""
    channel, rate = gateway(way.gateway), shared_pace.rate_of(way.gateway)
    for permit, claimed in _windows(way, owner, shared_pace.most_at_once(rate, channel.window)):
        over = stopping() or time.monotonic() > deadline
        if over or not (mine := _in_turn(way, rate, claimed)):
            breaker.give_back(way.gateway, permit, now())
            return over
        window = claims.begin(way.campaign_id, owner, mine)
        results = _hand_over_and_record(channel, window, way)
        breaker.learn(way.gateway, permit, results, now())
        if results and all(isinstance(result, RefusedForNow) for result in results):
            return False
    return True


def _in_turn(way: Route, rate: float, claimed: list[Held]) -> list[Held]:
    """Wait until the first of these may go; none if others have reserved all of the near future, or we shall end.

    The rest is put back at the end, as it is after any pause.
    """
    if rate == math.inf:
        return claimed
    turn = shared_pace.reserve(way.gateway, [held.parts for held in claimed])
    return [] if not turn.count or stop_event().wait(turn.wait) else claimed[: turn.count]


def _windows(way: Route, owner: str, size: int) -> Iterator[tuple[Permit, list[Held]]]:
    """What is claimed, in pieces of a window's size; ends when nothing is due or may go."""
    while (permit := breaker.ask(way.gateway, now())).given:
        claimed = claims.claim(way.campaign_id, owner, size if permit.trial else size * WINDOWS_PER_CLAIM)
        if not claimed:
            return breaker.give_back(way.gateway, permit, now())
        for start in range(0, len(claimed), size):
            yield permit, claimed[start : start + size]


def _hand_over_and_record(channel: Gateway, window: Window, way: Route) -> Sequence[Result]:
    """Whatever happens in between (the job's time is over, the gateway fails), what is known gets recorded.

    Returns what the gateway said of this window; late answers to earlier ones say nothing of how it is now.
    """
    results: dict[str, Result] = {}
    try:
        _hand_over(channel, window, way, results)
    finally:
        if window.deliveries:
            _record(window, results)
    return [results[held.reference] for held in window.deliveries if held.reference in results]


def _record(window: Window, results: dict[str, Result]) -> None:
    """Record even if the database is away for a moment, or full: what is known now cannot be learned again.

    Whatever it reports is worth another try: what a full disk is called depends on the version of PostgreSQL.
    """
    for pause in RECORD_AGAIN:
        try:
            return claims.record(window, results)
        except DBAPIError:
            log.exception("Results could not be recorded; trying again in %s seconds.", pause)
            time.sleep(pause)
    return claims.record(window, results)


def _hand_over(channel: Gateway, window: Window, way: Route, results: dict[str, Result]) -> None:
    messages = [held.outgoing(way.sender) for held in window.deliveries]
    if not window.runs():
        results.update({message.reference: RefusedForNow("lease_over") for message in messages})
        return
    try:
        for message, result in channel.submit(messages, _until(way)) if messages else ():
            results[message.reference] = result
    except Exception as error:  # whatever it is, the SMS without an answer are unknown and the sending stops
        raise GatewayFailed from error


def _until(way: Route) -> Until:
    """The campaign's deadline by `time.monotonic`; at once, should it be paused or cancelled, or we be told to end."""
    deadline = math.inf if way.deadline is None else time.monotonic() + (way.deadline - now()).total_seconds()
    watch = _Watch(way.campaign_id)
    return lambda: deadline if watch.goes_on() else -math.inf


class _Watch:
    """Whether a campaign was stopped, looked at once a second: a busy operator makes a call take long."""

    def __init__(self, campaign_id: int) -> None:
        self._campaign_id, self._stopped = campaign_id, False
        self._look_at = time.monotonic() + WATCH_SECONDS

    def goes_on(self) -> bool:
        if time.monotonic() >= self._look_at:
            with suppress(SQLAlchemyError):  # somebody else will notice that the database is away
                self._stopped = is_stopped(self._campaign_id)
            self._look_at = time.monotonic() + WATCH_SECONDS
        return not (self._stopped or stopping())
