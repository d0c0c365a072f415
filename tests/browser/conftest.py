"""The whole product, started as a user starts it, and a real Chromium in front of it."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from smsapp import create_app
from smsapp.delivery.invariants import violations
from tests.conftest import make_config

ROOT = Path(__file__).parents[2]
PASSWORD = "Winterabend-2026"
CHROMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Site:
    """A running installation."""

    def __init__(self, port: int, data: Path, process: subprocess.Popen[bytes]) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.data = data
        self.process = process

    def handed_over(self) -> list[str]:
        """The lines of the simulator's own log: the witness of what was really sent."""
        log = self.data / "simulator" / "handed_over.log"
        return log.read_text().splitlines() if log.exists() else []

    def broken_promises(self) -> list[str]:
        """I1 to I8, looked up in its database."""
        with create_app(make_config(self.data)).app_context():
            return violations()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition; fails when it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _shorten_undo_window(data: Path) -> None:
    """Ten seconds instead of thirty: many tests wait for a send to begin."""
    with closing(sqlite3.connect(data / "smsapp.db")) as database, database:
        database.execute("UPDATE settings SET undo_seconds = 10")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product with its sample CRM, all processes running."""
    data = tmp_path_factory.mktemp("site")
    port = _free_port()
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SMSAPP", "DATABASE", "REDIS"))},
        "PORT": str(port),
        "SMSAPP_DATA": str(data),
        "SMSAPP_DEMO_PASSWORD": PASSWORD,
        "TZ": "Europe/Berlin",
    }
    with (data / "output.log").open("wb") as output:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=output, stderr=output)
        site = Site(port, data, process)
        try:
            wait_until(lambda: process.poll() is not None or _answers(site.address), 240)
            assert process.poll() is None, (data / "output.log").read_text()
            _shorten_undo_window(data)
            yield site
            assert site.broken_promises() == []
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMES)), None)
    assert executable, "no Chromium or Chrome found: install one or name it with CHROMIUM=/path"
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A German browser; the test fails when the page reports an error or breaks its content policy."""
    context = browser.new_context(
        base_url=site.address, locale="de-DE", timezone_id="Europe/Berlin", viewport={"width": 1280, "height": 800}
    )
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures of the screen go: thrown away, or into docs/ for the README when PICTURES=1 asks for new ones."""
    return ROOT / "docs" if os.environ.get("PICTURES") == "1" else tmp_path


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def log_in(page: Page, login: str = "sender") -> None:
    """Log in by keyboard, as people do."""
    page.goto("/login")
    page.get_by_label("Anmeldename").fill(login)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Hauptmenü")).to_be_visible()


@pytest.fixture
def as_sender(page: Page) -> Page:
    log_in(page)
    return page


@pytest.fixture
def as_admin(page: Page) -> Page:
    log_in(page, "admin")
    return page


def ready(page: Page) -> None:
    """Wait for the page's scripts: what a person chooses before they run is a plain form's, as without JavaScript."""
    page.wait_for_load_state("load")


def number_in(text: str) -> int:
    """The first number in a German text: "1.000 verfügbar" is 1000."""
    found = re.search(r"\d[\d.]*", text)
    assert found, text
    return int(found[0].replace(".", ""))


def open_popup(page: Page, audience: str = "Stammkunden Hamburg") -> None:
    """From the list of audiences to the popup."""
    page.goto("/audiences/")
    page.get_by_role("link", name=audience, exact=True).click()
    page.get_by_role("navigation", name="Zielgruppe").get_by_role("link", name="Bedingungen").click()
    page.wait_for_url("**/conditions")
    ready(page)
    page.get_by_role("button", name="SMS-Nachrichten senden").or_(
        page.get_by_role("link", name="SMS-Nachrichten senden")
    ).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
