"""The pages of audiences: list, form, overview, contacts, sends."""

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from smsapp.audiences import queries
from smsapp.audiences.models import Audience
from smsapp.audiences.queries import Reach
from smsapp.campaigns import summary
from smsapp.campaigns.order import Composed, order_of
from smsapp.contacts.data import ContactData
from smsapp.contacts.export import csv_plain
from smsapp.contacts.service import save_contact
from smsapp.extensions import db, db_write
from tests import factories
from tests.web.checker import CheckedClient

HOSTILE = "<script>alert(1)</script>{{7*7}}%(x)s"
EVERYBODY: dict[str, Any] = {"match": "all", "children": []}


def is_vip() -> dict[str, Any]:
    return {"match": "all", "children": [{"field": "labels", "operator": "has", "value": "VIP"}]}


@pytest.fixture
def pages(editor: FlaskClient) -> CheckedClient:
    return CheckedClient(editor)


def audiences() -> list[Audience]:
    db.session.expire_all()
    return list(db.session.query(Audience).order_by(Audience.id))


def names_in(page: TestResponse) -> list[str]:
    return re.findall(r'<td class="audience-name">\s*<a href="[^"]*">([^<]*)</a>', page.text)


def seen_in(page: TestResponse) -> str:
    found = re.search(r'name="seen"[^>]* value="([^"]*)"', page.text)
    assert found
    return found[1]


def filled(**values: str) -> dict[str, str]:
    return {"name": "Stammkunden", "description": "", "owner_id": "0", "active": "y", **values}


# The list


def test_without_audiences_the_list_offers_to_make_one(pages: CheckedClient) -> None:
    assert "/audiences/new" in pages.get("/audiences/").text.split('class="empty-state"')[1]


def test_the_list_is_in_order_whatever_the_case(pages: CheckedClient) -> None:
    for name in ("beta", "Älter", "Alpha", "Zeta"):
        factories.audience(name)
    assert names_in(pages.get("/audiences/")) == ["Alpha", "Älter", "beta", "Zeta"]
    assert names_in(pages.get("/audiences/?sort=-name"))[0] == "Zeta"


def test_the_list_finds_names_and_descriptions(pages: CheckedClient) -> None:
    factories.audience("Hafen", description="Straße 100%")
    factories.audience("Stadt")
    assert names_in(pages.get("/audiences/?q=HAF")) == ["Hafen"]
    assert names_in(pages.get("/audiences/?q=STRASSE 100%25")) == ["Hafen"]
    assert "empty-state" in pages.fragment("/audiences/?q=_").text


def test_archived_audiences_are_listed_only_when_asked_for(pages: CheckedClient) -> None:
    factories.audience("Ruhend", active=False)
    factories.audience("Alt", archived=True)
    factories.audience("Neu")
    assert names_in(pages.get("/audiences/")) == ["Neu", "Ruhend"]
    for state, name in (("active", "Neu"), ("inactive", "Ruhend"), ("archived", "Alt")):
        assert names_in(pages.get(f"/audiences/?state={state}")) == [name]


def test_the_list_itself_counts_no_contacts(pages: CheckedClient) -> None:
    factories.contact(labels=("VIP",))
    factories.contact("Bernd", "Busch")
    audience = factories.audience(tree=is_vip())
    everybody = factories.audience("Alle")
    url = f"/audiences/counts?id={audience.id}&amp;id={everybody.id}"
    assert f'hx-get="{url}"' in pages.get("/audiences/?sort=-name").text
    counts = re.findall(r"(contacts-of-\d+)\".*?>(\d+)</a>", pages.fragment(url.replace("&amp;", "&")).text, re.S)
    assert counts == [(f"contacts-of-{audience.id}", "1"), (f"contacts-of-{everybody.id}", "2")]


def test_counting_passes_over_what_is_no_audience(pages: CheckedClient) -> None:
    assert pages.fragment(f"/audiences/counts?id=4711&id={2**70}&id=x").status_code == 200


def test_names_are_plain_text_everywhere(pages: CheckedClient) -> None:
    audience = factories.audience(HOSTILE, description=HOSTILE)
    for address in ("", "/conditions", "/contacts", "/campaigns", "/edit"):
        assert "<script>alert" not in pages.get(f"/audiences/{audience.id}{address}").text
    assert names_in(pages.get("/audiences/")) == ["&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}%(x)s"]


# Making and changing


def test_a_new_audience_is_everybody_and_leads_to_its_conditions(pages: CheckedClient) -> None:
    answer = pages.post("/audiences/new", data=filled(name=" Hafen ", description="Am\r\nWasser"))
    (made,) = audiences()
    assert (answer.status_code, answer.location) == (303, f"/audiences/{made.id}/conditions")
    assert (made.name, made.description, made.active, made.tree) == ("Hafen", "Am\nWasser", True, EVERYBODY)


def test_who_makes_an_audience_owns_it(pages: CheckedClient) -> None:
    assert re.search(r'<option selected value="[1-9]\d*">User', pages.get("/audiences/new").text)


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 121])
def test_a_name_that_cannot_be_kept_is_said_at_the_field(pages: CheckedClient, name: str) -> None:
    page = pages.post("/audiences/new", data=filled(name=name, description="Bleibt stehen"))
    assert page.status_code == 422
    assert 'id="name-error"' in page.text
    assert "Bleibt stehen" in page.text
    assert audiences() == []


def test_a_description_without_control_characters(pages: CheckedClient) -> None:
    page = pages.post("/audiences/new", data=filled(description="a\x00b"))
    assert page.status_code == 422
    assert 'id="description-error"' in page.text


def test_an_owner_who_does_not_exist_is_refused(pages: CheckedClient) -> None:
    assert pages.post("/audiences/new", data=filled(owner_id="4711")).status_code == 422


def test_an_audience_can_be_changed(pages: CheckedClient) -> None:
    audience = factories.audience("Alt")
    url = f"/audiences/{audience.id}/edit"
    data = {**filled(name="Neu"), "seen": seen_in(pages.get(url))}
    del data["active"]
    assert pages.post(url, data=data).status_code == 303
    (changed,) = audiences()
    assert (changed.name, changed.active) == ("Neu", False)


def test_two_people_do_not_overwrite_each_other(pages: CheckedClient) -> None:
    audience = factories.audience("Alt")
    url = f"/audiences/{audience.id}/edit"
    seen = seen_in(pages.get(url))
    assert pages.post(url, data={**filled(name="Erste"), "seen": seen}).status_code == 303
    second = pages.post(url, data={**filled(name="Zweite"), "seen": seen})
    assert second.status_code == 409
    assert 'value="Zweite"' in second.text
    assert "Erste" in second.text
    assert audiences()[0].name == "Erste"
    again = pages.post(url, data={**filled(name="Zweite"), "seen": seen_in(second)})
    assert again.status_code == 303
    assert audiences()[0].name == "Zweite"


def test_a_form_that_never_saw_the_audience_cannot_overwrite_it(pages: CheckedClient) -> None:
    audience = factories.audience("Alt")
    for seen in ("", "gestern", "9999-12-31T23:59:59+00:00"):
        assert pages.post(f"/audiences/{audience.id}/edit", data={**filled(), "seen": seen}).status_code == 409


def test_a_copy_has_the_conditions_and_its_own_name(pages: CheckedClient) -> None:
    audience = factories.audience("x" * 120, tree=is_vip(), description="Wichtig")
    answer = pages.post(f"/audiences/{audience.id}/copy")
    original, copied = audiences()
    assert answer.location == f"/audiences/{copied.id}/edit"
    assert (copied.tree, copied.description) == (original.tree, "Wichtig")
    assert copied.name != original.name
    assert len(copied.name) <= 120


def test_an_archived_audience_can_be_seen_and_restored_but_not_changed(pages: CheckedClient) -> None:
    audience = factories.audience("Alt")
    seen = seen_in(pages.get(f"/audiences/{audience.id}/edit"))
    assert pages.post(f"/audiences/{audience.id}/archive").status_code == 303
    assert "/restore" in pages.get(f"/audiences/{audience.id}").text
    assert "disabled" in pages.get(f"/audiences/{audience.id}/conditions").text
    assert pages.post(f"/audiences/{audience.id}/edit", data={**filled(name="Neu"), "seen": seen}).status_code == 422
    assert pages.post(f"/audiences/{audience.id}/restore").status_code == 303
    (restored,) = audiences()
    assert (restored.archived, restored.name) == (False, "Alt")


def test_an_audience_that_does_not_exist_is_not_found(pages: CheckedClient) -> None:
    for address in ("", "/conditions", "/contacts", "/contacts.csv", "/campaigns", "/edit"):
        assert pages.get(f"/audiences/4711{address}").status_code == 404
    assert pages.get("/audiences/99999999999").status_code == 404
    for address in ("copy", "archive", "restore", "conditions"):
        assert pages.post(f"/audiences/4711/{address}").status_code == 404


def test_viewers_look_and_change_nothing(viewer: FlaskClient) -> None:
    pages = CheckedClient(viewer)
    audience = factories.audience(tree=is_vip())
    for address in ("", "/conditions", "/contacts", "/contacts.csv", "/campaigns"):
        assert pages.get(f"/audiences/{audience.id}{address}").status_code == 200
    assert pages.get("/audiences/new").status_code == 403
    for address in ("copy", "archive", "restore", "edit", "conditions", "conditions/preview", "conditions/new-part"):
        assert pages.post(f"/audiences/{audience.id}/{address}").status_code == 403
    page = pages.get(f"/audiences/{audience.id}/conditions").text
    assert "hx-post" not in page
    assert "disabled" in page


# Figures


def test_the_overview_tells_how_many_each_phone_field_reaches(pages: CheckedClient) -> None:
    factories.contact(mobile="+49 171 5550101", work="+49 40 66969000", labels=("VIP",))
    factories.contact("Bernd", "Busch", mobile="+49 171 5550101", labels=("VIP",))
    factories.contact("Zoë", "Çelik", mobile="0171 5550102", home="+358 45 7396001", labels=("VIP",))
    factories.contact("Nie", "Gezählt", mobile="+49 171 5550103")
    figures = queries.figures(is_vip())
    assert figures.contacts == 3
    assert figures.reach["mobile"] == Reach(usable=1, without_valid=1, duplicates=1)
    assert figures.reach["work"] == Reach(usable=0, without_valid=2, duplicates=0, fixed_line=1)
    assert figures.reach["home"] == Reach(usable=1, without_valid=2, duplicates=0)
    assert queries.figures(is_vip(), ("mobile",)).reach == {"mobile": figures.reach["mobile"]}
    audience = factories.audience(tree=is_vip())
    assert "VIP" in pages.get(f"/audiences/{audience.id}").text


def test_every_page_of_an_audience_counts_a_new_contact_at_once(pages: CheckedClient) -> None:
    audience = factories.audience()
    factories.contact()
    addresses = [f"/audiences/{audience.id}{tab}" for tab in ("", "/conditions", "/contacts", "/campaigns")]
    counted = f"/audiences/counts?id={audience.id}"
    assert [count_in_tab(pages.get(address)) for address in addresses] == ["1"] * 4
    assert ">1<" in pages.fragment(counted).text
    save_contact(ContactData(last_name="Aal"))
    assert [count_in_tab(pages.get(address)) for address in addresses] == ["2"] * 4
    assert ">2<" in pages.fragment(counted).text


def count_in_tab(page: TestResponse) -> str:
    found = re.search(r'/contacts"[^>]*>\w+ <span class="count">(\d+)<', page.text)
    assert found
    return found[1]


def test_without_any_contact_nobody_is_reached(app: Flask) -> None:
    assert queries.figures(EVERYBODY, ("work",)) == queries.Figures(0, {"work": Reach()})


def test_samples_are_the_first_by_name(app: Flask) -> None:
    company = factories.company("Hafenbau AG")
    for name in ("Zander", "Çelik", "Busch", "Alt"):
        factories.contact("Anna", name, company=company if name == "Alt" else None)
    found = queries.samples(EVERYBODY)
    assert [(each.last_name, each.company) for each in found] == [
        ("Alt", "Hafenbau AG"),
        ("Busch", None),
        ("Çelik", None),
    ]


# Its contacts


def test_the_contacts_are_those_that_match(pages: CheckedClient) -> None:
    factories.contact(labels=("VIP",))
    factories.contact("Bernd", "Busch", labels=("VIP",))
    factories.contact("Zoë", "Çelik")
    audience = factories.audience(tree=is_vip())
    page = pages.get(f"/audiences/{audience.id}/contacts").text
    assert "Anna Alt" in page
    assert "Çelik" not in page
    found = pages.fragment(f"/audiences/{audience.id}/contacts?q=busch&sort=-name").text
    assert "Bernd Busch" in found
    assert "Anna Alt" not in found
    assert "empty-state" in pages.get(f"/audiences/{audience.id}/contacts?q=celik").text


def table_of(answer: TestResponse) -> list[list[str]]:
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    return [[csv_plain(cell) for cell in row] for row in csv.reader(io.StringIO(text[1:], newline=""), delimiter=";")]


def test_the_export_holds_what_the_import_understands(pages: CheckedClient, app: Flask) -> None:
    from smsapp.contacts.columns import field_of

    company = factories.company("Alt & Söhne OHG", industry="Handel")
    factories.contact(
        mobile="0049 171 5550101", company=company, labels=("VIP", "Messe"), newsletter=True, email="anna@alt.example"
    )
    factories.contact("Zoë", "Çelik", work="siehe Zentrale")
    audience = factories.audience()
    head, anna, zoe = table_of(pages.get(f"/audiences/{audience.id}/contacts.csv"))
    fields = [field_of(heading) for heading in head]
    assert None not in fields
    assert len(set(fields)) == len(fields)
    row = dict(zip(fields, anna, strict=True))
    assert (row["company"], row["industry"], row["mobile"]) == ("Alt & Söhne OHG", "Handel", "+491715550101")
    assert sorted(str(row["labels"]).split(", ")) == ["Messe", "VIP"]
    assert dict(zip(fields, zoe, strict=True))["work_phone"] == "siehe Zentrale"


def test_an_export_runs_no_formulas(pages: CheckedClient) -> None:
    factories.contact("=HYPERLINK(1)", "+1")
    audience = factories.audience()
    raw = pages.get(f"/audiences/{audience.id}/contacts.csv").get_data(as_text=True)
    assert ";'=HYPERLINK(1);" in raw
    assert ";=HYPERLINK" not in raw


# What was sent to it


def test_the_sends_are_those_to_this_audience_the_newest_first(pages: CheckedClient) -> None:
    audience, other = factories.audience(), factories.audience("Andere")
    for name, to in (("Erster", audience), ("Fremder", other), ("Zweiter", audience)):
        factories.campaign(0, name=name, audience_id=to.id)
    page = pages.get(f"/audiences/{audience.id}/campaigns").text
    assert page.index("Zweiter") < page.index("Erster")
    assert "Fremder" not in page
    overview = pages.get(f"/audiences/{audience.id}").text
    assert overview.index("Zweiter") < overview.index("Erster")


def test_the_latest_five_are_on_the_overview(pages: CheckedClient) -> None:
    audience = factories.audience()
    for number in range(7):
        factories.campaign(0, name=f"Nummer {number}", audience_id=audience.id)
    page = pages.get(f"/audiences/{audience.id}").text
    assert len(re.findall(r"Nummer \d", page)) == 5
    assert f"/audiences/{audience.id}/campaigns" in page.split("Nummer 2")[1]


def test_a_sent_audience_stays_when_its_owner_goes(pages: CheckedClient) -> None:
    owner = factories.user()
    audience = factories.audience(owner_id=owner.id)
    with db_write() as session:
        session.delete(session.get(type(owner), owner.id))
    assert pages.get(f"/audiences/{audience.id}").status_code == 200
    assert audiences()[0].owner_id is None


def test_reachable_is_whom_a_send_would_reach(app: Flask) -> None:
    """The figure beside the conditions and the popup's are one."""
    factories.settings(allowed_countries=["DE"])
    factories.contact("Anna", mobile="+49 171 3920101")
    factories.contact("Berta", mobile="+49 171 3920102", no_sms=True)
    factories.contact("Carla", mobile="+49 171 3920103")
    factories.contact("Dora", mobile="+358 40 5550104")
    factories.contact("Emma", mobile="+49 40 39200101")
    factories.contact("Frida")
    factories.contact("Gerd", mobile="+49 171 3920107")
    factories.contact("Hanna", work="+49 171 3920107", no_sms=True)
    factories.block("+491713920103")
    audience = factories.audience()
    found = queries.figures(audience.tree).reach["mobile"]
    assert found == queries.Reach(usable=1, without_valid=2, duplicates=0, fixed_line=1, not_allowed=4)
    order = order_of(db.session(), Composed(audience.id, "Hallo"))
    assert summary.figures(order).recipients == found.usable
