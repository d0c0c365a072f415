"""NUL and its like in addresses and forms: no page falls over, on either database."""

import re
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from smsapp.extensions import db
from tests import factories
from tests.conftest import logged_in
from tests.web.checker import CONTROLS, CheckingClient
from tests.web.test_pages import make_sample

ARGUMENTS = ("q", "sort", "state", "label", "page", "field", "mend", "audience", "reason", "number", "contact", "next")
NUL = dict.fromkeys(ARGUMENTS, "a\x00b")


def addresses(app: Flask, method: str) -> Iterator[str]:
    """Every page's address, with 1 for each number and NUL for each text in it."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in ("static", "accounts.logout"):
            yield re.sub("<[^>]*>", "a%00b", re.sub("<id:[^>]*>", "1", rule.rule))


@pytest.fixture
def somebody(any_app: Flask) -> CheckingClient:
    """An administrator's browser on a small CRM."""
    make_sample()
    client = logged_in(any_app, "admin")
    assert isinstance(client, CheckingClient)
    return client


def test_no_page_falls_over_nul_in_its_address(any_app: Flask, somebody: CheckingClient) -> None:
    query = urlencode(NUL)
    for url in addresses(any_app, "GET"):
        expected = (404,) if "%00" in url else (200, 302, 303, 400, 404, 409, 422, 503)
        assert somebody.get(f"{url}?{query}").status_code in expected, url


def test_no_form_falls_over_nul(any_app: Flask, somebody: CheckingClient) -> None:
    # What a browser has to mend in an answer that repeats control characters is not looked at here.
    for url in sorted(set(addresses(any_app, "POST")) & set(addresses(any_app, "GET"))):
        somebody.get(url)
        assert somebody.root is not None, url
        names = {each.get("name") for tag in CONTROLS for each in somebody.root.iter(tag)} - {None, "file"}
        answer = FlaskClient.open(somebody, url, method="POST", data={str(name): "a\0b" for name in names})
        assert answer.status_code < 500, url


def test_no_form_falls_over_files_where_text_belongs(app: Flask) -> None:
    make_sample()
    somebody = logged_in(app, "admin")
    assert isinstance(somebody, CheckingClient)
    composing = {"/audiences/1/send": [f"/audiences/1/send/{step}" for step in ("back", "confirm", "launch")]}
    for page in sorted(set(addresses(app, "POST")) & set(addresses(app, "GET")) | set(composing)):
        somebody.get(page)
        assert somebody.root is not None, page
        names = {str(each.get("name")) for tag in CONTROLS for each in somebody.root.iter(tag) if each.get("name")}
        for url in composing.get(page, [page]):
            files = {name: (BytesIO(b"a"), "a.txt") for name in names}
            answer = FlaskClient.open(somebody, url, method="POST", data=files)
            assert answer.status_code < 500, url


def test_nobody_has_a_login_with_nul(any_app: Flask) -> None:
    factories.user(login="anna")
    data = {"login": "anna\0", "password": "a\0b"}
    answer = FlaskClient.open(any_app.test_client(), "/login", method="POST", data=data)
    assert answer.status_code == 422


@pytest.mark.parametrize("url", ["/contacts/", "/companies/", "/block-list/", "/audiences/", "/audiences/1/contacts"])
def test_searching_passes_over_nul(any_app: Flask, url: str) -> None:
    factories.audience("Alt")
    factories.company("Alt OHG")
    factories.contact("Anna", "Alt")
    factories.block("+491715550101", "Alt")
    found = logged_in(any_app, "admin").get(f"{url}?q=al%00t").text
    assert 'value="alt"' in found
    assert "1–1" in found


def test_nul_where_text_is_typed_is_told_at_the_field(editor: FlaskClient) -> None:
    answer = editor.post("/audiences/new", data={"name": "Alt", "description": "a\0b", "owner_id": "0"})
    assert answer.status_code == 422
    assert "Steuerzeichen" in answer.text


def test_a_file_may_have_nul_in_its_name(any_app: Flask) -> None:
    file = (BytesIO(b"Vorname;Nachname\r\nAnna;Alt\r\n"), "kon\0takte.csv")
    answer = logged_in(any_app, "editor").post("/imports/", data={"file": file})
    assert answer.status_code < 500
    db.session.rollback()
