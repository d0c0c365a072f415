"""What everybody may change of themselves."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from smsapp.accounts.models import User
from smsapp.accounts.passwords import hash_password, matches
from smsapp.extensions import db, db_write
from tests import factories
from tests.web.checker import CheckedClient

PAGE = "/profile/"
OLD, NEW = "das alte Passwort", "ein ganz neues Passwort"
OLD_HASH = hash_password(OLD)
CHANGE = {"old_password": OLD, "password": NEW, "again": NEW}
ME = {"name": "Vera Neu", "phone": "", "language": "de"}


@pytest.fixture
def page(viewer: FlaskClient) -> CheckedClient:
    with db_write() as session:
        session.execute(update(User).values(password_hash=OLD_HASH))
    return CheckedClient(viewer)


def me() -> User:
    db.session.rollback()
    return db.session.query(User).order_by(User.id).first()  # type: ignore[return-value]


def another_browser(app: Flask) -> FlaskClient:
    """One in which the same person is logged in."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = me().get_id()
    return client


def test_the_page_shows_who_one_is(page: CheckedClient) -> None:
    text = page.get(PAGE).text
    assert me().login in text
    assert f'value="{me().name}"' in text


@pytest.mark.parametrize("typed", ["+49 171 5550101", "0049 (0)171 555 01 01", "'+491715550101"])
def test_the_own_number_is_kept_in_one_form(page: CheckedClient, typed: str) -> None:
    assert page.post(PAGE, data={**ME, "phone": typed}).status_code == 303
    assert (me().name, me().phone) == ("Vera Neu", "+491715550101")


def test_without_a_number_there_is_none(page: CheckedClient) -> None:
    page.post(PAGE, data={**ME, "phone": "+49 171 5550101"})
    assert page.post(PAGE, data={**ME, "phone": " "}).status_code == 303
    assert me().phone is None


@pytest.mark.parametrize(
    "typed", ["0171 5550101", "Zentrale", "+49 171", "+49 40 123456", "+49 900 1234567", "x" * 900]
)
def test_a_number_that_gets_no_sms_says_why_at_the_field(page: CheckedClient, typed: str) -> None:
    answer = page.post(PAGE, data={**ME, "phone": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert 'id="phone-error"' in answer.text
    assert me().phone is None
    assert me().name != "Vera Neu"


@pytest.mark.parametrize(("field", "typed"), [("name", ""), ("name", "\0"), ("name", "x" * 121), ("language", "xx")])
def test_what_cannot_be_is_not_saved(page: CheckedClient, field: str, typed: str) -> None:
    assert page.post(PAGE, data={**ME, field: typed}).status_code == 422
    assert me().name != "Vera Neu"


def test_nobody_gives_themselves_a_role(page: CheckedClient) -> None:
    page.post(PAGE, data={**ME, "role": "admin", "login": "root", "active": ""})
    assert (me().role, me().active) == ("viewer", True)


def test_the_next_page_speaks_the_chosen_language(page: CheckedClient) -> None:
    page.post(PAGE, data={**ME, "language": "en"})
    text = page.get(PAGE).text
    assert '<html lang="en">' in text
    assert "Your profile is saved." in text


def test_a_new_password_ends_all_other_sessions(app: Flask, page: CheckedClient) -> None:
    other = another_browser(app)
    assert other.get("/").status_code == 200
    assert page.post(f"{PAGE}password", data=CHANGE).status_code == 303
    assert page.get(PAGE).status_code == 200
    assert other.get("/").status_code == 302
    assert matches(NEW, me().password_hash)


@pytest.mark.parametrize(
    "typed",
    [
        {"old_password": "falsch"},
        {"old_password": ""},
        {"password": "kurz", "again": "kurz"},
        {"password": "", "again": ""},
        {"again": "anders"},
    ],
)
def test_a_password_is_not_changed_by_mistake(page: CheckedClient, typed: dict[str, str]) -> None:
    answer = page.post(f"{PAGE}password", data={**CHANGE, **typed})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert NEW not in answer.text
    assert matches(OLD, me().password_hash)


def test_the_password_is_not_the_login(page: CheckedClient) -> None:
    with db_write() as session:
        session.execute(update(User).values(login="vera.neumann"))
    data = {**CHANGE, "password": "Vera.Neumann", "again": "Vera.Neumann"}
    assert page.post(f"{PAGE}password", data=data).status_code == 422


def test_whoever_finds_an_open_browser_cannot_guess_the_password(page: CheckedClient) -> None:
    for _ in range(5):
        assert page.post(f"{PAGE}password", data={**CHANGE, "old_password": "falsch"}).status_code == 422
    assert page.post(f"{PAGE}password", data=CHANGE).status_code == 429
    assert matches(OLD, me().password_hash)


def test_the_profile_is_ones_own(page: CheckedClient) -> None:
    other = factories.user(name="Jemand").id
    page.post(PAGE, data={**ME, "id": other, "user_id": other})
    assert db.session.get_one(User, other).name == "Jemand"
