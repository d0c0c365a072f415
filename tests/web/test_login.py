"""Logging in and out."""

from flask.testing import FlaskClient

from smsapp.accounts.models import User
from smsapp.accounts.passwords import hash_password
from smsapp.extensions import db_write
from tests import factories


def test_strangers_are_asked_to_log_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.location.startswith("/login")


def test_the_right_password_leads_to_the_page_that_was_asked_for(client: FlaskClient) -> None:
    factories.user(login="anna", password_hash=hash_password("richtig!"))
    answer = client.post("/login?next=/audiences/", data={"login": "Anna ", "password": "richtig!"})
    assert answer.status_code == 302
    assert answer.location == "/audiences/"


def test_a_wrong_password_says_so(client: FlaskClient) -> None:
    factories.user(login="anna", password_hash=hash_password("richtig!"))
    assert client.post("/login", data={"login": "anna", "password": "falsch"}).status_code == 422


def test_the_login_never_leads_to_another_site(client: FlaskClient) -> None:
    factories.user(login="anna", password_hash=hash_password("richtig!"))
    for target in ("https://example.org/", "//example.org", "/\\example.org", "//[", "/\t/example.org"):
        answer = client.post("/login", query_string={"next": target}, data={"login": "anna", "password": "richtig!"})
        assert answer.location == "/"


def test_a_disabled_user_is_out_at_once(sender: FlaskClient) -> None:
    with db_write() as session:
        session.query(User).update({"active": False})
    assert sender.get("/").status_code == 302


def test_every_page_has_the_same_frame(sender: FlaskClient) -> None:
    page = sender.get("/").text
    assert "Kontingent" in page or "Quota" in page
