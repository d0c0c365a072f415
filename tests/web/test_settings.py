"""The settings that administrators decide."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from smsapp.campaigns.models import Draft
from smsapp.delivery.models import Campaign
from smsapp.extensions import db, db_write
from smsapp.message_templates.models import MessageTemplate
from smsapp.settings.models import SenderName, Settings
from smsapp.settings.queries import active_senders, current_settings
from tests import factories
from tests.web.checker import CheckedClient

PAGE = "/settings/"


@pytest.fixture
def page(admin: FlaskClient) -> CheckedClient:
    return CheckedClient(admin)


def settings() -> Settings:
    db.session.rollback()
    return current_settings()


def set_to(**values: object) -> None:
    with db_write() as session:
        for name, value in values.items():
            setattr(session.get_one(Settings, 1), name, value)


def sender(name: str = "Kurzpost", active: bool = False) -> int:
    made = SenderName(name=name, active=active)
    with db_write() as session:
        session.add(made)
    return made.id


def test_the_page_shows_what_is_set(page: CheckedClient) -> None:
    set_to(operator_number="+3584573960000", undo_seconds=45, product_name="Hauspost")
    text = page.get(PAGE).text
    for value in ("+3584573960000", 'value="45"', "Hauspost", "Deutschland", "Finnland"):
        assert value in text


def test_the_module_is_switched_on(page: CheckedClient) -> None:
    set_to(operator_number="+3584573960000")
    assert page.post(f"{PAGE}module/on").status_code == 303
    assert settings().module_on


def test_the_module_needs_a_sender_first(page: CheckedClient) -> None:
    assert page.post(f"{PAGE}module/on").status_code == 422
    assert not settings().module_on


def test_switching_off_says_how_many_sends_pause(page: CheckedClient) -> None:
    set_to(module_on=True)
    for state in ("sending", "waiting", "closed"):
        factories.campaign(recipients=2, state=state)
    for answer in (page.get(f"{PAGE}module/off"), page.fragment(f"{PAGE}module/off")):
        assert answer.status_code == 200
        assert "2 " in answer.text
        assert "4 " in answer.text
    assert settings().module_on


def test_switching_off_pauses_what_runs_and_nothing_else(page: CheckedClient) -> None:
    set_to(module_on=True)
    running, closed = factories.campaign(state="sending"), factories.campaign(state="closed")
    assert page.post(f"{PAGE}module/off").status_code == 303
    assert not settings().module_on
    assert db.session.get_one(Campaign, running.id).state == "paused"
    assert db.session.get_one(Campaign, closed.id).state == "closed"


def test_switching_on_again_tells_of_paused_sends_and_leaves_them(page: CheckedClient) -> None:
    set_to(operator_number="+3584573960000")
    paused = factories.campaign(state="paused")
    page.post(f"{PAGE}module/on")
    assert "1 " in page.get(PAGE).text
    assert db.session.get_one(Campaign, paused.id).state == "paused"


@pytest.mark.parametrize("typed", ["+358 45 7396 0000", "00358457396 0000", "+358 (0)45 / 7396-0000"])
def test_the_operator_number_is_kept_in_one_form(page: CheckedClient, typed: str) -> None:
    assert page.post(f"{PAGE}operator-number", data={"operator_number": typed}).status_code == 303
    assert settings().operator_number == "+3584573960000"


@pytest.mark.parametrize("typed", ["", "045 7396 0000", "Kurzpost", "+358 1"])
def test_a_bad_operator_number_stays_in_the_field(page: CheckedClient, typed: str) -> None:
    answer = page.post(f"{PAGE}operator-number", data={"operator_number": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert settings().operator_number == ""


def test_a_sender_name_is_added_and_not_active_yet(page: CheckedClient) -> None:
    assert page.post(f"{PAGE}senders", data={"sender_name": "Alt & Co"}).status_code == 303
    assert active_senders() == []
    assert "Alt &amp; Co" in page.get(PAGE).text


@pytest.mark.parametrize("name", ["", "AB", "12345", "Söhne", "Alt ", "ABCDEFGHIJKL", "kurzPOST"])
def test_a_sender_name_that_cannot_be_is_refused(page: CheckedClient, name: str) -> None:
    sender("Kurzpost")
    answer = page.post(f"{PAGE}senders", data={"sender_name": name})
    assert answer.status_code == 422
    assert f'value="{name}"' in answer.text
    assert db.session.scalars(select(SenderName.name)).all() == ["Kurzpost"]


def test_a_sender_name_is_activated_and_deactivated(page: CheckedClient) -> None:
    number = sender()
    assert page.post(f"{PAGE}senders/{number}/activate").status_code == 303
    assert [each.name for each in active_senders()] == ["Kurzpost"]
    assert page.post(f"{PAGE}senders/{number}/deactivate").status_code == 303
    assert active_senders() == []


def test_deactivating_says_who_would_miss_the_name(page: CheckedClient) -> None:
    number = sender(active=True)
    audience, people = factories.audience().id, [factories.user() for _ in range(3)]
    with db_write() as session:
        session.add_all(Draft(user_id=each.id, audience_id=audience, sender_id=number) for each in people)
        session.add(
            MessageTemplate(
                name="Messe", name_key="messe", search_key="messe", text="", sender="Kurzpost", owner_id=people[0].id
            )
        )
    for answer in (page.get(f"{PAGE}senders/{number}/deactivate"), page.fragment(f"{PAGE}senders/{number}/deactivate")):
        assert re.search(r"\b3 (drafts|Entwürfe)", answer.text)
        assert re.search(r"\b1 (template|Vorlage)", answer.text)
    assert [each.name for each in active_senders()] == ["Kurzpost"]


def test_an_unused_sender_name_is_deleted(page: CheckedClient) -> None:
    assert page.post(f"{PAGE}senders/{sender()}/delete").status_code == 303
    assert db.session.scalars(select(SenderName)).all() == []


def test_a_used_sender_name_stays(page: CheckedClient) -> None:
    number = sender()
    factories.campaign(sender="Kurzpost", state="closed")
    assert f"/senders/{number}/delete" not in page.get(PAGE).text
    assert page.post(f"{PAGE}senders/{number}/delete").status_code == 409
    assert len(db.session.scalars(select(SenderName)).all()) == 1


@pytest.mark.parametrize("what", ["activate", "deactivate", "delete"])
def test_a_sender_name_that_is_gone_is_not_found(page: CheckedClient, what: str) -> None:
    assert page.post(f"{PAGE}senders/99/{what}").status_code == 404


def test_the_billing_rule_is_chosen(page: CheckedClient) -> None:
    assert page.post(f"{PAGE}billing", data={"billing_rule": "network_segments"}).status_code == 303
    assert settings().billing_rule == "network_segments"


@pytest.mark.parametrize("rule", ["", "free_of_charge"])
def test_an_unknown_billing_rule_is_refused(page: CheckedClient, rule: str) -> None:
    assert page.post(f"{PAGE}billing", data={"billing_rule": rule}).status_code == 422
    assert settings().billing_rule == "characters_160"


def test_a_country_is_allowed_and_forbidden(page: CheckedClient) -> None:
    assert page.post(f"{PAGE}countries", data={"country": "SE"}).status_code == 303
    assert settings().allowed_countries == ["AT", "CH", "DE", "FI", "SE"]
    assert page.post(f"{PAGE}countries/AT/forbid").status_code == 303
    assert settings().allowed_countries == ["CH", "DE", "FI", "SE"]


def test_a_country_says_how_many_numbers_it_decides_about(page: CheckedClient) -> None:
    for last_digit in range(3):
        factories.contact(mobile=f"+49 171 392000{last_digit}", work="+49 40 66969001")
    factories.contact(mobile="+46 70 174 06 05", home="0171 3920009")
    shown = page.get(PAGE).text
    assert re.search(r"Deutschland</span>\s*<span class=\"muted\">3 ", shown)
    assert re.search(r"Schweden \(1 ", shown)
    assert re.search(r"\b3 ", page.fragment(f"{PAGE}countries/DE/forbid").text)
    assert settings().allowed_countries == ["DE", "AT", "CH", "FI"]
    assert page.get(f"{PAGE}countries/SE/forbid").status_code == 404


def test_the_billing_rules_are_compared_by_the_last_send(page: CheckedClient) -> None:
    assert "note-info" not in page.get(PAGE).text
    factories.campaign(recipients=3, billed=2, text="ş" * 100)
    note = page.get(PAGE).text.partition("note-info")[2].partition("</p>")[0]
    assert re.findall(r"\d+", note) == ["3", "3", "6"]


@pytest.mark.parametrize("code", ["", "XX", "DE", "de"])
def test_only_a_country_that_is_not_there_yet_can_be_allowed(page: CheckedClient, code: str) -> None:
    assert page.post(f"{PAGE}countries", data={"country": code}).status_code == 422


def test_the_last_country_stays(page: CheckedClient) -> None:
    set_to(allowed_countries=["FI"])
    assert page.post(f"{PAGE}countries/FI/forbid").status_code == 422
    assert settings().allowed_countries == ["FI"]


@pytest.mark.parametrize("seconds", [0, 600])
def test_the_time_to_undo_is_set(page: CheckedClient, seconds: int) -> None:
    assert page.post(f"{PAGE}undo", data={"undo_seconds": str(seconds)}).status_code == 303
    assert settings().undo_seconds == seconds


@pytest.mark.parametrize("typed", ["", "-1", "601", "bald", "1e3"])
def test_a_time_to_undo_out_of_range_stays_in_the_field(page: CheckedClient, typed: str) -> None:
    answer = page.post(f"{PAGE}undo", data={"undo_seconds": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert settings().undo_seconds == 30


def test_the_name_of_the_application_is_on_every_page(page: CheckedClient) -> None:
    assert page.post(f"{PAGE}product-name", data={"product_name": "  <b>Hauspost</b> "}).status_code == 303
    assert "&lt;b&gt;Hauspost&lt;/b&gt;</title>" in page.get("/").text


@pytest.mark.parametrize("name", ["", "  ", "x" * 41])
def test_a_name_must_be_one(page: CheckedClient, name: str) -> None:
    assert page.post(f"{PAGE}product-name", data={"product_name": name}).status_code == 422
    assert settings().product_name == "Kurzpost"


def test_a_form_that_fails_leaves_the_others_as_stored(page: CheckedClient) -> None:
    set_to(operator_number="+3584573960000")
    answer = page.post(f"{PAGE}undo", data={"undo_seconds": "x", "operator_number": "y"})
    assert 'value="+3584573960000"' in answer.text
