"""The whole journey in a browser without JavaScript: every step is a form or a link."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, log_in


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(
        base_url=site.address, locale="de-DE", timezone_id="Europe/Berlin", java_script_enabled=False
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def open_popup(page: Page) -> None:
    log_in(page)
    page.get_by_role("navigation", name="Hauptmenü").get_by_role("link", name="Zielgruppen").click()
    page.get_by_role("link", name="Stammkunden Hamburg", exact=True).click()
    page.get_by_role("navigation", name="Zielgruppe").get_by_role("link", name="Bedingungen").click()
    page.get_by_role("button", name="SMS-Nachrichten senden").or_(
        page.get_by_role("link", name="SMS-Nachrichten senden")
    ).first.click()
    expect(page.get_by_label("Nachricht", exact=True)).to_be_visible()


def write(page: Page, text: str) -> None:
    page.get_by_label("Nachricht", exact=True).fill(text)


def test_from_the_login_to_a_send(page: Page) -> None:
    open_popup(page)
    write(page, "Ohne Skript: Hallo ")
    page.get_by_label("Tag", exact=True).select_option(label="Kontakt: Vorname")
    page.get_by_label("Ersatztext, falls leer").fill("Kunde")
    page.get_by_role("button", name="Tag hinzufügen").click()
    expect(page.get_by_label("Nachricht", exact=True)).to_have_value("Ohne Skript: Hallo {Vorname|Kunde}")
    page.get_by_role("button", name="Neu zählen").click()
    expect(page.locator(".counter dd").first).to_contain_text("34 / 480")
    page.get_by_role("button", name="Senden", exact=True).click()
    expect(page.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_visible()
    page.get_by_role("button", name="Ja").click()
    expect(page.get_by_text("ist eingeplant")).to_be_visible()
    address = page.url
    assert re.search(r"/campaigns/\d+$", address)
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_text("abgebrochen").first).to_be_visible()


def test_what_is_wrong_is_told_and_what_was_typed_stays(page: Page) -> None:
    open_popup(page)
    write(page, "x" * 481)
    page.get_by_role("button", name="Senden", exact=True).click()
    expect(page.get_by_text("481 Zeichen")).to_be_visible()
    expect(page.get_by_label("Nachricht", exact=True)).to_have_value("x" * 481)


def test_leaving_keeps_the_draft(page: Page) -> None:
    open_popup(page)
    write(page, "Später senden")
    page.get_by_role("button", name="Abbrechen").click()
    expect(page.get_by_role("heading", name="Stammkunden Hamburg")).to_be_visible()
    page.get_by_role("button", name="SMS-Nachrichten senden").or_(
        page.get_by_role("link", name="SMS-Nachrichten senden")
    ).first.click()
    expect(page.get_by_label("Nachricht", exact=True)).to_have_value("Später senden")


def test_an_audience_is_described_by_conditions(page: Page) -> None:
    log_in(page, "editor")
    page.goto("/audiences/new")
    page.get_by_label("Name").fill("Ohne Skript")
    page.get_by_role("button", name="Weiter zu den Bedingungen").click()
    page.get_by_role("button", name="Bedingung", exact=False).first.click()
    expect(page.get_by_label(re.compile("^Bedingung 1: Feld"))).to_be_visible()
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.get_by_role("heading", name="Ohne Skript")).to_be_visible()


def test_the_skipped_are_listed(page: Page) -> None:
    open_popup(page)
    write(page, "Hallo")
    page.get_by_role("button", name=re.compile("übersprungen$")).click()
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_role("button", name="Zurück zur Nachricht").click()
    expect(page.get_by_label("Nachricht", exact=True)).to_have_value("Hallo")
