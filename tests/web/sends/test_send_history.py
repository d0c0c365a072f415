"""What the page of a send tells of its way: its history, what it waits for, what is unclear."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from smsapp.clock import now
from smsapp.delivery import sending, service
from smsapp.delivery.models import Heartbeat
from smsapp.extensions import db_write
from smsapp.gateways.models import GatewayRow
from tests import factories
from tests.sending import deliveries, seen, simulate
from tests.web.checker import CheckedClient
from tests.web.sends.looking import change, do, history, shown, waiting

pytestmark = pytest.mark.usefixtures("invariants_hold")


def test_a_send_that_waits_for_its_gateway_says_for_how_long(page: CheckedClient) -> None:
    campaign = factories.campaign()
    with time_machine.travel(now(), tick=False):
        with db_write() as session:
            values = {"failures": 3, "open_until": now() + timedelta(seconds=110), "open_reason": "not_connected"}
            session.execute(update(GatewayRow).values(values))
        said = "Waiting for the gateway “simulator” (no connection to the operator), next attempt in"
        assert f"{said} 2 minutes." in shown(page, campaign)
        with time_machine.travel(now() + timedelta(seconds=80), tick=False):
            assert f"{said} 30 seconds." in shown(page, campaign)
        with time_machine.travel(now() + timedelta(seconds=111), tick=False):
            assert said not in shown(page, campaign)


def test_the_history_tells_what_happened_in_order_and_who_did_it(page: CheckedClient) -> None:
    campaign = waiting(user_name="Anna Meier")
    do(page, campaign, "pause")
    do(page, campaign, "resume")
    do(page, campaign, "undo")
    lines = history(page, campaign)
    said = (
        "Confirmed: 3 recipients, messages: 3 Anna Meier",
        "Paused User",
        "Resumed User",
        "Undone, nothing was sent",
    )
    assert [part in line for part, line in zip(said, lines, strict=True)] == [True] * 4


def test_what_happened_by_itself_names_nobody(page: CheckedClient) -> None:
    simulate()
    campaign = waiting(seconds=-1, recipients=1)
    service.start_due()
    sending.drain(campaign.id)
    service.finish(campaign.id)
    endings = ["Sending began", "Handed over completely"]
    assert [line.endswith(end) for line, end in zip(history(page, campaign)[1:], endings, strict=True)] == [True] * 2


def test_the_history_has_the_module_being_switched_off(page: CheckedClient) -> None:
    campaign = factories.campaign()
    with db_write() as session:
        service.pause_all(session, factories.user(name="Selma Brandt").id)
    assert "the SMS module was switched off" in shown(page, campaign)
    assert "Selma Brandt" in shown(page, campaign)


def test_the_history_has_the_decisions_about_unclear_sms(page: CheckedClient) -> None:
    simulate(lost=1.0)
    campaign = factories.campaign(recipients=3)
    sending.drain(campaign.id)
    first, *others = deliveries(campaign.id)
    user = factories.user(name="Selma Brandt")
    service.settle(seen(*others), "rejected", user.id)
    service.settle(seen(first), "accepted", user.id)
    text = shown(page, campaign)
    assert "2 unclear SMS: Not sent, return the quota" in text
    assert "Unclear SMS to Person 0: Was sent" in text
    assert "Selma Brandt" in text


def test_the_progress_brings_the_history_along(page: CheckedClient) -> None:
    campaign = factories.campaign()
    do(page, campaign, "pause")
    assert "Paused" in page.fragment(f"/campaigns/{campaign.id}/progress").text.partition('id="history"')[2]


def test_unclear_sms_lead_to_the_decision(page: CheckedClient) -> None:
    campaign = factories.campaign()
    change(campaign, {"state": "unknown"})
    assert f'href="/campaigns/unclear/?send={campaign.id}"' in shown(page, campaign)


def test_who_may_not_send_is_not_led_to_the_decision(viewer: FlaskClient) -> None:
    campaign = factories.campaign()
    change(campaign, {"state": "unknown"})
    assert "/campaigns/unclear" not in CheckedClient(viewer).get(f"/campaigns/{campaign.id}").text


def test_without_a_worker_the_page_says_how_many_messages_wait(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=3, billed=2)
    assert "is not running" not in shown(page, campaign)
    with db_write() as session:
        session.execute(delete(Heartbeat))
    assert "Waiting: 6 messages." in shown(page, campaign)
