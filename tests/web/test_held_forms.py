"""A plain form that is sent after the session has ended: held over the login, and then sent by who typed it."""

import html
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from smsapp.accounts.passwords import hash_password
from smsapp.contacts.models import Company
from smsapp.extensions import db
from tests import factories
from tests.conftest import TEST_OVERRIDES

PASSWORD_HASH = hash_password("richtig!")
NEW = "/companies/new"


@pytest.fixture
def browser(app: Flask) -> Iterator[FlaskClient]:
    """With CSRF protection, as in the product; Anna is logged in."""
    for login in ("anna", "bernd"):
        factories.user(login=login, role="editor", password_hash=PASSWORD_HASH)
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    log_in(client, client.get("/login").text)
    yield client
    app.config.update(TEST_OVERRIDES)


def hidden(page: str) -> dict[str, str]:
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }


def log_in(client: FlaskClient, page: str, login: str = "anna", password: str = "richtig!") -> TestResponse:
    return client.post(f"/login?next={NEW}", data={**hidden(page), "login": login, "password": password})


def sent_late(client: FlaskClient, **values: object) -> TestResponse:
    """The form as it is sent when the session has ended meanwhile."""
    token = hidden(client.get(NEW).text)["csrf_token"]
    client.delete_cookie("smsapp")
    return client.post(NEW, data={"csrf_token": token, "name": 'Çelik "& Söhne"', **values})


def companies() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Company.name)))


def test_it_is_sent_after_the_login_when_the_person_says_so(browser: FlaskClient) -> None:
    login = sent_late(browser)
    assert login.status_code == 401
    again = log_in(browser, login.text, password="falsch")
    assert again.status_code == 422
    page = log_in(browser, again.text)
    assert companies() == []
    assert f'action="{NEW}"' in page.text
    assert browser.post(NEW, data=hidden(page.text)).status_code == 303
    assert companies() == ['Çelik "& Söhne"']


def test_nobody_else_gets_it(browser: FlaskClient) -> None:
    answer = log_in(browser, sent_late(browser).text, login="bernd")
    assert (answer.status_code, answer.location) == (302, NEW)


@pytest.mark.parametrize(
    "held", ["", "x", "[]", "[" * 90_000, '{"path": "/companies/new", "fields": [["csrf_token", "x"]]}']
)
def test_what_a_strange_site_made_up_is_forgotten(browser: FlaskClient, held: str) -> None:
    browser.delete_cookie("smsapp")
    fields = hidden(browser.get("/login").text)
    answer = browser.post("/login", data={**fields, "held": held, "login": "anna", "password": "richtig!"})
    assert answer.status_code == 302


@pytest.mark.parametrize("where", ["path", "value"])
def test_half_a_character_is_forgotten(browser: FlaskClient, where: str) -> None:
    half = {"path": "", "value": "", where: "\\ud800"}
    token = hidden(browser.get(NEW).text)["csrf_token"]
    held = f'{{"path": "{NEW}{half["path"]}", "fields": [["csrf_token", "{token}"], ["name", "{half["value"]}"]]}}'
    browser.delete_cookie("smsapp")
    fields = hidden(browser.get("/login").text)
    answer = browser.post("/login", data={**fields, "held": held, "login": "anna", "password": "richtig!"})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "values", [{"new_password": "geheim"}, {"name": "x" * 100_000}, {"file": (io.BytesIO(b"x"), "table.csv")}]
)
def test_passwords_files_and_what_is_very_large_are_not_held(browser: FlaskClient, values: dict[str, object]) -> None:
    assert sent_late(browser, **values).status_code == 302
    assert "Ihre Sitzung war beendet, deshalb wurde nichts gesendet." in browser.get("/login").text
