"""Templates: texts that are used again."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from smsapp.extensions import db
from smsapp.message_templates.models import MessageTemplate
from tests import factories
from tests.conftest import logged_in
from tests.web.checker import CheckedClient

TEXT = "Guten Tag {Vorname|Kunde}, wir haben geschlossen."


@pytest.fixture
def pages(sender: FlaskClient) -> CheckedClient:
    factories.settings()
    return CheckedClient(sender)


@pytest.fixture
def other(app: Flask) -> CheckedClient:
    return CheckedClient(logged_in(app, "sender"))


def saved(pages: CheckedClient, **values: Any) -> int:
    """A template as its form saves it; its id."""
    data = {"name": "Geschlossen", "text": TEXT, "sender": "", "phone_field": "mobile", **values}
    assert pages.post("/templates/new", data=data).status_code == 303
    return max(template.id for template in stored())


def stored() -> list[MessageTemplate]:
    db.session.expire_all()
    return list(db.session.query(MessageTemplate).order_by(MessageTemplate.id))


def test_no_template_says_what_they_are_for(pages: CheckedClient) -> None:
    assert 'class="empty-state"' in pages.get("/templates/").text


def test_a_saved_template_is_in_the_list(pages: CheckedClient) -> None:
    saved(pages)
    page = pages.get("/templates/").text
    assert "Geschlossen" in page
    assert TEXT in page


def test_line_breaks_and_tags_are_kept(pages: CheckedClient) -> None:
    saved(pages, text="Hallo {Vorname},\r\nbis bald")
    assert [template.text for template in stored()] == ["Hallo {Vorname},\nbis bald"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("name", " "), ("name", "x" * 81), ("text", " "), ("text", "x" * 481), ("text", "{Vornam}"), ("text", "a } b")],
)
def test_what_cannot_be_sent_is_told_at_its_field(pages: CheckedClient, field: str, typed: str) -> None:
    data = {"name": "Geschlossen", "text": TEXT, "sender": "", "phone_field": "mobile", field: typed}
    answer = pages.post("/templates/new", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert stored() == []


def test_a_name_is_free_for_one_template_of_a_person(pages: CheckedClient, other: CheckedClient) -> None:
    saved(pages, name="Größe")
    again = pages.post("/templates/new", data={"name": "GRÖSSE", "text": TEXT, "phone_field": "mobile"})
    assert again.status_code == 422
    saved(other, name="Größe")


def test_a_private_template_is_its_owners_secret(pages: CheckedClient, other: CheckedClient) -> None:
    template_id = saved(pages)
    assert "Geschlossen" not in other.get("/templates/").text
    assert other.get(f"/templates/{template_id}/edit").status_code == 404
    assert other.post(f"/templates/{template_id}/delete").status_code == 404
    assert len(stored()) == 1


def test_a_shared_one_is_used_but_not_changed_by_others(pages: CheckedClient, other: CheckedClient) -> None:
    template_id = saved(pages, shared="y")
    assert "Geschlossen" in other.get("/templates/").text
    assert f"/templates/{template_id}/edit" not in other.get("/templates/").text
    assert other.get(f"/templates/{template_id}/edit").status_code == 403
    assert other.post(f"/templates/{template_id}/delete").status_code == 403


def test_administrators_change_shared_ones_only(pages: CheckedClient, admin: FlaskClient) -> None:
    private, shared = saved(pages), saved(pages, name="Für alle", shared="y")
    assert admin.get(f"/templates/{private}/edit").status_code == 404
    assert admin.get(f"/templates/{shared}/edit").status_code == 200


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(pages: CheckedClient) -> None:
    template_id = saved(pages)
    url = f"/templates/{template_id}/edit"
    data = {"name": "Geschlossen", "text": "Neu", "sender": "", "phone_field": "mobile"}
    seen = stored()[0].updated_at.isoformat()
    assert pages.post(url, data={**data, "seen": seen}).status_code == 303
    late = pages.post(url, data={**data, "text": "Älter", "seen": seen})
    assert late.status_code == 409
    assert "Älter" in late.text
    assert stored()[0].text == "Neu"


def test_a_sender_that_went_stays_named(pages: CheckedClient) -> None:
    sender = factories.sender_name("KURZPOST")
    template_id = saved(pages, sender="KURZPOST")
    db.session.delete(db.session.merge(sender))
    db.session.commit()
    page = pages.get(f"/templates/{template_id}/edit").text
    assert "KURZPOST (nicht mehr aktiv)" in page


def test_deleting_asks_first(pages: CheckedClient) -> None:
    template_id = saved(pages)
    assert TEXT in pages.get(f"/templates/{template_id}/delete").text
    assert len(stored()) == 1
    pages.post(f"/templates/{template_id}/delete")
    assert stored() == []


def test_templates_are_found_by_name_and_text(pages: CheckedClient) -> None:
    saved(pages)
    saved(pages, name="Çelik", text="Ganz anders")
    page = pages.get("/templates/?q=celik").text
    assert "Ganz anders" in page
    assert "Geschlossen" not in page
    assert 'class="empty-state"' in pages.get("/templates/?q=xyz").text


@pytest.mark.parametrize("search", ["für", "Grüße", "GRÜSSE"])
def test_umlauts_are_found(pages: CheckedClient, search: str) -> None:
    saved(pages, name="Grüße für Kunden")
    assert "Grüße für Kunden" in pages.get(f"/templates/?q={search}").text


def test_a_text_is_shown_as_text(pages: CheckedClient) -> None:
    saved(pages, name="<b>fett</b>", text="<script>{{7*7}}</script>")
    page = pages.get("/templates/").text
    assert "&lt;b&gt;fett" in page
    assert "{{7*7}}" in page


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_who_sends_has_templates(role: str, request: pytest.FixtureRequest) -> None:
    client = CheckedClient(request.getfixturevalue(role))
    assert client.get("/templates/").status_code == 403
    assert "/templates/" not in client.get("/campaigns/").text
