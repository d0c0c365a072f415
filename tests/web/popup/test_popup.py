"""The popup over HTTP: what it shows, what it refuses with which status, and that "Yes" happens once."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import delete, func, select, update

from smsapp.audiences.models import Audience
from smsapp.campaigns import words
from smsapp.campaigns.models import Draft
from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db, db_write
from smsapp.quota.models import QuotaAccount
from smsapp.settings.models import SenderName
from tests import factories
from tests.web.popup.person import KEY, Popup, available, campaigns

pytestmark = pytest.mark.usefixtures("invariants_hold")


def test_the_popup_is_a_page_without_htmx_and_a_fragment_with_it(popup: Popup) -> None:
    page = popup.client.get(popup.url)
    assert "<h1>" in page.text
    assert "<h1>" not in popup.client.fragment(popup.url).text


def test_it_shows_quota_sender_field_tags_and_counts(popup: Popup) -> None:
    text = popup.client.fragment(popup.url).text
    assert "Kontingent: 10 Nachrichten verfügbar" in text
    assert "Betreibernummer (+358 45 7396000)" in text
    assert "Mobiltelefon" in text
    assert "Kontakt: Vorname" in text
    assert "3 Empfänger" in text
    assert "1 wird übersprungen" in text


def test_a_companys_phone_is_never_offered(popup: Popup) -> None:
    factories.company("Busch KG", phone="+49 40 39200101")
    text = popup.client.fragment(popup.url).text
    assert "Firma: Telefon" not in text
    assert set(re.findall(r'value="(mobile|work|home|phone|company[^"]*)">[^<]*[Tt]elefon', text)) == {
        "mobile",
        "work",
        "home",
    }


def test_the_counter_prices_what_is_typed(popup: Popup) -> None:
    text = popup.post("figures", "x" * 161).text
    assert re.search(r"161</b> / 480", text)
    assert re.search(r"<b>6</b></dd>\s*<dt>Nachrichten gesamt", text)
    assert re.search(r"<b>4</b></dd>\s*<dt>Kontingent danach", text)


def test_the_confirmation_shows_messages_and_quota(popup: Popup) -> None:
    text = popup.post("confirm").text
    assert "Nachrichten jetzt senden?" in text
    assert "3 Empfänger" in text
    assert "3 Nachrichten" in text
    assert re.search(r"Kontingent jetzt</td><td class=\"figure\"><b>10</b>", text)
    assert "1 Kontakt wird übersprungen: 1 ohne Nummer." in text


def test_yes_sends_what_was_confirmed(popup: Popup) -> None:
    answer = popup.post("launch", token=popup.token())
    assert answer.status_code == 200
    campaign = db.session.scalars(select(Campaign)).one()
    assert answer.headers["HX-Redirect"] == f"/campaigns/{campaign.id}"
    texts = set(db.session.scalars(select(Delivery.text)))
    assert texts == {"Hallo Anna", "Hallo Bernd", "Hallo Zoë"}
    assert available() == 7


def test_without_htmx_yes_leads_to_the_sends_page(popup: Popup) -> None:
    answer = popup.post("launch", token=popup.token(), htmx=False)
    assert answer.status_code == 303
    assert re.fullmatch(r"/campaigns/\d+", answer.location)


def test_a_second_yes_sends_nothing_and_says_so(popup: Popup) -> None:
    token = popup.token()
    popup.post("launch", token=token)
    again = popup.post("launch", token=token)
    assert again.status_code == 200
    assert campaigns() == 1
    assert available() == 7
    assert "Dieser Versand wurde bereits bestätigt" in popup.client.get(again.headers["HX-Redirect"]).text


def test_going_back_and_confirming_again_is_the_same_send(popup: Popup) -> None:
    first, second = popup.token(), popup.token()
    popup.post("launch", token=first)
    popup.post("back")
    popup.post("launch", token=second)
    assert campaigns() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Bitte schreiben Sie eine Nachricht."),
        ("  \r\n ", "Bitte schreiben Sie eine Nachricht."),
        ("x" * 481, "481 Zeichen"),
        ("Hallo {Vornme}", "Meinten Sie {Vorname}?"),
        ("Hallo {", "{{"),
        ("Hallo {Vorname", "Ein Tag braucht beide, wie in {Vorname};"),
        ("Hallo {}", "keinen Namen"),
        ("Hallo\0", "Zeichen"),
    ],
)
@pytest.mark.parametrize("step", ["confirm", "launch"])
def test_a_text_that_cannot_be_sent_is_refused_at_its_field(popup: Popup, text: str, said: str, step: str) -> None:
    answer = popup.post(step, text, **({"token": popup.token()} if step == "launch" else {}))
    assert answer.status_code == 422
    assert campaigns() == 0
    if step == "confirm":
        assert said in answer.text
        assert text.replace("\0", "")[:400].strip() in answer.text


@pytest.mark.parametrize("values", [{"text": "{Vornam}"}, {"text": " "}, {"phone_field": "company"}])
def test_the_popup_that_comes_back_still_says_how_many_contacts_there_are(popup: Popup, values: Any) -> None:
    assert "Stammkunden Hamburg · 4 Kontakte" in popup.post("confirm", **values).text


def test_who_would_get_too_long_a_text_is_told_while_typing(popup: Popup) -> None:
    with db_write() as session:
        session.execute(update(Contact).where(Contact.first_name == "Anna").values(city="Hamburg"))
    note = "Bei 1 Kontakt ist der Text nach dem Ersetzen der Tags zu lang: Er wird übersprungen."
    assert note in popup.post("figures", "{Ort}" + "a" * 475).text
    assert note not in popup.post("figures", "{Ort}" + "a" * 470).text


def test_480_characters_are_fine_even_with_windows_line_ends(popup: Popup) -> None:
    assert popup.post("confirm", "x" * 470 + "\r\n" * 10).status_code == 200


@pytest.mark.parametrize("values", [{"sender": "99"}, {"sender": "x"}, {"phone_field": "fax"}, {"phone_field": ""}])
def test_a_sender_or_field_that_does_not_exist_is_refused(popup: Popup, values: dict[str, str]) -> None:
    assert popup.post("confirm", **values).status_code == 422


def test_a_sender_deactivated_meanwhile_is_refused_at_yes(popup: Popup) -> None:
    name = factories.sender_name()
    token = popup.token(sender=str(name.id))
    with db_write() as session:
        session.execute(update(SenderName).values(active=False))
    answer = popup.post("launch", sender=str(name.id), token=token)
    assert answer.status_code == 422
    assert campaigns() == 0
    assert "Hallo {Vorname}" in answer.text


def test_an_empty_audience_is_told_what_to_do(popup: Popup) -> None:
    with db_write() as session:
        session.execute(delete(Contact))
    answer = popup.post("confirm")
    assert answer.status_code == 422
    assert "Diese Zielgruppe enthält keine Kontakte." in answer.text


def test_when_everybody_is_skipped_nothing_can_be_sent(popup: Popup) -> None:
    answer = popup.post("confirm", phone_field="home")
    assert answer.status_code == 422
    assert "Niemand kann diese Nachricht erhalten" in answer.text


def test_a_quota_one_too_small_says_what_is_missing(popup: Popup) -> None:
    token = popup.token()
    with db_write() as session:
        account = session.get_one(QuotaAccount, 1)
        account.granted, account.available = 2, 2
        session.execute(update(factories.LedgerEntry).values(messages=2, available=2))
    answer = popup.post("launch", token=token)
    assert answer.status_code == 409
    assert "Es fehlt 1 Nachricht: benötigt 3, verfügbar 2." in answer.text
    assert campaigns() == 0


@pytest.mark.parametrize("token", ["", "x", "eyJh.forged.token"])
def test_a_forged_confirmation_is_refused(popup: Popup, token: str) -> None:
    assert popup.post("launch", token=token).status_code == 400
    assert campaigns() == 0


@pytest.mark.parametrize("key", ["", "x", "A" * 32, "0" * 33])
def test_a_send_key_that_no_popup_made_is_refused(popup: Popup, key: str) -> None:
    assert popup.post("confirm", send_key=key).status_code == 400


def test_another_persons_confirmation_is_refused(popup: Popup, admin: FlaskClient, audience: Audience) -> None:
    stolen = popup.token()
    assert Popup(admin, audience.id).post("launch", token=stolen).status_code == 400
    assert campaigns() == 0


def test_another_text_than_confirmed_is_not_sent(popup: Popup) -> None:
    token = popup.token("Hallo {Vorname}")
    answer = popup.post("launch", "Ganz anders", token=token)
    assert answer.status_code == 409
    assert campaigns() == 0


def test_data_changed_before_yes_comes_back_with_the_difference(popup: Popup) -> None:
    token = popup.token()
    factories.contact("Neu", "Dabei", mobile="+49 171 3920104")
    with db_write() as session:
        number = session.scalars(select(PhoneNumber).where(PhoneNumber.e164 == "+491713920101")).one()
        session.delete(number)
    answer = popup.post("launch", token=token)
    assert answer.status_code == 409
    assert "es wurde noch nichts gesendet" in answer.text
    assert "(1 neu, 1 entfallen)" in answer.text
    assert campaigns() == 0


def test_the_new_confirmation_can_be_confirmed(popup: Popup) -> None:
    token = popup.token()
    factories.contact("Neu", "Dabei", mobile="+49 171 3920104")
    fresh = re.search(r'name="token" value="([^"]+)"', popup.post("launch", token=token).text)
    assert fresh
    assert popup.post("launch", token=fresh[1]).status_code == 200
    assert available() == 6


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{7*7}}", "{Vorname}", "=HYPERLINK(1)"])
def test_hostile_names_are_plain_text(popup: Popup, name: str) -> None:
    with db_write() as session:
        session.execute(update(Contact).where(Contact.first_name == "Anna").values(first_name=name))
    text = popup.post("confirm").text
    assert "<script>alert" not in text
    popup.post("launch", token=popup.token())
    assert f"Hallo {name}" in set(db.session.scalars(select(Delivery.text)))


def test_an_empty_field_is_asked_about_and_may_stay_empty(popup: Popup) -> None:
    with db_write() as session:
        session.execute(update(Contact).where(Contact.first_name == "Anna").values(first_name=""))
    assert "Bei 1 Kontakt ist „Vorname“ leer:" in popup.post("figures").text
    assert "2 Empfänger" in popup.post("confirm").text
    assert "3 Empfänger" in popup.post("confirm", empty_first_name="leave").text
    for step in ("figures", "back"):
        shown = popup.post(step, empty_first_name="leave").text
        assert re.search(r'value="leave" checked', shown), step


def test_a_substitute_is_put_into_every_bare_tag(popup: Popup) -> None:
    values = {"substitute_for": "first_name", "substitute_first_name": "Kunde"}
    text = popup.post("substitute", "{Vorname} und {Vorname}, {Vorname|du}", **values).text
    assert re.findall(r'data-insert="([^"]+)" data-start="(\d+)"', text) == [
        ("{Vorname|Kunde}", "0"),
        ("{Vorname|Kunde}", "14"),
    ]


def test_without_javascript_a_tag_goes_to_the_end(popup: Popup) -> None:
    answer = popup.post("tag", "Hallo ", htmx=False, tag="first_name", substitute="Kunde")
    assert "Hallo {Vorname|Kunde}</textarea>" in answer.text


def test_a_substitute_with_braces_is_refused(popup: Popup) -> None:
    assert popup.post("tag", "Hallo ", tag="first_name", substitute="{x}").status_code == 422


def test_what_is_typed_is_kept_for_this_user_and_audience(popup: Popup, admin: FlaskClient, audience: Audience) -> None:
    popup.post("draft", "Mein Entwurf")
    assert "Mein Entwurf" in popup.client.fragment(popup.url).text
    assert "Mein Entwurf" not in admin.get(popup.url).text


def test_a_sent_draft_is_gone(popup: Popup) -> None:
    popup.post("launch", token=popup.token())
    assert db.session.scalar(select(func.count(Draft.id))) == 0


def test_the_skipped_are_listed_in_the_chosen_order(popup: Popup) -> None:
    factories.contact("Ada", "Nummernlos")
    for sort, first in (("", "Ohne"), ("name", "Ada"), ("nonsense", "Ohne")):
        page = popup.post("skipped", sort=sort).text
        assert (page.index("Ohne") < page.index("Ada")) == (first == "Ohne"), sort


def test_the_skipped_can_be_downloaded_with_their_reasons(popup: Popup) -> None:
    table = popup.client.client.post(
        f"{popup.url}/skipped.csv", data={"phone_field": "mobile", "text": "x", "send_key": KEY}
    ).text
    assert "Ohne Nummer;;ohne Nummer" in table.replace("keine Nummer", "ohne Nummer")


def test_the_same_text_again_today_is_mentioned(popup: Popup) -> None:
    popup.post("launch", token=popup.token())
    other = "f" * 32
    text = popup.post("confirm", send_key=other).text
    assert "schon an diese Zielgruppe (3 Empfänger)" in text


def test_an_audience_that_does_not_exist_is_not_found(popup: Popup) -> None:
    assert popup.client.fragment("/audiences/999/send").status_code == 404


def test_fifty_yes_at_once_are_one_send(app: Flask, popup: Popup) -> None:
    token = popup.token()
    cookies = [popup.client.client.get_cookie("smsapp")]
    data = {"sender": "", "phone_field": "mobile", "text": "Hallo {Vorname}", "send_key": KEY, "token": token}

    def say_yes(_: int) -> str:
        client = app.test_client()
        for cookie in cookies:
            assert cookie
            client.set_cookie("smsapp", cookie.value)
        return str(client.post(f"{popup.url}/launch", data=data).location)

    with ThreadPoolExecutor(7) as pool:  # a request holds up to two of the fifteen connections that a process has
        places = set(pool.map(say_yes, range(50)))
    assert campaigns() == 1
    assert places == {f"/campaigns/{db.session.scalars(select(Campaign.id)).one()}"}
    assert available() == 7


def test_more_parts_than_billed_are_told_exactly(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        one = words.more_parts_sentence({(1, 2): 1}, "ë")
        several = words.more_parts_sentence({(1, 2): 3, (3, 4): 2})
    assert one == "For 1 recipient 2 instead of 1 part (characters: ë). 1 message is billed."
    assert several == (
        "For 3 recipients 2 instead of 1 part, for 2 recipients 4 instead of 3 parts. 9 messages are billed."
    )
