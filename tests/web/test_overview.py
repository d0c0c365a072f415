"""The start page and the health check."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from smsapp.clock import now
from smsapp.delivery.models import Delivery, Heartbeat
from smsapp.extensions import db_write
from smsapp.quota.service import reserve
from smsapp.settings.models import Settings
from tests import factories
from tests.web.checker import CheckedClient


@pytest.fixture
def page(admin: FlaskClient) -> CheckedClient:
    return CheckedClient(admin)


def module_on(on: bool = True) -> None:
    with db_write() as session:
        session.get_one(Settings, 1).module_on = on


def worker_alive() -> None:
    with db_write() as session:
        session.add(Heartbeat(name="worker send@test", at=now()))


def all_well() -> None:
    module_on()
    worker_alive()
    factories.quota(1000)


def test_an_empty_installation_shows_the_first_steps(page: CheckedClient) -> None:
    text = page.get("/").text
    assert 'href="/imports/"' in text
    assert 'href="/settings/"' in text


def test_a_viewer_is_not_led_to_what_is_forbidden(viewer: FlaskClient) -> None:
    text = CheckedClient(viewer).get("/").text
    assert 'href="/imports/"' not in text
    assert 'href="/settings/"' not in text


def test_with_contacts_the_next_step_is_an_audience(page: CheckedClient) -> None:
    factories.contact()
    text = page.get("/").text
    assert 'role="button" href="/imports/"' not in text
    assert 'role="button" href="/audiences/"' in text


def test_with_contacts_and_audiences_the_first_steps_are_over(page: CheckedClient) -> None:
    factories.contact()
    factories.audience()
    assert "steps-title" not in page.get("/").text


def test_when_all_is_well_nothing_needs_a_person(page: CheckedClient) -> None:
    all_well()
    factories.campaign(state="closed")
    assert "note-" not in page.get("/").text.partition("attention-title")[2]


def test_a_send_under_way_is_counted(page: CheckedClient) -> None:
    all_well()
    factories.campaign(recipients=7, name="Sommerfest")
    text = page.get("/").text
    assert "Sommerfest" in text
    assert "<dd>1</dd>" in text


def test_a_missing_worker_is_told_with_what_waits(page: CheckedClient) -> None:
    module_on()
    factories.campaign(recipients=7)
    attention = page.get("/").text.partition("attention-title")[2]
    assert "note-bad" in attention
    assert "7 " in attention


def test_a_paused_send_needs_a_person(page: CheckedClient) -> None:
    all_well()
    campaign = factories.campaign(state="paused")
    assert f"/campaigns/{campaign.id}" in page.get("/").text.partition("attention-title")[2]


def test_unclear_sms_need_a_person(page: CheckedClient) -> None:
    all_well()
    campaign = factories.campaign(recipients=3, state="closed")
    with db_write() as session:
        session.execute(update(Delivery).where(Delivery.number.endswith("1")).values(state="unknown"))
    attention = page.get("/").text.partition("attention-title")[2]
    assert f"/campaigns/{campaign.id}" in attention
    assert "1 SMS" in attention


@pytest.mark.parametrize(("reserved", "tone"), [(890, None), (910, "note-warn"), (1000, "note-bad")])
def test_low_quota_is_told(page: CheckedClient, reserved: int, tone: str | None) -> None:
    all_well()
    campaign = factories.campaign(recipients=0, state="closed")
    with db_write() as session:
        reserve(session, reserved, campaign.id, None)
    attention = page.get("/").text.partition("attention-title")[2]
    assert (tone in attention) if tone else ("note-" not in attention)


def test_a_name_is_plain_text(page: CheckedClient) -> None:
    all_well()
    factories.campaign(name="<script>{{7*7}}</script>", state="paused")
    assert page.get("/").text.count("&lt;script&gt;{{7*7}}&lt;/script&gt;") == 2


def test_the_health_check_is_json_for_everybody(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json() == {"database": "up", "queue": "down", "worker": "down", "sweep": "down"}


def test_a_beating_worker_is_up(app: Flask, client: FlaskClient) -> None:
    worker_alive()
    assert client.get("/healthz").get_json()["worker"] == "up"
