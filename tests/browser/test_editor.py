"""The editor of conditions in a real browser: typing while answers are on their way, chips, unsaved changes."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import number_in, ready

PATIENCE = 15.0  # seconds


def open_conditions(page: Page, audience: str = "Stammkunden Hamburg") -> None:
    page.goto("/audiences/")
    page.get_by_role("link", name=audience, exact=True).click()
    page.get_by_role("navigation", name="Zielgruppe").get_by_role("link", name="Bedingungen").click()
    expect(page.get_by_role("heading", name="Bedingungen")).to_be_visible()
    ready(page)


def hold(page: Page, address: str) -> Callable[[int], None]:
    """Keep back the answers from this address; call the result with 0 to let the first one through, and so on."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))

    def let_through(place: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(held) <= place:
            assert time.monotonic() < deadline, f"{address} was not asked for"
            page.wait_for_timeout(20)
        held[place].continue_()

    return let_through


def test_what_is_typed_survives_an_answer_on_its_way(as_sender: Page) -> None:
    page = as_sender
    open_conditions(page)
    let_through = hold(page, "**/conditions/part/**")
    page.get_by_label("Bedingung 1: Vergleich").select_option(label="enthält")
    value = page.get_by_label("Bedingung 1: Wert")
    value.press("End")
    page.keyboard.type("er")
    let_through(0)
    expect(page.locator("#sentence")).to_contain_text("„Hamburger“ enthält")
    expect(value).to_be_focused()
    page.keyboard.type(" Hafen")
    expect(value).to_have_value("Hamburger Hafen")
    expect(page.get_by_label("Bedingung 1: Vergleich")).to_have_value("contains")


def test_what_is_typed_while_the_value_becomes_a_list_is_not_lost(as_sender: Page) -> None:
    page = as_sender
    open_conditions(page)
    let_through = hold(page, "**/conditions/part/**")
    page.get_by_label("Bedingung 1: Vergleich").select_option(label="ist eine von")
    value = page.get_by_label("Bedingung 1: Wert")
    value.press("End")
    page.keyboard.type("er")
    let_through(0)
    expect(page.locator(".condition").first.locator("[data-chips]")).to_be_visible()
    expect(value).to_have_value("Hamburger")
    expect(value).to_be_focused()
    page.keyboard.type(" Hafen,")
    expect(page.locator("#sentence")).to_contain_text("Hamburger Hafen")
    expect(page.locator(".condition").first.locator(".chip")).to_have_count(1)


def test_the_newest_preview_wins_over_a_slow_server(as_sender: Page) -> None:
    page = as_sender
    open_conditions(page)
    saved = number_in(page.locator(".big-figure").inner_text())
    let_through = hold(page, "**/conditions/preview")
    value = page.get_by_label("Bedingung 1: Wert")
    with page.expect_request("**/conditions/preview"):
        value.fill("Nirgends")
    value.fill("Hamburg")
    let_through(1)
    expect(page.locator("#sentence")).to_contain_text("in Hamburg sitzt")
    let_through(0)
    page.evaluate("() => fetch('/healthz').then((answer) => answer.text())")  # a later answer is here: so is that one
    expect(page.locator(".big-figure")).to_have_text(str(saved))
    expect(page.locator("#sentence")).to_contain_text("in Hamburg sitzt")


def test_conditions_are_built_by_keyboard(as_sender: Page) -> None:
    page = as_sender
    open_conditions(page, "VIP")
    page.get_by_role("button", name="+ Bedingung").press("Enter")
    field = page.get_by_label("Bedingung 2: Feld")
    expect(field).to_be_focused()
    with page.expect_response("**/conditions/part/**"):
        field.select_option(label="Firma: Branche")
    expect(field).to_be_focused()
    page.keyboard.press("Tab")
    with page.expect_response("**/conditions/part/**"):
        page.get_by_label("Bedingung 2: Vergleich").select_option(label="ist eine von")
    expect(page.locator("[data-chips]")).to_be_visible()
    page.get_by_label("Bedingung 2: Wert").focus()
    page.keyboard.type("Handel,Bau")
    page.keyboard.press("Enter")
    expect(page.locator("#sentence")).to_contain_text("deren Firma zu Handel oder Bau gehört")
    page.keyboard.press("Backspace")
    expect(page.locator("#sentence")).to_contain_text("deren Firma zu Handel gehört")
    expect(page.locator("#preview")).to_contain_text("Vorschau (nicht gespeichert)")
    page.get_by_role("button", name="Bedingung 2 entfernen").press("Enter")
    expect(page.locator("#preview")).not_to_contain_text("Vorschau (nicht gespeichert)")
    expect(page.locator(".condition")).to_have_count(1)


def test_a_field_is_found_by_typing_its_name(as_sender: Page) -> None:
    """Each key may choose another field and ask for its row; the browser goes on with the name in the same select."""
    page = as_sender
    open_conditions(page, "Finnland")
    page.get_by_role("button", name="+ Bedingung").click()
    field = page.get_by_label("Bedingung 2: Feld")
    expect(field).to_be_focused()
    page.keyboard.type("Firma: Ort", delay=40)
    expect(page.get_by_label("Bedingung 2: Wert")).to_be_visible()
    expect(field).to_have_value("company_city")


def test_sending_with_unsaved_changes_asks_first(as_sender: Page) -> None:
    page = as_sender
    open_conditions(page, "Finnland")
    page.get_by_role("button", name="+ Bedingung").click()
    page.get_by_label("Bedingung 2: Feld").select_option(label="Kontakt: Newsletter")
    expect(page.locator("#sentence")).to_contain_text("den Newsletter beziehen")
    send = page.get_by_role("button", name="SMS-Nachrichten senden")
    dialog = page.get_by_role("dialog")
    send.click()
    expect(dialog.get_by_role("heading", name="Nicht gespeicherte Änderungen")).to_be_focused()
    dialog.get_by_role("button", name="Abbrechen").click()
    expect(dialog).to_be_hidden()
    expect(send).to_be_focused()
    expect(page.get_by_label("Bedingung 2: Wert")).to_have_value("yes")
    send.click()
    dialog.get_by_role("button", name="Speichern und weiter").click()
    expect(dialog.get_by_role("heading", name="SMS-Nachrichten senden")).to_be_focused()
    expect(dialog.get_by_label("Nachricht")).to_be_visible()
    chosen = number_in(dialog.locator(".dialog-head .muted").inner_text())
    page.keyboard.press("Escape")
    expect(page.locator("#preview")).not_to_contain_text("Vorschau")
    assert number_in(page.locator(".big-figure").inner_text()) == chosen
    page.get_by_role("button", name="Bedingung 2 entfernen").click()
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.get_by_text(re.compile("Bedingungen wurden gespeichert|Bedingungen sind gespeichert"))).to_be_visible()


def test_the_words_of_a_group_follow_the_choice_around_it(as_sender: Page) -> None:
    page = as_sender
    open_conditions(page)
    group = page.get_by_role("group", name="Gruppe 3").locator("> .group-head")
    expect(group.get_by_text("und", exact=True)).to_be_visible()
    page.get_by_label("Bedingungen: wie viele zutreffen müssen").select_option(label="mindestens eine")
    expect(group.get_by_text("oder", exact=True)).to_be_visible()
    expect(group.get_by_text("und", exact=True)).to_be_hidden()
    expect(page.get_by_text("Bedingung zutrifft:")).to_be_visible()
