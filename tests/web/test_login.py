"""Logging in and out, guessing passwords, and sessions that end."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from smsapp.accounts import throttle
from smsapp.accounts.models import FailedLogin, User
from smsapp.accounts.passwords import hash_password
from smsapp.accounts.throttle import FREE_BY_LOGIN
from smsapp.clock import now
from smsapp.extensions import db, db_write
from tests import factories

HTMX = {"HX-Request": "true"}
PASSWORD_HASH = hash_password("richtig!")


@pytest.fixture
def anna() -> User:
    user: User = factories.user(login="anna", password_hash=PASSWORD_HASH)
    return user


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[time_machine.Traveller]:
    """The time of the test; it moves only by `shift`."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


def log_in(client: FlaskClient, password: str = "richtig!", login: str = "anna", **options: object) -> TestResponse:
    return client.post("/login", data={"login": login, "password": password}, **options)


def fail(times: int = FREE_BY_LOGIN, login: str = "anna", address: str = "10.0.0.9") -> None:
    """Fail to log in, without the time that a password takes."""
    for _ in range(times):
        with db_write() as session:
            assert throttle.begin(session, throttle.counts(login, address, None), now()) is None


def test_strangers_are_asked_to_log_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.location.startswith("/login")


def test_the_right_password_leads_to_the_page_that_was_asked_for(app: Flask, client: FlaskClient, anna: User) -> None:
    answer = client.post("/login?next=/audiences/", data={"login": "Anna ", "password": "richtig!"})
    assert answer.status_code == 302
    assert answer.location == "/audiences/"
    assert db.session.get_one(User, anna.id).last_login_at == now()


def test_a_form_that_was_sent_too_late_leads_back_to_its_page(client: FlaskClient) -> None:
    answer = client.post("/contacts/1/edit", headers={"Referer": "http://localhost/contacts/1/edit?a=b"})
    assert answer.location == "/login?next=/contacts/1/edit?a%3Db"
    assert client.post("/logout-nowhere", headers={"Referer": "http://example.org/x"}).status_code == 404
    assert client.post("/contacts/1/edit", headers={"Referer": "http://[x/"}).location == "/login"


def test_a_wrong_password_says_so(client: FlaskClient, anna: User) -> None:
    assert log_in(client, "falsch").status_code == 422


def test_nobody_learns_whether_a_login_exists(client: FlaskClient, anna: User) -> None:
    factories.user(login="fort", password_hash=PASSWORD_HASH, active=False)
    factories.user(login="neu", password_hash="")
    answers = [log_in(client, "falsch", login) for login in ("anna", "niemand", "fort", "neu")]
    answers += [log_in(client, "richtig!", login) for login in ("niemand", "fort", "neu")]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert ({answer.status_code for answer in answers}, len(texts)) == ({422}, 1)


@pytest.mark.parametrize("login", ["a\0b", "\ud800".encode("utf-8", "surrogatepass"), "x" * 5000, "' OR 1=1 --"])
def test_an_odd_login_is_a_wrong_one(client: FlaskClient, login: str) -> None:
    assert log_in(client, login=login).status_code == 422


def test_the_login_never_leads_to_another_site(client: FlaskClient, anna: User) -> None:
    for target in ("https://example.org/", "//example.org", "/\\example.org", "//[", "/\t/example.org"):
        assert log_in(client, query_string={"next": target}).location == "/"


def test_a_disabled_user_is_out_at_once(sender: FlaskClient) -> None:
    with db_write() as session:
        session.query(User).update({"active": False})
    assert sender.get("/").status_code == 302


def test_a_copy_of_the_cookie_is_worth_nothing_after_logging_out(app: Flask, client: FlaskClient, anna: User) -> None:
    log_in(client)
    cookie, thief = client.get_cookie("smsapp"), app.test_client()
    assert cookie
    thief.set_cookie("smsapp", cookie.value)
    assert thief.get("/profile/").status_code == 200
    client.post("/logout")
    assert thief.get("/profile/").status_code == 302


def test_every_page_has_the_same_frame(sender: FlaskClient) -> None:
    page = sender.get("/").text
    assert "Kontingent" in page or "Quota" in page


def test_after_five_failures_nobody_may_try_for_a_minute(
    client: FlaskClient, anna: User, standing_clock: time_machine.Traveller
) -> None:
    fail()
    answer = log_in(client)
    assert answer.status_code == 429
    assert "1 Minute" in answer.text or "1 minute" in answer.text
    standing_clock.shift(timedelta(seconds=61))
    assert log_in(client).status_code == 302


def test_waiting_does_not_get_longer_by_trying(
    client: FlaskClient, anna: User, standing_clock: time_machine.Traveller
) -> None:
    fail()
    for _ in range(10):
        standing_clock.shift(timedelta(seconds=5))
        assert log_in(client, "falsch").status_code == 429
    standing_clock.shift(timedelta(seconds=11))
    assert log_in(client).status_code == 302


def test_each_failure_more_doubles_the_waiting(
    client: FlaskClient, anna: User, standing_clock: time_machine.Traveller
) -> None:
    fail()
    for minutes in (1, 2, 4, 8, 15, 15):
        standing_clock.shift(timedelta(minutes=minutes, seconds=-1))
        assert log_in(client).status_code == 429
        standing_clock.shift(timedelta(seconds=1))
        fail(1)


def test_who_has_logged_in_here_before_is_not_shut_out_by_a_stranger(app: Flask, anna: User) -> None:
    own, elsewhere = app.test_client(), app.test_client()
    log_in(own)
    own.post("/logout")
    fail()
    assert log_in(elsewhere).status_code == 429
    assert log_in(own).status_code == 302


def test_a_known_browser_is_slowed_down_as_well(app: Flask, anna: User) -> None:
    own, elsewhere = app.test_client(), app.test_client()
    log_in(own)
    own.post("/logout")
    for _ in range(FREE_BY_LOGIN):
        assert log_in(own, "falsch").status_code == 422
    assert log_in(own).status_code == 429
    assert log_in(elsewhere).status_code == 302


def test_a_browser_is_known_for_one_person_only(app: Flask, anna: User) -> None:
    factories.user(login="bert", password_hash=PASSWORD_HASH)
    own = app.test_client()
    log_in(own)
    fail(login="bert")
    assert log_in(own, login="bert").status_code == 429


def test_an_address_that_tries_many_logins_must_wait(app: Flask, anna: User) -> None:
    guessing = app.test_client()
    for number in range(20):
        fail(1, f"user{number}", "2001:db8::1")
    assert log_in(guessing, environ_base={"REMOTE_ADDR": "2001:db8::2"}).status_code == 429
    assert log_in(guessing, environ_base={"REMOTE_ADDR": "2001:db8:0:1::1"}).status_code == 302


def test_logging_in_forgets_failures(client: FlaskClient, anna: User) -> None:
    for _ in range(4):
        fail(FREE_BY_LOGIN - 1)
        assert log_in(client).status_code == 302
        client.delete_cookie("smsapp_device")


def test_old_failures_are_swept_away(client: FlaskClient, anna: User, standing_clock: time_machine.Traveller) -> None:
    fail(3, "niemand")
    standing_clock.shift(timedelta(hours=25))
    fail(1)
    assert db.session.query(FailedLogin).filter(FailedLogin.failures == 3).count() == 0


def test_a_session_ends_after_twelve_hours_without_a_request(
    client: FlaskClient, anna: User, standing_clock: time_machine.Traveller
) -> None:
    log_in(client)
    for _ in range(3):
        standing_clock.shift(timedelta(hours=11))
        assert client.get("/").status_code == 200
    standing_clock.shift(timedelta(hours=13))
    assert client.get("/").status_code == 302


def test_not_every_answer_renews_the_cookie(
    client: FlaskClient, anna: User, standing_clock: time_machine.Traveller
) -> None:
    log_in(client)
    client.get("/")
    assert "Set-Cookie" not in client.get("/").headers
    standing_clock.shift(timedelta(minutes=11))
    assert "smsapp=" in client.get("/").headers["Set-Cookie"]


def test_an_ended_session_logs_in_over_the_page(client: FlaskClient, anna: User) -> None:
    form = client.get("/login", query_string={"user": anna.id}, headers=HTMX)
    assert f'hx-post="/login?user={anna.id}"' in form.text
    wrong = log_in(client, "falsch", query_string={"user": anna.id}, headers=HTMX)
    assert wrong.status_code == 422
    assert "<html" not in wrong.text
    right = log_in(client, query_string={"user": anna.id}, headers=HTMX)
    assert (right.text, right.headers["HX-Trigger"]) == ("", "logged-in")


def test_somebody_else_gets_the_page_anew(client: FlaskClient, anna: User) -> None:
    answer = log_in(client, query_string={"user": anna.id + 1}, headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"
    assert "HX-Trigger" not in answer.headers


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


class TestForms:
    """With the protection that the other tests go without."""

    @pytest.fixture(autouse=True)
    def protected(self, app: Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = True

    def enter(self, client: FlaskClient, login: str = "anna") -> None:
        data = {"login": login, "password": "richtig!", "csrf_token": token(client.get("/login"))}
        assert client.post("/login", data=data).status_code == 302

    def save_profile(self, client: FlaskClient, csrf_token: str) -> int:
        data = {"name": "Anna", "language": "de", "csrf_token": csrf_token}
        return client.post("/profile/", data=data).status_code

    def test_a_form_of_before_works_after_logging_in_again(self, client: FlaskClient, anna: User) -> None:
        self.enter(client)
        before = token(client.get("/profile/"))
        client.delete_cookie("smsapp")
        self.enter(client)
        assert self.save_profile(client, before) == 303

    def test_a_form_of_somebody_else_does_not(self, client: FlaskClient, anna: User) -> None:
        factories.user(login="bert", password_hash=PASSWORD_HASH)
        self.enter(client)
        before = token(client.get("/profile/"))
        client.delete_cookie("smsapp")
        self.enter(client, "bert")
        assert self.save_profile(client, before) == 400

    def test_a_form_of_before_works_after_logging_out_elsewhere(
        self, app: Flask, client: FlaskClient, anna: User
    ) -> None:
        self.enter(client)
        before = token(client.get("/profile/"))
        elsewhere = app.test_client()
        self.enter(elsewhere)
        assert elsewhere.post("/logout", data={"csrf_token": token(elsewhere.get("/profile/"))}).location == "/login"
        assert client.get("/profile/").status_code == 302
        self.enter(client)
        assert self.save_profile(client, before) == 303

    def test_a_login_page_that_was_open_too_long_asks_again(self, client: FlaskClient, anna: User) -> None:
        data = {"login": "anna", "password": "richtig!", "csrf_token": token(client.get("/login"))}
        client.delete_cookie("smsapp")
        answer = client.post("/login", data=data)
        assert answer.status_code == 400
        assert 'value="anna"' in answer.text
        assert client.post("/login", data={**data, "csrf_token": token(answer)}).status_code == 302

    def test_who_is_out_already_can_log_out(self, client: FlaskClient) -> None:
        assert client.post("/logout").location == "/login"
