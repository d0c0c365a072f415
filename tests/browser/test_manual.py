"""The manual as a journey: from the login to "zugestellt", in German, in a real browser."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, log_in, number_in, open_popup, ready

GUESTS = """Anrede;Vorname;Nachname;E-Mail;Mobiltelefon;Ort;Stichwörter
Frau;Änne;Winter;aenne@winter.example;+49 171 3927701;Hamburg;Winterabend
Herr;Bernd;Winter;bernd@winter.example;+49 171 3927702;Hamburg;Winterabend
Frau;Zoë;Winter;zoe@winter.example;0049 171 3927703;Ulm;Winterabend
Herr;Çem;Winter;cem@winter.example;+49 (0)171 / 392-7704;Ulm;Winterabend
Frau;Dora;Winter;dora@winter.example;+49 171 3927705;Kiel;Winterabend
Herr;Emil;Winter;emil@winter.example;+49 171 3927706;Kiel;Winterabend
Frau;Frieda;Winter;frieda@winter.example;0171 3927707;Kiel;Winterabend
Herr;Gustav;Winter;gustav@winter.example;;Kiel;Winterabend
Frau;Hanna;Winter;hanna@winter.example;+49 171 3927709;Kiel;anderswo
"""
REACHED = {f"+49171392770{last}" for last in range(1, 7)}


def import_guests(page: Page) -> None:
    """Contacts come from a table as German offices export it."""
    page.goto("/")
    page.get_by_role("navigation", name="Hauptmenü").get_by_role("link", name="Kontakte").click()
    page.get_by_role("link", name="Import").first.click()
    table = {"name": "gaeste.csv", "mimeType": "text/csv", "buffer": GUESTS.encode("cp1252")}
    page.get_by_label("Datei").set_input_files(table)
    page.get_by_role("button", name="Hochladen und ansehen").click()
    expect(page.get_by_role("table")).to_contain_text("Änne")
    page.get_by_role("button", name="Datei prüfen").click()
    expect(page.get_by_role("heading", name="Ergebnis der Prüfung")).to_be_visible(timeout=60_000)
    expect(page.locator(".outcome-created")).to_have_text(re.compile(r"^\s*9 "))
    page.get_by_role("button", name="Jetzt importieren").click()
    expect(page.get_by_role("heading", name="Bericht")).to_be_visible(timeout=60_000)
    expect(page.locator(".outcome-created")).to_have_text(re.compile(r"^\s*9 "))


def make_audience(page: Page, name: str) -> None:
    """Everybody with the label, by a condition; the tab "Bedingungen" stays open."""
    page.get_by_role("navigation", name="Hauptmenü").get_by_role("link", name="Zielgruppen").click()
    page.get_by_role("button", name="Neue Zielgruppe").or_(page.get_by_role("link", name="Neue Zielgruppe")).click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Weiter zu den Bedingungen").click()
    page.wait_for_url("**/conditions")
    ready(page)
    page.get_by_role("button", name="+ Bedingung").click()
    with page.expect_response("**/conditions/part/**"):
        page.get_by_label("Bedingung 1: Feld").select_option(label="Kontakt: Stichwort")
    value = page.get_by_label("Bedingung 1: Wert")
    value.fill("Winterabend")
    value.press("Enter")
    expect(page.locator(".big-figure")).to_have_text(re.compile(r"^\s*8\s*$"))
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.locator("#preview")).not_to_contain_text("Vorschau (nicht gespeichert)")


def test_the_manual_comes_true(page: Page, site: Site) -> None:
    log_in(page)
    import_guests(page)
    make_audience(page, "Winterabend")
    page.get_by_role("button", name="SMS-Nachrichten senden").click()
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
    expect(dialog.locator(".reach-line")).to_contain_text("6 Empfänger")
    expect(dialog.get_by_role("button", name="2 werden übersprungen")).to_be_visible()

    dialog.get_by_role("button", name="Senden", exact=True).click()
    expect(dialog.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_focused()
    recipients = number_in(dialog.locator(".confirm-total b").first.inner_text())
    messages = number_in(dialog.locator(".confirm-total b").nth(1).inner_text())
    assert messages == recipients == len(REACHED)
    expect(dialog).to_contain_text("2 Kontakte werden übersprungen: 1 ohne Nummer, 1 ohne Landesvorwahl.")
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
    assert set(numbers) <= REACHED
    assert site.broken_promises() == []
    page.goto("/")
    expect(page.locator("#quota-pill")).to_contain_text(f"{available - messages + refusals:,}".replace(",", "."))


def test_the_readmes_picture(as_sender: Page, pictures: Path) -> None:
    page = as_sender
    open_popup(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Nachricht", exact=True).fill(
        "Hallo {Vorname|Kunde}, am 3. Dezember laden wir zum Winterabend ein."
    )
    expect(dialog.locator(".counter")).to_contain_text("68 / 480")
    page.screenshot(path=pictures / "popup.png")
    assert (pictures / "popup.png").stat().st_size > 10_000
