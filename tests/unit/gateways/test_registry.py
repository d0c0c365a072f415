"""Gateways are made of their rows, and anew when these change; passwords stay where they belong."""

import logging
import traceback
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import text

from smsapp.extensions import db, db_write
from smsapp.gateways import registry, secret_box
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.queries import active_names
from smsapp.gateways.reading import Unusable
from smsapp.gateways.registry import NoSuchGateway
from smsapp.gateways.simulator import Simulator
from smsapp.gateways.smpp.gateway import Smpp
from tests import factories
from tests.conftest import SECRET

SETTINGS = {"host": "smpp.example", "system_id": "kurzpost"}


def change(name: str, **values: Any) -> None:
    with db_write() as session:
        session.query(GatewayRow).filter_by(name=name).update({"version": GatewayRow.version + 1, **values})


def smpp(name: str = "smpp") -> Smpp:
    found = registry.gateway(name)
    assert isinstance(found, Smpp)
    return found


def test_the_simulator_is_there_from_the_start(any_app: Flask) -> None:
    assert active_names() == ("simulator",)
    assert isinstance(registry.gateway("simulator"), Simulator)


def test_a_gateway_is_made_once_until_its_row_changes(app: Flask) -> None:
    factories.gateway(settings=SETTINGS)
    first = smpp()
    assert (first.settings.host, first.settings.password) == ("smpp.example", "geheim")
    assert smpp() is first
    change("smpp", settings={**SETTINGS, "host": "other.example"}, rate=2.5)
    assert (smpp().settings.host, smpp().settings.rate) == ("other.example", 2.5)


def test_what_the_workers_note_makes_no_new_connection(app: Flask) -> None:
    factories.gateway(settings=SETTINGS)
    first = smpp()
    change("smpp", failures=3, open_reason="not_connected", version=GatewayRow.version)
    assert smpp() is first


@pytest.mark.parametrize("what", [{"active": False}, {"password": None}, {"settings": {}}, {"kind": "pigeon"}])
def test_what_cannot_be_used_is_no_gateway(app: Flask, what: dict[str, Any]) -> None:
    factories.gateway(settings=SETTINGS)
    smpp()
    change("smpp", **what)
    with pytest.raises(NoSuchGateway):
        registry.gateway("smpp")


def test_connections_end_when_their_rows_change(app: Flask) -> None:
    closed = []
    for name in ("kept", "changed", "switched-off", "deleted"):
        factories.gateway(name, settings=SETTINGS)
        smpp(name).close = lambda name=name: closed.append(name)  # type: ignore[method-assign,misc]
    change("changed")
    change("switched-off", active=False)
    with db_write() as session:
        session.query(GatewayRow).filter_by(name="deleted").delete()
    registry.close_changed()
    assert sorted(closed) == ["changed", "deleted", "switched-off"]


def test_who_wants_to_know_is_told_of_every_gateway_that_is_made(app: Flask) -> None:
    factories.gateway(settings=SETTINGS)
    told: list[tuple[str, object]] = []
    registry.when_made(lambda name, gateway: told.append((name, gateway)))
    made = registry.gateway("smpp")
    registry.gateway("smpp")
    assert told == [("smpp", made)]


def test_only_simulators_are_asked_for_receipts(app: Flask) -> None:
    factories.gateway(settings=SETTINGS)
    factories.gateway("broken", settings={})
    factories.gateway("trial", kind="simulator", active=False)
    assert [name for name, _ in registry.receipt_sources()] == ["simulator", "trial"]


def test_the_password_is_not_in_the_database(app: Flask) -> None:
    factories.gateway(settings=SETTINGS)
    stored = db.session.scalar(text("SELECT password FROM gateway WHERE name = 'smpp'"))
    assert stored
    assert "geheim" not in stored
    assert smpp().settings.password == "geheim"


def test_the_environment_outweighs_a_stored_password(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.gateway("Telekom 2", settings=SETTINGS)
    monkeypatch.setenv("SMSAPP_GATEWAY_TELEKOM_2_PASSWORD", "draussen")
    assert smpp("Telekom 2").settings.password == "draussen"


@pytest.mark.parametrize("key", ["SECRET_KEY", "SMSAPP_GATEWAY_KEY"])
def test_with_another_key_it_must_be_entered_again(app: Flask, key: str) -> None:
    row = factories.gateway(settings=SETTINGS)
    if key == "SECRET_KEY":
        app.config["SECRET_KEY"] = "another secret"
    else:
        object.__setattr__(app.extensions["smsapp_config"], "gateway_key", "another key")
    with pytest.raises(Unusable) as caught:
        registry.settings_of(row)
    assert (caught.value.field, caught.value.rule) == ("password", secret_box.UNREADABLE)
    with pytest.raises(NoSuchGateway, match="smpp: password cannot be used"):
        registry.gateway("smpp")


def test_a_given_key_outlives_the_secret(app: Flask) -> None:
    object.__setattr__(app.extensions["smsapp_config"], "gateway_key", "the key")
    factories.gateway(settings=SETTINGS)
    app.config["SECRET_KEY"] = "another secret"
    assert smpp().settings.password == "geheim"


def test_kannels_addresses_outlive_the_secret_where_a_key_is_given(app: Flask) -> None:
    before = registry.links_of("kannel").receipt("1-1")
    app.config["SECRET_KEY"] = "another secret"
    assert registry.links_of("kannel").receipt("1-1") != before
    object.__setattr__(app.extensions["smsapp_config"], "gateway_key", SECRET)
    assert registry.links_of("kannel").receipt("1-1") == before


def test_the_password_is_in_no_text_about_it(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    row = factories.gateway(settings=SETTINGS, password="viel zu geheim")
    said = []
    for call in (lambda: registry.settings_of(row), lambda: registry.gateway("smpp")):
        try:
            call()
        except (Unusable, NoSuchGateway) as error:
            said += [repr(error), *traceback.format_exception(error)]
    assert len(said) > 4
    change("smpp", password=secret_box.encrypt("geheim"))
    made = smpp()
    said += [repr(each) for each in (row, made, made.settings, current_app.extensions["smsapp_config"])]
    assert "geheim" not in "".join(said) + caplog.text
