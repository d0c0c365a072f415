"""Failed SMS sent again: exactly those, as a send of its own that is confirmed like every other, once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select, update

from smsapp.audiences.models import Audience
from smsapp.campaigns.confirmation import confirm, confirm_resend
from smsapp.campaigns.drafts import load_draft, restore_draft
from smsapp.campaigns.launch import Launched, launch
from smsapp.campaigns.models import Skip
from smsapp.campaigns.order import Composed, Resend
from smsapp.campaigns.problems import (
    AudienceNotActive,
    FieldProblem,
    FiguresChanged,
    ModuleOff,
    NobodyReachable,
    NotYourConfirmation,
    QuotaMissing,
)
from smsapp.campaigns.resending import failed_left
from smsapp.campaigns.signing import new_send_key, read, sign
from smsapp.clock import now
from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.contacts.service import data_changed
from smsapp.delivery import service
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.moves import Books
from smsapp.delivery.states import State
from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db, db_write
from smsapp.quota.queries import balances
from smsapp.quota.service import correct
from smsapp.settings.models import SenderName
from tests import factories
from tests.racing import race
from tests.sending import deliveries

pytestmark = pytest.mark.usefixtures("invariants_hold")
FAILED = ("undelivered", "rejected", "expired")
STATES = (*FAILED, "delivered", "accepted", "no_receipt", "unknown", "cancelled", "suppressed")
CHARGED = ("undelivered", "delivered", "accepted", "no_receipt")


def number(place: int) -> str:
    return f"+49171392{place:04}"


@pytest.fixture
def user_id(request: pytest.FixtureRequest) -> int:
    request.getfixturevalue("any_app" if "any_app" in request.fixturenames else "app")
    factories.settings()
    factories.quota(10)
    return int(factories.user().id)


@pytest.fixture
def done(user_id: int) -> Campaign:
    """A finished send with one SMS in each state; the second one is of two messages."""
    campaign = factories.campaign(len(STATES), text="Hallo {Vorname}", audience_id=factories.audience().id)
    for place, row in enumerate(deliveries(campaign.id)):
        contact = factories.contact(f"Person {place}", mobile=number(place))
        text, parts = ("Hallo " * 30, 2) if place == 1 else (f"Hallo Person {place}", 1)
        values = {"contact_id": contact.id, "number": number(place), "text": text, "parts": parts}
        change(Delivery, Delivery.id == row.id, **values)
    end(campaign.id, STATES)
    return db.session.get_one(Campaign, campaign.id)


def end(campaign_id: int, became: tuple[str, ...]) -> None:
    """The send is over; bring its recipients to these states, and the quota with them."""
    books = Books()
    with db_write() as session:
        rows = session.scalars(select(Delivery).where(Delivery.campaign_id == campaign_id).order_by(Delivery.id)).all()
        for row, state in zip(rows, became, strict=True):
            row.state, row.accepted_at = state, now() if state in CHARGED else None
            after = State.ACCEPTED if state in CHARGED else State.UNKNOWN if state == "unknown" else State.CANCELLED
            books.add(campaign_id, State.QUEUED, after, row.billed)
        books.post(session)
        session.execute(update(Campaign).where(Campaign.id == campaign_id).values(state="closed", closed_at=now()))


def sent_again(campaign: Campaign, user_id: int) -> Launched:
    return launch(wanted(campaign), confirm_resend(campaign.id, user_id).token, user_id)


def wanted(campaign: Campaign) -> Resend:
    assert campaign.audience_id
    return Resend(campaign.id, campaign.audience_id)


def recipients(campaign_id: int) -> list[str]:
    db.session.rollback()
    rows = select(Delivery.number).where(Delivery.campaign_id == campaign_id).order_by(Delivery.id)
    return list(db.session.scalars(rows))


def campaigns() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Campaign.id).order_by(Campaign.id)))


def change(model: Any, *where: Any, **values: Any) -> None:
    with db_write() as session:
        session.execute(update(model).where(*where).values(**values))
        data_changed(session)


def test_exactly_what_has_failed_finally_is_sent_again(any_app: Flask, done: Campaign, user_id: int) -> None:
    shown = confirm_resend(done.id, user_id)
    assert (shown.plan.recipients, shown.plan.messages, shown.plan.skips) == (3, 4, {})
    again = db.session.get_one(Campaign, launch(wanted(done), shown.token, user_id).campaign_id)
    assert recipients(again.id) == [number(0), number(1), number(2)]
    assert (again.recipients, again.messages, again.skipped, again.state) == (3, 4, 0, "waiting")
    assert (again.resends_id, again.audience_id, again.text) == (done.id, done.audience_id, done.text)
    assert (again.digest, again.options["resends"]) == (shown.plan.digest, done.id)
    assert balances().reserved == 1 + 4  # one of the first send is unclear


def test_texts_and_contacts_are_those_of_then(done: Campaign, user_id: int) -> None:
    change(Contact, first_name="Anders")
    again = sent_again(done, user_id)
    row = db.session.scalars(select(Delivery).where(Delivery.campaign_id == again.campaign_id)).first()
    assert row is not None
    assert (row.text, row.billed, row.parts, row.encoding, row.state) == ("Hallo Person 0", 1, 1, "gsm7", "queued")


def test_said_twice_or_in_two_tabs_or_by_two_people_it_is_one_send(done: Campaign, user_id: int) -> None:
    other = int(factories.user().id)
    mine, tab, theirs = (confirm_resend(done.id, who).token for who in (user_id, user_id, other))
    first = launch(wanted(done), mine, user_id)
    for token, who in ((mine, user_id), (tab, user_id), (theirs, other)):
        assert launch(wanted(done), token, who) == Launched(first.campaign_id, again=True)
    assert campaigns() == [done.id, first.campaign_id]


def test_what_was_sent_again_is_not_offered_again(done: Campaign, user_id: int) -> None:
    assert failed_left(done) == 3
    sent_again(done, user_id)
    assert failed_left(db.session.get_one(Campaign, done.id)) == 0
    with pytest.raises(Conflict):
        confirm_resend(done.id, user_id)


def test_what_fails_later_is_sent_again_without_the_first(done: Campaign, user_id: int) -> None:
    sent_again(done, user_id)
    change(Delivery, Delivery.campaign_id == done.id, Delivery.state == "no_receipt", state="undelivered")
    again = sent_again(done, user_id)
    assert recipients(again.campaign_id) == [number(5)]


def test_what_fails_again_is_sent_again_from_its_own_send(done: Campaign, user_id: int) -> None:
    again = sent_again(done, user_id)
    end(again.campaign_id, ("delivered", "rejected", "delivered"))
    assert failed_left(db.session.get_one(Campaign, done.id)) == 0
    third = sent_again(db.session.get_one(Campaign, again.campaign_id), user_id)
    assert recipients(third.campaign_id) == [number(1)]


def test_undone_it_can_be_sent_again_and_the_old_yes_leads_to_what_was_undone(done: Campaign, user_id: int) -> None:
    old = confirm_resend(done.id, user_id).token
    first = sent_again(done, user_id)
    service.undo(first.campaign_id, user_id)
    restore_draft(db.session.get_one(Campaign, first.campaign_id))
    assert load_draft(user_id, done.audience_id or 0) is None
    assert launch(wanted(done), old, user_id) == Launched(first.campaign_id, again=True)
    second = sent_again(done, user_id)
    assert recipients(second.campaign_id) == [number(0), number(1), number(2)]


def test_who_is_blocked_or_changed_by_now_is_skipped_and_named(any_app: Flask, done: Campaign, user_id: int) -> None:
    factories.block(number(0))
    change(PhoneNumber, PhoneNumber.e164 == number(1), e164="+491713929999")
    shown = confirm_resend(done.id, user_id)
    assert shown.plan.skips == {"blocked": 1, "gone": 1}
    again = launch(wanted(done), shown.token, user_id)
    assert recipients(again.campaign_id) == [number(2)]
    skips = select(Skip.reason).where(Skip.campaign_id == again.campaign_id).order_by(Skip.reason)
    assert list(db.session.scalars(skips)) == ["blocked", "gone"]


def test_a_block_between_confirmation_and_yes_is_asked_about(done: Campaign, user_id: int) -> None:
    token = confirm_resend(done.id, user_id).token
    factories.block(number(0))
    with pytest.raises(FiguresChanged) as caught:
        launch(wanted(done), token, user_id)
    assert (caught.value.changes.recipients, caught.value.changes.gone) == (2, 1)
    assert campaigns() == [done.id]
    assert recipients(launch(wanted(done), caught.value.confirmed.token, user_id).campaign_id) == [number(1), number(2)]


def test_where_nobody_is_left_it_says_so(done: Campaign, user_id: int) -> None:
    with db_write() as session:
        session.execute(delete(Contact))
    with pytest.raises(NobodyReachable):
        confirm_resend(done.id, user_id)


def test_countries_that_are_not_allowed_any_more_get_nothing(done: Campaign, user_id: int) -> None:
    factories.settings(allowed_countries=["FI"])
    with pytest.raises(NobodyReachable) as caught:
        confirm_resend(done.id, user_id)
    assert caught.value.plan.skips == {"country": 3}


def test_the_quota_must_suffice(done: Campaign, user_id: int) -> None:
    token = confirm_resend(done.id, user_id).token
    correct(3 - balances().available, "test", None)
    with pytest.raises(QuotaMissing):
        launch(wanted(done), token, user_id)
    assert campaigns() == [done.id]


def test_todays_billing_rule_and_sender_hold(done: Campaign, user_id: int) -> None:
    factories.settings(operator_number="+358457396111", billing_rule="network_segments")
    shown = confirm_resend(done.id, user_id)
    assert (shown.order.sender, shown.order.rule, shown.plan.messages) == ("+358457396111", "network_segments", 4)


def test_a_sender_name_that_is_not_active_any_more_is_refused(done: Campaign, user_id: int) -> None:
    factories.sender_name("KURZPOST")
    change(Campaign, Campaign.id == done.id, sender="KURZPOST")
    assert confirm_resend(done.id, user_id).order.sender == "KURZPOST"
    change(SenderName, active=False)
    with pytest.raises(FieldProblem):
        confirm_resend(done.id, user_id)


def test_only_a_finished_send_to_an_active_audience_while_the_module_is_on(done: Campaign, user_id: int) -> None:
    factories.settings(module_on=False)
    with pytest.raises(ModuleOff):
        confirm_resend(done.id, user_id)
    factories.settings()
    with db_write() as session:
        session.execute(update(Campaign).values(closed_at=None))
    with pytest.raises(Conflict):
        confirm_resend(done.id, user_id)
    with pytest.raises(NotThere):
        confirm_resend(4711, user_id)


def test_an_inactive_audience_gets_nothing_again(done: Campaign, user_id: int) -> None:
    token = confirm_resend(done.id, user_id).token
    change(Audience, active=False)
    with pytest.raises(AudienceNotActive):
        launch(wanted(done), token, user_id)


def test_a_test_sms_is_not_sent_again(done: Campaign, user_id: int) -> None:
    change(Campaign, Campaign.id == done.id, audience_id=None, is_test=True)
    assert failed_left(db.session.get_one(Campaign, done.id)) == 0


def test_tokens_of_other_sends_do_not_fit(done: Campaign, user_id: int) -> None:
    token = confirm_resend(done.id, user_id).token
    composed = Composed(done.audience_id or 0, "Hallo {Vorname}")
    popups = confirm(composed, new_send_key(), user_id).token
    other = sign(replace(read(token, user_id, composed.audience_id)[0], send_key=f"again:{done.id + 1}:0"))
    for what, wrong in ((composed, token), (wanted(done), popups), (wanted(done), other), (wanted(done), "forged")):
        with pytest.raises(NotYourConfirmation):
            launch(what, wrong, user_id)
    with pytest.raises(NotYourConfirmation):
        launch(wanted(done), token, int(factories.user().id))
    assert campaigns() == [done.id]


def test_after_half_an_hour_it_is_asked_again(done: Campaign, user_id: int) -> None:
    token = confirm_resend(done.id, user_id).token
    with time_machine.travel(now() + timedelta(minutes=31)), pytest.raises(FiguresChanged) as caught:
        launch(wanted(done), token, user_id)
    assert caught.value.changes.expired


@pytest.mark.parametrize("any_app", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_two_people_at_the_same_moment_make_one_send(any_app: Flask, done: Campaign, user_id: int) -> None:
    other = int(factories.user().id)
    mine, theirs = (confirm_resend(done.id, who).token for who in (user_id, other))
    first, second = race(
        any_app, lambda: launch(wanted(done), mine, user_id), lambda: launch(wanted(done), theirs, other)
    )
    assert isinstance(first, Launched)
    assert second == Launched(first.campaign_id, again=True)
    assert campaigns() == [done.id, first.campaign_id]
