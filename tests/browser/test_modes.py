"""Paper, forced colours, reduced motion: the main pages and the popup as those see them who ask for it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import open_popup
from tests.browser.test_screens import WIDER

PAPER = {"width": 680, "height": 960}  # what A4 leaves between its margins
CARD, AUDIENCE, SEND = "/contacts/5", "/audiences/1/conditions", "/campaigns/1"
STYLE = "(element, name) => getComputedStyle(element)[name]"
MOVES = """() => [...document.querySelectorAll("*")].filter((each) => {
    const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(each);
    return transitionDuration !== "0s" || animationName !== "none" || scrollBehavior !== "auto";
}).length"""


@pytest.fixture
def page(as_admin: Page) -> Page:
    """The browser of an office that has sent something."""
    as_admin.goto(SEND)
    if not as_admin.locator("#progress").count():
        open_popup(as_admin, "Finnland")
        as_admin.get_by_role("dialog").get_by_label("Nachricht", exact=True).fill("Für das Papier")
        as_admin.get_by_role("dialog").get_by_role("button", name="Senden", exact=True).click()
        as_admin.get_by_role("button", name="Ja").click()
        expect(as_admin.get_by_role("heading", level=1, name="Für das Papier")).to_be_visible()
    return as_admin


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate(STYLE, name))


@pytest.mark.parametrize("address", [CARD, SEND])
def test_paper_has_what_the_page_says_and_nothing_to_press(page: Page, address: str) -> None:
    page.goto(address)
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Hauptmenü")).to_have_count(0)
    expect(page.locator("button:visible, input:visible, select:visible")).to_have_count(0)
    assert page.evaluate(WIDER) == 0
    for part in ("h1", ".card h2", ".card"):
        assert style(page, part, "color") in ("rgb(0, 0, 0)", "rgb(22, 36, 43)")  # dark ink, whatever the screen has
    assert style(page, "body", "backgroundColor") == "rgb(255, 255, 255)"


def test_a_send_on_paper_has_all_of_each_text(page: Page) -> None:
    page.goto(SEND)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Empfänger", exact=True)).to_be_visible()
    cell = page.locator(".recipient-table tbody td:nth-child(3)").first
    expect(cell).to_be_visible()
    assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    assert style(page, ".recipient-table td.ellipsis", "whiteSpace") == "normal"


def test_forced_colours_show_where_one_is_and_what_belongs_together(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(AUDIENCE)
    for bar in (".top-bar nav", ".tabs"):
        here = style(page, f"{bar} a[aria-current]", "borderBottomColor")
        assert here != style(page, f"{bar} a:not([aria-current])", "borderBottomColor")
    page.goto(SEND)
    for part in (".badge", ".bubble", ".quota-pill"):
        assert style(page, part, "borderTopStyle") == "solid"
    forced = style(page, ".bar-legend .dot", "backgroundColor")
    page.emulate_media(forced_colors="none")
    assert forced == style(page, ".bar-legend .dot", "backgroundColor")  # the legend's colours are the bar's


def test_forced_colours_frame_the_popup_and_what_has_the_focus(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    open_popup(page)
    assert style(page, "#dialog", "borderTopStyle") == "solid"
    page.keyboard.press("Tab")
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Escape")


def test_nothing_moves_for_those_who_ask_for_that(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    for address in ("/", CARD, SEND):
        page.goto(address)
        assert page.evaluate(MOVES) == 0
    open_popup(page)
    assert page.evaluate(MOVES) == 0
    page.keyboard.press("Escape")
