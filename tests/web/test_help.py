"""Help for the people in the office."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.checker import CheckedClient

ROOT = Path(__file__).parents[2]


def test_everybody_who_is_logged_in_reads_it(viewer: FlaskClient) -> None:
    assert "Was eine SMS kostet" in CheckedClient(viewer).get("/help/").text


def test_it_names_every_tag_and_every_reason(viewer: FlaskClient) -> None:
    page = viewer.get("/help/").text
    assert "<code>{Vorname}</code>" in page
    assert "Landesvorwahl fehlt" in page


def test_each_entry_of_the_contents_leads_to_its_section(viewer: FlaskClient) -> None:
    page = viewer.get("/help/").text
    assert re.findall(r'<section id="([a-z]+)"', page) == re.findall(r'<a href="#([a-z]+)">', page)


@pytest.mark.parametrize("language", ["de", "en"])
def test_its_pictures_are_there(language: str) -> None:
    assert {path.name for path in (ROOT / "static" / "help").glob(f"*.{language}.png")} == {
        f"popup.{language}.png",
        f"send.{language}.png",
    }
