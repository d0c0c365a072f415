"""Incoming SMS on their list and on the contact's card, and the settings of the answer to a STOP."""

from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from flask.testing import FlaskClient

from smsapp.clock import now
from smsapp.contacts.models import Contact
from smsapp.delivery import incoming
from smsapp.delivery.incoming import Arrived
from smsapp.delivery.models import IncomingSms
from smsapp.extensions import db, db_write
from smsapp.settings.queries import current_settings
from tests import factories
from tests.web.checker import CheckedClient
from tests.web.sends.looking import in_english, root, words

pytestmark = pytest.mark.usefixtures("invariants_hold")
NUMBER, OURS = "+491713920101", "+358457396000"
LIST = "/campaigns/incoming/"


@pytest.fixture
def page(viewer: FlaskClient) -> CheckedClient:
    factories.settings()
    factories.quota(5)
    return in_english(viewer)


@pytest.fixture
def settings_page(admin: FlaskClient) -> CheckedClient:
    factories.settings()
    return in_english(admin)


def came(text: str, number: str = NUMBER, **values: Any) -> None:
    with db_write() as session:
        row = {"gateway": "smpp", "number": number, "recipient": OURS, "text": text, "asks_to_stop": False}
        session.add(IncomingSms(**{**row, **values}))


def stopped() -> None:
    """Somebody asks for no more, as the receiver hears it."""
    with current_app.app_context():
        incoming.store("simulator", Arrived(NUMBER, OURS, "STOP"))


def listed(page: CheckedClient, query: str = "") -> list[str]:
    """The texts as the list has them, in order."""
    page.get(LIST + query)
    return [words(cell) for cell in root(page).findall(".//td[@class='incoming-text']")]


def anna() -> Contact:
    return factories.contact("Anna", "Alt", mobile="+49 171 3920101", work="+49 171 3920102")


def test_without_any_the_list_says_where_they_come_from(page: CheckedClient) -> None:
    assert "No SMS has come in yet" in page.get(LIST).text


def test_the_newest_is_first_and_who_has_the_number_is_named(page: CheckedClient) -> None:
    contact, double = anna(), factories.contact("Zoë", "Çelik", home=NUMBER)
    came("Ja", received_at=now() - timedelta(hours=1))
    came("Nein <b>danke</b>")
    assert listed(page) == ["Nein <b>danke</b>", "Ja"]
    for each in (contact, double):
        assert f'href="/contacts/{each.id}"' in page.get(LIST).text


@pytest.mark.parametrize("search", ["nein", "0171 3920102", "celik"])
def test_it_is_found_by_text_number_and_name(page: CheckedClient, search: str) -> None:
    factories.contact("Zoë", "Çelik", mobile="+49 171 3920102")
    came("Ja")
    came("Nein", "+491713920102")
    assert listed(page, f"?q={search}") == ["Nein"]


def test_it_is_sorted_and_has_pages(page: CheckedClient) -> None:
    for number in range(60):
        came(f"Text {number:02}")
    assert listed(page, "?sort=text")[0] == "Text 00"
    assert len(listed(page, "?sort=text&page=2")) == 10


def test_the_card_shows_what_came_from_any_of_the_numbers(page: CheckedClient) -> None:
    contact, other = anna(), factories.contact("Bernd", "Busch", mobile="+49 171 3920109")
    came("Von unterwegs")
    came("Aus dem Büro", "+491713920102")
    card = page.get(f"/contacts/{contact.id}").text
    assert card.index("Aus dem Büro") < card.index("Von unterwegs")
    assert "Incoming SMS" not in page.get(f"/contacts/{other.id}").text.split("<main")[1]


def test_many_have_a_page_of_their_own(page: CheckedClient) -> None:
    contact = anna()
    for number in range(12):
        came(f"Text {number:02}")
    assert f"/contacts/{contact.id}/received" in page.get(f"/contacts/{contact.id}").text
    assert "Text 00" in page.get(f"/contacts/{contact.id}/received").text
    assert page.get("/contacts/4711/received").status_code == 404


def test_a_stop_leads_to_its_answer_and_back(page: CheckedClient) -> None:
    anna()
    stopped()
    assert 'href="/campaigns/1">answered</a>' in page.get(LIST).text
    assert "Answers an SMS from" in page.get("/campaigns/1").text
    assert "Antwort auf „STOP“" in page.get("/campaigns/").text


def test_why_a_stop_was_not_answered_is_said(page: CheckedClient) -> None:
    contact = anna()
    factories.settings(stop_answer="")
    stopped()
    for url in (LIST, f"/contacts/{contact.id}"):
        assert "not answered: no answer is set" in page.get(url).text


def test_strangers_see_nothing(client: FlaskClient) -> None:
    assert client.get(LIST).status_code == 302


# ---- Settings ----


def saved(page: CheckedClient, stop_words: str, stop_answer: str) -> Any:
    return page.post("/settings/stop", data={"stop_words": stop_words, "stop_answer": stop_answer})


def stop_settings() -> tuple[list[str], str]:
    db.session.rollback()
    settings = current_settings()
    return settings.stop_words, settings.stop_answer


def test_what_nobody_can_see_is_left_out(settings_page: CheckedClient) -> None:
    saved(settings_page, "ST\x07OP", "a\x07b")
    assert stop_settings() == (["STOP"], "ab")


def test_words_and_answer_are_saved_each_word_once(settings_page: CheckedClient) -> None:
    assert saved(settings_page, " Stop \r\nnein danke\r\n\r\nSTOP!\r\n---", "Tschüss.\r\n").status_code == 303
    assert stop_settings() == (["STOP!", "nein danke"], "Tschüss.")
    assert "nein danke" in settings_page.get("/settings/").text


@pytest.mark.parametrize(
    ("stop_words", "stop_answer", "says"),
    [
        ("", "", "Please enter a word."),
        ("--", "", "Please enter 1 to 30 words"),
        ("x" * 31, "", "Please enter 1 to 30 words"),
        ("\n".join(f"w{number}" for number in range(31)), "", "Please enter 1 to 30 words"),
        ("STOP", "x" * 481, "The text is too long."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_saved(
    settings_page: CheckedClient, stop_words: str, stop_answer: str, says: str
) -> None:
    before = stop_settings()
    answer = saved(settings_page, stop_words, stop_answer)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert stop_settings() == before


@pytest.mark.parametrize("role", ["viewer", "editor", "sender"])
def test_only_administrators_change_them(role: str, request: pytest.FixtureRequest) -> None:
    assert saved(CheckedClient(request.getfixturevalue(role)), "STOP", "").status_code == 403
