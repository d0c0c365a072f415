"""Launching: exactly what was confirmed, once, all or nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select, update

from smsapp.audiences.models import Audience
from smsapp.campaigns.confirmation import Confirmed, confirm
from smsapp.campaigns.drafts import load_draft, save_draft
from smsapp.campaigns.launch import Launched, launch
from smsapp.campaigns.models import Confirmation, Skip
from smsapp.campaigns.order import Composed
from smsapp.campaigns.problems import (
    AudienceNotActive,
    FieldProblem,
    FiguresChanged,
    ModuleOff,
    NobodyReachable,
    NotYourConfirmation,
    QuotaMissing,
)
from smsapp.campaigns.queries import sent_today
from smsapp.campaigns.signing import SALT, Signed, new_send_key, read, sign
from smsapp.clock import now
from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.delivery import service as delivery_service
from smsapp.delivery.invariants import violations
from smsapp.delivery.models import Campaign, Delivery
from smsapp.errors import NotThere
from smsapp.extensions import db, db_write
from smsapp.quota.models import LedgerEntry, QuotaAccount
from smsapp.quota.service import correct
from smsapp.settings.models import SenderName, Settings
from smsapp.text.billing import Rule
from tests import factories
from tests.conftest import SECRET


def number(last: int) -> str:
    return f"+49171{last:07d}"


@pytest.fixture
def user_id(any_app: Flask) -> int:
    return int(factories.user(name="Anna Meier").id)


@pytest.fixture
def composed(user_id: int) -> Iterator[Composed]:
    """A text to five contacts: two get it, one of them in two messages. Afterwards all promises must hold."""
    factories.settings()
    factories.quota(100)
    company = factories.company(name="Hafen " + "x" * 150)
    factories.contact("Anna", "Alt", mobile=number(1))
    factories.contact("Zoë", "Çelik", mobile=number(2), company=company)
    factories.contact("Bernd", "Busch", mobile=number(1))
    factories.contact("Carl", "Carlsen", mobile="0171 5550101")
    factories.contact("", "Dorn", mobile=number(3))
    yield Composed(int(factories.audience().id), "Hallo {Vorname}, {Firma|Sie} kommen?")
    db.session.rollback()
    assert violations() == []


def confirmed(composed: Composed, user_id: int, key: str | None = None) -> Confirmed:
    return confirm(composed, key or new_send_key(), user_id)


def sent(composed: Composed, user_id: int) -> Launched:
    return launch(composed, confirmed(composed, user_id).token, user_id)


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def nothing_happened() -> None:
    assert [count(model) for model in (Campaign, Delivery, Skip)] == [0, 0, 0]
    assert [entry.kind for entry in db.session.scalars(select(LedgerEntry))] == ["grant"]
    assert db.session.get_one(QuotaAccount, 1).available == 100


def change(model: Any, **values: Any) -> None:
    with db_write() as session:
        session.execute(update(model).values(**values))


def test_a_launch_is_what_was_confirmed(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    launched = launch(composed, shown.token, user_id)
    campaign = db.session.get_one(Campaign, launched.campaign_id)
    assert not launched.again
    assert (campaign.recipients, campaign.messages, campaign.skipped) == (2, 3, 3)
    assert (campaign.recipients, campaign.messages) == (shown.plan.recipients, shown.plan.messages)
    assert (campaign.state, campaign.starts_at) == ("waiting", campaign.created_at + timedelta(seconds=30))
    assert (campaign.text, campaign.sender, campaign.phone_field) == (composed.text, "+358457396000", "mobile")
    assert (campaign.rule, campaign.user_name, campaign.audience_name) == (
        Rule.CHARACTERS_160,
        "Anna Meier",
        "Stammkunden",
    )
    assert campaign.options == {
        "include_fixed_line": False,
        "leave_empty": [],
        "allowed_countries": ["AT", "CH", "DE", "FI"],
    }


def test_deliveries_have_their_final_texts(composed: Composed, user_id: int) -> None:
    sent(composed, user_id)
    first, second = db.session.scalars(select(Delivery).order_by(Delivery.id))
    assert (first.name, first.number, first.country, first.text) == (
        "Anna Alt",
        number(1),
        "DE",
        "Hallo Anna, Sie kommen?",
    )
    assert (first.billed, first.parts, first.encoding, first.state, first.attempt) == (1, 1, "gsm7", "queued", 0)
    assert (second.billed, second.parts, second.encoding) == (2, 3, "ucs2")
    assert first.contact_id == db.session.scalar(select(func.min(Contact.id)))
    assert first.owner is None
    assert first.changed_at


def test_skips_are_kept_with_reasons(composed: Composed, user_id: int) -> None:
    sent(composed, user_id)
    rows = db.session.scalars(select(Skip).order_by(Skip.contact_id)).all()
    first = db.session.scalar(select(func.min(Contact.id)))
    assert [(each.name, each.raw_number, each.reason, each.detail, each.twin_id) for each in rows] == [
        ("Bernd Busch", number(1), "duplicate", "Anna Alt", first),
        ("Carl Carlsen", "0171 5550101", "no_country_code", None, None),
        ("Dorn", number(3), "field_empty", "first_name", None),
    ]


def test_the_quota_is_reserved_in_the_ledger(composed: Composed, user_id: int) -> None:
    launched = sent(composed, user_id)
    account = db.session.get_one(QuotaAccount, 1)
    entry = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
    assert (account.available, account.reserved) == (97, 3)
    assert entry is not None
    assert (entry.kind, entry.messages, entry.campaign_id, entry.user_id) == (
        "reserve",
        3,
        launched.campaign_id,
        user_id,
    )


def test_the_draft_is_dropped(composed: Composed, user_id: int) -> None:
    save_draft(user_id, composed)
    sent(composed, user_id)
    assert load_draft(user_id, composed.audience_id) is None


def test_a_second_yes_changes_nothing(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    first = launch(composed, shown.token, user_id)
    assert launch(composed, shown.token, user_id) == Launched(first.campaign_id, again=True)
    assert (count(Campaign), count(Delivery), count(LedgerEntry)) == (1, 2, 2)


def test_a_popup_confirmed_twice_is_one_send(composed: Composed, user_id: int) -> None:
    key = new_send_key()
    tokens = [confirmed(composed, user_id, key).token for _ in range(2)]
    assert [launch(composed, token, user_id).again for token in tokens] == [False, True]


def test_a_popup_opened_anew_is_a_new_send(composed: Composed, user_id: int) -> None:
    assert sent(composed, user_id) != sent(composed, user_id)
    assert count(Campaign) == 2


def test_a_late_second_yes_finds_its_send(composed: Composed, user_id: int) -> None:
    """However much has changed since, and after the token's time."""
    shown = confirmed(composed, user_id)
    launch(composed, shown.token, user_id)
    change(Settings, module_on=False)
    change(Contact, no_sms=True)
    with time_machine.travel(now() + timedelta(hours=2)):
        assert launch(composed, shown.token, user_id).again


def test_eight_at_once_are_one_send(any_app: Flask, composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    together = threading.Barrier(8)
    found: list[Any] = []

    def yes() -> None:
        with any_app.app_context():
            together.wait()
            try:
                found.append(launch(composed, shown.token, user_id).again)
            except Exception as error:
                found.append(error)
            db.session.remove()

    threads = [threading.Thread(target=yes) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False] + [True] * 7
    assert (count(Campaign), count(Delivery), count(Skip), count(LedgerEntry)) == (1, 2, 3, 2)


def test_two_sends_at_once_never_share_the_last_quota(any_app: Flask, composed: Composed, user_id: int) -> None:
    orders = [replace(composed, text=f"{composed.text}{number}") for number in range(4)]
    shown = [(order, confirmed(order, user_id).token) for order in orders]
    correct(-93, "Test", user_id)
    together = threading.Barrier(4)
    found: list[str] = []

    def yes(order: Composed, token: str) -> None:
        with any_app.app_context():
            together.wait()
            try:
                launch(order, token, user_id)
                found.append("sent")
            except QuotaMissing:
                found.append("missing")
            db.session.remove()

    threads = [threading.Thread(target=yes, args=each) for each in shown]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["missing", "missing", "sent", "sent"]


def test_a_changed_audience_is_shown_again(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    with db_write() as session:
        session.execute(update(Contact).where(Contact.first_name == "Zoë").values(no_sms=True))
    for last in (4, 5, 6):
        factories.contact("Neu", mobile=number(last))
    with pytest.raises(FiguresChanged) as caught:
        launch(composed, shown.token, user_id)
    nothing_happened()
    changes = caught.value.changes
    assert (changes.recipients_before, changes.recipients, changes.new, changes.gone) == (2, 4, 3, 1)
    assert (changes.messages_before, changes.messages, changes.expired) == (3, 4, False)
    assert launch(composed, caught.value.confirmed.token, user_id).again is False


@pytest.mark.parametrize(
    "what",
    [
        (Contact, {"last_name": "Anders", "first_name": "Anna"}),
        (PhoneNumber, {"e164": "+491719999999"}),
        (Audience, {"tree": {"match": "all", "children": [{"field": "last_name", "operator": "is", "value": "Alt"}]}}),
        (Settings, {"billing_rule": Rule.NETWORK_SEGMENTS}),
        (Settings, {"allowed_countries": ["DE"]}),
        (Settings, {"operator_number": "+491711111111"}),
    ],
)
def test_whatever_changes_the_send_is_asked_again(composed: Composed, user_id: int, what: tuple[Any, Any]) -> None:
    shown = confirmed(composed, user_id)
    model, values = what
    only = PhoneNumber.e164 == number(2) if model is PhoneNumber else True
    with db_write() as session:
        session.execute(update(model).where(only).values(**values))
    with pytest.raises(FiguresChanged):
        launch(composed, shown.token, user_id)
    nothing_happened()


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Hallo {Vorname}, {Firma|Sie} kommen!"},
        {"phone_field": "mobile", "include_fixed_line": True},
        {"leave_empty": ("first_name",)},
    ],
)
def test_another_form_than_the_confirmed_one_is_asked_again(
    composed: Composed, user_id: int, other: dict[str, Any]
) -> None:
    shown = confirmed(composed, user_id)
    with pytest.raises(FiguresChanged):
        launch(replace(composed, **other), shown.token, user_id)
    nothing_happened()


def test_what_does_not_concern_the_send_may_change(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    change(Contact, street="Kaistraße 7")
    change(Audience, name="Anders")
    factories.quota(5)
    assert not launch(composed, shown.token, user_id).again


def test_a_block_made_in_between_is_heeded(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    factories.block(number(2))
    with pytest.raises(FiguresChanged) as caught:
        launch(composed, shown.token, user_id)
    assert caught.value.confirmed.plan.skips["blocked"] == 1


def test_the_quota_must_suffice_at_that_moment(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    correct(-98, "Test", user_id)
    with pytest.raises(QuotaMissing) as caught:
        launch(composed, shown.token, user_id)
    assert (caught.value.needed, caught.value.available) == (3, 2)
    assert (count(Campaign), count(Delivery), count(LedgerEntry)) == (0, 0, 2)


def test_after_half_an_hour_it_is_asked_again(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    with time_machine.travel(now() + timedelta(minutes=31)), pytest.raises(FiguresChanged) as caught:
        launch(composed, shown.token, user_id)
    changes = caught.value.changes
    assert changes.expired
    assert (changes.new, changes.gone, changes.recipients) == (0, 0, 2)
    nothing_happened()


def test_within_half_an_hour_it_holds(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    with time_machine.travel(now() + timedelta(minutes=29)):
        assert not launch(composed, shown.token, user_id).again


@pytest.mark.parametrize("token", ["", "x", "WyJhIl0.x.y", "é"])
def test_a_forged_token_is_refused(composed: Composed, user_id: int, token: str) -> None:
    with pytest.raises(NotYourConfirmation):
        launch(composed, token, user_id)
    nothing_happened()


def test_what_another_release_signed_is_refused(composed: Composed, user_id: int) -> None:
    token = URLSafeTimedSerializer(SECRET, salt=SALT).dumps(["key", "digest", user_id, composed.audience_id])
    with pytest.raises(NotYourConfirmation):
        launch(composed, token, user_id)
    nothing_happened()


def test_a_changed_token_is_refused(composed: Composed, user_id: int) -> None:
    token = confirmed(composed, user_id).token
    for place in range(0, len(token), 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(NotYourConfirmation):
            read(changed, user_id, composed.audience_id)


def test_a_token_is_its_users_and_audiences_alone(composed: Composed, user_id: int) -> None:
    token = confirmed(composed, user_id).token
    other = int(factories.user().id)
    for someone, audience_id in ((other, composed.audience_id), (user_id, composed.audience_id + 1)):
        with pytest.raises(NotYourConfirmation):
            launch(replace(composed, audience_id=audience_id), token, someone)
    nothing_happened()


def test_anothers_send_key_leads_nowhere(composed: Composed, user_id: int) -> None:
    key = new_send_key()
    launch(composed, confirmed(composed, user_id, key).token, user_id)
    other = int(factories.user().id)
    with pytest.raises(NotYourConfirmation):
        launch(composed, confirmed(composed, other, key).token, other)
    assert count(Campaign) == 1


def test_an_expired_token_of_another_key_is_forged(composed: Composed, user_id: int) -> None:
    token = confirmed(composed, user_id).token
    with time_machine.travel(now() + timedelta(hours=1)), pytest.raises(NotYourConfirmation):
        read(token[:-3] + "AAA", user_id, composed.audience_id)


def test_a_token_keeps_all_it_stands_for(any_app: Flask) -> None:
    signed = Signed("key", "digest", 1, 2, 3, 4, 5, 6)
    assert read(sign(signed), 1, 2) == (signed, False)


@pytest.mark.parametrize("values", [{"active": False}, {"archived": True}])
def test_an_inactive_audience_is_not_sent_to(composed: Composed, user_id: int, values: dict[str, bool]) -> None:
    shown = confirmed(composed, user_id)
    change(Audience, **values)
    with pytest.raises(AudienceNotActive):
        launch(composed, shown.token, user_id)
    nothing_happened()


def test_nothing_is_sent_while_the_module_is_off(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    change(Settings, module_on=False)
    with pytest.raises(ModuleOff):
        launch(composed, shown.token, user_id)
    nothing_happened()


def test_a_sender_must_still_be_active(composed: Composed, user_id: int) -> None:
    named = replace(composed, sender_id=int(factories.sender_name().id))
    shown = confirmed(named, user_id)
    assert shown.order.sender == "KURZPOST"
    change(SenderName, active=False)
    with pytest.raises(FieldProblem) as caught:
        launch(named, shown.token, user_id)
    assert (caught.value.field, caught.value.code) == ("sender", "not_active")
    nothing_happened()


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"sender_id": 99}, "sender", "not_active"),
        ({"phone_field": "fax"}, "phone_field", "unknown"),
        ({"text": " \r\n "}, "text", "blank"),
        ({"text": "\u200b\u00a0\u2800"}, "text", "blank"),
        ({"text": "a" * 481}, "text", "too_long"),
        ({"text": "a\0b"}, "text", "bad_character"),
        ({"text": "Hallo {Vornam}"}, "text", "unknown_tag"),
        ({"text": "Hallo {"}, "text", "lone_brace"),
    ],
)
def test_a_form_that_cannot_be_sent(
    composed: Composed, user_id: int, values: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(FieldProblem) as caught:
        confirmed(replace(composed, **values), user_id)
    assert (caught.value.field, caught.value.code, caught.value.status) == (field, code, 422)


def test_without_an_operator_number_a_name_is_needed(composed: Composed, user_id: int) -> None:
    factories.settings(operator_number="")
    with pytest.raises(FieldProblem) as caught:
        confirmed(composed, user_id)
    assert caught.value.field == "sender"


def test_an_unknown_audience_is_not_there(composed: Composed, user_id: int) -> None:
    with pytest.raises(NotThere):
        confirmed(replace(composed, audience_id=99), user_id)


def test_when_nobody_can_be_reached_it_says_why(composed: Composed, user_id: int) -> None:
    with pytest.raises(NobodyReachable) as caught:
        confirmed(replace(composed, phone_field="work"), user_id)
    assert caught.value.plan.skips == {"no_number": 5}


def test_when_nobody_is_left_it_says_why(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    change(Contact, no_sms=True)
    with pytest.raises(NobodyReachable):
        launch(composed, shown.token, user_id)
    nothing_happened()


def test_a_typed_text_is_normalised_once(composed: Composed, user_id: int) -> None:
    launched = sent(replace(composed, text="Gru\u0308ße\r\nan {Vorname}"), user_id)
    assert db.session.get_one(Campaign, launched.campaign_id).text == "Grüße\nan {Vorname}"


def test_options_that_decide_nothing_are_left_out(composed: Composed, user_id: int) -> None:
    shown = confirmed(replace(composed, leave_empty=("city", "company_name", "first_name")), user_id)
    assert shown.order.leave_empty == ("first_name",)


def test_without_an_undo_window_it_starts_at_once(
    composed: Composed, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[Any, ...]] = []
    monkeypatch.setattr("smsapp.delivery.waking.wake", lambda *call: woken.append(call))
    factories.settings(undo_seconds=0)
    launched = sent(composed, user_id)
    campaign = db.session.get_one(Campaign, launched.campaign_id)
    assert (campaign.state, campaign.starts_at) == ("sending", campaign.created_at)
    assert woken == [("send", "smsapp.delivery.jobs.drain", launched.campaign_id)]


def test_with_an_undo_window_no_worker_is_woken(
    composed: Composed, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[Any] = []
    monkeypatch.setattr("smsapp.delivery.waking.wake", lambda *call: woken.append(call))
    sent(composed, user_id)
    assert woken == []


def test_old_confirmations_are_forgotten(composed: Composed, user_id: int) -> None:
    shown = confirmed(composed, user_id)
    with time_machine.travel(now() + timedelta(days=2)):
        with pytest.raises(FiguresChanged) as caught:
            launch(composed, shown.token, user_id)
        assert count(Confirmation) == 1
    assert caught.value.changes.expired


def test_the_same_text_today_is_remembered(composed: Composed, user_id: int) -> None:
    assert sent_today(db.session(), composed.audience_id, composed.text) is None
    launched = sent(composed, user_id)
    found = sent_today(db.session(), composed.audience_id, composed.text)
    assert found is not None
    assert found.id == launched.campaign_id
    assert sent_today(db.session(), composed.audience_id, composed.text + "!") is None
    assert sent_today(db.session(), composed.audience_id + 1, composed.text) is None


def test_the_same_text_confirmed_in_two_popups_is_asked_about_again(composed: Composed, user_id: int) -> None:
    first, second = confirmed(composed, user_id), confirmed(composed, user_id)
    launch(composed, first.token, user_id)
    with pytest.raises(FiguresChanged) as caught:
        launch(composed, second.token, user_id)
    assert count(Campaign) == 1
    launch(composed, caught.value.confirmed.token, user_id)
    assert count(Campaign) == 2


def test_the_same_text_from_two_popups_at_once_goes_out_once(any_app: Flask, composed: Composed, user_id: int) -> None:
    tokens = [confirmed(composed, user_id).token for _ in range(4)]

    def yes(token: str) -> bool:
        with any_app.app_context(), suppress(FiguresChanged):
            launch(composed, token, user_id)
            return True
        return False

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(yes, tokens)) == [False, False, False, True]
    assert count(Campaign) == 1


def test_the_repeat_guard_looks_back_to_local_midnight(composed: Composed, user_id: int) -> None:
    with time_machine.travel("2026-01-15 22:30:00+00:00", tick=False):  # 23:30 in Berlin
        sent(composed, user_id)
    with time_machine.travel("2026-01-15 22:59:00+00:00", tick=False):
        assert sent_today(db.session(), composed.audience_id, composed.text)
    with time_machine.travel("2026-01-15 23:01:00+00:00", tick=False):
        assert sent_today(db.session(), composed.audience_id, composed.text) is None


def test_an_undone_send_may_be_repeated(composed: Composed, user_id: int) -> None:
    launched = sent(composed, user_id)
    delivery_service.undo(launched.campaign_id, user_id)
    assert sent_today(db.session(), composed.audience_id, composed.text) is None
