"""The pages of sends."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from smsapp.clock import now
from smsapp.delivery.models import Heartbeat
from smsapp.extensions import db_write
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.sends.looking import in_english


@pytest.fixture
def page(sender: FlaskClient) -> CheckedClient:
    """A person who may send, and reads English; the module is on, the worker is alive."""
    factories.settings()
    with db_write() as session:
        session.add(Heartbeat(name="worker send@test", at=now() + timedelta(days=1)))
    return in_english(sender)
