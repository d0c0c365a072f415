"""Drafts are kept for each user and audience, whatever they hold."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from smsapp.campaigns.drafts import drop_draft, load_draft, save_draft
from smsapp.campaigns.models import Draft
from smsapp.campaigns.order import Composed
from smsapp.errors import NotThere
from smsapp.extensions import db, db_write
from tests import factories


@pytest.fixture
def user_id(any_app: Flask) -> int:
    return int(factories.user().id)


@pytest.fixture
def audience_id(any_app: Flask) -> int:
    return int(factories.audience().id)


def test_a_draft_comes_back_as_it_was(user_id: int, audience_id: int) -> None:
    sender_id = int(factories.sender_name().id)
    composed = Composed(audience_id, "Hallo {", sender_id, "work", True, ("city", "first_name"))
    save_draft(user_id, composed)
    assert load_draft(user_id, audience_id) == composed


def test_the_last_one_saved_counts(user_id: int, audience_id: int) -> None:
    for text in ("eins", "zwei"):
        save_draft(user_id, Composed(audience_id, text))
    found = load_draft(user_id, audience_id)
    assert found is not None
    assert found.text == "zwei"
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 1


def test_a_draft_is_its_users_and_audiences(user_id: int, audience_id: int) -> None:
    save_draft(user_id, Composed(audience_id, "meins"))
    assert load_draft(int(factories.user().id), audience_id) is None
    assert load_draft(user_id, int(factories.audience().id)) is None


def test_a_text_that_cannot_be_sent_is_kept(user_id: int, audience_id: int) -> None:
    save_draft(user_id, Composed(audience_id, "a\r\nb\0" + "c" * 1000))
    found = load_draft(user_id, audience_id)
    assert found is not None
    assert found.text == "a\nb" + "c" * 1000


def test_a_draft_that_was_sent_is_gone(user_id: int, audience_id: int) -> None:
    save_draft(user_id, Composed(audience_id, "weg\r\ndamit"))
    with db_write() as session:
        drop_draft(session, user_id, Composed(audience_id, "weg\ndamit"))
    assert load_draft(user_id, audience_id) is None


def test_what_another_tab_kept_meanwhile_stays(user_id: int, audience_id: int) -> None:
    save_draft(user_id, Composed(audience_id, "etwas anderes"))
    with db_write() as session:
        drop_draft(session, user_id, Composed(audience_id, "gesendet"))
    assert load_draft(user_id, audience_id) is not None


@pytest.mark.parametrize(("text", "kept"), [("Hallo!", False), ("Hallo nochmal!", True), ("Hallo!\x01", True)])
def test_the_popup_of_a_launched_send_keeps_only_other_texts(
    user_id: int, audience_id: int, text: str, kept: bool
) -> None:
    factories.campaign(recipients=0, send_key="a" * 32, text="Hallo!")
    save_draft(user_id, Composed(audience_id, text), "a" * 32)
    assert bool(load_draft(user_id, audience_id)) is kept


def test_without_its_audience_no_draft_can_be_kept(user_id: int) -> None:
    with pytest.raises(NotThere):
        save_draft(user_id, Composed(999, "Hallo"))
