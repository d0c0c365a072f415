"""What is printed when the pages can be used."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from smsapp.supervise import start
from smsapp.supervise.start import Welcome

NOWHERE = ("127.0.0.1", 1)


class Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Where a web server answers /healthz."""
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield "127.0.0.1", server.server_port
        server.shutdown()
        thread.join()


def test_address_and_logins_come_when_all_is_well(address: tuple[str, int]) -> None:
    welcome = Welcome(address)
    welcome.add("login: admin")
    assert welcome() == f"\nReady: http://127.0.0.1:{address[1]}\nlogin: admin\nCtrl-C ends it.\n"


def test_nothing_comes_while_nobody_answers() -> None:
    assert Welcome(NOWHERE)() is None


def test_what_is_missing_is_said_after_a_while(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Health, "status", 503)
    welcome = Welcome(address)
    assert welcome() is None
    monkeypatch.setattr(start, "PATIENCE", 0.0)
    text = welcome()
    assert text
    assert "Not everything is up: /healthz answers 503." in text


def test_logins_are_told_once_even_if_nothing_came_up(
    address: tuple[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    for where, told in ((NOWHERE, "login: admin\n"), (address, "")):
        welcome = Welcome(where)
        welcome.add("login: admin")
        welcome()
        welcome.print_unseen_notes()
        assert capsys.readouterr().out == told
