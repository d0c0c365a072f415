"""An audience, and the popup of a person who may send to it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from smsapp.audiences.models import Audience
from tests import factories
from tests.web.popup.person import Popup


@pytest.fixture
def audience(app: Flask) -> Audience:
    """Three contacts with mobile numbers, one without; module on, ten messages of quota."""
    factories.settings()
    factories.quota(10)
    for name, number in (("Anna", "101"), ("Bernd", "102"), ("Zoë", "103")):
        factories.contact(name, "Alt", mobile=f"+49 171 3920{number}")
    factories.contact("Ohne", "Nummer")
    return factories.audience("Stammkunden Hamburg")


@pytest.fixture
def popup(sender: FlaskClient, audience: Audience) -> Popup:
    return Popup(sender, audience.id)
