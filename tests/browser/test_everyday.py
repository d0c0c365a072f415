"""What an office does every week: keep a template, mend numbers, try a message on oneself first."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, number_in, open_popup, wait_until

TEXT = "Hallo {Vorname}, wir haben Sie lange nicht gesehen."
OWN = "+491715559999"


def message(dialog: Locator) -> Locator:
    return dialog.get_by_label("Nachricht", exact=True)


def test_a_text_is_kept_as_a_template_and_used_again(as_sender: Page) -> None:
    page, dialog = as_sender, as_sender.get_by_role("dialog")
    open_popup(page, "VIP")
    message(dialog).fill(TEXT)
    dialog.get_by_text("Vorlagen", exact=True).click()
    dialog.get_by_label("Name der Vorlage").fill("Lange nicht gesehen")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("„Lange nicht gesehen“")).to_be_visible()
    message(dialog).fill("Etwas ganz anderes")
    with page.expect_response("**/send/draft"):
        page.keyboard.press("Escape")

    open_popup(page, "VIP")
    dialog.get_by_text("Vorlagen", exact=True).click()
    dialog.get_by_label("Vorlage", exact=True).select_option(label="Lange nicht gesehen")
    dialog.get_by_role("button", name="Vorlage einsetzen").click()
    expect(message(dialog)).to_have_value(TEXT)
    dialog.get_by_role("button", name="Zurückholen").click()
    expect(message(dialog)).to_have_value("Etwas ganz anderes")
    message(dialog).fill("")
    with page.expect_response("**/send/draft"):
        page.keyboard.press("Escape")

    page.goto("/templates/")
    page.get_by_role("link", name="Lange nicht gesehen löschen").press("Enter")
    dialog.get_by_role("button", name="Löschen").click()
    expect(page.get_by_role("link", name="Lange nicht gesehen")).to_have_count(0)


def test_a_form_that_comes_back_leads_to_what_is_to_be_mended(as_sender: Page) -> None:
    page = as_sender
    page.goto("/contacts/new")
    page.get_by_label("Nachname").fill("Alt")
    page.get_by_label("E-Mail").fill("keine Adresse")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Bitte prüfen Sie die markierten Felder.")).to_be_visible()
    expect(page.get_by_label("E-Mail")).to_be_focused()
    expect(page.get_by_label("Nachname")).to_have_value("Alt")


def test_from_the_skipped_to_a_number_that_gets_the_message(as_sender: Page) -> None:
    page, dialog, text = as_sender, as_sender.get_by_role("dialog"), "Ein Text ohne Tags"
    open_popup(page)
    message(dialog).fill(text)
    expect(dialog.locator(".counter dd").first).to_contain_text(f"{len(text)} / 480")  # of this text, no draft before
    skipped = page.get_by_role("button", name=re.compile("übersprungen$")).first
    before = number_in(skipped.inner_text())
    skipped.click()
    dialog.get_by_role("link", name="Landesvorwahlen ergänzen").click()
    page.get_by_label("Nummern ohne Landesvorwahl").select_option(label="+49 ergänzen (Deutschland)")
    page.get_by_role("button", name="Anzeigen").press("Enter")
    boxes = page.get_by_role("checkbox")
    first = page.locator("tbody tr", has=page.get_by_role("checkbox")).first
    expect(first.locator("ins")).to_have_text(re.compile(r"^\s*\+49 "))
    for box in boxes.all()[1:]:
        box.uncheck()
    page.get_by_role("button", name="Angekreuzte Nummern ergänzen").click()
    expect(page.get_by_text("1 Nummer wurde ergänzt.")).to_be_visible()
    page.get_by_role("button", name="Zurück zur Nachricht").click()
    expect(page.get_by_label("Nachricht", exact=True)).to_have_value(text)
    expect(skipped).to_have_text(re.compile(rf"^\s*{before - 1} "))


@pytest.fixture
def without_number(as_sender: Page) -> Iterator[Page]:
    """Somebody whose profile has no number, neither before nor afterwards."""
    yield as_sender
    as_sender.goto("/profile/")
    save_number(as_sender, "")


def save_number(page: Page, number: str) -> None:
    page.get_by_label("Eigene Mobilnummer").fill(number)
    page.get_by_role("button", name="Speichern").click()


def test_the_own_number_gets_a_test_first(without_number: Page, site: Site) -> None:
    page, dialog = without_number, without_number.get_by_role("dialog")
    page.set_viewport_size({"width": 1280, "height": 600})
    open_popup(page, "VIP")
    message(dialog).fill(TEXT)
    test = dialog.get_by_role("button", name="Testnachricht an mich")
    test.click()
    answer = dialog.locator("#test-answer")
    expect(answer).to_be_in_viewport(ratio=1)  # and not below what can be seen
    expect(answer).to_contain_text("Bitte tragen Sie zuerst Ihre eigene Mobilnummer in Ihrem Profil ein.")
    answer.get_by_role("link", name="Zu meinem Profil").click()

    save_number(page, "0171 5559999")
    expect(page.get_by_text("Bitte beginnen Sie mit der Landesvorwahl, wie in +49.")).to_be_visible()
    save_number(page, "+49 171 5559999")
    expect(page.get_by_text("Ihr Profil ist gespeichert.")).to_be_visible()

    open_popup(page, "VIP")
    expect(message(dialog)).to_have_value(TEXT)
    test.click()
    expect(answer).to_contain_text("an +49 171 5559999 ist unterwegs (1 Nachricht)")
    wait_until(lambda: any(json.loads(line)["number"] == OWN for line in site.handed_over()))
