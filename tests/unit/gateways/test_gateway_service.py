"""A gateway's life, on both databases."""

from datetime import date

from flask import Flask

from smsapp.delivery.gateway_queries import gateway_is_used
from smsapp.delivery.making import way_of
from smsapp.delivery.service import pause_by_gateway
from smsapp.extensions import db
from smsapp.gateways import service
from smsapp.gateways.queries import active_names
from smsapp.gateways.service import GatewayData
from smsapp.settings.country_queries import standings
from smsapp.settings.country_service import set_standing
from smsapp.settings.senders import Standing
from tests import factories

DATA = GatewayData({"host": "smpp.example", "system_id": "kurzpost"}, "2.5", "geheim")


def test_a_gateway_is_made_used_left_and_deleted(any_app: Flask) -> None:
    sender = factories.sender_name("KURZPOST").id
    made = service.create("Telekom", "smpp", DATA)
    assert "geheim" not in repr(DATA)
    service.change(made, GatewayData(DATA.settings, "", ""))
    service.set_ways("Telekom", {sender: "simulator"})
    assert (way_of(db.session(), "KURZPOST"), way_of(db.session(), "+358457396000")) == ("simulator", "Telekom")
    service.set_ways("simulator", {sender: ""})
    service.deactivate(made, pause_by_gateway)
    assert active_names() == ("simulator",)
    service.activate(made)
    assert sorted(active_names()) == ["Telekom", "simulator"]
    service.delete(made, gateway_is_used)
    assert active_names() == ("simulator",)


def test_a_standing_is_entered_and_replaced(any_app: Flask) -> None:
    factories.sender_name("KURZPOST")
    set_standing("KURZPOST", "FI", Standing.REGISTERED, date(2027, 6, 30))
    set_standing("KURZPOST", "FI", Standing.FORBIDDEN, date(2027, 6, 30))
    assert standings("KURZPOST")["FI"] == (Standing.FORBIDDEN, None)
    assert standings("ANDERE")["FI"] == (Standing.REGISTERED, None)
