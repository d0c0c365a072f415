"""The unclear SMS: what is known of them, and a person's decisions."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from smsapp.accounts.models import User
from smsapp.clock import now
from smsapp.delivery import evidence as kept
from smsapp.delivery import receipts, sending
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.moves import Books
from smsapp.extensions import db_write
from smsapp.gateways.base import Incoming, RefusedForNow, attempt_reference
from smsapp.quota.queries import balances
from tests import factories
from tests.sending import campaign_state, deliveries, evidence, handed_over, simulate, states
from tests.web.checker import CheckedClient

pytestmark = pytest.mark.usefixtures("invariants_hold")
DECISIONS = ("accepted", "rejected", "queued")


@pytest.fixture
def page(sender: FlaskClient) -> CheckedClient:
    """A person who may send, and reads English."""
    with db_write() as session:
        session.execute(update(User).values(language="en"))
    return CheckedClient(sender)


def unclear_send(recipients: int = 1, **values: Any) -> Campaign:
    """A send of which every answer was lost."""
    factories.settings()
    simulate(lost=1.0)
    campaign = factories.campaign(recipients=recipients, **values)
    sending.drain(campaign.id)
    simulate()
    assert states(campaign.id) == {"unknown": recipients}
    return campaign


def ids(campaign: Campaign) -> list[str]:
    """The deliveries with their attempts, as the form names them."""
    return [f"{delivery.id}-{delivery.attempt}" for delivery in deliveries(campaign.id)]


def decide(page: CheckedClient, decision: str, *chosen: str) -> int:
    answer = page.post(f"/campaigns/unclear/{decision}", data={"sms": list(chosen)})
    return answer.status_code


def test_nothing_unclear_is_said(page: CheckedClient) -> None:
    factories.campaign()
    assert "Nothing is unclear" in page.get("/campaigns/unclear/").text


def test_each_is_shown_with_name_number_and_text(page: CheckedClient) -> None:
    unclear_send(2, name="Sommerfest")
    text = page.get("/campaigns/unclear/").text
    assert [each in text for each in ("Sommerfest", "Person 1", "+49 171 55000001", "Hallo! 1")] == [True] * 4


def test_what_is_known_by_now_is_not_listed(page: CheckedClient) -> None:
    campaign = unclear_send(2)
    decide(page, "accepted", ids(campaign)[0])
    text = page.get("/campaigns/unclear/").text
    assert ("Person 0" in text, "Person 1" in text) == (False, True)


def test_the_list_can_show_one_send(page: CheckedClient) -> None:
    first, second = unclear_send(name="Sommerfest"), unclear_send(name="Herbstfest")
    text = page.get(f"/campaigns/unclear/?send={first.id}").text
    assert f'id="send-{first.id}"' in text
    assert f'id="send-{second.id}"' not in text


def test_the_list_has_pages(page: CheckedClient) -> None:
    unclear_send(21)
    assert "Person 20" not in page.get("/campaigns/unclear/").text
    assert "Person 20" in page.get("/campaigns/unclear/?page=2").text


def test_why_it_is_unclear_is_told(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=1)
    with db_write() as session:
        delivery = session.scalars(select(Delivery)).one()
        delivery.state, delivery.reason, delivery.attempt, delivery.submitted_at = "unknown", "lease_over", 3, now()
    assert campaign.id
    text = page.get("/campaigns/unclear/").text
    assert "Attempt 3" in text
    assert "sending service was interrupted" in text


def test_a_late_answer_is_evidence(page: CheckedClient) -> None:
    campaign = unclear_send()
    late = [(deliveries(campaign.id)[0].id, 1, RefusedForNow("throttled"))]
    with db_write() as session:
        kept.take_late_results(session, Books(), "worker", late, now())
    assert "refused for now" in page.get("/campaigns/unclear/").text


def test_a_receipt_that_names_the_number_may_belong(page: CheckedClient) -> None:
    campaign = unclear_send(2)
    first = deliveries(campaign.id)[0]
    raw = f"dst={first.number.removeprefix('+')} stat=DELIVRD <b>"
    receipts.store("simulator", [Incoming("unheard of", None, "delivered", None, raw)])
    receipts.apply_stored()
    text = page.get("/campaigns/unclear/").text
    assert text.count("stat=DELIVRD &lt;b&gt;") == 1
    assert states(campaign.id) == {"unknown": 2}


def test_a_receipt_of_an_earlier_attempt_may_belong(page: CheckedClient) -> None:
    campaign = unclear_send()
    echo = attempt_reference(deliveries(campaign.id)[0].id, 7)
    receipts.store("simulator", [Incoming("unheard of", echo, "delivered", None, "attempt 7")])
    assert "attempt 7" in page.get("/campaigns/unclear/").text


def test_a_receipt_of_another_gateway_does_not_belong(page: CheckedClient) -> None:
    campaign = unclear_send()
    raw = deliveries(campaign.id)[0].number
    receipts.store("smpp", [Incoming("unheard of", None, "delivered", None, f"dst={raw}")])
    assert "dst=" not in page.get("/campaigns/unclear/").text


@pytest.mark.parametrize("decision", DECISIONS)
def test_the_question_shows_number_and_text(page: CheckedClient, decision: str) -> None:
    (delivery,) = ids(unclear_send())
    url = f"/campaigns/unclear/{decision}?sms={delivery}"
    for answer in (page.get(url), page.fragment(url)):
        assert "+49 171 55000000" in answer.text
        assert "Hallo! 0" in answer.text


def test_asking_decides_nothing(page: CheckedClient) -> None:
    campaign = unclear_send()
    for decision in DECISIONS:
        page.get(f"/campaigns/unclear/{decision}?sms={ids(campaign)[0]}")
    assert states(campaign.id) == {"unknown": 1}


def test_sending_again_is_asked_with_a_warning(page: CheckedClient) -> None:
    (delivery,) = ids(unclear_send())
    assert "twice" in page.fragment(f"/campaigns/unclear/queued?sms={delivery}").text
    assert "twice" not in page.fragment(f"/campaigns/unclear/rejected?sms={delivery}").text


def test_was_sent_spends_what_was_reserved(page: CheckedClient) -> None:
    campaign = unclear_send(billed=2)
    assert decide(page, "accepted", *ids(campaign)) == 303
    assert states(campaign.id) == {"accepted": 1}
    assert (balances().spent, balances().reserved, balances().available) == (2, 0, 0)


def test_was_not_sent_returns_the_quota(page: CheckedClient) -> None:
    campaign = unclear_send(billed=2)
    assert decide(page, "rejected", *ids(campaign)) == 303
    assert states(campaign.id) == {"rejected": 1}
    assert (balances().spent, balances().reserved, balances().available) == (0, 0, 2)


def test_sent_again_it_goes_out_a_second_time(page: CheckedClient) -> None:
    campaign = unclear_send()
    assert decide(page, "queued", *ids(campaign)) == 303
    assert campaign_state(campaign.id) == "sending"
    sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 1}
    assert len(handed_over()) == 2


def test_what_was_sent_again_and_is_unclear_again_names_who_decided(page: CheckedClient) -> None:
    campaign = unclear_send()
    decide(page, "queued", *ids(campaign))
    simulate(lost=1.0)
    sending.drain(campaign.id)
    assert "decided on attempt 1: Send again" in page.get("/campaigns/unclear/").text


def test_all_shown_of_a_send_are_decided_at_once(page: CheckedClient) -> None:
    campaign = unclear_send(3)
    assert decide(page, "accepted", *ids(campaign)[:2]) == 303
    assert states(campaign.id) == {"accepted": 2, "unknown": 1}
    assert "2 SMS count as sent" in page.get("/campaigns/unclear/").text


def test_a_decision_keeps_who_and_what(page: CheckedClient) -> None:
    campaign = unclear_send(2)
    decide(page, "rejected", *ids(campaign))
    found = evidence(campaign.id)
    assert [(each.kind, each.detail["decision"]) for each in found] == [("decision", "rejected")] * 2
    assert all(each.user_id for each in found)


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_second_click_changes_nothing_and_says_so(page: CheckedClient, decision: str) -> None:
    campaign = unclear_send()
    decide(page, "rejected", *ids(campaign))
    answer = page.post(f"/campaigns/unclear/{decision}", data={"sms": ids(campaign)})
    assert answer.status_code == 409
    assert "It is known by now" in answer.text
    assert states(campaign.id) == {"rejected": 1}
    assert len(evidence(campaign.id)) == 1


def test_a_decision_about_an_older_attempt_changes_nothing(page: CheckedClient) -> None:
    campaign = unclear_send()
    old = ids(campaign)
    decide(page, "queued", *old)
    simulate(lost=1.0)
    sending.drain(campaign.id)
    before = len(handed_over())
    assert decide(page, "queued", *old) == 409
    assert decide(page, "rejected", *old) == 409
    sending.drain(campaign.id)
    assert (states(campaign.id), len(handed_over())) == ({"unknown": 1}, before)


def test_a_receipt_that_was_faster_wins(page: CheckedClient) -> None:
    campaign = unclear_send()
    echo = attempt_reference(deliveries(campaign.id)[0].id, 1)
    receipts.store("simulator", [Incoming("reference", echo, "delivered", None, "")])
    receipts.apply_stored()
    assert page.get(f"/campaigns/unclear/queued?sms={ids(campaign)[0]}").status_code == 409
    assert decide(page, "queued", *ids(campaign)) == 409
    assert states(campaign.id) == {"delivered": 1}


def test_what_became_known_meanwhile_is_left_and_told(page: CheckedClient) -> None:
    campaign = unclear_send(2)
    decide(page, "accepted", ids(campaign)[0])
    assert decide(page, "rejected", *ids(campaign)) == 303
    assert states(campaign.id) == {"accepted": 1, "rejected": 1}
    assert "1 SMS was left as it is" in page.get("/campaigns/unclear/").text


def test_ten_decisions_at_once_are_one(app: Flask, page: CheckedClient, sender: FlaskClient) -> None:
    campaign = unclear_send()
    form = {"sms": ids(campaign)}
    with sender.session_transaction() as session:
        login = dict(session)

    def click(decision: str) -> int:
        client = app.test_client()
        with client.session_transaction() as session:
            session.update(login)
        return client.post(f"/campaigns/unclear/{decision}", data=form).status_code

    with ThreadPoolExecutor(5) as threads:
        statuses = list(threads.map(click, ["accepted", "rejected"] * 5))
    assert sorted(statuses) == [303] + [409] * 9
    assert len(evidence(campaign.id)) == 1


def test_nothing_of_a_cancelled_send_is_offered_again(page: CheckedClient) -> None:
    campaign = unclear_send()
    with db_write() as session:
        session.get_one(Campaign, campaign.id).state = "cancelled"
    assert "/campaigns/unclear/queued" not in page.get("/campaigns/unclear/").text
    assert decide(page, "queued", *ids(campaign)) == 409
    assert states(campaign.id) == {"unknown": 1}


def test_nothing_is_sent_again_while_the_module_is_off(page: CheckedClient) -> None:
    campaign = unclear_send()
    factories.settings(module_on=False)
    assert "/campaigns/unclear/queued" not in page.get("/campaigns/unclear/").text
    assert decide(page, "queued", *ids(campaign)) == 404
    assert decide(page, "accepted", *ids(campaign)) == 303


def test_a_paused_send_is_named_before_sending_again(page: CheckedClient) -> None:
    campaign = unclear_send()
    with db_write() as session:
        session.get_one(Campaign, campaign.id).state = "paused"
    assert "is paused" in page.fragment(f"/campaigns/unclear/queued?sms={ids(campaign)[0]}").text


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_who_may_send_decides(role: str, request: pytest.FixtureRequest) -> None:
    client = CheckedClient(request.getfixturevalue(role))
    campaign = unclear_send()
    assert client.get("/campaigns/unclear/").status_code == 403
    assert [decide(client, decision, *ids(campaign)) for decision in DECISIONS] == [403] * 3
    assert states(campaign.id) == {"unknown": 1}


@pytest.mark.parametrize("query", ["", "?sms=0-1", "?sms=4711-1", "?sms=99999999999999999999-1", "?sms=x", "?sms=1"])
def test_a_question_about_nothing_is_refused(page: CheckedClient, query: str) -> None:
    assert page.get(f"/campaigns/unclear/accepted{query}").status_code == 409


def test_a_decision_about_nothing_is_not_found(page: CheckedClient) -> None:
    assert decide(page, "accepted") == 404
    assert decide(page, "accepted", "4711-1") == 404


@pytest.mark.parametrize("decision", ["delivered", "unknown", "x"])
def test_there_are_only_three_decisions(page: CheckedClient, decision: str) -> None:
    (delivery,) = ids(unclear_send())
    assert page.get(f"/campaigns/unclear/{decision}?sms={delivery}").status_code == 404
    assert decide(page, decision, delivery) == 404
