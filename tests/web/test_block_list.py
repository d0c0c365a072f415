"""The block list."""

import re

import pytest
from flask.testing import FlaskClient

from smsapp.accounts.models import User
from smsapp.contacts.data import ContactData
from smsapp.contacts.models import Block
from smsapp.contacts.service import save_contact
from smsapp.delivery.incoming import Arrived, store
from smsapp.extensions import db
from tests import factories
from tests.web.checker import CheckedClient

MOBILE = "+491715550101"


@pytest.fixture
def pages(editor: FlaskClient) -> CheckedClient:
    return CheckedClient(editor)


def blocks() -> list[Block]:
    db.session.expire_all()
    return list(db.session.query(Block).order_by(Block.id))


def test_an_empty_list_says_so(pages: CheckedClient) -> None:
    assert 'class="empty-state"' in pages.get("/block-list/").text


def test_the_list_shows_number_reason_person_and_contact(pages: CheckedClient) -> None:
    contact = factories.contact(last_name="Alt", mobile=MOBILE)
    pages.post("/block-list/new", data={"number": MOBILE, "reason": "Beschwerde"})
    page = pages.get("/block-list/").text
    assert "+49 171 5550101" in page
    assert "Beschwerde" in page
    assert f'href="/contacts/{contact.id}"' in page
    assert f"<td>{db.session.query(User.name).scalar()}</td>" in page


def test_of_very_many_with_one_number_a_few_are_named_and_all_are_found(pages: CheckedClient) -> None:
    for number in range(12):
        save_contact(ContactData(first_name=f"Vor{number:02}", last_name="Zentrale", work="+494012345678"))
    factories.block("+494012345678")
    store("simulator", Arrived("+494012345678", "+358457396000", "Danke"))
    for page in ("/block-list/", "/campaigns/incoming/"):
        named = re.findall(r"Vor\d\d", pages.get(page).text)
        assert named == [f"Vor{number:02}" for number in range(10)], page
        found = re.search(r'href="([^"]*)">alle mit dieser Nummer', pages.get(page).text)
        assert found
        assert len(set(re.findall(r"Vor\d\d", pages.get(found[1]).text))) == 12


def test_the_list_is_searched(pages: CheckedClient) -> None:
    factories.block(MOBILE, "Beschwerde")
    factories.block("+358457396001", "Wunsch")
    page = pages.get("/block-list/?q=0171").text
    assert "Beschwerde" in page
    assert "Wunsch" not in page
    assert "xyz" in pages.get("/block-list/?q=xyz").text.split('class="empty-state"')[1]


def test_htmx_gets_the_list_alone(pages: CheckedClient) -> None:
    factories.block(MOBILE)
    pages.get("/block-list/")
    assert "<form" not in pages.fragment("/block-list/?q=wunsch").text


@pytest.mark.parametrize("role", ["editor", "sender", "admin"])
def test_whoever_edits_or_sends_may_block(role: str, request: pytest.FixtureRequest) -> None:
    client = CheckedClient(request.getfixturevalue(role))
    answer = client.post("/block-list/new", data={"number": "0049 171 5550101", "reason": "Wunsch"})
    assert answer.status_code == 303
    assert [(block.e164, block.reason) for block in blocks()] == [(MOBILE, "Wunsch")]


def test_a_viewer_may_not_block(viewer: FlaskClient) -> None:
    assert viewer.post("/block-list/new", data={"number": MOBILE, "reason": "Wunsch"}).status_code == 403
    assert "/block-list/new" not in viewer.get("/block-list/").text


def test_blocking_from_a_card_leads_back_to_it(pages: CheckedClient) -> None:
    contact = factories.contact(mobile=MOBILE)
    card = pages.get(f"/contacts/{contact.id}").text
    url = re.search(r'hx-get="(/block-list/new[^"]*)"', card)
    assert url
    address = url[1].replace("&amp;", "&")
    dialog = pages.fragment(address).text
    assert f'value="{MOBILE}"' in dialog
    answer = pages.fragment(address, "POST", data={"number": MOBILE, "reason": "Wunsch"})
    assert answer.headers["HX-Redirect"] == f"/contacts/{contact.id}"


@pytest.mark.parametrize("contact", ["x", "-1", "99999999999999999999"])
def test_a_strange_way_back_leads_to_the_list(pages: CheckedClient, contact: str) -> None:
    answer = pages.post(f"/block-list/new?contact={contact}", data={"number": MOBILE, "reason": "Wunsch"})
    assert answer.location == "/block-list/"


@pytest.mark.parametrize("number", ["", "0171 5550101", "+49 171 1", "egal", "+" * 10_000])
def test_only_a_full_number_is_blocked(pages: CheckedClient, number: str) -> None:
    answer = pages.post("/block-list/new", data={"number": number, "reason": "Wunsch"})
    assert answer.status_code == 422
    assert 'id="number-error"' in answer.text
    assert 'value="Wunsch"' in answer.text
    assert blocks() == []


@pytest.mark.parametrize("reason", ["", "  ", "\0", "x" * 201])
def test_blocking_needs_a_reason_of_some_length(pages: CheckedClient, reason: str) -> None:
    answer = pages.post("/block-list/new", data={"number": MOBILE, "reason": reason})
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert blocks() == []


def test_a_number_is_blocked_only_once(pages: CheckedClient) -> None:
    factories.block(MOBILE, "zuerst")
    answer = pages.post("/block-list/new", data={"number": MOBILE, "reason": "noch einmal"})
    assert answer.status_code == 422
    assert 'id="number-error"' in answer.text
    assert [block.reason for block in blocks()] == ["zuerst"]


@pytest.mark.parametrize("role", ["editor", "sender"])
def test_only_administrators_remove(role: str, request: pytest.FixtureRequest) -> None:
    client: FlaskClient = request.getfixturevalue(role)
    entry = factories.block(MOBILE)
    contact = factories.contact(mobile=MOBILE)
    for url in ("/block-list/", f"/contacts/{contact.id}"):
        assert f"/block-list/{entry.id}/remove" not in client.get(url).text
    assert client.post(f"/block-list/{entry.id}/remove").status_code == 403
    assert len(blocks()) == 1


def test_an_administrator_removes_after_a_question(admin: FlaskClient) -> None:
    pages = CheckedClient(admin)
    entry = factories.block(MOBILE, "Beschwerde")
    pages.get("/block-list/")
    assert "Beschwerde" in pages.fragment(f"/block-list/{entry.id}/remove").text
    assert len(blocks()) == 1
    assert pages.post(f"/block-list/{entry.id}/remove").location == "/block-list/"
    assert blocks() == []


def test_removing_from_a_card_leads_back_to_it(admin: FlaskClient) -> None:
    entry = factories.block(MOBILE)
    contact = factories.contact(mobile=MOBILE)
    answer = admin.post(f"/block-list/{entry.id}/remove?contact={contact.id}")
    assert answer.location == f"/contacts/{contact.id}"


def test_a_removed_entry_is_not_found(admin: FlaskClient) -> None:
    assert admin.post("/block-list/99/remove").status_code == 404


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{7*7}}", "{Vorname}"])
def test_a_hostile_reason_is_plain_text(pages: CheckedClient, hostile: str) -> None:
    pages.post("/block-list/new", data={"number": MOBILE, "reason": hostile})
    page = pages.get("/block-list/").text
    assert "<script>alert" not in page
    assert blocks()[0].reason == hostile


def test_a_contacts_card_offers_its_numbers_to_block(editor: FlaskClient) -> None:
    contact = factories.contact(mobile="+49 171 5550101", work="+49 171 5550102", home="0171 5550103")
    factories.block("+491715550102")
    card = editor.get(f"/contacts/{contact.id}").text
    assert f'href="/block-list/new?contact={contact.id}"' in card
    page = editor.get(f"/block-list/new?contact={contact.id}").text
    assert re.findall(r'<option value="([^"]*)"', page) == ["+491715550101"]


def test_a_number_chosen_on_the_card_is_blocked_with_its_reason(editor: FlaskClient) -> None:
    contact = factories.contact(mobile="+49 171 5550101")
    url = f"/block-list/new?contact={contact.id}"
    assert editor.post(url, data={"number": "+491715550101", "reason": ""}).status_code == 422
    answer = editor.post(url, data={"number": "+491715550101", "reason": "hat angerufen"})
    assert answer.location == f"/contacts/{contact.id}"
    assert "hat angerufen" in editor.get(answer.location).text
    assert "new?contact" not in editor.get(answer.location).text
