"""Every page and dialog: axe finds nothing (WCAG 2.2 AA), nothing is too wide, no table breaks a word; and pictures.

`PICTURES=1` writes two of each into docs/screens/; `SCREENS=folder` whole pages at four widths, light and dark.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect

from tests.browser.conftest import ROOT, Site, log_in, open_popup, ready

Screen = Callable[[Page], None]
WIDTHS = (400, 768, 1280, 1920)
THEMES = ("light", "dark")
LOOKED_AT = ((1280, "light"), (400, "dark"))
RULES = {
    "resultTypes": ["violations"],
    "preload": False,  # it would read the sheets anew, for no rule of these, and break our content policy
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
WIDER = """() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"""
CUT_TABLES = """() => [...document.querySelectorAll(".table-wrap:not(:has(.column-table))")]
    .map(each => each.scrollWidth - each.clientWidth).filter(wider => wider > 1)"""
BROKEN_WORDS = """() => [...document.querySelectorAll("main td, dialog[open] td")].flatMap(cell => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [], range = new Range();
    while (texts.nextNode()) for (const { 0: word, index } of texts.currentNode.data.matchAll(/\\p{L}+/gu)) {
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + word.length);
        if (new Set([...range.getClientRects()].map(line => Math.round(line.top))).size > 1) broken.push(word);
    }
    return broken;
})"""
FILE = "Vorname;Nachname;Mobil\nAnna;Alt;0171 5550101\nBernd;Neu;+49 171 5550102\n;;unlesbar\n"


def at(path: str) -> Screen:
    def go(page: Page) -> None:
        page.goto(path)

    return go


def first_of(path: str, *then: str) -> Screen:
    """The first entry of a list, and then what these links or buttons lead to."""

    def go(page: Page) -> None:
        page.goto(path)
        with page.expect_navigation():  # a click alone does not wait, and what follows would look at the page before
            page.locator("table.list tbody a").first.click()
        for name in then:
            with page.expect_navigation():
                press(page, name)

    return go


def press(page: Page, name: str) -> None:
    ready(page)
    target = page.get_by_role("main").get_by_role("link", name=name, exact=True)
    target.or_(page.get_by_role("main").get_by_role("button", name=name, exact=True)).first.click()


def dialog_of(screen: Screen, name: str) -> Screen:
    """A page with the dialog open that this link or button opens."""

    def go(page: Page) -> None:
        screen(page)
        press(page, name)
        expect(page.locator("#dialog-title")).to_be_visible()

    return go


def popup(page: Page) -> None:
    open_popup(page)
    message = page.get_by_role("dialog").get_by_label("Nachricht", exact=True)
    message.fill("Hallo {Vorname}, „am 3. Dezember“ laden wir zum Winterabend ein.")
    expect(page.locator(".counter dd").first).to_contain_text("64 / 480")


def popup_with_error(page: Page) -> None:
    open_popup(page)
    page.get_by_role("dialog").get_by_label("Nachricht", exact=True).fill("Hallo {Vornam}")
    page.get_by_role("dialog").get_by_role("button", name="Senden", exact=True).click()
    expect(page.locator("#text-error")).to_be_visible()


def confirmation(page: Page) -> None:
    popup(page)
    page.get_by_role("dialog").get_by_role("button", name="Senden", exact=True).click()
    expect(page.get_by_role("button", name="Ja")).to_be_visible()


def skipped(page: Page) -> None:
    popup(page)
    page.get_by_role("dialog").get_by_role("button", name=re.compile("übersprungen$")).click()
    expect(page.get_by_role("dialog").locator("table").first).to_be_visible()


def columns(page: Page) -> None:
    page.goto("/imports/")
    content = {"name": "kontakte.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1252")}
    page.locator("input[type=file]").set_input_files([content])  # type: ignore[list-item]
    press(page, "Hochladen und ansehen")
    expect(page.get_by_role("heading", name=re.compile("Spalten"))).to_be_visible()


def import_checked(page: Page) -> None:
    columns(page)
    press(page, "Datei prüfen")
    expect(page.get_by_role("heading", name="Ergebnis der Prüfung")).to_be_visible(timeout=60_000)


def import_numbers(page: Page) -> None:
    import_checked(page)
    press(page, "+49 ergänzen (Deutschland)")
    expect(page.locator("ins").first).to_be_visible()


def popup_tools(page: Page) -> None:
    popup(page)
    for tools in ("Nicht mehr senden nach", "Vorlagen", "Andere Empfänger"):
        page.get_by_role("dialog").get_by_text(tools, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Längste Texte").click()
    expect(page.locator(".examples li")).to_have_count(3)
    page.get_by_role("dialog").get_by_role("button", name="Testnachricht an mich").click()
    expect(page.locator("#test-answer p")).to_be_visible()


def unsaved(page: Page) -> None:
    page.goto("/audiences/1/conditions")
    with page.expect_response("**/conditions/preview"):
        press(page, "+ Bedingung")
    press(page, "SMS-Nachrichten senden")
    expect(page.locator("#dialog-title")).to_have_text("Nicht gespeicherte Änderungen")


def popup_with_a_name(page: Page) -> None:
    open_popup(page, "Finnland")
    page.get_by_role("dialog").get_by_label("Nachricht", exact=True).fill("Hallo")
    page.get_by_role("dialog").get_by_label("Absender", exact=True).select_option("Kurzpost")
    expect(page.get_by_role("dialog")).to_contain_text("angemeldet sein")


def gateway_probed(page: Page) -> None:
    page.goto("/settings/gateways/1")
    press(page, "Verbindung testen")
    expect(page.locator("#probe .note")).to_be_visible()


def gateway_refused(page: Page) -> None:
    page.goto("/settings/gateways/new/smpp")
    page.get_by_label("Server").fill("smpp.example.com")
    press(page, "Speichern")
    expect(page.locator(".field-error").first).to_be_visible()


def gateway_of_kannel(page: Page) -> None:
    page.goto("/settings/gateways/new/kannel")
    typed = {"Name": "Kannel", "Adresse von sendsms": "http://kannel.example:13013/cgi-bin/sendsms"}
    typed |= {
        "Anmeldename (username)": "kurzpost",
        "Passwort": "geheim",
        "Unsere eigene Adresse": "http://crm.example:8000",
    }
    for label, value in typed.items():
        page.get_by_label(label).first.fill(value)
    press(page, "Speichern")
    if page.url.endswith("/new/kannel"):  # it is there already
        page.goto("/settings/gateways/")
        press(page, "Kannel")
    expect(page.locator(".wrapped")).to_be_visible()


SCREENS: dict[str, Screen] = {
    "start": at("/"),
    "contacts": at("/contacts/"),
    "contacts-none-found": at("/contacts/?q=niemand+heißt+so"),
    "contact": first_of("/contacts/"),
    "contact-edit": first_of("/contacts/", "Bearbeiten"),
    "contact-delete": dialog_of(first_of("/contacts/"), "Kontakt löschen"),
    "contact-no-sms": dialog_of(first_of("/contacts/"), "Als „keine SMS“ kennzeichnen"),
    "contact-new": at("/contacts/new"),
    "companies": at("/companies/"),
    "company": first_of("/companies/"),
    "block-list": at("/block-list/"),
    "block-list-new": dialog_of(at("/block-list/"), "Auf die Sperrliste setzen"),
    "imports": at("/imports/"),
    "import-columns": columns,
    "import-checked": import_checked,
    "import-numbers": import_numbers,
    "import-delete": dialog_of(import_checked, "Import löschen"),
    "audiences": at("/audiences/"),
    "audience": first_of("/audiences/"),
    "audience-new": at("/audiences/new"),
    "conditions": first_of("/audiences/", "Bedingungen"),
    "unsaved": unsaved,
    "audience-contacts": at("/audiences/1/contacts"),
    "popup": popup,
    "popup-error": popup_with_error,
    "popup-tools": popup_tools,
    "skipped": skipped,
    "confirmation": confirmation,
    "sends": at("/campaigns/"),
    "send": first_of("/campaigns/"),
    "send-skipped": at("/campaigns/1/skipped"),
    "send-ledger": at("/campaigns/1/ledger"),
    "cancel-rest": at("/campaigns/1/cancel-rest"),
    "incoming": at("/campaigns/incoming/"),
    "unclear": at("/campaigns/unclear/"),
    "templates": at("/templates/"),
    "template-new": at("/templates/new"),
    "quota": at("/quota/"),
    "settings": at("/settings/"),
    "switch-off": dialog_of(at("/settings/"), "Ausschalten"),
    "sender-deactivate": dialog_of(at("/settings/"), "Kurzpost deaktivieren"),
    "country-forbid": dialog_of(at("/settings/"), "Österreich entfernen"),
    "popup-warned": popup_with_a_name,
    "sender-countries": at("/settings/sender-countries/"),
    "gateways": at("/settings/gateways/"),
    "gateway": gateway_probed,
    "gateway-new": gateway_refused,
    "gateway-kannel": gateway_of_kannel,
    "gateway-deactivate": dialog_of(at("/settings/gateways/1"), "Deaktivieren"),
    "health": at("/settings/health/"),
    "health-checked": at("/settings/health/check"),
    "mend": at("/contacts/numbers/mend?audience=1&field=mobile"),
    "help": at("/help/"),
    "users": at("/users/"),
    "user": at("/users/1"),
    "user-reset": dialog_of(at("/users/2"), "Passwort zurücksetzen"),
    "user-new": at("/users/new"),
    "profile": at("/profile/"),
    "not-found": at("/contacts/99999999"),
}


@pytest.fixture(scope="module")
def office(browser: Browser, site: Site) -> Iterator[Page]:
    """An administrator's browser in an office where something has been sent."""
    context = browser.new_context(base_url=site.address, locale="de-DE", timezone_id="Europe/Berlin")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, "admin")
    confirmation(page)
    page.get_by_role("button", name="Ja").click()
    expect(page.locator("#progress")).to_contain_text(re.compile(r"\d zugestellt"), timeout=120_000)
    yield page
    context.close()


@pytest.mark.parametrize("name", SCREENS)
def test_everybody_can_use_it(office: Page, name: str) -> None:
    office.set_viewport_size({"width": 1280, "height": 900})
    found: list[str] = []
    with complaints(office, found):
        SCREENS[name](office)
        for width, theme in LOOKED_AT:
            show(office, width, theme)
            found += [f"{width} {theme}: {problem}" for problem in problems_of(office)]
        for width in WIDTHS:
            found += [f"{width} px: {wider} px too wide" for wider in overflows(office, width)]
            found += [f"{width} px: {word} is broken" for word in office.evaluate(BROKEN_WORDS)]
    picture(office, name)
    assert found == []


@contextmanager
def complaints(page: Page, found: list[str]) -> Iterator[None]:
    """The page's errors, and what breaks its content policy."""

    def hear(line: ConsoleMessage) -> None:
        if "Content Security Policy" in line.text:
            found.append(line.text)

    def fail(error: Error) -> None:
        found.append(str(error))

    page.on("console", hear)
    page.on("pageerror", fail)
    yield
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", fail)


def show(page: Page, width: int, theme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")


def overflows(page: Page, width: int) -> list[int]:
    """By how much the page is wider than the screen, and its tables than their place.

    Only the table that asks for an import's columns may be: it shows the file.
    """
    show(page, width, "light")
    return [*filter(None, [page.evaluate(WIDER)]), *page.evaluate(CUT_TABLES)]


def problems_of(page: Page) -> list[str]:
    """What axe finds: the rule, and where."""
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in violations for node in each["nodes"]]


def picture(page: Page, name: str) -> None:
    for folder, sizes, whole in wanted():
        for width, theme in sizes:
            show(page, width, theme)
            full = whole and not page.locator("dialog[open]").count()
            page.screenshot(path=folder / f"{name}-{width}-{theme}.png", caret="initial", full_page=full)


def wanted() -> Iterator[tuple[Path, tuple[tuple[int, str], ...], bool]]:
    """Where pictures go, of which sizes, and whether of whole pages."""
    if os.environ.get("PICTURES") == "1":
        yield ROOT / "docs" / "screens", LOOKED_AT, False
    if folder := os.environ.get("SCREENS"):
        yield Path(folder), tuple((width, theme) for width in WIDTHS for theme in THEMES), True
