"""Who may send, and forms of an earlier session."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from smsapp.audiences.models import Audience
from tests.conftest import TEST_OVERRIDES
from tests.web.popup.person import Popup, campaigns

pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.fixture
def csrf_protection(app: Flask) -> Iterator[None]:
    """As it is in the product."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config.update(TEST_OVERRIDES)


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_who_may_not_send_is_refused(role: str, audience: Audience, request: pytest.FixtureRequest) -> None:
    popup = Popup(request.getfixturevalue(role), audience.id)
    for step in ("figures", "confirm", "launch", "tag", "draft"):
        assert popup.post(step, token="x").status_code == 403


def test_without_the_csrf_token_nothing_happens(popup: Popup, csrf_protection: None) -> None:
    assert popup.post("launch", token="x").status_code == 400
    assert campaigns() == 0


def test_a_form_of_an_earlier_session_gets_a_new_token_and_can_be_sent(popup: Popup, csrf_protection: None) -> None:
    refused = popup.post("confirm", csrf_token="stale")
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (400, "#trouble")
    token = re.search(r'data-csrf-token="([^"]+)"', refused.text)
    assert token
    assert popup.post("confirm", csrf_token=token[1]).status_code == 200


def test_without_javascript_an_expired_form_comes_back_with_all_that_was_typed(
    popup: Popup, csrf_protection: None
) -> None:
    page = popup.post("confirm", "Mühsam getippt", htmx=False, csrf_token="stale")
    assert page.status_code == 400
    assert "Mühsam getippt</textarea>" in page.text


def test_strangers_to_sending_get_no_form_back(viewer: FlaskClient, audience: Audience, csrf_protection: None) -> None:
    page = Popup(viewer, audience.id).post("confirm", "Getippt", htmx=False)
    assert page.status_code == 403
    assert "Getippt" not in page.text
