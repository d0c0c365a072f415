"""What PostgreSQL lets happen at once: one transaction is held right before its commit until the other waits for it.

SQLite has one writer at a time, so none of this can happen there.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from smsapp.campaigns.confirmation import confirm
from smsapp.campaigns.launch import launch
from smsapp.campaigns.order import Composed
from smsapp.clock import now
from smsapp.contacts.models import Block
from smsapp.delivery import claims, incoming, receipts, service, sweep
from smsapp.delivery.gateway_queries import gateway_is_used
from smsapp.delivery.incoming import Arrived
from smsapp.delivery.limits import expire_overdue
from smsapp.delivery.models import Campaign, IncomingSms
from smsapp.errors import AppError
from smsapp.extensions import db, db_write
from smsapp.gateways.base import Accepted, Incoming, RefusedForGood, Unknown
from smsapp.gateways.queries import all_gateways
from smsapp.gateways.service import delete, set_ways
from smsapp.quota.queries import balances
from smsapp.settings.models import Settings
from smsapp.settings.queries import current_settings
from smsapp.settings.service import allow_country, forbid_country, switch_off
from tests import factories
from tests.racing import race
from tests.sending import campaign_state, simulate, states

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture(autouse=True)
def ready(postgres_app: Flask) -> None:
    factories.settings(undo_seconds=0)
    simulate(silent=1.0)


def off() -> None:
    switch_off(service.pause_all)


def running() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Campaign.state)))


def confirmed(sender_id: int | None = None) -> Callable[[], object]:
    """What "Ja" does after a confirmation."""
    factories.contact(mobile="+49 171 1234567")
    factories.quota(10)
    composed, user = Composed(factories.audience().id, "Hallo", sender_id), factories.user()
    token = confirm(composed, "0" * 32, user.id).token
    db.session.rollback()
    return lambda: launch(composed, token, user.id)


def by_a_way_of_its_own() -> tuple[Callable[[], object], Callable[[], object]]:
    """The launch of a send whose sender has a gateway of its own; and the deletion of that."""
    gateway, sender = factories.gateway("own").id, factories.sender_name("KURZPOST").id
    set_ways("simulator", {sender: "own"})

    def delete_way() -> None:
        set_ways("simulator", {sender: ""})
        delete(gateway, gateway_is_used)

    return confirmed(sender), delete_way


def unknown() -> int:
    """A delivery of a send of which nothing else is left, and whose end nobody has noted yet."""
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    claims.record(window, {held.reference: Unknown("connection_lost") for held in window.deliveries})
    return window.deliveries[0].id


def test_no_send_is_launched_while_the_module_is_switched_off(postgres_app: Flask) -> None:
    _, launched = race(postgres_app, off, confirmed())
    assert isinstance(launched, AppError)
    assert running() == []


def test_a_gateway_that_a_send_is_being_launched_by_stays(postgres_app: Flask) -> None:
    launched, deleted = race(postgres_app, *by_a_way_of_its_own())
    assert isinstance(deleted, AppError)
    assert not isinstance(launched, AppError)
    assert [row.name for row in all_gateways()] == ["own", "simulator"]


def test_no_send_is_launched_by_a_gateway_that_has_just_been_deleted(postgres_app: Flask) -> None:
    launched, deleted = race(postgres_app, *by_a_way_of_its_own(), held_at="SELECT gateway.name")
    assert isinstance(launched, AppError)
    assert deleted is None
    assert running() == []


def stop_by(name: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """A STOP that comes by this gateway; and the deletion of that."""
    factories.settings(stop_answer="Sie erhalten keine SMS mehr.")
    factories.quota(1)
    gateway = factories.gateway(name).id
    stop = Arrived("+491713920101", "+358457396000", "STOPP")
    return lambda: incoming.store(name, stop), lambda: delete(gateway, gateway_is_used)


def stopped() -> list[tuple[str, str]]:
    """The blocked numbers, and what became of the answers to their STOP."""
    db.session.rollback()
    found = select(Block.e164, IncomingSms.answer).join(IncomingSms, IncomingSms.block_id == Block.id)
    return [(number, answer) for number, answer in db.session.execute(found)]


def test_a_gateway_by_which_a_stop_is_being_answered_stays(postgres_app: Flask) -> None:
    _, deleted = race(postgres_app, *stop_by("own"))
    assert isinstance(deleted, AppError)
    assert stopped() == [("+491713920101", "queued")]


def test_a_stop_counts_even_if_its_gateway_is_deleted_before_it_is_answered(postgres_app: Flask) -> None:
    _, deleted = race(postgres_app, *stop_by("own"), held_at="SELECT gateway.name")
    assert deleted == "own"
    assert stopped() == [("+491713920101", "no_gateway")]


def test_a_country_forbidden_and_one_allowed_at_once_are_both_kept_in_mind(postgres_app: Flask) -> None:
    factories.settings(allowed_countries=["CH", "DE"])
    race(postgres_app, lambda: forbid_country("CH"), lambda: allow_country("FI"))
    db.session.rollback()
    assert current_settings().allowed_countries == ["DE", "FI"]


def test_a_send_launched_before_the_module_is_off_is_paused(postgres_app: Flask) -> None:
    race(postgres_app, confirmed(), off)
    assert running() == ["paused"]


def test_no_send_goes_on_while_the_module_is_switched_off(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(state="paused"), factories.user()
    _, resumed = race(postgres_app, off, lambda: service.resume(campaign.id, user.id))
    assert isinstance(resumed, AppError)
    assert running() == ["paused"]


def test_a_send_resumed_before_the_module_is_off_is_paused_again(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(state="paused"), factories.user()
    race(postgres_app, lambda: service.resume(campaign.id, user.id), off)
    assert running() == ["paused"]


def test_nothing_is_sent_again_while_the_module_is_switched_off(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    service.finish()
    race(postgres_app, off, lambda: service.settle({delivery_id: 1}, "queued", user.id))
    assert running() == ["handed_over"]


def test_no_worker_claims_or_begins_while_the_module_is_off() -> None:
    campaign = factories.campaign(recipients=2)
    claimed = claims.claim(campaign.id, "w", 1)
    with db_write() as session:
        session.get_one(Settings, 1).module_on = False
    assert claims.begin(campaign.id, "w", claimed).deliveries == []
    assert claims.claim(campaign.id, "w", 2) == []


def test_a_send_is_not_handed_over_while_a_person_sends_one_again(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    race(postgres_app, lambda: service.settle({delivery_id: 1}, "queued", user.id), service.finish)
    assert running() == ["sending"]


def test_a_send_that_was_handed_over_goes_on_when_a_person_sends_one_again(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    race(postgres_app, service.finish, lambda: service.settle({delivery_id: 1}, "queued", user.id))
    assert running() == ["sending"]


def test_a_send_that_is_just_closing_goes_on_when_a_person_sends_one_again(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    service.finish()
    later = now() + sweep.CLOSED_AFTER + timedelta(hours=1)
    race(postgres_app, lambda: sweep.close(later), lambda: service.settle({delivery_id: 1}, "queued", user.id))
    assert running() == ["sending"]


def test_a_receipt_that_another_move_overtook_is_applied_all_the_same(postgres_app: Flask) -> None:
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    claims.record(window, {held.reference: Accepted("r0") for held in window.deliveries})
    receipts.store("simulator", [Incoming("r0", None, "delivered", None, "raw")])
    later = now() + sweep.NO_RECEIPT_AFTER + timedelta(minutes=1)
    race(postgres_app, lambda: sweep.miss_receipts(later), receipts.apply_stored)
    assert states(campaign.id) == {"delivered": 1}


def test_who_is_just_released_is_cancelled_with_the_rest(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(recipients=3), factories.user()
    claims.claim(campaign.id, "w", 3)
    later = now() + claims.LEASE + timedelta(seconds=1)
    race(postgres_app, lambda: sweep.end_leases(later), lambda: service.cancel_rest(campaign.id, user.id))
    assert states(campaign.id) == {"cancelled": 3}
    assert campaign_state(campaign.id) == "cancelled"


def test_who_is_just_put_back_is_cancelled_with_the_rest(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(recipients=3), factories.user()
    claims.claim(campaign.id, "w", 3)
    race(postgres_app, lambda: claims.release(campaign.id, "w"), lambda: service.cancel_rest(campaign.id, user.id))
    assert states(campaign.id) == {"cancelled": 3}


def test_cancelling_the_rest_and_recording_a_hand_over_do_not_wait_for_each_other(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(recipients=4), factories.user()
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 2))
    taken = {held.reference: Accepted(f"g{held.reference}") for held in window.deliveries}
    db.session.rollback()
    race(
        postgres_app,
        lambda: service.cancel_rest(campaign.id, user.id),
        lambda: claims.record(window, taken),
        held_at="WITH chosen",
    )
    assert states(campaign.id) == {"accepted": 2, "cancelled": 2}


def test_who_cancels_at_the_deadline_and_the_sweep_share_what_is_left(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(deadline=now()), factories.user()
    race(
        postgres_app,
        lambda: service.cancel_rest(campaign.id, user.id),
        lambda: expire_overdue(now(), campaign.id),
    )
    assert states(campaign.id) == {"cancelled": 3}
    assert balances().available == 3


def test_who_cancels_while_refusals_pause_it_has_cancelled_it(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(recipients=40), factories.user()
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 20))
    claims.record(window, {held.reference: RefusedForGood("number_refused") for held in window.deliveries})
    held = claims.claim(campaign.id, "w", 5)
    _, cancelled = race(
        postgres_app,
        lambda: claims.begin(campaign.id, "w", held),
        lambda: service.cancel_rest(campaign.id, user.id),
    )
    assert not isinstance(cancelled, AppError)
    assert states(campaign.id) == {"rejected": 20, "cancelled": 20}


@pytest.mark.parametrize("text", ["Ja", "STOP"])
def test_an_sms_that_two_receivers_are_brought_at_once_is_one(postgres_app: Flask, text: str) -> None:
    def arrive() -> None:
        incoming.store("smpp", Arrived("+491711234567", "+358457396000", text))

    race(postgres_app, arrive, arrive)
    db.session.rollback()
    assert len(db.session.scalars(select(IncomingSms)).all()) == 1
