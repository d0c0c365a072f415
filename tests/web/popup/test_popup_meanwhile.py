"""What was there when the popup opened and is not any more: the module, the audience, recipients, the sender."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from smsapp.audiences.models import Audience
from smsapp.campaigns.models import Draft
from smsapp.campaigns.problems import QuotaMissing
from smsapp.contacts.models import PhoneNumber
from smsapp.contacts.service import data_changed
from smsapp.extensions import db, db_write
from smsapp.settings.models import SenderName
from tests import factories
from tests.web.popup.person import Popup, campaigns

pytestmark = pytest.mark.usefixtures("invariants_hold")


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


@pytest.mark.parametrize("setting", [{"operator_number": "+358457396001"}, {"billing_rule": "network_segments"}])
def test_where_only_the_sender_or_a_rule_has_changed_the_difference_is_named(popup: Popup, setting: Any) -> None:
    token = popup.token()
    factories.settings(**setting)
    answer = popup.post("launch", token=token)
    assert answer.status_code == 409
    assert "Die Summen sind gleich; " in answer.text
    assert "der Absender oder eine Einstellung ist anders." in answer.text


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
