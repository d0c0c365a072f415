"""The RQ queues. A job carries ids only and is a wake-up call: SQL is the truth (I5)."""

import logging

import redis
from flask import current_app
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from smsapp.stop import Stop

SEND = "send"
BACKGROUND = "background"
PATIENCE = 2
"""Seconds for an answer of the queue server; RQ's worker, which waits for jobs, lengthens them for itself."""
ONCE_MORE = Retry(NoBackoff(), 1)
"""A connection that had ended is made anew. More would let pages and the sweep wait for a server that hangs."""

log = logging.getLogger(__name__)


def connection() -> redis.Redis:
    """The connection of this process to the queue server, made once for each application."""
    found = current_app.extensions.get("smsapp_redis")
    if found is None:
        url = current_app.extensions["smsapp_config"].redis_url or "redis://127.0.0.1:6379/0"
        found = redis.Redis.from_url(
            url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, health_check_interval=30, retry=ONCE_MORE
        )
        current_app.extensions["smsapp_redis"] = found
    return found


def queue(name: str) -> Queue:
    """One of our queues."""
    return Queue(name, connection=connection(), serializer=JSONSerializer)


def wake(name: str, function: str, *ids: int, timeout: int = 300) -> bool:
    """Ask a worker to run the job of this dotted name; whether the queue took it.

    Call it after the commit. A queue that is away is no failure: the sweep finds the work in SQL.
    """
    try:
        queue(name).enqueue(function, *ids, result_ttl=0, failure_ttl=86400, job_timeout=timeout)
    except RedisError:
        log.warning("The queue server does not answer; the sweep will find the work.")
        return False
    return True


def stop_event() -> Stop:
    """Set when this process was asked to end."""
    event: Stop = current_app.extensions.setdefault("smsapp_stopping", Stop())
    return event


def stopping() -> bool:
    """Whether this process was asked to end: a long job stops at the next good moment."""
    return stop_event().is_set()
