"""Mending numbers without country code in bulk, as the skipped list leads to it."""

import re

import pytest
from flask.testing import FlaskClient

from smsapp.contacts.data import ContactData
from smsapp.contacts.models import Contact, DataRevision
from smsapp.contacts.service import save_contact
from smsapp.extensions import db
from tests import factories
from tests.web.checker import CheckedClient


@pytest.fixture
def pages(editor: FlaskClient) -> CheckedClient:
    factories.audience()
    return CheckedClient(editor)


def url(mend: str = "", field: str = "mobile") -> str:
    return f"/contacts/numbers/mend?audience=1&field={field}&mend={mend}"


def ticks(pages: CheckedClient, mend: str) -> list[str]:
    return re.findall(r'name="number" value="([^"]*)"', pages.get(url(mend)).text)


def numbers() -> list[str | None]:
    db.session.expire_all()
    found = [contact.number("mobile") for contact in db.session.query(Contact).order_by(Contact.id)]
    return [number.e164 or number.raw if number else None for number in found]


def revision() -> int:
    db.session.expire_all()
    return db.session.get_one(DataRevision, 1).value


@pytest.mark.parametrize(
    ("way", "raw", "new"),
    [
        ("", "0171 5550101", None),
        ("DE", "0171 5550101", "+49 171 5550101"),
        ("DE", "49171 5550101", "+49 171 5550101"),
        ("FI", "045 7396000", "+358 45 7396000"),
        ("AT", "0664 1234567", "+43 664 1234567"),
        ("country", "0171 5550101", None),
    ],
)
def test_every_old_and_new_number_is_shown(pages: CheckedClient, way: str, raw: str, new: str | None) -> None:
    factories.settings(allowed_countries=["DE", "AT", "FI"])
    factories.contact(mobile=raw)
    page = pages.get(url(way)).text
    assert raw in page
    assert re.findall("<ins>(.*?)</ins>", page) == ([new] if new else [])


def test_the_contacts_own_country_decides_where_it_is_known(pages: CheckedClient) -> None:
    factories.contact(mobile="045 7396000", country="FI")
    factories.contact(mobile="0171 5550101")
    assert ticks(pages, "country") == ["1|+358 45 7396000|045 7396000"]


def test_only_ticked_numbers_are_mended_and_counted(pages: CheckedClient) -> None:
    factories.contact(mobile="0171 5550101")
    factories.contact(mobile="0171 5550102")
    before, (first, _second) = revision(), ticks(pages, "DE")
    answer = pages.post(url("DE"), data={"number": [first]}, follow_redirects=True)
    assert numbers() == ["+491715550101", "0171 5550102"]
    assert "Anna Alt" in answer.text
    assert answer.text.count("<ins>") == 1
    assert revision() == before + 1


def test_a_mended_contact_is_found_by_its_new_number(pages: CheckedClient) -> None:
    factories.contact(mobile="0171 5550101")
    pages.post(url("DE"), data={"number": ticks(pages, "DE")})
    assert "+49 171 5550101" in pages.get("/contacts/?q=%2B491715550101").text


def test_a_number_that_was_changed_meanwhile_is_left_alone(pages: CheckedClient) -> None:
    factories.contact(mobile="0171 5550101")
    ticked = ticks(pages, "DE")
    save_contact(ContactData(last_name="Alt", mobile="0171 5550199"), 1)
    before = revision()
    answer = pages.post(url("DE"), data={"number": ticked}, follow_redirects=True)
    assert numbers() == ["0171 5550199"]
    assert 'class="note note-warn"' in answer.text
    assert revision() == before


@pytest.mark.parametrize(
    "key", ["1|+49 171 5550199|0171 5550101", "x|+49 171 5550101|0171 5550101", "1", "|", "1||", ""]
)
def test_a_forged_number_changes_nothing(pages: CheckedClient, key: str) -> None:
    factories.contact(mobile="0171 5550101")
    answer = pages.post(url("DE"), data={"number": [key.replace("@", "0171 5550101")]}, follow_redirects=True)
    assert 'class="note note-warn"' in answer.text
    assert numbers() == ["0171 5550101"]


def test_nothing_ticked_is_told(pages: CheckedClient) -> None:
    factories.contact(mobile="0171 5550101")
    assert pages.post(url("DE")).status_code == 422


def test_only_contacts_of_the_audience_are_listed(pages: CheckedClient) -> None:
    factories.audience(tree={"match": "all", "children": [{"field": "last_name", "operator": "is", "value": "Busch"}]})
    factories.contact(mobile="0171 5550101")
    factories.contact("Bernd", "Busch", mobile="0171 5550102")
    page = pages.get(url("DE").replace("audience=1", "audience=2")).text
    assert "Bernd Busch" in page
    assert "Anna Alt" not in page


def test_all_numbers_in_order_is_said(pages: CheckedClient) -> None:
    factories.contact(mobile="+49 171 5550101")
    assert "empty-state" in pages.get(url("DE")).text


@pytest.mark.parametrize("query", ["", "audience=99", "audience=x", "audience=1&field=fax", f"audience={2**70}"])
def test_what_there_is_not_is_not_found(pages: CheckedClient, query: str) -> None:
    assert pages.get(f"/contacts/numbers/mend?{query}").status_code == 404


def test_who_only_reads_mends_nothing(viewer: FlaskClient) -> None:
    factories.audience()
    assert viewer.get(url()).status_code == 403
    assert viewer.post(url()).status_code == 403


def test_an_audience_leads_to_it_where_there_is_something_to_mend(pages: CheckedClient) -> None:
    factories.contact(mobile="0171 5550101", work="+49", home="+49 171 5550102")
    text = pages.get("/audiences/1").text
    assert re.findall(r"numbers/mend\?audience=1&amp;field=(\w+)", text) == ["mobile"]
