"""Slow and broken networks: what fails says so and recovers, nothing is sent twice, back and forward fit."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site, open_popup


def ask_to_send(page: Page, text: str, audience: str = "Finnland") -> None:
    """Up to the confirmation."""
    open_popup(page, audience)
    page.get_by_role("dialog").get_by_label("Nachricht", exact=True).fill(text)
    page.get_by_role("dialog").get_by_role("button", name="Senden", exact=True).click()
    expect(page.get_by_role("button", name="Ja")).to_be_visible()


def send(page: Page, text: str) -> None:
    ask_to_send(page, text)
    page.get_by_role("button", name="Ja").click()
    expect(page).to_have_url(re.compile(r"/campaigns/\d+$"))


@contextmanager
def setting(site: Site, column: str, meanwhile: int, afterwards: int) -> Iterator[None]:
    """While a setting is another one."""
    for value in (meanwhile, afterwards):
        with closing(sqlite3.connect(site.data / "smsapp.db", timeout=30)) as database, database:
            database.execute(f"UPDATE settings SET {column} = ?", [value])
        if value == meanwhile:
            yield


def test_a_form_is_sent_once_while_the_answer_is_on_its_way(as_sender: Page) -> None:
    page, held = as_sender, list[Route]()
    page.goto("/profile/")
    save = page.get_by_role("button", name="Speichern")
    page.route(
        "**/profile/**", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    save.scroll_into_view_if_needed()
    box = save.bounding_box()
    assert box
    with page.expect_request(lambda request: request.method == "POST"):
        page.mouse.click(box["x"] + 9, box["y"] + 9)
    for _ in range(3):
        page.mouse.click(box["x"] + 9, box["y"] + 9)
    held[0].continue_()
    expect(page.get_by_text("Ihr Profil ist gespeichert.")).to_be_visible()
    assert len(held) == 1
    page.unroute("**/profile/**")
    page.go_back()
    save.click()
    expect(page.get_by_text("Ihr Profil ist gespeichert.")).to_be_visible()


def test_a_form_is_sent_once_though_its_page_is_drawn_anew_meanwhile(as_sender: Page, site: Site) -> None:
    page, held = as_sender, list[Route]()
    with setting(site, "undo_seconds", 300, 10):
        send(page, "Gleich zurück")
    page.route("**/campaigns/*/undo", lambda route: held.append(route))
    box = page.get_by_role("button", name="Rückgängig").bounding_box()
    assert box
    for _ in range(2):
        page.mouse.click(box["x"] + 9, box["y"] + 9)
        with page.expect_response(re.compile("/progress$")):
            pass
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_text("abgebrochen").first).to_be_visible()


def test_a_page_that_was_put_aside_while_it_waited_can_be_used_again(as_sender: Page) -> None:
    page, held = as_sender, list[Route]()
    ask_to_send(page, "Beiseite gelegt")
    page.route("**/send/launch", lambda route: held.append(route))
    page.get_by_role("button", name="Ja").click()
    expect(page.get_by_role("button", name="Ja")).to_be_disabled()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_list_that_cannot_be_reached_says_so_and_recovers(as_sender: Page) -> None:
    page = as_sender
    page.goto("/contacts/")
    search = page.get_by_role("searchbox")
    page.route("**/contacts/?*", lambda route: route.abort())
    search.press_sequentially("Cel")
    expect(page.locator("#trouble .note")).to_be_visible()
    expect(search).to_have_value("Cel")
    expect(search).to_be_focused()
    page.unroute("**/contacts/?*")
    search.press_sequentially("ik")
    expect(page.get_by_role("link", name=re.compile("Çelik")).first).to_be_visible()
    expect(page.locator("#trouble .note")).to_have_count(0)


def test_a_send_that_is_watched_recovers_by_itself(as_sender: Page) -> None:
    page = as_sender
    parts = re.compile(r"/campaigns/\d+")  # which of them asks next is left to chance; any that is answered calms
    page.route(parts, lambda route: route.abort() if "hx-request" in route.request.headers else route.continue_())
    send(page, "Im Funkloch beobachtet")
    expect(page.locator("#trouble .note")).to_be_visible()
    page.unroute(parts)
    expect(page.locator("#trouble .note")).to_have_count(0)
    expect(page.locator("#progress-title")).to_contain_text("bearbeitet")


def test_back_from_a_send_leads_to_the_conditions_and_forward_to_the_send(as_sender: Page) -> None:
    page = as_sender
    send(page, "Hin und zurück")
    address = page.url
    page.go_back()
    expect(page.get_by_role("navigation", name="Zielgruppe")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_forward()
    expect(page).to_have_url(address)
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_text("abgebrochen").first).to_be_visible()


def test_what_cannot_be_confirmed_any_more_cannot_be_pressed_again(as_sender: Page, site: Site) -> None:
    page = as_sender
    ask_to_send(page, "Gerade noch")
    with setting(site, "module_on", 0, 1):
        page.get_by_role("button", name="Ja").click()
        expect(page.locator("#dialog #trouble")).to_contain_text("Die SMS-Funktion ist ausgeschaltet.")
        expect(page.get_by_role("button", name="Ja")).to_be_disabled()
    page.get_by_role("button", name="Nein").click()
    expect(page.get_by_label("Nachricht", exact=True)).to_have_value("Gerade noch")
