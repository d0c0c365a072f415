"""Where senders are allowed, entered by administrators and warned of in the popup."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from smsapp.extensions import db, db_write
from smsapp.settings.country_queries import all_sender_countries, standings
from smsapp.settings.models import SenderCountry
from smsapp.settings.senders import Standing
from tests import factories
from tests.web.checker import CheckedClient

PAGE = "/settings/sender-countries/"


@pytest.fixture
def page(admin: FlaskClient) -> CheckedClient:
    return CheckedClient(admin)


def enter(page: CheckedClient, **changed: str) -> int:
    typed = {"sender": "KURZPOST", "country": "FI", "standing": "registered", "until": "2027-06-30", **changed}
    return page.post(PAGE, data=typed).status_code


def test_the_page_shows_what_is_known(page: CheckedClient) -> None:
    text = page.get(PAGE).text
    for said in ("Jeder andere Name", "Kanada", "nicht erlaubt", "muss angemeldet sein"):
        assert said in text


def test_an_entry_is_made_changed_and_removed(page: CheckedClient) -> None:
    factories.sender_name("KURZPOST")
    assert enter(page) == 303
    assert standings("KURZPOST")["FI"] == (Standing.REGISTERED, date(2027, 6, 30))
    assert "angemeldet bis 30.06.2027" in page.get(PAGE).text
    assert enter(page, standing="forbidden") == 303
    assert standings("KURZPOST")["FI"] == (Standing.FORBIDDEN, None)
    [entry] = [each.id for each in all_sender_countries() if each.sender == "KURZPOST"]
    shown = page.get(f"{PAGE}{entry}").text
    assert re.search(r'selected[^>]*value="forbidden"', shown)
    assert page.post(f"{PAGE}{entry}/forget").status_code == 303
    assert standings("KURZPOST")["FI"] == (Standing.REGISTERED, None)
    assert page.get(f"{PAGE}{entry}").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"sender": "NIEMAND"}, {"country": ""}, {"country": "XX"}, {"standing": "maybe"}, {"until": "bald"}]
)
def test_what_cannot_be_is_not_stored(page: CheckedClient, wrong: dict[str, str]) -> None:
    factories.sender_name("KURZPOST")
    before = len(all_sender_countries())
    assert enter(page, **wrong) == 422
    db.session.rollback()
    assert len(all_sender_countries()) == before


def test_a_deleted_name_leaves_nothing_behind(page: CheckedClient) -> None:
    sender = factories.sender_name("KURZPOST", active=False)
    enter(page)
    assert page.post(f"/settings/senders/{sender.id}/delete").status_code == 303
    assert "KURZPOST" not in {each.sender for each in all_sender_countries()}


def test_the_popup_and_the_confirmation_warn(sender: FlaskClient) -> None:
    factories.settings(allowed_countries=["US"])
    factories.quota(10)
    name, audience = factories.sender_name("KURZPOST").id, factories.audience().id
    for last in range(3):
        factories.contact(mobile=f"+1212555010{last}")
    typed = {"sender": str(name), "phone_field": "mobile", "text": "Hallo"}
    client = CheckedClient(sender)
    said = "Vereinigte Staaten, 3 Empfänger: Dieser Absender ist dort nicht erlaubt."
    for path in ("figures", "confirm"):
        answer = client.post(f"/audiences/{audience}/send/{path}", data={**typed, "send_key": "0" * 32})
        assert answer.status_code == 200
        assert re.search(rf'<p class="[^"]*warn[^"]*"[^>]*>\s*{said}', answer.text)
    with db_write() as session:
        session.query(SenderCountry).delete()
    answer = client.post(f"/audiences/{audience}/send/figures", data=typed)
    assert "ist nicht bekannt" in answer.text


def test_countries_are_in_the_order_of_people(page: CheckedClient) -> None:
    listed, chosen = page.get(PAGE).text.split("<select", 1)
    for text in (listed, chosen, page.get("/settings/").text.split('id="country"')[1]):
        places = [text.find(f"{name}<") for name in ("Ägypten", "Albanien", "Österreich", "Schweiz")]
        found = [place for place in places if place >= 0]
        assert len(found) > 1
        assert found == sorted(found)
