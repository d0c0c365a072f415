"""The pages of contacts."""

import re

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.test import TestResponse

from smsapp.contacts.data import ContactData
from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import block_number, save_contact, set_no_sms
from smsapp.delivery.models import Delivery
from smsapp.extensions import db, db_write
from tests import factories
from tests.web.checker import CheckedClient

MOBILE = "+491715550101"
HOSTILE = ("<script>alert(1)</script>", "{{1234*5678}}", "{Vorname}", "%s", "=HYPERLINK(1)", "' OR 1=1 --", "😀" * 30)


@pytest.fixture
def pages(editor: FlaskClient) -> CheckedClient:
    return CheckedClient(editor)


def filled(**values: str) -> dict[str, str]:
    return {"salutation": "", "language": "", "country": "", "newsletter": "", "consent": "unknown", **values}


def value_of(page: TestResponse, name: str) -> str:
    """What a text field of the page holds."""
    tag = re.search(rf'<input[^>]* name="{name}"[^>]*>', page.text)
    assert tag, f"no field {name}"
    value = re.search(r' value="([^"]*)"', tag[0])
    return value[1] if value else ""


def contacts() -> list[Contact]:
    db.session.expire_all()
    return list(db.session.query(Contact).order_by(Contact.id))


def create(pages: CheckedClient, **values: str) -> TestResponse:
    return pages.post("/contacts/new", data=filled(**values))


def rows(page: TestResponse) -> int:
    return page.text.count("<tr>") - page.text.count("<thead>")


# The list


def test_without_contacts_the_list_offers_to_import_some(pages: CheckedClient) -> None:
    assert "/imports/" in pages.get("/contacts/").text.split('class="empty-state"')[1]


def test_a_search_without_result_offers_all_again(pages: CheckedClient) -> None:
    factories.contact()
    page = pages.get("/contacts/?q=xyz").text
    assert "xyz" in page.split('class="empty-state"')[1]


def test_the_list_shows_number_labels_and_status(pages: CheckedClient) -> None:
    save_contact(ContactData(last_name="Alt", mobile="0049171 5550101", labels=("VIP",), no_sms=True))
    block_number(MOBILE, "Wunsch", None)
    page = pages.get("/contacts/").text
    assert "+49 171 5550101" in page
    assert page.count("badge-warn") == page.count("badge-bad") == 1
    assert '<span class="badge badge-plain">VIP</span>' in page


def test_the_list_shows_a_numbers_problem(pages: CheckedClient) -> None:
    save_contact(ContactData(last_name="Alt", mobile="0171 5550101"))
    assert "badge-warn" in pages.get("/contacts/").text


def test_a_page_has_fifty_contacts(pages: CheckedClient) -> None:
    for number in range(51):
        factories.contact(last_name=f"P{number:02}")
    assert rows(pages.get("/contacts/")) == 50
    assert rows(pages.get("/contacts/?page=2")) == 1


def test_the_next_page_keeps_search_and_order(pages: CheckedClient) -> None:
    for number in range(51):
        factories.contact(last_name=f"Alt{number:02}")
    page = pages.get("/contacts/?q=alt&sort=-name").text
    assert "/contacts/?q=alt&amp;sort=-name&amp;page=2" in page


def test_a_label_in_the_url_filters(pages: CheckedClient) -> None:
    mine = factories.contact(last_name="Mit", labels=("VIP",))
    factories.contact(last_name="Ohne", labels=("Messe",))
    page = pages.get(f"/contacts/?label={mine.labels[0].id}")
    assert rows(page) == 1
    assert "selected" in page.text


@pytest.mark.parametrize("query", ["sort=nope", "label=x", "label=99999999999999999999", "page=-1", "page=x", "q=%00"])
def test_a_strange_query_is_no_error(pages: CheckedClient, query: str) -> None:
    factories.contact()
    assert rows(pages.get(f"/contacts/?{query}")) == 1


def test_htmx_gets_the_list_alone(pages: CheckedClient) -> None:
    factories.contact()
    pages.get("/contacts/")
    fragment = pages.fragment("/contacts/?q=alt").text
    assert "<table" in fragment
    assert "<form" not in fragment


def test_a_viewer_reads_and_changes_nothing(viewer: FlaskClient) -> None:
    contact = factories.contact(mobile=MOBILE)
    for url in ("/contacts/", f"/contacts/{contact.id}"):
        page = CheckedClient(viewer).get(url).text
        assert not re.search(r'href="[^"]*/(new|edit|delete|no-sms|imports/)[^"]*"', page), url
    assert viewer.post(f"/contacts/{contact.id}/delete").status_code == 403


# The card


def test_the_card_shows_each_number_or_its_problem(pages: CheckedClient) -> None:
    data = ContactData(last_name="Alt", country="DE", mobile="0049171 5550101", work="040 3741120", home="+49 171 1")
    page = pages.get(f"/contacts/{save_contact(data)}").text
    assert "+49 171 5550101" in page
    assert "+49 40 3741120" in page
    assert page.count("badge-warn") == page.count("badge-bad") == 1


def test_the_card_tells_why_a_fixed_line_gets_nothing(pages: CheckedClient) -> None:
    page = pages.get(f"/contacts/{save_contact(ContactData(last_name='Alt', work='+49 40 3741120'))}").text
    assert page.count("badge-warn") == 1


def test_the_card_warns_of_a_country_that_is_switched_off(pages: CheckedClient) -> None:
    contact_id = save_contact(ContactData(last_name="Alt", mobile=MOBILE))
    assert "badge-good" in pages.get(f"/contacts/{contact_id}").text
    factories.settings(allowed_countries=["FI"])
    assert "badge-good" not in pages.get(f"/contacts/{contact_id}").text


def test_the_card_names_block_and_no_sms_with_their_reasons(pages: CheckedClient) -> None:
    contact_id = save_contact(ContactData(last_name="Alt", mobile=MOBILE))
    block_number(MOBILE, "Beschwerde", None)
    set_no_sms(contact_id, True, "Wunsch")
    page = pages.get(f"/contacts/{contact_id}").text
    assert "Beschwerde" in page
    assert "Wunsch" in page


def test_the_card_lists_what_was_sent_newest_first_and_leads_to_the_rest(pages: CheckedClient) -> None:
    contact_id = save_contact(ContactData(last_name="Alt", mobile=MOBILE))
    for number in range(11):
        sent_to(contact_id, f"Versand-{number:02}")
    card = pages.get(f"/contacts/{contact_id}").text
    assert re.findall(r"Versand-\d\d(?=</a>)", card) == [f"Versand-{number:02}" for number in range(10, 0, -1)]
    assert re.findall(r'class="sent-text">(.*?)<', card) == ["Hallo! 0"] * 10
    assert f'href="/contacts/{contact_id}/messages"' in card
    assert "Versand-00" in pages.get(f"/contacts/{contact_id}/messages").text


def sent_to(contact_id: int, name: str) -> None:
    campaign = factories.campaign(1, name=name)
    with db_write() as session:
        session.query(Delivery).filter_by(campaign_id=campaign.id).update({"contact_id": contact_id})


@pytest.mark.parametrize("contact_id", ["99", "0", "99999999999999999999"])
def test_a_contact_that_is_not_there_is_not_found(pages: CheckedClient, contact_id: str) -> None:
    assert pages.get(f"/contacts/{contact_id}").status_code == 404


# Creating and editing


def test_a_new_contact_is_saved_and_shown(pages: CheckedClient) -> None:
    answer = create(pages, salutation="ms", first_name="Zoë", last_name="Çelik", mobile=MOBILE, newsletter="yes")
    assert answer.status_code == 303
    (contact,) = contacts()
    assert answer.location == f"/contacts/{contact.id}"
    assert (contact.full_name, contact.newsletter, contact.letter_greeting) == (
        "Zoë Çelik",
        True,
        "Sehr geehrte Frau Çelik",
    )


def test_every_field_comes_back_in_the_form(pages: CheckedClient) -> None:
    create(
        pages,
        **filled(
            first_name="Zoë",
            last_name="Çelik",
            company="Hafenbau AG",
            job_title="Chefin",
            email="zoe@example.org",
            birthday="1980-05-17",
            street="Kai 7",
            postcode="20457",
            city="Hamburg",
            mobile="0171 5550101",
            work="+49 40 3741120",
            home="privat",
            no_sms="y",
            no_sms_reason="Wunsch",
            consent_on="2026-01-03",
            consent_source="Messe",
            labels="VIP, Messe 2026",
        ),
    )
    before = ContactData.of(contacts()[0])
    form = pages.get("/contacts/1/edit")
    names = [name for name in re.findall(r'<input[^>]* name="(\w+)"', form.text) if name != "csrf_token"]
    posted = filled(**{name: value_of(form, name) for name in names})
    assert pages.post("/contacts/1/edit", data=posted).status_code == 303
    assert ContactData.of(contacts()[0]) == before


def test_the_form_of_a_company_names_it(pages: CheckedClient) -> None:
    assert value_of(pages.get("/contacts/new?company=Hafenbau+AG"), "company") == "Hafenbau AG"


def test_a_new_companys_name_makes_it_and_says_so(pages: CheckedClient) -> None:
    location = create(pages, last_name="Alt", company="Neu AG").location
    assert location
    assert "Neu AG" in pages.get(location).text.split("<h1>")[0].split("note-info")[1]


def test_a_known_companys_name_makes_none(pages: CheckedClient) -> None:
    factories.company("Alt AG")
    location = create(pages, last_name="Alt", company="alt ag").location
    assert location
    assert "note-info" not in pages.get(location).text
    assert db.session.query(Company).count() == 1


def test_a_number_without_country_code_is_saved_with_a_warning(pages: CheckedClient) -> None:
    answer = create(pages, last_name="Alt", mobile="0171 5550101")
    assert answer.status_code == 303
    assert "note-warn" in pages.get(answer.location or "").text
    number = contacts()[0].number("mobile")
    assert number and number.raw == "0171 5550101"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("last_name", "x" * 101),
        ("last_name", ""),
        ("email", "nix"),
        ("birthday", "2999-01-01"),
        ("birthday", "1.2.99"),
        ("consent_on", "gestern"),
        ("mobile", "1" * 10_000),
        ("labels", "x" * 61),
        ("labels", ",".join(map(str, range(51)))),
        ("consent", "perhaps"),
        ("country", "XX"),
        ("salutation", "dr"),
        ("newsletter", "perhaps"),
    ],
)
def test_a_bad_value_is_a_message_at_its_field(pages: CheckedClient, field: str, value: str) -> None:
    answer = create(pages, **{"last_name": "Alt", "city": "Kiel", field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert value_of(answer, "city") == "Kiel"
    assert contacts() == []


def test_what_was_typed_wrongly_is_still_there(pages: CheckedClient) -> None:
    assert value_of(create(pages, last_name="Alt", email="nix"), "email") == "nix"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_plain_text_everywhere(pages: CheckedClient, hostile: str) -> None:
    fields = ("first_name", "last_name", "job_title", "city", "street", "company", "labels", "consent_source")
    answer = create(pages, **dict.fromkeys(fields, hostile))
    assert answer.status_code == 303
    for url in ("/contacts/", answer.location or "", "/contacts/1/edit", "/contacts/1/delete", "/companies/1"):
        page = pages.get(url).text
        assert str(escape(hostile)) in page
        assert "<script>alert" not in page
        assert "7006652" not in page


def test_control_characters_are_removed_and_reported(pages: CheckedClient) -> None:
    location = create(pages, last_name="A\0l\x1bt").location
    assert location
    assert "note-warn" in pages.get(location).text
    assert contacts()[0].last_name == "Alt"


def test_ten_thousand_characters_are_no_server_error(pages: CheckedClient) -> None:
    names = ("first_name", "last_name", "company", "email", "street", "consent_source", "no_sms_reason", "labels")
    assert create(pages, **dict.fromkeys(names, "ä" * 10_000)).status_code == 422


# Two editors


def test_a_second_editor_is_told_and_loses_nothing(pages: CheckedClient) -> None:
    contact_id = save_contact(ContactData(last_name="Alt", city="Kiel"))
    seen = value_of(pages.get(f"/contacts/{contact_id}/edit"), "seen")
    save_contact(ContactData(last_name="Alt", city="Bremen"), contact_id)
    answer = pages.post(f"/contacts/{contact_id}/edit", data=filled(last_name="Alt", city="Lübeck", seen=seen))
    assert answer.status_code == 409
    assert value_of(answer, "city") == "Lübeck"
    assert "Bremen" in answer.text
    assert contacts()[0].city == "Bremen"


def test_the_second_editor_may_insist(pages: CheckedClient) -> None:
    contact_id = save_contact(ContactData(last_name="Alt", city="Kiel"))
    url = f"/contacts/{contact_id}/edit"
    answer = pages.post(url, data=filled(last_name="Alt", city="Lübeck", seen="2026-01-01T00:00:00+00:00"))
    assert answer.status_code == 409
    again = pages.post(url, data=filled(last_name="Alt", city="Lübeck", seen=value_of(answer, "seen")))
    assert again.status_code == 303
    assert contacts()[0].city == "Lübeck"


@pytest.mark.parametrize("seen", ["", "gestern", "9999-99-99", "0001-01-01T00:00:00+23:59"])
def test_a_form_that_saw_nothing_is_stale(pages: CheckedClient, seen: str) -> None:
    contact_id = save_contact(ContactData(last_name="Alt"))
    assert pages.post(f"/contacts/{contact_id}/edit", data=filled(last_name="Neu", seen=seen)).status_code == 409


# What a number means, while typing


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0049 (0)171 5550101", "+49 171 5550101"),
        ("0171 5550101", "+49 171 5550101"),
        ("+49 171 1", "badge-bad"),
        ("+49 40 3741120", "badge-warn"),
        ("", "+49 171 5550101"),
        ("<b>", "badge-bad"),
        ("1" * 10_000, "badge-bad"),
    ],
)
def test_the_hint_understands_what_is_typed(pages: CheckedClient, typed: str, shown: str) -> None:
    pages.get("/contacts/new")
    hint = pages.fragment("/contacts/number-hint/mobile", query_string={"mobile": typed, "country": "DE"})
    assert shown in hint.text


def test_the_hint_proposes_the_contacts_country(pages: CheckedClient) -> None:
    hint = pages.fragment("/contacts/number-hint/work?work=0664+5550101&country=AT").text
    assert "+43 664 5550101" in hint


def test_there_is_no_hint_for_other_fields(pages: CheckedClient) -> None:
    assert pages.get("/contacts/number-hint/fax?fax=1").status_code == 404


# Deleting, and marking


def test_deleting_asks_first(pages: CheckedClient) -> None:
    contact = factories.contact()
    pages.get(f"/contacts/{contact.id}")
    assert "<form" in pages.fragment(f"/contacts/{contact.id}/delete").text
    assert len(contacts()) == 1
    assert pages.post(f"/contacts/{contact.id}/delete").status_code == 303
    assert contacts() == []


def test_the_question_says_what_stays(pages: CheckedClient) -> None:
    contact = factories.contact()
    before = pages.get(f"/contacts/{contact.id}/delete").text
    sent_to(contact.id, "Versand")
    assert len(pages.get(f"/contacts/{contact.id}/delete").text) > len(before)


def test_what_was_sent_to_a_deleted_contact_stays_on_record(pages: CheckedClient) -> None:
    contact = factories.contact()
    sent_to(contact.id, "Versand")
    pages.post(f"/contacts/{contact.id}/delete")
    assert db.session.query(Delivery).filter_by(contact_id=contact.id).count() == 1


def test_no_sms_is_set_with_a_reason_and_taken_away(pages: CheckedClient) -> None:
    contact = factories.contact()
    url = f"/contacts/{contact.id}/no-sms"
    assert pages.post(url, data={"on": "1", "no_sms_reason": "Wunsch"}).location == f"/contacts/{contact.id}"
    assert (contacts()[0].no_sms, contacts()[0].no_sms_reason) == (True, "Wunsch")
    pages.post(url)
    assert contacts()[0].no_sms is False


def test_a_reason_that_is_too_long_stays_in_the_dialog(pages: CheckedClient) -> None:
    contact = factories.contact()
    pages.get(f"/contacts/{contact.id}")
    url = f"/contacts/{contact.id}/no-sms"
    answer = pages.fragment(url, "POST", data={"on": "1", "no_sms_reason": "x" * 201})
    assert answer.status_code == 422
    assert value_of(answer, "no_sms_reason") == "x" * 201
    assert contacts()[0].no_sms is False


def test_htmx_leaves_the_dialog_when_it_is_done(pages: CheckedClient) -> None:
    contact = factories.contact()
    answer = pages.fragment(f"/contacts/{contact.id}/no-sms", "POST", data={"on": "1"})
    assert answer.headers["HX-Redirect"] == f"/contacts/{contact.id}"
