"""The health page: what runs, what waits, and whether everything adds up."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from smsapp.accounts.models import User
from smsapp.clock import now
from smsapp.delivery import receipts
from smsapp.delivery.models import Delivery, Heartbeat
from smsapp.extensions import db, db_write
from smsapp.gateways.base import Incoming
from smsapp.gateways.models import GatewayRow
from smsapp.quota.models import LedgerEntry
from tests import factories
from tests.web.checker import CheckedClient

URL = "/settings/health/"


@pytest.fixture
def page(admin: FlaskClient) -> CheckedClient:
    """An administrator who reads English."""
    with db_write() as session:
        session.execute(update(User).values(language="en"))
    return CheckedClient(admin)


def figure(page: CheckedClient, label: str) -> str:
    """What the page shows beside a label."""
    return page.get(URL).text.partition(f"<span>{label}</span><span>")[2].partition("</span>")[0]


def part(page: CheckedClient, name: str) -> str:
    return page.get(URL).text.partition(f'id="part-{name}"')[2].partition("</li>")[0]


def test_a_part_that_does_not_answer_is_told(page: CheckedClient) -> None:
    assert "does not answer" in part(page, "worker")
    assert "badge-good" in part(page, "database")


def test_a_worker_that_beats_runs(page: CheckedClient) -> None:
    with db_write() as session:
        session.add(Heartbeat(name="worker send@here-1", at=now()))
    assert "runs" in part(page, "worker")
    assert "worker send@here-1" in page.get(URL).text


def test_what_waits_is_counted(page: CheckedClient) -> None:
    factories.campaign(recipients=3, billed=2)
    factories.campaign(recipients=5, state="paused")
    assert (figure(page, "SMS to hand over"), figure(page, "Their messages")) == ("3", "6")


def test_where_nothing_waits_nothing_is_the_oldest(page: CheckedClient) -> None:
    assert figure(page, "Oldest of them") == "–"
    factories.campaign()
    assert figure(page, "Oldest of them") == "just now"


def test_the_depth_of_a_queue_that_is_away_is_unknown(page: CheckedClient) -> None:
    assert figure(page, "Jobs in the queue") == "unknown"


def test_receipts_that_belong_to_nothing_are_counted(page: CheckedClient) -> None:
    receipts.store("simulator", [Incoming("unheard of", None, "delivered", None, "")])
    assert figure(page, "Delivery receipts without SMS") == "1"


def test_how_fast_sms_go_out_is_counted(page: CheckedClient) -> None:
    campaign = factories.campaign(recipients=4, woken_at=now())
    with db_write() as session:
        ids = list(session.scalars(select(Delivery.id).where(Delivery.campaign_id == campaign.id)))
        for each, minutes in zip(ids, (0, 2, 4, 6), strict=True):
            taken = {"state": "accepted", "accepted_at": now() - timedelta(minutes=minutes)}
            session.execute(update(Delivery).where(Delivery.id == each).values(taken))
    labels = ("Handed over in the last minute", "Handed over in the last 5 minutes")
    assert [figure(page, label) for label in labels] == ["1", "3"]


def test_a_gateway_says_how_it_fares(page: CheckedClient) -> None:
    def state(**values: object) -> str:
        with db_write() as session:
            session.execute(update(GatewayRow).values(**values))
        return page.get(URL).text.partition('id="gateway-')[2].partition("</li>")[0]

    assert ">active<" in state(failures=0)
    assert "failed 2 times in a row (no connection to the operator)" in state(failures=2, open_reason="not_connected")
    assert "next attempt at" in state(failures=3, open_until=now() + timedelta(minutes=2))
    assert ">inactive<" in state(active=False)


def test_opening_the_page_checks_nothing(page: CheckedClient) -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page.get(URL)
    assert not any("ledger_entry" in each for each in statements)
    page.get(f"{URL}check")
    assert any("ledger_entry" in each for each in statements)


def test_when_everything_adds_up_it_says_what_was_checked(page: CheckedClient) -> None:
    factories.campaign()
    text = page.get(f"{URL}check").text
    assert "Everything adds up" in text
    assert [f"(I{number})" in text for number in (1, 3, 5, 6, 7, 8)] == [True] * 6


def test_what_does_not_add_up_is_named(page: CheckedClient) -> None:
    factories.campaign()
    with db_write() as session:
        session.execute(update(LedgerEntry).where(LedgerEntry.kind == "reserve").values(messages=1))
    answer = page.fragment(f"{URL}check")
    assert "I6: the account has" in answer.text
    assert "Everything adds up" not in answer.text


@pytest.mark.parametrize("role", ["viewer", "editor", "sender"])
def test_only_administrators_see_it(role: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(role)
    assert [client.get(url).status_code for url in (URL, f"{URL}check")] == [403, 403]
