"""The popup under a person's hands: tags at the caret, the 480 characters, counters, drafts, keyboard."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Site, log_in, number_in, open_popup

EMOJI = "\N{PARTY POPPER}"


@pytest.fixture
def popup(as_sender: Page) -> Locator:
    """An open popup with an empty message."""
    open_popup(as_sender)
    dialog = as_sender.get_by_role("dialog")
    dialog.get_by_label("Nachricht", exact=True).fill("")
    return dialog


def message(popup: Locator) -> Locator:
    return popup.get_by_label("Nachricht", exact=True)


def select(area: Locator, start: int, end: int) -> None:
    """Select by UTF-16 units, as browsers count."""
    area.evaluate("(area, [start, end]) => { area.focus(); area.setSelectionRange(start, end); }", [start, end])


def add_tag(popup: Locator, label: str = "Kontakt: Vorname", substitute: str = "") -> None:
    popup.get_by_label("Tag", exact=True).select_option(label=label)
    popup.get_by_label("Ersatztext, falls leer").fill(substitute)
    popup.get_by_role("button", name="Tag hinzufügen").click()


def caret(area: Locator) -> int:
    position: int = area.evaluate("area => area.selectionStart")
    return position


def counted(popup: Locator, characters: int) -> None:
    """Wait until the counter shows this many characters."""
    expect(popup.locator(".counter dd").first).to_have_text(re.compile(rf"^\s*{characters} / 480\s*$"))


def test_a_tag_goes_into_the_middle(popup: Locator) -> None:
    message(popup).fill("Hallo !")
    select(message(popup), 6, 6)
    add_tag(popup)
    expect(message(popup)).to_have_value("Hallo {Vorname}!")
    expect(message(popup)).to_be_focused()
    assert caret(message(popup)) == len("Hallo {Vorname}")


def test_a_tag_replaces_the_selection(popup: Locator) -> None:
    message(popup).fill("Hallo NAME!")
    select(message(popup), 6, 10)
    add_tag(popup, substitute="Kunde")
    expect(message(popup)).to_have_value("Hallo {Vorname|Kunde}!")


def test_a_tag_finds_its_place_after_emoji_and_line_breaks(popup: Locator) -> None:
    message(popup).fill(f"{EMOJI}\n{EMOJI} !")
    select(message(popup), 6, 6)
    add_tag(popup)
    expect(message(popup)).to_have_value(f"{EMOJI}\n{EMOJI} {{Vorname}}!")


def test_typing_goes_on_while_the_answer_is_on_its_way(popup: Locator) -> None:
    page = popup.page
    held: list[Route] = []
    page.route("**/send/tag", lambda route: held.append(route))
    message(popup).fill("Hallo , bis bald")
    select(message(popup), 6, 6)
    add_tag(popup)
    message(popup).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" in Hamburg")
    page.keyboard.press("Control+Home")
    page.keyboard.type("Moin. ")
    assert len(held) == 1
    held[0].continue_()
    expect(message(popup)).to_have_value("Moin. Hallo {Vorname}, bis bald in Hamburg")


def test_a_tag_over_a_selection_with_emoji_and_line_breaks_while_typing_goes_on(popup: Locator) -> None:
    page, held = popup.page, list[Route]()
    page.route("**/send/tag", lambda route: held.append(route))
    message(popup).fill(f"Hallo {EMOJI}\n{EMOJI}{EMOJI} ihr!")
    select(message(popup), 8, 13)  # from the line break to the second emoji of the second line
    with page.expect_request("**/send/tag"):
        add_tag(popup)
    message(popup).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text(f"{EMOJI} ")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Bis bald")
    held[0].continue_()
    expect(message(popup)).to_have_value(f"{EMOJI} Hallo {EMOJI}{{Vorname}} ihr! Bis bald")


def test_undo_takes_the_tag_back(popup: Locator) -> None:
    message(popup).fill("Hallo NAME!")
    select(message(popup), 6, 10)
    add_tag(popup)
    expect(message(popup)).to_have_value("Hallo {Vorname}!")
    popup.page.keyboard.press("Control+z")
    expect(message(popup)).to_have_value("Hallo NAME!")


def test_a_tag_that_does_not_fit_changes_nothing(popup: Locator) -> None:
    message(popup).fill("a" * 475)
    select(message(popup), 0, 0)
    add_tag(popup)
    expect(
        popup.get_by_text("Das Tag passt nicht mehr in die 480 Zeichen. Der Text ist unverändert.").first
    ).to_be_visible()
    expect(message(popup)).to_have_value("a" * 475)


def test_what_is_typed_beyond_480_is_dropped_at_the_caret(popup: Locator) -> None:
    message(popup).fill("a" * 479 + "Z")
    select(message(popup), 10, 10)
    popup.page.keyboard.type("b")
    expect(message(popup)).to_have_value("a" * 479 + "Z")
    full = "480 Zeichen erreicht. Weitere Zeichen werden nicht übernommen."
    expect(popup.locator("#limit-note")).to_have_text(full)
    counted(popup, 480)
    expect(popup.locator("[data-live]").or_(popup.get_by_text(full)).filter(visible=True)).to_have_count(2)


def paste(popup: Locator, text: str) -> None:
    """As a person does: the text is in the clipboard, and Control+V pastes it."""
    popup.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    popup.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    popup.page.keyboard.press("Control+v")


def test_a_paste_is_cut_at_the_caret_and_says_by_how_much(popup: Locator) -> None:
    area = message(popup)
    area.fill("a" * 470)
    select(area, 470, 470)
    paste(popup, "b" * 47)
    expect(area).to_have_value("a" * 470 + "b" * 10)
    expect(popup.locator("#limit-note")).to_have_text("37 Zeichen passten nicht mehr und wurden nicht eingefügt.")
    popup.page.keyboard.press("Control+z")
    expect(area).to_have_value("a" * 470)


def test_a_paste_over_a_selection_has_its_room_too(popup: Locator) -> None:
    area = message(popup)
    area.fill("a" * 238 + f"{EMOJI}\n{EMOJI}Z" + "c" * 238)
    select(area, 238, 243)
    paste(popup, f"{EMOJI}\n{EMOJI}{EMOJI}")
    expect(area).to_have_value("a" * 238 + f"{EMOJI}\n{EMOJI}Z" + "c" * 238)
    expect(popup.locator("#limit-note")).to_have_text("1 Zeichen passte nicht mehr und wurde nicht eingefügt.")
    paste(popup, "nichts")
    expect(area).to_have_value("a" * 238 + f"{EMOJI}\n{EMOJI}Z" + "c" * 238)


def test_emoji_count_as_one_character_each(popup: Locator) -> None:
    message(popup).fill("a" * 478)
    select(message(popup), 478, 478)
    for _ in range(3):
        popup.page.keyboard.insert_text(EMOJI)
    expect(message(popup)).to_have_value("a" * 478 + EMOJI * 2)
    counted(popup, 480)


def compose(popup: Locator, *steps: str) -> None:
    """What an input method does: the composition grows step by step, and the last one is committed."""
    session = popup.page.context.new_cdp_session(popup.page)
    for step in steps:
        session.send("Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)})
    session.send("Input.insertText", {"text": steps[-1]})


@pytest.mark.parametrize(("before", "after"), [(477, "にほん"), (478, "にほ"), (480, ""), (479, "に")])
def test_a_composition_that_goes_too_far_is_taken_back_at_its_end(popup: Locator, before: int, after: str) -> None:
    area = message(popup)
    area.fill("a" * before)
    select(area, before, before)
    compose(popup, "に", "にほ", "にほん")
    expect(area).to_have_value("a" * before + after)


def test_a_composition_takes_nothing_from_an_old_text_that_is_too_long(as_sender: Page) -> None:
    """A draft of before, or one of a browser without JavaScript."""
    page = as_sender
    open_popup(page, "VIP")
    popup = page.get_by_role("dialog")
    message(popup).evaluate("area => { area.value = 'a'.repeat(500); area.dispatchEvent(new Event('input')); }")
    select(message(popup), 250, 250)
    compose(popup, "に", "にほん")
    expect(message(popup)).to_have_value("a" * 500)
    message(popup).fill("")


def test_the_newest_count_wins_over_a_slow_one(popup: Locator) -> None:
    """The first answer is held back until the second question is out; then both may arrive."""
    page, held = popup.page, list[Route]()

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/send/figures", hold_the_first)
    with page.expect_request("**/send/figures"):
        message(popup).fill("a")
    with page.expect_response("**/send/figures"):
        message(popup).fill("a" * 30)
    counted(popup, 30)
    held[0].fulfill(status=200, body="<p id='old'>old</p>", content_type="text/html")
    message(popup).press("End")
    counted(popup, 30)
    expect(popup.locator("#old")).to_have_count(0)


def test_fast_typing_ends_with_the_right_count(popup: Locator) -> None:
    message(popup).press_sequentially("Guten Tag, das ist ein schnell getippter Text.", delay=5)
    counted(popup, 46)


def test_the_counter_is_said_after_a_pause(popup: Locator) -> None:
    message(popup).press_sequentially("Hallo", delay=5)
    expect(popup.locator("[data-live]")).to_contain_text("5 Zeichen")


def test_a_lost_connection_is_said_and_forgotten(popup: Locator) -> None:
    page = popup.page
    page.route("**/send/figures", lambda route: route.abort())
    message(popup).fill("Hallo")
    expect(popup.get_by_text("Zähler nicht aktuell: Verbindung unterbrochen.")).to_be_visible()
    page.unroute("**/send/figures")
    message(popup).fill("Hallo!")
    counted(popup, 6)
    expect(popup.get_by_text("Zähler nicht aktuell: Verbindung unterbrochen.")).to_be_hidden()


@pytest.mark.parametrize("way", ["Escape", "×", "Abbrechen"])
def test_what_was_typed_is_there_again(popup: Locator, way: str) -> None:
    page = popup.page
    text = f"Entwurf mit {way}"
    message(popup).fill(text)
    with page.expect_response(re.compile("/send/draft")):
        if way == "Escape":
            page.keyboard.press("Escape")
        elif way == "×":
            popup.get_by_label("Schließen").click()
        else:
            popup.get_by_role("button", name="Abbrechen").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    open_popup(page)
    expect(message(page.get_by_role("dialog"))).to_have_value(text)


def test_an_unknown_tag_is_named_with_a_suggestion(popup: Locator) -> None:
    message(popup).fill("Hallo {Vornme}")
    popup.get_by_role("button", name="Senden", exact=True).click()
    expect(popup.get_by_text("Meinten Sie {Vorname}?").first).to_be_visible()
    expect(message(popup)).to_have_value("Hallo {Vornme}")


def test_no_goes_back_to_the_same_text(popup: Locator) -> None:
    message(popup).fill("Bitte noch nicht senden")
    popup.get_by_role("button", name="Senden", exact=True).click()
    popup.get_by_role("button", name="Nein").click()
    expect(message(popup)).to_have_value("Bitte noch nicht senden")


def test_the_skipped_are_listed_with_reasons(popup: Locator) -> None:
    popup.get_by_role("button", name=re.compile("übersprungen")).click()
    expect(popup.get_by_role("heading", name="Übersprungene Kontakte")).to_be_visible()
    expect(popup.get_by_role("row").nth(1)).to_be_visible()
    popup.get_by_role("button", name="Zurück zur Nachricht").click()
    expect(message(popup)).to_be_visible()


def test_the_preview_walks_through_real_recipients(popup: Locator) -> None:
    message(popup).fill("Hallo {Vorname|du}")
    expect(popup.locator(".bubble")).to_contain_text("Hallo")
    first = popup.locator(".preview-who").inner_text()
    popup.get_by_label("Nächster Empfänger").click()
    expect(popup.locator(".preview-steps")).to_contain_text("2 von")
    assert popup.locator(".preview-who").inner_text() != first


def test_an_empty_field_may_be_skipped_left_empty_or_substituted(popup: Locator) -> None:
    message(popup).fill("Sehr geehrte {Anrede} {Nachname}")
    asked = popup.get_by_role("group", name=re.compile("ist „Anrede“ leer"))
    recipients = popup.locator(".reach-line > span").first
    expect(asked.get_by_label("überspringen")).to_be_checked()
    fewer = number_in(recipients.inner_text())
    asked.get_by_label("leer lassen").check()
    expect(recipients).not_to_have_text(re.compile(rf"^\s*{fewer} "))
    more = number_in(recipients.inner_text())
    assert more > fewer
    expect(asked.get_by_label("leer lassen")).to_be_focused()
    asked.get_by_label("überspringen").check()
    expect(recipients).to_have_text(re.compile(rf"^\s*{fewer} "))
    asked.get_by_role("textbox").fill("Damen und Herren")
    asked.get_by_role("button").click()
    expect(message(popup)).to_have_value("Sehr geehrte {Anrede|Damen und Herren} {Nachname}")
    expect(asked).to_have_count(0)
    expect(recipients).to_have_text(re.compile(rf"^\s*{more} "))


def tab_to(page: Page, target: Locator, most: int = 25) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(most):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(target).to_be_focused()


def test_the_whole_popup_works_by_keyboard(as_sender: Page) -> None:
    page = as_sender
    open_popup(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="SMS-Nachrichten senden")).to_be_focused()
    tab_to(page, message(dialog))
    page.keyboard.press("Control+a")
    page.keyboard.type("Nur mit der Tastatur")
    counted(dialog, 20)
    tab_to(page, dialog.get_by_role("button", name="Senden", exact=True))
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_focused()
    tab_to(page, dialog.get_by_role("button", name="Nein"))
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="SMS-Nachrichten senden")).to_be_focused()
    tab_to(page, message(dialog))
    page.keyboard.press("End")
    page.keyboard.type("!")
    with page.expect_response("**/send/draft"):
        page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="SMS-Nachrichten senden")).to_be_focused()
    page.keyboard.press("Enter")
    expect(message(dialog)).to_have_value("Nur mit der Tastatur!")


def test_two_tabs_keep_one_draft_each_time_the_last(as_sender: Page, site: Site) -> None:
    page = as_sender
    other = page.context.new_page()
    for tab, text in ((page, "aus dem ersten Reiter"), (other, "aus dem zweiten Reiter")):
        open_popup(tab)
        message(tab.get_by_role("dialog")).fill(text)
        with tab.expect_response(re.compile("/send/draft")):
            tab.keyboard.press("Escape")
    open_popup(page)
    expect(message(page.get_by_role("dialog"))).to_have_value("aus dem zweiten Reiter")


def test_strangers_to_sending_see_no_button(page: Page) -> None:
    log_in(page, "viewer")
    page.goto("/audiences/")
    page.get_by_role("link", name="Stammkunden Hamburg", exact=True).click()
    expect(page.get_by_text("SMS-Nachrichten senden")).to_have_count(0)
