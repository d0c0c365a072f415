"""While the database is away every page says so, whoever asks; when it is back, nobody notices that it was."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql

from smsapp.extensions import db
from tests.conftest import logged_in
from tests.postgres import database_name

pytestmark = pytest.mark.postgres


def end_connections(admin: psycopg.Connection, name: str) -> None:
    admin.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", (name,))


@pytest.fixture
def admin(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def name(postgres_app: Flask) -> str:
    return database_name(postgres_app.extensions["smsapp_config"].database_url.replace("+psycopg", ""))


@pytest.fixture
def sender(postgres_app: Flask) -> FlaskClient:
    client = logged_in(postgres_app, "sender")
    db.session.remove()
    return client


@pytest.fixture
def away(postgres_app: Flask, sender: FlaskClient, admin: psycopg.Connection, name: str) -> FlaskClient:
    """Somebody who is logged in while the database has just gone."""
    admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    end_connections(admin, name)
    return sender


def test_the_health_check_says_it(away: FlaskClient, postgres_app: Flask) -> None:
    with away.session_transaction() as session:
        session["renewed"] = 2**33  # it was, a moment ago
    for client in (postgres_app.test_client(), away):
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.get_json() == {"database": "down", "queue": "down", "worker": "down", "sweep": "down"}
        db.session.rollback()


def test_a_page_says_it(away: FlaskClient) -> None:
    answer = away.get("/contacts/", headers={"Accept-Language": "de"})
    assert answer.status_code == 503
    assert "Die Datenbank antwortet zurzeit nicht." in answer.text
    assert '<html lang="de">' in answer.text


def test_a_fragment_says_it_in_the_place_for_errors(away: FlaskClient) -> None:
    answer = away.get("/contacts/", headers={"HX-Request": "true", "Accept-Language": "en"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (503, "#trouble")
    assert "The database does not answer at the moment." in answer.text
    assert "<html" not in answer.text


def test_a_database_that_was_started_again_is_used_at_once(
    sender: FlaskClient, admin: psycopg.Connection, name: str
) -> None:
    assert sender.get("/contacts/").status_code == 200
    db.session.remove()
    end_connections(admin, name)
    assert sender.get("/contacts/").status_code == 200
