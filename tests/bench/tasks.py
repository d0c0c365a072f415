"""The other way to send by SMPP: a Celery task for each SMS, with our states and commits and one bind for all threads.

`celery -A tests.bench.tasks worker --pool threads` runs it, on the database and queue that the environment names.
"""

import os
from concurrent.futures import Future
from itertools import count
from threading import Thread
from uuid import uuid4

from celery import Celery

from smsapp import create_app
from smsapp.config import Config
from smsapp.delivery import claims
from smsapp.delivery.queries import route
from smsapp.gateways.base import Outgoing, Result
from smsapp.gateways.queries import gateway_row
from smsapp.gateways.registry import settings_of
from smsapp.gateways.smpp import pdus
from smsapp.gateways.smpp.encoding import parts
from smsapp.gateways.smpp.fields import address, validity_period
from smsapp.gateways.smpp.pdus import Pdu
from smsapp.gateways.smpp.session import Session
from smsapp.gateways.smpp.settings import SmppSettings
from smsapp.gateways.smpp.statuses import result

celery = Celery("bench", broker=os.environ["BENCH_BROKER"])
celery.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True, worker_hijack_root_logger=False)


class Bind:
    """One bind; each thread waits for the answer to its own SMS."""

    def __init__(self, settings: SmppSettings) -> None:
        self._settings = settings
        self._session = Session(settings, "transmitter")
        self._waiting: dict[int, Future[Pdu]] = {}
        self._numbers = count(1)
        Thread(target=self._answer, daemon=True).start()

    def submit(self, message: Outgoing) -> Result:
        (part,) = parts(message.text, self._settings.concatenation, next(self._numbers))
        sequence, answer = self._session.next_sequence(), Future[Pdu]()
        self._waiting[sequence] = answer
        source, destination = address(message.sender), address(message.number)
        self._session.send(
            pdus.submit_sm(sequence, source, destination, part, validity_period(self._settings.validity))
        )
        pdu = answer.result(30)
        return result(pdu.status, pdu.message_id)

    def _answer(self) -> None:
        while pdu := self._session.answers.get():
            self._waiting.pop(pdu.sequence).set_result(pdu)


CONNECTIONS = {"pool_size": 40}  # one for each thread; they would starve otherwise

crm = create_app(Config.from_env(os.environ), {"SQLALCHEMY_ENGINE_OPTIONS": CONNECTIONS})
with crm.app_context():
    row = gateway_row("smpp")
    assert row
    bind = Bind(settings_of(row))


@celery.task
def send_one(campaign_id: int) -> None:
    """One SMS: claimed, marked, handed over, recorded."""
    with crm.app_context():
        way, owner = route(campaign_id), uuid4().hex
        assert way
        window = claims.begin(campaign_id, owner, claims.claim(campaign_id, owner, 1))
        (held,) = window.deliveries
        claims.record(window, {held.reference: bind.submit(held.outgoing(way.sender))})
