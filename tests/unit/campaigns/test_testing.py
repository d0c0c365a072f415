"""A test SMS to oneself."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from smsapp.accounts.models import User
from smsapp.campaigns.launch import Launched
from smsapp.campaigns.order import Composed
from smsapp.campaigns.problems import FieldProblem, ModuleOff
from smsapp.campaigns.testing import NoOwnNumber, send_test
from smsapp.delivery.models import Campaign, Delivery
from smsapp.errors import AppError
from smsapp.extensions import db
from smsapp.quota.queries import balances
from smsapp.quota.service import QuotaTooSmall
from tests import factories

OWN = "+491715559999"
pytestmark = pytest.mark.usefixtures("queue_server", "invariants_hold")


@pytest.fixture
def me(any_app: Flask) -> User:
    factories.settings()
    factories.contact("Anna", "Alt", mobile="+491711234567")
    factories.contact("Bernd", "Alt", mobile="+491711234568")
    return factories.user(phone=OWN)


@pytest.fixture
def audience(me: User) -> int:
    factories.quota(10)
    found: int = factories.audience().id
    return found


def try_it(me: User, audience: int, text: str = "Hallo {Vorname}", position: int = 2, key: str = "") -> Launched:
    return send_test(Composed(audience, text), position, key or uuid4().hex, me.id)


def sent() -> Delivery:
    db.session.expire_all()
    return db.session.scalars(select(Delivery)).one()


def test_it_goes_to_ones_own_number_with_the_recipients_values(me: User, audience: int) -> None:
    try_it(me, audience)
    assert (sent().number, sent().name, sent().text) == (OWN, me.name, "Hallo Bernd")
    assert sent().contact_id is None


def test_it_costs_quota(me: User, audience: int) -> None:
    try_it(me, audience, "x" * 200)
    assert (balances().available, balances().reserved) == (8, 2)


def test_it_is_a_send_of_no_audience_and_marked(me: User, audience: int) -> None:
    launched = try_it(me, audience)
    campaign = db.session.get_one(Campaign, launched.campaign_id)
    assert (campaign.is_test, campaign.audience_id, campaign.recipients) == (True, None, 1)


def test_a_double_click_sends_one(me: User, audience: int) -> None:
    first = try_it(me, audience, key="one")
    again = try_it(me, audience, key="one")
    assert (again.campaign_id, again.again) == (first.campaign_id, True)
    assert sent().text == "Hallo Bernd"


@pytest.mark.parametrize("phone", [None, "0171 5559999", "+49 40 123456", "+1 202 555 0143"])
def test_without_a_usable_number_nothing_is_sent(me: User, audience: int, phone: str | None) -> None:
    other = factories.user(phone=phone)
    with pytest.raises(NoOwnNumber):
        try_it(other, audience)
    assert db.session.scalar(select(func.count()).select_from(Campaign)) == 0


def test_a_blocked_number_gets_none(me: User, audience: int) -> None:
    factories.block(OWN)
    with pytest.raises(NoOwnNumber):
        try_it(me, audience)


def test_a_blank_text_is_not_sent(me: User, audience: int) -> None:
    with pytest.raises(FieldProblem):
        try_it(me, audience, " ")


def test_somebody_must_lend_the_values(me: User, audience: int) -> None:
    with pytest.raises(AppError):
        try_it(me, audience, "{E-Mail}")


def test_the_quota_must_suffice(me: User, audience: int) -> None:
    with pytest.raises(QuotaTooSmall):
        for _attempt in range(4):
            try_it(me, audience, "x" * 480)
    assert balances().available == 1


def test_while_the_module_is_off_nothing_is_tested(me: User, audience: int) -> None:
    factories.settings(module_on=False)
    with pytest.raises(ModuleOff):
        try_it(me, audience)


def test_a_number_that_wants_no_sms_gets_none(me: User, audience: int) -> None:
    factories.contact("Ich", "Selbst", mobile=OWN, no_sms=True)
    with pytest.raises(NoOwnNumber):
        try_it(me, audience)


def test_a_position_that_nobody_has_is_the_last_one(me: User, audience: int) -> None:
    try_it(me, audience, position=10**30)
    assert sent().text == "Hallo Bernd"


def test_a_key_tested_many_times_at_once_is_one(any_app: Flask, me: User, audience: int) -> None:
    user_id = me.id

    def test(_number: int) -> Launched:
        with any_app.app_context():
            return send_test(Composed(audience, "Hallo"), 1, "one", user_id)

    with ThreadPoolExecutor(8) as threads:
        launched = list(threads.map(test, range(8)))
    assert [each.again for each in launched].count(False) == 1
    assert sent().text == "Hallo"
