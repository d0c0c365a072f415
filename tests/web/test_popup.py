"""The popup over HTTP: what it shows, what it refuses with which status, and that "Yes" happens once."""

import re
from collections.abc import Callable, Iterator
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
from smsapp.campaigns.problems import QuotaMissing
from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.contacts.service import data_changed
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db, db_write
from smsapp.quota.models import QuotaAccount
from smsapp.settings.models import SenderName
from tests import factories
from tests.conftest import TEST_OVERRIDES
from tests.web.checker import CheckedClient

pytestmark = pytest.mark.usefixtures("invariants_hold")
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def audience(app: Flask) -> Audience:
    """Three contacts with mobile numbers, one without; module on, ten messages of quota."""
    factories.settings()
    factories.quota(10)
    for name, number in (("Anna", "101"), ("Bernd", "102"), ("Zoë", "103")):
        factories.contact(name, "Alt", mobile=f"+49 171 3920{number}")
    factories.contact("Ohne", "Nummer")
    return factories.audience("Stammkunden Hamburg")


@pytest.fixture
def popup(sender: FlaskClient, audience: Audience) -> "Popup":
    return Popup(sender, audience.id)


@pytest.fixture
def csrf_protection(app: Flask) -> Iterator[None]:
    """As it is in the product."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config.update(TEST_OVERRIDES)


class Popup:
    """A person in front of the popup."""

    def __init__(self, client: FlaskClient, audience_id: int) -> None:
        self.client = CheckedClient(client)
        self.url = f"/audiences/{audience_id}/send"

    def post(self, step: str, text: str = "Hallo {Vorname}", htmx: bool = True, **values: Any) -> Any:
        """Post the popup's form to one of its steps."""
        data = {"sender": "", "phone_field": "mobile", "text": text, "send_key": KEY, **values}
        if htmx:
            return self.client.fragment(f"{self.url}/{step}", method="POST", data=data)
        return self.client.post(f"{self.url}/{step}", data=data)

    def token(self, text: str = "Hallo {Vorname}", **values: Any) -> str:
        """What a confirmation of this text would send with "Yes"."""
        page = self.post("confirm", text, **values)
        assert page.status_code == 200, page.text
        found = re.search(r'name="token" value="([^"]+)"', page.text)
        assert found
        return found[1]


def campaigns() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Campaign.id))) or 0


def available() -> int:
    db.session.rollback()
    return db.session.get_one(QuotaAccount, 1).available


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


def test_while_the_module_is_off_there_is_no_popup(popup: Popup) -> None:
    token = popup.token()
    factories.settings(module_on=False)
    assert popup.client.fragment(popup.url).status_code == 404
    answer = popup.post("launch", token=token)
    assert answer.status_code == 404
    assert "Die SMS-Funktion ist ausgeschaltet. Es wurde nichts gesendet." in answer.text
    assert campaigns() == 0


def test_an_inactive_audience_cannot_be_sent_to(popup: Popup) -> None:
    with db_write() as session:
        session.execute(update(Audience).values(active=False))
    answer = popup.client.fragment(popup.url)
    assert answer.status_code == 422
    assert "Diese Zielgruppe ist nicht aktiv." in answer.text


def module_off() -> None:
    factories.settings(module_on=False)


def audience_off() -> None:
    with db_write() as session:
        session.execute(update(Audience).values(active=False))


def audience_archived() -> None:
    with db_write() as session:
        session.execute(update(Audience).values(archived=True))


MEANWHILE = pytest.mark.parametrize(
    ("meanwhile", "status", "said"),
    [
        (module_off, 404, "Die SMS-Funktion ist ausgeschaltet. Es wurde nichts gesendet."),
        (audience_off, 422, "Diese Zielgruppe ist nicht aktiv."),
        (audience_archived, 422, "Diese Zielgruppe ist nicht aktiv."),
    ],
)
Event = Callable[[], None]


@MEANWHILE
@pytest.mark.parametrize("step", ["figures", "preview", "tag", "substitute", "back", "skipped", "confirm", "launch"])
def test_an_error_is_a_sentence_above_the_form(
    popup: Popup, meanwhile: Event, status: int, said: str, step: str
) -> None:
    token = popup.token()
    meanwhile()
    answer = popup.post(step, token=token)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (status, "#trouble")
    assert said in answer.text
    assert "<form" not in answer.text


@MEANWHILE
def test_after_a_yes_that_cannot_be_there_is_none_to_press_again(
    popup: Popup, meanwhile: Event, status: int, said: str
) -> None:
    token = popup.token()
    meanwhile()
    assert re.search(r'<button [^>]*id="yes" disabled hx-swap-oob="true">Ja', popup.post("launch", token=token).text)


@MEANWHILE
@pytest.mark.parametrize("step", ["draft", "confirm", "skipped"])
def test_what_is_typed_is_kept_while_nothing_can_be_sent(
    popup: Popup, audience: Audience, meanwhile: Event, status: int, said: str, step: str
) -> None:
    meanwhile()
    assert popup.post(step, "Mühsam getippt").status_code == (204 if step == "draft" else status)
    assert db.session.scalars(select(Draft.text)).all() == ["Mühsam getippt"]


@MEANWHILE
@pytest.mark.parametrize("step", ["figures", "tag", "back", "skipped", "confirm", "launch", "skipped.csv"])
def test_without_javascript_the_page_still_has_all_that_was_typed(
    popup: Popup, meanwhile: Event, status: int, said: str, step: str
) -> None:
    token = popup.token()
    meanwhile()
    page = popup.post(step, "Mühsam getippt", htmx=False, token=token, phone_field="work")
    assert page.status_code == status
    assert said in page.text
    assert "Mühsam getippt</textarea>" in page.text
    assert re.search(r'<option selected value="work">', page.text)


def test_of_an_audience_that_is_gone_only_the_sentence_is_left(popup: Popup) -> None:
    with db_write() as session:
        session.execute(delete(Audience))
    for step in ("draft", "confirm", "figures"):
        answer = popup.post(step)
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, "#trouble")


@MEANWHILE
def test_a_second_yes_says_so_whatever_has_happened_since(
    popup: Popup, meanwhile: Event, status: int, said: str
) -> None:
    token = popup.token()
    popup.post("launch", token=token)
    meanwhile()
    again = popup.post("launch", token=token)
    assert again.status_code == 200
    text = popup.client.get(again.headers["HX-Redirect"]).text
    assert re.search(r"Dieser Versand wurde bereits bestätigt \(\d\d:\d\d Uhr\)\. Es wurde nichts doppelt", text)
    assert campaigns() == 1


def test_when_yes_finds_nobody_left_the_popup_says_so(popup: Popup) -> None:
    token = popup.token()
    with db_write() as session:
        session.execute(delete(PhoneNumber))
        data_changed(session)
    answer = popup.post("launch", token=token)
    assert answer.status_code == 422
    assert "Niemand kann diese Nachricht erhalten" in answer.text
    assert "Hallo {Vorname}</textarea>" in answer.text


def test_a_quota_that_is_gone_and_a_sender_that_is_gone_are_told_at_the_sender(
    popup: Popup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quota is found missing first; the confirmation worked out again finds the sender gone."""
    name = factories.sender_name()
    token = popup.token(sender=str(name.id))

    def too_small(*_args: Any) -> None:
        with db_write() as session:
            session.execute(update(SenderName).values(active=False))
        raise QuotaMissing(3, 2)

    monkeypatch.setattr("smsapp.campaigns.popup_routes.launch_campaign", too_small)
    answer = popup.post("launch", sender=str(name.id), token=token)
    assert answer.status_code == 422
    assert "Dieser Absender ist nicht mehr aktiv." in answer.text


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("step", ["confirm", "back", "figures"])
def test_a_sender_that_is_lost_stays_chosen_with_a_complaint(popup: Popup, deleted: bool, step: str) -> None:
    name = factories.sender_name("WINTERFEST")
    lose(name, deleted)
    page = popup.post(step, sender=str(name.id), htmx=False)
    assert re.search(rf'<option class="lost" selected value="{name.id}">', page.text)
    assert page.text.count("Dieser Absender ist nicht mehr aktiv. Bitte wählen Sie einen anderen.") == 1


def test_a_draft_whose_sender_is_not_active_any_more_says_so(popup: Popup) -> None:
    name = factories.sender_name("WINTERFEST")
    popup.post("draft", sender=str(name.id))
    lose(name, deleted=False)
    text = popup.client.fragment(popup.url).text
    assert re.search(rf'<option class="lost" selected value="{name.id}">WINTERFEST', text)
    assert text.count("Dieser Absender ist nicht mehr aktiv. Bitte wählen Sie einen anderen.") == 1


def test_a_sender_that_a_draft_has_chosen_cannot_be_deleted(popup: Popup, admin: FlaskClient) -> None:
    chosen, other = (factories.sender_name(name, active=False) for name in ("WINTERFEST", "FRUEHLING"))
    popup.post("draft", sender=str(chosen.id))
    for name in (chosen, other):
        admin.post(f"/settings/senders/{name.id}/delete")
    db.session.rollback()
    assert db.session.scalars(select(SenderName.name)).all() == ["WINTERFEST"]


def test_a_phone_field_that_does_not_exist_stays_chosen_with_a_complaint(popup: Popup) -> None:
    text = popup.post("confirm", phone_field="fax").text
    assert '<option class="lost" selected value="fax">' in text
    assert 'id="phone_field-error"' in text


def lose(name: SenderName, deleted: bool) -> None:
    """Deactivate or delete a sender name."""
    mine = SenderName.id == name.id
    with db_write() as session:
        session.execute(
            delete(SenderName).where(mine) if deleted else update(SenderName).where(mine).values(active=False)
        )


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_who_may_not_send_is_refused(role: str, audience: Audience, request: pytest.FixtureRequest) -> None:
    popup = Popup(request.getfixturevalue(role), audience.id)
    for step in ("figures", "confirm", "launch", "tag", "draft"):
        assert popup.post(step, token="x").status_code == 403


def test_without_the_csrf_token_nothing_happens(popup: Popup, csrf_protection: None) -> None:
    assert popup.post("launch", token="x").status_code == 400
    assert campaigns() == 0


def test_a_form_of_an_earlier_session_gets_a_new_token_and_can_be_sent(popup: Popup, csrf_protection: None) -> None:
    refused = popup.post("confirm", csrf_token="stale")
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (400, "#trouble")
    token = re.search(r'data-csrf-token="([^"]+)"', refused.text)
    assert token
    assert popup.post("confirm", csrf_token=token[1]).status_code == 200


def test_without_javascript_an_expired_form_comes_back_with_all_that_was_typed(
    popup: Popup, csrf_protection: None
) -> None:
    page = popup.post("confirm", "Mühsam getippt", htmx=False, csrf_token="stale")
    assert page.status_code == 400
    assert "Mühsam getippt</textarea>" in page.text


def test_strangers_to_sending_get_no_form_back(viewer: FlaskClient, audience: Audience, csrf_protection: None) -> None:
    page = Popup(viewer, audience.id).post("confirm", "Getippt", htmx=False)
    assert page.status_code == 403
    assert "Getippt" not in page.text


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

    with ThreadPoolExecutor(50) as pool:
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
