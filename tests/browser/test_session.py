"""A session that ends while somebody composes: the login comes over the popup, and nothing is lost."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, log_in, open_popup

TEXT = "Hallo {Vorname}, das habe ich lange überlegt."


@pytest.fixture
def popup(as_sender: Page) -> Locator:
    """The popup with a text, and then the session is gone."""
    open_popup(as_sender)
    dialog = as_sender.locator("#dialog")
    with as_sender.expect_response("**/send/figures"):
        dialog.get_by_label("Nachricht", exact=True).fill(TEXT)
    as_sender.context.clear_cookies()
    return dialog


def send(popup: Locator) -> Locator:
    """Press the button; the login that comes."""
    popup.get_by_role("button", name="Senden", exact=True).click()
    login = popup.page.locator("#login-dialog")
    expect(login.get_by_label("Anmeldename")).to_be_focused()
    return login


def enter(login: Locator, name: str, password: str = PASSWORD) -> None:
    login.get_by_label("Anmeldename").fill(name)
    login.get_by_label("Passwort").fill(password)
    login.page.keyboard.press("Enter")


def test_one_logs_in_over_the_popup_and_goes_on(popup: Locator) -> None:
    login = send(popup)
    expect(popup).to_be_visible()
    enter(login, "sender", "falsch")
    expect(login.get_by_text("Anmeldename und Passwort passen nicht zusammen.")).to_be_visible()
    expect(login.get_by_label("Anmeldename")).to_have_value("sender")
    expect(login.get_by_label("Passwort")).to_be_focused()
    enter(login, "sender")
    expect(login).to_be_hidden()
    expect(popup.get_by_label("Nachricht", exact=True)).to_have_value(TEXT)
    popup.get_by_role("button", name="Senden", exact=True).click()
    expect(popup.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_focused()
    popup.get_by_role("button", name="Nein").click()
    expect(popup.get_by_label("Nachricht", exact=True)).to_have_value(TEXT)


def test_closing_the_login_keeps_the_text_and_asks_again(popup: Locator) -> None:
    login = send(popup)
    popup.page.keyboard.press("Escape")
    expect(login).to_be_hidden()
    expect(popup.get_by_label("Nachricht", exact=True)).to_have_value(TEXT)
    enter(send(popup), "sender")
    expect(login).to_be_hidden()


def test_somebody_else_gets_a_page_of_their_own(popup: Locator) -> None:
    page = popup.page
    with page.expect_navigation():
        enter(send(popup), "admin")
    expect(page.get_by_role("dialog")).to_have_count(0)
    open_popup(page)
    expect(page.locator("#dialog").get_by_label("Nachricht", exact=True)).not_to_have_value(TEXT)


def test_a_second_tab_goes_on_after_the_login_in_the_first(popup: Locator) -> None:
    other = popup.page.context.new_page()
    log_in(other)
    popup.get_by_role("button", name="Senden", exact=True).click()
    expect(popup.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_focused()
    popup.get_by_role("button", name="Nein").click()
    expect(popup.get_by_label("Nachricht", exact=True)).to_have_value(TEXT)
