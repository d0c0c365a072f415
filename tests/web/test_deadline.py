"""The moment after which nothing more goes out: typed in local time, confirmed, kept with the send."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from smsapp.audiences.models import Audience
from smsapp.campaigns.drafts import load_draft
from smsapp.campaigns.models import Draft
from smsapp.delivery.models import Campaign
from smsapp.extensions import db
from tests import factories
from tests.conftest import logged_in
from tests.web.popup.person import Popup, campaigns
from tests.web.sends.looking import in_english

pytestmark = pytest.mark.usefixtures("invariants_hold")
NOON = datetime(2026, 11, 28, 11, 0, tzinfo=UTC)  # in Berlin
AT_TWO = "2026-11-28T14:00"


@pytest.fixture
def audience(app: Flask) -> Audience:
    factories.settings()
    factories.quota(10)
    factories.contact(mobile="+49 171 3920101")
    return factories.audience()


@pytest.fixture
def popup(app: Flask, audience: Audience) -> Iterator[Popup]:
    with time_machine.travel(NOON, tick=False):
        client = logged_in(app, "sender")
        in_english(client)
        yield Popup(client, audience.id)


def launched(popup: Popup, token: str, deadline: str) -> Any:
    return popup.post("launch", deadline=deadline, token=token)


def the_campaign() -> Campaign:
    db.session.rollback()
    return db.session.scalars(select(Campaign)).one()


def test_it_is_local_time_and_kept_with_the_send(popup: Popup) -> None:
    launched(popup, popup.token(deadline=AT_TWO), AT_TWO)
    campaign = the_campaign()
    assert campaign.deadline == NOON + timedelta(hours=2)
    assert campaign.options["deadline"] == "2026-11-28T13:00:00+00:00"
    assert "not after Nov 28, 2026" in popup.client.get(f"/campaigns/{campaign.id}").text


def test_without_one_there_is_none(popup: Popup) -> None:
    launched(popup, popup.token(), "")
    assert (the_campaign().deadline, "deadline" in the_campaign().options) == (None, False)


def test_the_confirmation_names_it_and_going_back_keeps_it(popup: Popup) -> None:
    assert "Do not send after" in popup.post("confirm", deadline=AT_TWO).text
    assert "Do not send after</dt>" not in popup.post("confirm").text
    assert f'value="{AT_TWO}"' in popup.post("back", deadline=AT_TWO).text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("2026-11-28T11:59", "This moment is over"),
        ("2026-11-28T12:00", "This moment is over"),
        ("tomorrow", "This is no date with a time"),
        ("2026-02-30T12:00", "This is no date with a time"),
        ("9999-99-99T99:99", "This is no date with a time"),
    ],
)
def test_one_that_cannot_be_is_said_at_its_field(popup: Popup, typed: str, says: str) -> None:
    page = popup.post("confirm", deadline=typed)
    assert (page.status_code, says in page.text) == (422, True)
    assert 'id="deadline-error"' in page.text
    assert campaigns() == 0


def test_it_is_after_the_time_for_undoing(popup: Popup) -> None:
    factories.settings(undo_seconds=60)
    assert "after the 60 seconds for undoing" in popup.post("confirm", deadline="2026-11-28T12:01").text
    assert popup.post("confirm", deadline="2026-11-28T12:02").status_code == 200


def test_yes_after_it_sends_nothing(popup: Popup) -> None:
    token = popup.token(deadline="2026-11-28T12:05")
    with time_machine.travel(NOON + timedelta(minutes=6), tick=False):
        page = launched(popup, token, "2026-11-28T12:05")
    assert (page.status_code, "This moment is over" in page.text) == (422, True)
    assert campaigns() == 0


def test_another_one_than_was_confirmed_is_asked_again(popup: Popup) -> None:
    assert launched(popup, popup.token(deadline=AT_TWO), "2026-11-28T18:00").status_code == 409
    assert launched(popup, popup.token(deadline=AT_TWO), "").status_code == 409
    assert campaigns() == 0


def test_it_is_kept_as_a_draft_and_comes_back_after_undoing(popup: Popup) -> None:
    launched(popup, popup.token(deadline=AT_TWO), AT_TWO)
    campaign = the_campaign()
    assert db.session.scalar(select(Draft.id)) is None
    popup.client.post(f"/campaigns/{campaign.id}/undo")
    assert campaign.user_id
    assert campaign.audience_id
    draft = load_draft(campaign.user_id, campaign.audience_id)
    assert draft is not None
    assert draft.deadline == AT_TWO


def test_typing_goes_on_while_it_is_over(popup: Popup) -> None:
    assert popup.post("figures", deadline="2026-11-28T11:00").status_code == 200
