"""The manual as a journey: from the login to "zugestellt", in German, in a real browser."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, number_in, open_popup


def test_the_manual_comes_true(as_sender: Page, site: Site, pictures: Path) -> None:
    page = as_sender
    open_popup(page)
    dialog = page.get_by_role("dialog")

    # The popup shows the quota, the sender, the phone number field, tags and the message.
    available = number_in(dialog.get_by_text("Kontingent:").inner_text())
    expect(dialog.get_by_label("Absender")).to_have_value("")
    expect(dialog.get_by_label("Absender").locator("option").first).to_contain_text(
        "Betreibernummer (+358 45 73960000)"
    )
    expect(dialog.get_by_label("Telefonnummer")).to_have_value("mobile")

    text = dialog.get_by_label("Nachricht")
    text.fill("Hallo , am 3. Dezember laden wir zum Winterabend ein.")
    text.evaluate("area => area.setSelectionRange(6, 6)")
    dialog.get_by_label("Tag", exact=True).select_option(label="Kontakt: Vorname")
    dialog.get_by_label("Ersatztext, falls leer").fill("Kunde")
    dialog.get_by_role("button", name="Tag hinzufügen").click()
    expect(text).to_have_value("Hallo {Vorname|Kunde}, am 3. Dezember laden wir zum Winterabend ein.")
    expect(dialog.locator(".counter")).to_contain_text("68 / 480")

    page.screenshot(path=pictures / "popup.png")

    dialog.get_by_role("button", name="Senden", exact=True).click()
    expect(dialog.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_focused()
    recipients = number_in(dialog.locator(".confirm-total b").first.inner_text())
    messages = number_in(dialog.locator(".confirm-total b").nth(1).inner_text())
    assert messages == recipients > 0
    expect(dialog).to_contain_text(re.compile(r"Kontingent jetzt\s*" + f"{available:,}".replace(",", ".")))
    expect(dialog).to_contain_text("Der Versand kann sich um einige Minuten verzögern.")

    before = len(site.handed_over())
    dialog.get_by_role("button", name="Ja").click()
    expect(page).to_have_url(re.compile(r"/campaigns/\d+$"))
    expect(page.get_by_text("ist eingeplant")).to_be_visible()
    progress = page.locator("#progress")
    everybody = re.compile(rf"^\s*{recipients} von {recipients} Empfängern bearbeitet")
    expect(page.locator("#progress-title")).to_have_text(everybody, timeout=120_000)
    expect(progress).to_contain_text(re.compile(r"\d zugestellt"), timeout=60_000)

    # The witness: nobody twice, and everybody but those whom the operator refused.
    refused = progress.locator("li", has_text="abgelehnt")
    refusals = number_in(refused.inner_text()) if refused.count() else 0
    numbers = [json.loads(line)["number"] for line in site.handed_over()[before:]]
    assert len(numbers) == len(set(numbers)) == recipients - refusals
    page.goto("/")
    expect(page.locator("#quota-pill")).to_contain_text(f"{available - messages + refusals:,}".replace(",", "."))
