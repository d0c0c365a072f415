"""The quota's page: balances, ledger, granting and correcting."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from smsapp.extensions import db, db_write
from smsapp.quota.forms import whole_number
from smsapp.quota.models import LedgerEntry, QuotaAccount
from smsapp.quota.queries import available_messages
from smsapp.quota.service import charge, give_back
from tests import factories
from tests.conftest import logged_in
from tests.web.checker import CheckedClient


@pytest.fixture
def page(admin: FlaskClient) -> CheckedClient:
    return CheckedClient(admin)


def entries() -> int:
    return db.session.scalar(select(func.count()).select_from(LedgerEntry)) or 0


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1000", 1000), ("1.000", 1000), ("1,000", 1000), ("1 000", 1000), ("1\u202f000", 1000), ("1.000.000", 10**6),
        (" +50 ", 50), ("-50", -50), ("−50", -50), ("- 1.000", -1000), ("0", 0), ("007", 7),
        ("", None), ("1.00", None), ("1.0000", None), ("1,000.000", None), ("10.5", None), ("1e3", None), ("x", None),
        ("--5", None), ("9" * 20, 10**20 - 1), ("9" * 21, None), ("١٢", None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed: str, number: int | None) -> None:
    assert whole_number(typed) == number


def test_quota_is_granted_with_a_reason(page: CheckedClient) -> None:
    answer = page.post("/quota/grant", data={"grant-messages": "1.000", "grant-reason": "Bestellung 4711"})
    assert (answer.status_code, available_messages()) == (303, 1000)
    text = page.get("/quota/").text
    assert "1.000" in text
    assert "Bestellung 4711" in text


@pytest.mark.parametrize(
    ("messages", "reason"),
    [("", "x"), ("0", "x"), ("-5", "x"), ("viele", "x"), ("5", ""), ("5", " "), ("5", "x" * 201)],
)
def test_a_grant_without_number_or_reason_stays_in_the_form(page: CheckedClient, messages: str, reason: str) -> None:
    answer = page.post("/quota/grant", data={"grant-messages": messages, "grant-reason": reason})
    assert answer.status_code == 422
    assert f'value="{messages}"' in answer.text
    assert (available_messages(), entries()) == (0, 0)


def test_quota_is_corrected_downwards(page: CheckedClient) -> None:
    factories.quota(100)
    assert page.post("/quota/correct", data={"correct-messages": "-30", "correct-reason": "Irrtum"}).status_code == 303
    assert available_messages() == 70
    assert "-30" in page.get("/quota/").text


@pytest.mark.parametrize(
    ("form", "messages", "least"),
    [("grant", "100000001", "1"), ("grant", "9" * 20, "1"), ("correct", "-2.147.483.649", "-100.000.000")],
)
def test_a_number_too_large_is_told_the_largest(page: CheckedClient, form: str, messages: str, least: str) -> None:
    answer = page.post(f"/quota/{form}", data={f"{form}-messages": messages, f"{form}-reason": "viel"})
    assert answer.status_code == 422
    assert f"Bitte geben Sie eine ganze Zahl von {least} bis 100.000.000 ein." in answer.text
    assert entries() == 0


@pytest.mark.parametrize("form", ["grant", "correct"])
def test_no_more_is_granted_than_the_account_holds(any_app: Flask, form: str) -> None:
    for _each in range(19):
        factories.quota(100_000_000)
    factories.quota(99_999_999)
    page = CheckedClient(logged_in(any_app, "admin"))

    def give(messages: str) -> str:
        return page.post(f"/quota/{form}", data={f"{form}-messages": messages, f"{form}-reason": "viel"}).text

    limit = "insgesamt sind 2.000.000.000 die Grenze."
    assert f"Höchstens 1 weitere Nachricht lässt sich zuteilen; {limit}" in give("100.000.000")
    give("1")
    assert f"Höchstens 0 weitere Nachrichten lassen sich zuteilen; {limit}" in give("1")
    assert available_messages() == 2_000_000_000


def test_an_account_that_holds_too_much_can_be_lowered(admin: FlaskClient) -> None:
    with db_write() as session:
        session.execute(update(QuotaAccount).values(granted=2_100_000_000, available=2_100_000_000))
    admin.post("/quota/correct", data={"correct-messages": "-5", "correct-reason": "Irrtum"})
    assert available_messages() == 2_099_999_995


def test_what_is_reserved_cannot_be_taken_away(page: CheckedClient) -> None:
    factories.campaign(recipients=5)
    answer = page.post("/quota/correct", data={"correct-messages": "-1", "correct-reason": "Irrtum"})
    assert answer.status_code == 422
    assert available_messages() == 0


def test_the_ledger_names_campaign_and_person_and_runs_a_balance(page: CheckedClient) -> None:
    user = factories.user(name="Selma Brandt")
    campaign = factories.campaign(recipients=5, name="Sommerfest", user_id=user.id)
    with db_write() as session:
        charge(session, 3, campaign.id)
        give_back(session, 2, campaign.id, reason="cancelled")
    text = page.get("/quota/").text
    assert f'href="/campaigns/{campaign.id}">Sommerfest</a>' in text
    assert "Selma Brandt" in text
    assert [figure in text for figure in ("+5", "-5", ">3<", "+2")] == [True] * 4


def test_the_ledger_has_pages(page: CheckedClient) -> None:
    for number in range(51):
        factories.quota(number + 1)
    assert 'rel="next"' in page.get("/quota/").text
    assert 'rel="prev"' in page.get("/quota/?page=2").text


def test_an_empty_ledger_says_so(page: CheckedClient) -> None:
    assert "empty-state" in page.get("/quota/").text


@pytest.mark.parametrize("role", ["viewer", "editor", "sender"])
def test_others_see_the_quota_and_no_forms(role: str, request: pytest.FixtureRequest) -> None:
    client = CheckedClient(request.getfixturevalue(role))
    answer = client.get("/quota/")
    assert answer.status_code == 200
    assert "/quota/grant" not in answer.text
    assert client.post("/quota/grant", data={"grant-messages": "5", "grant-reason": "x"}).status_code == 403
    assert available_messages() == 0


def test_a_reason_is_shown_as_plain_text(page: CheckedClient) -> None:
    page.post("/quota/grant", data={"grant-messages": "5", "grant-reason": "<script>{{7*7}}</script>"})
    assert "&lt;script&gt;{{7*7}}&lt;/script&gt;" in page.get("/quota/").text


def test_the_pill_at_the_top_leads_here(page: CheckedClient) -> None:
    assert 'class="quota-pill" id="quota-pill" href="/quota/"' in page.get("/").text
