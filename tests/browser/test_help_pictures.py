"""The help page's pictures, in both languages: as the tests see the popup and the page of a send."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, ROOT, Site

WORDS = {
    "de": ("Hallo {Vorname|Kunde}, am 3. Dezember laden wir zum Winterabend ein.", "Senden", "Ja", "zugestellt"),
    "en": ("Hello {First name|customer}, join us on 3 December for our winter evening.", "Send", "Yes", "delivered"),
}
SIZE = {"width": 1080, "height": 675}


def speak(page: Page, language: str) -> None:
    """Log in and choose the language in the profile."""
    page.goto("/login")
    page.locator("#login").fill("sender")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#quota-pill")).to_be_visible()
    page.goto("/profile/")
    page.locator("select[name=language]").select_option(language)
    page.locator("select[name=language]").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("language", WORDS)
def test_both_languages_have_their_pictures(browser: Browser, site: Site, tmp_path: Path, language: str) -> None:
    folder = ROOT / "static" / "help" if os.environ.get("PICTURES") == "1" else tmp_path
    text, send, yes, delivered = WORDS[language]
    context = browser.new_context(base_url=site.address, viewport=SIZE, timezone_id="Europe/Berlin")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    speak(page, language)
    page.goto("/audiences/3/conditions")
    page.locator("[hx-target='#dialog'], [formaction*='/send']").first.click()
    page.locator("#text").fill(text)
    expect(page.locator(".counter dd").first).to_contain_text(f"{len(text)} / 480")
    page.screenshot(path=folder / f"popup.{language}.png", caret="initial")
    page.get_by_role("button", name=send, exact=True).click()
    page.get_by_role("button", name=yes, exact=True).click()
    expect(page.locator("#progress")).to_contain_text(re.compile(rf"\d {delivered}"), timeout=120_000)
    page.screenshot(path=folder / f"send.{language}.png", caret="initial")
    context.close()
