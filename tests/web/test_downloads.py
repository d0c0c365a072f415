"""Tables to download: written before they are sent, so that a slow reader holds nothing."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from smsapp.clock import now
from smsapp.extensions import db
from smsapp.web import csv_response, format_ago, format_day
from tests import factories
from tests.conftest import logged_in


def open_files() -> int:
    """How many temporary files this process has open."""
    return sum("(deleted)" in str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink())


@pytest.fixture
def transactions(any_app: Flask) -> Iterator[list[str]]:
    """What begins and ends on the database."""
    seen: list[str] = []
    events = {"begin": "begin", "rollback": "end", "commit": "end"}
    for name, kind in events.items():
        event.listen(db.engine, name, lambda _connection, kind=kind: seen.append(kind))
    yield seen


def test_no_transaction_is_open_while_a_table_is_read(any_app: Flask, transactions: list[str]) -> None:
    for number in range(300):
        factories.contact(f"Anna {number}", "Alt", mobile=f"+49 171 5550{number:03}")
    audience = factories.audience()
    client = logged_in(any_app, "viewer")
    db.session.remove()
    transactions.clear()
    with ThreadPoolExecutor(1) as thread:  # where the test's own application context is not
        answer = thread.submit(client.get, f"/audiences/{audience.id}/contacts.csv", buffered=False).result()
    next(iter(answer.response))
    assert transactions.count("begin") == transactions.count("end") > 0
    answer.close()


def test_a_download_leaves_no_file_behind(app: Flask, viewer: FlaskClient) -> None:
    audience = factories.audience()
    before = open_files()
    assert viewer.get(f"/audiences/{audience.id}/contacts.csv").status_code == 200
    assert open_files() == before


def test_a_download_that_nobody_reads_to_its_end_leaves_no_file_behind(app: Flask) -> None:
    before = open_files()
    with app.test_request_context():
        response = csv_response([["a"]], "a.csv")
        assert open_files() == before + 1
        response.close()
    assert open_files() == before


def test_a_table_that_fails_leaves_no_file_behind(app: Flask) -> None:
    def rows() -> Iterator[list[str]]:
        yield ["a"]
        raise LookupError

    before = open_files()
    with app.test_request_context(), pytest.raises(LookupError):
        csv_response(rows(), "a.csv")
    assert open_files() == before


def test_a_table_is_as_long_as_it_says(viewer: FlaskClient) -> None:
    audience = factories.audience()
    factories.contact("Zoë", "=HYPERLINK()", mobile="+49 171 5550101")
    answer = viewer.get(f"/audiences/{audience.id}/contacts.csv")
    assert answer.content_length == len(answer.data)
    assert "'=HYPERLINK()" in answer.text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_compute_is_defused(app: Flask, start: str) -> None:
    with app.test_request_context():
        written = csv_response([[f"{start}1+1"]], "a.csv").get_data(as_text=True)
    assert re.search(rf"'{re.escape(start)}1\+1", written)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=6), "6 days ago"),
    ],
)
def test_a_moment_of_this_week_is_so_long_ago(app: Flask, passed: timedelta, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert format_ago(now() - passed) == words


def test_a_moment_of_long_ago_is_a_day(app: Flask) -> None:
    moment = now() - timedelta(days=8)
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert format_ago(moment) == format_day(moment)
        assert format_ago(None) == ""
