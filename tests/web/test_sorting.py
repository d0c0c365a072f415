"""Every table with pages sorts by every column, on both databases, and keeps that in its address."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from smsapp.audiences.models import Audience
from smsapp.delivery.models import Campaign
from smsapp.extensions import db
from tests import factories
from tests.conftest import logged_in
from tests.web.checker import CheckingClient
from tests.web.test_pages import make_sample

UNSORTED = {"", "Aktionen", "Bereinigen", "Neu"}  # the new number follows the old one's order
LISTS = (
    *(
        "/contacts/",
        "/contacts/1/messages",
        "/contacts/numbers/mend?audience={everybody}",
        "/companies/",
        "/companies/1",
    ),
    *("/audiences/", "/audiences/{everybody}/contacts", "/audiences/{audience}/campaigns", "/campaigns/"),
    *("/campaigns/{send}", "/campaigns/{send}/skipped", "/campaigns/{send}/ledger", "/quota/", "/imports/"),
    *(
        "/imports/2?show=created",
        "/imports/2?show=rejected",
        "/imports/2/numbers",
        "/block-list/",
        "/templates/",
        "/users/",
    ),
)


def words_in(element: Element) -> str:
    return " ".join("".join(element.itertext()).split()).rstrip(" ↑↓")


def sorted_tables(client: FlaskClient) -> Iterator[Element]:
    assert isinstance(client, CheckingClient)
    assert client.root is not None
    return (table for table in client.root.iter("table") if table.find("thead"))


def rows(client: FlaskClient) -> list[str]:
    return [words_in(row) for table in sorted_tables(client) for row in table.iter("tr") if row.find("td") is not None]


def test_every_column_of_every_list_sorts(any_app: Flask) -> None:
    make_sample()
    client = logged_in(any_app, "admin")
    send, audience = db.session.execute(select(Campaign.id, Campaign.audience_id).filter_by(state="sending")).one()
    everybody = db.session.scalars(select(Audience.id).filter_by(name="Alle")).one()
    for pattern in LISTS:
        url = pattern.format(send=send, audience=audience, everybody=everybody)
        assert client.get(url).status_code == 200, url
        usual = sorted(rows(client))
        assert usual, url
        heads = [head for table in sorted_tables(client) for head in table.iter("th")]
        links = [head.find("a") for head in heads]
        assert {words_in(head) for head, link in zip(heads, links, strict=True) if link is None} <= UNSORTED, url
        for link in [each.get("href") for each in links if each is not None]:
            for address in {link, re.sub("sort=-?", "sort=-", link)}:
                assert client.get(address).status_code == 200, address
                assert sorted(rows(client)) == usual, address
                assert any(head.get("aria-sort") for table in sorted_tables(client) for head in table.iter("th")), (
                    address
                )


def test_the_order_is_that_of_the_column(app: Flask, admin: FlaskClient) -> None:
    make_sample()
    for url, first, last in (
        ("/campaigns/?sort=name", "Versand cancelled", "Versand waiting"),
        ("/imports/?sort=-created", "kontakte.csv abgeschlossen", "kontakte.csv hochgeladen"),
        ("/imports/2?show=created&sort=-name", "Berta", "Berta"),
        ("/quota/?sort=kind", "zugeteilt", "reserviert"),
    ):
        admin.get(url)
        found = rows(admin)
        assert first in found[0], url
        assert last in found[-1], url


def test_a_list_below_a_form_that_was_refused_is_turned_over_where_it_belongs(admin: FlaskClient) -> None:
    factories.quota(5)
    page = admin.post("/quota/grant", data={"grant-messages": "x"})
    assert page.status_code == 422
    assert 'href="/quota/?sort=messages"' in page.text


def test_audiences_are_sorted_by_how_many_contacts_they_have(admin: FlaskClient) -> None:
    factories.contact(city="Ulm")
    factories.audience("Alle")
    factories.audience("Keine", {"match": "all", "children": [{"field": "city", "operator": "is", "value": "Bonn"}]})
    for sort, first in (("contacts", "Keine"), ("-contacts", "Alle")):
        admin.get(f"/audiences/?sort={sort}")
        assert rows(admin)[0].startswith(first)
