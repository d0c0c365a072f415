"""A STOP is answered once, by a send that is charged and goes past the block which this STOP made, and no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select, update

from smsapp.clock import now
from smsapp.contacts.models import Block
from smsapp.delivery import claims, incoming, sending
from smsapp.delivery.answering import IN_TIME
from smsapp.delivery.incoming import SAME_WITHIN, Arrived
from smsapp.delivery.invariants import violations
from smsapp.delivery.models import Campaign, Delivery, IncomingSms
from smsapp.delivery.sweep import sweep_once
from smsapp.extensions import db, db_write
from smsapp.quota.queries import balances
from smsapp.quota.service import correct
from tests import factories
from tests.racing import race
from tests.sending import handed_over, movements, simulate, states

NUMBER, OURS, TEXT = "+491713920101", "+358457396000", "Sie erhalten keine SMS mehr von uns."


@pytest.fixture(autouse=True)
def ready(request: pytest.FixtureRequest) -> Iterator[None]:
    request.getfixturevalue("postgres_app" if "postgres_app" in request.fixturenames else "app")
    factories.settings()
    factories.quota(2)
    simulate(silent=1.0)
    yield
    db.session.rollback()
    assert violations() == []


def arrive(text: str = "Stop!", number: str = NUMBER, recipient: str = OURS) -> str:
    """An SMS comes in; what became of its answer."""
    incoming.store("simulator", Arrived(number, recipient, text))
    db.session.rollback()
    return db.session.scalars(select(IncomingSms.answer).order_by(IncomingSms.id.desc())).first() or ""


def answers() -> list[Campaign]:
    db.session.rollback()
    return list(db.session.scalars(select(Campaign).where(Campaign.answers_id.is_not(None))))


def sent() -> None:
    for campaign in answers():
        sending.drain(campaign.id)


def blocked() -> int:
    db.session.rollback()
    return len(list(db.session.scalars(select(Block.id).where(Block.e164 == NUMBER))))


def test_a_stop_blocks_and_is_answered_by_a_send_that_is_charged() -> None:
    contact = factories.contact("Anna", "Alt", mobile=NUMBER)
    assert arrive() == "queued"
    [campaign] = answers()
    assert (campaign.text, campaign.sender, campaign.recipients, campaign.user_id) == (TEXT, OURS, 1, None)
    assert (balances().available, balances().reserved) == (1, 1)
    sent()
    assert handed_over() == [NUMBER]
    assert states(campaign.id) == {"accepted": 1}
    assert movements(campaign.id) == {"reserve": 1, "charge": 1}
    assert db.session.scalars(select(Delivery.contact_id)).all() == [contact.id]
    assert blocked() == 1


def test_nothing_else_goes_to_the_number_after_it() -> None:
    contact = factories.contact(mobile=NUMBER)
    campaign = factories.campaign(recipients=1)
    with db_write() as session:
        session.execute(update(Delivery).values(number=NUMBER, contact_id=contact.id))
    arrive()
    sending.drain(campaign.id)
    assert states(campaign.id) == {"suppressed": 1}


def test_the_same_sms_again_and_every_later_stop_are_not_answered() -> None:
    arrive()
    assert arrive() == "queued"  # the operator's repetition is the one that is stored
    with time_machine.travel(now() + SAME_WITHIN):
        assert arrive() == "repeated"
    assert arrive("ENDE") == "repeated"
    assert arrive(recipient="+358457396001") == "repeated"
    assert len(answers()) == 1


def test_two_systems_that_stop_each_other_exchange_one_sms() -> None:
    for _ in range(5):
        arrive()
        sent()
        factories.settings(stop_words=["STOP", TEXT])
        arrive(TEXT)
    assert handed_over() == [NUMBER]


def test_who_was_let_in_again_and_says_the_very_same_at_once_is_blocked_too() -> None:
    arrive()
    with db_write() as session:
        session.execute(delete(Block))
    arrive()
    assert blocked() == 1
    sent()
    assert handed_over() == []  # the answer goes past the first block, which is gone, and not past this one


def test_who_was_let_in_again_and_stops_again_is_blocked_but_not_answered() -> None:
    arrive()
    sent()
    with db_write() as session:
        session.execute(delete(Block))
    assert arrive("Lopeta.") == "repeated"
    assert (blocked(), len(answers())) == (1, 1)


def test_a_number_that_was_blocked_before_gets_nothing() -> None:
    factories.block(NUMBER)
    assert arrive() == "repeated"
    assert answers() == []


def test_a_block_that_came_in_its_place_holds_back_the_answer() -> None:
    arrive()
    with db_write() as session:
        session.execute(delete(Block))
    factories.block(NUMBER)
    sent()
    assert handed_over() == []
    assert states(answers()[0].id) == {"suppressed": 1}
    assert balances().available == 2


def test_who_is_marked_meanwhile_gets_no_answer() -> None:
    assert arrive() == "queued"
    factories.contact(mobile=NUMBER, no_sms=True)
    sent()
    assert handed_over() == []


def test_somebody_marked_before_gets_no_answer_and_is_blocked() -> None:
    factories.contact(mobile="+49 171 3920101", no_sms=True)
    assert (arrive(), blocked()) == ("unwanted", 1)


def test_without_quota_there_is_no_answer_and_it_says_so() -> None:
    correct(-2, "test", None)
    assert (arrive(), blocked(), answers()) == ("no_quota", 1, [])


def test_a_longer_answer_needs_more() -> None:
    factories.settings(stop_answer="x" * 321)
    assert arrive() == "no_quota"
    assert balances().available == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"stop_answer": ""}, "switched_off"),
        ({"module_on": False}, "module_off"),
        ({"operator_number": ""}, "no_sender"),
        ({"allowed_countries": ["FI"]}, "not_usable"),
    ],
)
def test_what_is_set_up_otherwise_blocks_without_answer(settings: dict[str, object], said: str) -> None:
    factories.settings(**settings)
    assert (arrive(), blocked(), answers()) == (said, 1, [])


def test_by_a_gateway_that_is_off_nothing_is_answered_or_left_paused() -> None:
    factories.gateway("away", active=False)
    incoming.store("away", Arrived(NUMBER, OURS, "STOPP"))
    assert (db.session.scalars(select(IncomingSms.answer)).all(), blocked(), answers()) == (["gateway_off"], 1, [])
    assert balances().available == 2


@pytest.mark.parametrize("number", ["12345", "Kurzpost", "+4940123456", "+4919001234567"])
def test_short_codes_names_and_fixed_lines_are_not_answered(number: str) -> None:
    assert arrive(number=number) == "not_usable"


def test_other_sms_are_not_answered() -> None:
    assert (arrive("Danke!"), answers(), blocked()) == ("", [], 0)


def test_the_words_are_a_setting() -> None:
    factories.settings(stop_words=["Nein danke"])
    assert (arrive("NEIN, DANKE!"), arrive("STOP")) == ("queued", "")


def test_an_answer_that_could_not_go_out_for_a_day_never_does() -> None:
    arrive()
    sweep_once(now() + IN_TIME)
    assert states(answers()[0].id) == {"expired": 1}
    assert balances().available == 2


def test_the_check_sees_an_answer_that_goes_elsewhere() -> None:
    """The way past the block is for the number that has asked, and for one answer."""
    arrive()
    other = factories.block("+491713920102")
    with db_write() as session:
        session.execute(update(Block).where(Block.id == other.id).values(created_at=now() - timedelta(hours=1)))
        session.execute(update(Delivery).values(number="+491713920102"))
    [campaign] = answers()
    assert claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1)).deliveries == []
    with db_write() as session:
        session.execute(update(Delivery).values(submitted_at=now()))
    assert [line[:3] for line in violations()] == ["I7:"]
    with db_write() as session:
        session.execute(update(Delivery).values(number=NUMBER, submitted_at=None))


@pytest.mark.postgres
def test_two_stops_at_the_same_moment_are_answered_once(postgres_app: Flask) -> None:
    race(
        postgres_app,
        lambda: incoming.store("simulator", Arrived(NUMBER, OURS, "STOP")),
        lambda: incoming.store("simulator", Arrived(NUMBER, OURS, "ENDE")),
    )
    assert len(answers()) == 1
    sent()
    assert handed_over() == [NUMBER]


@pytest.mark.postgres
def test_a_stop_while_the_last_quota_is_taken_blocks_all_the_same(postgres_app: Flask) -> None:
    race(
        postgres_app,
        lambda: correct(-2, "test", None),
        lambda: incoming.store("simulator", Arrived(NUMBER, OURS, "STOP")),
    )
    assert (blocked(), answers()) == (1, [])
