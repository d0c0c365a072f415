"""Where Kannel brings receipts and SMS: only the code in the address lets it in, and nothing it says does harm."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from smsapp.clock import now
from smsapp.contacts.models import Block
from smsapp.delivery import claims, receipts
from smsapp.delivery.claims import LEASE, Window
from smsapp.delivery.models import IncomingSms, Receipt
from smsapp.delivery.sweep import end_leases
from smsapp.extensions import db, db_write
from smsapp.gateways.base import Accepted
from smsapp.gateways.kannel.links import Links
from smsapp.gateways.models import GatewayRow
from smsapp.quota.queries import balances
from tests import factories
from tests.sending import deliveries

pytestmark = pytest.mark.usefixtures("invariants_hold")
WAITS = "waits_at_gateway"


@pytest.fixture
def links(app: Flask) -> Links:
    factories.settings()
    factories.gateway("kannel", "kannel")
    return Links("", "kannel", app.config["SECRET_KEY"])


@pytest.fixture
def window(links: Links) -> Window:
    """One SMS that is being handed over."""
    sent = factories.campaign(recipients=1, gateway="kannel")
    return claims.begin(sent.id, "w", claims.claim(sent.id, "w", 1))


def reference(window: Window) -> str:
    return window.deliveries[0].reference


def answered(window: Window, **values: str) -> None:
    claims.record(window, {reference(window): Accepted(reference(window), **values)})  # type: ignore[arg-type]


def path(links: Links, window: Window, kind: int) -> str:
    """As Kannel fills it in."""
    return links.receipt(reference(window)).replace("%d", str(kind)).replace("%F", "m1").replace("%i", "operator")


def bring(client: FlaskClient, links: Links, window: Window, *kinds: int) -> None:
    for kind in kinds:
        answer = client.get(path(links, window, kind))
        assert (answer.status_code, answer.text, answer.mimetype) == (200, "", "text/plain")


def now_is(window: Window) -> tuple[str, str | None]:
    receipts.apply_stored()
    [delivery] = deliveries(window.campaign_id)
    return delivery.state, delivery.reason


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Receipt)) or 0


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ((1,), "delivered"),
        ((8, 1), "delivered"),
        ((1, 8), "delivered"),
        ((1, 1, 1), "delivered"),
        ((1, 2, 16), "delivered"),
        ((2, 1), "undelivered"),
        ((4,), "accepted"),
        ((8,), "accepted"),
    ],
)
def test_receipts_move_forward_only(
    kinds: tuple[int, ...], state: str, client: FlaskClient, links: Links, window: Window
) -> None:
    answered(window)
    bring(client, links, window, *kinds)
    assert now_is(window) == (state, None)


def test_a_refusal_that_comes_later_is_not_delivered(client: FlaskClient, links: Links, window: Window) -> None:
    answered(window)
    bring(client, links, window, 16)
    assert now_is(window) == ("undelivered", "rejected_later")
    assert balances().spent == 1


def test_a_receipt_is_stored_as_it_came(client: FlaskClient, links: Links, window: Window) -> None:
    bring(client, links, window, 1)
    row = db.session.scalars(select(Receipt)).one()
    assert (row.gateway, row.reference, row.state, row.raw) == (
        *("kannel", reference(window), "delivered"),
        "type=1&id=m1&smsc=operator",
    )


def test_a_gateway_whose_name_has_spaces_is_found(client: FlaskClient, links: Links) -> None:
    spaced = Links("", factories.gateway("My Kannel", "kannel").name, links.key)
    assert client.get(spaced.receipt("1-1").replace("%d", "1")).status_code == 200
    assert db.session.scalars(select(Receipt.gateway)).all() == ["My Kannel"]
    client.get(sms(spaced))
    assert db.session.scalars(select(IncomingSms.gateway)).all() == ["My Kannel"]


def test_the_same_receipt_is_stored_once(client: FlaskClient, links: Links, window: Window) -> None:
    bring(client, links, window, 1, 1, 1)
    assert stored() == 1


def test_one_that_waited_at_kannel_waits_no_more(client: FlaskClient, links: Links, window: Window) -> None:
    answered(window, reason=WAITS)
    assert now_is(window) == ("accepted", WAITS)
    bring(client, links, window, 8)
    assert now_is(window) == ("accepted", None)
    bring(client, links, window, 1)
    assert now_is(window) == ("delivered", None)


def test_receipts_that_overtake_the_answer_are_found_later(client: FlaskClient, links: Links, window: Window) -> None:
    bring(client, links, window, 8, 1)
    assert now_is(window) == ("submitting", None)
    answered(window, reason=WAITS)
    assert now_is(window) == ("delivered", None)


@pytest.mark.parametrize(("kinds", "state"), [((8,), "accepted"), ((8, 1), "delivered"), ((16,), "undelivered")])
def test_a_receipt_says_what_became_of_an_unknown_one(
    kinds: tuple[int, ...], state: str, client: FlaskClient, links: Links, window: Window
) -> None:
    end_leases(now() + 2 * LEASE)
    assert now_is(window)[0] == "unknown"
    bring(client, links, window, *kinds)
    assert now_is(window)[0] == state
    assert (balances().reserved, balances().spent) == (0, 1)


def test_the_word_of_an_older_attempt_moves_nothing(client: FlaskClient, links: Links, window: Window) -> None:
    answered(window)
    older = Links("", "kannel", links.key).receipt("1-77").replace("%d", "1")
    assert client.get(older).status_code == 200
    assert now_is(window) == ("accepted", None)


@pytest.mark.parametrize("forge", ["code", "reference", "gateway", "nothing"])
def test_a_forged_receipt_is_not_even_stored(forge: str, client: FlaskClient, links: Links, window: Window) -> None:
    answered(window)
    genuine = path(links, window, 1)
    code = links.receipt_code(reference(window))
    forged = {
        "code": genuine.replace(code, "0" * len(code)),
        "reference": genuine.replace(reference(window), "1-2"),
        "gateway": genuine.replace("kannel/kannel", "kannel/other"),
        "nothing": genuine.replace(code, links.incoming_code()),
    }[forge]
    assert client.get(forged).status_code == 404
    assert stored() == 0
    assert now_is(window) == ("accepted", None)


@pytest.mark.parametrize("kind", ["", "3", "99", "x"])
def test_a_receipt_that_says_nothing_known_is_refused(
    kind: str, client: FlaskClient, links: Links, window: Window
) -> None:
    address = links.receipt(reference(window)).partition("?")[0]
    assert client.get(f"{address}?type={kind}").status_code == 400
    assert stored() == 0


def test_kannel_is_told_to_come_again_if_nothing_could_be_stored(
    client: FlaskClient, links: Links, window: Window
) -> None:
    with db_write() as session:
        session.execute(text("ALTER TABLE receipt RENAME TO gone"))
    try:
        assert client.get(path(links, window, 1)).status_code == 503
    finally:
        with db_write() as session:
            session.execute(text("ALTER TABLE gone RENAME TO receipt"))
    bring(client, links, window, 1)
    assert stored() == 1


def sms(links: Links, words: str = "Danke", **others: str) -> str:
    given = {"%p": "%2B491715550001", "%P": "82300", "%c": "2", "%e": words.encode("utf-16-be").hex()} | others
    address = links.incoming()
    for name, value in given.items():
        address = address.replace(name, value)
    return address


def incoming() -> list[tuple[str, str, str]]:
    db.session.rollback()
    return [(row.number, row.recipient, row.text) for row in db.session.scalars(select(IncomingSms))]


def test_an_incoming_sms_is_stored(client: FlaskClient, links: Links) -> None:
    answer = client.get(sms(links, "Grüße 😀"))
    assert (answer.status_code, answer.text) == (200, "")
    assert incoming() == [("+491715550001", "82300", "Grüße 😀")]


def test_one_that_is_brought_again_is_stored_once(client: FlaskClient, links: Links) -> None:
    for _ in range(3):
        client.get(sms(links))
    assert len(incoming()) == 1


def test_who_asks_to_stop_is_blocked(client: FlaskClient, links: Links) -> None:
    client.get(sms(links, "STOPP", **{"%p": "491715550001"}))
    assert db.session.scalars(select(Block.e164)).all() == ["+491715550001"]


def test_a_deactivated_gateway_is_heard_and_a_deleted_one_is_not(client: FlaskClient, links: Links) -> None:
    gateway = select(GatewayRow).where(GatewayRow.name == "kannel")
    doors = links.receipt("1-1").replace("%d", "1"), sms(links, "STOPP")
    with db_write() as session:
        session.scalars(gateway).one().active = False
    assert [client.get(door).status_code for door in doors] == [200, 200]
    assert (stored(), len(incoming())) == (1, 1)
    with db_write() as session:
        session.delete(session.scalars(gateway).one())
    assert [client.get(door).status_code for door in doors] == [404, 404]
    assert (stored(), len(incoming())) == (1, 1)


def test_only_a_kannel_has_doors(client: FlaskClient, links: Links) -> None:
    other = Links("", factories.gateway("line", "smpp").name, links.key)
    assert client.get(sms(other)).status_code == 404


def test_a_stranger_brings_nothing(client: FlaskClient, links: Links) -> None:
    code = links.incoming_code()
    assert client.get(sms(links).replace(code, "0" * len(code))).status_code == 404
    assert client.get(sms(links, **{"%e": "Hallo"})).status_code == 400
    assert client.post(sms(links)).status_code == 405
    assert incoming() == []
