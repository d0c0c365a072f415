"""The popup and the confirmation say whom it concerns where a sender is not known to be allowed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask

from smsapp.campaigns.order import Composed, order_of
from smsapp.campaigns.plan import work_out
from smsapp.campaigns.sender_words import sender_notes
from smsapp.campaigns.summary import figures
from smsapp.extensions import db
from smsapp.settings.country_service import set_standing
from smsapp.settings.senders import ANY_NAME, OPERATOR_NUMBER, Standing
from tests import factories

NUMBER, NAME = "+358457396000", "KURZPOST"


@pytest.fixture(autouse=True)
def senders(app: Flask) -> Iterator[None]:
    factories.sender_name(NAME)
    with app.test_request_context(), time_machine.travel(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), tick=False):
        yield


def notes(sender: str, **countries: int) -> list[tuple[str, str]]:
    return list(sender_notes(sender, countries))


def test_what_is_known_from_the_start() -> None:
    assert notes(NUMBER, DE=5, AT=1, CH=2, FI=3) == []
    assert [tone for _, tone in notes(NUMBER, US=1, CA=1)] == ["", ""]
    assert notes(NAME, DE=5, AT=1, CH=2) == []
    assert notes(NAME, US=12, FI=1) == [
        ("Vereinigte Staaten, 12 Empfänger: Dieser Absender ist dort nicht erlaubt.", "warn"),
        (
            "Finnland, 1 Empfänger: Dieser Absender muss dort angemeldet sein, und keine Anmeldung ist eingetragen.",
            "warn",
        ),
    ]


def test_a_country_that_nobody_entered_is_unknown() -> None:
    assert notes(NAME, SE=2) == [
        ("Schweden, 2 Empfänger: Ob dieser Absender dort erlaubt ist, ist nicht bekannt.", ""),
    ]


def test_what_is_said_of_a_name_outweighs_any_name() -> None:
    set_standing(NAME, "US", Standing.ALLOWED, None)
    set_standing(ANY_NAME, "DE", Standing.FORBIDDEN, None)
    set_standing(OPERATOR_NUMBER, "AT", Standing.FORBIDDEN, None)
    assert notes(NAME, US=12, AT=1) == []
    assert len(notes(NAME, DE=1)) == len(notes("ANDERE", US=1)) == len(notes(NUMBER, AT=1)) == 1
    assert notes(NUMBER, DE=1) == []


def test_a_registration_lasts_through_its_last_day_here() -> None:
    """It is half past midnight on the 24th in Berlin."""
    set_standing(NAME, "FI", Standing.REGISTERED, date(2026, 11, 24))
    assert notes(NAME, FI=1) == []
    set_standing(NAME, "FI", Standing.REGISTERED, date(2026, 11, 23))
    [(sentence, tone)] = notes(NAME, FI=1)
    assert "am 23.11.2026" in sentence
    assert tone == "warn"


def test_the_popup_and_the_plan_count_the_same(any_app: Flask) -> None:
    factories.settings(allowed_countries=["DE", "US"])
    for last in range(3):
        factories.contact(mobile=f"+49171555010{last}")
    factories.contact(mobile="+12125550100")
    factories.contact(mobile="+358401234567")
    order = order_of(db.session(), Composed(factories.audience().id, "Hallo"))
    assert figures(order).countries == work_out(db.session(), order).countries == {"DE": 3, "US": 1}
