"""Sending failed SMS again over HTTP: offered on a finished send's page, asked first, done once."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from smsapp.delivery import claims, sending
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.service import pause_after_failure
from smsapp.delivery.sweep import sweep_once
from smsapp.extensions import db, db_write
from smsapp.gateways.base import RefusedForGood
from tests import factories
from tests.sending import campaign_state, simulate, states
from tests.web.checker import CheckedClient
from tests.web.sends.looking import in_english, shown

pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.fixture
def page(sender: FlaskClient) -> CheckedClient:
    factories.settings()
    factories.quota(10)
    simulate()
    return in_english(sender)


def refuse(campaign: Campaign, count: int) -> None:
    """The gateway refuses so many of the send's SMS for good."""
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", count))
    claims.record(window, {one.reference: RefusedForGood("number_refused") for one in window.deliveries})


@pytest.fixture
def done(page: CheckedClient) -> Campaign:
    """A finished send of which all has failed."""
    campaign = factories.campaign(2, audience_id=factories.audience().id)
    refuse(campaign, 2)
    for place in range(2):
        contact = factories.contact(f"Person {place}", mobile=f"+4917155{place:06}")
        with db_write() as session:
            session.execute(update(Delivery).where(Delivery.name == f"Person {place}").values(contact_id=contact.id))
    sending.drain(campaign.id)
    sweep_once()
    assert campaign_state(campaign.id) == "closed"
    return campaign


def token(page: CheckedClient, campaign: Campaign) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.fragment(f"/campaigns/{campaign.id}/resend").text)
    assert found
    return found[1]


def test_a_finished_send_offers_it_and_asks_with_number_and_quota(page: CheckedClient, done: Campaign) -> None:
    assert "Send 2 failed SMS again" in shown(page, done)
    for answer in (page.get(f"/campaigns/{done.id}/resend"), page.fragment(f"/campaigns/{done.id}/resend")):
        assert "2 recipients" in answer.text
        assert "Quota afterwards" in answer.text


def test_yes_makes_a_send_that_names_where_it_comes_from(page: CheckedClient, done: Campaign) -> None:
    answer = page.post(f"/campaigns/{done.id}/resend", data={"token": token(page, done)})
    again = answer.headers["Location"]
    assert f'<a href="/campaigns/{done.id}">' in page.get(again).text
    origin = shown(page, done)
    assert "2 failed SMS were sent again" in origin
    assert "Send 2 failed SMS again" not in origin


def test_pressed_twice_and_in_a_second_tab_it_is_one(page: CheckedClient, done: Campaign) -> None:
    mine, tab = token(page, done), token(page, done)
    answers = [page.post(f"/campaigns/{done.id}/resend", data={"token": each}) for each in (mine, mine, tab)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert db.session.query(Campaign).count() == 2


def test_a_stale_page_says_that_it_was_done(page: CheckedClient, done: Campaign) -> None:
    page.post(f"/campaigns/{done.id}/resend", data={"token": token(page, done)})
    assert page.get(f"/campaigns/{done.id}/resend").status_code == 409


def test_figures_that_changed_are_asked_again(page: CheckedClient, done: Campaign) -> None:
    old = token(page, done)
    factories.block("+4917155000000")
    answer = page.fragment(f"/campaigns/{done.id}/resend", method="POST", data={"token": old})
    assert (answer.status_code, "Recipients: 2 → 1" in answer.text) == (409, True)
    assert "1 contact is skipped: 1 blocked." in answer.text


def test_where_nobody_is_left_there_is_no_yes(page: CheckedClient, done: Campaign) -> None:
    for place in range(2):
        factories.block(f"+4917155{place:06}")
    answer = page.get(f"/campaigns/{done.id}/resend")
    assert (answer.status_code, 'name="token"' in answer.text) == (422, False)


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_who_may_send_may_do_it(done: Campaign, role: str, request: pytest.FixtureRequest) -> None:
    client = CheckedClient(request.getfixturevalue(role))
    assert client.get(f"/campaigns/{done.id}/resend").status_code == 403
    assert client.post(f"/campaigns/{done.id}/resend", data={"token": "x"}).status_code == 403
    assert f"/campaigns/{done.id}/resend" not in shown(client, done)


def test_a_forged_yes_is_refused(page: CheckedClient, done: Campaign) -> None:
    assert page.post(f"/campaigns/{done.id}/resend", data={"token": "forged"}).status_code == 400
    assert page.post("/campaigns/4711/resend").status_code == 404


# ---- A send that nobody has paused ----


def test_the_page_and_the_start_page_say_why_it_is_paused(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=40)
    refuse(campaign, 20)
    sending.drain(campaign.id)
    assert "20 SMS were refused for good" in shown(page, campaign)
    assert "Paused: more than a fifth of the first SMS were refused for good" in page.get("/").text
    page.post(f"/campaigns/{campaign.id}/resume")
    sending.drain(campaign.id)
    assert "refused for good, more" not in shown(page, campaign)
    assert states(campaign.id) == {"rejected": 20, "accepted": 20}


def test_a_gateway_that_failed_is_named(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=2)
    pause_after_failure(campaign.id)
    assert "paused because the gateway “simulator” failed" in shown(page, campaign)
    page.post(f"/campaigns/{campaign.id}/resume")
    assert "failed. Nothing is lost" not in shown(page, campaign)
