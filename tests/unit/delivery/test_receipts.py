"""Receipts may come late, early, doubled, in any order, or be forged: nothing moves backwards, no quota moves."""

import json
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from smsapp.clock import now
from smsapp.delivery import claims, receipts, sending, service
from smsapp.delivery.models import Campaign, DeliveryPart, Receipt
from smsapp.delivery.sweep import NO_RECEIPT_AFTER, end_leases, sweep_once, take_receipts
from smsapp.extensions import db, db_write
from smsapp.gateways.base import Accepted, Incoming, RefusedForGood
from smsapp.quota.queries import balances
from tests import factories
from tests.sending import campaign_state, deliveries, handed_over, movements, simulate, states

pytestmark = pytest.mark.usefixtures("invariants_hold")

SAID = ("delivered", "undelivered", "expired")


@pytest.fixture(autouse=True)
def ready(app: Flask) -> None:
    factories.settings()
    simulate(silent=1.0)


def incoming(reference: str, state: str = "delivered", echo: str | None = None, reason: str | None = None) -> Incoming:
    return Incoming(reference, echo, state, reason, json.dumps({"reference": reference, "state": state}))


def arrive(*came: Incoming, gateway: str = "simulator") -> None:
    receipts.store(gateway, came)
    receipts.apply_stored()


def accepted(recipients: int = 1, prefix: str = "r") -> Campaign:
    """A campaign that is handed over; the gateway calls the first delivery r0, the second r1."""
    campaign = factories.campaign(recipients=recipients)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", recipients))
    claims.record(window, {held.reference: Accepted(f"{prefix}{i}") for i, held in enumerate(window.deliveries)})
    service.finish(campaign.id)
    return campaign


def unapplied() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Receipt.applied_at.is_(None))) or 0


@pytest.mark.parametrize("said", SAID)
def test_a_receipt_moves_its_delivery_and_no_quota(said: str) -> None:
    campaign = accepted(2)
    before = balances(), movements(campaign.id)
    arrive(incoming("r0", said, reason="phone_off"))
    first, second = deliveries(campaign.id)
    assert (first.state, first.reason, second.state) == (said, "phone_off", "accepted")
    assert (balances(), movements(campaign.id)) == before


def test_the_first_final_word_stands() -> None:
    campaign = accepted()
    arrive(incoming("r0", "delivered"))
    arrive(incoming("r0", "undelivered"), incoming("r0", "expired"))
    assert states(campaign.id) == {"delivered": 1}
    assert unapplied() == 0


def test_of_two_words_at_once_the_first_counts() -> None:
    campaign = accepted()
    arrive(incoming("r0", "undelivered"), incoming("r0", "delivered"))
    assert states(campaign.id) == {"undelivered": 1}


def test_the_same_word_is_stored_once() -> None:
    campaign = accepted()
    for _ in range(3):
        arrive(incoming("r0"), incoming("r0"))
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 1
    assert states(campaign.id) == {"delivered": 1}


def test_a_receipt_that_overtakes_its_answer_is_applied_afterwards() -> None:
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    (held,) = window.deliveries
    arrive(incoming("r0", echo=held.reference))
    assert (states(campaign.id), unapplied()) == ({"submitting": 1}, 1)
    claims.record(window, {held.reference: Accepted("r0")})
    receipts.apply_stored()
    assert (states(campaign.id), unapplied()) == ({"delivered": 1}, 0)


@pytest.mark.parametrize(("said", "spent"), [(said, 1) for said in SAID])
def test_an_unknown_delivery_is_moved_by_the_echo_and_charged(said: str, spent: int) -> None:
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    end_leases(now() + timedelta(minutes=2))
    assert states(campaign.id) == {"unknown": 1}
    arrive(incoming("whatever", said, echo=window.deliveries[0].reference))
    assert states(campaign.id) == {said: 1}
    assert (balances().reserved, balances().spent) == (0, spent)


def test_a_late_receipt_still_moves_one_without_receipt() -> None:
    campaign = accepted()
    sweep_once(now() + NO_RECEIPT_AFTER + timedelta(minutes=1))
    assert states(campaign.id) == {"no_receipt": 1}
    assert campaign_state(campaign.id) == "closed"
    arrive(incoming("r0"))
    assert states(campaign.id) == {"delivered": 1}


def test_without_a_receipt_it_stays_accepted_for_two_days() -> None:
    campaign = accepted()
    sweep_once(now() + NO_RECEIPT_AFTER - timedelta(minutes=1))
    assert states(campaign.id) == {"accepted": 1}


def test_a_receipt_for_what_was_refused_changes_nothing() -> None:
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    claims.record(window, {window.deliveries[0].reference: RefusedForGood("no")})
    arrive(incoming("r0", echo=window.deliveries[0].reference))
    assert states(campaign.id) == {"rejected": 1}


@pytest.mark.parametrize("echo", ["1-2", "1-9", "999999-1", "0-1", "1-0", "", "1-1; DROP TABLE", "9" * 30 + "-1"])
def test_a_forged_echo_finds_nothing(echo: str) -> None:
    campaign = accepted()
    assert deliveries(campaign.id)[0].id == 1
    arrive(incoming("forged", "undelivered", echo=echo))
    assert states(campaign.id) == {"accepted": 1}


def test_an_echo_before_the_hand_over_moves_nothing() -> None:
    campaign = factories.campaign(recipients=1)
    delivery = deliveries(campaign.id)[0]
    arrive(*(incoming(f"forged {attempt}", echo=f"{delivery.id}-{attempt}") for attempt in range(3)))
    assert states(campaign.id) == {"queued": 1}
    sending.drain(campaign.id)
    assert len(handed_over()) == 1


def test_another_gateways_receipt_is_not_ours() -> None:
    campaign = accepted()
    arrive(incoming("r0", "undelivered"), gateway="kannel")
    assert states(campaign.id) == {"accepted": 1}


@pytest.mark.parametrize("state", ["enroute", "DELIVERED", "", "delivered" * 9])
def test_a_word_that_we_do_not_know_moves_nothing(state: str) -> None:
    campaign = accepted()
    arrive(incoming("r0", state))
    assert states(campaign.id) == {"accepted": 1}


def test_what_a_stranger_writes_is_stored_without_harm() -> None:
    campaign = accepted()
    arrive(Incoming("x" * 500 + "\0", "\0", "\ud800" * 50, "y" * 100, "\0 raw " + "z" * 9000))
    assert states(campaign.id) == {"accepted": 1}
    (stored,) = db.session.scalars(select(Receipt))
    assert (len(stored.reference), len(stored.state), "\0" in stored.raw) == (80, 20, False)


def test_many_forged_receipts_do_not_hide_a_real_one() -> None:
    campaign = accepted()
    receipts.store("simulator", [incoming(f"forged {i}") for i in range(receipts.BATCH * 2)])
    arrive(incoming("r0"))
    assert states(campaign.id) == {"delivered": 1}


def test_what_belongs_to_nobody_is_looked_at_for_three_days_and_then_only_counted() -> None:
    campaign = accepted()
    receipts.store("simulator", [incoming("r0"), incoming("nobody's")])
    later = now() + receipts.KEPT
    assert receipts.unmatched(later - timedelta(minutes=1)) == 0
    assert receipts.unmatched(later + timedelta(minutes=1)) == 2
    assert receipts.apply_stored(later + timedelta(minutes=1)) == 0
    assert receipts.apply_stored(later - timedelta(minutes=1)) == 1
    assert states(campaign.id) == {"delivered": 1}
    assert receipts.unmatched(later + timedelta(minutes=1)) == 1


def test_the_sweep_forgets_them_after_three_days_and_keeps_their_number(any_app: Flask) -> None:
    accepted()
    receipts.store("simulator", [incoming("nobody's"), incoming("nobody's", state="undelivered")])
    receipts.store("smpp", [incoming("strange")])
    later = now() + receipts.KEPT
    sweep_once(later - timedelta(minutes=1))
    assert stored_receipts() == 3
    for _ in range(2):
        sweep_once(later + timedelta(minutes=1))
        assert stored_receipts() == 0
        assert receipts.unmatched(later) == 3
    receipts.store("smpp", [incoming("strange")])
    sweep_once(later + 2 * receipts.KEPT)
    assert receipts.unmatched(later) == 4


def test_receipts_that_took_effect_are_not_forgotten() -> None:
    accepted()
    arrive(incoming("r0"))
    sweep_once(now() + 2 * receipts.KEPT)
    assert (stored_receipts(), receipts.unmatched()) == (1, 0)


def test_the_receipt_of_one_part_waits_for_the_others_and_is_nobodys_loss() -> None:
    campaign = accepted()
    first = deliveries(campaign.id)[0]
    with db_write() as session:
        session.add_all(DeliveryPart(delivery_id=first.id, attempt=1, number=n, reference=f"p{n}") for n in (1, 2))
    arrive(incoming("p1"))
    sweep_once(now() + 2 * receipts.KEPT)
    assert (stored_receipts(), receipts.unmatched(now() + 2 * receipts.KEPT)) == (1, 0)


def stored_receipts() -> int:
    db.session.rollback()
    return len(list(db.session.scalars(select(Receipt.id))))


def test_more_receipts_than_a_batch_are_all_applied() -> None:
    count = receipts.BATCH + 50
    campaign = accepted(count)
    arrive(*(incoming(f"r{i}") for i in range(count)))
    assert states(campaign.id) == {"delivered": count}


def test_the_sweep_fetches_the_simulators_receipts(app: Flask) -> None:
    simulate(undelivered=0.3)
    campaign = factories.campaign(recipients=60)
    sending.drain(campaign.id)
    sweep_once()
    found = states(campaign.id)
    assert set(found) == {"delivered", "undelivered"}
    assert campaign_state(campaign.id) == "closed"
    assert {d.reason for d in deliveries(campaign.id) if d.state == "undelivered"} == {"number_unassigned"}


def test_receipts_are_fetched_again_until_they_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    source = simulate()
    campaign = factories.campaign(recipients=3)
    sending.drain(campaign.id)
    with monkeypatch.context() as patch:
        patch.setattr(source, "forget", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            take_receipts(now())
    assert unapplied() == 3
    sweep_once()
    assert states(campaign.id) == {"delivered": 3}
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 3


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_storm_of_receipts_moves_each_delivery_once_and_no_quota(data: st.DataObject) -> None:
    prefix = f"{uuid4()}/"
    campaign = accepted(3, prefix)
    mine = {delivery.gateway_ref: delivery.id for delivery in deliveries(campaign.id)}
    references = st.sampled_from([*mine, f"{prefix}9", "nobody's"])
    echoes = st.one_of(st.none(), st.sampled_from([f"{i}-{a}" for i in mine.values() for a in (1, 2)]), st.text())
    one = st.builds(incoming, references, st.sampled_from([*SAID, "enroute"]), echoes)
    before = balances()
    history = [[delivery.state for delivery in deliveries(campaign.id)]]
    for storm in data.draw(st.lists(st.lists(one, max_size=5), max_size=5)):
        arrive(*storm)
        history.append([delivery.state for delivery in deliveries(campaign.id)])
    for walk in zip(*history, strict=True):
        changes = [b for a, b in pairwise(walk) if a != b]
        assert len(changes) <= 1
        assert set(changes) <= set(SAID)
    assert balances() == before
