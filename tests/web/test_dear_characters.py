"""Which characters make a send dearer: the popup and the confirmation say it in the same words."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import factories
from tests.web.checker import CheckedClient

KEY = "0123456789abcdef0123456789abcdef"
pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.fixture
def pages(sender: FlaskClient) -> CheckedClient:
    factories.settings()
    factories.quota(100)
    factories.audience()
    for place, name in enumerate(("Anna", "Zoë", "Çağla", "T€d", "{Sven}")):
        factories.contact(name, mobile=f"+4917112345{place:02}")
    return CheckedClient(sender)


def told(pages: CheckedClient, step: str, text: str) -> str:
    """The characters that this step of the popup names, and what it says of their price."""
    data: dict[str, Any] = {"sender": "", "phone_field": "mobile", "text": text, "send_key": KEY}
    answer = pages.fragment(f"/audiences/1/send/{step}", "POST", data=data)
    assert answer.status_code == 200
    found = re.search(r"\(Zeichen: .*?\)[^<]*", answer.text)
    return found[0].strip() if found else ""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("x" * 100 + "{Vorname}", "ë ğ"),
        ("x" * 157 + "{Vorname}", "ë ğ €"),
        ("x" * 80 + "– „“ {Vorname}", "– „ “ ë ğ"),
        ("x" * 159 + "€", "€"),
        ("x" * 80 + "\u202f", "U+202F"),
        ("x" * 20 + "ğ", ""),
    ],
)
def test_popup_and_confirmation_name_the_same(pages: CheckedClient, text: str, named: str) -> None:
    before, asked = told(pages, "figures", text), told(pages, "confirm", text)
    assert asked == before
    assert (f"(Zeichen: {named})" in asked) if named else asked == ""


@pytest.mark.parametrize("own", ["", "„“", "".join(map(chr, range(0x410, 0x410 + 15)))])
def test_of_very_many_the_first_are_named_and_they_are_the_same(pages: CheckedClient, own: str) -> None:
    letters = "".join(map(chr, range(0x430, 0x430 + 32)))
    factories.contact(f"^{{{letters[::-1]}", mobile="+491711234590")
    text = "x" * 80 + own + "{Vorname}"
    before, asked = told(pages, "figures", text), told(pages, "confirm", text)
    assert asked == before
    named = " ".join((own + "ëğ" + letters)[:20])
    assert f"(Zeichen: {named} und andere)" in asked
