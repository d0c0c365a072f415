"""What is told before "Yes": a worker that is missing, a late hour, a Sunday."""

from datetime import datetime

import pytest
import time_machine
from sqlalchemy import delete

from smsapp.delivery.models import Heartbeat
from smsapp.extensions import db_write
from tests import factories
from tests.web.checker import CheckedClient

pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.mark.parametrize("alive", [True, False])
def test_before_yes_a_missing_worker_is_told(page: CheckedClient, alive: bool) -> None:
    if not alive:
        with db_write() as session:
            session.execute(delete(Heartbeat))
    assert ("The sending service is not running at the moment." in confirmation(page)) is not alive


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-25T21:14+00:00", "It is 10:14"),
        ("2026-11-25T19:00+00:00", "It is 8:00"),
        ("2026-11-25T18:59+00:00", None),
        ("2026-11-26T06:59+00:00", "It is 7:59"),
        ("2026-11-26T07:00+00:00", None),
        ("2026-11-29T11:00+00:00", "It is Sunday, 12:00"),
    ],
)
def test_a_late_hour_or_a_sunday_is_told_before_yes(
    moment: str, said: str | None, request: pytest.FixtureRequest
) -> None:
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        text = confirmation(request.getfixturevalue("page"))
    assert (said in text) if said else ("It is " not in text)


def confirmation(page: CheckedClient) -> str:
    """What a confirmation of one SMS says."""
    factories.quota(10)
    factories.contact(mobile="+49 171 3920101")
    audience = factories.audience()
    form = {"sender": "", "phone_field": "mobile", "text": "Hallo", "send_key": "0123456789abcdef0123456789abcdef"}
    answer = page.fragment(f"/audiences/{audience.id}/send/confirm", method="POST", data=form)
    assert answer.status_code == 200
    return answer.text
