"""The pages of companies."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from smsapp.contacts.company_service import save_company
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import save_contact
from smsapp.extensions import db
from tests import factories
from tests.web.checker import CheckedClient


@pytest.fixture
def pages(editor: FlaskClient) -> CheckedClient:
    return CheckedClient(editor)


def companies() -> list[Company]:
    db.session.expire_all()
    return list(db.session.query(Company).order_by(Company.id))


def value_of(page: TestResponse, name: str) -> str:
    tag = re.search(rf'<input[^>]* name="{name}"[^>]*>', page.text)
    assert tag, f"no field {name}"
    value = re.search(r' value="([^"]*)"', tag[0])
    return value[1] if value else ""


def rows(page: TestResponse) -> int:
    return page.text.count("<tr>") - page.text.count("<thead>")


def test_without_companies_the_list_offers_to_enter_one(pages: CheckedClient) -> None:
    assert "/companies/new" in pages.get("/companies/").text.split('class="empty-state"')[1]


def test_a_search_without_result_offers_all_again(pages: CheckedClient) -> None:
    factories.company()
    assert "xyz" in pages.get("/companies/?q=xyz").text.split('class="empty-state"')[1]


def test_the_list_is_searched_and_sorted_by_its_url(pages: CheckedClient) -> None:
    save_company(CompanyData(name="Alt", city="Kiel"))
    save_company(CompanyData(name="Neu", city="Kiel"))
    save_company(CompanyData(name="Fern", city="Wien"))
    page = pages.get("/companies/?q=kiel&sort=-name").text
    assert re.findall(r">(Alt|Neu|Fern)</a>", page) == ["Neu", "Alt"]


def test_htmx_gets_the_list_alone(pages: CheckedClient) -> None:
    factories.company()
    pages.get("/companies/")
    assert "<form" not in pages.fragment("/companies/?q=alt").text


def test_a_new_company_is_saved_and_shown(pages: CheckedClient) -> None:
    answer = pages.post("/companies/new", data={"name": "Alt & Söhne", "country": "DE", "website": "alt.example"})
    assert answer.status_code == 303
    page = pages.get(answer.location or "").text
    assert "Alt &amp; Söhne" in page
    assert 'href="https://alt.example"' in page


def test_a_website_that_is_a_script_is_no_link(pages: CheckedClient) -> None:
    company_id = save_company(CompanyData(name="Alt", website="javascript:alert(1)"))
    page = pages.get(f"/companies/{company_id}").text
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_the_card_lists_the_contacts(pages: CheckedClient) -> None:
    save_contact(ContactData(last_name="Alt", company="Bau AG", mobile="+491715550101"))
    save_contact(ContactData(last_name="Fremd"))
    page = pages.get(f"/companies/{companies()[0].id}")
    assert rows(page) == 1
    assert "+49 171 5550101" in page.text


def test_the_card_leads_to_a_new_contact_of_the_company(pages: CheckedClient) -> None:
    company = factories.company("Alt & Söhne")
    assert "/contacts/new?company=Alt+%26+S%C3%B6hne" in pages.get(f"/companies/{company.id}").text


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", " \0 "), ("name", "x" * 201), ("city", "x" * 101), ("phone", "1" * 61), ("country", "XX")],
)
def test_a_bad_value_is_a_message_at_its_field(pages: CheckedClient, field: str, value: str) -> None:
    answer = pages.post("/companies/new", data={"name": "Alt", "industry": "Bau", "country": "", field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert value_of(answer, "industry") == "Bau"
    assert companies() == []


def test_a_name_that_is_taken_is_refused(pages: CheckedClient) -> None:
    factories.company("Alt AG")
    other = factories.company("Neu AG")
    assert pages.post("/companies/new", data={"name": "ALT AG"}).status_code == 422
    seen = other.updated_at.isoformat()
    answer = pages.post(f"/companies/{other.id}/edit", data={"name": "alt ag", "seen": seen})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text


def test_a_second_editor_is_told_and_loses_nothing(pages: CheckedClient) -> None:
    company_id = save_company(CompanyData(name="Alt", city="Kiel"))
    seen = value_of(pages.get(f"/companies/{company_id}/edit"), "seen")
    save_company(CompanyData(name="Alt", city="Bremen"), company_id)
    data = {"name": "Alt", "city": "Lübeck", "seen": seen, "country": ""}
    answer = pages.post(f"/companies/{company_id}/edit", data=data)
    assert answer.status_code == 409
    assert value_of(answer, "city") == "Lübeck"
    assert "Bremen" in answer.text
    again = pages.post(f"/companies/{company_id}/edit", data={**data, "seen": value_of(answer, "seen")})
    assert again.status_code == 303
    assert companies()[0].city == "Lübeck"


def test_deleting_asks_and_says_how_many_contacts_it_concerns(pages: CheckedClient) -> None:
    company = factories.company()
    for _number in range(3):
        factories.contact(company=company)
    question = pages.get(f"/companies/{company.id}/delete").text.split('class="dialog-body"')[1]
    assert re.search(r">\s*3 ", question)
    assert len(companies()) == 1
    assert pages.post(f"/companies/{company.id}/delete").status_code == 303
    assert companies() == []
    assert [contact.company_id for contact in db.session.query(Contact)] == [None, None, None]


def test_names_are_suggested_while_typing(pages: CheckedClient) -> None:
    factories.company('Alt & "Söhne"')
    factories.company("Bau AG")
    options = pages.fragment("/companies/suggestions?company=sohne").text
    assert re.findall(r'value="([^"]*)"', options) == ["Alt &amp; &#34;Söhne&#34;"]


def test_a_viewer_reads_and_changes_nothing(viewer: FlaskClient) -> None:
    company = factories.company()
    for url in ("/companies/", f"/companies/{company.id}"):
        page = CheckedClient(viewer).get(url).text
        assert not re.search(r'href="[^"]*/(new|edit|delete)[^"]*"', page), url
    assert viewer.post(f"/companies/{company.id}/delete").status_code == 403


@pytest.mark.parametrize("company_id", ["99", "99999999999999999999"])
def test_a_company_that_is_not_there_is_not_found(pages: CheckedClient, company_id: str) -> None:
    assert pages.get(f"/companies/{company_id}").status_code == 404
