"""The page for administrators: who logs in, and what they may do."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

from smsapp.accounts.models import PasswordLink, User
from smsapp.accounts.passwords import matches
from smsapp.accounts.rights import Role
from smsapp.extensions import db
from tests import factories
from tests.web.checker import CheckedClient

PAGE = "/users/"
PASSWORD = "Winterabend im Hafen"
ANNA = {"name": "Anna Alt", "login": "Anna.Alt", "role": "sender", "language": "de"}


@pytest.fixture
def page(admin: FlaskClient) -> CheckedClient:
    return CheckedClient(admin)


@pytest.fixture
def anna() -> User:
    user: User = factories.user(login="anna", name="Anna Alt")
    return user


def stored(user_id: int) -> User:
    db.session.rollback()
    return db.session.get_one(User, user_id)


def by_login(login: str) -> User | None:
    db.session.rollback()
    return db.session.scalar(select(User).where(User.login == login))


def link_in(text: str) -> str:
    found = re.search(r"http://localhost(/password/[\w-]{43})", text)
    assert found
    return found[1]


def test_the_list_shows_search_order_and_pages(page: CheckedClient) -> None:
    for number in range(60):
        factories.user(name=f"Person {number:02}", role="viewer")
    first = page.get(PAGE).text
    assert "Person 00" in first
    assert "Person 59" not in first
    assert "Person 59" in page.get(f"{PAGE}?sort=-name").text
    assert "Person 59" in page.get(f"{PAGE}?page=2").text
    factories.user(name="Zoë Zimmer", role="viewer")
    found = page.fragment(f"{PAGE}?q=zoe zimmer").text
    assert "Zoë Zimmer" in found
    assert "Person" not in found


def test_nobody_found_says_so(page: CheckedClient) -> None:
    assert "<table" not in page.get(f"{PAGE}?q=niemand%25").text


@pytest.mark.parametrize("sort", ["", "nothing", "--name", "-seen", "password_hash"])
def test_any_order_in_the_address_will_do(page: CheckedClient, sort: str) -> None:
    assert page.get(PAGE, query_string={"sort": sort, "page": "x"}).status_code == 200


def test_a_new_user_gets_a_link_instead_of_a_password(page: CheckedClient, client: FlaskClient) -> None:
    answer = page.post(f"{PAGE}new", data=ANNA)
    assert answer.status_code == 200
    made = by_login("anna.alt")
    assert made is not None
    assert (made.name, made.role, made.password_hash) == ("Anna Alt", Role.SENDER, "")
    chosen = client.post(link_in(answer.text), data={"password": PASSWORD, "again": PASSWORD})
    assert chosen.location == "/"
    assert client.get("/").status_code == 200
    assert matches(PASSWORD, stored(made.id).password_hash)


def test_the_link_is_shown_once(page: CheckedClient) -> None:
    address = link_in(page.post(f"{PAGE}new", data=ANNA).text)
    made = by_login("anna.alt")
    assert made is not None
    assert address not in page.get(f"{PAGE}{made.id}").text
    assert address.rpartition("/")[2] not in str(db.session.scalars(select(PasswordLink.token_hash)).all())


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *(("login", each) for each in ("", "a b", "a\0b", "a\u200bb", "ANNA", "<script>")),
        *(("name", each) for each in (" ", "\0", "x" * 121)),
        *(("role", each) for each in ("", "king")),
        ("language", "xx"),
    ],
)
def test_what_cannot_be_stays_in_the_form(page: CheckedClient, anna: User, field: str, typed: str) -> None:
    answer = page.post(f"{PAGE}new", data={**ANNA, field: typed})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert "Anna" in answer.text
    assert db.session.query(User).count() == 2


def test_name_role_and_language_change(page: CheckedClient, anna: User) -> None:
    data = {"name": "  Anna\tNeu ", "role": "editor", "language": "en"}
    assert page.post(f"{PAGE}{anna.id}", data=data).status_code == 303
    user = stored(anna.id)
    assert (user.name, user.role, user.language) == ("Anna Neu", Role.EDITOR, "en")


def test_the_last_administrator_keeps_the_role(page: CheckedClient) -> None:
    me = db.session.scalars(select(User.id)).one()
    answer = page.post(f"{PAGE}{me}", data={"name": "Ich", "role": "viewer", "language": "de"})
    assert answer.status_code == 422
    assert "role-error" in answer.text
    assert stored(me).role == Role.ADMIN


def test_the_last_administrator_is_not_offered_to_be_disabled(page: CheckedClient) -> None:
    me = db.session.scalars(select(User.id)).one()
    assert f"/users/{me}/deactivate" not in page.get(f"{PAGE}{me}").text
    assert page.post(f"{PAGE}{me}/deactivate").status_code == 409
    assert stored(me).active


def test_the_last_administrator_keeps_the_password(page: CheckedClient) -> None:
    me = db.session.scalars(select(User.id)).one()
    assert page.post(f"{PAGE}{me}/link").status_code == 409
    assert stored(me).password_hash
    assert page.get(PAGE).status_code == 200


def test_who_is_disabled_is_out_at_once(page: CheckedClient, sender: FlaskClient) -> None:
    user_id = db.session.scalars(select(User.id).where(User.role == Role.SENDER)).one()
    assert sender.get("/").status_code == 200
    asked = page.fragment(f"{PAGE}{user_id}/deactivate")
    assert "<form" in asked.text
    assert sender.get("/").status_code == 200
    assert page.post(f"{PAGE}{user_id}/deactivate").status_code == 303
    assert sender.get("/").location.startswith("/login")
    assert page.post(f"{PAGE}{user_id}/activate").status_code == 303
    assert sender.get("/").location.startswith("/login")


def test_a_role_that_is_taken_away_is_gone_at_once(page: CheckedClient, sender: FlaskClient) -> None:
    user_id = db.session.scalars(select(User.id).where(User.role == Role.SENDER)).one()
    audience = factories.audience().id
    factories.settings()
    assert sender.get(f"/audiences/{audience}/send").status_code == 200
    page.post(f"{PAGE}{user_id}", data={"name": "x", "role": "viewer", "language": "de"})
    assert sender.get(f"/audiences/{audience}/send").status_code == 403


def test_a_reset_is_asked_first_and_ends_sessions(page: CheckedClient, sender: FlaskClient) -> None:
    user_id = db.session.scalars(select(User.id).where(User.role == Role.SENDER)).one()
    assert page.get(f"{PAGE}{user_id}/link").status_code == 200
    assert sender.get("/").status_code == 200
    link_in(page.post(f"{PAGE}{user_id}/link").text)
    assert sender.get("/").location.startswith("/login")


def test_an_inactive_user_gets_no_link(page: CheckedClient) -> None:
    user_id = factories.user(active=False).id
    assert page.post(f"{PAGE}{user_id}/link").status_code == 409
    assert db.session.query(PasswordLink).count() == 0


@pytest.mark.parametrize("what", ["", "/link", "/deactivate", "/activate"])
def test_who_is_not_there_is_not_found(page: CheckedClient, what: str) -> None:
    assert page.post(f"{PAGE}99{what}", data={"name": "x", "role": "viewer", "language": "de"}).status_code == 404


def test_a_link_that_is_none_says_so(client: FlaskClient) -> None:
    for method in ("GET", "POST"):
        answer = client.open("/password/nonsense", method=method, data={"password": PASSWORD, "again": PASSWORD})
        assert answer.status_code == 404
        assert "Link" in answer.text or "link" in answer.text


@pytest.mark.parametrize(("password", "again"), [("kurz", "kurz"), (PASSWORD, "anders"), ("", ""), ("x" * 201,) * 2])
def test_a_password_that_cannot_be_leaves_the_link(
    page: CheckedClient, client: FlaskClient, password: str, again: str
) -> None:
    address = link_in(page.post(f"{PAGE}new", data=ANNA).text)
    answer = client.post(address, data={"password": password, "again": again})
    assert answer.status_code == 422
    assert password == "" or f'value="{password}"' not in answer.text
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{7*7}}", "x" * 120])
def test_any_name_is_plain_text(page: CheckedClient, name: str) -> None:
    user_id = factories.user(name=name).id
    for address in (PAGE, f"{PAGE}{user_id}", f"{PAGE}{user_id}/deactivate", f"{PAGE}{user_id}/link"):
        text = page.get(address).text
        assert escape(name[:9]) in text
        assert "<script>alert" not in text


def test_the_command_prints_a_link(app: Flask, client: FlaskClient, anna: User) -> None:
    from smsapp.cli import password_link

    said = app.test_cli_runner().invoke(password_link, ["ANNA"]).output
    found = re.search(r"(/password/\S+)", said)
    assert found
    assert client.get(found[1]).status_code == 200
    assert app.test_cli_runner().invoke(password_link, ["niemand"]).exit_code == 1
