"""The pages on which administrators set up the ways that SMS go."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from smsapp.clock import now
from smsapp.delivery.making import way_of
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db, db_write
from smsapp.gateways import probing, registry
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.queries import active_names
from smsapp.gateways.smpp import session
from smsapp.quota.queries import balances
from smsapp.settings.models import SenderName
from smsapp.settings.queries import current_settings
from tests import factories
from tests.faults.operator import CERTIFICATE, Operator
from tests.sending import campaign_state
from tests.web.checker import CheckedClient

PAGE = "/settings/gateways/"
SMPP = {"name": "Telekom 1", "host": "smpp.example", "port": "2775", "system_id": "kurzpost", "password": "geheim"}
CHOSEN = {"tls": "0", "bind": "separate", "concatenation": "udh"}
KANNEL = {
    "name": "kannel",
    "url": "http://kannel.example:13013/cgi-bin/sendsms",
    "username": "kurzpost",
    "password": "geheim",
    "base_url": "http://crm.example:8000",
}


@pytest.fixture
def page(admin: FlaskClient) -> CheckedClient:
    return CheckedClient(admin)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    made = Operator(tmp_path)
    yield made
    made.close()


def row(name: str = "Telekom 1") -> GatewayRow:
    db.session.rollback()
    return db.session.scalars(select(GatewayRow).filter_by(name=name)).one()


def smpp(**values: Any) -> str:
    """The address of a gateway that is set up."""
    settings = {"host": "smpp.example", "system_id": "kurzpost"}
    made: int = factories.gateway(**{"name": "Telekom 1", "settings": settings, **values}).id
    return f"{PAGE}{made}"


def typed(page: CheckedClient, url: str, **changed: str) -> dict[str, str]:
    """What the form of an SMPP gateway holds, but for what is changed."""
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', page.get(url).text)
    assert seen
    return {**{name: SMPP[name] for name in ("host", "port", "system_id")}, **CHOSEN, "seen": seen[1], **changed}


def test_a_gateway_is_set_up_and_its_password_never_shown(page: CheckedClient) -> None:
    answer = page.post(f"{PAGE}new/smpp", data={**SMPP, **CHOSEN, "rate": "2,5", "window": "20"})
    assert answer.status_code == 303
    assert (row().kind, row().rate, row().settings["window"], row().active) == ("smpp", 2.5, "20", True)
    assert "geheim" not in str(row().password)
    assert registry.gateway("Telekom 1").settings.password == "geheim"  # type: ignore[attr-defined]
    for path in (PAGE, answer.location):
        text = page.get(path).text
        assert "Telekom 1" in text
        assert "geheim" not in text


def test_a_kannel_is_set_up(page: CheckedClient) -> None:
    assert page.post(f"{PAGE}new/kannel", data=KANNEL).status_code == 303
    assert registry.gateway("kannel").settings.username == "kurzpost"  # type: ignore[attr-defined]
    assert page.post(f"{PAGE}new/kannel", data={**KANNEL, "name": "k2", "url": "kannel"}).status_code == 422


def test_there_is_no_form_for_an_unknown_kind(page: CheckedClient) -> None:
    assert page.get(f"{PAGE}new/pigeon").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "1 bis 20 Buchstaben"),
        ("name", "Büro", "1 bis 20 Buchstaben"),
        ("name", "x" * 21, "1 bis 20 Buchstaben"),
        ("name", "SIMULATOR", "ähnlich"),
        ("host", "", "füllen Sie das aus"),
        ("port", "0", "ganze Zahl von 1 bis 65535"),
        ("rate", "-1", "Zahl von 0.01 bis 10000"),
        ("password", "viel zu geheim", "1 bis 8 Zeichen"),
        ("password", "", "füllen Sie das aus"),
        ("tls", "2", "einen der Werte"),
        ("answer_seconds", "99", "Zahl von 0.1 bis 15"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_not_stored(
    page: CheckedClient, field: str, value: str, sentence: str
) -> None:
    answer = page.post(f"{PAGE}new/smpp", data={**SMPP, **CHOSEN, field: value})
    assert answer.status_code == 422
    complaint = re.search(rf'id="{field}-error">([^<]+)<', answer.text)
    assert complaint
    assert sentence in complaint[1]
    assert "geheim" not in answer.text
    assert active_names() == ("simulator",)


def test_an_empty_password_keeps_the_stored_one(page: CheckedClient) -> None:
    url = smpp()
    assert page.post(url, data=typed(page, url, host="other.example")).status_code == 303
    assert (row().settings["host"], row().version) == ("other.example", 2)
    assert registry.gateway("Telekom 1").settings.password == "geheim"  # type: ignore[attr-defined]
    assert page.post(url, data=typed(page, url, password="neu")).status_code == 303
    assert registry.gateway("Telekom 1").settings.password == "neu"  # type: ignore[attr-defined]


def test_a_second_editor_is_told(page: CheckedClient) -> None:
    url = smpp()
    mine = typed(page, url, host="mine.example")
    page.post(url, data=typed(page, url, host="theirs.example"))
    answer = page.post(url, data=mine)
    assert answer.status_code == 409
    assert 'value="mine.example"' in answer.text
    assert row().settings["host"] == "theirs.example"


def test_a_password_that_cannot_be_read_any_more_is_asked_for_again(app: Flask, page: CheckedClient) -> None:
    url = smpp()
    object.__setattr__(app.extensions["smsapp_config"], "gateway_key", "another key")
    assert "geben Sie es neu ein" in page.get(PAGE).text
    assert "geben Sie es neu ein" in page.fragment(f"{url}/probe", method="POST").text
    assert page.post(url, data=typed(page, url)).status_code == 422
    assert page.post(url, data=typed(page, url, password="neu")).status_code == 303
    assert "geben Sie es neu ein" not in page.get(PAGE).text


def test_the_page_says_when_the_environment_has_the_password(
    page: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = smpp(password=None)
    monkeypatch.setenv("SMSAPP_GATEWAY_TELEKOM_1_PASSWORD", "draussen")
    text = page.get(url).text
    assert "SMSAPP_GATEWAY_TELEKOM_1_PASSWORD" in text
    assert "draussen" not in text


def test_which_way_sends_go_is_chosen(page: CheckedClient) -> None:
    factories.settings()
    smpp()
    factories.gateway("off", active=False)
    sender = factories.sender_name("KURZPOST").id
    for wrong in ({"default": "off"}, {"default": "simulator", f"sender-{sender}": "off"}, {"default": "x"}):
        assert page.post(f"{PAGE}ways", data=wrong).status_code == 422
    answer = page.post(f"{PAGE}ways", data={"default": "simulator", f"sender-{sender}": "Telekom 1"})
    assert answer.status_code == 303
    assert (way_of(db.session(), "KURZPOST"), way_of(db.session(), "+358457396000")) == ("Telekom 1", "simulator")
    page.post(f"{PAGE}ways", data={"default": "Telekom 1", f"sender-{sender}": ""})
    assert current_settings().gateway == way_of(db.session(), "KURZPOST") == "Telekom 1"


def test_the_banner_of_the_trial_shows_only_while_nothing_is_real(page: CheckedClient) -> None:
    factories.settings()
    factories.gateway("training", kind="simulator")
    factories.settings(gateway="training")
    assert 'class="trial"' in page.get(PAGE).text
    smpp()
    sender = factories.sender_name("KURZPOST").id
    page.post(f"{PAGE}ways", data={"default": "simulator", f"sender-{sender}": "Telekom 1"})
    assert 'class="trial"' not in page.get(PAGE).text


@pytest.mark.parametrize("action", ["deactivate", "delete"])
def test_what_sends_need_stays(page: CheckedClient, action: str) -> None:
    url = smpp()
    factories.settings(gateway="Telekom 1")
    assert page.post(f"{url}/{action}").status_code == 409
    factories.settings(gateway="simulator")
    with db_write() as writing:
        writing.add(SenderName(name="KURZPOST", gateway="Telekom 1"))
    assert page.post(f"{url}/{action}").status_code == 409
    assert row().active


def test_a_gateway_is_deactivated_and_activated(page: CheckedClient) -> None:
    url = smpp()
    factories.settings()
    sent, other = factories.campaign(gateway="Telekom 1").id, factories.campaign().id
    assert re.search(r"\b1 noch laufender", page.fragment(f"{url}/deactivate").text)
    assert page.post(f"{url}/deactivate").status_code == 303
    assert active_names() == ("simulator",)
    assert [campaign_state(each) for each in (sent, other)] == ["paused", "sending"]
    why = "weil die Schnittstelle „Telekom 1“ deaktiviert wurde."
    assert f"{why} Es geht nichts verloren: Sobald sie wieder aktiv ist" in page.get(f"/campaigns/{sent}").text
    assert "Angehalten: Die Schnittstelle wurde deaktiviert" in page.get("/").text
    assert page.post(f"/campaigns/{sent}/resume").status_code == 409
    assert page.post(f"{url}/activate").status_code == 303
    assert f"{why} Sie ist wieder aktiv:" in page.get(f"/campaigns/{sent}").text
    assert page.post(f"/campaigns/{sent}/resume").status_code == 303
    assert campaign_state(sent) == "sending"
    assert active_names() == ("Telekom 1", "simulator")


def test_what_cannot_be_used_is_not_activated(page: CheckedClient) -> None:
    url = smpp(password=None, active=False)
    page.post(f"{url}/activate")
    assert not row().active


def test_only_an_unused_gateway_is_deleted(page: CheckedClient) -> None:
    url = smpp()
    sent = factories.campaign(gateway="Telekom 1", state="closed", recipients=0)
    assert page.post(f"{url}/delete").status_code == 409
    with db_write() as writing:
        writing.delete(writing.get_one(Campaign, sent.id))
    assert page.get(f"{url}/delete").status_code == 200
    assert page.post(f"{url}/delete").status_code == 303
    assert page.get(url).status_code == 404


def probe(page: CheckedClient, url: str) -> str:
    answer = page.fragment(f"{url}/probe", method="POST")
    assert answer.status_code == 200
    assert "geheim" not in answer.text
    return answer.text


def test_a_connection_is_tried(page: CheckedClient, operator: Operator) -> None:
    assert "Es klappt" in probe(page, smpp(settings=operator.values()))
    assert len(operator.seen("bind_transmitter")) == len(operator.seen("unbind")) == 1
    assert "Es klappt" in page.post(f"{PAGE}{row().id}/probe").text
    assert operator.taken() == []
    assert "Simulator ist bereit" in probe(page, f"{PAGE}{row('simulator').id}")


def test_why_there_is_no_connection_is_said(
    page: CheckedClient, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CONNECT_SECONDS", 0.5)
    operator.order("bind", answer=0x0E)
    assert "nimmt aber das Passwort nicht an" in probe(page, smpp(settings=operator.values()))
    operator.order("bind", answer=0x0D)
    assert "lehnt aber die Anmeldung ab" in probe(page, f"{PAGE}{row().id}")
    plain = smpp(name="plain", settings=operator.values(tls=True, tls_ca=str(CERTIFICATE)))
    assert "keine verschlüsselte Verbindung" in probe(page, plain)
    missing = smpp(name="missing", settings=operator.values(tls=True, tls_ca="/nowhere"))
    assert "Datei mit Zertifikaten" in probe(page, missing)
    values = operator.values()
    operator.close()
    assert "Stimmt der Port" in probe(page, smpp(name="closed", settings=values))
    assert "dieses Namens" in probe(page, smpp(name="lost", settings={**values, "host": "no.invalid"}))


def test_a_try_ends_in_time() -> None:
    never = Event()
    assert probing.probe(lambda _: probing.Probed(str(never.wait())), None, seconds=0.02) == probing.Probed("timed_out")
    never.set()


def test_a_kannel_is_told_where_to_bring_sms(page: CheckedClient) -> None:
    text = html.unescape(page.get(page.post(f"{PAGE}new/kannel", data=KANNEL).location).text)
    address = registry.links_of("kannel", KANNEL["base_url"]).incoming()
    assert f'get-url = "{address}"' in text
    path = address.removeprefix(KANNEL["base_url"]).replace("%e", "48").replace("%p", "%2B491715550199")
    assert page.get(path).status_code == 200
    assert "get-url" not in page.get(smpp()).text


def test_a_kannel_that_is_away_is_told(page: CheckedClient, operator: Operator) -> None:
    port = operator.port
    operator.close()
    page.post(f"{PAGE}new/kannel", data={**KANNEL, "url": f"http://127.0.0.1:{port}/cgi-bin/sendsms"})
    assert "Stimmt der Port" in probe(page, f"{PAGE}{row('kannel').id}")


TEST = {"test-number": "+49 171 5550199", "test-sender": "", "test-key": "one form"}


@pytest.mark.usefixtures("invariants_hold")
def test_a_test_sms_goes_by_the_chosen_gateway_and_costs(page: CheckedClient) -> None:
    factories.settings()
    factories.quota(2)
    sender = factories.sender_name("KURZPOST").id
    url = smpp()
    answers = [page.post(f"{url}/test-sms", data={**TEST, "test-sender": str(sender)}) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    campaign = db.session.scalars(select(Campaign)).one()
    assert (campaign.gateway, campaign.sender, campaign.is_test, campaign.recipients) == (
        *("Telekom 1", "KURZPOST"),
        *(True, 1),
    )
    delivery = db.session.scalars(select(Delivery)).one()
    assert (delivery.number, delivery.billed, delivery.contact_id) == ("+491715550199", 1, None)
    assert (balances().available, balances().reserved) == (1, 1)
    assert page.get(answers[0].location).status_code == 200


@pytest.mark.usefixtures("invariants_hold")
@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "Bitte geben Sie die Nummer ein"),
        ("0171 5550199", "Landesvorwahl"),
        ("+1 212 555 0100", "in ihr Land"),
        ("+49 171 5550100", "gesperrt"),
        ("+49 171 5550199", "Kontingent"),
    ],
)
def test_a_test_sms_keeps_the_rules(page: CheckedClient, number: str, sentence: str) -> None:
    factories.settings()
    factories.block("+491715550100")
    answer = page.post(f"{smpp()}/test-sms", data={**TEST, "test-number": number})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{number}"' in answer.text
    assert db.session.scalar(select(func.count()).select_from(Campaign)) == 0


def test_no_test_sms_goes_by_an_inactive_gateway(page: CheckedClient) -> None:
    factories.settings()
    factories.quota(1)
    url = smpp(active=False)
    assert "test-number" not in page.get(url).text
    assert page.post(f"{url}/test-sms", data=TEST).status_code == 409


def test_a_gateway_that_is_given_a_rest_says_until_when(page: CheckedClient) -> None:
    smpp(open_until=now().replace(year=2999), open_reason="not_connected")
    assert "pausiert" in page.get(PAGE).text


@pytest.mark.parametrize("path", ["", "new/smpp", "1", "1/delete", "1/deactivate"])
def test_only_administrators_come_here(editor: FlaskClient, path: str) -> None:
    assert editor.get(PAGE + path).status_code == 403
