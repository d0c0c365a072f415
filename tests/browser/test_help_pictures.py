"""The help page's pictures, in both languages: as the tests see the popup and the page of a send."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT

WORDS = {
    "de": ("Hallo {Vorname|Kunde}, am 3. Dezember laden wir zum Winterabend ein.", "Senden", "Ja", "zugestellt"),
    "en": ("Hello {First name|customer}, join us on 3 December for our winter evening.", "Send", "Yes", "delivered"),
}
SIZE = {"width": 1080, "height": 675}


def speak(page: Page, language: str) -> None:
    """Choose the language in the profile."""
    page.goto("/profile/")
    page.locator("select[name=language]").select_option(language)
    page.locator("select[name=language]").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.fixture
def page(as_admin: Page) -> Iterator[Page]:
    """The administrator's browser, who speaks German again afterwards."""
    as_admin.set_viewport_size(SIZE)  # type: ignore[arg-type]
    yield as_admin
    speak(as_admin, "de")


def test_both_languages_have_their_pictures(page: Page, tmp_path: Path) -> None:
    folder = ROOT / "static" / "help" if os.environ.get("PICTURES") == "1" else tmp_path
    sends = {language: sent(page, folder, language) for language in WORDS}
    for language, address in sends.items():
        speak(page, language)
        page.goto(address)
        expect(page.locator("#progress")).to_contain_text(re.compile(rf"\d {WORDS[language][3]}"), timeout=120_000)
        page.screenshot(path=folder / f"send.{language}.png", caret="initial")


def sent(page: Page, folder: Path, language: str) -> str:
    """Send the text of this language, with a picture of the popup; the page of the send."""
    text, send, yes, _ = WORDS[language]
    speak(page, language)
    page.goto("/audiences/3/conditions")
    page.locator("button[form=conditions][hx-target='#dialog']").click()
    page.locator("#text").fill(text)
    expect(page.locator(".counter dd").first).to_contain_text(f"{len(text)} / 480")
    page.screenshot(path=folder / f"popup.{language}.png", caret="initial")
    page.get_by_role("button", name=send, exact=True).click()
    page.get_by_role("button", name=yes, exact=True).click()
    expect(page.locator("#progress")).to_be_visible()
    return page.url
