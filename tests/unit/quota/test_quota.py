"""Quota: nobody takes what is not there, and the ledger adds up to the account, however many take at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from smsapp.errors import AppError, Conflict
from smsapp.extensions import db, db_write
from smsapp.quota.models import LedgerEntry
from smsapp.quota.queries import Balances, available_messages, balances, campaign_quota
from smsapp.quota.service import QuotaBooksBroken, QuotaTooSmall, charge, correct, give_back, grant, reserve
from tests import factories


def entries() -> list[LedgerEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def assert_the_books_add_up() -> None:
    """Every entry follows from the one before, and the last one is the account."""
    available = reserved = spent = granted = 0
    for entry in entries():
        n = entry.messages
        granted += n if entry.kind in {"grant", "correct"} else 0
        available += {"reserve": -n, "charge": 0}.get(entry.kind, n)
        reserved += {"reserve": n, "charge": -n, "return": -n}.get(entry.kind, 0)
        spent += n if entry.kind == "charge" else 0
        assert (entry.available, entry.reserved, entry.spent) == (available, reserved, spent)
    assert balances() == Balances(granted, available, reserved, spent)
    assert min(available, reserved, spent) >= 0


@pytest.fixture(autouse=True)
def books(app: Flask) -> Iterator[None]:
    yield
    assert_the_books_add_up()


@pytest.fixture
def campaign_id(app: Flask) -> int:
    return int(factories.campaign(recipients=0).id)


def take(messages: int, campaign_id: int) -> None:
    with db_write() as session:
        reserve(session, messages, campaign_id, None)


def test_a_grant_is_available_and_in_the_ledger() -> None:
    user = factories.user()
    grant(1000, " Vertrag 2026 ", user.id)
    assert available_messages() == 1000
    (entry,) = entries()
    assert (entry.kind, entry.reason, entry.user_id) == ("grant", "Vertrag 2026", user.id)


@pytest.mark.parametrize("messages", [0, -5, 10**9])
def test_a_senseless_grant_is_refused(messages: int) -> None:
    with pytest.raises(AppError):
        grant(messages, "why not", None)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_grant_needs_a_reason(reason: str) -> None:
    with pytest.raises(AppError):
        grant(10, reason, None)


def test_a_correction_takes_away_at_most_what_is_available(campaign_id: int) -> None:
    grant(100, "start", None)
    take(60, campaign_id)
    with pytest.raises(Conflict, match="40"):
        correct(-41, "typing mistake", None)
    correct(-40, "typing mistake", None)
    assert balances() == Balances(60, 0, 60, 0)


def test_a_correction_can_add(campaign_id: int) -> None:
    correct(7, "forgotten", None)
    assert balances() == Balances(7, 7, 0, 0)


def test_one_message_too_few_is_named(campaign_id: int) -> None:
    grant(360, "start", None)
    with pytest.raises(QuotaTooSmall, match=r"41.*401.*360") as caught:
        take(401, campaign_id)
    assert (caught.value.needed, caught.value.available) == (401, 360)
    assert caught.value.status == 409


def test_a_used_up_quota_says_so(campaign_id: int) -> None:
    with pytest.raises(QuotaTooSmall, match="0"):
        take(1, campaign_id)


def test_the_last_message_can_be_taken(campaign_id: int) -> None:
    grant(401, "start", None)
    take(401, campaign_id)
    assert balances() == Balances(401, 0, 401, 0)


def test_what_a_failed_transaction_took_is_not_taken(campaign_id: int) -> None:
    grant(10, "start", None)
    with pytest.raises(LookupError), db_write() as session:
        reserve(session, 10, campaign_id, None)
        raise LookupError
    assert available_messages() == 10


def test_nothing_is_charged_or_returned_that_is_not_reserved(campaign_id: int) -> None:
    grant(10, "start", None)
    take(4, campaign_id)
    for move in (charge, give_back):
        with pytest.raises(QuotaBooksBroken), db_write() as session:
            move(session, 5, campaign_id)


@pytest.mark.parametrize("messages", [0, -1])
def test_a_campaign_moves_only_positive_numbers(campaign_id: int, messages: int) -> None:
    for move in (charge, give_back):
        with pytest.raises(ValueError, match="cannot be moved"), db_write() as session:
            move(session, messages, campaign_id)


def test_a_campaigns_figures_come_from_its_entries(campaign_id: int) -> None:
    grant(100, "start", None)
    take(10, campaign_id)
    with db_write() as session:
        charge(session, 3, campaign_id)
        give_back(session, 2, campaign_id)
    found = campaign_quota(campaign_id)
    assert (found.reserved, found.spent, found.returned) == (5, 3, 2)


def test_fifty_at_once_never_take_more_than_there_is(app: Flask, campaign_id: int) -> None:
    grant(100, "start", None)

    def try_to_take(messages: int) -> int:
        with app.app_context():
            try:
                take(messages, campaign_id)
            except QuotaTooSmall:
                return 0
            return messages

    wanted = [3 + number % 5 for number in range(50)]  # 250 in all
    with ThreadPoolExecutor(50) as pool:
        taken = sum(pool.map(try_to_take, wanted))
    assert 100 - max(wanted) < taken <= 100
    assert balances() == Balances(100, 100 - taken, taken, 0)


def test_takers_chargers_and_returners_at_once_keep_the_books(app: Flask, campaign_id: int) -> None:
    grant(60, "start", None)

    def one_round(number: int) -> None:
        with app.app_context():
            take(2, campaign_id)
            with db_write() as session:
                (charge if number % 2 else give_back)(session, 2, campaign_id)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(one_round, range(30)))
    assert balances() == Balances(60, 30, 0, 30)


def test_any_order_of_movements_keeps_the_books(app: Flask, campaign_id: int) -> None:
    class Books(RuleBasedStateMachine):
        @initialize()
        def empty(self) -> None:
            left = balances()
            with db_write() as session:
                if left.reserved:
                    charge(session, left.reserved, campaign_id)
            if left.available:
                correct(-left.available, "start anew", None)

        @rule(n=st.integers(1, 50))
        def grants(self, n: int) -> None:
            grant(n, "more", None)

        @rule(n=st.integers(1, 60))
        def reserves(self, n: int) -> None:
            before = balances()
            try:
                take(n, campaign_id)
            except QuotaTooSmall:
                assert n > before.available
            else:
                assert balances().available == before.available - n >= 0

        @precondition(lambda self: balances().reserved > 0)
        @rule(data=st.data(), spend=st.booleans())
        def leaves_reserved(self, data: st.DataObject, spend: bool) -> None:
            n = data.draw(st.integers(1, balances().reserved))
            with db_write() as session:
                (charge if spend else give_back)(session, n, campaign_id)

        @rule(n=st.integers(-30, 30).filter(bool))
        def corrects(self, n: int) -> None:
            before = balances()
            try:
                correct(n, "counted again", None)
            except Conflict:
                assert -n > before.available
            else:
                assert balances().granted == before.granted + n

        @invariant()
        def adds_up(self) -> None:
            assert_the_books_add_up()

    case = Books.TestCase
    case.settings = hypothesis_settings(max_examples=15, stateful_step_count=15, deadline=None)
    case().runTest()
