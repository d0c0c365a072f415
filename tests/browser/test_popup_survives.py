"""The popup while things go wrong: whatever the server answers, what is typed stays and can be sent on."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Site, open_popup

SAY_YES = """([url, fields, times]) => {
    const once = () => fetch(url, {method: "POST", body: new URLSearchParams(fields)}).then((answer) => answer.url);
    window.places = Promise.all(Array.from({length: times}, once));
}"""
TEXT = "Mühsam getippt,\nüber zwei Zeilen \N{PARTY POPPER}"
STEPS = "**/send/*"


@pytest.fixture
def popup(as_sender: Page) -> Locator:
    open_popup(as_sender, "VIP")
    dialog = as_sender.get_by_role("dialog")
    message(dialog).fill(TEXT)
    return dialog


def message(popup: Locator) -> Locator:
    return popup.get_by_label("Nachricht", exact=True)


def send(popup: Locator) -> Locator:
    return popup.get_by_role("button", name="Senden", exact=True)


def close_without_draft(popup: Locator) -> None:
    """Take the text away, so that the next test begins afresh."""
    popup.page.unroute(STEPS)
    message(popup).fill("")
    with popup.page.expect_response("**/send/draft"):
        popup.page.keyboard.press("Escape")


@pytest.mark.parametrize("status", [400, 403, 404, 413, 500, 502])
def test_an_answer_that_is_not_ours_leaves_every_character(popup: Locator, status: int) -> None:
    page = popup.page
    page.route(STEPS, lambda route: route.fulfill(status=status, body="<h1>Bad Gateway</h1>", content_type="text/html"))
    send(popup).click()
    expect(page.locator("#dialog #trouble .note")).to_be_visible()
    expect(page.locator("#trouble")).to_be_focused()
    expect(message(popup)).to_have_value(TEXT)
    expect(message(popup)).to_be_editable()
    expect(send(popup)).to_be_enabled()
    close_without_draft(popup)


@pytest.mark.parametrize("step", ["tag", "skipped", "figures"])
def test_no_step_of_the_popup_takes_the_text_away(popup: Locator, step: str) -> None:
    page = popup.page
    page.route(f"**/send/{step}", lambda route: route.fulfill(status=500, body="<p>Traceback</p>"))
    if step == "tag":
        popup.get_by_role("button", name="Tag hinzufügen").click()
    elif step == "skipped":
        popup.get_by_role("button", name=re.compile("übersprungen")).first.click()
    else:
        message(popup).press("End")
        page.keyboard.type("!")
    told = popup.get_by_text("Zähler nicht aktuell") if step == "figures" else page.locator("#dialog #trouble .note")
    expect(told).to_be_visible()
    expect(message(popup)).to_have_value(TEXT + ("!" if step == "figures" else ""))
    page.unroute(f"**/send/{step}")
    close_without_draft(popup)


def test_a_counter_that_comes_later_leaves_the_complaint(popup: Locator) -> None:
    page, held = popup.page, list[Route]()
    counted = page.locator(".counter dd").first
    expect(counted).to_contain_text(f"{len(TEXT)} / 480")
    page.route("**/send/tag", lambda route: route.fulfill(status=500, body="<p>Traceback</p>"))
    page.route("**/send/figures", lambda route: held.append(route))
    message(popup).press("End")
    with page.expect_request("**/send/figures"):
        page.keyboard.type("!")
    popup.get_by_role("button", name="Tag hinzufügen").click()
    expect(page.locator("#dialog #trouble .note")).to_be_visible()
    held[-1].continue_()
    expect(counted).to_contain_text(f"{len(TEXT) + 1} / 480")
    expect(page.locator("#dialog #trouble .note")).to_be_visible()
    page.unroute_all()
    close_without_draft(popup)


def test_a_lost_connection_leaves_every_character_and_trying_again_helps(popup: Locator) -> None:
    page = popup.page
    page.route("**/send/confirm", lambda route: route.abort())
    send(popup).click()
    expect(page.locator("#dialog #trouble .note")).to_be_visible()
    expect(message(popup)).to_have_value(TEXT)
    page.unroute("**/send/confirm")
    send(popup).click()
    expect(popup.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_focused()
    expect(page.locator("#trouble .note")).to_have_count(0)
    popup.get_by_role("button", name="Nein").click()
    expect(message(popup)).to_have_value(TEXT)
    close_without_draft(popup)


def test_a_form_of_an_earlier_session_is_mended_by_trying_again(popup: Locator) -> None:
    page = popup.page
    page.evaluate("document.querySelectorAll('input[name=csrf_token]').forEach(each => { each.value = 'stale'; })")
    send(popup).click()
    expect(page.locator("#dialog #trouble .note")).to_be_visible()
    expect(message(popup)).to_have_value(TEXT)
    send(popup).click()
    expect(popup.get_by_role("heading", name="Nachrichten jetzt senden?")).to_be_visible()
    popup.get_by_role("button", name="Nein").click()
    close_without_draft(popup)


def test_closing_waits_until_the_draft_is_kept(popup: Locator) -> None:
    page = popup.page
    page.route("**/send/draft", lambda route: route.fulfill(status=500, body="<p>Traceback</p>"))
    page.keyboard.press("Escape")
    expect(page.locator("#dialog #trouble .note")).to_be_visible()
    expect(message(popup)).to_have_value(TEXT)
    page.keyboard.press("Escape")
    expect(popup).to_be_hidden()
    page.unroute("**/send/draft")


def test_a_stale_form_is_kept_as_a_draft_all_the_same(popup: Locator) -> None:
    page = popup.page
    page.evaluate("document.querySelectorAll('input[name=csrf_token]').forEach(each => { each.value = 'stale'; })")
    with page.expect_response(lambda answer: answer.url.endswith("/send/draft") and answer.status == 204):
        page.keyboard.press("Escape")
    open_popup(page, "VIP")
    expect(message(popup)).to_have_value(TEXT)
    close_without_draft(popup)


def test_nothing_is_typed_into_a_popup_that_is_on_its_way(popup: Locator) -> None:
    page, held = popup.page, list[Route]()
    page.route("**/send/confirm", lambda route: held.append(route))
    with page.expect_request("**/send/confirm"):
        send(popup).click()
    expect(message(popup)).not_to_be_editable()
    held[0].continue_()
    popup.get_by_role("button", name="Nein").click()
    expect(message(popup)).to_be_editable()
    expect(message(popup)).to_have_value(TEXT)
    close_without_draft(popup)


def test_two_tabs_and_fifty_yes_are_one_send(popup: Locator, site: Site) -> None:
    """Both tabs show the confirmation of one popup; every "Yes" of both goes out before the first is answered."""
    page = popup.page
    message(popup).fill("Ein Winterabend für alle")
    send(popup).click()
    yes = popup.locator("form", has=page.get_by_role("button", name="Ja"))
    fields: list[list[str]] = yes.evaluate("form => [...new FormData(form)]")
    address = page.url.replace("/conditions", "/send/launch")
    other = page.context.new_page()
    before = campaign_count(other)
    for tab in (page, other):
        tab.evaluate(SAY_YES, [address, fields, 25])
    places = {place for tab in (page, other) for place in tab.evaluate("() => window.places")}
    assert len(places) == 1
    assert campaign_count(other) == before + 1
    assert site.broken_promises() == []


def campaign_count(page: Page) -> int:
    page.goto("/campaigns/")
    return page.locator("main tbody tr").count()


def test_what_another_tab_has_sent_is_no_draft_again(as_sender: Page) -> None:
    page, text = as_sender, "Nur ein einziges Mal"
    other = page.context.new_page()
    open_popup(page, "Finnland")
    dialog, second = page.get_by_role("dialog"), other.get_by_role("dialog")
    message(dialog).fill(text)
    send(dialog).click()
    expect(dialog.get_by_role("button", name="Ja")).to_be_visible()
    open_popup(other, "Finnland")
    expect(message(second)).to_have_value(text)
    dialog.get_by_role("button", name="Ja").click()
    expect(page).to_have_url(re.compile(r"/campaigns/\d+$"))
    other.keyboard.press("Escape")
    expect(second).to_be_hidden()
    open_popup(page, "Finnland")
    expect(message(dialog)).to_have_value("")
