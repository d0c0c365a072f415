"""What is selected on a page and copied is clean: whole phone numbers, plain figures, nothing invisible."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ready

SELECTED = "() => getSelection().toString()"
WHOLE_PAGE = (
    "() => { getSelection().selectAllChildren(document.querySelector('main')); return getSelection().toString() }"
)
NUMBER = re.compile(r"\+\d[\d ]{6,}\d")
ROUNDABOUT = re.compile("[\u00a0\u00ad\u200b-\u200f\u202a-\u202f\u2060-\u2069\u2212\ufeff]")


@pytest.mark.parametrize("place", ["/contacts/", "/block-list/"])
def test_a_double_click_takes_a_number_whole_and_alone(as_sender: Page, place: str) -> None:
    as_sender.goto(place)
    number = as_sender.locator("table .phone").first
    number.dblclick()
    assert as_sender.evaluate(SELECTED).strip() == number.inner_text()
    assert NUMBER.fullmatch(number.inner_text())


def test_on_a_contacts_card_it_is_the_same(as_sender: Page) -> None:
    as_sender.goto("/contacts/?q=Anna+Alt")
    as_sender.locator("table.list tbody a").first.click()
    number = as_sender.locator(".number-lines .phone").first
    number.dblclick()
    assert NUMBER.fullmatch(as_sender.evaluate(SELECTED).strip())


@pytest.mark.parametrize("place", ["/contacts/", "/companies/", "/quota/", "/audiences/1", "/audiences/1/contacts"])
def test_nothing_invisible_is_copied(as_sender: Page, place: str) -> None:
    as_sender.goto(place)
    ready(as_sender)
    expect(as_sender.get_by_role("heading", level=1)).to_be_visible()
    assert ROUNDABOUT.findall(as_sender.evaluate(WHOLE_PAGE)) == []
