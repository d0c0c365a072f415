"""RQ's worker in this process, made to outlive its queue server and to end between two windows.

The queue only carries wake-up calls, so whatever it loses is found again by the sweep.
"""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from flask import Flask
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import InvalidJobOperation, StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from smsapp.delivery.heartbeats import beating
from smsapp.delivery.receiver import equip
from smsapp.gateways.registry import close_all, close_changed, when_made
from smsapp.queue import SEND, connection, queue, stop_event
from smsapp.stop import set_on_signals

WORKER_TTL: Final = 30  # seconds; RQ waits for half of it before it says again that it is there
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0

log = logging.getLogger(__name__)


class AppWorker(SimpleWorker):
    """Runs each job in an application context of its own, and stops waiting for jobs when told to end.

    A job at work is never interrupted: it looks at the stop event where it may end.
    """

    max_connection_wait_time = LONGEST_WAIT

    def __init__(self, app: Flask, queue_name: str) -> None:
        queues = [queue(queue_name)]
        super().__init__(queues, connection=connection(), serializer=JSONSerializer, worker_ttl=WORKER_TTL)
        self._app = app
        self._stop = stop_event()
        self._waiting = False

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:
        with self._app.app_context():
            return super().perform_job(job, queue, execution)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        with self._interruptible(True):
            return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)

    def heartbeat(self, *args: Any, **values: Any) -> None:
        """Also while nothing is to do: who was switched off meanwhile keeps no connection."""
        super().heartbeat(*args, **values)
        with self._interruptible(False):
            self._close_changed()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A queue that was wiped while a job was at work knows it no more: nothing the job has done is lost."""
        if isinstance(exc_info[1], InvalidJobOperation):
            log.warning("The queue server has lost a job that was at work; the sweep finds what is left of it.")
        else:
            super().handle_exception(job, *exc_info)

    def _close_changed(self) -> None:
        try:
            with self._app.app_context():
                close_changed()
        except SQLAlchemyError:
            log.exception("The gateways cannot be read now.")

    def end(self, *_: object) -> None:
        """Signal handler. It says no word to the queue server, which may be away."""
        self._stop.set()
        self._end_if_told()

    @contextmanager
    def _interruptible(self, waiting: bool) -> Iterator[None]:
        """Whether a signal may break off what is done here: waiting may be, a statement to the database may not."""
        before, self._waiting = self._waiting, waiting
        try:
            self._end_if_told()
            yield
        finally:
            self._waiting = before
        self._end_if_told()

    def _end_if_told(self) -> None:
        if self._waiting and self._stop.is_set():
            raise StopRequested

    def _install_signal_handlers(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.end)

    def subscribe(self) -> None:
        """No remote commands: their thread would live on after each loss of the connection."""


def run(app: Flask, queue_name: str) -> None:
    """Work on this queue until SIGTERM or SIGINT; while the queue server is away, wait for it."""
    with app.app_context(), beating(app, f"worker {queue_name}"):
        stop, wait = stop_event(), FIRST_WAIT
        if queue_name == SEND:
            when_made(partial(equip, app))
        set_on_signals(stop)
        while not stop.is_set():
            try:
                AppWorker(app, queue_name).work(logging_level="WARNING")
                wait = FIRST_WAIT
            except RedisError as error:
                log.warning("The queue server does not answer (%s); trying again in %.1f seconds.", error, wait)
            set_on_signals(stop)  # outside of RQ's loop nothing has to be interrupted but our own waiting
            stop.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)
        close_all()
