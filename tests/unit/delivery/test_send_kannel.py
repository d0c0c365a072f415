"""Whole sends through a real Kannel to an SMPP operator and back. The operator's log says who got what how often."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.serving import make_server

from smsapp.clock import now
from smsapp.delivery import receipts, sending
from smsapp.delivery.models import Campaign, Delivery, IncomingSms, Receipt
from smsapp.extensions import db, db_write
from smsapp.gateways import probing, registry
from smsapp.gateways.base import Gateway
from smsapp.gateways.kannel.links import Links
from smsapp.gateways.models import GatewayRow
from smsapp.quota.queries import balances
from smsapp.text.segments import measure
from tests import factories
from tests.conftest import SECRET
from tests.faults.operator import Operator, until
from tests.kannel import Kannel, free_ports, need_kannel
from tests.sending import campaign_state, deliveries, states

pytestmark = pytest.mark.usefixtures("invariants_hold")

WINDOW = 10
TEXTS = (
    "Guten Tag, 100 € für Änne [ok]",
    *("a" * 159 + "€", "a" * 152 + "€" + "b" * 152 + "€", "w" * 459),
    *("😀 Grüße ю", "ю" * 201, "x" * 65 + "😀" + "ю" * 100, "Zeile\n zwei  "),
)


@dataclass(frozen=True)
class Line:
    """A Kannel, its operator, and where both bring us what comes back."""

    kannel: Kannel
    operator: Operator
    port: int

    def set_up(self, name: str, **others: Any) -> None:
        """As administrators do."""
        settings = self.kannel.values(base_url=f"http://127.0.0.1:{self.port}", **others)
        factories.gateway(name, "kannel", settings=settings)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Started once: that takes longer than all the rest."""
    need_kannel()
    operator = Operator(tmp_path_factory.mktemp("operator"))
    [port] = free_ports(1)
    kannel = Kannel(operator, Links(f"http://127.0.0.1:{port}", "kannel", SECRET).incoming())
    yield Line(kannel, operator, port)
    kannel.close()
    operator.close()


@pytest.fixture
def web(app: Flask, line: Line) -> Iterator[None]:
    """This test's application, where Kannel finds it."""
    server = make_server("127.0.0.1", line.port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gateway(app: Flask, web: None, line: Line) -> Iterator[Gateway]:
    factories.settings(gateway="kannel")
    line.set_up("kannel")
    yield registry.gateway("kannel")
    registry.close_all()
    line.operator.order("plan")
    line.operator.order("bind", answer="ok")


@pytest.fixture
def taken(line: Line) -> Callable[[], dict[str, list[str]]]:
    """The texts of the parts that the operator took in this test, by number."""
    before = len(line.operator.seen("taken"))

    def by_number() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in line.operator.seen("taken")[before:]:
            found.setdefault("+" + each["destination_addr"], []).append(each["text"])
        return found

    return by_number


Taken = Callable[[], dict[str, list[str]]]


def campaign(recipients: int, texts: tuple[str, ...] = ("Guten Tag",), gateway: str = "kannel") -> Campaign:
    """One whose recipients get these texts in turn."""
    made = factories.campaign(recipients=recipients, gateway=gateway, sender="KURZPOST")
    with db_write() as session:
        for index, each in enumerate(deliveries(made.id)):
            session.get_one(Delivery, each.id).text = texts[index % len(texts)]
    return made


def parts_of(campaign_id: int) -> int:
    return sum(measure(each.text).segments for each in deliveries(campaign_id))


def reasons(campaign_id: int) -> Counter[str | None]:
    return Counter(each.reason for each in deliveries(campaign_id))


def told(*said: str) -> int:
    """How many receipts that say one of these have come."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Receipt).where(Receipt.state.in_(said))) or 0


def report_delivered(operator: Operator) -> None:
    """The operator's word on all that it was asked about; of a long SMS Kannel asks about the first part."""
    for each in operator.seen("taken"):
        if each["registered_delivery"]:
            to_from = {"source_addr": each["destination_addr"], "destination_addr": each["source_addr"]}
            words = f"id:{each['id']} sub:001 dlvrd:001 stat:DELIVRD err:000 text:"
            operator.order("deliver", pdu={**to_from, "esm_class": 4, "short_message": words})


def drained(campaign_id: int) -> bool:
    """Whether all is handed over; nobody waits any more because Kannel was away."""
    sending.drain(campaign_id)
    with db_write() as session:
        session.execute(update(Delivery).where(Delivery.campaign_id == campaign_id).values(not_before=None))
        session.execute(update(GatewayRow).where(GatewayRow.open_until.is_not(None)).values(open_until=now()))
    return not {"queued", "claimed", "submitting"} & states(campaign_id).keys()


def test_everybody_gets_the_whole_text_once_and_receipts_come_back(gateway: Gateway, line: Line, taken: Taken) -> None:
    sent = campaign(48, TEXTS)
    sending.drain(sent.id)
    assert states(sent.id) == {"accepted": 48}
    assert reasons(sent.id) == {None: 48}
    until(lambda: sum(map(len, taken().values())) >= parts_of(sent.id))
    until(lambda: told("accepted") == 48)
    report_delivered(line.operator)
    until(lambda: told("delivered") == 48)
    receipts.apply_stored()
    assert states(sent.id) == {"delivered": 48}
    assert (balances().reserved, balances().spent) == (0, 48)
    for each in deliveries(sent.id):
        assert "".join(taken()[each.number]) == each.text
        assert len(taken()[each.number]) == measure(each.text).segments
    assert len(taken()) == 48


def test_what_waits_while_the_operator_is_away_is_told_apart_and_goes_out_later(
    gateway: Gateway, line: Line, taken: Taken
) -> None:
    line.operator.order("bind", answer="drop")
    line.operator.order("drop")
    until(lambda: "(online" not in line.kannel.status())
    sent = campaign(3)
    sending.drain(sent.id)
    assert states(sent.id) == {"accepted": 3}
    assert reasons(sent.id) == {"waits_at_gateway": 3}
    assert taken() == {}
    line.operator.order("bind", answer="ok")
    until(lambda: told("accepted") == 3)
    receipts.apply_stored()
    assert (states(sent.id), reasons(sent.id)) == ({"accepted": 3}, {None: 3})
    assert Counter(map(len, taken().values())) == {1: 3}


def test_what_the_operator_refuses_is_not_delivered(gateway: Gateway, line: Line, taken: Taken) -> None:
    line.operator.order("plan", faults=["refuse"])
    sent = campaign(2)
    sending.drain(sent.id)
    until(lambda: told("accepted", "undelivered") == 2)
    receipts.apply_stored()
    assert states(sent.id) == {"accepted": 1, "undelivered": 1}
    assert reasons(sent.id) == {None: 1, "rejected_later": 1}


def test_its_login_can_be_tried_without_sending(line: Line, taken: Taken) -> None:
    assert probing.kannel(line.kannel.settings()) == probing.Probed("ok")
    assert probing.kannel(line.kannel.settings(username="stranger")) == probing.Probed("wrong_login")
    elsewhere = line.kannel.settings(url=f"http://127.0.0.1:{line.kannel.port}/sendsms")
    assert probing.kannel(elsewhere) == probing.Probed("wrong_address")
    assert taken() == {}


def test_a_wrong_login_leaves_everybody_waiting(gateway: Gateway, line: Line, taken: Taken) -> None:
    line.set_up("stranger", username="stranger")
    sent = campaign(3, gateway="stranger")
    assert sending.drain(sent.id) is False
    assert states(sent.id) == {"queued": 3}
    assert reasons(sent.id) == {"bind_refused": 3}


@pytest.mark.parametrize(
    ("text", "pdu"),
    [
        ("Danke für 5 €", {"data_coding": 0, "short_message": "Danke für 5 €"}),
        ("😀 Ж", {"data_coding": 8, "short_message": "😀 Ж"}),
    ],
)
def test_incoming_sms_are_brought_and_not_answered(
    text: str, pdu: dict[str, Any], gateway: Gateway, line: Line, taken: Taken
) -> None:
    from_to = {"source_addr": "491715550001", "source_addr_ton": 1, "destination_addr": "82300", "dest_addr_ton": 3}
    line.operator.order("deliver", pdu={**from_to, **pdu})

    def came() -> list[tuple[str, str, str]]:
        db.session.rollback()
        return [(row.number, row.recipient, row.text) for row in db.session.scalars(select(IncomingSms))]

    until(came)
    assert came() == [("+491715550001", "82300", text)]
    assert taken() == {}


def test_a_kannel_that_is_killed_doubles_and_loses_nobody(
    app: Flask, gateway: Gateway, line: Line, taken: Taken
) -> None:
    sent = campaign(200)

    def drain() -> None:
        with app.app_context():
            sending.drain(sent.id)

    thread = Thread(target=drain)
    thread.start()
    until(lambda: len(taken()) >= 30)
    line.kannel.kill()
    thread.join()
    assert states(sent.id).get("queued"), "the kill came too late to matter"
    line.kannel.forget()
    line.kannel.start()
    until(lambda: drained(sent.id))
    found = states(sent.id)
    assert found.keys() <= {"accepted", "unknown"}
    assert found.get("unknown", 0) <= WINDOW
    assert campaign_state(sent.id) == "handed_over"
    assert (balances().available, balances().reserved) == (0, found.get("unknown", 0))
    last = deliveries(sent.id)[-1].number
    until(lambda: last in taken())
    assert set(map(len, taken().values())) == {1}
