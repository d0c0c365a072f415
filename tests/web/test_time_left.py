"""While a send is going out its page says how long it will still take, and only then."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from smsapp.delivery import claims
from smsapp.delivery.models import Campaign
from smsapp.extensions import db_write
from smsapp.gateways.base import Accepted
from tests import factories
from tests.conftest import logged_in
from tests.web.checker import CheckedClient

pytestmark = pytest.mark.usefixtures("invariants_hold")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def said(app: Flask, campaign: Campaign) -> str:
    """What the part that is polled says about the rest."""
    page = CheckedClient(logged_in(app, "viewer")).fragment(f"/campaigns/{campaign.id}/progress")
    return page.text.partition('id="progress-title"')[2].partition('<span class="muted">')[2].partition("<")[0]


@pytest.mark.parametrize(
    ("apart", "words"), [(1, "weniger als 1 Minute übrig"), (40, "etwa 2 Minuten übrig"), (30, "etwa 1 Minute übrig")]
)
def test_the_time_left_is_told_while_it_is_sent(app: Flask, apart: int, words: str) -> None:
    factories.settings()
    campaign = factories.campaign(recipients=40)
    for window in range(2):
        with time_machine.travel(START + timedelta(seconds=apart * window), tick=False):
            ten = claims.begin(campaign.id, "worker", claims.claim(campaign.id, "worker", 10))
            claims.record(ten, {each.reference: Accepted(each.reference) for each in ten.deliveries})
            heard = said(app, campaign)
            assert (words in heard) is (window == 1), heard
    with time_machine.travel(START + timedelta(seconds=apart), tick=False):
        with db_write() as session:
            session.get_one(Campaign, campaign.id).state = "paused"
        assert said(app, campaign) == ""
